import { isEqualBytes } from '../bytes/equal.ts';
import { readGuest, writeGuest } from '../machine/access.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { deviceOf, type Route } from '../machine/network.ts';
import { AF_INET, AF_INET6, addressBytes } from '../machine/sockets.ts';
import { parseMac } from '../packet/address.ts';
import { failure } from '../spec/errno.ts';
import { i32, u32 } from './arguments.ts';

/**
 * bpf_fib_lookup over the session's routes and neighbours (net/core/filter.c, bpf_ipv4_fib_lookup
 * and bpf_ipv6_fib_lookup).
 *
 *     struct bpf_fib_lookup, 64 bytes
 *     0 family  1 l4_protocol  2 sport  4 dport  6 tot_len / mtu_result  8 ifindex
 *     12 tos / flowinfo / rt_metric  16 source (16 bytes)  32 destination (16 bytes)
 *     48 VLAN protocol, tag (or tbid)  52 smac  58 dmac (or mark)
 */
const PARAMS_BYTES = 64;

const FLAG = { direct: 1, output: 2, skipNeighbour: 4, tableId: 8, source: 16, mark: 32 } as const;
const KNOWN = Object.values(FLAG).reduce((all, flag) => all | flag, 0);

/** What the helper answers (enum of include/uapi/linux/bpf.h, BPF_FIB_LKUP_RET_*). */
const RESULT = {
  success: 0n,
  blackhole: 1n,
  unreachable: 2n,
  prohibit: 3n,
  notForwarded: 4n,
  forwardingDisabled: 5n,
  noNeighbour: 7n,
  fragmentationNeeded: 8n,
  noSource: 9n,
} as const;

function prefixOf({ prefix }: Route): { network: Uint8Array; length: number } {
  const [text, bits] = prefix.split('/');
  const network = addressBytes(text, `route ${prefix}`);
  return { network, length: bits === undefined ? network.length * 8 : Number(bits) };
}

/** Leading bits that two addresses of one family share. */
function sharedBits(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? a.length * 8 : at * 8 + Math.clz32(a[at] ^ b[at]) - 24;
}

/** The prefix's length, if the address lies in it. */
function matchLength(route: Route, address: Uint8Array): number | undefined {
  const { network, length } = prefixOf(route);
  return network.length === address.length && sharedBits(network, address) >= length
    ? length
    : undefined;
}

/**
 * Whether a lookup takes the route at all. IPv4 asked for a device takes only routes over it, which
 * those that refuse are over any. IPv6's own addresses are in a table that a direct lookup does not
 * see; IPv4's two tables are one.
 */
function isCandidate(route: Route, { family, ifindex }: Params, flags: number): boolean {
  if (family === AF_INET6) return !(flags & FLAG.direct) || route.kind !== 'local';
  const overDevice = route.kind === 'unicast' || route.kind === 'local';
  return !(flags & FLAG.output) || !overDevice || route.ifindex === ifindex;
}

/** The route with the longest prefix; the first of equals. */
function routeTo(machine: Machine, params: Params, flags: number): Route | undefined {
  let best: { route: Route; length: number } | undefined;
  for (const route of machine.network.routes) {
    const length = isCandidate(route, params, flags)
      ? matchLength(route, params.destination)
      : undefined;
    if (length !== undefined && (best === undefined || length > best.length))
      best = { route, length };
  }
  return best?.route;
}

/** An address that only this host itself knows. */
const isLoopback = (address: Uint8Array): boolean =>
  address.length === 4
    ? address[0] === 127
    : address.every((byte, i) => byte === (i === 15 ? 1 : 0));

/**
 * The address that this host sends from where the route names none: one of the device's before
 * others, of IPv6 that which is most like the destination (inet_select_addr; ipv6_dev_get_saddr,
 * RFC 6724 section 5, rules 5 and 8).
 */
function sourceAddress(
  machine: Machine,
  destination: Uint8Array,
  ifindex: number,
): Uint8Array | undefined {
  const score = ({ route, address }: { route: Route; address: Uint8Array }): number =>
    (route.ifindex === ifindex ? 1000 : 0) +
    (address.length === 16 ? sharedBits(address, destination) : 0);
  const own = machine.network.routes
    .filter((route) => route.kind === 'local')
    .map((route) => ({ route, address: prefixOf(route).network }))
    .filter(({ address }) => address.length === destination.length && !isLoopback(address));
  return own.sort((a, b) => score(b) - score(a))[0]?.address;
}

function neighbourMac(machine: Machine, hop: Uint8Array, ifindex: number): Uint8Array | undefined {
  const found = machine.network.neighbours.find(
    (row) =>
      row.ifindex === ifindex &&
      isEqualBytes(addressBytes(row.address, `neighbour ${row.address}`), hop),
  );
  return found && parseMac(found.mac);
}

/** Of routes that were given none. */
const METRIC: Readonly<Record<number, number>> = { [AF_INET]: 0, [AF_INET6]: 1024 };

/** The parameters as the program gave them, and as they go back. */
class Params {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly machine: Machine;

