import type { ElementCursor, GuestMap } from '../maps/map.ts';
import {
  address,
  type Memory,
  type MemoryImage,
  READ,
  regionInfo,
  regionOf,
  WRITE,
} from '../memory/memory.ts';
import { CPU_COUNT } from '../spec/map-types.ts';
import type { LinearAddress, Nanoseconds, Pc, RegionNumber, Step } from '../spec/units.ts';
import type { CodeSpace } from './code-space.ts';
import type { Engine } from './engine.ts';
import type { Fault, FaultKind } from './fault.ts';
import { DEFAULT_NETWORK, type Network } from './network.ts';
import type { Recorder } from './recorder.ts';
import type { OpenSocket } from './sockets.ts';
import type { Timer } from './timers.ts';

/**
 * Bytes of stack a function has below r10; frames a call chain may hold
 * (include/linux/bpf_verifier.h, MAX_CALL_FRAMES).
 */
export const STACK_BYTES = 512;
export const MAX_FRAMES = 8;
/** Tail calls a run may make (include/linux/bpf.h, MAX_TAIL_CALL_CNT). */
export const MAX_TAIL_CALLS = 33;
/**
 * Iterations of may_goto in one function, and of bpf_loop (include/linux/bpf_verifier.h,
 * BPF_MAX_LOOPS).
 */
export const MAX_LOOPS = 8 * 1024 * 1024;

/**
 * A helper that calls a function of the program: what to do when the function returns. Plain data.
 */
export type Callback = LoopCallback | ForEachCallback | TimerCallback;

interface CallbackOf<Kind extends string> {
  readonly kind: Kind;
  readonly entry: Pc;
  readonly context: bigint;
  /** Calls that returned. */
  index: number;
}

export interface LoopCallback extends CallbackOf<'loop'> {
  readonly count: number;
}

/** A timer's callback, after the program has returned. */
export interface TimerCallback extends CallbackOf<'timer'> {
  /** Timer.at */
  readonly timer: LinearAddress;
  /** Index into Machine.maps. */
  readonly map: number;
}

export interface ForEachCallback extends CallbackOf<'for-each'> {
  /** Index into Machine.maps. */
  readonly map: number;
  readonly cursor: ElementCursor;
}

/** A call in progress. The running function's own registers are in the machine. */
export interface Frame {
  /** First slot of the function. */
  readonly entry: Pc;
  /** Where the caller goes on. */
  readonly returnPc: Pc;
  /** r6 to r9 of the caller. */
  readonly saved: BigUint64Array;
  /** Machine.readable of the caller. */
  readonly readable: number;
  /** What is left of may_goto's budget. */
  loops: number;
  callback: Callback | undefined;
  /** Machine.programDepth of the caller. */
  programDepth: number;
}

/**
 * A structure that is no plain memory: its fields have types and rights (machine/typed.ts). A
 * string: why it may not.
 */
export interface TypedAccess {
  /** The kernel's structure has more fields than these. */
  readonly partial: boolean;
  /** Names of the fields that were given another value since the structure was made. */
  readonly written: ReadonlySet<string>;
  load(offset: number, size: number): bigint | string;
  /** `value` is the whole register. */
  store(offset: number, size: number, value: bigint): string | undefined;
  /** A field by name, as helpers see it: without regard to rights; 0 where there is none. */
  get(name: string): bigint;
  set(name: string, value: bigint): void;
  save(): unknown;
  restore(saved: unknown): void;
}

/**
 * What a helper gives back that answers nothing, or whose answer comes later: r0 stays what it is.
 * No `undefined`, which one that has forgotten its answer gives as well.
 */
export const NO_ANSWER = Symbol('no answer');

/** What a helper does: arguments in r1..r5 of the machine; answers r0. Throws GuestFault. */
export type HelperFunction = ((machine: Machine) => bigint | typeof NO_ANSWER) & {
  /** It is bpf_map_lookup_elem, which compiled code does by itself where it knows the map. */
  readonly looksUp?: boolean;
};

