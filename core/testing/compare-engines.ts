// The same run on several engines: all that it leaves, compared.
import { isEqualBytes } from '../bytes/equal.ts';
import { toHex } from '../bytes/hex.ts';
import { type Engine, INTERPRETER } from '../machine/engine.ts';
import type { Machine } from '../machine/machine.ts';
import { finish, type Session } from '../session/session.ts';
import { sessionHere } from './compare-helpers.ts';
import { randomSession } from './compare-random.ts';
import { TRIED_ENGINES } from './engines.ts';
import { Random } from './random.ts';
import { randomHelperProgram } from './random-helpers.ts';
import { type RandomKind, randomProgram } from './random-program.ts';

/** Enough for a random program; what was damaged may run for ever. */
const MOST_STEPS = 3000;

/** What another engine takes over where one was stopped after a few steps. */
export const alternating = (random: Random): Engine => ({
  name: 'alternating',
  stepsAtOnce: INTERPRETER.stepsAtOnce,
  run(machine, end, stops) {
    let due = machine.steps;
    while (machine.steps === due && due < end) {
      due = Math.min(end, due + random.between(1, random.pick([3, 30, 300])));
      random.pick(TRIED_ENGINES).run(machine, due, stops);
    }
  },
});

/** All that a run changes, without what a recorder keeps; memory beside it. */
export function stateOf(machine: Machine): { readonly text: string; readonly memory: Uint8Array } {
  const { typed, marks: _, memory, ...image } = machine.save();
  const { bytes, ...table } = memory;
  const structures = typed.map(([region, , saved]) => [region, saved]);
  return { text: asText({ ...image, table, structures }), memory: bytes };
}

/** Values of any kind as text, names in front of them. */
export const asText = (value: unknown): string =>
  JSON.stringify(value, (_key, item) => {
    if (item instanceof Uint8Array) return toHex(item);
    if (ArrayBuffer.isView(item)) return [...(item as Int32Array)].map(String);
    if (item instanceof Map) return [...item];
    return typeof item === 'bigint' ? String(item) : item;
  });

/** Where two texts part, with what stands around it. */
function firstDifference(ours: string, theirs: string): string {
  let at = 0;
  while (ours[at] === theirs[at]) at++;
  const around = (text: string): string => text.slice(Math.max(0, at - 60), at + 60);
  return `...${around(ours)}... and ...${around(theirs)}...`;
}

/** What the states of two machines differ in; undefined where they are the same. */
export function differenceOf(
  { text, memory }: ReturnType<typeof stateOf>,
  other: ReturnType<typeof stateOf>,
): string | undefined {
  if (text !== other.text) return firstDifference(text, other.text);
  if (isEqualBytes(memory, other.memory)) return undefined;
  const at = memory.findIndex((byte, i) => byte !== other.memory[i]);
  return `byte ${at} of memory: ${memory[at]} and ${other.memory[at]}`;
}

/** A run of a program on an engine, to its end; undefined where it does not load. */
type RunOn = (engine: Engine) => Machine | undefined;

/** What a run on another engine than the interpreter leaves otherwise, with the engine's name. */
export function engineDifferences(run: RunOn, seed: number): string[] {
  const machine = run(INTERPRETER);
  if (machine === undefined) return [];
  const expected = stateOf(machine);
  const others = [...TRIED_ENGINES, alternating(new Random(seed))].slice(1);
  return others.flatMap((engine) => {
    const difference = differenceOf(expected, stateOf(run(engine)!));
    return difference === undefined ? [] : [`${engine.name}: ${difference}`];
  });
}

/** Every packet of a session, one after the other: the machine behind the last of them. */
export function runPackets(session: Session): Machine | undefined {
  session.load();
  for (let k = 0; k < session.inputs.packets.length && session.machine; k++) {
    session.begin(k);
    finish(session.complete(k, false));
  }
  return session.machine;
}

/** A random program, some with a byte changed: those fault in places, or run into the limit. */
function runRandom(seed: number, kind: RandomKind, isDamaged: boolean): RunOn {
  const made = randomProgram(seed, kind);
  const bytes = made.bytes.slice();
  const random = new Random(seed);
  if (isDamaged) bytes[random.below(bytes.length)] ^= random.between(1, 255);
  const program = { ...made, bytes };
  return (engine) => runPackets(randomSession(program, { maxSteps: MOST_STEPS }, {}, engine));
}

/** Pools of random programs: what a seed's is, to be run on an engine. */
export const ENGINE_POOLS: Readonly<Record<string, (seed: number) => RunOn>> = {
  kernel: (seed) => runRandom(seed, 'kernel', false),
  damaged: (seed) => runRandom(seed, 'kernel', true),
  world: (seed) => runRandom(seed, 'world', false),
  'world, damaged': (seed) => runRandom(seed, 'world', true),
  helpers: (seed) => {
    const program = randomHelperProgram(seed);
    return (engine) => sessionHere(program, engine).machine;
  },
};
