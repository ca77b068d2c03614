import { useEffect, useId, useState } from 'react';
import type { ExpectationRow, ExpectedEntries } from '../../../core/protocol/messages.ts';
import {
  dropTests,
  entriesExpected,
  expectEntry,
  expectVerdict,
  keepTests,
  saveTests,
} from '../../actions/tests.ts';
import { wish } from '../../actions/wish.ts';
import { brokenLine, brokenText, hasBroken } from '../../stores/expectations.ts';
import { useSession } from '../../stores/session.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { Fold } from '../../ui/Fold.tsx';
import { count, plural } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { ExpectationMark } from '../shared/TestMark.tsx';
import './tests.css';

/** Rows on the page at once; of more those that broke come first. */
const MOST_ROWS = 100;

const NONE: readonly ExpectationRow[] = [];

/** What is expected of the packets: a line while all is well, what broke first where it is not. */
export function TestPanel() {
  const id = useId();
  const rows = useSession((state) => state.view?.expectations ?? NONE);
  const [open, setOpen] = useState(false);
  if (rows.length === 0) return null;
  const broken = rows.filter(hasBroken);
  const [first] = broken;
  const ways = (
    <>
      {broken.length > 0 && (
        <button
          type="button"
          className="button small"
          title="What every packet comes to now is right: it is what is expected from here on"
          onClick={() => keepTests()}
        >
          Expect what is now
        </button>
      )}
      <button
        type="button"
        className="button small"
        title="Packets and expectations as a file for the command line: ebpf-playground test"
        onClick={saveTests}
      >
        <Icon name="download" /> Save tests
      </button>
    </>
  );
  return (
    <section className="tests" aria-label="Expectations">
      <div className="tests-line">
        <Fold
          id={id}
          title={<Summary rows={rows} broken={broken.length} />}
          open={open}
          onToggle={setOpen}
        >
          <Details rows={rows} broken={broken} />
        </Fold>
        <div className="tests-ways">{ways}</div>
      </div>
      {first && !open && <FirstBroken row={first} />}
    </section>
  );
}

function Summary({ rows, broken }: { rows: readonly ExpectationRow[]; broken: number }) {
  const waiting = rows.filter(({ met }) => met === undefined).length;
  const words =
    broken > 0
      ? brokenText(broken, rows.length)
      : `${plural(rows.length - waiting, 'expectation')} met`;
  return (
    <span className={broken > 0 ? 'tests-broken' : 'tests-met'}>
      <Icon name={broken > 0 ? 'close' : 'check'} /> {words}
      {waiting > 0 && `, ${count(waiting)} not run yet`}
    </span>
  );
}

const FirstBroken = ({ row }: { row: ExpectationRow }) => (
  <button
    type="button"
    className="tests-first"
    title="Selects the packet (g: the next one that broke)"
    onClick={() => wish({ type: 'select-packet', index: row.packet })}
  >
    {brokenLine(row)}
  </button>
);

function Details({
  rows,
  broken,
}: {
  rows: readonly ExpectationRow[];
  broken: readonly ExpectationRow[];
}) {
  const expected = useSession((state) => state.view?.expected);
  const met = rows.filter((row) => !hasBroken(row));
  const shown = rows.length <= MOST_ROWS ? rows : [...broken, ...met].slice(0, MOST_ROWS);
  const more = rows.length - shown.length;
  return (
    <>
      <ul className="tests-list">
        {shown.map((row) => (
          <Row key={row.packet} row={row} />
        ))}
      </ul>
      {more > 0 && <p className="note">{count(more)} more: the list of packets marks them</p>}
      <div className="tests-choices">
        <span className="note">Expect as it is now, too:</span>
        <label className="check">
          <input
            type="checkbox"
            checked={expected?.packetOut ?? false}
            onChange={(event) => keepTests({ packetOut: event.target.checked })}
          />
          <span>the packet that goes on</span>
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={expected?.maps ?? false}
            onChange={(event) => keepTests({ maps: event.target.checked })}
          />
          <span>map entries it changes</span>
        </label>
        <button type="button" className="button small" onClick={dropTests}>
          Remove all
        </button>
      </div>
    </>
  );
}

/** Entries of maps that are expected: by their members, which are typed over. */
function Entries({ row }: { row: ExpectationRow }) {
  const { packet } = row;
  const [open, setOpen] = useState(false);
  const [entries, setEntries] = useState<ExpectedEntries['entries']>([]);
  const expectations = useSession((state) => state.view?.expectations);
  useEffect(() => {
    let isCurrent = true;
    if (open && expectations)
      entriesExpected(packet).then((found) => {
        if (isCurrent) setEntries(found);
      });
    return () => {
      isCurrent = false;
    };
  }, [open, packet, expectations]);
  return (
    <div className="tests-entries">
      <button
        type="button"
        className="link-button"
        aria-expanded={open}
        aria-label={`Map entries expected of packet ${packet + 1}`}
        onClick={() => setOpen(!open)}
      >
        <Icon name={open ? 'down' : 'right'} />{' '}
        {row.entries === 1 ? '1 map entry' : `${count(row.entries)} map entries`}
      </button>
      {open && (
        <ul className="tests-entry-list">
          {entries.map(({ map, key, value }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an entry is known by its place
            <li key={index} className="tests-entry">
              <code>{map}</code>
              {(['key', 'value'] as const).map((part) => (
                <span key={part} className="tests-part">
                  <span className="note">{part}</span>{' '}
                  <EditableText
                    label={`${part} expected in ${map}, entry ${index + 1} of packet ${packet + 1}`}
                    text={part === 'key' ? key : value}
                    onSet={(text) => expectEntry(packet, index, part, text)}
                  />
                </span>
              ))}
              <button
                type="button"
                className="icon-button small"
                aria-label={`Remove entry ${index + 1} of packet ${packet + 1}`}
                title="This entry is not expected any more"
                onClick={() => expectEntry(packet, index, 'value', '')}
              >
                <Icon name="remove" />
              </button>
            </li>
          ))}
          <li className="note">
            Members that are left out do not count; <code>none</code>: there must be no entry.
          </li>
        </ul>
      )}
    </div>
  );
}

function Row({ row }: { row: ExpectationRow }) {
  const { packet, verdict, text, unmet } = row;
  const name = useSession((state) => state.view?.packetNames[packet] ?? '');
  const isSelected = useSession((state) => state.view?.packet === packet);
  const others = text.startsWith(verdict) ? text.slice(verdict.length).replace(/^, /, '') : text;
  return (
    <li className="tests-row">
      <ExpectationMark row={row} />
      <button
        type="button"
        className="link-button clip"
        aria-current={isSelected}
        title={`Selects packet ${packet + 1}`}
        onClick={() => wish({ type: 'select-packet', index: packet })}
      >
        {packet + 1} {name}
      </button>
      <EditableText
        label={`Verdict expected of packet ${packet + 1}`}
        text={verdict}
        placeholder="any"
        onSet={(word) => expectVerdict(packet, word)}
      />
      <span className="note clip" title={others}>
        {others}
      </span>
      <button
        type="button"
        className="icon-button small"
        aria-label={`Remove the expectation of packet ${packet + 1}`}
        title="Remove this expectation"
        onClick={() => expectVerdict(packet, '')}
      >
        <Icon name="remove" />
      </button>
      {row.entries > 0 && <Entries row={row} />}
      {unmet.map((line) => (
        <span key={line} className="tests-unmet">
          {line}
        </span>
      ))}
    </li>
  );
}
