import { InstructionCounts } from '../jit/counts.ts';
import { JIT } from '../jit/jit.ts';
import type { Machine } from '../machine/machine.ts';
import { keyOfLine, lineAt } from '../program/lines.ts';
import type { TrafficCoverage } from '../protocol/traffic.ts';
import type { Session, Work } from '../session/session.ts';
import { BREATH } from '../session/travel/stops.ts';
import type { Pc } from '../spec/units.ts';
import type { Batch } from './batch.ts';
import type { Rerun } from './errand.ts';
import { MOST_FRAMES } from './frames.ts';

/** Packets after which places that were reached meanwhile are looked out for no longer. */
const REFRESH = 32;

/** Which instructions were reached so far, by the first packet that did, and how often. */
class Reached {
  readonly pcs: readonly Pc[];
  readonly first = new Map<Pc, number>();
  readonly counts: InstructionCounts;
  private readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
    const { instructions, slots } = machine.code;
    this.pcs = instructions.flatMap((instruction, pc) => (instruction ? [pc] : []));
    this.counts = new InstructionCounts(slots);
  }

  result(packets: number, isWhole: boolean): TrafficCoverage {
    const { pcs, first } = this;
    const { totals } = this.counts;
    return {
      kind: 'traffic-coverage',
      packets,
      isWhole,
      instructions: pcs.length,
      ran: first.size,
      slots: [...first]
        .map(([pc, packet]) => ({ pc, first: packet, count: totals[pc] }))
        .sort((a, b) => a.pc - b.pc),
      lines: linesOf(this.machine, pcs, first, totals),
    };
  }
}

/**
 * Which instructions run on any packet of a capture, the first packet that reached each, and how
 * often control came to it.
 */
export const coverage = (batch: Batch): Rerun =>
  batch.engine === JIT ? byCompiledCode(batch) : byInterpreter(batch);

/**
 * Compiled code counts, and has what was seen alone: it is left in front of everything else, until
 * that was reached for the first time.
 */
function byCompiledCode({ machine }: Batch): Rerun {
  const reached = new Reached(machine.session.machine);
  const { first, counts } = reached;
  const unseen = new Set(reached.pcs);
  let fresh = 0;
  let packets = REFRESH;
  return {
    what: 'coverage',
    visit: () => undefined,
    atOnce: () => packets,
    begin: (place) =>
      machine.watch({
        place,
        watched: {
          places: unseen,
          counts,
          reached: (pc) => {
            first.set(pc, machine.packet!);
            unseen.delete(pc);
            fresh += 1;
          },
        },
      }),
    end: () => {
      machine.watch(undefined);
      packets = fresh > 0 ? REFRESH : Math.min(2 * packets, MOST_FRAMES);
      fresh = 0;
    },
    result: (packets, isWhole) => reached.result(packets, isWhole),
  };
}

/** Step by step. */
function byInterpreter({ machine }: Batch): Rerun {
  const { session } = machine;
  const reached = new Reached(session.machine);
  return {
    what: 'coverage',
    complete: (packet) => follow(session, reached, packet),
    visit: () => undefined,
    result: (packets, isWhole) => reached.result(packets, isWhole),
  };
}

/** To the end of the run. */
function* follow(
  session: Session & { readonly machine: Machine },
  { first, counts }: Reached,
  packet: number,
): Work<void> {
  const { machine } = session;
  const { maxSteps } = session.inputs.settings;
  while (machine.status === 'running' && machine.steps < maxSteps) {
    const { pc, steps } = machine;
    counts.came(pc);
    if (!first.has(pc)) first.set(pc, packet);
    session.advance(steps + 1);
    if (machine.steps % BREATH === 0) yield { what: 'coverage', done: machine.steps };
  }
}

function linesOf(
  { code }: Machine,
  pcs: readonly number[],
  first: ReadonlyMap<number, number>,
  totals: Float64Array,
): TrafficCoverage['lines'] {
  const lines = new Map<string, TrafficCoverage['lines'][number]>();
  for (const pc of pcs) {
    const line = lineAt(code, pc);
    if (line === undefined) continue;
    const key = keyOfLine(line);
    const { file, text } = line;
    const known = lines.get(key) ?? { file, line: line.line, text, count: 0 };
    // Of a line's instructions some may run on some ways alone.
    known.count = Math.max(known.count, totals[pc]);
    const packet = first.get(pc);
    if (packet !== undefined) known.first = Math.min(packet, known.first ?? packet);
    lines.set(key, known);
  }
  return [...lines.values()].sort((a, b) =>
    a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1,
  );
}
