// Calls of every helper that needs no map and asks nothing of its surroundings, with the values at
// which helpers change their mind: one argument at a time, then several at random. Made from the
// prototypes, so that a helper that is built later is swept too.
import { assemble } from '../asm/assemble.ts';
import { toHex } from '../bytes/hex.ts';
import type { Engine } from '../machine/engine.ts';
import { loadRaw } from '../object/raw.ts';
import { inputsFor } from '../session/inputs.ts';
import { fingerprint, mapContents } from '../session/outcome.ts';
import { finish, Session } from '../session/session.ts';
import { HELPER_EFFECTS } from '../spec/helper-effects.ts';
import { BUILT_HELPERS, type BuiltHelperName, helperByName, prototypeOf } from '../spec/helpers.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import type { Argument } from '../spec/prototypes.ts';
import { TEST_RUN_SKB, testRunOptions } from './compare-random.ts';
import { TCP4, TCP6 } from './frames.ts';
import type { KernelAnswer, KernelJob } from './kernel.ts';
import { Random } from './random.ts';
import { definitionOf, loadsOf } from './raw-programs.ts';
import { packetOut } from './test-run.ts';

/** Hooks whose programs BPF_PROG_TEST_RUN gives a packet that begins where it does in a kernel. */
const HOOKS = [
  'xdp',
  'tc',
  'cgroup_skb',
  'lwt_in',
  'lwt_out',
  'lwt_xmit',
  'flow_dissector',
] as const satisfies readonly HookName[];

/** Values of an argument that may be anything: small ones, sizes of headers, ends of ranges. */
const VALUES = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 15, 16, 17, 18, 20, 24, 28, 32, 33, 34, 36, 40, 54],
  ...[60, 63, 64, 74, 94, 100, 128, 256, 512, 1024, 4096, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff],
  ...[0x8000_0000, 0xffff_ffff, 2 ** 32, 2 ** 32 + 14],
].map(BigInt);
const NEGATIVE = [-1n, -2n, -4n, -8n, -14n, -20n, -22n, -64n, -4096n];
const ANYTHING = [...VALUES, ...NEGATIVE];
const SIZES = [1n, 2n, 4n, 6n, 8n, 12n, 16n, 20n, 28n, 40n, 44n, 48n];
/** Bytes of stack that each argument of memory has. */
const AREA = 64;
const AREAS = 5;
/** Calls with all arguments at random. */
const MIXED = 40;

export interface SweptCall {
  readonly helper: BuiltHelperName;
  readonly hook: HookName;
  readonly values: readonly bigint[];
  readonly frame: Uint8Array;
}

/** Values an argument is tried with; undefined: it cannot be made from the prototype alone. */
function valuesOf({ type, flags }: Argument): readonly bigint[] | undefined {
  switch (type) {
    case 'ctx':
      return [0n];
    case 'anything':
      return ANYTHING;
    case 'mem':
      return flags?.includes('maybe_null') ? [0n, 1n] : [1n];
    case 'const_size':
      return SIZES;
    case 'const_size_or_zero':
      return [0n, ...SIZES];
    default:
      return undefined;
  }
}

/** What the others are while one argument is swept. */
const BASES = [
  (values: readonly bigint[]) => values[0],
  (values: readonly bigint[]) => values[Math.min(values.length - 1, 4)],
  (values: readonly bigint[]) => values.find((value) => value === 14n) ?? values.at(-1)!,
];

function sweep(helper: BuiltHelperName, hook: HookName): SweptCall[] {
  const row = helperByName(helper)!;
  const wanted = prototypeOf(row, hook)!.arguments.map(valuesOf);
  if (wanted.some((values) => values === undefined)) return [];
  const choices = wanted as (readonly bigint[])[];
  const random = new Random(row.id * 16 + HOOKS.indexOf(hook as (typeof HOOKS)[number]));
  const tried = new Map<string, readonly bigint[]>();
  const add = (values: readonly bigint[]) => tried.set(values.join(), values);
  for (const base of BASES) {
    const still = choices.map(base);
    for (const [i, values] of choices.entries())
      for (const value of values) add(still.with(i, value));
  }
  for (let i = 0; i < MIXED; i++) add(choices.map((values) => random.pick(values)));
  return [...tried.values()].map((values, i) => ({
    helper,
    hook,
    values,
    frame: i % 3 === 2 ? TCP6 : TCP4,
  }));
}

/**
 * A test run gives no answer that would hold for packets: it makes no packet buffer for a flow
 * dissector (__bpf_prog_test_run_flow_dissector), and a flow's hash is by a key of this boot.
 */
