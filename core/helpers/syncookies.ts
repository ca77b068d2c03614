import { readGuest } from '../machine/access.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { socketAt } from '../machine/sockets.ts';
import { failure } from '../spec/errno.ts';
import { u32 } from './arguments.ts';

/**
 * SYN cookies (net/ipv4/syncookies.c): what a connection needs, in the number that is sent back.
 * The kernel hashes with a secret that it makes at boot; here the secret is the session's seed, so
 * cookies are the same in every run but not those of a kernel.
 */
const COOKIE_BITS = 24n;
const COOKIE_MASK = (1n << COOKIE_BITS) - 1n;
const MASK32 = 0xffff_ffffn;
const NS_PER_MINUTE = 60_000_000_000n;
/** Minutes a cookie is good for. */
const MAX_AGE = 2n;
/** Sizes that a cookie can name (msstab of net/ipv4/syncookies.c and net/ipv6/syncookies.c). */
const MSS = { ipv4: [536, 1300, 1440, 1460], ipv6: [1220, 1420, 1440, 8940] } as const;
const DEFAULT_MSS = { ipv4: 536, ipv6: 1220 } as const;
const TCP_BYTES = 20;

type Version = keyof typeof MSS;

function hash(machine: Machine, bytes: readonly number[], salt: bigint): bigint {
  let value = 0xcbf29ce484222325n ^ salt ^ BigInt(machine.surroundings.seed);
  for (const byte of bytes) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
  return (value ^ (value >> 32n)) & MASK32;
}

interface Segment {
  readonly version: Version;
  /** Addresses and ports. */
  readonly flow: readonly number[];
  readonly tcp: Uint8Array;
}

const word = (bytes: Uint8Array, at: number): bigint =>
  BigInt(new DataView(bytes.buffer, bytes.byteOffset).getUint32(at));
const minutes = (machine: Machine): bigint =>
  (machine.surroundings.time + BigInt(machine.steps)) / NS_PER_MINUTE;

function makeCookie(machine: Machine, { flow, tcp }: Segment, data: bigint): bigint {
  const count = minutes(machine);
  const first = hash(machine, flow, 0n);
  const second = (hash(machine, flow, count + 1n) + data) & COOKIE_MASK;
  return (first + word(tcp, 4) + (count << COOKIE_BITS) + second) & MASK32;
}

/**
 * The index of the MSS in a cookie that an ACK brings back; undefined where it is none or too old.
 */
function cookieData(machine: Machine, { flow, tcp, version }: Segment): number | undefined {
  const cookie = (word(tcp, 8) - 1n) & MASK32;
  const rest = (cookie - hash(machine, flow, 0n) - (word(tcp, 4) - 1n)) & MASK32;
  const now = minutes(machine);
  const age = (now - (rest >> COOKIE_BITS)) & 0xffn;
  if (age >= MAX_AGE) return undefined;
  const data = Number((rest - hash(machine, flow, now - age + 1n)) & COOKIE_MASK);
  return data < MSS[version].length ? data : undefined;
}

/** The last MSS option of a TCP header that is not 0; undefined where there is none. */
function mssOption(tcp: Uint8Array): number | undefined {
  let found: number | undefined;
  for (let at = TCP_BYTES; at + 1 < tcp.length && tcp[at] !== 0; ) {
    if (tcp[at] === 1) {
      at += 1;
      continue;
    }
    const length = tcp[at + 1];
    if (length < 2 || at + length > tcp.length) break;
    if (tcp[at] === 2 && length === 4) found = (tcp[at + 2] << 8) | tcp[at + 3] || found;
    at += length;
  }
  return found;
}

function segment(
  machine: Machine,
  helper: string,
  version: Version,
  ip: bigint,
  tcpAt: bigint,
  size: number,
): Segment {
  const addresses =
    version === 'ipv4'
      ? readGuest(machine, helper, ip + 12n, 8)
      : readGuest(machine, helper, ip + 8n, 32);
  const tcp = readGuest(machine, helper, tcpAt, size);
  return { version, flow: [...addresses, ...tcp.subarray(0, 4)], tcp };
}

