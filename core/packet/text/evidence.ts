import { ETHERTYPES } from '../../spec/protocols.ts';
import { sumWords } from '../checksum.ts';

/** What the first byte of a packet seems to be. */
export type Start =
  | 'ethernet'
  | 'ipv4'
  | 'ipv6'
  | 'arp'
  | 'cooked'
  | 'cooked v2'
  | 'loopback'
  | 'vlan';

/** What headers found in some bytes say for them. */
export interface Evidence {
  readonly start: Start | undefined;
  /**
   * 0 where nothing speaks for a packet; above `CONVINCING` lengths agree or a checksum is right.
   */
  readonly weight: number;
  /** Bytes that the headers say the packet has, where they say more than there are. */
  readonly missing: number;
}

export const CONVINCING = 20;

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ARP = 0x0806;
const TAGS = new Set([0x8100, 0x88a8, 0x9100, 0x9200]);
/** Smallest frame without its checksum: what is shorter is filled up. */
const LEAST_FRAME = 60;
/** Bytes of a paste end anywhere: behind the end all are 0 here. */
const byte = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;
const word = (bytes: Uint8Array, at: number): number =>
  (byte(bytes, at) << 8) | byte(bytes, at + 1);
const NOTHING: Found = { weight: 0, missing: 0 };

interface Found {
  readonly weight: number;
  readonly missing: number;
}

const isRight = (bytes: Uint8Array, start: number, end: number, pseudo = 0): boolean => {
  const sum = pseudo + sumWords(bytes, { start, end });
  return sum > 0 && sum % 0xffff === 0;
};

/**
 * A length in a header against the bytes there are: agreeing, with padding behind, cut off, or not
 * to be believed.
 */
function lengthFound(bytes: Uint8Array, end: number): Found {
  if (end === bytes.length) return { weight: 22, missing: 0 };
  if (end > bytes.length) return { weight: end <= 65_600 ? -8 : -14, missing: end - bytes.length };
  if (bytes.length <= LEAST_FRAME + 4) return { weight: 12, missing: 0 };
  return {
    weight: bytes.subarray(end).every((byte) => byte === 0)
      ? 10
      : bytes.length - end <= 12
        ? 4
        : -8,
    missing: 0,
  };
}

/** Length and checksum of TCP, UDP and ICMP. */
function transport(
  bytes: Uint8Array,
  protocol: number,
  start: number,
  end: number,
  addresses: [number, number],
): number {
  if (end > bytes.length || start + 8 > end) return 0;
  const pseudo =
    sumWords(bytes, { start: addresses[0], end: addresses[1] }) + protocol + (end - start);
  if (protocol === 17)
    return (
      (word(bytes, start + 4) === end - start ? 8 : -4) +
      (isRight(bytes, start, end, pseudo) ? 10 : 0)
    );
  if (protocol === 6) {
    const header = (byte(bytes, start + 12) >> 4) * 4;
    if (header < 20 || start + header > end) return -6;
    return 4 + (isRight(bytes, start, end, pseudo) ? 10 : 0);
  }
  if (protocol === 1) return isRight(bytes, start, end) ? 10 : 0;
  return protocol === 58 && isRight(bytes, start, end, pseudo) ? 10 : 0;
}

function ipv4(bytes: Uint8Array, at: number): Found {
  if (bytes.length - at < 20 || byte(bytes, at) >> 4 !== 4) return NOTHING;
  const size = (byte(bytes, at) & 15) * 4;
  const total = word(bytes, at + 2);
  if (size < 20 || at + size > bytes.length || (total < size && total !== 0)) return NOTHING;
  const { weight, missing } = lengthFound(bytes, at + total);
  const right = isRight(bytes, at, at + size) ? 30 : 0;
  const first = (word(bytes, at + 6) & 0x3fff) === 0;
  const more = first
    ? transport(bytes, byte(bytes, at + 9), at + size, at + total, [at + 12, at + 20])
    : 0;
  return { weight: Math.max(3, 4 + weight + right + more), missing: right > 0 ? missing : 0 };
}

function ipv6(bytes: Uint8Array, at: number): Found {
  if (bytes.length - at < 40 || byte(bytes, at) >> 4 !== 6) return NOTHING;
  const end = at + 40 + word(bytes, at + 4);
  const { weight, missing } = lengthFound(bytes, end);
  const next = [0, 6, 17, 43, 44, 50, 51, 58, 59, 60, 132].includes(byte(bytes, at + 6)) ? 6 : -6;
  const calm = word(bytes, at) === 0x6000 ? 3 : 0;
  const more = transport(bytes, byte(bytes, at + 6), at + 40, end, [at + 8, at + 40]);
  const sum = 3 + weight + next + calm + more;
  return { weight: Math.max(2, sum), missing: weight + next > 0 ? missing : 0 };
}

function arp(bytes: Uint8Array, at: number): Found {
  if (
    bytes.length - at < 8 ||
    word(bytes, at) !== 1 ||
    word(bytes, at + 2) !== IPV4 ||
    word(bytes, at + 4) !== 0x0604
  )
    return NOTHING;
  const operation = word(bytes, at + 6);
  // Padding behind it fills the shortest frame up.
  const more = bytes.length > LEAST_FRAME + 8 ? -20 : 0;
  return {
    weight: (operation >= 1 && operation <= 9 ? 45 : 20) + more,
    missing: Math.max(0, at + 28 - bytes.length),
  };
}

function payload(bytes: Uint8Array, type: number, at: number): Found {
  if (type === IPV4) return ipv4(bytes, at);
  if (type === IPV6) return ipv6(bytes, at);
  if (type === ARP) return arp(bytes, at);
  return NOTHING;
}

