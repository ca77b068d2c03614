/** How hooks give packets to a program that compiled code runs on one after the other. */
import { dataStart, hasSocket, startOption } from '../hooks/enter.ts';
import { socketProtocol } from '../hooks/initial.ts';
import { ETH_HLEN, isUsualForQemu, qemuBypass, qemuLinkLength } from '../hooks/link-layer.ts';
import { type BatchEntry, type BatchLayout, type Borrowing, LENGTH } from '../jit/batch.ts';
import { type Machine, STACK_BYTES } from '../machine/machine.ts';
import { address, type RegionInfo, regionInfo } from '../memory/memory.ts';
import { CONTEXTS, type ContextName } from '../spec/contexts.ts';
import { type BuiltHelperName, helperByName } from '../spec/helpers.ts';
import { type DataStart, type HookName, programType } from '../spec/program-types.ts';
import { BPF_SOCK, BPF_TCP_SOCK } from '../spec/sockets.ts';
import type { LinearAddress, RegionNumber } from '../spec/units.ts';
import { type Frames, frameOf } from './batch-frames.ts';
import { ContextColumns } from './context-columns.ts';
import type { Session } from './session.ts';

export interface BatchHook {
  readonly entry: BatchEntry;
  /** Regions that a packet takes on which the program runs, where they do not all take as many. */
  regionsOf?(frame: Uint8Array): number;
  /** Bytes of frames in front of what the program sees. */
  readonly hidden: number;
  /** Tells compiled code of packets, whose bytes, starts and lengths are in their places. */
  place(from: number, to: number, frames: Frames): void;
  /** Why the hook does not run the program on a frame. */
  bypass?(frame: Uint8Array): string | undefined;
  /**
   * Makes the packet that lies at a linear address the machine's, by regions that it has as it
   * runs: of itself, by these rights, and of its context, where it has one. `at` and `length`: of
   * what the program sees.
   */
  lend(
    packet: RegionNumber,
    context: RegionNumber,
    at: LinearAddress,
    length: number,
    rights: number,
  ): void;
  /**
   * Where packets have a context: that of a packet that is lent, for loads of what is told of it by
   * the frame alone. A pointer in it is refused, as is every store.
   */
  lendContext?(context: RegionNumber, frame: Uint8Array): void;
  /**
   * What a run that is over has left of so many regions that it took, the first of them at
   * `ids[at]`.
   */
  retire(ids: readonly RegionNumber[], at: number, regions: number, length: number): void;
}

/** Bytes in front of a packet in the machine's own room. */
const HEADROOM = 256;
/** Bytes in front of an IP header at most: two tags (qemuLinkLength). */
const LONGEST_LINK = 22;
/** r2 of filter-ubpf with ip-mode=on. */
const IP_HEADER_BYTES = 20;

const ended = (info: RegionInfo, was: string): RegionInfo => ({ ...info, kind: 'stale', was });

const endedPacket = (kind: 'packet' | 'memory', origin = 0): RegionInfo =>
  ended(
    regionInfo(kind, () => ({ kind }), origin),
    'the packet of an earlier run',
  );
const endedStructure = (kind: 'context' | 'socket', name: string): RegionInfo =>
  ended(
    regionInfo(kind, () => ({ kind: 'other', name })),
    `the ${name} of an earlier run`,
  );

/**
 * What gives packets to a session's program, which has these rights to them; undefined: packets of
 * the hook, or with these options, are given to it one by one.
 */
export function batchHook(
  session: Session,
  layout: BatchLayout,
  packetRights: number,
): BatchHook | undefined {
  const { hook, options, build } = session;
  const base = build!.room + HEADROOM;
  const common = { layout, packetRights, ...commonOf(session) };
  if (hook === 'ubpf') return ubpf(session, common, base);
  if (hook === 'filter-ubpf') {
    const isOn = options.get('status') !== 'off' && options.get('queue') === 'all';
    const isWhole = options.get('ip-mode') !== 'on' || options.get('bounds') !== '20-bytes';
    return isOn && isWhole
      ? filterUbpf(session, common, base, options.get('ip-mode') === 'on')
      : undefined;
  }
  const start = STARTS[startOption(hook, options)];
  // A packet's socket may be one of the session's.
  const isAlone = !hasSocket(hook, options) || session.machine!.sockets.length === 0;
  return WITH_CONTEXT.has(hook) && start !== undefined && isAlone && options.get('frags') !== 'yes'
    ? withContext(session, common, base, hook, start)
    : undefined;
}

