import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENGINES } from '../jit/engines.ts';
import { finish, type Session } from '../session/session.ts';
import { asText, stateOf } from '../testing/compare-engines.ts';
import { randomSession } from '../testing/compare-random.ts';
import { type RandomProgram, randomProgram } from '../testing/random-program.ts';
import { snapshotOf } from '../view/snapshot.ts';
import type { Engine } from './engine.ts';
import type { Machine } from './machine.ts';
import { run, stopsAt } from './run.ts';

const MOST = 1500;

/** A random program, as it is or with a byte changed: that one faults, or runs into the limit. */
const programs = fc
  .record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    change: fc.option(
      fc.record({
        place: fc.double({ min: 0, max: 0.999, noNaN: true }),
        by: fc.integer({ min: 1, max: 255 }),
      }),
    ),
  })
  .map(({ seed, change }): RandomProgram => {
    const program = randomProgram(seed);
    const bytes = program.bytes.slice();
    if (change !== null) bytes[Math.floor(change.place * bytes.length)] ^= change.by;
    return { ...program, bytes };
  });

/** At the first step; undefined where the program does not link. */
function begun(program: RandomProgram, engine: Engine): Session | undefined {
  const session = randomSession(program, { maxSteps: MOST }, {}, engine);
  finish(session.prepare());
  if (session.machine === undefined) return undefined;
  finish(session.go({ how: 'reset' }));
  return session;
}

/** All that the page is shown, but for the words that say how one came there. */
const shown = (session: Session): string => asText({ ...snapshotOf(session), stopped: '' });

function singleSteps(machine: Machine, visit: () => void): void {
  for (visit(); machine.status === 'running' && machine.steps < MOST; visit())
    run(machine, machine.steps + 1);
}

describe.each(ENGINES)('a run comes to what single steps come to, $name', (engine) => {
  test('in all that is shown, marks and the last step among it', () => {
    fc.assert(
      fc.property(
        programs,
        fc.array(fc.integer({ min: 0, max: MOST }), { minLength: 8, maxLength: 8 }),
        (program, steps) => {
          const session = begun(program, engine);
          if (session === undefined) return;
          const machine = session.machine!;
          const at: string[] = [];
          singleSteps(machine, () => at.push(shown(session)));
          for (const step of [...steps.map((n) => n % at.length), at.length - 1]) {
            finish(session.go({ how: 'reset' }));
            run(machine, step);
            expect(shown(session)).toBe(at[step]);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('also without a record', () => {
    fc.assert(
      fc.property(programs, (program) => {
        const session = begun(program, engine);
        if (session === undefined) return;
        const machine = session.machine!;
        singleSteps(machine, () => {});
        const recorded = asText(stateOf(machine));
        finish(session.go({ how: 'reset' }));
        machine.recorder = null;
        run(machine, MOST);
        expect(asText(stateOf(machine))).toBe(recorded);
      }),
      { numRuns: 300 },
    );
  });

  test('and stops wherever single steps come to a stop', () => {
    fc.assert(
      fc.property(
        programs,
        fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
        (program, places) => {
          const session = begun(program, engine);
          if (session === undefined) return;
          const machine = session.machine!;
          const visited: number[] = [];
          singleSteps(machine, () => {
            if (machine.status === 'running' && machine.steps < MOST) visited.push(machine.pc);
          });
          const slots = places.map((place) => visited[place % visited.length]);
          const visits = visited.flatMap((pc, step) => (slots.includes(pc) ? [step] : []));
          finish(session.go({ how: 'reset' }));
          const stops = stopsAt(machine.code, slots);
          const stopped: number[] = [];
          while (run(machine, MOST, stops, stopped.at(-1) ?? -1)) stopped.push(machine.steps);
          expect(stopped).toEqual(visits);
        },
      ),
      { numRuns: 300 },
    );
  });
});