/** A protocol whose own head says that it is itself; others of the table count little. */
function knownPayload(bytes: Uint8Array, type: number, at: number): Found {
  if (type === 0x88cc) return { weight: word(bytes, at) >> 9 === 1 ? 25 : 2, missing: 0 };
  if (type === 0x8847) {
    const label = byte(bytes, at + 2) & 1;
    const inner = label ? best([ipv4(bytes, at + 4), ipv6(bytes, at + 4)]) : NOTHING;
    return { weight: 6 + inner.weight, missing: inner.missing };
  }
  if (type === 0x8863 || type === 0x8864)
    return { weight: bytes[at] === 0x11 ? 22 : 2, missing: 0 };
  return { weight: ETHERTYPES.has(type) ? 8 : 0, missing: 0 };
}

const best = (found: readonly Found[]): Found =>
  found.reduce((one, other) => (other.weight > one.weight ? other : one));

function ethernet(bytes: Uint8Array): Found {
  if (bytes.length < 14) return NOTHING;
  let at = 12;
  while (TAGS.has(word(bytes, at)) && at + 6 <= bytes.length && at < 28) at += 4;
  const type = word(bytes, at);
  at += 2;
  const tags = (at - 14) * 2;
  // A sender is never a group.
  const sender = byte(bytes, 6) & 1 ? -12 : 0;
  if (type <= 1500) {
    if (type < 3 || at + 3 > bytes.length) return NOTHING;
    const { weight } = lengthFound(bytes, at + type);
    const known = [0x42, 0xaa, 0xe0, 0xf0, 0xff, 0xfe, 0x06, 0].includes(byte(bytes, at));
    return { weight: known ? Math.max(0, weight - 2 + sender) : 0, missing: 0 };
  }
  const inner = payload(bytes, type, at);
  const known =
    inner.weight > 0
      ? { weight: inner.weight + 6, missing: inner.missing }
      : knownPayload(bytes, type, at);
  if (type === IPV4 || type === IPV6 || type === ARP) {
    if (inner.weight === 0) return { weight: bytes.length - at < 20 ? 3 : 0, missing: 0 };
  }
  return {
    weight: known.weight === 0 ? 0 : Math.max(0, known.weight + tags + sender),
    missing: known.missing,
  };
}

function cooked(bytes: Uint8Array): Found {
  if (bytes.length < 16 || word(bytes, 0) > 4 || word(bytes, 4) > 8) return NOTHING;
  if (![1, 512, 772, 776, 778, 65_534].includes(word(bytes, 2))) return NOTHING;
  const found = payload(bytes, word(bytes, 14), 16);
  return found.weight > 0 ? { weight: found.weight + 7, missing: found.missing } : NOTHING;
}

function cookedV2(bytes: Uint8Array): Found {
  if (bytes.length < 20 || word(bytes, 2) !== 0 || byte(bytes, 10) > 4 || byte(bytes, 11) > 8)
    return NOTHING;
  const found = payload(bytes, word(bytes, 0), 20);
  return found.weight > 0 ? { weight: found.weight + 7, missing: found.missing } : NOTHING;
}

const FAMILIES = new Set([2, 10, 24, 28, 30]);

function loopback(bytes: Uint8Array): Found {
  if (bytes.length < 24) return NOTHING;
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes;
  const little = second === 0 && third === 0 && fourth === 0 ? first : 0;
  const big = first === 0 && second === 0 && third === 0 ? fourth : 0;
  if (!FAMILIES.has(little) && !FAMILIES.has(big)) return NOTHING;
  const found = best([ipv4(bytes, 4), ipv6(bytes, 4)]);
  return found.weight > 0 ? { weight: found.weight + 4, missing: found.missing } : NOTHING;
}

function tagged(bytes: Uint8Array): Found {
  if (bytes.length < 12) return NOTHING;
  const inner = payload(bytes, word(bytes, 2), 4);
  return inner.weight > 0 ? { weight: inner.weight + 2, missing: inner.missing } : NOTHING;
}

const STARTS: readonly (readonly [Start, (bytes: Uint8Array) => Found])[] = [
  ['ethernet', ethernet],
  ['ipv4', (bytes) => ipv4(bytes, 0)],
  ['ipv6', (bytes) => ipv6(bytes, 0)],
  ['arp', (bytes) => arp(bytes, 0)],
  ['cooked', cooked],
  ['cooked v2', cookedV2],
  ['loopback', loopback],
  ['vlan', tagged],
];

/**
 * How convincing bytes are as a packet that starts with one of the known headers: the best of all.
 */
export function evidenceOf(bytes: Uint8Array): Evidence {
  let found: Evidence = { start: undefined, weight: 0, missing: 0 };
  for (const [start, judge] of STARTS) {
    const { weight, missing } = judge(bytes);
    if (weight > found.weight) found = { start, weight, missing };
  }
  return found;
}

/** Weight of one kind of start alone. */
export const weightAs = (bytes: Uint8Array, start: Start): number =>
  STARTS.find(([name]) => name === start)![1](bytes).weight;

/** Packets looked at: more of a paste say no more. */
const LOOKED_AT = 24;

/**
 * How convincing several packets are together: their mean, so that two halves never weigh more than
 * the whole.
 */
export function meanEvidence(packets: readonly Uint8Array[]): number {
  if (packets.length === 0) return 0;
  const some =
    packets.length <= LOOKED_AT
      ? packets
      : packets.filter((_, i) => i % Math.ceil(packets.length / LOOKED_AT) === 0);
  return some.reduce((sum, bytes) => sum + evidenceOf(bytes).weight, 0) / some.length;
}
