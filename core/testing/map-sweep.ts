// Random uses of one map of each type that keeps what a program puts in: what each answers goes
// into a map of results, so that one wrong answer is seen. Small maps, few keys, every flag.
import { assemble } from '../asm/assemble.ts';
import { toHex } from '../bytes/hex.ts';
import type { Engine } from '../machine/engine.ts';
import { loadRaw } from '../object/raw.ts';
import { inputsFor } from '../session/inputs.ts';
import { mapContents } from '../session/outcome.ts';
import { finish, Session } from '../session/session.ts';
import { helperByName } from '../spec/helpers.ts';
import { MAP_FLAGS, MAP_TYPE_ID, MAP_TYPES } from '../spec/map-types.ts';
import { programType } from '../spec/program-types.ts';
import { TCP4 } from './frames.ts';
import type { KernelAnswer, KernelJob, KernelMap } from './kernel.ts';
import { Random } from './random.ts';
import { definitionOf, loadsOf } from './raw-programs.ts';

/** Maps by name, as they are made; several of a type where flags make it another. */
export const SWEPT_MAPS = {
  hash: { type: MAP_TYPE_ID.hash, key: 4, value: 8, entries: 4 },
  'hash, not preallocated': {
    type: MAP_TYPE_ID.hash,
    key: 4,
    value: 8,
    entries: 4,
    flags: MAP_FLAGS.BPF_F_NO_PREALLOC,
  },
  array: { type: MAP_TYPE_ID.array, key: 4, value: 8, entries: 4 },
  percpu_hash: { type: MAP_TYPE_ID.percpu_hash, key: 4, value: 8, entries: 4 },
  percpu_array: { type: MAP_TYPE_ID.percpu_array, key: 4, value: 8, entries: 4 },
  lru_hash: { type: MAP_TYPE_ID.lru_hash, key: 4, value: 8, entries: 4 },
  lru_percpu_hash: { type: MAP_TYPE_ID.lru_percpu_hash, key: 4, value: 8, entries: 4 },
  lpm_trie: {
    type: MAP_TYPE_ID.lpm_trie,
    key: 6,
    value: 8,
    entries: 4,
    flags: MAP_FLAGS.BPF_F_NO_PREALLOC,
  },
  queue: { type: MAP_TYPE_ID.queue, key: 0, value: 8, entries: 3 },
  stack: { type: MAP_TYPE_ID.stack, key: 0, value: 8, entries: 3 },
} as const satisfies Record<string, KernelMap>;
export type SweptMapName = keyof typeof SWEPT_MAPS;

const USES = 40;
const KEYS = 7;
const RESULT_BYTES = 16;
const RESULTS: KernelMap = {
  type: MAP_TYPE_ID.array,
  key: 4,
  value: USES * RESULT_BYTES,
  entries: 1,
};
/** Below r10. */
const KEY = 8;
const VALUE = 16;

const call = (helper: string): string => `call ${helperByName(helper)!.id}`;
const PLACES = {
  map: 'ld_pseudo r1, 0x1, 1',
  key: `r2 = r10; r2 += ${-KEY}`,
  valueSecond: `r2 = r10; r2 += ${-VALUE}`,
  valueThird: `r3 = r10; r3 += ${-VALUE}`,
};

/** A use of the map; r0 is what it answered, and the value on the stack what it gave or took. */
const WAYS: Readonly<Record<string, (random: Random, at: number) => string>> = {
  map_lookup_elem: (random, at) =>
    [
      PLACES.map,
      PLACES.key,
      call('map_lookup_elem'),
      `if r0 == 0 goto none${at}`,
      'r1 = *(u64 *)(r0 + 0)',
      `*(u64 *)(r10 - ${VALUE}) = r1`,
      ...(random.chance(3) ? ['r1 += 0x100', '*(u64 *)(r0 + 0) = r1'] : []),
      'r0 = 1',
      `none${at}: r0 += 0`,
    ].join('; '),
  map_update_elem: (random) =>
    [
      PLACES.map,
      PLACES.key,
      PLACES.valueThird,
      `r4 = ${random.pick([0, 0, 0, 1, 2, 3, 4, 8])}`,
      call('map_update_elem'),
    ].join('; '),
  map_delete_elem: () => [PLACES.map, PLACES.key, call('map_delete_elem')].join('; '),
  map_push_elem: (random) =>
    [
      PLACES.map,
      PLACES.valueSecond,
      `r3 = ${random.pick([0, 0, 0, 1, 2, 2, 3])}`,
      call('map_push_elem'),
    ].join('; '),
  map_pop_elem: () => [PLACES.map, PLACES.valueSecond, call('map_pop_elem')].join('; '),
  map_peek_elem: () => [PLACES.map, PLACES.valueSecond, call('map_peek_elem')].join('; '),
};

