import type { DragEvent, KeyboardEvent } from 'react';
import type { HookListView, HookProgramView } from '../../../core/protocol/messages.ts';
import { AFTER_CODE, TC_PLACES } from '../../../core/spec/hook-lists.ts';
import { changeHook, debugAtProgram, tellProgram } from '../../actions/hook-lists.ts';
import { programFile } from '../../actions/netdev.ts';
import { useSession } from '../../stores/session.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { classes, count, plural } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { FileButton } from './FileButton.tsx';
import { saidWords, whyNotAsked } from './hook-words.ts';

/** What a program carries while it is dragged: no file and no text that the page would open. */
const DRAGGED = 'application/x-hook-program';

interface HookBoxProps {
  list: HookListView;
  program: HookProgramView;
  place: number;
}

/** A program of a list: where it stands, what it did, and what it said of the chosen packet. */
export function HookBox({ list, program, place }: HookBoxProps) {
  const { hook, programs, run } = list;
  const { id, status } = program;
  const among = programs.length;
  const step = run?.packet?.steps.find((one) => one.id === id);
  const move = (to: number) => {
    if (to < 0 || to >= among) return;
    changeHook(hook, { kind: 'move', id, to }, `${id} moved toward place ${to + 1} of ${among}`);
  };
  const off = status === 'off' ? ', switched off' : '';
  const keys = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!event.altKey || by === undefined) return;
    event.preventDefault();
    move(place + by);
  };
  return (
    <li
      className={classes(
        'filter-box hook-box',
        status === 'off' && 'off',
        run?.packet && status === 'on' && (step ? 'asked' : 'not-asked'),
      )}
      aria-label={`Program ${place + 1}: ${id}, ${program.program}${off}`}
      draggable
      onDragStart={(event) => event.dataTransfer.setData(DRAGGED, id)}
      onDragOver={acceptDrag}
      onDrop={(event) => {
        const dragged = event.dataTransfer.getData(DRAGGED);
        if (dragged === '') return;
        event.preventDefault();
        event.stopPropagation();
        if (dragged !== id) changeHook(hook, { kind: 'move', id: dragged, to: place });
      }}
      onKeyDown={keys}
    >
      <header>
        <b>{id}</b>
        <code className="clip" title={program.program}>
          {program.program}
        </code>
        <Buttons {...{ list, program, place, move }} />
      </header>
      <OfObject list={list} program={program} />
      <Told list={list} program={program} />
      <Chosen list={list} program={program} />
      <Codes program={program} />
    </li>
  );
}

function acceptDrag(event: DragEvent): void {
  if (!event.dataTransfer.types.includes(DRAGGED)) return;
  event.preventDefault();
  event.stopPropagation();
}

function Buttons({ list, program, place, move }: HookBoxProps & { move: (to: number) => void }) {
  const { hook, programs } = list;
  const { id, status } = program;
  return (
    <span className="filter-buttons">
      <button
        type="button"
        className="icon-button small"
        disabled={place === 0}
        aria-label={`Ask ${id} earlier`}
        title="One place earlier (Alt+←)"
        onClick={() => move(place - 1)}
      >
        <Icon name="left" />
      </button>
      <button
        type="button"
        className="icon-button small"
        disabled={place === programs.length - 1}
        aria-label={`Ask ${id} later`}
        title="One place later (Alt+→)"
        onClick={() => move(place + 1)}
      >
        <Icon name="right" />
      </button>
      <label className="check" title="Off: it is not attached">
        <input
          type="checkbox"
          aria-label={`${id} on`}
          checked={status === 'on'}
          onChange={({ target }) => tellProgram(hook, id, 'status', target.checked ? 'on' : 'off')}
        />
        on
      </label>
      <button
        type="button"
        className="icon-button small"
        aria-label={`Take ${id} out`}
        title="Takes the program out of the list"
        onClick={() => changeHook(hook, { kind: 'remove', id }, `${id} taken out`)}
      >
        <Icon name="remove" />
      </button>
    </span>
  );
}