/** Time and chance as handed in; plain data. */
export interface Surroundings {
  /** ns at step 0 */
  time: Nanoseconds;
  /** State of the generator; never 0. */
  random: number;
  cpu: number;
  /** CPUs of the machine. */
  cpus: number;
  /** ns from a program's end to the next packet; 0: every packet comes at the same time. */
  gap: Nanoseconds;
  /** When the next packet comes, where a capture says: it takes the place of the gap. */
  next?: Nanoseconds | undefined;
  /** What `random` was at first: the secret of what a kernel makes at random when it starts. */
  readonly seed: number;
  /** The task that runs when the packet comes. */
  readonly task: Task;
  /** Ids of its cgroups by level, its own last, and its net_cls class. */
  readonly cgroup: { readonly ids: readonly bigint[]; readonly classid: number };
}

export interface Task {
  readonly pid: number;
  readonly tgid: number;
  readonly uid: number;
  readonly gid: number;
  /** At most 15 bytes are seen. */
  readonly comm: string;
}

const SURROUNDINGS: Surroundings = {
  time: 0n,
  random: 1,
  cpu: 0,
  cpus: CPU_COUNT,
  gap: 0n,
  seed: 1,
  task: { pid: 0, tgid: 0, uid: 0, gid: 0, comm: '' },
  cgroup: { ids: [1n], classid: 0 },
};

export interface PrintkLine {
  readonly step: Step;
  readonly text: string;
}

/**
 * A record sent to user space by a ring buffer or as a perf event, or a copy of the packet that
 * went to a device.
 */
export interface OutputRecord {
  readonly step: Step;
  readonly source: 'ringbuf' | 'perf' | 'clone';
  /** The map, or the device. */
  readonly map: string;
  readonly bytes: Uint8Array;
  /** What else there is to say of it; may be empty. */
  readonly note: string;
}

/** Tunnel metadata beside an skb (helpers/tunnel.ts). */
export interface Tunnel {
  readonly ipv6: boolean;
  /** struct bpf_tunnel_key as a program reads it back. */
  readonly key: Uint8Array;
  /** ip_tunnel_flags. */
  readonly flags: number;
  readonly options: Uint8Array | undefined;
}

/** What an skb is besides its bytes and its context fields (include/linux/skbuff.h). */
export interface SkbState {
  /**
   * Bytes from the start of the data to the network header; negative where the data starts behind
   * it.
   */
  networkOffset: number;
  /** From the link header to the network header. */
  linkLength: number;
  /** skb->mac_len: set by helpers that move the link header; 0 before, as in a test run. */
  macLength: number;
  /** From the start of the data to the transport header, where it has been set. */
  transportOffset: number | undefined;
  /** A tunnel header was put in front. */
  encapsulation: boolean;
  /**
   * How many checksums the device has found right; undefined: none, software has to look
   * (CHECKSUM_NONE).
   */
  checksumLevel: number | undefined;
  /** The flow hash is known, or was set by a program. */
  hashed: boolean;
  /** On its way in, before a socket has been looked up for it. */
  ingress: boolean;
  /** What bpf_skb_set_tunnel_key set. */
  tunnel: Tunnel | undefined;
}

const newSkb = (): SkbState => ({
  networkOffset: 14,
  linkLength: 14,
  macLength: 0,
  transportOffset: undefined,
  encapsulation: false,
  checksumLevel: undefined,
  hashed: false,
  ingress: false,
  tunnel: undefined,
});

/**
 * Where the packet lies; helpers that move it make a new region, so that old pointers are seen to
 * be stale.
 */
export interface PacketState {
  /** Region id; 0 where there is no packet. */
  region: RegionNumber;
  /** Linear address of the first byte of data (behind metadata). */
  data: LinearAddress;
  /** Linear address behind the last byte. */
  end: LinearAddress;
  /**
   * Behind the last byte that a program may reach through pointers: the rest lies in further pieces
   * (XDP frags).
   */
  linear: LinearAddress;
  /** Linear address of XDP metadata; equal to data where there is none. */
  meta: LinearAddress;
  /** Bytes of the frame in front of the data, which the program does not see. */
  hidden: number;
  /** Bounds data may move in: linear addresses. */
  low: LinearAddress;
  high: LinearAddress;
}

/** How a run ended, or that it has not. */
export type Status = 'running' | 'finished' | 'faulted';