/** Of an LPM trie a prefix and two bytes, else a number; some beyond the map's last index. */
function keyOf(name: SweptMapName, random: Random): string {
  const number = random.below(KEYS);
  if (name !== 'lpm_trie') return `r1 = ${number}; *(u64 *)(r10 - ${KEY}) = r1`;
  const prefix = random.pick([0, 1, 7, 8, 9, 12, 15, 16, 17]);
  const bytes = random.pick([0x000a, 0x010a, 0x000b, 0x800a, 0x0000, 0xffff]);
  return (
    `r1 = ${prefix}; *(u32 *)(r10 - ${KEY}) = r1; ` +
    `r1 = ${bytes}; *(u16 *)(r10 - ${KEY - 4}) = r1`
  );
}

function programOf(name: SweptMapName, seed: number): Uint8Array {
  const random = new Random(seed * 64 + Object.keys(SWEPT_MAPS).indexOf(name));
  const { type } = SWEPT_MAPS[name];
  const helpers = MAP_TYPES.find(({ id }) => id === type)!.helpers.filter((one) => WAYS[one]);
  const lines = ['ld_pseudo r9, 0x2, 0', `r1 = 0; *(u64 *)(r10 - ${KEY}) = r1`];
  for (let at = 0; at < USES; at++) {
    const helper = random.pick(helpers);
    lines.push(
      keyOf(name, random),
      `r1 = ${0x1000 + at}; *(u64 *)(r10 - ${VALUE}) = r1`,
      WAYS[helper](random, at),
      `*(u64 *)(r9 + ${at * RESULT_BYTES}) = r0`,
      `r1 = *(u64 *)(r10 - ${VALUE}); *(u64 *)(r9 + ${at * RESULT_BYTES + 8}) = r1`,
    );
  }
  lines.push('r0 = 1; exit');
  return assemble(lines.join('; '));
}

export function mapSweepJob(name: SweptMapName, seed: number): KernelJob {
  const bytes = programOf(name, seed);
  return {
    type: programType('xdp').id!,
    insns: toHex(bytes),
    maps: [RESULTS, SWEPT_MAPS[name]],
    refs: loadsOf(bytes, 'map').map((slot) => [slot, 1] as const),
    values: loadsOf(bytes, 'map-value').map((slot) => [slot, 0] as const),
    runs: [{ packet: toHex(TCP4) }],
    dump: true,
  };
}

export const mapSweepInKernel = ({ errno, runs, maps }: KernelAnswer): string | undefined =>
  errno === 0 && runs?.[0]?.errno === 0 ? maps![0][0][1] : undefined;

const linear = new WebAssembly.Memory({ initial: 1 });

export function mapSweepHere(name: SweptMapName, seed: number, engine: Engine): string {
  const bytes = programOf(name, seed);
  const session = new Session(
    {
      ...inputsFor(name, bytes),
      hook: 'xdp',
      packets: [{ name: 'swept', bytes: TCP4 }],
    },
    linear,
    {
      ...loadRaw(name, bytes),
      maps: [definitionOf(RESULTS, 'results'), definitionOf(SWEPT_MAPS[name], name)],
    },
  );
  session.runBy(engine);
  session.load(1);
  if (session.problem !== undefined) return session.problem;
  session.begin(0);
  finish(session.complete(0, false));
  const { fault } = session.outcome!;
  return fault?.message ?? toHex(mapContents(session.machine!, 0).entries[0].value);
}

/** From the project's root; of each map so many seeds are kept. */
export const MAP_SWEEP_FILE = 'core/testdata/kernel/map-sweep.json';
export const MAP_SWEEP_KEPT = 25;
