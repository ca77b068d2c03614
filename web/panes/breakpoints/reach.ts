import type {
  BreakpointCounts,
  BreakpointRow,
  BreakpointRule,
} from '../../../core/protocol/messages.ts';
import { count, plural } from '../../ui/format.ts';

/**
 * How often the packet's run comes by a breakpoint, and why it does not stop there where it does
 * not.
 */
export function reachOf(
  { pcs }: BreakpointRow,
  rule: BreakpointRule,
  counts: BreakpointCounts,
): string {
  const own = counts.counts.filter(({ pc }) => pcs.includes(pc));
  const reached = own.reduce((sum, place) => sum + place.reached, 0);
  const held = own.reduce((sum, place) => sum + place.held, 0);
  const untold = own.reduce((sum, place) => sum + (place.untold ?? 0), 0);
  const why = own.find((place) => place.why !== undefined)?.why;
  const within = counts.isWhole ? '' : ` in the first ${plural(counts.steps, 'step')}`;
  if (reached === 0) return `not reached by this packet${within}`;
  const parts = [`reached ${plural(reached, 'time')}${within}`];
  if (rule.condition && (held > 0 || untold < reached))
    parts.push(
      held === 0 ? 'the condition did not hold' : `the condition held ${plural(held, 'time')}`,
    );
  if (untold > 0) parts.push(`it could not be told ${plural(untold, 'time')}: ${why}`);
  if (held > 0 && rule.hits !== undefined && held < rule.hits)
    parts.push(`fewer than ${count(rule.hits)}`);
  return parts.join(', ');
}
