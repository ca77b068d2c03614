import type { Instruction } from '../asm/decode.ts';
import { controlFlowOf } from '../machine/control-flow.ts';
import type { Machine } from '../machine/machine.ts';
import type { PointerUses } from '../program/pointers.ts';
import { type CallMemory, type CallTaken, readsUnwritten } from '../program/unwritten-stack.ts';
import { MOST_SLOTS, pointerUsesOf } from '../session/pointer-uses.ts';
import type { Session } from '../session/session.ts';
import {
  HELPER_EFFECTS,
  type HelperEffect,
  KFUNC_EFFECTS,
  UNKNOWN_EFFECT,
} from '../spec/helper-effects.ts';
import { type BuiltHelperName, helperById, prototypeOf } from '../spec/helpers.ts';
import type { KfuncName } from '../spec/kfunc-docs.ts';
import { MAP_FLAGS, MAP_TYPE_ID } from '../spec/map-types.ts';
import { type HookName, programType } from '../spec/program-types.ts';

/** Why the run of a packet may depend on those in front of it. */
export type Dependence =
  /** Maps, or variables, that the program changes. */
  | { readonly kind: 'maps'; readonly names: readonly string[] }
  | { readonly kind: 'lru'; readonly names: readonly string[] }
  | { readonly kind: 'random' | 'time' | 'timers' | 'stack' | 'address' | 'unknown' | 'long' };

/**
 * What a helper does to the map that it is given; those that are not here change it. Values of
 * per-CPU maps are none of a packet's own: all packets of a capture come on one CPU, and each finds
 * what the one in front of it has left.
 */
const MAP_READERS: ReadonlySet<string> = new Set<BuiltHelperName>([
  'map_lookup_elem',
  'map_lookup_percpu_elem',
  'map_peek_elem',
  'for_each_map_elem',
  'tail_call',
  'redirect_map',
  'sk_redirect_map',
  'sk_redirect_hash',
  'msg_redirect_map',
  'msg_redirect_hash',
  'sk_select_reuseport',
  'ringbuf_query',
]);

/** A look-up in them changes which entry goes next. */
const LRU: ReadonlySet<number> = new Set([MAP_TYPE_ID.lru_hash, MAP_TYPE_ID.lru_percpu_hash]);

const ARGUMENTS = 5;

type Runnable = Session & { readonly machine: Machine };

/** All reasons why it may; none: the runs do not depend on one another. */
export function dependencesOf(session: Runnable): Dependence[] {
  const { inputs, machine, hook, object } = session;
  // Each begins with all as it is in front of the first one.
  if (inputs.settings.each === 'fresh') return [];
  const { code } = machine;
  if (code.slots > MOST_SLOTS) return [{ kind: 'long' }];
  const stores = pointerUsesOf(machine, hook);
  const unwritten = readsUnwritten({
    code,
    flow: controlFlowOf(machine),
    pointers: stores.stack,
    taken: (pc, instruction) =>
      callTaken(instruction, hook, sizesOf(stores.given.get(pc), machine)),
  });
  const effects = code.instructions.flatMap((instruction) =>
    instruction?.row && instruction.row.kind === 'call'
      ? [effectOf(instruction, hook, object)]
      : [],
  );
  const changes = (state: 'random' | 'timers') =>
    effects.some(({ writes = [] }) => writes.includes(state));
  const { clock, gap } = inputs.settings;
  const timePasses = clock === 'capture' || BigInt(gap) !== 0n;
  const found: (Dependence | false)[] = [
    named('maps', changedMaps(stores, machine), machine),
    named('lru', lookedUp(stores, machine), machine),
    stores.unknown !== undefined && { kind: 'unknown' },
    unwritten !== undefined && { kind: 'stack' },
    stores.address !== undefined && { kind: 'address' },
    changes('random') && { kind: 'random' },
    changes('timers') && { kind: 'timers' },
    timePasses && effects.some(({ asks = [] }) => asks.includes('time')) && { kind: 'time' },
  ];
  return found.filter((dependence) => dependence !== false);
}

function named(kind: 'maps' | 'lru', maps: ReadonlySet<number>, machine: Machine) {
  const names = [...maps].sort((a, b) => a - b).map((map) => machine.maps[map].definition.name);
  return names.length > 0 && { kind, names };
}

