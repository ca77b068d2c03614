import type { OutputLine } from '../../../core/protocol/messages.ts';
import { go } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { count } from '../../ui/format.ts';
import './output.css';

const NONE: OutputLine[] = [];

/**
 * What the program printed and the records it sent, with the step it did so: a click goes there.
 */
export function OutputPane() {
  const lines = useSession((state) => state.snapshot?.output ?? NONE);
  if (lines.length === 0)
    return (
      <p className="nothing">
        Nothing printed or sent so far (bpf_printk, ring buffers, perf events).
      </p>
    );
  return (
    <section className="output-pane" aria-label="Events">
      <h2>
        Events <span className="badge">{count(lines.length)}</span>
      </h2>
      <ol className="output-lines" tabIndex={0} aria-label="Output">
        {lines.map(({ step, source, text, bytes }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added
          <li key={index}>
            <button
              type="button"
              className="link-button"
              onClick={() => go({ how: 'to-step', step })}
              title={`Go to step ${step}`}
            >
              step {count(step)}
            </button>
            {source !== 'printk' && <span className="note">{source}</span>}
            <code>{text}</code>
            {bytes !== undefined && (
              <code className="record-bytes">{bytes.replace(/(..)(?=.)/g, '$1 ')}</code>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
