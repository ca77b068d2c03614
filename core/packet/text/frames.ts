import { sequence } from '../../bytes/pattern.ts';
import { arpSource, withEthernet } from '../capture/frame.ts';
import { LINK_LAYERS } from '../capture/link-types.ts';
import { CONVINCING, evidenceOf, type Start, weightAs } from './evidence.ts';
import { pluralOf } from './text-place.ts';

/** A packet as a dump shows it, and the line that stands above it. */
export interface ShownFrame {
  readonly bytes: Uint8Array;
  readonly summary: string;
  /** From 1. */
  readonly line: number;
}

export interface Framed {
  readonly packets: readonly Uint8Array[];
  readonly notes: readonly string[];
  /** How convincing it is, summed. */
  readonly weight: number;
}

/** Protocols as tcpdump names them in its summary: their EtherType, and who they are sent to. */
const SUMMARIES: readonly (readonly [RegExp, number, string?])[] = [
  [/\bvlan \d+/, 0x8100],
  [/\bIP6 /, 0x86dd],
  [/\bMPLS \(/, 0x8847],
  [/\bPPPoE\s+\[/, 0x8864],
  [/\bPPPoE PAD/, 0x8863],
  [/\bLLDP\b/, 0x88cc, '0180c200000e'],
  [/\b(?:LACP|SlowProtocol|slow)/i, 0x8809, '0180c2000002'],
  [/\bEAPOL\b|\bEAP packet/, 0x888e],
  [/\bPTPv?\d/, 0x88f7],
  [/\bMACsec\b/i, 0x88e5],
  [/\bRARP\b|Reverse ARP/i, 0x8035],
  [/\bARP[, ]/, 0x0806],
  [/\bIP /, 0x0800],
];

const LOCAL = '020000000001';
const REMOTE = '020000000002';
const TYPES: ReadonlyMap<Start, number> = new Map([
  ['ipv4', 0x0800],
  ['ipv6', 0x86dd],
  ['arp', 0x0806],
  ['vlan', 0x8100],
]);
/** Link types of captures (tcpdump.org) of the headers that stand in place of Ethernet's. */
const LINKS: ReadonlyMap<Start, number> = new Map([
  ['cooked', 113],
  ['cooked v2', 276],
  ['loopback', 0],
]);
const LINK_NAMES = new Map<number, string>([
  [113, 'Linux cooked header'],
  [276, 'Linux cooked header'],
  [0, 'Loopback header'],
]);

const mac = (digits: string): number[] =>
  (digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));

/** Sender and destination, the sender's maker in parentheses perhaps. */
const ADDRESSES = sequence(
  'i',
  /((?:[0-9a-f]{2}:){5}[0-9a-f]{2})(?: \([^)]*\))? > /,
  /(Broadcast|(?:[0-9a-f]{2}:){5}[0-9a-f]{2})/,
);

