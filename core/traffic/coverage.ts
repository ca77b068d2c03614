import { JIT } from '../jit/jit.ts';
import type { Machine } from '../machine/machine.ts';
import { type Stops, stopsAt } from '../machine/run.ts';
import { keyOfLine, lineAt } from '../program/lines.ts';
import type { TrafficCoverage } from '../protocol/traffic.ts';
import type { Session, Work } from '../session/session.ts';
import { SLICE } from '../session/travel/stops.ts';
import type { Pc } from '../spec/units.ts';
import type { Batch } from './batch.ts';
import type { Rerun } from './errand.ts';
import { MOST_FRAMES } from './frames.ts';

/** Packets after which places that were reached meanwhile are looked out for no longer. */
const REFRESH = 32;

/** Which instructions were reached so far, by the first packet that did. */
class Reached {
  readonly pcs: readonly Pc[];
  readonly first = new Map<Pc, number>();
  private readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
    this.pcs = machine.code.instructions.flatMap((instruction, pc) => (instruction ? [pc] : []));
  }

  get isAll(): boolean {
    return this.first.size === this.pcs.length;
  }

  result(packets: number, isWhole: boolean): TrafficCoverage {
    const { pcs, first } = this;
    return {
      kind: 'traffic-coverage',
      packets,
      isWhole,
      instructions: pcs.length,
      ran: first.size,
      slots: [...first].map(([pc, packet]) => ({ pc, first: packet })).sort((a, b) => a.pc - b.pc),
      lines: linesOf(this.machine, pcs, first),
    };
  }
}

/**
 * Which instructions run on any packet of a capture, and the first packet that reached each. Those
 * that were not seen yet are looked out for, once: where all have been seen, or the rest is never
 * reached, nothing is looked at any more.
 */
export const coverage = (batch: Batch): Rerun =>
  batch.engine === JIT ? byCompiledCode(batch) : byInterpreter(batch);

/** Compiled code has what was seen alone: it is left in front of everything else. */
function byCompiledCode({ machine }: Batch): Rerun {
  const reached = new Reached(machine.session.machine);
  const { first } = reached;
  const unseen = new Set(reached.pcs);
  let fresh = 0;
  let packets = REFRESH;
  return {
    what: 'coverage',
    visit: () => undefined,
    atOnce: () => packets,
    begin: (place) =>
      machine.watch({
        places: unseen,
        reached: (pc) => {
          // Others may have the machine run meanwhile.
          const packet = machine.packetAt(place);
          if (packet === undefined) return;
          first.set(pc, packet);
          unseen.delete(pc);
          fresh += 1;
        },
      }),
    end: () => {
      machine.watch(undefined);
      packets = fresh > 0 ? REFRESH : Math.min(2 * packets, MOST_FRAMES);
      fresh = 0;
    },
    isOver: () => reached.isAll,
    result: (packets, isWhole) => reached.result(packets, isWhole),
  };
}

/** The machine stops in front of what was not seen yet. */
function byInterpreter({ machine }: Batch): Rerun {
  const { session } = machine;
  const { code } = session.machine;
  const reached = new Reached(session.machine);
  const { first } = reached;
  let unseen = reached.pcs;
  let stops: Stops = stopsAt(code, unseen);
  let fresh = 0;
  let since = 0;
  const refresh = (): void => {
    since++;
    if (fresh === 0 || since < REFRESH) return;
    unseen = unseen.filter((pc) => !first.has(pc));
    stops = stopsAt(code, unseen);
    fresh = 0;
    since = 0;
  };
  return {
    what: 'coverage',
    complete: (packet) => {
      refresh();
      return follow(session, stops, (pc) => {
        first.set(pc, packet);
        fresh++;
      });
    },
    visit: () => undefined,
    isOver: () => reached.isAll,
    result: (packets, isWhole) => reached.result(packets, isWhole),
  };
}

/** To the end of the run, with a word for each instruction that is reached for the first time. */
function* follow(
  session: Session & { readonly machine: Machine },
  stops: Stops,
  seen: (pc: number) => void,
): Work<void> {
  const { machine } = session;
  const { maxSteps } = session.inputs.settings;
  while (machine.status === 'running' && machine.steps < maxSteps) {
    const isStop = session.advance(Math.min(maxSteps, machine.steps + SLICE), stops);
    if (isStop) {
      stops.at[machine.pc] = 0;
      seen(machine.pc);
    } else if (machine.status === 'running') yield { what: 'coverage', done: machine.steps };
  }
}

function linesOf(
  { code }: Machine,
  pcs: readonly number[],
  first: ReadonlyMap<number, number>,
): TrafficCoverage['lines'] {
  const lines = new Map<string, TrafficCoverage['lines'][number]>();
  for (const pc of pcs) {
    const line = lineAt(code, pc);
    if (line === undefined) continue;
    const key = keyOfLine(line);
    const known = lines.get(key) ?? { file: line.file, line: line.line, text: line.text };
    const packet = first.get(pc);
    if (packet !== undefined) known.first = Math.min(packet, known.first ?? packet);
    lines.set(key, known);
  }
  return [...lines.values()].sort((a, b) =>
    a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1,
  );
}
