import type { Machine } from '../machine/machine.ts';
import { socketOfPacket } from '../machine/sockets.ts';
import { type FieldValues, TypedStructure } from '../machine/typed.ts';
import { address, READ, regionInfo, regionOf, WRITE } from '../memory/memory.ts';
import {
  CONTEXTS,
  type ContextName,
  contextFields,
  type InitialFromPacket,
} from '../spec/contexts.ts';
import { type DataStart, type HookName, programType } from '../spec/program-types.ts';
import { initialValue, type PacketFacts, packetSocket } from './initial.ts';
import {
  ETH_HLEN,
  payloadOffset,
  qemuBypass,
  qemuLinkLength,
  transportOffset,
} from './link-layer.ts';
import { giveNetfilter } from './netfilter.ts';
import type { Options } from './options.ts';

/**
 * Room in front of a packet (XDP_PACKET_HEADROOM), and what skb_shared_info takes at the end of a
 * 4096-byte buffer.
 */
const HEADROOM = 256;
const BUFFER = 4096;
const SHARED_INFO = 320;
/** r2 of filter-ubpf with ip-mode=on: sizeof(struct ip), whatever the header says. */
const IP_HEADER_BYTES = 20;

/** Bytes of a packet in its first piece, where it has more (net/bpf/test_run.c). */
const FIRST_PIECE = BUFFER - HEADROOM - SHARED_INFO;
/** Bytes of linear memory a packet of this length needs: a long one may grow in its last piece. */
export const packetRoom = (length: number): number =>
  length > FIRST_PIECE ? HEADROOM + length + BUFFER : BUFFER;

export interface HookEntry {
  readonly machine: Machine;
  /** Linear address of packetRoom bytes. */
  readonly room: number;
  readonly frame: Uint8Array;
  readonly options: Options;
  /** Context fields set by the user. */
  readonly context: ReadonlyMap<string, bigint>;
  readonly front?: FrameFront;
}

/** Where a frame begins in its room, and XDP metadata that lies right in front of it. */
export interface FrameFront {
  readonly start: number;
  readonly metadata: Uint8Array;
}

const USUAL_FRONT: FrameFront = { start: HEADROOM, metadata: new Uint8Array() };

/** Bytes that a frame takes of its room beside those in front of where one usually begins. */
export const frontedLength = (length: number, front: FrameFront | undefined): number =>
  length + Math.max(0, (front?.start ?? HEADROOM) - HEADROOM);

/**
 * Puts the frame into memory with a region over [start, end) of it; the region's name counts from
 * the frame's first byte.
 */
function placePacket(
  { machine, room, frame, front }: HookEntry,
  start: number,
  end: number,
  kind: 'packet' | 'memory',
  dataOrigin: number,
  linear = end,
): void {
  const { memory } = machine;
  const { start: at, metadata } = front ?? USUAL_FRONT;
  const base = room + at;
  const meta = base + start - metadata.length;
  memory.bytes.fill(0, room, room + packetRoom(frontedLength(frame.length, front)));
  memory.bytes.set(frame, base);
  memory.bytes.set(metadata, meta);
  const region = memory.addPassing(
    regionInfo(kind, () => ({ kind }), dataOrigin - metadata.length),
    meta,
    base + linear - meta,
    READ | WRITE,
  );
  const buffer = room + BUFFER - SHARED_INFO;
  machine.packet = {
    region,
    data: base + start,
    end: base + end,
    linear: base + linear,
    meta,
    hidden: start,
    low: room,
    high: Math.max(buffer, base + frame.length),
  };
}

/** filter-ubpf: r1 = pointer, r2 = length; a reason where the frame passes without the program. */
function enterFilterUbpf(entry: HookEntry): string | undefined {
  const { frame, machine, options } = entry;
  const queue = options.get('direction') === 'to-guest' ? 'tx' : 'rx';
  if (options.get('status') === 'off') return 'status=off: the netdev skips this filter';
  if (options.get('queue') !== 'all' && options.get('queue') !== queue) {
    return (
      `queue=${options.get('queue')}: this filter does not see packets ` +
      `going ${options.get('direction') === 'to-guest' ? 'to' : 'from'} the guest ` +
      `(the ${queue} queue ` +
      `of the netdev)`
    );
  }
  const bypass = qemuBypass(frame);
  if (bypass !== undefined) return bypass;
  const ipMode = options.get('ip-mode') === 'on';
  const start = ipMode ? qemuLinkLength(frame) : 0;
  if (ipMode && options.get('bounds') === '20-bytes') {
    placePacket(entry, start, Math.min(frame.length, start + IP_HEADER_BYTES), 'packet', start);
    machine.registers[1] = address(machine.packet.region);
  } else {
    placePacket(entry, 0, frame.length, 'packet', 0);
    machine.registers[1] = address(machine.packet.region, start);
  }
  machine.registers[2] = BigInt(ipMode ? IP_HEADER_BYTES : frame.length);
  return undefined;
}

