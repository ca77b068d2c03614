import { baseName } from '../bytes/base-name.ts';
import type { Fault } from '../machine/fault.ts';
import type { Code } from '../program/code.ts';
import { lineAt } from '../program/lines.ts';
import type { OutcomeRow, PacketStatistics } from '../protocol/messages.ts';
import type { RunOutcome } from '../session/outcome.ts';
import type { Session } from '../session/session.ts';
import { innermostProtocol } from './packet-table.ts';

/** Parts of the capture, in its order, that a chart draws. */
const PARTS = 60;
/** Rows of a table: the most frequent, the rest is counted. */
const MOST_ROWS = 12;

/** What became of the packets that have run: by outcome, by protocol, by place of the fault. */
export function packetStatistics(session: Session): PacketStatistics {
  const { outcomes, inputs } = session;
  const total = inputs.packets.length;
  const sums = new Map<string, OutcomeSum>();
  const protocols = new Map<string, Map<string, number>>();
  const faults = new Map<string, FaultSum>();
  const size = Math.max(1, Math.ceil(total / PARTS));
  for (let index = 0; index < total; index++) {
    const outcome = outcomes[index];
    if (outcome === undefined) continue;
    const { name } = outcome.verdict;
    const sum = sums.get(name) ?? new OutcomeSum(outcome, index, Math.ceil(total / size));
    sums.set(name, sum);
    sum.add(outcome, index, Math.floor(index / size));
    const protocol = innermostProtocol(session, index);
    const counts = protocols.get(protocol) ?? new Map<string, number>();
    protocols.set(protocol, counts);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (outcome.fault && session.machine)
      addFault(faults, session.machine.code, outcome.fault, index);
  }
  const rows = [...sums.values()].map((sum) => sum.row).sort((a, b) => b.count - a.count);
  return {
    kind: 'packet-statistics',
    total,
    judged: rows.reduce((sum, { count }) => sum + count, 0),
    partSize: size,
    outcomes: rows,
    ...table(protocols),
    faults: [...faults.values()].sort((a, b) => b.count - a.count),
  };
}

/** One outcome over all packets that came to it. */
class OutcomeSum {
  readonly row: { -readonly [Key in keyof OutcomeRow]: OutcomeRow[Key] } & { parts: number[] };

  constructor({ verdict: { name, action } }: RunOutcome, index: number, parts: number) {
    const slowest = { index, steps: -1 };
    this.row = { name, action, count: 0, first: index, slowest, parts: Array(parts).fill(0) };
  }

  add({ ran, steps }: RunOutcome, index: number, part: number): void {
    this.row.count += 1;
    this.row.parts[part] = (this.row.parts[part] ?? 0) + 1;
    const taken = ran ? steps : 0;
    if (taken > this.row.slowest.steps) this.row.slowest = { index, steps: taken };
  }
}

interface FaultSum {
  place: string;
  message: string;
  count: number;
  first: number;
}

function addFault(
  faults: Map<string, FaultSum>,
  code: Code,
  { pc, kind, message }: Fault,
  index: number,
): void {
  const key = `${kind} ${pc}`;
  const line = lineAt(code, pc);
  const place = line ? `${baseName(line.file)}:${line.line}` : `instruction ${pc}`;
  const known = faults.get(key) ?? { place, message, count: 0, first: index };
  known.count += 1;
  faults.set(key, known);
}

/** Protocols by how many packets they have; those that do not fit are summed up. */
function table(
  protocols: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Pick<PacketStatistics, 'protocols' | 'otherProtocols'> {
  const rows = [...protocols]
    .map(([protocol, counts]) => ({
      protocol,
      count: [...counts.values()].reduce((sum, count) => sum + count, 0),
      outcomes: [...counts].map(([name, count]) => ({ name, count })),
    }))
    .sort((a, b) => b.count - a.count);
  return {
    protocols: rows.slice(0, MOST_ROWS),
    otherProtocols: rows.slice(MOST_ROWS).reduce((sum, { count }) => sum + count, 0),
  };
}
