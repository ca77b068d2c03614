// The same run on several engines: all that it leaves, compared.
import { assemble } from '../asm/assemble.ts';
import { isEqualBytes } from '../bytes/equal.ts';
import { toHex } from '../bytes/hex.ts';
import { JIT } from '../jit/jit.ts';
import { type Engine, INTERPRETER } from '../machine/engine.ts';
import type { Machine } from '../machine/machine.ts';
import { loadRaw } from '../object/raw.ts';
import type { MapDefinition } from '../object/types.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, Session } from '../session/session.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { sessionHere } from './compare-helpers.ts';
import { randomSession } from './compare-random.ts';
import { TRIED_ENGINES } from './engines.ts';
import type { KernelMap } from './kernel.ts';
import { Random } from './random.ts';
import { randomAccesses } from './random-accesses.ts';
import { randomHelperProgram } from './random-helpers.ts';
import { randomCountedLoop, randomLoop } from './random-loop.ts';
import { type RandomKind, randomProgram } from './random-program.ts';
import { definitionOf } from './raw-programs.ts';

const linear = new WebAssembly.Memory({ initial: 1 });

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

/** All that a run changes; memory beside it. `marks`: with those of what was read and written. */
export function stateOf(
  machine: Machine,
  marks = false,
): { readonly text: string; readonly memory: Uint8Array } {
  const { typed, memory, ...image } = machine.save();
  const { bytes, ...table } = memory;
  if (machine.recorder && !marks) {
    const { marksAt, marked } = machine.recorder;
    bytes.fill(0, marksAt, marksAt + marked);
  }
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
  const [expected, withMarks] = [stateOf(machine), stateOf(machine, true)];
  const others = [...TRIED_ENGINES, alternating(new Random(seed))].slice(1);
  const found = others.map((engine) => ({
    by: engine.name,
    difference: differenceOf(expected, stateOf(run(engine)!)),
  }));
  found.push({ by: 'jit, marking', difference: differenceOf(withMarks, stateOf(run(JIT)!, true)) });
  return found.flatMap(({ by, difference }) => (difference ? [`${by}: ${difference}`] : []));
}

/** Every packet of a session, one after the other: the machine behind the last of them. */
export function runPackets(session: Session): Machine | undefined {
  // With room for what compiled code remembers of maps.
  session.load(1);
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

const ACCESS_MAPS: readonly KernelMap[] = [
  { type: MAP_TYPE_ID.hash, key: 4, value: 16, entries: 3 },
  { type: MAP_TYPE_ID.array, key: 4, value: 16, entries: 3 },
  { type: MAP_TYPE_ID.percpu_hash, key: 4, value: 16, entries: 4 },
  { type: MAP_TYPE_ID.lru_hash, key: 4, value: 16, entries: 3 },
  { type: MAP_TYPE_ID.percpu_array, key: 4, value: 12, entries: 2 },
];
const GLOBALS: MapDefinition = {
  ...definitionOf({ type: MAP_TYPE_ID.array, key: 4, value: 64, entries: 1 }, '.bss'),
  origin: 'global',
  initialValue: new Uint8Array(64),
};

/** A session on a program of random-accesses.ts, not yet loaded. */
export function accessSession(
  seed: number,
  engine: Engine,
  packets: readonly Uint8Array[],
): Session {
  const { hook, bytes } = randomAccesses(seed, ACCESS_MAPS.length);
  const inputs = inputsFor(`seed ${seed}`, bytes);
  const session = new Session(
    {
      ...inputs,
      hook,
      packets: packets.map((packet, i) => ({ name: `${i}`, bytes: packet })),
      settings: { ...inputs.settings, maxSteps: MOST_STEPS },
    },
    linear,
    {
      ...loadRaw(`seed ${seed}`, bytes),
      maps: [...ACCESS_MAPS.map((map, i) => definitionOf(map, `map${i}`)), GLOBALS],
    },
  );
  session.runBy(engine);
  return session;
}

/** A session on a loop over bytes of a packet, or of so many rounds, not yet loaded. */
export function loopSession(seed: number, engine: Engine, packets: readonly Uint8Array[]): Session {
  const random = new Random(seed);
  const bytes = assemble(random.pick([randomLoop, randomCountedLoop])(random));
  const inputs = inputsFor(`seed ${seed}`, bytes);
  const session = new Session(
    {
      ...inputs,
      hook: 'ubpf',
      packets: packets.map((packet, i) => ({ name: `${i}`, bytes: packet })),
      settings: { ...inputs.settings, maxSteps: random.pick([40, 150, MOST_STEPS]) },
    },
    linear,
  );
  session.runBy(engine);
  return session;
}

/** Packets of many lengths; some are IPv4, which filter-ubpf looks at. */
export function packetsOf(seed: number, count: number): Uint8Array[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const packet = random.bytes(random.pick([0, 1, 14, 20, 34, 54, 60, 64, 80, 200]));
    if (packet.length >= 34) packet.set([8, 0, 0x45], 12);
    return packet;
  });
}

/** Pools of random programs: what a seed's is, to be run on an engine. */
export const ENGINE_POOLS: Readonly<Record<string, (seed: number) => RunOn>> = {
  kernel: (seed) => runRandom(seed, 'kernel', false),
  damaged: (seed) => runRandom(seed, 'kernel', true),
  world: (seed) => runRandom(seed, 'world', false),
  'world, damaged': (seed) => runRandom(seed, 'world', true),
  accesses: (seed) => (engine) => runPackets(accessSession(seed, engine, packetsOf(seed, 5))),
  loops: (seed) => (engine) => runPackets(loopSession(seed, engine, packetsOf(seed, 5))),
  helpers: (seed) => {
    const program = randomHelperProgram(seed);
    return (engine) => sessionHere(program, engine).machine;
  },
};
