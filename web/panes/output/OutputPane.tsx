import type { OutputLine } from '../../../core/protocol/messages.ts';
import { go } from '../../app/wish.ts';
import { useSession } from '../../stores/session.ts';
import { count } from '../../ui/format.ts';

const NONE: OutputLine[] = [];

/** What the program printed, with the step it did so: a click goes there. */
export function OutputPane() {
  const lines = useSession((state) => state.snapshot?.output ?? NONE);
  if (lines.length === 0) return <p className="nothing">Nothing printed so far (bpf_trace_printk, bpf_printk).</p>;
  return (
    <ol className="scroll output-lines" tabIndex={0} aria-label="Output">
      {lines.map(({ step, text }, index) => (
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
          <code>{text}</code>
        </li>
      ))}
    </ol>
  );
}
