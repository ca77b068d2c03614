import type { FaultKind } from '../machine/fault.ts';
import type { Task } from '../machine/machine.ts';
import type { Network } from '../machine/network.ts';
import type { MapSize } from '../maps/completion.ts';
import type { ChainObject, HookList, NetChain } from '../netdev/types.ts';
import type { CoreAnswer } from '../object/types.ts';
import type { HookName } from '../spec/program-types.ts';
import type { RegionId } from '../spec/regions.ts';
import type { Pc, RegionOffset, Step } from '../spec/units.ts';

/** A packet of a session. What a capture said beside its bytes is no input of the run. */
export interface SessionPacket {
  name: string;
  bytes: Uint8Array;
  /** Nanoseconds since the epoch, decimal text. */
  time?: string;
  /** Bytes on the wire, where a capture cut it short. */
  wireLength?: number;
  /** An input of the run: it came past other programs of the hook before. */
  handed?: HandedOn;
}

/**
 * What programs that were asked in front of another one on the same hook have left beside the
 * packet's bytes.
 */
export interface HandedOn {
  /** Fields of the context by name, decimal text: in the place of the user's, and the packet's. */
  readonly fields?: readonly (readonly [field: string, value: string])[];
  /** XDP: where the frame begins in its buffer, and the metadata right in front of it, in hex. */
  readonly front?: { readonly start: number; readonly metadata: string };
  /** Where bpf_redirect pointed last: `flags` decimal text. */
  readonly redirect?: {
    readonly ifindex: number;
    readonly flags: string;
    readonly target?: string;
  };
  readonly skb?: HandedSkb;
}

/** What an skb is besides bytes and fields (SkbState of machine/machine.ts), as plain data. */
export interface HandedSkb {
  readonly networkOffset: number;
  readonly linkLength: number;
  readonly macLength: number;
  readonly transportOffset?: number;
  readonly encapsulation: boolean;
  readonly checksumLevel?: number;
  readonly hashed: boolean;
  /** Key and options in hex. */
  readonly tunnel?: {
    readonly ipv6: boolean;
    readonly key: string;
    readonly flags: number;
    readonly options?: string;
  };
}

/** Everything that decides a run; a link carries this and nothing else. */
export interface SessionInputs {
  object: { name: string; bytes: Uint8Array };
  /**
   * C files shown beside the instructions; file names as the debug info has them, or their last
   * part.
   */
  sources: { file: string; text: string }[];
  /** Undefined: the first program that loads. */
  program?: string;
  /** Undefined: from the section name. */
  hook?: HookName;
  /** Hook options by name (spec/program-types.ts), only those set by the user. */
  options: [name: string, value: string][];
  packets: SessionPacket[];
  /** Index of the packet that is stepped. */
  packet: number;
  /** Context fields set by the user, decimal or 0x text. */
  context: [field: string, value: string][];
  /**
   * Map contents before the run, in order. Key and value are hex, in a map of programs or maps the
   * value is a name; without value the entry is taken out. `cpu`: whose value of a per-CPU map,
   * else the one the program runs on.
   */
  maps: MapPreset[];
  /** Sizes of maps given in the place of the program that would load the object. */
  mapSizes?: MapSize[];
  /** Instruction slots from the start of the linked program. */
  breakpoints: Pc[];
  /** What some of the breakpoints ask for beside being reached. */
  rules?: BreakpointRule[];
  /** Expressions that are watched beside the variables, in C. */
  expressions?: string[];
  /** What stops a run when it changes. */
  watchpoints?: WatchTarget[];
  /**
   * Changes made in the middle of a run, in the order they were made; a replay makes them again.
   */
  edits?: Edit[];
  /** What somebody who explains the session says at its steps, in the order of Note. */
  notes?: Note[];
  /** What packets must come to, at most one for each, by packet. No run depends on it. */
  expectations?: Expectation[];
  /** Instructions executed. */
  step: Step;
  settings: Settings;
  /** Devices, routes, neighbours and sockets; undefined: DEFAULT_NETWORK (machine/network.ts). */
  network?: Network;
  /** Undefined: the bundled ones where the object asks for types of the kernel, else its own. */
  kernelTypes?: KernelTypesInput;
  /** Values of `__kconfig` and `__ksym` variables set by the user, as text. */
  externs?: [name: string, value: string][];
  /** The session is one packet of a capture, with maps, clock and chance as they were then. */
  capture?: CapturePlace;
  /** A netdev with filters that packets flow through: no run of the session depends on it. */
  chain?: NetChain;
  /** Objects that filters of the chain run; the session's own may be among them. */
  chainObjects?: readonly ChainObject[];
  /** Programs on hooks of Linux, a list a hook at most: no run of the session depends on them. */
  hookLists?: readonly HookList[];
  /** Objects that they run; the session's own may be among them. */
  hookObjects?: readonly ChainObject[];
}

/** Where the packet of a session stands in a capture; what its run depends on are other inputs. */
export interface CapturePlace {
  readonly name: string;
  /** From 1 on. */
  readonly packet: number;
  /** Maps held more than the other inputs say: who opens a link to it finds another state. */
  readonly partial?: true;
}