function newCookie(machine: Machine, part: Segment): bigint {
  const wanted = mssOption(part.tcp) ?? DEFAULT_MSS[part.version];
  const table: readonly number[] = MSS[part.version];
  const index = Math.max(
    0,
    table.findLastIndex((mss) => mss <= wanted),
  );
  return makeCookie(machine, part, BigInt(index)) | (BigInt(table[index]) << 32n);
}

/**
 * bpf_tcp_raw_gen_syncookie_*: r1 IP header, r2 TCP header, r3 (IPv4, IPv6) its bytes; the MSS
 * stands above the cookie.
 */
const rawGen =
  (version: Version): HelperFunction =>
  (machine) => {
    const name = `bpf_tcp_raw_gen_syncookie_${version}`;
    const size = u32(machine.argument(3));
    if (size < TCP_BYTES) return failure('EINVAL');
    const part = segment(machine, name, version, machine.argument(1), machine.argument(2), size);
    if (size !== (part.tcp[12] >> 4) * 4) return failure('EINVAL');
    return newCookie(machine, part);
  };

/** bpf_tcp_raw_check_syncookie_*: r1 IP header, r2 TCP header of the ACK. */
const rawCheck =
  (version: Version): HelperFunction =>
  (machine) => {
    const name = `bpf_tcp_raw_check_syncookie_${version}`;
    const part = segment(
      machine,
      name,
      version,
      machine.argument(1),
      machine.argument(2),
      TCP_BYTES,
    );
    return cookieData(machine, part) === undefined ? failure('EACCES') : 0n;
  };

export const tcpRawGenSyncookieIpv4 = rawGen('ipv4');
export const tcpRawGenSyncookieIpv6 = rawGen('ipv6');
export const tcpRawCheckSyncookieIpv4 = rawCheck('ipv4');
export const tcpRawCheckSyncookieIpv6 = rawCheck('ipv6');

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;

/**
 * r1 listening socket, r2 IP header, r3 its bytes, r4 TCP header, r5 its bytes; what both helpers
 * refuse alike.
 */
function ofListener(machine: Machine, helper: string): Segment | bigint {
  const open = socketAt(machine, machine.argument(1));
  const ipSize = u32(machine.argument(3));
  const size = u32(machine.argument(5));
  const ip = readGuest(machine, helper, machine.argument(2), ipSize);
  const tcp = readGuest(machine, helper, machine.argument(4), size);
  if (size < TCP_BYTES) return failure('EINVAL');
  if (open?.socket.protocol !== 'tcp' || open.socket.state !== 'listen') return failure('EINVAL');
  const version = ipSize > 0 ? ip[0] >> 4 : 0;
  if (version === 4 && ipSize >= 20)
    return { version: 'ipv4', flow: [...ip.subarray(12, 20), ...tcp.subarray(0, 4)], tcp };
  if (version === 6 && ipSize >= 40)
    return { version: 'ipv6', flow: [...ip.subarray(8, 40), ...tcp.subarray(0, 4)], tcp };
  return failure(version === 4 || version === 6 ? 'EINVAL' : 'EPROTONOSUPPORT');
}

/** bpf_tcp_gen_syncookie: for a SYN to a listening socket. */
export const tcpGenSyncookie: HelperFunction = (machine) => {
  const part = ofListener(machine, 'bpf_tcp_gen_syncookie');
  if (typeof part === 'bigint') return part;
  const flags = part.tcp[13];
  if (part.tcp.length !== (part.tcp[12] >> 4) * 4 || (flags & (SYN | ACK | FIN | RST)) !== SYN)
    return failure('EINVAL');
  return newCookie(machine, part);
};

/** bpf_tcp_check_syncookie: whether an ACK to a listening socket brings a cookie back. */
export const tcpCheckSyncookie: HelperFunction = (machine) => {
  const part = ofListener(machine, 'bpf_tcp_check_syncookie');
  if (typeof part === 'bigint') return part;
  if ((part.tcp[13] & (ACK | RST | SYN)) !== ACK) return failure('ENOENT');
  return cookieData(machine, part) === undefined ? failure('ENOENT') : 0n;
};
