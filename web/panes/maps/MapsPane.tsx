import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import type { MapEntryView, MapView, Snapshot } from '../../../core/protocol/messages.ts';
import { attempt, wish } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { setMapEdits, toggleMap, useUi } from '../../stores/ui.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { FieldProblem } from '../../ui/FieldProblem.tsx';
import { Fold } from '../../ui/Fold.tsx';
import { classes, count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { TargetButtons } from '../shared/TargetButtons.tsx';
import { DraftFields, PartFields } from './MapFields.tsx';
import { MapJson } from './MapJson.tsx';
import './maps.css';

const NONE: MapView[] = [];

/** Every index exists from the start and for ever: nothing to add or to delete. */
const FIXED: ReadonlySet<string> = new Set([
  'array',
  'percpu_array',
  'cgroup_storage',
  'percpu_cgroup_storage',
]);

/** Sets an entry, without value takes it out: before the run, or in the middle of it. */
function setEntry(map: string, key: string, value: string | undefined, cpu?: number) {
  const where = { map, key, ...(cpu !== undefined && { cpu }) };
  if (isMeantNow())
    return attempt({ type: 'edit', target: { kind: 'map', ...where }, value: value ?? '' });
  return attempt(
    value === undefined
      ? { type: 'delete-map-entry', map, key }
      : { type: 'set-map-entry', ...where, value },
  );
}

/** One member of a value, in C: `value.hits`. */
const setMember = (
  where: { map: string; key: string; cpu?: number },
  expression: string,
  text: string,
) => attempt({ type: 'set-map-field', ...where, expression, text, before: !isMeantNow() });

/** In the middle of a run a person says what a change of an entry means. */
function isMeantNow(): boolean {
  const { snapshot } = useSession.getState();
  return useUi.getState().mapEdits === 'now' && snapshot !== undefined && isMidway(snapshot);
}

const isMidway = ({ status, step }: Snapshot): boolean => status === 'paused' && step > 0;

/** What a change of an entry means, where both can be meant. */
function WhenSwitch() {
  const step = useSession(({ snapshot }) =>
    snapshot && isMidway(snapshot) ? snapshot.step : undefined,
  );
  const mapEdits = useUi((state) => state.mapEdits);
  if (step === undefined) return null;
  return (
    <fieldset className="segments small map-when">
      <legend>Changes of entries are made</legend>
      <label>
        <input
          type="radio"
          name="map-edits"
          checked={mapEdits === 'before'}
          onChange={() => setMapEdits('before')}
        />
        <span>before the run</span>
      </label>
      <label>
        <input
          type="radio"
          name="map-edits"
          checked={mapEdits === 'now'}
          onChange={() => setMapEdits('now')}
        />
        <span>now, at step {step}</span>
      </label>
    </fieldset>
  );
}

/** Of more, those that the run did not touch are folded until they are asked for. */
const FEW = 4;

/** Every map with its typed entries, as they are at this step. */
export function MapsPane() {
  const maps = useSession((state) => state.snapshot?.maps ?? NONE);
  const declarations = useSession((state) => state.view?.object.maps);
  const [filter, setFilter] = useState('');
  if (maps.length === 0)
    return <p className="nothing">This program uses no map and no global variable.</p>;
  const wanted = filter.trim().toLowerCase();
  const shown = maps.filter(({ name }) => name.toLowerCase().includes(wanted));
  return (
    <section className="scroll maps-pane" tabIndex={0} aria-label="Maps">
      {maps.length > FEW && (
        <input
          type="search"
          className="map-filter"
          aria-label="Filter maps"
          placeholder="Filter maps by name"
          spellCheck={false}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      )}
      <WhenSwitch />
      {shown.map((map) => (
        <MapSection
          key={map.name}
          map={map}
          isOpen={maps.length <= FEW || wanted !== '' || map.entries.some(isNew)}
          declaration={declarations?.find((row) => row.name === map.name)?.declaration}
        />
      ))}
      {shown.length === 0 && <p className="nothing">No map has this in its name.</p>}
    </section>
  );
}

const isNew = ({ changed, read, written }: MapEntryView): boolean => changed || read || written;

interface MapSectionProps {
  map: MapView;
  /** Whether it is open where a person has not chosen otherwise. */
  isOpen: boolean;
  declaration: string | undefined;
}

function MapSection({ map, isOpen, declaration }: MapSectionProps) {
  const { name, type, keySize, valueSize, maxEntries, total } = map;
  const sizes = `${type}, key ${keySize} B, value ${valueSize} B`;
  const id = useId();
  const section = useRef<HTMLElement>(null);
  const isToggled = useUi((state) => state.toggledMaps.includes(name));
  const isAsked = useUi((state) => state.map === name);
  useEffect(() => {
    if (isAsked) section.current?.scrollIntoView({ block: 'nearest' });
  }, [isAsked]);
  return (
    <section ref={section} className="map" aria-label={`Map ${name}`}>
      <Fold
        id={id}
        title={
          <>
            <bdi className="map-name">{name}</bdi>{' '}
            <span className="note">
              {sizes}, {count(total)} of {count(maxEntries)} entries
            </span>
          </>
        }
        open={isAsked || isOpen !== isToggled}
        onToggle={() => toggleMap(name)}
      >
        <MapBody map={map} declaration={declaration} />
      </Fold>
    </section>
  );
}

function MapBody({ map, declaration }: Omit<MapSectionProps, 'isOpen'>) {
  const { type, entries, total, editable, keyDeclaration, valueDeclaration } = map;
  return (
    <div className="map-body">
      {declaration && (
        <details>
          <summary>Declaration</summary>
          <pre tabIndex={0}>{declaration}</pre>
        </details>
      )}
      <table className="table entries">
        <thead>
          <tr>
            <th scope="col">Key {keyDeclaration && <code>{keyDeclaration}</code>}</th>
            <th scope="col">Value {valueDeclaration && <code>{valueDeclaration}</code>}</th>
            <th scope="col">{map.programs ? 'Another program' : 'Value in hex'}</th>
            <th scope="col">
              <span className="hidden">Marks</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Entry key={entry.key} map={map} entry={entry} />
          ))}
        </tbody>
      </table>
      {total > entries.length && (
        <p className="note">
          The first {count(entries.length)} of {count(total)} are shown.
        </p>
      )}
      <MapJson map={map} />
      {map.programs && editable && <FillSlots map={map} programs={map.programs} />}
      {editable && !(FIXED.has(type) && total === entries.length) && <AddEntry map={map} />}
      {map.fillable && total < map.maxEntries && <FillUp map={map} />}
    </div>
  );
}