const NO_PACKET: PacketState = {
  region: 0,
  data: 0,
  end: 0,
  linear: 0,
  meta: 0,
  hidden: 0,
  low: 0,
  high: 0,
};

/**
 * The machine: plain data that the interpreter changes. No clock, no chance, no promise inside; the
 * caller owns the loop. Everything `save` returns is needed to go on from there, nothing more.
 */
export class Machine {
  readonly engine: Engine;
  readonly memory: Memory;
  readonly code: CodeSpace;
  readonly maps: readonly GuestMap[];
  /** Helper by number; missing ones fault when called. */
  readonly helpers: ReadonlyMap<number, HelperFunction>;
  /** Helpers by name, for calls to functions the object leaves undefined. */
  readonly externs: ReadonlyMap<number, HelperFunction>;
  readonly stackRegions: readonly RegionNumber[];
  /** Region id of the context; 0 where r1 points at memory. */
  contextRegion: RegionNumber = 0;
  /** What begins is a run that has done something before: for maps it goes on. */
  isWithinRun = false;
  /** Structures with typed fields (the context, sockets), by the region that stands for them. */
  typed = new Map<RegionNumber, TypedAccess>();
  /** Why the function of an extern cannot be called, by its number. */
  readonly describeExtern: (index: number) => { kind: FaultKind; message: string };
  /** Words for a fault at a helper number. */
  readonly describeHelper: (id: number) => {
    kind: 'unknown-helper' | 'helper-not-built';
    message: string;
  };
  recorder: Recorder | null = null;

  /** Bit n: register n holds something the program may read. */
  readable = 0;
  pc: Pc = 0;
  steps: Step = 0;
  status: Status = 'running';
  fault: Fault | undefined;
  frames: Frame[] = [];
  tailCalls = 0;
  /**
   * Frames that were open when the running program began: a tail call begins one in the place of
   * its caller.
   */
  programDepth = 0;
  /** What is left of may_goto's budget in the outermost function. */
  loops = MAX_LOOPS;
  surroundings: Surroundings = SURROUNDINGS;
  printk: PrintkLine[] = [];
  records: OutputRecord[] = [];
  /**
   * Timers in map values, in the order in which they were initialised; they stay from packet to
   * packet.
   */
  timers: Timer[] = [];
  /** Once the program has returned: when the next packet comes, and the program's r0. */
  deadline: Nanoseconds | undefined;
  returned: bigint | undefined;
  packet: PacketState = NO_PACKET;
  skb: SkbState = newSkb();
  network: Network = DEFAULT_NETWORK;
  /** Sockets of the network, and the one the packet belongs to. */
  sockets: readonly OpenSocket[] = [];
  /** Sockets of packets that a program has put into a map: numbered behind the session's. */
  mappedSockets: readonly OpenSocket[] = [];
  ownSocket: OpenSocket | undefined;
  /** What bpf_redirect or bpf_redirect_map asked for; `target` where it is no plain interface. */
  redirect: { ifindex: number; flags: bigint; target?: string } | undefined;

  constructor(
    parts: Pick<
      Machine,
      | 'engine'
      | 'memory'
      | 'code'
      | 'maps'
      | 'helpers'
      | 'externs'
      | 'stackRegions'
      | 'describeHelper'
      | 'describeExtern'
    >,
  ) {
    this.engine = parts.engine;
    this.memory = parts.memory;
    this.code = parts.code;
    this.maps = parts.maps;
    this.helpers = parts.helpers;
    this.externs = parts.externs;
    this.describeExtern = parts.describeExtern;
    this.stackRegions = parts.stackRegions;
    this.describeHelper = parts.describeHelper;
  }

  /** r0..r10, in linear memory: a view that changes when memory grows. */
  get registers(): BigUint64Array {
    return this.memory.registers;
  }

  /** Their halves: the low one first, as on every host of a JavaScript engine. */
  get halves(): Uint32Array {
    return this.memory.halves;
  }

  /** Value of r1..r5 as a helper reads its arguments. */
  argument(n: 1 | 2 | 3 | 4 | 5): bigint {
    return this.registers[n];
  }

  mapOf(handle: bigint): GuestMap | undefined {
    return this.maps.find((map) => map.handle === handle);
  }

