import type { Machine } from '../machine/machine.ts';
import { ProgArray } from '../maps/prog-array.ts';
import { jumpTarget } from '../program/control-flow.ts';
import { isTailCall } from '../program/effects.ts';
import type { Session, Work } from '../session/session.ts';
import type { Pc } from '../spec/units.ts';

/** One way out of a conditional jump. */
export interface JumpWay {
  readonly pc: Pc;
  readonly taken: boolean;
}

/** Steps of a run that are followed before it gives back. */
const BREATH = 20_000;

/** What a way is known by. */
export const keyOfWay = ({ pc, taken }: JumpWay): number => 2 * pc + (taken ? 1 : 0);
export const otherWay = ({ pc, taken }: JumpWay): JumpWay => ({ pc, taken: !taken });

/** Slots of the code that the first program runs, or may run with others in slots of its arrays. */
export function slotsOf({ code, maps }: Machine): Pc[] {
  const slotsOfProgram = (number: number): Pc[] => {
    const { start, end } = code.programs[number];
    return Array.from({ length: end - start }, (_, i) => start + i);
  };
  const own = slotsOfProgram(0);
  if (!own.some((pc) => isTailCall(code.instructions[pc]))) return own;
  const arrays = maps.filter((map) => map instanceof ProgArray);
  const called = new Set(arrays.flatMap(({ takes }) => takes));
  called.delete(0);
  return [...own, ...[...called].sort((a, b) => a - b).flatMap(slotsOfProgram)];
}

/** Which ways out of conditional jumps were taken by any packet. */
export class Ways {
  /** All there are, in the order of the code. */
  readonly all: readonly JumpWay[];
  private readonly taken = new Set<number>();

  constructor(machine: Machine) {
    this.all = slotsOf(machine).flatMap((pc) => {
      const instruction = machine.code.instructions[pc];
      return instruction?.row?.kind === 'jump' && jumpTarget(instruction, pc) !== pc + 1
        ? [
            { pc, taken: false },
            { pc, taken: true },
          ]
        : [];
    });
  }

  has(way: JumpWay): boolean {
    return this.taken.has(keyOfWay(way));
  }

  /** Not taken by any packet. */
  get missing(): JumpWay[] {
    return this.all.filter((way) => !this.has(way));
  }

  /** Notes what a packet took; answers how many of them are new. */
  add(taken: readonly JumpWay[]): number {
    const before = this.taken.size;
    for (const way of taken) this.taken.add(keyOfWay(way));
    return this.taken.size - before;
  }
}

/** Runs a packet that has begun to its end; answers the ways it takes, each once. */
export function* waysOfRun(session: Session & { readonly machine: Machine }): Work<JumpWay[]> {
  const { machine } = session;
  const { maxSteps } = session.inputs.settings;
  const { instructions } = machine.code;
  const seen = new Map<number, JumpWay>();
  while (machine.status === 'running' && machine.steps < maxSteps) {
    const { pc } = machine;
    session.advance(machine.steps + 1);
    const instruction = instructions[pc];
    if (instruction?.row?.kind === 'jump') {
      const way = { pc, taken: machine.pc === jumpTarget(instruction, pc) };
      seen.set(keyOfWay(way), way);
    }
    if (machine.steps % BREATH === 0) yield { what: 'following a packet', done: machine.steps };
  }
  session.spendBudget();
  return [...seen.values()];
}