/** uBPF: r1 = the bytes, r2 = how many; r1 is NULL where there are none. */
function enterUbpf(entry: HookEntry): undefined {
  const { frame, machine } = entry;
  placePacket(entry, 0, frame.length, 'memory', 0);
  machine.registers[1] = frame.length === 0 ? 0n : address(machine.packet.region);
  machine.registers[2] = BigInt(frame.length);
}

/** First byte of the data a program sees; a reason where the kernel would not run it. */
export function dataStart(start: DataStart, frame: Uint8Array): number | string {
  if (start === 'link') return 0;
  if (frame.length < ETH_HLEN)
    return `the frame has ${frame.length} bytes, an Ethernet header takes ${ETH_HLEN}`;
  if (start === 'network') return ETH_HLEN;
  if (start === 'none') return frame.length;
  const at = start === 'transport' ? transportOffset(frame) : payloadOffset(frame);
  if (at !== undefined && at <= frame.length) return at;
  return start === 'transport'
    ? 'there is no IPv4 or IPv6 transport header'
    : 'there is no TCP or UDP payload';
}

/** Whether a socket of this host sends the packet. */
export const isOutgoing = (hook: HookName, options: Options): boolean =>
  hook === 'sk_msg' || (hook === 'cgroup_skb' && options.get('direction') === 'egress');

/** What decides the context that a program of a hook is given. */
export interface ContextSource {
  readonly frame: Uint8Array;
  readonly options: Options;
  /** Fields set by the user. */
  readonly context: ReadonlyMap<string, bigint>;
  readonly littleEndian: boolean;
}

/** Where the data that a program sees begins, by its hook or by what a person has chosen. */
export const startOption = (hook: HookName, options: Options): DataStart =>
  (options.get('start') as DataStart | undefined) ?? programType(hook).data;

function factsOf(hook: HookName, { frame, options, littleEndian }: ContextSource): PacketFacts {
  const start = dataStart(startOption(hook, options), frame);
  const length = typeof start === 'number' ? frame.length - start : 0;
  return { frame, length, littleEndian, outgoing: isOutgoing(hook, options) };
}

/**
 * Context values before the run: the user's, else what the packet and the kernel's test run say;
 * `only`: those of these names.
 */
export function initialContext(
  hook: HookName,
  name: ContextName,
  source: ContextSource,
  only?: ReadonlySet<string>,
): Map<string, bigint> {
  const facts = factsOf(hook, source);
  const { usual, varying } = numbersOf(name);
  const isWanted = (field: string): boolean =>
    usual.has(field) && (only === undefined || only.has(field));
  const values = only ? new Map([...usual].filter(([field]) => only.has(field))) : new Map(usual);
  for (const [field, initial] of varying)
    if (isWanted(field)) values.set(field, initialValue(initial, facts));
  for (const [field, value] of source.context) if (isWanted(field)) values.set(field, value);
  return values;
}

/** The same, each when it is asked for: most are not. The frame has to be as it is now by then. */
export class ContextNumbers implements FieldValues {
  private readonly numbers: Numbers;
  private readonly given: ReadonlyMap<string, bigint>;
  private readonly facts: PacketFacts;

  constructor(hook: HookName, name: ContextName, source: ContextSource) {
    this.numbers = numbersOf(name);
    this.given = source.context;
    this.facts = factsOf(hook, source);
  }

  get(field: string): bigint | undefined {
    const { usual, varying } = this.numbers;
    if (!usual.has(field)) return undefined;
    const given = this.given.get(field);
    if (given !== undefined) return given;
    const initial = varying.get(field);
    return initial === undefined ? usual.get(field) : initialValue(initial, this.facts);
  }
}

interface Numbers {
  /** Values of all fields that are numbers, in their order; of `varying` ones any. */
  readonly usual: ReadonlyMap<string, bigint>;
  /** Those that a packet decides, and how. */
  readonly varying: ReadonlyMap<string, InitialFromPacket>;
}

const numbers = new Map<ContextName, Numbers>();