  /** The context that r1 points at when the program starts; undefined where it points at memory. */
  get context(): TypedAccess | undefined {
    return this.typed.get(this.contextRegion);
  }

  /**
   * Makes a region that stands for a structure; answers its address. It is there until the next
   * run, a socket for as long as the session or a map has it.
   */
  addTyped(
    kind: 'context' | 'socket' | 'kernel',
    name: string,
    size: number,
    access: TypedAccess,
  ): bigint {
    const region = this.memory.addPassing(
      regionInfo(kind, () => ({ kind: 'other', name })),
      0,
      size,
      0,
    );
    this.typed.set(region, access);
    return address(region);
  }

  /** Points r10 at the top of the running frame's stack. */
  enterFrame(): void {
    this.registers[10] = address(this.stackRegions[this.frames.length], STACK_BYTES);
  }

  /** Ends the innermost call: the caller's frame and its r6 to r9. */
  closeFrame(): Frame {
    const frame = this.frames.pop()!;
    this.registers.set(frame.saved, 6);
    this.programDepth = frame.programDepth;
    this.enterFrame();
    return frame;
  }

  /** From the end of a run to the next packet. */
  passTime(): void {
    const { surroundings, steps } = this;
    if (surroundings.next === undefined && surroundings.gap === 0n) return;
    surroundings.time =
      this.deadline ?? nextArrival(surroundings, surroundings.time + BigInt(steps));
  }

  /** The map of that name. */
  mapNamed(name: string): GuestMap | undefined {
    return this.maps.find(({ definition }) => definition.name === name);
  }

  /** At the first instruction, in no function, whatever else it holds. */
  standAtStart(): void {
    this.pc = 0;
    this.steps = 0;
    this.status = 'running';
    this.fault = undefined;
    this.frames = [];
    this.tailCalls = 0;
    this.programDepth = 0;
    this.loops = MAX_LOOPS;
  }

  /** Before the first instruction of a new run: maps, time and chance go on from where they are. */
  beginRun(): void {
    this.standAtStart();
    this.printk = [];
    this.records = [];
    this.deadline = undefined;
    this.returned = undefined;
    this.redirect = undefined;
    if (this.packet.region !== 0)
      this.memory.retire(this.packet.region, 'the packet of an earlier run');
    const isHeld = this.heldRegions();
    for (const region of this.memory.endRun(isHeld)) this.typed.delete(region);
    this.packet = NO_PACKET;
    this.contextRegion = 0;
    this.skb = newSkb();
    this.ownSocket = undefined;
    this.recorder?.begin();
    if (!this.isWithinRun) this.beginMaps();
  }

  /** Memory that maps have given back during the run before may be taken again. */
  beginMaps(): void {
    for (const map of this.maps) map.beginRun?.();
  }

  /**
   * Regions that outlast the run they were made for: sockets of the session and of maps, and those
   * that a map keeps something for.
   */
  private heldRegions(): (region: RegionNumber) => boolean {
    const keepers = this.maps.filter((map) => map.keepsFor !== undefined);
    if (keepers.length + this.sockets.length + this.mappedSockets.length === 0) return () => false;
    const sockets = new Set(
      [...this.sockets, ...this.mappedSockets].flatMap((open) => [
        regionOf(this.memory, Number(open.address >> 32n)),
        regionOf(this.memory, Number(open.tcpAddress >> 32n)),
      ]),
    );
    return (region) => sockets.has(region) || keepers.some((map) => map.keepsFor!(address(region)));
  }

  save(): MachineImage {
    return {
      memory: this.memory.save(),
      registers: this.registers.slice(),
      readable: this.readable,
      pc: this.pc,
      steps: this.steps,
      status: this.status,
      fault: this.fault,
      frames: this.frames.map(copyFrame),
      tailCalls: this.tailCalls,
      programDepth: this.programDepth,
      loops: this.loops,
      surroundings: { ...this.surroundings },
      printk: this.printk.slice(),
      records: this.records.slice(),
      timers: this.timers.map((timer) => ({ ...timer })),
      deadline: this.deadline,
      returned: this.returned,
      packet: { ...this.packet },
      contextRegion: this.contextRegion,
      skb: { ...this.skb },
      ownSocket: this.ownSocket,
      mappedSockets: this.mappedSockets,
      redirect: this.redirect,
      maps: this.maps.map((map) => map.save()),
      typed: [...this.typed].map(([region, access]) => [region, access, access.save()] as const),
    };
  }

