/**
 * What programs that use the core as a library see of it. Nothing is imported here, so that the
 * declarations of the package are these and no others. A change of what is here is one of the
 * package's version (docs/library.md).
 */

/** What becomes of a packet: the hook's verdicts, sorted. */
export type Action = 'pass' | 'drop' | 'aborted' | 'redirect' | 'tx' | 'truncate' | 'other';

/** What `load` is told beside the object; all of it may be left out. */
export interface LoadOptions {
  /** What messages call the object. */
  readonly name?: string;
  /** One of the object's programs; the first that can be loaded where it is left out. */
  readonly program?: string;
  /** `filter-ubpf`, `xdp`, `tc` ...; from the section's name where it is left out. */
  readonly hook?: string;
  /** Of the hook: `{ 'ip-mode': 'off' }`. */
  readonly options?: Readonly<Record<string, string>>;
  /** Fields of the context, in the place of what the hook gives: `{ ingress_ifindex: 3 }`. */
  readonly context?: Readonly<Record<string, number | bigint>>;
  /** max_entries of maps, in the place of the object's. */
  readonly mapSizes?: Readonly<Record<string, number>>;
  /** Compiled to WebAssembly, or interpreted: both come to the same. `jit` where it is left out. */
  readonly engine?: 'jit' | 'interpreter';
  /**
   * What CO-RE relocations are resolved against: the object's own types, those bundled, or a file
   * with BTF. The bundled ones where it is left out and the object asks for any.
   */
  readonly kernelTypes?: 'own' | 'bundled' | Uint8Array;
  /** Values of `__kconfig` and `__ksym` variables. */
  readonly externs?: Readonly<Record<string, string>>;
  readonly settings?: Settings;
}

/** What a kernel would take from its surroundings: a run depends on nothing else. */
export interface Settings {
  /** Of bpf_get_prandom_u32. */
  readonly seed?: number;
  /** bpf_ktime_get_ns at the first packet, nanoseconds. Each instruction takes one. */
  readonly time?: bigint;
  /** From a program's end to the next packet, nanoseconds. */
  readonly gap?: bigint;
  /** The CPU that runs it, of so many. */
  readonly cpu?: number;
  readonly cpus?: number;
  /** Instructions after which a run is ended by a fault. */
  readonly maxSteps?: number;
}

/** A program that is loaded, with its maps: what packets leave in them is there for the next. */
export interface Filter {
  readonly program: string;
  readonly hook: string;
  readonly engine: 'jit' | 'interpreter';
  /** All that the object has. */
  readonly programs: readonly { readonly name: string; readonly section: string }[];
  readonly maps: ReadonlyMap<string, FilterMap>;
  /** What is odd about the object, and what was assumed of it. */
  readonly warnings: readonly string[];
  /** Packets that were run since it was loaded, or begun anew. */
  readonly packets: number;
}

/** A map, as user space sees it. Keys and values are bytes of just its sizes. */
export interface FilterMap {
  readonly name: string;
  /** BPF_MAP_TYPE_ of Linux. */
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  /** A copy; of a per-CPU map what the CPU has that runs programs. Undefined: there is none. */
  get(key: Uint8Array): Uint8Array | undefined;
  /** Throws an InputError where the map does not take it. */
  set(key: Uint8Array, value: Uint8Array): void;
  /** Answers whether it was there. */
  delete(key: Uint8Array): boolean;
  /** Copies of all entries; of an array every index. */
  entries(): IterableIterator<readonly [key: Uint8Array, value: Uint8Array]>;
}

/** What came of a packet. */
export interface Result {
  /** `drop`, `XDP_PASS`, `keep 64 bytes`. */
  readonly verdict: string;
  readonly action: Action;
  /** r0 as the hook reads it; undefined where the program did not run to its end. */
  readonly code: number | undefined;
  /** All of r0. */
  readonly r0: bigint | undefined;
  /** In a sentence. */
  readonly text: string;
  /** Why: the hook does not run the program on it, or it faulted. */
  readonly reason: string | undefined;
  /** What to watch out for in the verdict. */
  readonly warning: string | undefined;
  /** Instructions that ran. */
  readonly steps: number;
  readonly fault:
    | { readonly kind: string; readonly pc: number; readonly message: string }
    | undefined;
  /** The packet as it goes on. */
  readonly packet: Uint8Array;
  /** Lines of bpf_printk. */
  readonly printk: readonly string[];
}

/** Many packets, each `lengths[i]` bytes of `bytes` from `starts[i]` on, which ascend. */
export interface Packets {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly lengths: Uint32Array;
}

/** What came of many packets, by their place. */
export interface Results {
  readonly count: number;
  /** r0 as two numbers of 32 bits, 0 where the program did not run to its end. */
  readonly r0Low: Uint32Array;
  readonly r0High: Uint32Array;
  readonly steps: Uint32Array;
  /** Number of the packet's action among `actions`. */
  readonly action: Uint8Array;
  readonly actions: readonly Action[];
}

/** Why a packet got its verdict. */
export interface Explanation {
  /** What came out, and what decided it. */
  readonly text: string;
  /** What else took part, the nearest to the end first. */
  readonly more: readonly string[];
  /** Why it is not the whole story, where it is not. */
  readonly note: string | undefined;
  /** Bytes of the packet that went into it: from, and up to. */
  readonly bytes: readonly (readonly [from: number, to: number])[];
  /** All that went into it and comes from outside the program. */
  readonly causes: readonly {
    readonly kind: string;
    readonly name: string;
    readonly text: string;
  }[];
  readonly result: Result;
}

/** A packet of a capture or a pasted text. */
export interface ReadPacket {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Nanoseconds since the epoch. */
  readonly time: bigint | undefined;
}

export interface ReadPackets {
  readonly packets: readonly ReadPacket[];
  /** How it was read, and what was left out. */
  readonly notes: readonly string[];
}
