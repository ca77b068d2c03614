/**
 * What compiled code and who asks it to judge many packets in one call have in common: where the
 * packets, what is told of them and what came of them lie in the scratch bytes of linear memory.
 *
 *     CONTROL   words that both sides read and write
 *     columns   one word of 32 bits for each packet: FIELDS of them, then those of the context
 *     ring      region ids in the order in which packets take them; the first also behind the last
 *     frames    the bytes of the packets
 *     lookups   where values of maps are (lookup-caches.ts)
 */
import type { LinearAddress, Step } from '../spec/units.ts';

/** Packets of one call. */
export const MOST_PACKETS = 16_384;
/** Bytes of all frames of one call; more than the longest packet there is. */
const FRAME_BYTES = 3 * 1024 * 1024;
/** Fields of the context that each packet has a value of its own for. */
export const MOST_CONTEXT_COLUMNS = 8;
/** Ids that may be in the ring. */
export const MOST_IDS = 1024;

/** Words in front of the columns, by their place; packets count by bytes of a column. */
export const CONTROL = {
  /** The packet that runs, whenever something has to be done outside of compiled code. */
  at: 0,
  /** Behind the last packet; the packet at it ends with the call, where something was asked. */
  end: 4,
  /** Steps after which the call ends, with the packet that runs then. */
  budget: 8,
  /** Where in the ring the packet's first id is, and the length of the ring, both in bytes. */
  ringAt: 12,
  ringLength: 16,
  /** The region of the packet in front; 0 where there is none. */
  before: 20,
  /** Linear address at which a packet that starts at 0 lies. */
  origin: 24,
  /** Where packets start at least, and end at most. */
  from: 28,
  to: 32,
  /** Regions of the packet that runs and of its context, told where a helper is lent them. */
  packetRegion: 36,
  contextRegion: 40,
} as const;
const CONTROL_BYTES = 64;

/** A word for each packet. */
const FIELDS = ['start', 'length', 'offset', 'regions', 'r0Low', 'r0High', 'steps'] as const;
type Field = (typeof FIELDS)[number];

/** With some bytes more: processors take words that lie 64 KiB apart for one another. */
const COLUMN = 4 * MOST_PACKETS + 320;
const COLUMNS_AT = CONTROL_BYTES;
const RING_AT = COLUMNS_AT + (FIELDS.length + MOST_CONTEXT_COLUMNS) * COLUMN;
const FRAMES_AT = RING_AT + 4 * (MOST_IDS + 1) + 4;

const LOOKUPS_AT = FRAMES_AT + FRAME_BYTES;
/** For what is remembered of all maps. */
export const LOOKUP_BYTES = 768 * 1024;

/** Scratch bytes that it takes. */
export const BATCH_BYTES = LOOKUPS_AT + LOOKUP_BYTES;

/** A length that says what is to be done instead of running the program. */
export const LENGTH = {
  /** The packet is left to who asked, as one of no bytes: the call ends in front of it. */
  left: -1,
  /** The hook passes it by; it takes no region. */
  bypassed: -2,
} as const;

/** Linear addresses of the parts. */
export class BatchLayout {
  readonly control: LinearAddress;

  constructor(scratch: LinearAddress) {
    this.control = scratch;
  }

  column(field: Field): LinearAddress {
    return this.control + COLUMNS_AT + FIELDS.indexOf(field) * COLUMN;
  }

  contextColumn(index: number): LinearAddress {
    return this.control + COLUMNS_AT + (FIELDS.length + index) * COLUMN;
  }

  get ring(): LinearAddress {
    return this.control + RING_AT;
  }

  get frames(): LinearAddress {
    return this.control + FRAMES_AT;
  }

  get lookups(): LinearAddress {
    return this.control + LOOKUPS_AT;
  }

  get frameBytes(): number {
    return FRAME_BYTES;
  }
}

/** What a load of a field of the context gives. */
export type FieldSource =
  | { readonly kind: 'constant'; readonly value: bigint }
  /** The address of the packet's first byte, of the one behind its last, or its length. */
  | { readonly kind: 'start' | 'end' | 'length' }
  /** A value of each packet's own. */
  | { readonly kind: 'column'; readonly column: number };

/**
 * Helpers that do with a packet as compiled code has it: those that ask, those that call functions
 * of the program, and bpf_tail_call.
 */
export type Borrowing = 'asks' | 'calls' | 'tail';

/** How packets are given to a program. */
export interface BatchEntry {
  readonly layout: BatchLayout;
  /** Steps of a packet at most. */
  readonly steps: Step;
  /**
   * The stack of a function that nothing called: r10, and the linear address of its lowest byte.
   */
  readonly stack: { readonly top: bigint; readonly base: LinearAddress };
  /**
   * r1 is the packet, from its `offset` on, and r2 this number, or the packet's length; undefined:
   * r1 is a context.
   */
  readonly memory?: {
    readonly r2: number | 'length';
    /** Bounds of the offset. */
    readonly offsets: readonly [low: number, high: number];
  };
  /** Ids that each packet takes: so many, or as many bytes of them as its column says. */
  readonly regions: number | 'column';
  /** Rights that the program has to packets: a store where it has none is for the interpreter. */
  readonly packetRights: number;
  /** What a load of the context gives; undefined: that is for the interpreter. */
  readonly contextValue: (offset: number, size: number) => FieldSource | undefined;
  /** What a helper, by its number, does with a packet that is lent to it (BatchWatcher.lend). */
  readonly borrows: (helper: number) => Borrowing | undefined;
}
