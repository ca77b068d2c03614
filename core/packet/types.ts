import type { HeaderName } from '../spec/protocol-row.ts';

/** A half-open range of bytes. */
export interface ByteRange {
  readonly start: number;
  /** exclusive */
  readonly end: number;
}

/** One packet a user gave: its bytes from the link layer on, and where it came from. */
export interface Packet {
  /** `pasted`, `capture.pcap #3`, or what the user called it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Nanoseconds since the epoch, where a capture file said. */
  readonly timestamp?: bigint;
  /** Bytes on the wire, where a capture cut the packet short. */
  readonly originalLength?: number;
}

/** What reading pasted text gave, and how it was read: the page says it. */
export interface ReadText {
  readonly packets: readonly Packet[];
  /** Name of the dialect, for people: `tcpdump -xx`, `C array`, `hexdump -C`. */
  readonly dialect: string;
  /**
   * What was left out or guessed: `ASCII column skipped`, `frame rebuilt: tcpdump -x shows no
   * Ethernet header`.
   */
  readonly notes: readonly string[];
  /** Other readings that are nearly as convincing and give other bytes. */
  readonly alternatives: readonly Alternative[];
}

/** Another way to read a pasted text. */
export interface Alternative {
  /** Name that `--as` takes. */
  readonly dialect: string;
  /** For people: `a dump of little-endian words`. */
  readonly label: string;
  readonly packets: readonly Packet[];
}

/**
 * A header field or a header: one row of the dissection tree. Names are Wireshark's display filter
 * names.
 */
export interface FieldNode {
  /** `ip.dst`, `tcp.flags.syn`; for a header `ip`. Unique together with `offset`. */
  readonly name: string;
  /** For people: `Destination address`. */
  readonly label: string;
  /** As people read it: `1.1.1.1`, `IPv4 (0x0800)`, `80`. Empty for a header without a summary. */
  readonly text: string;
  /** Bytes from the start of the packet. */
  readonly offset: number;
  /** Bytes it touches. */
  readonly length: number;
  /** For a field smaller than its bytes: the bits, most significant bit of the first byte is 0. */
  readonly bits?: { readonly start: number; readonly count: number };
  /**
   * What is wrong with it: `checksum is 0x1234, should be 0x4321`, `header runs past the end of the
   * packet`.
   */
  readonly problem?: string;
  /** Can be set by `editField` from text. */
  readonly editable: boolean;
  readonly children: readonly FieldNode[];
}

export interface Dissection {
  readonly layers: readonly FieldNode[];
  /** One line for a list: `IPv4 10.0.0.2 -> 1.1.1.1 TCP 40000 -> 80 [SYN]`. */
  readonly summary: string;
  /** Every problem in the tree, in order. */
  readonly problems: readonly string[];
}

/** What the first byte of a packet is: decides where dissection starts. */
export type LinkType = 'ethernet' | 'ip' | 'raw';

/** One header of a packet as the builder shows it. */
export interface StackRow {
  readonly header: HeaderName | 'padding';
  readonly label: string;
  readonly text: string;
  readonly size: number;
  /** Of a header that may have some: what is there, without what only fills it up. */
  readonly options?: readonly { readonly label: string; readonly text: string }[];
}

/** One header of the packet that is wanted: one that is there, a new one, or bytes behind all. */
export type StackItem =
  /** The number of a piece of the packet (`piecesOf`); with other options than it has. */
  | { readonly keep: number; readonly options?: readonly OptionItem[] }
  /** `variant`: which of the row's `fresh`. */
  | { readonly header: HeaderName; readonly variant?: number }
  | { readonly payload: Uint8Array };

/** An option of the header that is there by its number, or a new one by its type. */
export type OptionItem = { readonly keep: number } | { readonly type: number };