/**
 * What CO-RE relocations are resolved against: types of the object, those that come with the page,
 * a file's (raw .BTF), or of such a file its answers alone, one a relocation, as links carry them.
 */
export type KernelTypesInput =
  | 'own'
  | 'bundled'
  | { name: string; bytes: Uint8Array }
  | { name: string; answers: readonly CoreAnswer[] };

export interface MapPreset {
  map: string;
  key: string;
  value?: string;
  cpu?: number;
}

/**
 * What a person changes in the middle of a run: a register, bytes of a region, a
 * context field, a map's entry, or all of a map's room.
 */
export type EditTarget =
  | { kind: 'register'; index: number }
  | { kind: 'memory'; region: RegionId; offset: RegionOffset }
  | { kind: 'context'; field: string }
  /** Key in hex; `cpu`: whose value of a per-CPU map, else the one the program runs on. */
  | { kind: 'map'; map: string; key: string; cpu?: number }
  /** As many entries as the map takes (fill-map.ts). */
  | { kind: 'fill'; map: string };

export interface Edit {
  packet: number;
  /** After so many steps, before the next one. */
  step: Step;
  target: EditTarget;
  /**
   * Of a register or field a number, of memory and map values bytes in hex; empty: the entry is
   * taken out. Of a map that is filled always empty.
   */
  value: string;
}

/** Words at a step of a packet's run; notes are read by packet and step. */
export interface Note {
  packet: number;
  step: Step;
  /** Markdown without HTML. */
  text: string;
}

/** What the run of a packet must come to; what it does not name is not asked. */
export interface Expectation {
  packet: number;
  /** A verdict's name or what it does with the packet: `XDP_DROP`, `drop`. */
  verdict?: string;
  /** Decimal or 0x; as many bits are compared as the hook looks at. */
  r0?: string;
  /** The packet that goes on, in hex. */
  packetOut?: string;
  maps?: ExpectedEntry[];
  /** The fault that it must end with; without one it must not fault. */
  fault?: FaultKind;
}

/** An entry of a map behind a packet's run, as the running CPU sees it. */
export interface ExpectedEntry {
  map: string;
  key: TypedBytes;
  /** null: there must be none. */
  value: TypedBytes | null;
}

/**
 * Bytes as a person writes them: all of them in hex, a number as wide as they are, or members in C
 * (`hits`, `ports[1]`) with what their types take; of a value those that count.
 */
export type TypedBytes = string | number | Readonly<Record<string, string | number>>;

/**
 * Of a breakpoint: when it stops (source/expression.ts), or what it writes in place of stopping.
 */
export interface BreakpointRule {
  pc: Pc;
  condition?: string;
  /** Stops the n-th time it is reached, counted from where the run went on. */
  hits?: number;
  /** A line with expressions in braces: `dst is {packet[30:4]}`. */
  log?: string;
}

/**
 * What a kernel would take from its surroundings: handed in, so that a run is the same everywhere.
 */
export interface Settings {
  /** Seed of bpf_get_prandom_u32. */
  seed: number;
  /** bpf_ktime_get_ns at step 0, ns as decimal text; each executed instruction adds 1 ns. */
  time: string;
  /** bpf_get_smp_processor_id, and whose per-CPU values a lookup sees. */
  cpu: number;
  /** CPUs of the machine: values of a per-CPU map, shares of an LRU map. */
  cpus: number;
  /**
   * ns from a program's end to the next packet, decimal text: timers due by then fire. 0: packets
   * come at the same time.
   */
  gap: string;
  /** What the clock goes by from packet to packet: the gap, or times that a capture has. */
  clock?: 'gap' | 'capture';
  /**
   * Whether a packet finds in maps, timers and clock what those in front of it left, or each is the
   * first one.
   */
  each?: 'in order' | 'fresh';
  /** A program reads perf events: it has opened one for each CPU in every perf event array. */
  perfReader: boolean;
  /** Steps after which a run is stopped with a fault. */
  maxSteps: number;
  /** The task that runs when the packet comes. */
  task: Task;
  /** Ids of its cgroups by level, decimal text, its own last; and its net_cls class. */
  cgroup: { ids: readonly string[]; classid: number };
}

/** Where a session is asked to go. */
export type Go =
  /**
   * By lines of the C source: into calls, also inlined ones, over them, out of this one, back to
   * the line before, back to the call of this one.
   */
  | { how: 'line-into' | 'line-over' | 'line-out' | 'line-back' | 'line-back-out' }
  | { how: 'into' | 'over' | 'out' | 'run' | 'end' }
  | { how: 'back' | 'back-over' | 'back-out' | 'back-run' | 'reset' }
  /** Back to the step that last changed it; forward to the next one that does. */
  | { how: 'back-to-change' | 'run-to-change'; target: WatchTarget }
  | { how: 'to-pc'; pc: Pc }
  | { how: 'to-step'; step: Step };

/**
 * Something whose changes can be looked for: a register, bytes of a region, the value
 * of a map's key (hex).
 */
export type WatchTarget =
  | { kind: 'register'; index: number }
  /** `field`: what the bytes are called, where they are a field of the packet. */
  | { kind: 'memory'; region: RegionId; offset: RegionOffset; length: number; field?: string }
  | { kind: 'map'; map: string; key: string };
