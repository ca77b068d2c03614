import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { folderOf, inputsOfExample } from '../protocol/example.ts';
import { EXAMPLES } from '../testing/examples.ts';
import { Random } from '../testing/random.ts';
import { snapshotOf } from '../view/snapshot.ts';
import { inputsFor } from './inputs.ts';
import { mapContents } from './outcome.ts';
import { finish, Session, type Work } from './session.ts';
import type { SessionInputs } from './types.ts';

const FOLDER = join(import.meta.dirname, '../../public/examples');
const PACKETS = 60;
const linear = new WebAssembly.Memory({ initial: 1 });
const other = new WebAssembly.Memory({ initial: 1 });

/** The packets of an example in any order, again and again, so that its maps come to hold much. */
function many(example: (typeof EXAMPLES)[number], random: Random): SessionInputs {
  const object = new Uint8Array(readFileSync(join(FOLDER, folderOf(example), example.object)));
  const inputs = inputsOfExample(example, object, []);
  const packets = Array.from({ length: PACKETS }, () => random.pick(inputs.packets));
  return { ...inputs, packets, packet: 0, settings: { ...inputs.settings, gap: '1000' } };
}

/** All that a person can see of where a session stands, and of how its packet ends. */
function standing(session: Session): unknown {
  const { machine, outcome, bypass, stopped, initialMaps } = session;
  const maps = () => machine!.maps.map((_, i) => mapContents(machine!, i, 1000));
  const before = { maps: maps(), time: machine!.surroundings.time, at: machine!.steps };
  finish(session.go({ how: 'end' }));
  const after = { maps: maps(), r0: machine!.registers[0], status: machine!.status };
  return { outcome, bypass, stopped, initialMaps, before, after };
}

describe('a packet that is selected is as it is where it is opened', () => {
  test.each(EXAMPLES.map((example) => [example.name, example] as const))('%s', (name, example) => {
    const random = new Random(name.length + 3);
    const inputs = many(example, random);
    const session = new Session(inputs, linear);
    finish(session.prepareSelected());
    for (let i = 0; i < 6; i++) {
      const packet = random.below(PACKETS);
      const isLater = random.below(2) === 0;
      if (isLater) finish(session.runOthers(session.ranSteps + 200));
      finish(session.select(packet));
      const fresh = new Session({ ...inputs, packet }, other);
      finish(fresh.prepareSelected());
      expect(standing(session)).toEqual(standing(fresh));
    }
    finish(session.runOthers());
    const all = new Session(inputs, other);
    finish(all.prepare());
    expect(session.outcomes).toEqual(all.outcomes);
    expect([session.ranPackets, session.canRunMore]).toEqual([PACKETS, false]);
  });
});

test('verdicts come in parts, and the session stands where it stood meanwhile', () => {
  const inputs = many(EXAMPLES.find(({ name }) => name === 'rate-limit')!, new Random(5));
  const session = new Session({ ...inputs, packet: 2 }, linear);
  finish(session.prepareSelected());
  expect(session.ranPackets).toBe(3);
  finish(session.go({ how: 'into' }));
  const shown = snapshotOf(session);
  const parts: number[] = [];
  while (session.canRunMore) {
    finish(session.runOthers(session.ranSteps + 100));
    parts.push(session.ranPackets);
    expect([session.machine!.steps, session.inputs.packet]).toEqual([1, 2]);
    expect(snapshotOf(session)).toEqual(shown);
  }
  expect(parts.length).toBeGreaterThan(5);
  expect(parts.at(-1)).toBe(PACKETS);
});

/** Lets work go on for so many breaths, and gives it up. */
function giveUp(work: Work<unknown>, breaths: number): void {
  for (let i = 0; i < breaths; i++) work.next();
  work.return(undefined);
}

test('where the selected packet was given up no other is run; what was run of others stays', () => {
  const loop = 'r1 = 200000; again: r1 += -1; if r1 != 0 goto again; r0 = 7; exit';
  const packets = Array.from({ length: 9 }, (_, i) => ({ name: `${i}`, bytes: Uint8Array.of(i) }));
  const inputs = { ...inputsFor('loop.bin', assemble(loop)), hook: 'ubpf' as const, packets };
  const session = new Session(inputs, linear);
  giveUp(session.prepareSelected(), 1);
  expect([session.outcome, session.canRunMore]).toEqual([undefined, false]);
  finish(session.select(0));
  expect([session.ranPackets, session.canRunMore]).toEqual([1, true]);
  giveUp(session.runOthers(), 9);
  expect(session.ranPackets).toBeGreaterThan(1);
  expect(session.ranPackets).toBeLessThan(9);
  finish(session.runOthers());
  expect(session.outcomes.map((outcome) => outcome?.r0)).toEqual(Array(9).fill(7n));
});