function Entry({ map, entry }: { map: MapView; entry: MapEntryView }) {
  const { key, keyText, value, valueText, perCpu, changed, read, written } = entry;
  const [byMembers, setByMembers] = useState(false);
  const name = `${map.name}[${keyText || key}]`;
  return (
    <>
      <tr className={classes(read && 'read', written && 'written', changed && 'changed')}>
        <th scope="row" title={`0x${key}`}>
          <code>{keyText || key}</code>
          {keyText && keyText !== key && <code className="key-bytes">{key}</code>}
        </th>
        <td>
          <div className="entry-value">
            {map.typed.includes('value') && (
              <button
                type="button"
                className="icon-button small"
                aria-expanded={byMembers}
                aria-label={`Members of ${name}`}
                title="Members by name"
                onClick={() => setByMembers(!byMembers)}
              >
                <Icon name={byMembers ? 'down' : 'right'} />
              </button>
            )}
            <code className="value-text">{valueText}</code>
          </div>
        </td>
        <td>
          {map.editable && map.programs ? (
            <ProgramChoice
              label={`Program of ${name}`}
              programs={map.programs}
              chosen={valueText}
              onChoose={(name) => setEntry(map.name, key, name)}
            />
          ) : map.editable ? (
            <EditableText
              label={`Value of ${name}`}
              text={value}
              onSet={(text) => setEntry(map.name, key, text)}
            />
          ) : (
            <code>{value}</code>
          )}
          {perCpu && (
            <ol className="per-cpu" start={0}>
              {perCpu.map((one, cpu) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a value is its CPU's
                <li key={cpu}>
                  {map.editable ? (
                    <EditableText
                      label={`Value of ${name} on CPU ${cpu}`}
                      text={one}
                      onSet={(text) => setEntry(map.name, key, text, cpu)}
                    />
                  ) : (
                    <code>{one}</code>
                  )}
                </li>
              ))}
            </ol>
          )}
        </td>
        <td className="marks">
          {written && <span className="sign">▲ written</span>}
          {read && <span className="sign">● read</span>}
          {changed && !written && <span className="sign">changed</span>}
          {map.keySize > 0 && (
            <TargetButtons target={{ kind: 'map', map: map.name, key }} name={name} />
          )}
          {map.editable && !FIXED.has(map.type) && (
            <button
              type="button"
              className="icon-button small"
              aria-label={`Delete ${name}`}
              title="Delete"
              onClick={() => setEntry(map.name, key, undefined)}
            >
              <Icon name="remove" />
            </button>
          )}
        </td>
      </tr>
      {byMembers && (
        <tr className="entry-members">
          <td colSpan={4}>
            <EntryMembers map={map} entry={entry} />
          </td>
        </tr>
      )}
    </>
  );
}

