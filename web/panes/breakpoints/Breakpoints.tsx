import { useEffect, useState } from 'react';
import type {
  BreakpointCounts,
  BreakpointRow,
  BreakpointRule,
  SessionView,
} from '../../../core/protocol/messages.ts';
import { toggleBreakpoint, toggleLine } from '../../actions/breakpoints.ts';
import { attempt, wish } from '../../actions/wish.ts';
import { rowAt } from '../../stores/code.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { Icon } from '../../ui/icons.tsx';
import { reachOf } from './reach.ts';

/**
 * Every breakpoint with what it asks for: a condition, a number of times, or a line to write in
 * place of stopping.
 */
export function Breakpoints({ view }: { view: SessionView }) {
  const counts = useCounts(view);
  if (view.breakpointRows.length === 0)
    return (
      <p className="nothing">
        No breakpoint. A click in a gutter sets one, or F9 at an instruction or a line of C.
      </p>
    );
  return (
    <>
      <table className="table breakpoints">
        <thead>
          <tr>
            <th scope="col">Only if</th>
            <th scope="col">From the n-th time</th>
            <th scope="col">Write, do not stop</th>
          </tr>
        </thead>
        {view.breakpointRows.map((row) => (
          <Breakpoint key={row.pcs.join()} view={view} row={row} counts={counts} />
        ))}
      </table>
      <details>
        <summary className="note">What can stand there</summary>
        <p className="note">
          Conditions are C over variables, registers, packet and memory:{' '}
          <code>ip-&gt;ttl &lt; 64</code>, <code>r1 == 5 &amp;&amp; packet[23] == 6</code>,{' '}
          <code>*(u32 *)(r10 - 8) &gt; 0</code>. A line to write has them in braces:{' '}
          <code>{'dst is {packet[30:4]}'}</code>.
        </p>
      </details>
    </>
  );
}

/**
 * How often the packet's run comes by each; asked while this is shown, and again when the set-up or
 * a breakpoint changes.
 */
function useCounts(view: SessionView): BreakpointCounts | undefined {
  const [counts, setCounts] = useState<BreakpointCounts>();
  useEffect(() => {
    setCounts(undefined);
    if (view.breakpointRows.length === 0 || !view.outcome?.ran) return;
    let current = true;
    wish({ type: 'count-breakpoints' }, 'count-breakpoints').then((reply) => {
      if (current && reply.kind === 'done' && reply.value?.kind === 'breakpoint-counts')
        setCounts(reply.value);
    });
    return () => {
      current = false;
    };
  }, [view]);
  return counts;
}

const WHOLE_NUMBER = 'A whole number from 1 on is wanted.';

interface BreakpointProps {
  view: SessionView;
  row: BreakpointRow;
  counts: BreakpointCounts | undefined;
}

function Breakpoint({ view, row, counts }: BreakpointProps) {
  const [pc] = row.pcs;
  const rule: BreakpointRule = view.rules.find((candidate) => candidate.pc === pc) ?? { pc };
  const place = row.pcs.length > 1 ? `line ${row.line!.line}` : `${pc}`;
  const set = (change: Partial<BreakpointRule>) =>
    attempt({ type: 'set-rule', rule: { ...rule, ...change } });
  return (
    <tbody>
      <tr className="breakpoint-place">
        <th scope="rowgroup" colSpan={2}>
          <Place view={view} row={row} />
          {/* Holds its place while it is counted anew. */}
          <p className="note">{counts ? reachOf(row, rule, counts) : '\u00a0'}</p>
        </th>
        <td>
          <button
            type="button"
            className="icon-button small"
            aria-label={`Remove the breakpoint at ${place}`}
            onClick={() => (row.line ? toggleLine(row.line) : toggleBreakpoint(pc))}
          >
            <Icon name="remove" />
          </button>
        </td>
      </tr>
      <tr>
        <td>
          <EditableText
            label={`Condition of the breakpoint at ${place}`}
            text={rule.condition ?? ''}
            placeholder="always"
            onSet={(condition) => set({ condition })}
          />
        </td>
        <td>
          <EditableText
            label={`Times of the breakpoint at ${place}`}
            text={String(rule.hits ?? 1)}
            onSet={(text) =>
              /^[1-9]\d{0,8}$/.test(text.trim()) ? set({ hits: Number(text) }) : WHOLE_NUMBER
            }
          />
        </td>
        <td>
          <EditableText
            label={`Log of the breakpoint at ${place}`}
            text={rule.log ?? ''}
            placeholder="nothing, stop"
            onSet={(log) => set({ log })}
          />
        </td>
      </tr>
    </tbody>
  );
}

/** `12: r1 = r2 line 40`; of a line with several places `line 40: if (x)`, and where they are. */
function Place({ view, row }: { view: SessionView; row: BreakpointRow }) {
  const first = rowAt(view.code.rows, row.pcs[0]);
  const line = first?.line === undefined ? undefined : view.code.lines[first.line];
  if (row.pcs.length > 1) {
    return (
      <p className="clip">
        line {row.line!.line} <span className="note">instructions {row.pcs.join(', ')}</span>{' '}
        <code>{line?.text.trim()}</code>
      </p>
    );
  }
  return (
    <p className="clip">
      <code>
        {row.pcs[0]}: {first?.text}
      </code>
      {line && (
        <span className="note">
          {' '}
          line {line.line} <code>{line.text.trim()}</code>
        </span>
      )}
    </p>
  );
}
