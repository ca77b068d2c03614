import { useEffect } from 'react';
import type { HookListView, HookPacketView } from '../../../core/protocol/messages.ts';
import { runPastHook, stopPastHook } from '../../actions/hook-lists.ts';
import { useSession } from '../../stores/session.ts';
import { announce } from '../../stores/ui.ts';
import { count, plural } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { ChangesLeftOut } from '../shared/ChangesLeftOut.tsx';
import { Copyable } from '../shared/Copyable.tsx';
import { HookPicture } from './HookPicture.tsx';
import { LIST_WORDS, wayWords } from './hook-words.ts';

/** Programs on a hook of Linux, and packets past them. */
export function HookListPane({ list }: { list: HookListView }) {
  const isCapture = useSession(({ view }) => view?.traffic !== undefined);
  const { hook, run, problem } = list;
  const isToBegin = run === undefined && problem === undefined && !isCapture;
  useEffect(() => {
    // A session's packets are few: what became of them is there without asking.
    if (isToBegin) runPastHook(hook);
  }, [hook, isToBegin]);
  return (
    <>
      <HookBar list={list} />
      <div className="network-scroll">
        <HookPicture list={list} />
        <div className="network-lower">
          <ChosenPacket list={list} />
          <Attach list={list} />
        </div>
      </div>
    </>
  );
}

/** What went past the programs, and how far it is. */
function HookBar({ list: { hook, run, packets, problem } }: { list: HookListView }) {
  const state = run?.state;
  return (
    <section className="flow-bar" aria-label="Packets past the programs">
      <div className="flow-line">
        {state === 'running' ? (
          <button type="button" className="button" onClick={() => stopPastHook(hook)}>
            <Icon name="pause" /> Stop
          </button>
        ) : (
          <button type="button" className="button primary" onClick={() => runPastHook(hook)}>
            <Icon name="run" /> {run ? 'Run again' : `Run ${plural(packets.count, 'packet')}`}
          </button>
        )}
        <span className="note">
          of {packets.name}: {plural(packets.count, 'packet')}
        </span>
        {run && (
          <>
            <progress
              aria-label="Packets that went past the programs"
              max={Math.max(1, run.total)}
              value={run.done}
            />
            <span className="note flow-numbers" role="status">
              {count(run.done)} of {run.isWhole ? '' : 'about '}
              {plural(run.total, 'packet')}, {STATES[run.state]}
            </span>
          </>
        )}
      </div>
      {run && run.results.length > 0 && (
        <ul className="hook-results" aria-label="What became of them">
          {run.results.map(({ name, action, packets: some }) => (
            <li key={name}>
              <b className={`action-${action}`}>{name}</b> {count(some)} {action}
            </li>
          ))}
        </ul>
      )}
      {problem !== undefined && <p className="field-refusal">{problem}</p>}
      <ChangesLeftOut />
    </section>
  );
}

const STATES = { running: 'running', stopped: 'stopped', done: 'all have run' } as const;

/** The way of the packet that is chosen, in words. */
function ChosenPacket({ list: { hook, run, programs } }: { list: HookListView }) {
  const packet = run?.packet;
  const said = packet && wayWords(packet);
  useEffect(() => {
    if (said) announce(said);
  }, [said]);
  return (
    <section className="hook-packet" aria-label="The chosen packet">
      <h2>{packet ? `Packet ${count(packet.number)}` : 'The chosen packet'}</h2>
      {packet ? (
        <>
          <p>{said}</p>
          <Way packet={packet} order={programs.map(({ id }) => id)} />
        </>
      ) : (
        <p className="note">
          {run?.missing === undefined
            ? 'Its way past the programs is shown once it was run.'
            : 'Of a capture the way of the chosen packet alone is kept: ' +
              `run it again for packet ${count(run.missing)}.`}
        </p>
      )}
      <p className="note">{LIST_WORDS[hook].end}</p>
    </section>
  );
}

/** Who was asked, and who was not, in order. */
function Way({ packet, order }: { packet: HookPacketView; order: readonly string[] }) {
  const asked = new Map(packet.steps.map((step) => [step.id, step]));
  return (
    <table className="table" aria-label="Programs that the packet came to">
      <thead>
        <tr>
          <th scope="col">program</th>
          <th scope="col">code</th>
          <th scope="col">steps</th>
          <th scope="col">saw of those in front</th>
        </tr>
      </thead>
      <tbody>
        {order.map((id) => {
          const step = asked.get(id);
          return (
            <tr key={id}>
              <th scope="row">{id}</th>
              <td>{step ? step.name : 'not asked'}</td>
              <td className="number">{step ? count(step.steps) : ''}</td>
              <td>{step?.saw.map(({ field, value }) => `${field} = ${value}`).join(', ')}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** The same on a real system. */
function Attach({ list: { commands, notes } }: { list: HookListView }) {
  return (
    <section className="network-qemu" aria-label="The same on a Linux system">
      <h2>The same on a Linux system</h2>
      {commands.map(({ label, text }) => (
        <Copyable key={label} label={label} text={text} />
      ))}
      {notes.map((note) => (
        <p key={note} className="note">
          {note}
        </p>
      ))}
    </section>
  );
}
