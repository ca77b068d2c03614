import type { BreakpointRule, SessionView } from '../../../core/protocol/messages.ts';
import { toggleBreakpoint } from '../../app/commands.ts';
import { wish } from '../../app/wish.ts';
import { rowAt } from '../../stores/session.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { Icon } from '../../ui/icons.tsx';

/** Every breakpoint with what it asks for: a condition, a number of times, or a line to write in place of stopping. */
export function Breakpoints({ view }: { view: SessionView }) {
  if (view.breakpoints.length === 0)
    return <p className="nothing">None. A click in a gutter sets one, of the instructions or of the C source.</p>;
  return (
    <table className="table breakpoints">
      <thead>
        <tr>
          <th scope="col">At</th>
          <th scope="col">Only if</th>
          <th scope="col">From the n-th time</th>
          <th scope="col">Write, do not stop</th>
          <th scope="col">
            <span className="hidden">Remove</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {view.breakpoints.map((pc) => (
          <Breakpoint key={pc} view={view} pc={pc} rule={view.rules.find((rule) => rule.pc === pc) ?? { pc }} />
        ))}
      </tbody>
    </table>
  );
}

function Breakpoint({ view, pc, rule }: { view: SessionView; pc: number; rule: BreakpointRule }) {
  const row = rowAt(view.code.rows, pc);
  const line = row?.line === undefined ? undefined : view.code.lines[row.line];
  const set = (change: Partial<BreakpointRule>) => wish({ type: 'set-rule', rule: { ...rule, ...change } });
  return (
    <tr>
      <th scope="row">
        <code>
          {pc}: {row?.text}
        </code>
        {line && <span className="note"> line {line.line}</span>}
      </th>
      <td>
        <EditableText
          label={`Condition of the breakpoint at ${pc}`}
          text={rule.condition ?? ''}
          onSet={(condition) => set({ condition })}
        />
      </td>
      <td>
        <EditableText
          label={`Times of the breakpoint at ${pc}`}
          text={String(rule.hits ?? 1)}
          onSet={(text) => /^[1-9]\d{0,8}$/.test(text.trim()) && set({ hits: Number(text) })}
        />
      </td>
      <td>
        <EditableText label={`Log of the breakpoint at ${pc}`} text={rule.log ?? ''} onSet={(log) => set({ log })} />
      </td>
      <td>
        <button
          type="button"
          className="icon-button small"
          aria-label={`Remove the breakpoint at ${pc}`}
          onClick={() => toggleBreakpoint(pc)}
        >
          <Icon name="remove" />
        </button>
      </td>
    </tr>
  );
}