  constructor(machine: Machine, bytes: Uint8Array) {
    this.machine = machine;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get family(): number {
    return this.bytes[0];
  }

  get ifindex(): number {
    return this.view.getUint32(8, this.machine.memory.littleEndian);
  }

  set ifindex(value: number) {
    this.view.setUint32(8, value, this.machine.memory.littleEndian);
  }

  get totalLength(): number {
    return this.view.getUint16(6, this.machine.memory.littleEndian);
  }

  set mtu(value: number) {
    this.view.setUint16(6, value, this.machine.memory.littleEndian);
  }

  private get addressSize(): number {
    return this.family === AF_INET ? 4 : 16;
  }

  get source(): Uint8Array {
    return this.bytes.slice(16, 16 + this.addressSize);
  }

  get destination(): Uint8Array {
    return this.bytes.slice(32, 32 + this.addressSize);
  }

  /** The next hop goes where the destination was; an IPv6 one also behind IPv4. */
  setHop(hop: Uint8Array): void {
    if (hop.length === 16) this.bytes[0] = AF_INET6;
    this.bytes.set(hop, 32);
  }

  setSource(source: Uint8Array): void {
    this.bytes.set(source, 16);
  }

  setMetric(): void {
    this.view.setUint32(12, METRIC[this.family], this.machine.memory.littleEndian);
  }

  /** The last of what is filled in: no VLAN, and how much fits. */
  setForward(mtu: number): void {
    this.bytes.fill(0, 48, 52);
    this.mtu = mtu;
  }

  setLink(source: Uint8Array, destination: Uint8Array): void {
    this.bytes.set(source, 52);
    this.bytes.set(destination, 58);
  }
}

const REFUSING: Partial<Record<Route['kind'], bigint>> = {
  blackhole: RESULT.blackhole,
  unreachable: RESULT.unreachable,
  prohibit: RESULT.prohibit,
  local: RESULT.notForwarded,
};

/** The link addresses of the next hop, if its neighbour is known. */
function fillLink(machine: Machine, params: Params, hop: Uint8Array, ifindex: number): boolean {
  const destination = neighbourMac(machine, hop, ifindex);
  if (destination === undefined) return false;
  params.setLink(
    parseMac(deviceOf(machine.network, ifindex)!.mac) ?? new Uint8Array(6),
    destination,
  );
  return true;
}

/** Fills in the address to send from; IPv4 takes 0 where there is none. */
function fillSource(machine: Machine, params: Params, route: Route): boolean {
  const named =
    route.source === undefined ? undefined : addressBytes(route.source, `route ${route.prefix}`);
  const source = named ?? sourceAddress(machine, params.destination, route.ifindex);
  if (source === undefined && params.family === AF_INET6) return false;
  params.setSource(source ?? new Uint8Array(4));
  return true;
}

function forward(machine: Machine, params: Params, route: Route, flags: number): bigint {
  const device = deviceOf(machine.network, route.ifindex);
  if (device === undefined) return RESULT.notForwarded;
  const hop =
    route.gateway === undefined
      ? params.destination
      : addressBytes(route.gateway, `route ${route.prefix}`);
  const mtu = route.mtu ?? device.mtu;
  if (params.totalLength > mtu) {
    params.mtu = mtu;
    return RESULT.fragmentationNeeded;
  }
  params.setMetric();
  params.ifindex = route.ifindex;
  const noSource = flags & FLAG.source && !fillSource(machine, params, route);
  if (route.gateway !== undefined) params.setHop(hop);
  if (noSource) return RESULT.noSource;
  if (!(flags & FLAG.skipNeighbour) && !fillLink(machine, params, hop, route.ifindex))
    return RESULT.noNeighbour;
  params.setForward(mtu);
  return RESULT.success;
}

/**
 * IPv6 addresses that are never forwarded: multicast, of one link only, the loopback
 * (rt6_need_strict).
 */
const staysOnLink = (address: Uint8Array): boolean =>
  address[0] === 0xff ||
  (address[0] === 0xfe && (address[1] & 0xc0) === 0x80) ||
  isLoopback(address);

function lookUp(machine: Machine, params: Params, flags: number): bigint {
  if (params.family === AF_INET6 && [params.source, params.destination].some(staysOnLink))
    return RESULT.notForwarded;
  const device = deviceOf(machine.network, params.ifindex);
  if (device === undefined) return failure('ENODEV');
  if (!device.forwarding) return RESULT.forwardingDisabled;
  const route = routeTo(machine, params, flags);
  if (route === undefined) return RESULT.notForwarded;
  return REFUSING[route.kind] ?? forward(machine, params, route, flags);
}

/** bpf_fib_lookup: r2 parameters, r3 their size, r4 flags. */
export const fibLookup: HelperFunction = (machine) => {
  const size = i32(machine.argument(3));
  const flags = u32(machine.argument(4));
  const given = readGuest(machine, 'bpf_fib_lookup', machine.argument(2), Math.max(0, size));
  if (size < PARAMS_BYTES) return failure('EINVAL');
  if (flags & ~KNOWN) return failure('EINVAL');
  const params = new Params(machine, given);
  if (params.family !== AF_INET && params.family !== AF_INET6) return failure('EAFNOSUPPORT');
  const result = lookUp(machine, params, flags);
  writeGuest(machine, 'bpf_fib_lookup', machine.argument(2), params.bytes);
  return result;
};