/** What `tcpdump -e` says of the link layer. */
function linkOf(summary: string): {
  type?: number;
  length?: number;
  source?: string;
  destination?: string;
} {
  const addresses = ADDRESSES.exec(summary);
  const [, source, destination] = addresses ?? [];
  const [, type] = /ethertype [^(]{0,60}\(0x([0-9a-f]{4})\)/i.exec(summary) ?? [];
  const [, length] = /\blength (\d+):/.exec(summary) ?? [];
  return {
    ...(type && { type: Number.parseInt(type, 16) }),
    ...(length && addresses && { length: Number(length) }),
    ...(source && { source: source.replaceAll(':', '') }),
    ...(destination && {
      destination: destination === 'Broadcast' ? 'ffffffffffff' : destination.replaceAll(':', ''),
    }),
  };
}

/** The frame around what has no link header: by the summary, else by what the bytes begin with. */
function rebuilt({ bytes, summary }: ShownFrame): Uint8Array | undefined {
  const tree = spanningTree(bytes, summary);
  if (tree !== undefined) return tree;
  const link = linkOf(summary);
  const named = SUMMARIES.find(([pattern]) => pattern.test(summary));
  const { start, weight } = evidenceOf(bytes);
  const seen = start && weight >= CONVINCING ? TYPES.get(start) : undefined;
  const tags = tagsOf(summary);
  if (tags !== undefined)
    return Uint8Array.from([
      ...mac(link.destination ?? REMOTE),
      ...mac(link.source ?? LOCAL),
      ...tags,
      ...bytes,
    ]);
  const frameOf = (type: number) => {
    const source = mac(link.source ?? LOCAL);
    const frame = withEthernet(
      bytes,
      type,
      (link.source === undefined && type === 0x0806 && arpSource(bytes)) || source,
    );
    frame.set(mac(link.destination ?? (named?.[1] === type ? named[2] : undefined) ?? REMOTE), 0);
    return frame;
  };
  const types = [link.type, seen, named?.[1], start && TYPES.get(start)].filter(
    (type) => type !== undefined,
  );
  const frames = types.map(frameOf);
  if (frames.length > 0) return link.type !== undefined ? frames[0] : strongest(frames);
  // Spanning tree and its like have a length in place of a type, and LLC behind it.
  return /\bSTP\b|802\.1d|802\.1w|\bCDP|LLC/.test(summary) && bytes.length <= 1500
    ? frameOf(bytes.length)
    : undefined;
}

/**
 * VLAN tags, which tcpdump leaves out with the link header and names with -e: EtherTypes and what
 * stands between them.
 */
function tagsOf(summary: string): number[] | undefined {
  const tags = [...summary.matchAll(/\bvlan (\d{1,4}), p (\d)(, DEI)?,?/g)];
  const types = [...summary.matchAll(/\bethertype [^(]{0,60}\(0x([0-9a-f]{4})\)/gi)].map(
    ([, digits = '']) => Number.parseInt(digits, 16),
  );
  const [first, ...inner] = types;
  if (first === undefined || tags.length === 0 || inner.length !== tags.length) return undefined;
  const words = [
    first,
    ...tags.flatMap(([, id, priority, drop], i) => [
      (Number(priority) << 13) | (drop ? 0x1000 : 0) | Number(id),
      inner[i] ?? 0,
    ]),
  ];
  return words.flatMap((word) => [word >> 8, word & 255]);
}

/** Spanning tree: tcpdump leaves its LLC header out too. */
function spanningTree(bytes: Uint8Array, summary: string): Uint8Array | undefined {
  const size = /\bSTP 802\.1[dws].* length (\d{1,4})/.exec(summary);
  if (size === null || bytes[0] !== 0 || bytes[1] !== 0) return undefined;
  const frame = withEthernet(
    Uint8Array.from([0x42, 0x42, 3, ...bytes]),
    Number(size[1]) + 3,
    mac(linkOf(summary).source ?? LOCAL),
  );
  frame.set(mac('0180c2000000'), 0);
  return frame;
}

const strongest = (frames: readonly Uint8Array[]): Uint8Array =>
  frames.reduce((best, frame) =>
    weightAs(frame, 'ethernet') > weightAs(best, 'ethernet') ? frame : best,
  );

/** How the addresses and the length that -e names fit a frame: both are there, or neither is. */
function fitsLink(frame: Uint8Array, shown: Uint8Array, summary: string): number {
  const { length, destination, source } = linkOf(summary);
  if (destination === undefined) return 0;
  const begins = [...mac(destination), ...mac(source!)].every((byte, i) => shown[i] === byte);
  const sized = length === undefined ? 0 : length === frame.length ? 30 : -20;
  return sized + (begins === (frame === shown) ? 60 : -60);
}

/** Packets as tcpdump -x shows them: the Ethernet header is made up, or taken from what -e says. */
export function withHeaders(shown: readonly ShownFrame[], option: string): Framed {
  const packets: Uint8Array[] = [];
  const left: number[] = [];
  let weight = 0;
  for (const packet of shown) {
    const frame = rebuilt(packet);
    if (frame === undefined) left.push(packet.line);
    else {
      packets.push(frame);
      weight += weightAs(frame, 'ethernet') + fitsLink(frame, packet.bytes, packet.summary);
    }
  }
  const known = shown.filter(({ summary }) => linkOf(summary).type !== undefined).length;
  const notes: string[] = [];
  const made = packets.length - known;
  if (made > 0)
    notes.push(
      `Ethernet header made up for ${pluralOf(made, 'packet')}: ${option} does not show it.`,
    );
  if (known > 0)
    notes.push(
      `Ethernet header of ${pluralOf(Math.min(known, packets.length), 'packet')} taken from the ` +
        `line above: ${option} does not show it.`,
    );
  for (const line of left.slice(0, 5))
    notes.push(
      `Bytes at line ${line} left out: their Ethernet header is not shown, ` +
        `and nothing tells which it was (use tcpdump -xx).`,
    );
  if (left.length > 5)
    notes.push(`Bytes of ${left.length - 5} more packets left out for the same reason.`);
  return { packets, notes, weight };
}

/** Packets that begin with their link header; what is not Ethernet becomes it, and that is said. */
export function withLinks(shown: readonly ShownFrame[]): Framed {
  const counts = new Map<string, number>();
  let weight = 0;
  const packets = shown.map(({ bytes, summary }) => {
    const kinds: Start[] = ['ethernet', 'cooked', 'cooked v2', 'loopback'];
    const [start, most] = kinds
      .map((kind) => [kind, weightAs(bytes, kind)] as const)
      .reduce((best, next) => (next[1] > best[1] ? next : best));
    weight += most + fitsLink(bytes, bytes, summary);
    const link = most >= CONVINCING ? LINKS.get(start) : undefined;
    const frame = link === undefined ? undefined : LINK_LAYERS.get(link)?.toEthernet?.(bytes);
    if (frame === undefined) return bytes;
    const name = LINK_NAMES.get(link!)!;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return frame;
  });
  const notes = [...counts].map(
    ([name, count]) => `${name} replaced by Ethernet's in ${pluralOf(count, 'packet')}.`,
  );
  return { packets, notes, weight };
}

/**
 * What is said of packets that begin with something else than Ethernet, and are left as they are.
 */
export function startNotes(packets: readonly Uint8Array[]): string[] {
  const starts = packets.map((bytes) => evidenceOf(bytes));
  const sure = (names: readonly Start[]) =>
    starts.some(
      ({ start, weight }) => start !== undefined && names.includes(start) && weight >= CONVINCING,
    );
  const notes: string[] = [];
  if (sure(['ipv4', 'ipv6', 'arp', 'vlan']))
    notes.push('Starts with a network header: there is no Ethernet header in front of it.');
  if (sure(['cooked', 'cooked v2', 'loopback']))
    notes.push('Starts with the header of another link layer, not with an Ethernet header.');
  return notes;
}

/** Packets without an Ethernet header get one where what they begin with tells which. */
export function framesAround(packets: readonly Uint8Array[]): readonly Uint8Array[] | undefined {
  const frames = packets.map((bytes) => {
    const { start, weight } = evidenceOf(bytes);
    if (start === undefined || start === 'ethernet' || weight < CONVINCING) return bytes;
    const link = LINKS.get(start);
    if (link !== undefined) return LINK_LAYERS.get(link)?.toEthernet?.(bytes) ?? bytes;
    return rebuilt({ bytes, summary: '', line: 0 }) ?? bytes;
  });
  return frames.some((frame, i) => frame !== packets[i]) ? frames : undefined;
}
