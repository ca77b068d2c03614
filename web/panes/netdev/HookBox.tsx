import type { HookListView, HookProgramView } from '../../../core/protocol/messages.ts';
import type { ProgramFile } from '../../../core/protocol/netdev.ts';
import { AFTER_CODE, TC_PLACES } from '../../../core/spec/hook-lists.ts';
import { changeHook, debugAtProgram, tellProgram } from '../../actions/hook-lists.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { classes, count, plural } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { saidWords, whyNotAsked } from './hook-words.ts';
import { ListedBox, ListedButtons, ListedProgram } from './ListedBox.tsx';

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
  const move = (moved: string, to: number) => {
    if (to < 0 || to >= among) return;
    const said = `${moved} moved toward place ${to + 1} of ${among}`;
    changeHook(hook, { kind: 'move', id: moved, to }, said);
  };
  const swap = (object: ProgramFile) =>
    changeHook(hook, { kind: 'swap', id, object }, `${id} swapped`);
  const off = status === 'off' ? ', switched off' : '';
  return (
    <ListedBox
      {...{ id, place }}
      label={`Program ${place + 1}: ${id}, ${program.program}${off}`}
      className={classes(
        'filter-box hook-box',
        status === 'off' && 'off',
        run?.packet && status === 'on' && (step ? 'asked' : 'not-asked'),
      )}
      dragged="application/x-hook-program"
      onMove={move}
    >
      <header>
        <b>{id}</b>
        <code className="clip" title={program.program}>
          {program.program}
        </code>
        <ListedButtons
          {...{ id, place, among }}
          isOn={status === 'on'}
          said={{
            earlier: [`Ask ${id} earlier`, 'One place earlier (Alt+←)'],
            later: [`Ask ${id} later`, 'One place later (Alt+→)'],
            on: 'Off: it is not attached',
            out: 'Takes the program out of the list',
          }}
          onMove={move}
          onStatus={(value) => tellProgram(hook, id, 'status', value)}
          onOut={() => changeHook(hook, { kind: 'remove', id }, `${id} taken out`)}
        />
      </header>
      <ListedProgram
        {...{ id }}
        object={program.object}
        program={program.program}
        programs={program.programs.length > 1 ? program.programs : []}
        swapTitle="Another object in its place"
        onProgram={(name) => changeHook(hook, { kind: 'program', id, program: name })}
        onSwap={swap}
      />
      <Told list={list} program={program} />
      <Chosen list={list} program={program} />
      <Codes program={program} />
    </ListedBox>
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