/** The value of an entry by its members, of a per-CPU map each CPU's. */
function EntryMembers({ map, entry }: { map: MapView; entry: MapEntryView }) {
  const { key, keyText, value, perCpu } = entry;
  const name = `${map.name}[${keyText || key}]`;
  const values = perCpu ? perCpu.map((typed, cpu) => ({ typed, cpu })) : [{ typed: value }];
  return values.map(({ typed, cpu }: { typed: string; cpu?: number }) => (
    <section key={cpu ?? 'only'}>
      {cpu !== undefined && <h3>CPU {cpu}</h3>}
      <PartFields
        map={map.name}
        part="value"
        typed={typed}
        label={`Members of ${name}${cpu === undefined ? '' : ` on CPU ${cpu}`}`}
        {...(map.editable && {
          onSet: (expression: string, text: string) =>
            setMember({ map: map.name, key, ...(cpu !== undefined && { cpu }) }, expression, text),
        })}
      />
    </section>
  ));
}

function AddEntry({ map }: { map: MapView }) {
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const [problem, setProblem] = useState<string>();
  const keyField = useRef<HTMLInputElement>(null);
  const add = async (event: FormEvent) => {
    event.preventDefault();
    // At once, not when the answer comes: the next entry may be half typed by then.
    setKey('');
    setValue('');
    keyField.current?.focus();
    const refused = await setEntry(map.name, key, value);
    setProblem(refused);
    if (refused === undefined) return;
    setKey((typed) => typed || key);
    setValue((typed) => typed || value);
  };
  const [byMembers, setByMembers] = useState(false);
  return (
    <>
      <form className="add-entry" onSubmit={add}>
        <input
          ref={keyField}
          aria-label={`New key of ${map.name}`}
          placeholder={map.programs ? 'slot' : `key, ${map.keySize} B`}
          value={key}
          spellCheck={false}
          onChange={(event) => setKey(event.target.value)}
        />
        {map.programs ? (
          <ProgramChoice
            label={`New program of ${map.name}`}
            programs={map.programs}
            chosen={value}
            onChoose={setValue}
          />
        ) : (
          <input
            aria-label={`New value of ${map.name}`}
            placeholder={`value, ${map.valueSize} B`}
            value={value}
            spellCheck={false}
            onChange={(event) => setValue(event.target.value)}
          />
        )}
        <button
          type="submit"
          className="button small"
          disabled={key.trim() === '' || value.trim() === ''}
        >
          <Icon name="add" /> Set entry
        </button>
        <span className="note">
          {map.programs
            ? 'The slot by its number, and a program of the same type.'
            : 'Hex bytes, or a number; a map by its name.'}
        </span>
        <FieldProblem problem={problem} />
      </form>
      {map.typed.length > 0 && (
        <details onToggle={(event) => setByMembers(event.currentTarget.open)}>
          <summary>Put it together by members</summary>
          {byMembers &&
            map.typed.map((part) => (
              <DraftFields
                key={part}
                map={map.name}
                part={part}
                typed={part === 'key' ? key : value}
                onTyped={part === 'key' ? setKey : setValue}
              />
            ))}
        </details>
      )}
    </>
  );
}

/** The programs that a slot can hold. What is refused is said under it. */
function ProgramChoice({
  label,
  programs,
  chosen,
  onChoose,
}: {
  label: string;
  programs: readonly string[];
  /** Empty: none yet. */
  chosen: string;
  onChoose: (name: string) => unknown;
}) {
  const [problem, setProblem] = useState<string>();
  const choose = async (name: string) => {
    const refused = await onChoose(name);
    setProblem(typeof refused === 'string' ? refused : undefined);
  };
  return (
    <>
      <select aria-label={label} value={chosen} onChange={(event) => choose(event.target.value)}>
        {!programs.includes(chosen) && <option value={chosen}>{chosen || 'program'}</option>}
        {programs.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <FieldProblem problem={problem} />
    </>
  );
}

/** All that is left of its room: what a program does with a full map is seen from here on. */
function FillUp({ map: { name, maxEntries, total } }: { map: MapView }) {
  const [problem, setProblem] = useState<string>();
  const fill = async () =>
    setProblem(await attempt({ type: 'edit', target: { kind: 'fill', map: name }, value: '' }));
  return (
    <p className="fill-map">
      <button
        type="button"
        className="button small"
        aria-label={`Fill up map ${name}`}
        onClick={fill}
      >
        Fill up
      </button>{' '}
      <span className="note">
        Puts {count(maxEntries - total)} entries of zeros into it at this step, until it is full.
      </span>
      <FieldProblem problem={problem} />
    </p>
  );
}

/** Every slot at once, as the chain is written: one change, one undo. */
function FillSlots({ map, programs }: { map: MapView; programs: readonly string[] }) {
  const slots = Math.min(programs.length, map.maxEntries);
  if (slots === 0)
    return <p className="note">The object has no program of the type that this map holds.</p>;
  return (
    <p className="fill-slots">
      <button
        type="button"
        className="button small"
        onClick={() => wish({ type: 'fill-prog-array', map: map.name })}
      >
        Fill in order
      </button>{' '}
      <span className="note">
        Puts the programs of the object into slots 0 to {count(slots - 1)}, in their order.
      </span>
    </p>
  );
}
