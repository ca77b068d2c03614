import { readGuest, writeGuest, writeLinear } from '../machine/access.ts';
import type { HelperFunction, Machine, PacketState } from '../machine/machine.ts';
import { EVER_READ } from '../machine/recorder.ts';
import { READ, WRITE } from '../memory/memory.ts';
import { failure } from '../spec/errno.ts';
import { csumFrom32To16, csumPartial, csumReplace2, csumReplace4, csumReplaceByDiff, csumSub } from './checksum.ts';

const ETH_HLEN = 14;
const MAX_OFFSET = 0xffffn;
/** Bytes of struct xdp_frame, which the kernel keeps at the start of the headroom. */
export const XDP_FRAME_BYTES = 40;
/** Bytes of metadata in front of a packet at most (include/net/xdp.h, xdp_metalen_invalid). */
const MAX_META = 252;

const u32 = (value: bigint): number => Number(BigInt.asUintN(32, value));
const i32 = (value: bigint): number => Number(BigInt.asIntN(32, value));

/** Makes the packet region anew after it moved: old pointers into it are stale from now on. */
export function movePacket(machine: Machine, moved: Pick<PacketState, 'data' | 'end' | 'meta'>): void {
  const { memory, packet } = machine;
  memory.retire(packet.region);
  const region = memory.addRegion(
    { kind: 'packet', name: () => 'packet', origin: moved.meta - moved.data },
    moved.meta,
    moved.end - moved.meta,
    READ | WRITE,
  );
  machine.packet = { ...packet, ...moved, region };
}

/** bpf_xdp_adjust_head: r2 bytes to move the start by (net/core/filter.c). */
export const xdpAdjustHead: HelperFunction = (machine) => {
  const { data, end, meta, low } = machine.packet;
  const offset = i32(machine.argument(2));
  const metaLength = data - meta;
  if (data + offset < low + XDP_FRAME_BYTES + metaLength || data + offset > end - ETH_HLEN) return failure('EINVAL');
  machine.memory.bytes.copyWithin(meta + offset, meta, data);
  movePacket(machine, { data: data + offset, end, meta: meta + offset });
  return 0n;
};

/** bpf_xdp_adjust_tail: r2 bytes to move the end by; new bytes are zero. */
export const xdpAdjustTail: HelperFunction = (machine) => {
  const { data, end, meta, high } = machine.packet;
  const offset = i32(machine.argument(2));
  if (end + offset > high || end + offset < data + ETH_HLEN) return failure('EINVAL');
  if (offset > 0) machine.memory.bytes.fill(0, end, end + offset);
  movePacket(machine, { data, end: end + offset, meta });
  return 0n;
};

/** bpf_xdp_adjust_meta: r2 bytes to move the start of the metadata by. */
export const xdpAdjustMeta: HelperFunction = (machine) => {
  const { data, end, meta, low } = machine.packet;
  const moved = meta + i32(machine.argument(2));
  if (moved < low + XDP_FRAME_BYTES || moved > data) return failure('EINVAL');
  if ((data - moved) % 4 !== 0 || data - moved > MAX_META) return failure('EACCES');
  movePacket(machine, { data, end, meta: moved });
  return 0n;
};

/** bpf_skb_load_bytes: r2 offset, r3 to, r4 length; on failure the target is zeroed. */
export const skbLoadBytes: HelperFunction = (machine) => {
  const offset = u32(machine.argument(2));
  const length = u32(machine.argument(4));
  const { data, end } = machine.packet;
  if (offset > 0x7fff_ffff || data + offset + length > end) {
    writeGuest(machine, 'bpf_skb_load_bytes', machine.argument(3), new Uint8Array(Math.min(length, 0x1_0000)));
    return failure('EFAULT');
  }
  machine.recorder?.access(EVER_READ, data + offset, length, machine.memory.bytes, machine.steps);
  writeGuest(
    machine,
    'bpf_skb_load_bytes',
    machine.argument(3),
    machine.memory.bytes.slice(data + offset, data + offset + length),
  );
  return 0n;
};

const BPF_F_RECOMPUTE_CSUM = 1n;
const BPF_F_INVALIDATE_HASH = 2n;

/** bpf_skb_store_bytes: r2 offset, r3 from, r4 length, r5 flags. */
export const skbStoreBytes: HelperFunction = (machine) => {
  const offset = u32(machine.argument(2));
  const length = u32(machine.argument(4));
  const { data, end } = machine.packet;
  if (machine.argument(5) & ~(BPF_F_RECOMPUTE_CSUM | BPF_F_INVALIDATE_HASH)) return failure('EINVAL');
  if (offset > 0x7fff_ffff || data + offset + length > end) return failure('EFAULT');
  writeLinear(machine, data + offset, readGuest(machine, 'bpf_skb_store_bytes', machine.argument(3), length));
  return 0n;
};

