import { readGuest, writeGuest } from '../machine/access.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { failure } from '../spec/errno.ts';
import { u32 } from './arguments.ts';

/**
 * Metadata of a tunnel device beside the packet (net/core/filter.c, bpf_skb_set_tunnel_key and
 * others).
 *
 *     struct bpf_tunnel_key, 44 bytes
 *     0 id  4 remote address (4 or 16 bytes)  20 tos  21 ttl  22 ext or flags  24 flow label
 *     28 local address
 *
 * What is set is the outgoing direction; read back, local and remote have changed places.
 */
const KEY_BYTES = 44;
/** Sizes of the structure in older headers. */
const OLDER_SIZES = [28, 24, 22, 8];
const REMOTE_WORD = 8;
const FLAGS_OFFSET = 22;
const LABEL = 24;
/** Twenty bits. */
const FLOW_LABEL = 0xf_ffff;

const FLAG = {
  ipv6: 1n,
  zeroChecksum: 2n,
  dontFragment: 4n,
  sequence: 8n,
  noKey: 16n,
  readFlags: 16n,
} as const;
const KNOWN_SET = FLAG.ipv6 | FLAG.zeroChecksum | FLAG.dontFragment | FLAG.sequence | FLAG.noKey;
const KNOWN_GET = FLAG.ipv6 | FLAG.readFlags;
const MOST_OPTIONS = 255;

const REMOTE = { start: 4, end: 20 } as const;
const LOCAL = { start: 28, end: 44 } as const;

/**
 * Bits of ip_tunnel_flags (include/net/ip_tunnels.h), network byte order, that say what was asked
 * for.
 */
const TUNNEL = {
  checksum: 0x0001,
  key: 0x0004,
  sequence: 0x0008,
  dontFragment: 0x0100,
  noCache: 0x2000,
} as const;
/** Geneve, VXLAN, ERSPAN and GTP: options are there, whoever they are for. */
const OPTIONS_PRESENT = 0xd800;

function tunnelFlags(flags: bigint): number {
  let bits = TUNNEL.noCache | TUNNEL.checksum | TUNNEL.key;
  if (flags & FLAG.zeroChecksum) bits &= ~TUNNEL.checksum;
  if (flags & FLAG.dontFragment) bits |= TUNNEL.dontFragment;
  if (flags & FLAG.sequence) bits |= TUNNEL.sequence;
  return flags & FLAG.noKey ? bits & ~TUNNEL.key : bits;
}

/** The key with its two addresses exchanged; of IPv4 ones only the first word counts. */
function mirrored(key: Uint8Array, ipv6: boolean, littleEndian: boolean): Uint8Array {
  const result = key.slice();
  const size = ipv6 ? 16 : 4;
  result.fill(0, REMOTE.start, REMOTE.end);
  result.fill(0, LOCAL.start, LOCAL.end);
  result.set(key.subarray(LOCAL.start, LOCAL.start + size), REMOTE.start);
  result.set(key.subarray(REMOTE.start, REMOTE.start + size), LOCAL.start);
  result.fill(0, 22, 24);
  const view = new DataView(result.buffer);
  view.setUint32(LABEL, ipv6 ? view.getUint32(LABEL, littleEndian) & FLOW_LABEL : 0, littleEndian);
  return result;
}

/** r2 key, r3 its size, r4 flags. */
export const skbSetTunnelKey: HelperFunction = (machine) => {
  const flags = machine.argument(4);
  const size = u32(machine.argument(3));
  const given = readGuest(machine, 'bpf_skb_set_tunnel_key', machine.argument(2), size);
  if (flags & ~KNOWN_SET) return failure('EINVAL');
  if (size !== KEY_BYTES && !OLDER_SIZES.includes(size)) return failure('EINVAL');
  const key = new Uint8Array(KEY_BYTES);
  key.set(given);
  const ipv6 = (flags & FLAG.ipv6) !== 0n;
  const label = key.subarray(24, 28).some((byte) => byte !== 0);
  const extension = key[22] !== 0 || key[23] !== 0;
  if ((!ipv6 && label) || extension) return failure('EINVAL');
  machine.skb.tunnel = {
    ipv6,
    key: mirrored(key, ipv6, machine.memory.littleEndian),
    flags: tunnelFlags(flags),
    options: undefined,
  };
  return 0n;
};

/** The key in the size that the program asks for, or why it cannot have it. */
function readBack(machine: Machine, size: number, flags: bigint): Uint8Array | bigint {
  const { tunnel } = machine.skb;
  if (tunnel === undefined || flags & ~KNOWN_GET) return failure('EINVAL');
  if (tunnel.ipv6 !== ((flags & FLAG.ipv6) !== 0n)) return failure('EPROTO');
  const key = tunnel.key.slice();
  if (flags & FLAG.readFlags) key.set([tunnel.flags >> 8, tunnel.flags & 0xff], FLAGS_OFFSET);
  if (size === KEY_BYTES) return key;
  if (!OLDER_SIZES.includes(size) || (size === REMOTE_WORD && tunnel.ipv6))
    return failure('EINVAL');
  return key.slice(0, size);
}

/** r2 key to fill, r3 its size, r4 flags; zeros where it fails. */
export const skbGetTunnelKey: HelperFunction = (machine) => {
  const size = u32(machine.argument(3));
  const key = readBack(machine, size, machine.argument(4));
  const failed = typeof key === 'bigint';
  writeGuest(
    machine,
    'bpf_skb_get_tunnel_key',
    machine.argument(2),
    failed ? new Uint8Array(size) : key,
  );
  return failed ? key : 0n;
};

/** r2 options, r3 their bytes. */
export const skbSetTunnelOpt: HelperFunction = (machine) => {
  const size = u32(machine.argument(3));
  const options = readGuest(machine, 'bpf_skb_set_tunnel_opt', machine.argument(2), size);
  const { tunnel } = machine.skb;
  if (tunnel === undefined || size % 4 !== 0) return failure('EINVAL');
  if (size > MOST_OPTIONS) return failure('ENOMEM');
  machine.skb.tunnel = { ...tunnel, flags: tunnel.flags | OPTIONS_PRESENT, options };
  return 0n;
};

/** r2 options to fill, r3 their bytes; answers how many there are. */
export const skbGetTunnelOpt: HelperFunction = (machine) => {
  const size = u32(machine.argument(3));
  const options = machine.skb.tunnel?.options;
  const bytes = new Uint8Array(size);
  const fits = options !== undefined && options.length <= size;
  if (fits) bytes.set(options);
  writeGuest(machine, 'bpf_skb_get_tunnel_opt', machine.argument(2), bytes);
  if (options === undefined) return failure('ENOENT');
  return fits ? BigInt(options.length) : failure('ENOMEM');
};

/** bpf_skb_get_xfrm_state: r3 to, r4 its size: the packet did not come through IPsec. */
export const skbGetXfrmState: HelperFunction = (machine) => {
  const size = u32(machine.argument(4));
  writeGuest(machine, 'bpf_skb_get_xfrm_state', machine.argument(3), new Uint8Array(size));
  return failure('EINVAL');
};