/** Maps that the program may change: by stores to their values, or by calls. */
function changedMaps({ written, given }: PointerUses, { maps, code }: Machine): Set<number> {
  const isOpen = (map: number): boolean => {
    const { readOnly, flags } = maps[map].definition;
    return !readOnly && (flags & MAP_FLAGS.BPF_F_RDONLY_PROG) === 0;
  };
  const changed = new Set([...written].filter(isOpen));
  for (const [pc, found] of given) {
    const name = helperById(code.instructions[pc]!.slot.imm)?.name;
    if (name !== undefined && MAP_READERS.has(name)) continue;
    for (const map of found) changed.add(map);
  }
  return changed;
}

function lookedUp({ given }: PointerUses, { maps }: Machine): Set<number> {
  const found = [...given.values()].flatMap((some) => [...some]);
  return new Set(found.filter((map) => LRU.has(maps[map].definition.type)));
}

/** The largest key and value of the maps that a call may be given. */
function sizesOf(given: ReadonlySet<number> = new Set(), { maps }: Machine) {
  const definitions = [...given].map((map) => maps[map].definition);
  return {
    key: Math.max(0, ...definitions.map(({ keySize }) => keySize)),
    value: Math.max(0, ...definitions.map(({ valueSize }) => valueSize)),
  };
}

/** Those that write all of the memory they are given, also where they fail. */
const FILL: ReadonlySet<string> = new Set<BuiltHelperName>([
  'skb_load_bytes',
  'skb_load_bytes_relative',
]);

function callTaken(
  { row, slot }: Instruction,
  hook: HookName,
  { key, value }: { readonly key: number; readonly value: number },
): CallTaken {
  const isLinux = programType(hook).helpers === 'linux';
  const isHelper = isLinux && row.kind === 'call' && row.op === 'call';
  const helper = isHelper ? helperById(slot.imm) : undefined;
  const prototype = helper && prototypeOf(helper, hook);
  // A call of what is not there is a fault.
  if (prototype === undefined) return { registers: isHelper ? 0 : ARGUMENTS, memory: [] };
  const memory = prototype.arguments.flatMap(({ type, flags = [], size }, i): CallMemory[] => {
    const register = i + 1;
    const how = !flags.includes('uninit') ? 'reads' : FILL.has(helper!.name) ? 'fills' : 'writes';
    if (type === 'map_key') return [{ register, bytes: key, how }];
    if (type === 'map_value') return [{ register, bytes: value, how }];
    if (type === 'mem') return [{ register, bytes: size ?? { register: register + 1 }, how }];
    // What a function of the program does with it is seen there.
    return type === 'stack' ? [{ register, bytes: undefined, how: 'writes' }] : [];
  });
  return { registers: prototype.arguments.length, memory };
}

function effectOf(
  { row, slot }: Instruction,
  hook: HookName,
  { externs }: Session['object'],
): HelperEffect {
  const isLinux = programType(hook).helpers === 'linux';
  const op = row.kind === 'call' ? row.op : undefined;
  if (op === 'call_local' || op === 'callx' || !isLinux) return NO_EFFECT;
  if (op === 'call_kfunc')
    return KFUNC_EFFECTS[(externs[slot.imm]?.name ?? '') as KfuncName] ?? UNKNOWN_EFFECT;
  return HELPER_EFFECTS[(helperById(slot.imm)?.name ?? '') as BuiltHelperName] ?? NO_EFFECT;
}

/** What is in a program, and what only faults. */
const NO_EFFECT: HelperEffect = { bytes: 'none', answer: 'arguments' };

const REASONS = {
  random: 'its random numbers go on from packet to packet',
  timers: 'its timers go on from packet to packet',
  time: 'the time that it asks for goes on from packet to packet',
  stack: 'it may read bytes of its stack that it has not written',
  address: 'it makes a number of an address, and addresses differ from packet to packet',
  unknown: 'it writes where it is not known beforehand what lies there',
  long: `it has more than ${MOST_SLOTS.toLocaleString('en')} instructions`,
} satisfies Record<Exclude<Dependence['kind'], 'maps' | 'lru'>, string>;

/** A reason in words that follow on "on one core:". */
export function dependenceWords(dependence: Dependence): string {
  switch (dependence.kind) {
    case 'maps':
      return `the program changes ${namesOf(dependence.names)}, which packets share`;
    case 'lru':
      return `each look-up leaves a trace in ${namesOf(dependence.names)}`;
    default:
      return REASONS[dependence.kind];
  }
}

/** Maps that are named; the others are counted. */
const MOST_NAMED = 2;

function namesOf(names: readonly string[]): string {
  const [some, more] = [names.slice(0, MOST_NAMED), names.length - MOST_NAMED];
  const words = some.map((name) => (name.startsWith('.') ? `variables (${name})` : `map ${name}`));
  return more > 0 ? `${words.join(', ')} and ${more} more` : words.join(' and ');
}