const NOT_BY_TEST_RUN: ReadonlySet<string> = new Set([
  'flow_dissector skb_load_bytes',
  ...HOOKS.map((hook) => `${hook} get_hash_recalc`),
]);

/** Every call, by hook and helper. */
export function sweptCalls(): ReadonlyMap<string, readonly SweptCall[]> {
  const groups = new Map<string, readonly SweptCall[]>();
  for (const helper of Object.keys(BUILT_HELPERS) as BuiltHelperName[]) {
    if (HELPER_EFFECTS[helper].asks) continue;
    for (const hook of HOOKS) {
      if (!helperByName(helper)!.hooks.includes(hook)) continue;
      if (NOT_BY_TEST_RUN.has(`${hook} ${helper}`)) continue;
      const calls = sweep(helper, hook);
      if (calls.length > 0) groups.set(`${hook} ${helper}`, calls);
    }
  }
  return groups;
}

const RESULT_BYTES = 8 + AREAS * AREA;
const RESULTS = { type: MAP_TYPE_ID.array, key: 4, value: RESULT_BYTES, entries: 1 } as const;

/**
 * The program: memory with different bytes everywhere, the call, and what it answered and left
 * behind as the value of the map.
 */
function programOf({ helper, hook, values }: SweptCall): Uint8Array {
  const { id } = helperByName(helper)!;
  const wanted = prototypeOf(helperByName(helper)!, hook)!.arguments;
  const offsets = Array.from({ length: (AREAS * AREA) / 8 }, (_, i) => 8 * (i + 1));
  const filled = offsets.map((offset) => {
    const word = (0x0102_0408_1020_4081n * BigInt(2 * offset + 1)) & 0xffff_ffff_ffff_ffffn;
    return `r1 = 0x${word.toString(16)} ll; *(u64 *)(r10 - ${offset}) = r1`;
  });
  const given = wanted.map(({ type }, i) => {
    const register = `r${i + 1}`;
    if (type === 'ctx') return `${register} = r6`;
    if (type === 'mem' && values[i] !== 0n)
      return `${register} = r10; ${register} += ${-AREA * (i + 1)}`;
    return `${register} = 0x${BigInt.asUintN(64, values[i]).toString(16)} ll`;
  });
  const kept = offsets.map(
    (offset) => `r1 = *(u64 *)(r10 - ${offset}); *(u64 *)(r9 + ${offset}) = r1`,
  );
  const source = [
    'r6 = r1',
    ...filled,
    ...given,
    `call ${id}`,
    'ld_pseudo r9, 0x2, 0',
    '*(u64 *)(r9 + 0) = r0',
    ...kept,
    'r0 = 0; exit',
  ];
  return assemble(source.join('; '));
}

export function sweptJob(call: SweptCall): KernelJob {
  const bytes = programOf(call);
  const { id, attach } = programType(call.hook);
  return {
    type: id!,
    attach,
    insns: toHex(bytes),
    maps: [RESULTS],
    values: loadsOf(bytes, 'map-value').map((slot) => [slot, 0] as const),
    runs: [{ packet: toHex(call.frame) }],
    dump: true,
  };
}

/** r0, memory and packet after a call; undefined where the verifier refused the program. */
export function sweptInKernel({ errno, runs, maps }: KernelAnswer): string | undefined {
  if (errno !== 0 || runs?.[0]?.errno !== 0) return undefined;
  return `${maps![0][0][1]} ${runs[0].packet}`;
}

const linear = new WebAssembly.Memory({ initial: 1 });

export function sweptHere(call: SweptCall, engine: Engine): string {
  const bytes = programOf(call);
  const { hook, frame } = call;
  const session = new Session(
    {
      ...inputsFor(call.helper, bytes),
      hook,
      packets: [{ name: 'swept', bytes: frame }],
      context: programType(hook).context === '__sk_buff' ? TEST_RUN_SKB : [],
      options: testRunOptions(hook),
    },
    linear,
    { ...loadRaw(call.helper, bytes), maps: [definitionOf(RESULTS, 'results')] },
  );
  session.runBy(engine);
  session.load();
  if (session.problem !== undefined) return session.problem;
  session.begin(0);
  finish(session.complete(0, false));
  const { fault } = session.outcome!;
  if (fault) return fault.message;
  return `${toHex(mapContents(session.machine!, 0).entries[0].value)} ${packetOut(session)}`;
}

/** From the project's root. */
export const SWEEP_FILE = 'core/testdata/kernel/helper-sweep.json';

/** A short word for an answer, `-` for none: what is kept of it. */
export const sweepFingerprint = (answer: string | undefined): string =>
  answer === undefined ? '-' : fingerprint(answer).slice(0, 8);
