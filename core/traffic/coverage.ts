import type { Machine } from '../machine/machine.ts';
import { type Stops, stopsAt } from '../machine/run.ts';
import { keyOfLine, lineAt } from '../program/lines.ts';
import type { TrafficCoverage } from '../protocol/traffic.ts';
import type { Session, Work } from '../session/session.ts';
import { SLICE } from '../session/travel/stops.ts';
import type { Batch } from './batch.ts';
import type { Rerun } from './errand.ts';

/** Packets after which places that were reached meanwhile are taken out of the stops. */
const REFRESH = 32;

/**
 * Which instructions run on any packet of a capture, and the first packet that reached each: the
 * machine stops in front of every one that was not seen yet, once. Where all have been seen, or the
 * rest is never reached, it hardly stops any more.
 */
export function coverage({ machine }: Batch): Rerun {
  const { session } = machine;
  const { code } = session.machine;
  const pcs = code.instructions.flatMap((instruction, pc) => (instruction ? [pc] : []));
  const first = new Map<number, number>();
  let unseen = pcs;
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
    isOver: () => first.size === pcs.length,
    result: (packets, isWhole) => ({
      kind: 'traffic-coverage',
      packets,
      isWhole,
      instructions: pcs.length,
      ran: first.size,
      slots: [...first].map(([pc, packet]) => ({ pc, first: packet })).sort((a, b) => a.pc - b.pc),
      lines: linesOf(session.machine, pcs, first),
    }),
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
