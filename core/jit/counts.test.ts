// How often control came to each instruction: as compiled code counts it, against single steps.
import { describe, expect, test } from 'vitest';
import { type Engine, INTERPRETER } from '../machine/engine.ts';
import { finish, type Session } from '../session/session.ts';
import { accessSession, loopSession, packetsOf } from '../testing/compare-engines.ts';
import { randomSession } from '../testing/compare-random.ts';
import { Random } from '../testing/random.ts';
import { randomProgram } from '../testing/random-program.ts';
import { session } from '../testing/run.ts';
import { InstructionCounts } from './counts.ts';
import { compiledCodeOf, JIT } from './jit.ts';

const nobody = { places: new Set<number>(), reached: () => undefined };

/** Of all packets of a session, with the steps that they took. */
function countedBy(engine: Engine, open: (engine: Engine) => Session) {
  const session = open(engine);
  session.load(1);
  const { machine } = session;
  if (machine === undefined) return undefined;
  machine.recorder = null;
  const counts = new InstructionCounts(machine.code.slots);
  if (engine === JIT) compiledCodeOf(machine).watch({ ...nobody, counts });
  let steps = 0;
  for (let k = 0; k < session.inputs.packets.length; k++) {
    session.begin(k);
    if (engine === INTERPRETER && session.bypass === undefined) stepThrough(session, counts);
    steps += finish(session.complete(k, false)).steps;
  }
  return { steps, totals: [...counts.totals] };
}

function stepThrough(session: Session, counts: InstructionCounts): void {
  const machine = session.machine!;
  const { maxSteps } = session.inputs.settings;
  while (machine.status === 'running' && machine.steps < maxSteps) {
    counts.came(machine.pc);
    session.advance(machine.steps + 1);
  }
}

/** Others in each run of the suite. */
const FIRST = Date.now() % 1_000_000_000;
const COUNT = 60;

const random = (seed: number, isDamaged: boolean) => {
  const made = randomProgram(seed, 'kernel');
  const bytes = made.bytes.slice();
  const by = new Random(seed);
  if (isDamaged) bytes[by.below(bytes.length)] ^= by.between(1, 255);
  return (engine: Engine) => randomSession({ ...made, bytes }, { maxSteps: 1500 }, {}, engine);
};
const POOLS: Readonly<Record<string, (seed: number) => (engine: Engine) => Session>> = {
  programs: (seed) => random(seed, false),
  'programs, damaged': (seed) => random(seed, true),
  accesses: (seed) => (engine) => accessSession(seed, engine, packetsOf(seed, 5)),
  loops: (seed) => (engine) => loopSession(seed, engine, packetsOf(seed, 5)),
};

describe.each(Object.entries(POOLS))(`random %s from seed ${FIRST} on`, (_name, pool) => {
  test('come to each instruction as often', () => {
    for (let seed = FIRST; seed < FIRST + COUNT; seed++)
      expect([seed, countedBy(JIT, pool(seed))]).toEqual([
        seed,
        countedBy(INTERPRETER, pool(seed)),
      ]);
  });
});

describe('an instruction counts', () => {
  const totals = (source: string) =>
    countedBy(JIT, (engine) => session(source, { hook: 'xdp', packet: '00'.repeat(20), engine }))!
      .totals;
  test('once for each round', () => {
    expect(totals('r0 = 5; again: r0 += -1; if r0 != 0 goto again; r0 = 2; exit')).toEqual([
      1, 5, 5, 1, 1,
    ]);
  });
  test('where it faults, and none behind it does', () => {
    expect(totals('r2 = 8; r0 = *(u8 *)(r2 + 0); r0 = 1; exit')).toEqual([1, 1, 0, 0]);
  });
  test('behind one that the interpreter did for compiled code, too', () => {
    // A pointer to a part of the context that is known by its field alone.
    expect(totals('r2 = *(u32 *)(r1 + 4); r2 = 3; r0 = 1; exit')).toEqual([1, 1, 1, 1]);
  });
  test('in functions', () => {
    expect(totals('r6 = 3; again: call f; r6 += -1; if r6 != 0 goto again; exit; f: r0 = 1; exit'))
      // The last two are the function.
      .toEqual([1, 3, 3, 3, 1, 3, 3]);
  });
});
