import type { HeaderName } from './protocol-row.ts';
import { type HeaderOption, IPV4_OPTIONS, IPV6_OPTIONS, TCP_OPTIONS } from './protocols.ts';

/** The options that a header ends with, as the packet builder makes them. */
export interface OptionList {
  readonly options: ReadonlyMap<number, HeaderOption>;
  /** Wireshark's name of their group; without one they stand right in the header. */
  readonly group?: string;
  /** Bytes of the header in front of them. */
  readonly start: number;
  /** The header is a multiple of so many bytes. */
  readonly unit: number;
  /** Types that fill it up to that: they are put there and taken away, never asked for. */
  readonly filling: readonly number[];
  /** Bytes that fill so many. */
  readonly fill: (size: number) => Uint8Array;
  /** Options that can be added, by type, in hex. */
  readonly fresh: ReadonlyMap<number, string>;
}

/** RFC 8200 section 4.2: one byte is Pad1, several are PadN. */
const padN = (size: number): Uint8Array => {
  const bytes = new Uint8Array(size);
  if (size > 1) bytes.set([1, size - 2]);
  return bytes;
};
/** RFC 9293 section 3.2, RFC 791 section 3.1: the end of options is 0, and so is what follows. */
const zeros = (size: number): Uint8Array => new Uint8Array(size);

const EXTENSION = {
  options: IPV6_OPTIONS,
  start: 2,
  unit: 8,
  filling: [0, 1],
  fill: padN,
};

export const OPTION_LISTS: Partial<Record<HeaderName, OptionList>> = {
  ipv4: {
    options: IPV4_OPTIONS,
    group: 'ip.options',
    start: 20,
    unit: 4,
    filling: [0],
    fill: zeros,
    fresh: new Map([
      [1, '01'],
      [7, '07 07 04 00000000'],
      [68, '44 08 05 00 00000000'],
      [131, '83 07 04 0a000002'],
      [148, '94 04 0000'],
    ]),
  },
  tcp: {
    options: TCP_OPTIONS,
    group: 'tcp.options',
    start: 20,
    unit: 4,
    filling: [0],
    fill: zeros,
    fresh: new Map([
      [1, '01'],
      [2, '02 04 05b4'],
      [3, '03 03 07'],
      [4, '04 02'],
      [5, '05 0a 00000001 00000002'],
      [8, '08 0a 00000001 00000000'],
    ]),
  },
  'hop-by-hop options': {
    ...EXTENSION,
    fresh: new Map([
      [0x05, '05 02 0000'],
      [0xc2, 'c2 04 00010000'],
    ]),
  },
  'destination options': {
    ...EXTENSION,
    fresh: new Map([[0xc9, `c9 10 20010db8${'00'.repeat(11)}03`]]),
  },
};
