import type { Machine } from '../machine/machine.ts';
import { instructionText } from '../program/instruction-text.ts';
import { keyOfLine, lineAt } from '../program/lines.ts';
import type { Session, Work } from '../session/session.ts';
import type { Pc, Step } from '../spec/units.ts';

/** Where one of two runs stands. */
export interface Stand {
  /** Instructions that were done before. */
  readonly step: Step;
  /** undefined: it has come to its end. */
  readonly pc: Pc | undefined;
  readonly text: string;
  /** `program.c:34`, and what stands there. */
  readonly line: string | undefined;
  readonly source: string | undefined;
}

/** Where two runs begin to do something else. */
export interface Parting {
  readonly left: Stand;
  readonly right: Stand;
  /** What both did in front of it: as a rule a branch. undefined: they part at once. */
  readonly before: readonly [left: Stand, right: Stand] | undefined;
  /** Of one program on two engines: the register that holds something else. */
  readonly register: number | undefined;
}

/** A session whose machine is made. */
export interface Runner {
  readonly session: Session & { readonly machine: Machine };
}

/** Instructions that are looked at. */
const MOST_STEPS = 1_000_000;
/** Instructions between which others may want something. */
const AT_ONCE = 10_000;

const END = 'the end of its run';

function standOf({ code, pc, status, steps }: Machine): Stand {
  const instruction = status === 'running' ? code.instructions[pc] : undefined;
  if (instruction === undefined)
    return { step: steps, pc: undefined, text: END, line: undefined, source: undefined };
  const line = lineAt(code, pc);
  return {
    step: steps,
    pc,
    text: instructionText(instruction),
    line: line && keyOfLine(line),
    source: line?.text.trim() || undefined,
  };
}

/**
 * What is compared of two runs: of one program the instructions; of two that know their source its
 * lines, since an instruction that is put in between changes registers and targets of others; else
 * what instructions do, without where they lead.
 */
type Measure = (stand: Stand) => string | undefined;

const byPlace: Measure = ({ pc }) => String(pc);
const bySource: Measure = ({ pc, source }) => (pc === undefined ? END : source);
const byText: Measure = ({ text }) => text.replace(/\b(goto|call) [+-]?\S+$/, '$1');

const hasSource = ({ code }: Machine): boolean =>
  code.instructions.some((_, pc) => (lineAt(code, pc)?.text ?? '').trim() !== '');

const otherRegister = (left: Machine, right: Machine): number | undefined => {
  const register = left.registers.findIndex((value, n) => value !== right.registers[n]);
  return register < 0 ? undefined : register;
};

/**
 * Runs a packet on both sides, one instruction at a time, and looks where they begin to do
 * something else; of the same program, also where a register differs. Both have run it to its end
 * behind that. undefined: they did the same, as far as was looked.
 */
export function partingOf(
  left: Runner,
  right: Runner,
  packet: number,
  frame: Uint8Array,
  isSameProgram: boolean,
): Work<Parting | undefined> {
  const work = partRuns(left.session, right.session, packet, frame, isSameProgram);
  return left.session.unrecorded(right.session.unrecorded(work));
}

function* partRuns(
  left: Runner['session'],
  right: Runner['session'],
  packet: number,
  frame: Uint8Array,
  isSameProgram: boolean,
): Work<Parting | undefined> {
  const sessions = [left, right];
  for (const session of sessions) session.beginFrame(packet, frame);
  const parting = sessions.every(({ bypass }) => bypass === undefined)
    ? yield* firstDifference(left, right, isSameProgram)
    : undefined;
  for (const session of sessions) yield* session.completeFrame(packet, frame);
  return parting;
}

function* firstDifference(
  left: Runner['session'],
  right: Runner['session'],
  isSameProgram: boolean,
): Work<Parting | undefined> {
  const [ours, theirs] = [left.machine, right.machine];
  const measure = isSameProgram
    ? byPlace
    : hasSource(ours) && hasSource(theirs)
      ? bySource
      : byText;
  const isByLine = measure === bySource;
  let before: Parting['before'];
  let [here, there] = [standOf(ours), standOf(theirs)];
  for (let done = 0; ours.steps < MOST_STEPS && theirs.steps < MOST_STEPS; done++) {
    const register = isSameProgram ? otherRegister(ours, theirs) : undefined;
    if (measure(here) !== measure(there) || register !== undefined)
      return { left: here, right: there, before, register };
    if (here.pc === undefined) return undefined;
    before = [here, there];
    here = nextStand(left, measure, isByLine ? measure(here) : undefined);
    there = nextStand(right, measure, isByLine ? measure(there) : undefined);
    if (done % AT_ONCE === 0) yield { what: 'looking where the runs part', done };
  }
  return undefined;
}

/** The next place of a run that has a measure, and another one than `now`. */
function nextStand(session: Runner['session'], measure: Measure, now: string | undefined): Stand {
  const { machine } = session;
  for (;;) {
    session.advance(machine.steps + 1);
    session.spendBudget();
    const stand = standOf(machine);
    const found = measure(stand);
    const isNews = found !== undefined && found !== now;
    if (isNews || stand.pc === undefined || stand.step >= MOST_STEPS) return stand;
  }
}
