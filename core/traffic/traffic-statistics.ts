import { baseName } from '../bytes/base-name.ts';
import type { Code } from '../program/code.ts';
import { lineAt } from '../program/lines.ts';
import type { TrafficStatistics } from '../protocol/traffic.ts';
import type { Summary } from './summary.ts';

/** Rows of a table: the most frequent, the rest is counted. */
const MOST_ROWS = 12;

const byCount = (a: { count: number }, b: { count: number }): number => b.count - a.count;

/** Where an instruction stands, in the words of the source where that is known. */
export function placeWords(code: Code, pc: number): string {
  const line = lineAt(code, pc);
  return line ? `${baseName(line.file)}:${line.line}` : `instruction ${pc}`;
}

/** The sums over a capture as the page draws them. */
export function trafficStatistics(summary: Summary, code: Code): TrafficStatistics {
  const { outcomes, sums, flows, partSize } = summary;
  const kinds = [...summary.kinds.values()].sort(byCount);
  return {
    kind: 'traffic-statistics',
    judged: outcomes.length,
    steps: summary.steps,
    changed: summary.changed,
    partSize,
    outcomes: sums
      .map(({ slowest: { packet, steps }, parts, ...sum }) => ({
        ...sum,
        slowest: { index: packet, steps },
        // A part that has none of them has no number yet.
        parts: Array.from(parts, (count) => count ?? 0),
      }))
      .sort(byCount),
    protocols: kinds.slice(0, MOST_ROWS).map(({ label, filter, count, verdicts }) => ({
      label,
      filter,
      count,
      outcomes: verdicts
        .map((times, number) => ({ name: outcomes.verdicts[number].name, count: times }))
        .sort(byCount),
    })),
    otherProtocols: kinds.slice(MOST_ROWS).reduce((sum, { count }) => sum + count, 0),
    flows: summary.largestFlows,
    flowCount: flows.size,
    otherFlows: flows.others,
    faults: summary.faults
      .map(({ name, count, first }, number) => ({
        place: placeWords(code, outcomes.faults[number].pc),
        message: name,
        count,
        first,
      }))
      .sort(byCount),
    bypassed: summary.bypassed.inOrder.map(({ key, ...counted }) => ({
      reason: key?.[0] ?? 'other reasons',
      ...counted,
    })),
    warnings: summary.warnings.inOrder.map(({ key, ...counted }) => ({
      text: key?.[0] ?? 'others',
      ...counted,
    })),
  };
}