/** Where a checksum lies in linear memory; undefined for EFAULT. */
function checksumField(machine: Machine): number | undefined {
  const offset = BigInt.asUintN(32, machine.argument(2));
  const { data, end } = machine.packet;
  if (offset > MAX_OFFSET || offset % 2n === 1n) return undefined;
  const at = data + Number(offset);
  return at + 2 > end ? undefined : at;
}

/** The new checksum for r3 -> r4 of a size; undefined for EINVAL. */
function replaced(machine: Machine, checksum: number, size: bigint): number | undefined {
  const from = machine.argument(3);
  const to = machine.argument(4);
  if (size === 0n) return from === 0n ? csumReplaceByDiff(checksum, u32(to)) : undefined;
  if (size === 2n) return csumReplace2(checksum, u32(from) & 0xffff, u32(to) & 0xffff);
  return size === 4n ? csumReplace4(checksum, u32(from), u32(to)) : undefined;
}

function storeChecksum(machine: Machine, at: number, checksum: number): void {
  const bytes = new Uint8Array(2);
  new DataView(bytes.buffer).setUint16(0, checksum, machine.memory.littleEndian);
  writeLinear(machine, at, bytes);
}

const BPF_F_HDR_FIELD_MASK = 0xfn;
const BPF_F_PSEUDO_HDR = 1n << 4n;
const BPF_F_MARK_MANGLED_0 = 1n << 5n;
const BPF_F_MARK_ENFORCE = 1n << 6n;
const BPF_F_IPV6 = 1n << 7n;
const CSUM_MANGLED_0 = 0xffff;

/** bpf_l3_csum_replace: r2 offset, r3 from, r4 to, r5 size. */
export const l3CsumReplace: HelperFunction = (machine) => {
  const flags = machine.argument(5);
  if (flags & ~BPF_F_HDR_FIELD_MASK) return failure('EINVAL');
  const at = checksumField(machine);
  if (at === undefined) return failure('EFAULT');
  const checksum = replaced(machine, machine.memory.view.getUint16(at, machine.memory.littleEndian), flags);
  if (checksum === undefined) return failure('EINVAL');
  storeChecksum(machine, at, checksum);
  return 0n;
};

/** bpf_l4_csum_replace: as l3, with the flags of a UDP checksum that may be absent. */
export const l4CsumReplace: HelperFunction = (machine) => {
  const flags = machine.argument(5);
  if (flags & ~(BPF_F_HDR_FIELD_MASK | BPF_F_PSEUDO_HDR | BPF_F_MARK_MANGLED_0 | BPF_F_MARK_ENFORCE | BPF_F_IPV6))
    return failure('EINVAL');
  const at = checksumField(machine);
  if (at === undefined) return failure('EFAULT');
  const before = machine.memory.view.getUint16(at, machine.memory.littleEndian);
  const mayBeAbsent = (flags & BPF_F_MARK_MANGLED_0) !== 0n;
  if (mayBeAbsent && (flags & BPF_F_MARK_ENFORCE) === 0n && before === 0) return 0n;
  const size = flags & BPF_F_HDR_FIELD_MASK;
  // inet_proto_csum_replace2 goes through the 32-bit form, unlike the IP header's.
  const checksum =
    size === 2n
      ? csumReplace4(before, u32(machine.argument(3)) & 0xffff, u32(machine.argument(4)) & 0xffff)
      : replaced(machine, before, size);
  if (checksum === undefined) return failure('EINVAL');
  storeChecksum(machine, at, mayBeAbsent && checksum === 0 ? CSUM_MANGLED_0 : checksum);
  return 0n;
};

/** bpf_csum_diff: r1 from, r2 its size, r3 to, r4 its size, r5 seed. Since Linux 6.13 a folded sum, over any number of bytes. */
export const csumDiff: HelperFunction = (machine) => {
  const fromSize = u32(machine.argument(2));
  const toSize = u32(machine.argument(4));
  const little = machine.memory.littleEndian;
  const part = (register: 1 | 3, size: number) => readGuest(machine, 'bpf_csum_diff', machine.argument(register), size);
  let sum = u32(machine.argument(5));
  if (fromSize > 0 && toSize > 0)
    sum = csumSub(csumPartial(part(3, toSize), sum, little), csumPartial(part(1, fromSize), 0, little));
  else if (toSize > 0) sum = csumPartial(part(3, toSize), sum, little);
  else if (fromSize > 0) sum = ~csumPartial(part(1, fromSize), ~sum >>> 0, little) >>> 0;
  return BigInt(csumFrom32To16(sum));
};