  restore(image: MachineImage): void {
    this.memory.restore(image.memory);
    this.restoreRun(image);
    this.steps = image.steps;
    this.surroundings = { ...image.surroundings };
    this.timers = image.timers.map((timer) => ({ ...timer }));
    this.deadline = image.deadline;
    this.mappedSockets = image.mappedSockets;
    for (const [i, map] of this.maps.entries()) map.restore(image.maps[i]);
    this.recorder?.forgetLast();
  }

  /**
   * What the run that is over has left is what that of the image did: on the stack, and of regions.
   * Maps, time and chance stay. `end`: the linear address behind the stack.
   */
  leaveAs(image: MachineImage, end: LinearAddress): void {
    this.memory.restoreFront(image.memory, end);
    this.restoreRun(image);
  }

  private restoreRun(image: MachineImage): void {
    this.registers.set(image.registers);
    this.readable = image.readable;
    this.pc = image.pc;
    this.status = image.status;
    this.fault = image.fault;
    this.frames = image.frames.map(copyFrame);
    this.tailCalls = image.tailCalls;
    this.programDepth = image.programDepth;
    this.loops = image.loops;
    this.printk = image.printk.slice();
    this.records = image.records.slice();
    this.returned = image.returned;
    this.packet = { ...image.packet };
    this.contextRegion = image.contextRegion;
    this.skb = { ...image.skb };
    this.ownSocket = image.ownSocket;
    this.redirect = image.redirect;
    this.typed = new Map(image.typed.map(([region, access]) => [region, access]));
    for (const [, access, saved] of image.typed) access.restore(saved);
  }
}

/** When the next packet comes, seen from the end of a run: never before that. */
export function nextArrival({ gap, next }: Surroundings, end: Nanoseconds): Nanoseconds {
  if (next === undefined) return end + gap;
  return next > end ? next : end;
}

const copyFrame = (frame: Frame): Frame => ({
  ...frame,
  saved: frame.saved.slice(),
  callback: structuredClone(frame.callback),
});

export interface MachineImage {
  readonly memory: MemoryImage;
  readonly registers: BigUint64Array;
  readonly readable: number;
  readonly pc: Pc;
  readonly steps: Step;
  readonly status: Status;
  readonly fault: Fault | undefined;
  readonly frames: readonly Frame[];
  readonly tailCalls: number;
  readonly programDepth: number;
  readonly loops: number;
  readonly surroundings: Surroundings;
  readonly printk: readonly PrintkLine[];
  readonly records: readonly OutputRecord[];
  readonly timers: readonly Timer[];
  readonly deadline: Nanoseconds | undefined;
  readonly returned: bigint | undefined;
  readonly packet: PacketState;
  readonly contextRegion: RegionNumber;
  readonly skb: SkbState;
  readonly ownSocket: OpenSocket | undefined;
  readonly mappedSockets: readonly OpenSocket[];
  readonly redirect: Machine['redirect'];
  readonly maps: readonly unknown[];
  readonly typed: readonly (readonly [region: RegionNumber, access: TypedAccess, saved: unknown])[];
}

/**
 * Makes the stack: a region of STACK_BYTES for each frame. Made first, so that the recorder's marks
 * cover it. A program may have MAX_FRAMES open; where functions make tail calls (`tailCalls`), each
 * program of the chain may.
 */
export function createStack(memory: Memory, tailCalls: boolean): RegionNumber[] {
  const frames = tailCalls ? MAX_FRAMES * (MAX_TAIL_CALLS + 1) : MAX_FRAMES;
  return Array.from({ length: frames }, (_, depth) =>
    memory.addRegion(
      regionInfo('stack', () => ({ kind: 'stack', depth }), -STACK_BYTES),
      memory.allocate(STACK_BYTES, 'the stack'),
      STACK_BYTES,
      READ | WRITE,
    ),
  );
}