/** Hooks whose packets come with a context, and with nothing else but a socket. */
const WITH_CONTEXT: ReadonlySet<HookName> = new Set([
  'xdp',
  'tc',
  'socket_filter',
  'cgroup_skb',
  'lwt_in',
  'lwt_out',
  'lwt_xmit',
]);
/** First bytes that are the same in every frame. */
const STARTS: Partial<Record<DataStart, number>> = { link: 0, network: ETH_HLEN };

type Common = Pick<BatchEntry, 'layout' | 'stack' | 'steps' | 'packetRights'>;

const commonOf = (session: Session): Pick<Common, 'stack' | 'steps'> => {
  const { memory, stackRegions } = session.machine!;
  const [first] = stackRegions;
  return {
    steps: session.inputs.settings.maxSteps,
    stack: { top: address(first, STACK_BYTES), base: memory.base[first] },
  };
};

const PACKET = regionInfo('packet', () => ({ kind: 'packet' }));

/** Lends a machine a packet as it lies in a capture, with nothing around it. */
const lender =
  (machine: Machine, info: RegionInfo, hidden = 0) =>
  (
    region: RegionNumber,
    _context: RegionNumber,
    data: LinearAddress,
    length: number,
    rights: number,
  ): void => {
    machine.memory.lend(region, info, data, length, rights);
    const end = data + length;
    machine.packet = {
      region,
      data,
      end,
      linear: end,
      meta: data,
      hidden,
      low: data - hidden,
      high: end,
    };
  };

const noContext = (): undefined => undefined;
const noHelper = (): undefined => undefined;

/**
 * Helpers that ask for no more than bytes of the packet and the state that all packets share, leave
 * nothing behind that is told of a packet but what they put out, and have done nothing where they
 * fault.
 */
const BORROWING: readonly BuiltHelperName[] = [
  'map_lookup_elem',
  'map_update_elem',
  'map_delete_elem',
  'map_push_elem',
  'map_peek_elem',
  'map_lookup_percpu_elem',
  'get_prandom_u32',
  'get_smp_processor_id',
  'get_numa_node_id',
  'csum_diff',
  'skb_load_bytes',
  'xdp_load_bytes',
  'xdp_get_buff_len',
  'map_pop_elem',
  'ringbuf_query',
  'fib_lookup',
  'snprintf',
  'strtol',
  'strtoul',
  'strncmp',
  'probe_read_kernel',
  'probe_read_kernel_str',
  'trace_printk',
  'trace_vprintk',
  'perf_event_output',
];
/** The same of those that write to the packet. */
const WRITING: readonly BuiltHelperName[] = [
  'l3_csum_replace',
  'l4_csum_replace',
  'skb_store_bytes',
  'xdp_store_bytes',
];
/** The same where time stands still between packets: else it has to be made to pass. */
const OF_TIME: readonly BuiltHelperName[] = [
  'ktime_get_ns',
  'ktime_get_boot_ns',
  'ktime_get_coarse_ns',
  'ktime_get_tai_ns',
  'jiffies64',
];
/** Those that call functions of the program, and what goes on in another one. */
const CALLING: readonly BuiltHelperName[] = ['loop', 'for_each_map_elem'];
const TAIL: readonly BuiltHelperName[] = ['tail_call'];
const idsOf = (names: readonly BuiltHelperName[]) => names.map((name) => helperByName(name)!.id);

/** Helpers that change bytes of a packet which is lent to them. */
export const WRITING_HELPERS: ReadonlySet<number> = new Set(idsOf(WRITING));

function ubpf(session: Session, common: Common, base: LinearAddress): BatchHook {
  const { memory } = session.machine!;
  const info = endedPacket('memory');
  const given = regionInfo('memory', () => ({ kind: 'memory' }));
  return {
    entry: {
      ...common,
      regions: 1,
      memory: { r2: 'length', offsets: [0, 0] },
      contextValue: noContext,
      borrows: noHelper,
    },
    hidden: 0,
    lend: lender(session.machine!, given),
    place() {},
    retire: (ids, at, _regions, length) => memory.noteRetired(ids[at], info, base, length),
  };
}

