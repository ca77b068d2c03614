import { noteRead, readGuest, writeLinear } from '../machine/access.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { failure } from '../spec/errno.ts';
import { u32 } from './arguments.ts';
import {
  csumFrom32To16,
  csumPartial,
  csumReplace2,
  csumReplace4,
  csumReplaceByDiff,
  csumSub,
} from './checksum.ts';

const MAX_OFFSET = 0xffffn;

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

function loadChecksum(machine: Machine, at: number): number {
  noteRead(machine, at, 2);
  return machine.memory.view.getUint16(at, machine.memory.littleEndian);
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
  const checksum = replaced(machine, loadChecksum(machine, at), flags);
  if (checksum === undefined) return failure('EINVAL');
  storeChecksum(machine, at, checksum);
  return 0n;
};

/** bpf_l4_csum_replace: as l3, with the flags of a UDP checksum that may be absent. */
export const l4CsumReplace: HelperFunction = (machine) => {
  const flags = machine.argument(5);
  if (
    flags &
    ~(
      BPF_F_HDR_FIELD_MASK |
      BPF_F_PSEUDO_HDR |
      BPF_F_MARK_MANGLED_0 |
      BPF_F_MARK_ENFORCE |
      BPF_F_IPV6
    )
  )
    return failure('EINVAL');
  const at = checksumField(machine);
  if (at === undefined) return failure('EFAULT');
  const before = loadChecksum(machine, at);
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

/**
 * bpf_csum_diff: r1 from, r2 its size, r3 to, r4 its size, r5 seed. Since Linux 6.13 a folded sum,
 * over any number of bytes.
 */
export const csumDiff: HelperFunction = (machine) => {
  const fromSize = u32(machine.argument(2));
  const toSize = u32(machine.argument(4));
  const little = machine.memory.littleEndian;
  const part = (register: 1 | 3, size: number) =>
    readGuest(machine, 'bpf_csum_diff', machine.argument(register), size);
  let sum = u32(machine.argument(5));
  if (fromSize > 0 && toSize > 0)
    sum = csumSub(
      csumPartial(part(3, toSize), sum, little),
      csumPartial(part(1, fromSize), 0, little),
    );
  else if (toSize > 0) sum = csumPartial(part(3, toSize), sum, little);
  else if (fromSize > 0) sum = ~csumPartial(part(1, fromSize), ~sum >>> 0, little) >>> 0;
  return BigInt(csumFrom32To16(sum));
};

/**
 * bpf_csum_update: only for a device that summed the whole packet (CHECKSUM_COMPLETE), which none
 * here does.
 */
export const csumUpdate: HelperFunction = () => failure('ENOTSUPP');

/** SKB_MAX_CSUM_LEVEL. */
const MAX_LEVEL = 3;

/** bpf_csum_level: r2 query 0, increase 1, decrease 2, reset 3. */
export const csumLevel: HelperFunction = (machine) => {
  const { skb } = machine;
  const level = skb.checksumLevel;
  switch (machine.argument(2)) {
    case 0n:
      return level === undefined ? failure('EACCES') : BigInt(level);
    case 1n:
      skb.checksumLevel = level === undefined ? 0 : Math.min(level + 1, MAX_LEVEL);
      return 0n;
    case 2n:
      skb.checksumLevel = level === undefined || level === 0 ? undefined : level - 1;
      return 0n;
    case 3n:
      skb.checksumLevel = undefined;
      return 0n;
    default:
      return failure('EINVAL');
  }
};
