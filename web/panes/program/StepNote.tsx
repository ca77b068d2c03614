import type { StepView } from '../../../core/protocol/messages.ts';
import { rowAt } from '../../stores/code.ts';
import { useSession } from '../../stores/session.ts';
import { FaultNote } from './FaultNote.tsx';

/**
 * Under the instruction where the run stands: what the last step did, with all that it read and
 * wrote, and what comes next.
 */
export function StepNote() {
  const rows = useSession((state) => state.view?.code.rows);
  const snapshot = useSession((state) => state.snapshot);
  if (!snapshot || !rows) return null;
  const { last, pc, fault, stopped } = snapshot;
  const next = rowAt(rows, pc);
  return (
    <div className="step-note">
      {last && !fault && <Last last={last} />}
      {next && !fault && <p className="step-next">Next: {snapshot.next ?? next.doc}</p>}
      <FaultNote />
      {!next && !fault && <p className="step-next">{stopped}</p>}
    </div>
  );
}

function Last({ last: { pc, text, branch, accesses } }: { last: StepView }) {
  return (
    <>
      <p>
        <span className="step-slot">{pc}:</span> {text}
        {branch && <span className="branch"> ({branch})</span>}
      </p>
      {accesses.length > 0 && (
        <ul className="step-accesses">
          {accesses.map(({ kind, place, size, before, after }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: accesses in their order
            <li key={index} className={kind === 'write' ? 'written' : 'read'}>
              <span className="sign">{kind === 'write' ? '▲ write' : '● read'}</span>{' '}
              <code>{place}</code> {size} B <code>{before}</code>
              {kind === 'write' && (
                <>
                  {' → '}
                  <code>{after}</code>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