function filterUbpf(
  session: Session,
  common: Common,
  base: LinearAddress,
  ipMode: boolean,
): BatchHook {
  const { memory } = session.machine!;
  const info = endedPacket('packet');
  return {
    entry: {
      ...common,
      regions: 1,
      memory: { r2: ipMode ? IP_HEADER_BYTES : 'length', offsets: [0, ipMode ? LONGEST_LINK : 0] },
      contextValue: noContext,
      borrows: noHelper,
    },
    hidden: 0,
    lend: lender(session.machine!, PACKET),
    place(from, to, frames) {
      const { words } = memory;
      const offsets = common.layout.column('offset') >> 2;
      const lengths = common.layout.column('length') >> 2;
      for (let index = from; index < to; index++) {
        if (isUsualForQemu(frames.bytes, frames.starts[index], frames.lengths[index])) {
          words[offsets + index] = ipMode ? ETH_HLEN : 0;
          continue;
        }
        const bytes = frameOf(frames, index);
        const isBypassed = qemuBypass(bytes) !== undefined;
        words[offsets + index] = ipMode && !isBypassed ? qemuLinkLength(bytes) : 0;
        if (!isBypassed) continue;
        words[lengths + index] = LENGTH.bypassed;
        for (const field of ['r0Low', 'r0High', 'steps'] as const)
          words[(common.layout.column(field) >> 2) + index] = 0;
      }
    },
    bypass: qemuBypass,
    retire: (ids, at, _regions, length) => memory.noteRetired(ids[at], info, base, length),
  };
}

function withContext(
  session: Session,
  common: Common,
  base: LinearAddress,
  hook: HookName,
  start: number,
): BatchHook {
  const machine = session.machine!;
  const { memory } = machine;
  const { options } = session;
  const columns = new ContextColumns(session, common.layout);
  const packet = endedPacket('packet', start);
  const context = regionInfo('context', () => ({ kind: 'other', name: 'context' }));
  const endedContext = endedStructure('context', 'context');
  const { size } = CONTEXTS[programType(hook).context as ContextName];
  const sockets = [
    { info: endedStructure('socket', 'socket'), bytes: BPF_SOCK.size },
    { info: endedStructure('socket', 'socket tcp'), bytes: BPF_TCP_SOCK.size },
  ];
  const ofSocket = hasSocket(hook, options);
  const info = regionInfo('packet', () => ({ kind: 'packet' }), start);
  const lendPacket = lender(machine, info, start);
  const isTimeless = machine.surroundings.gap === 0n;
  const asking = idsOf([...BORROWING, ...WRITING, ...(isTimeless ? OF_TIME : [])]);
  const borrowing = new Map<number, Borrowing>([
    ...asking.map((id) => [id, 'asks'] as const),
    ...idsOf(CALLING).map((id) => [id, 'calls'] as const),
    ...idsOf(TAIL).map((id) => [id, 'tail'] as const),
  ]);
  /** What the program sees of frames; those that are too short for it are passed by. */
  const placeStarts = (from: number, to: number): void => {
    const { words } = memory;
    const at = (field: 'start' | 'length' | 'r0Low' | 'r0High' | 'steps') =>
      common.layout.column(field) >> 2;
    const [starts, lengths] = [at('start'), at('length')];
    for (let index = from; index < to; index++) {
      words[starts + index] += start;
      words[lengths + index] -= start;
      if (words[lengths + index] >= 0) continue;
      words[lengths + index] = LENGTH.bypassed;
      for (const field of ['r0Low', 'r0High', 'steps'] as const) words[at(field) + index] = 0;
    }
  };
  return {
    entry: {
      ...common,
      regions: ofSocket ? 'column' : 2,
      contextValue: (offset, size) => columns.valueAt(offset, size),
      borrows: (helper) => borrowing.get(helper),
    },
    ...(ofSocket && { regionsOf: (frame) => (socketProtocol(frame) === 'tcp' ? 4 : 3) }),
    hidden: start,
    lend(region, contextRegion, at, length, rights) {
      lendPacket(region, contextRegion, at, length, rights);
      memory.lend(contextRegion, context, 0, size, 0);
      machine.contextRegion = contextRegion;
    },
    lendContext: (region, frame) => machine.typed.set(region, columns.lent(frame)),
    place(from, to, frames) {
      if (start > 0) placeStarts(from, to);
      columns.place(from, to, frames);
    },
    ...(start > 0 && {
      bypass(frame) {
        const from = dataStart(startOption(hook, options), frame);
        return typeof from === 'string' ? from : undefined;
      },
    }),
    retire(ids, at, regions, length) {
      const id = (i: number) => ids[(at + i) % ids.length];
      memory.noteRetired(id(0), packet, base + start, length);
      memory.noteRetired(id(1), endedContext, 0, size);
      for (const [i, socket] of sockets.slice(0, regions - 2).entries())
        memory.noteRetired(id(i + 2), socket.info, 0, socket.bytes);
    },
  };
}
