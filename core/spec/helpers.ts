import { HELPER_LIST } from './helper-list.generated.ts';
import type { HookName } from './program-types.ts';

/** A helper of the uapi: which hooks may call it, and what it does, where it is built here. */
export interface HelperRow {
  readonly id: number;
  /** Without bpf_. */
  readonly name: string;
  /** C signature. */
  readonly signature: string;
  /** Registers it takes, r1 on. */
  readonly parameters: number;
  /** Undefined: known, not built here. */
  readonly built: BuiltHelper | undefined;
}

export interface BuiltHelper {
  /** Program types whose programs the kernel lets call it (net/core/filter.c, *_func_proto). */
  readonly hooks: readonly HookName[];
  readonly doc: string;
}

const ANY: readonly HookName[] = ['xdp', 'tc', 'socket_filter', 'cgroup_skb'];
const SKB: readonly HookName[] = ['tc', 'socket_filter', 'cgroup_skb'];
const TC: readonly HookName[] = ['tc'];
const XDP: readonly HookName[] = ['xdp'];
const XDP_TC: readonly HookName[] = ['xdp', 'tc'];

export const BUILT_HELPERS = {
  map_lookup_elem: { hooks: ANY, doc: 'Finds the value for a key; NULL where there is none.' },
  map_update_elem: { hooks: ANY, doc: 'Puts a value in for a key.' },
  map_delete_elem: { hooks: ANY, doc: 'Takes a key out.' },
  ktime_get_ns: { hooks: ANY, doc: 'Nanoseconds since boot, without the time asleep.' },
  ktime_get_boot_ns: { hooks: ANY, doc: 'Nanoseconds since boot, with the time asleep.' },
  ktime_get_coarse_ns: { hooks: ANY, doc: 'Nanoseconds since boot as of the last tick.' },
  ktime_get_tai_ns: { hooks: ANY, doc: 'Nanoseconds of international atomic time.' },
  trace_printk: { hooks: ANY, doc: 'Writes a line to the trace, with up to three values.' },
  trace_vprintk: { hooks: ANY, doc: 'Writes a line to the trace, with values from an array.' },
  get_prandom_u32: { hooks: ANY, doc: 'A pseudo-random number.' },
  get_smp_processor_id: { hooks: ANY, doc: 'The CPU the program runs on.' },
  tail_call: { hooks: ANY, doc: 'Goes on in another program of a prog array, without coming back.' },
  loop: { hooks: ANY, doc: 'Calls a function of the program a number of times.' },
  csum_diff: { hooks: XDP_TC, doc: 'Difference that bytes taken out and put in make to a checksum.' },
  redirect: { hooks: XDP_TC, doc: 'Asks for the packet to go to another interface.' },
  xdp_adjust_head: { hooks: XDP, doc: 'Moves the start of the packet.' },
  xdp_adjust_tail: { hooks: XDP, doc: 'Moves the end of the packet.' },
  xdp_adjust_meta: { hooks: XDP, doc: 'Moves the start of the metadata in front of the packet.' },
  skb_load_bytes: { hooks: SKB, doc: 'Copies bytes out of the packet.' },
  skb_store_bytes: { hooks: TC, doc: 'Copies bytes into the packet.' },
  l3_csum_replace: { hooks: TC, doc: 'Corrects an IP checksum for a changed field.' },
  l4_csum_replace: { hooks: TC, doc: 'Corrects a TCP, UDP or ICMP checksum for a changed field.' },
} as const satisfies Record<string, BuiltHelper>;

export type BuiltHelperName = keyof typeof BUILT_HELPERS;

function parameterCount(signature: string): number {
  const list = signature.slice(signature.indexOf('(') + 1, signature.lastIndexOf(')')).trim();
  if (list === 'void' || list === '') return 0;
  return list.includes('...') ? 5 : list.split(',').length;
}

export const HELPERS: readonly HelperRow[] = HELPER_LIST.map(([id, name, signature]) => ({
  id,
  name,
  signature,
  parameters: parameterCount(signature),
  built: Object.hasOwn(BUILT_HELPERS, name) ? BUILT_HELPERS[name as BuiltHelperName] : undefined,
}));

const byId = new Map(HELPERS.map((row) => [row.id, row]));
const byName = new Map(HELPERS.map((row) => [row.name, row]));

export const helperById = (id: number): HelperRow | undefined => byId.get(id);
/** By its name with or without bpf_. */
export const helperByName = (name: string): HelperRow | undefined => byName.get(name.replace(/^bpf_/, ''));

/** filter-ubpf's own six (the series' /ebpf/ubpf.c), by number. */
export const FILTER_UBPF_HELPERS = [
  { id: 0, name: 'gather_bytes', parameters: 5, doc: 'Puts the low bytes of five arguments together.' },
  { id: 1, name: 'memfrob', parameters: 2, doc: 'Inverts bits 1, 3 and 5 of each byte.' },
  { id: 2, name: 'trash_registers', parameters: 0, doc: 'Overwrites the registers a call may.' },
  { id: 3, name: 'sqrti', parameters: 1, doc: 'Integer square root.' },
  { id: 4, name: 'strcmp_ext', parameters: 2, doc: 'Compares two strings.' },
  { id: 5, name: 'unwind', parameters: 1, doc: 'Ends the program where its argument is 0.' },
] as const;
