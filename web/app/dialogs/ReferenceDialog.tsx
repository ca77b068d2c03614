import { useState } from 'react';
import { MAP_TYPES } from '../../../core/spec/map-types.ts';
import type { HookName } from '../../../core/spec/program-types.ts';
import {
  fieldsOf,
  LINUX_HOOKS,
  mapsOf,
  PACKET_HELPERS,
  PACKET_KFUNCS,
  supportOf,
} from '../../../core/spec/reference.ts';
import { useSession } from '../../stores/session.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { phrase } from '../../ui/format.ts';
import { Tabs } from '../../ui/Tabs.tsx';
import './reference.css';

const TABS = [
  { name: 'helpers', label: 'Helpers' },
  { name: 'maps', label: 'Map types' },
  { name: 'kfuncs', label: 'Kernel functions' },
  { name: 'context', label: 'Context' },
  { name: 'verdicts', label: 'Verdicts' },
] as const;
type TabName = (typeof TABS)[number]['name'];

interface Row {
  /** What it is called; also what the search looks in, with the words. */
  readonly name: string;
  readonly mark: 'done' | 'refused' | 'none';
  readonly detail: string;
  readonly doc: string;
}

const MARKS = {
  done: '✓ as in Linux',
  refused: 'not built',
  none: 'refused by the verifier',
} as const;

function helperRows(hook: HookName): Row[] {
  return PACKET_HELPERS.map((helper) => {
    const mark = supportOf(helper, hook);
    const maps = mapsOf(helper);
    return {
      name: `bpf_${helper.name}`,
      mark,
      detail: helper.signature,
      doc:
        (helper.doc ?? `Not built: ${helper.refused}.`) +
        (maps.length > 0 ? ` Maps: ${maps.join(', ')}.` : ''),
    };
  });
}

const mapRows = (): Row[] =>
  MAP_TYPES.map(({ name, doc, refused, helpers }) => ({
    name,
    mark: refused === undefined ? 'done' : 'refused',
    detail: helpers.map((helper) => `bpf_${helper}`).join(', '),
    doc: refused === undefined ? doc : `${doc} Not built: ${refused}.`,
  }));

const kfuncRows = (hook: HookName): Row[] =>
  PACKET_KFUNCS.map((row) => ({
    name: row.name,
    mark: row.hooks.includes(hook) ? 'done' : 'none',
    detail: row.hooks.length === LINUX_HOOKS.length ? 'every hook' : row.hooks.join(', '),
    doc: row.doc,
  }));

function contextRows(hook: HookName): Row[] {
  const row = LINUX_HOOKS.find(({ name }) => name === hook)!;
  return fieldsOf(row).map(({ field, read, write }) => ({
    name: field.name,
    mark: 'done',
    detail: phrase(
      `${row.context}+${field.offset}`,
      `${field.size} bytes`,
      [read && 'read', write && 'write'].filter(Boolean).join(' and '),
    ),
    doc: field.doc,
  }));
}

const verdictRows = (hook: HookName): Row[] =>
  LINUX_HOOKS.find(({ name }) => name === hook)!.verdicts.map(({ name, code, action, doc }) => ({
    name: `${name} (${code})`,
    mark: 'done',
    detail: action,
    doc,
  }));

const ROWS: Record<TabName, (hook: HookName) => Row[]> = {
  helpers: helperRows,
  maps: mapRows,
  kfuncs: kfuncRows,
  context: contextRows,
  verdicts: verdictRows,
};

/** What of Linux is here: hook, helper, map type, field; done, or refused and why. */
export default function ReferenceDialog({ onClose }: { onClose: () => void }) {
  const own = useSession((state) => state.view?.hook);
  const first = LINUX_HOOKS.some(({ name }) => name === own) ? own! : 'xdp';
  const [hook, setHook] = useState<HookName>(first);
  const [tab, setTab] = useState<TabName>('helpers');
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const all = ROWS[tab](hook);
  const rows = all.filter(({ name, doc, detail }) =>
    `${name} ${doc} ${detail}`.toLowerCase().includes(wanted),
  );
  return (
    <Dialog title="Reference" onClose={onClose} wide>
      <div className="reference">
        <div className="reference-head">
          <label className="field">
            <span>Hook</span>
            <select value={hook} onChange={(event) => setHook(event.target.value as HookName)}>
              {LINUX_HOOKS.map((row) => (
                <option key={row.name} value={row.name}>
                  {row.label}
                </option>
              ))}
            </select>
          </label>
          <label className="field">
            <span>Search</span>
            <input
              type="search"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
          </label>
          <p role="status">
            {rows.length === all.length
              ? `${all.length} rows`
              : `${rows.length} of ${all.length} rows`}
          </p>
        </div>
        <Tabs label="Reference" tabs={TABS} selected={tab} onSelect={setTab}>
          <section
            className="reference-rows"
            tabIndex={0}
            aria-label={TABS.find((row) => row.name === tab)!.label}
          >
            <Rows rows={rows} marked={tab !== 'context' && tab !== 'verdicts'} />
          </section>
        </Tabs>
      </div>
    </Dialog>
  );
}

function Rows({ rows, marked }: { rows: readonly Row[]; marked: boolean }) {
  if (rows.length === 0) return <p className="empty">Nothing of that name.</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          {marked && <th scope="col">Here</th>}
          <th scope="col">What it is</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, mark, detail, doc }) => (
          <tr key={name} data-mark={mark}>
            <th scope="row">
              <code>{name}</code>
            </th>
            {marked && <td className="reference-mark">{MARKS[mark]}</td>}
            <td>
              {doc}
              {detail && <code className="reference-detail">{detail}</code>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
