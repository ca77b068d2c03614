import type { StepView } from '../../../core/protocol/messages.ts';
import { takeBack } from '../../actions/undo.ts';
import { go } from '../../actions/wish.ts';
import { rowAt } from '../../stores/code.ts';
import { useSession } from '../../stores/session.ts';
import { editText } from '../../ui/edit-text.ts';
import { Breakpoints } from './Breakpoints.tsx';
import { Watchpoints } from './Watchpoints.tsx';
import './step.css';

/** What the last step read and wrote, and what the next instruction will do. */
export function StepPane() {
  const view = useSession((state) => state.view);
  const snapshot = useSession((state) => state.snapshot);
  if (!view || !snapshot) return null;
  const done = rowAt(view.code.rows, snapshot.last?.pc);
  const next = rowAt(view.code.rows, snapshot.pc);
  return (
    <section className="scroll step-pane" tabIndex={0} aria-label="Step">
      <section>
        <h2>Last step</h2>
        {snapshot.last ? (
          <Last last={snapshot.last} text={done?.text ?? ''} />
        ) : (
          <p className="nothing">No instruction has run yet.</p>
        )}
      </section>
      <section>
        <h2>Next</h2>
        {next ? (
          <>
            <p>
              <code>
                {next.pc}: {next.text}
              </code>
            </p>
            <p>{next.doc}</p>
            {next.comment && <p className="note">{next.comment}</p>}
          </>
        ) : (
          <p className="nothing">{snapshot.fault ? snapshot.fault.message : snapshot.stopped}</p>
        )}
      </section>
      {view.edits.length > 0 && (
        <section>
          <h2>Changes in the run</h2>
          <ul className="edits">
            {view.edits.map((edit) => (
              <li key={JSON.stringify(edit)}>
                <button
                  type="button"
                  className="link-button"
                  onClick={() => go({ how: 'to-step', step: edit.step })}
                >
                  step {edit.step}
                </button>{' '}
                <code>{editText(edit)}</code>
              </li>
            ))}
          </ul>
          <button type="button" className="button small" onClick={() => takeBack('undo')}>
            Undo the last change
          </button>
        </section>
      )}
      <section>
        <h2>Breakpoints</h2>
        <Breakpoints view={view} />
        <p className="note">
          Conditions are C over variables, registers, packet and memory:{' '}
          <code>ip-&gt;ttl &lt; 64</code>, <code>r1 == 5 &amp;&amp; packet[23] == 6</code>,{' '}
          <code>*(u32 *)(r10 - 8) &gt; 0</code>. A line to write has them in braces:{' '}
          <code>{'dst is {packet[30:4]}'}</code>.
        </p>
      </section>
      <section>
        <h2>Watchpoints</h2>
        <Watchpoints watchpoints={view.watchpoints} />
      </section>
    </section>
  );
}

function Last({ last, text }: { last: StepView; text: string }) {
  return (
    <>
      <p>
        <code>
          {last.pc}: {text}
        </code>
        {last.branch && <span className="branch"> {last.branch}</span>}
      </p>
      <p>{last.text}</p>
      {last.accesses.length > 0 && (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Access</th>
              <th scope="col">Place</th>
              <th scope="col">Bytes</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
            </tr>
          </thead>
          <tbody>
            {last.accesses.map(({ kind, place, size, before, after }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: accesses in their order
              <tr key={index} className={kind === 'write' ? 'written' : 'read'}>
                <th scope="row">
                  <span className="sign">{kind === 'write' ? '▲ write' : '● read'}</span>
                </th>
                <td>
                  <code>{place}</code>
                </td>
                <td className="number">{size}</td>
                <td>
                  <code>{before}</code>
                </td>
                <td>
                  <code>{kind === 'write' ? after : ''}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