/** Which object it is of, and another in its place. */
function OfObject({ list: { hook }, program }: Omit<HookBoxProps, 'place'>) {
  const { id, object, programs } = program;
  const open = useSession(({ view }) => view?.object.name);
  const swap = async (file: File) =>
    changeHook(hook, { kind: 'swap', id, object: await programFile(file) }, `${id} swapped`);
  return (
    <div className="filter-program">
      <code className="clip" title={object.name}>
        {object.name}
      </code>
      {programs.length > 1 && (
        <select
          aria-label={`Program of ${id}`}
          value={program.program}
          onChange={({ target }) =>
            changeHook(hook, { kind: 'program', id, program: target.value })
          }
        >
          {programs.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      <FileButton
        label="Swap…"
        what={`Swap the program of ${id}`}
        icon="redirect"
        title="Another object in its place"
        onFile={swap}
      />
      {!object.isOpen && (
        <button
          type="button"
          className="button small"
          title={`${open}, which is open, in its place`}
          onClick={() => changeHook(hook, { kind: 'swap', id, object: 'open' }, `${id} swapped`)}
        >
          Swap to the open one
        </button>
      )}
    </div>
  );
}

const SAID_BY = { list: '', object: ' (XDP_RUN_CONFIG)', libxdp: ' (libxdp)' } as const;

/** Where it stands: of tc the place, of XDP priority and actions. */
function Told({ list: { hook }, program }: Omit<HookBoxProps, 'place'>) {
  const { id, where, xdp } = program;
  return (
    <div className="filter-told">
      {where && (
        <label>
          at{' '}
          <select
            aria-label={`Where ${id} stands`}
            value={where}
            onChange={({ target }) => tellProgram(hook, id, 'where', target.value)}
          >
            {TC_PLACES.map(({ name, label, doc }) => (
              <option key={name} value={name} title={doc}>
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
      {xdp && (
        <>
          <span
            className="filter-property"
            title="The lowest is asked first; empty: as the object says, else 50"
          >
            priority{' '}
            <EditableText
              label={`Priority of ${id}`}
              text={String(xdp.priority)}
              onSet={(text) => tellProgram(hook, id, 'priority', text)}
            />
            {SAID_BY[xdp.priorityBy]}
          </span>
          <span
            className="filter-property hook-actions"
            title={
              'Codes behind which the next program is asked; none: it always decides; ' +
              'empty: as the object says, else XDP_PASS'
            }
          >
            goes on after{' '}
            <EditableText
              label={`Actions of ${id}`}
              text={xdp.actions}
              onSet={(text) => tellProgram(hook, id, 'actions', text)}
            />
            {SAID_BY[xdp.actionsBy]}
          </span>
        </>
      )}
    </div>
  );
}

/** What it said of the chosen packet, and what came of that. */
function Chosen({ list: { hook, run }, program }: Omit<HookBoxProps, 'place'>) {
  const packet = run?.packet;
  if (packet === undefined) return null;
  const step = packet.steps.find(({ id }) => id === program.id);
  if (step === undefined)
    return <p className="hook-step skipped">{whyNotAsked(program, packet)}</p>;
  return (
    <div className="hook-step">
      <p title={AFTER_CODE[step.after].doc}>
        <span className="note">packet {count(packet.number)}:</span> {saidWords(step)}
        {step.isChanged && '; changes the packet'}
      </p>
      {step.saw.length > 0 && (
        <p className="note">
          saw {step.saw.map(({ field, value }) => `${field} = ${value}`).join(', ')}
        </p>
      )}
      {step.after === 'faulted' && step.reason && <p className="note">{step.reason}</p>}
      <button
        type="button"
        className="button small"
        aria-label={`Debug packet ${packet.number} at ${program.id}`}
        title="Steps through this program on the packet as those in front of it left it"
        onClick={() => debugAtProgram(hook, program.id, packet.number)}
      >
        <Icon name="into" /> Debug
      </button>
    </div>
  );
}

/** How many packets it saw, and what it said of them. */
function Codes({ program: { counts } }: Pick<HookBoxProps, 'program'>) {
  if (counts === undefined) return null;
  return (
    <table className="filter-counters">
      <caption>
        {plural(counts.seen, 'packet')} seen
        {counts.changed > 0 && `, ${count(counts.changed)} changed`}
      </caption>
      <tbody>
        {counts.codes.map(({ name, action, after, packets }) => (
          <tr key={`${name} ${after}`}>
            <th scope="row" className={`action-${action}`}>
              {name}
            </th>
            <td className="hook-after">{AFTER_CODE[after].label}</td>
            <td>{count(packets)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
