import type { ListHook, TcPlace } from '../spec/hook-lists.ts';
import type { FilterKind, FilterQueue } from '../spec/net-filters.ts';

/** A filter of a netdev as it is set up. */
export interface ChainFilter {
  readonly id: string;
  readonly kind: FilterKind;
  readonly queue: FilterQueue;
  readonly status: 'on' | 'off';
  /** Of filter-ubpf: index into the objects of the chain. */
  readonly object?: number;
  /** Name of the program in it; undefined: the first that loads. */
  readonly program?: string;
  /** What else it is told, by QEMU's names; what is not said is as it is initially. */
  readonly properties: readonly (readonly [name: string, value: string])[];
}

/** Something of QEMU that is told in a line of options: `socket,id=red0,path=red.sock`. */
export interface QemuDevice {
  readonly id: string;
  /** As they stand behind `-netdev` or `-chardev`. */
  readonly options: string;
}

/** Which way a packet goes, where nothing but its bytes is known. */
export type DirectionRule =
  | { readonly rule: 'to-guest' | 'from-guest' }
  /** What has it as source comes from the guest: an Ethernet, IPv4 or IPv6 address. */
  | { readonly rule: 'guest'; readonly address: string };

/** Packets that are made, in place of a capture. */
export interface GeneratorSettings {
  readonly count: number;
  readonly seed: number;
  /** Nanoseconds from one to the next, decimal text. */
  readonly gap: string;
  /** Names of spec/packet-templates.ts. */
  readonly templates: readonly string[];
  /** Where some of the packets go, to the guest and from it: `1.1.1.1`, `1.1.1.1:443`. */
  readonly destinations?: readonly string[];
}

/** What flows through a chain. */
export interface ChainTraffic {
  /** packets: those of the session, or of the capture that is open beside it. */
  readonly source: 'packets' | 'generator';
  readonly direction: DirectionRule;
  readonly generator: GeneratorSettings;
}

/** A netdev with its filters: all of it plain data, part of a session and of links. */
export interface NetChain {
  readonly netdev: QemuDevice;
  /** As it stands behind `-device`, where it is known. */
  readonly device?: string;
  readonly chardevs: readonly QemuDevice[];
  /** In the order of QEMU's list: the head first. */
  readonly filters: readonly ChainFilter[];
  readonly traffic: ChainTraffic;
}

/** A program that stands with others on a hook of Linux. */
export interface HookProgram {
  readonly id: string;
  /** Index into the objects of the lists. */
  readonly object: number;
  /** Name of the program in it; undefined: the first that loads. */
  readonly program?: string;
  /** off: it is not attached. */
  readonly status: 'on' | 'off';
  /** Of tc. */
  readonly where?: TcPlace;
  /** Of XDP: undefined where it is as the object says, else as libxdp has it. */
  readonly priority?: number;
  /** Of XDP: codes behind which the next program is asked; undefined likewise. */
  readonly actions?: readonly number[];
}

/** The programs on one hook: of tcx, and of cls_bpf, those that are asked first in front. */
export interface HookList {
  readonly hook: ListHook;
  /** Of tc and cgroups. */
  readonly direction?: 'ingress' | 'egress';
  readonly programs: readonly HookProgram[];
}

/** An object that filters of a chain, or programs of a hook, run. */
export interface ChainObject {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A place in a chain as QEMU has it said. */
export interface FilterPosition {
  /** `head`, `tail` or `id=` and the id of a filter. */
  readonly position: string;
  readonly insert: 'before' | 'behind';
}

/** One of the commands that make a chain another one while it is running. */
export type ChainStep =
  | { readonly kind: 'remove'; readonly id: string }
  | ({ readonly kind: 'add'; readonly filter: ChainFilter } & FilterPosition)
  | {
      readonly kind: 'set';
      readonly id: string;
      readonly property: string;
      readonly value: string;
    };