/** Fields that are numbers, with what is the same for every packet: that is asked for each. */
function numbersOf(name: ContextName): Numbers {
  const known = numbers.get(name);
  if (known) return known;
  const fields = contextFields(name).filter(({ yields }) => yields === 'number');
  const made = {
    usual: new Map(
      fields.map(({ name: field, initial }) => [
        field,
        typeof initial === 'number' ? BigInt(initial) : 0n,
      ]),
    ),
    varying: new Map(
      fields.flatMap(({ name: field, initial }) =>
        typeof initial === 'number' ? [] : [[field, initial] as const],
      ),
    ),
  };
  numbers.set(name, made);
  return made;
}

/** Hooks whose packets always belong to a socket. */
const OF_A_SOCKET: ReadonlySet<HookName> = new Set([
  'socket_filter',
  'cgroup_skb',
  'sk_skb',
  'sk_msg',
  'sk_reuseport',
]);

/** Whether a packet belongs to a socket, which the context names. */
export const hasSocket = (hook: HookName, options: Options): boolean =>
  OF_A_SOCKET.has(hook) || options.get('socket') === 'own';

/**
 * Points the context's `sk` at the socket the packet belongs to: one of the session's, else one
 * made from the packet.
 */
function giveSocket(
  { machine, frame, options }: HookEntry,
  hook: HookName,
  access: TypedStructure,
): void {
  if (!hasSocket(hook, options)) return;
  const found = packetSocket(frame, isOutgoing(hook, options));
  machine.ownSocket = socketOfPacket(machine, hook, found);
  access.set('sk', machine.ownSocket.address);
}

/**
 * struct bpf_flow_keys, plain memory of the program; before the run it holds where the headers
 * start.
 */
const FLOW_KEYS_BYTES = 56;

function giveFlowKeys(
  { machine, frame, room }: HookEntry,
  hook: HookName,
  access: TypedStructure,
): void {
  if (hook !== 'flow_dissector') return;
  const { memory } = machine;
  // A flow dissector cannot move its packet: the room in front of it is free.
  const base = room;
  machine.packet = { ...machine.packet, low: room + HEADROOM };
  memory.view.setUint16(base, ETH_HLEN, memory.littleEndian);
  memory.view.setUint16(base + 2, ETH_HLEN, memory.littleEndian);
  if (frame.length >= ETH_HLEN) memory.bytes.set(frame.subarray(12, ETH_HLEN), base + 10);
  const info = regionInfo('memory', () => ({ kind: 'flow-keys' }));
  access.set('flow_keys', address(memory.addPassing(info, base, FLOW_KEYS_BYTES, READ | WRITE)));
}

function enterContext(entry: HookEntry, hook: HookName, name: ContextName): string | undefined {
  const { machine, frame, options, context } = entry;
  const { littleEndian } = machine.memory;
  const start = dataStart(startOption(hook, options), frame);
  if (typeof start === 'string') return start;
  const linear =
    options.get('frags') === 'yes' ? Math.min(frame.length, FIRST_PIECE) : frame.length;
  placePacket(entry, start, frame.length, 'packet', start, linear);
  const transport = transportOffset(frame);
  machine.skb.networkOffset = ETH_HLEN - start;
  machine.skb.transportOffset =
    transport !== undefined && start >= transport ? transport - start : undefined;
  const access = new TypedStructure(machine, {
    fields: contextFields(name),
    hook,
    // What the frame came in may hold another one by the time that it is asked for.
    values: new ContextNumbers(hook, name, {
      frame: frame.slice(),
      options,
      context,
      littleEndian,
    }),
    options,
  });
  const pointer = machine.addTyped('context', 'context', CONTEXTS[name].size, access);
  machine.contextRegion = regionOf(machine.memory, Number(pointer >> 32n));
  machine.skb.ingress = hook === 'tc' && options.get('direction') === 'ingress';
  giveSocket(entry, hook, access);
  giveFlowKeys(entry, hook, access);
  if (hook === 'netfilter') giveNetfilter(machine, frame, options, access);
  machine.registers[1] = pointer;
  machine.skb.hashed = access.get('hash') !== 0n;
  return undefined;
}

/**
 * Prepares a machine for one packet: memory, context and argument registers. Answers why the hook
 * does not run the program on it, where it does not.
 */
export function enterHook(hook: HookName, entry: HookEntry): string | undefined {
  const { machine } = entry;
  machine.registers.fill(0n, 0, 10);
  machine.enterFrame();
  const { context } = programType(hook);
  let bypass: string | undefined;
  if (context) bypass = enterContext(entry, hook, context);
  else bypass = hook === 'filter-ubpf' ? enterFilterUbpf(entry) : enterUbpf(entry);
  machine.readable = bypass === undefined ? (context ? 0b10 : 0b110) | (1 << 10) : 0;
  return bypass;
}
