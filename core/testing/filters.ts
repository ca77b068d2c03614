// Display filters over the packets of the repository: what tshark answers, and what is said here.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCapture } from '../packet/capture/capture.ts';
import { dissect } from '../packet/dissect.ts';
import { compileFilter } from '../packet/filter/filter.ts';
import { flatten } from './tshark.ts';

/** From the project's root, where both the tests and the tools run. */
export const FILTERED = 'core/testdata/packets';
/** Captures, one behind the other: a packet's number counts from the first of them on. */
export const FILTERED_FILES = ['designed', 'mutated', 'random', 'cases', 'built'];

/** A filter and the numbers of the packets it leaves, as ranges: `1-8,37`. */
export interface FilterAnswer {
  readonly filter: string;
  readonly packets: string;
}

export interface FilterGolden {
  /** Of every packet, as tshark says them. */
  readonly headers: readonly string[];
  readonly answers: readonly FilterAnswer[];
}

export const filterTexts = (): string[] =>
  readFileSync(join(FILTERED, 'filters.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

/** `1-3,7` of ascending numbers. */
export function asRanges(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const number of numbers) {
    const range = ranges.at(-1);
    if (range && number === range[1] + 1) range[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([a, b]) => (a === b ? a : `${a}-${b}`)).join(',');
}

/** Every packet of the captures, in order. */
export const filteredPackets = () =>
  FILTERED_FILES.flatMap(
    (file) =>
      readCapture(file, new Uint8Array(readFileSync(join(FILTERED, `${file}.pcap`)))).packets,
  );

/** Headers of a packet in tshark's notation, what is repeated once: it says labels of MPLS so. */
const withoutRepeats = (headers: string): string =>
  headers
    .replace(/:ethertype\b/g, '')
    .split(':')
    .filter((name, i, all) => name !== all[i - 1])
    .join(':');

/** A header or an option that says more bytes than there are. */
const CUT_SHORT = /\d+ (?:is|are) there$/;

/**
 * Whether both take a packet apart into the same headers, each whole: damaged ones and protocols
 * that only one of them knows are compared field by field elsewhere
 * (core/packet/wireshark.test.ts).
 */
export function hasSameHeaders(bytes: Uint8Array, theirs: string): boolean {
  const { layers, problems } = dissect(bytes, 'ethernet');
  const ours = layers.map(({ name }) => name).filter((name) => name !== 'eth.padding');
  return (
    withoutRepeats(ours.join(':')) === withoutRepeats(theirs) &&
    !problems.some((problem) => CUT_SHORT.test(problem))
  );
}

/** Where Wireshark answers otherwise on purpose or by mistake; each says why ours is kept. */
const EXCEPTIONS: readonly {
  readonly why: string;
  readonly filters: RegExp;
  /** A field of the packets that it is about; all of them where nothing is said. */
  readonly having?: string;
}[] = [
  {
    why: 'what stands behind a frame is padding only as far as 60 bytes, and a trailer behind',
    filters: /eth\.padding/,
    having: 'eth.padding',
  },
  {
    why: "the last address of a source route is the packet's destination, which is no field",
    filters: /ip\.(?:dst|addr)/,
    having: 'ip.options.route',
  },
  { why: 'UDP-Lite has a hidden udp.length', filters: /udp\.length/, having: 'udplite' },
  {
    why: 'Wireshark 4.0 asks of "all" that every value is the same element of the set',
    filters: /^all .* in \{.*,/,
  },
];

type Filtered = ReturnType<typeof filteredPackets>;

/** Packets on which both should answer a filter alike, and how many are excepted by a rule. */
export function comparedPackets(
  filter: string,
  packets: Filtered,
  headers: readonly string[],
): { numbers: ReadonlySet<number>; excepted: number } {
  const rules = EXCEPTIONS.filter(({ filters }) => filters.test(filter));
  const numbers = new Set<number>();
  let excepted = 0;
  for (const [i, { bytes }] of packets.entries()) {
    if (!hasSameHeaders(bytes, headers[i] ?? '')) continue;
    const nodes = rules.length > 0 ? flatten(dissect(bytes, 'ethernet').layers) : [];
    const isExcepted = rules.some(
      ({ having }) => having === undefined || nodes.some(({ name }) => name === having),
    );
    if (isExcepted) excepted++;
    else numbers.add(i + 1);
  }
  return { numbers, excepted };
}

/** The numbers among ranges that are compared. */
export const comparable = (ranges: string, numbers: ReadonlySet<number>): string =>
  asRanges(ofRanges(ranges).filter((number) => numbers.has(number)));

const ofRanges = (ranges: string): number[] =>
  ranges
    .split(',')
    .filter((range) => range !== '')
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });

/** What a filter here leaves of packets. */
export function answerHere(filter: string, packets: Filtered): string {
  const { matches } = compileFilter(filter);
  const firstTimestamp = packets[0]?.timestamp;
  const numbers = packets.flatMap(({ bytes, timestamp, originalLength }, i) =>
    matches({
      number: i + 1,
      bytes,
      link: 'ethernet',
      length: originalLength ?? bytes.length,
      timestamp,
      firstTimestamp,
    })
      ? [i + 1]
      : [],
  );
  return asRanges(numbers);
}
