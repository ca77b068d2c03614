import type { Machine } from '../machine/machine.ts';
import { jumpTarget } from '../program/control-flow.ts';
import type { Session, Work } from '../session/session.ts';
import type { Pc } from '../spec/units.ts';

/** One way out of a conditional jump. */
export interface JumpWay {
  readonly pc: Pc;
  readonly taken: boolean;
}

/** Steps of a run that are followed before it gives back. */
const BREATH = 20_000;

const numberOf = ({ pc, taken }: JumpWay): number => 2 * pc + (taken ? 1 : 0);
export const otherWay = ({ pc, taken }: JumpWay): JumpWay => ({ pc, taken: !taken });

/** Which ways out of conditional jumps were taken by any packet. */
export class Ways {
  /** All there are, in the order of the code. */
  readonly all: readonly JumpWay[];
  private readonly taken = new Set<number>();

  constructor({ code }: Machine) {
    this.all = code.instructions.flatMap((instruction, pc) =>
      instruction?.row?.kind === 'jump' && jumpTarget(instruction, pc) !== pc + 1
        ? [
            { pc, taken: false },
            { pc, taken: true },
          ]
        : [],
    );
  }

  has(way: JumpWay): boolean {
    return this.taken.has(numberOf(way));
  }

  /** Not taken by any packet. */
  get missing(): JumpWay[] {
    return this.all.filter((way) => !this.has(way));
  }

  /** Notes what a packet took; answers how many of them are new. */
  add(taken: readonly JumpWay[]): number {
    const before = this.taken.size;
    for (const way of taken) this.taken.add(numberOf(way));
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
      seen.set(numberOf(way), way);
    }
    if (machine.steps % BREATH === 0) yield { what: 'following a packet', done: machine.steps };
  }
  session.spendBudget();
  return [...seen.values()];
}
