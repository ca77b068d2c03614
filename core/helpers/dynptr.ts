import {
  helperMemory,
  moveFromGuest,
  moveGuest,
  moveToGuest,
  readGuest,
  writeGuest,
} from '../machine/access.ts';
import { GuestFault } from '../machine/fault.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import type { RingBuffer } from '../maps/ringbuf.ts';
import { address, READ } from '../memory/memory.ts';
import { failure } from '../spec/errno.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import { mapArgument, u32 } from './arguments.ts';
import { packetLength } from './packet-room.ts';
import { submitRecord } from './records.ts';
import { BPF_F_INVALIDATE_HASH, STORE_FLAGS } from './skb-bytes.ts';
import { clearHash } from './skb-meta.ts';

/**
 * struct bpf_dynptr: 16 bytes on the program's stack that only helpers look into
 * (kernel/bpf/helpers.c).
 *
 *     byte 0..7   8..11                                       12..15
 *     address   | size (24 bits), type (bits 28 to 30), bit 31: read-only | offset
 */
const DYNPTR_BYTES = 16;
const MAX_SIZE = 0xff_ffff;
const TYPE = { none: 0, local: 1, ringbuf: 2, skb: 3, xdp: 4 } as const;
const TYPE_SHIFT = 28;
const READ_ONLY = 0x8000_0000;

interface Dynptr {
  readonly data: bigint;
  readonly size: number;
  readonly type: number;
  readonly readOnly: boolean;
  readonly offset: number;
}

const NULL_DYNPTR: Dynptr = { data: 0n, size: 0, type: TYPE.none, readOnly: false, offset: 0 };
const isNull = ({ data }: Dynptr): boolean => data === 0n;
const isPacket = ({ type }: Dynptr): boolean => type === TYPE.skb || type === TYPE.xdp;

function load(machine: Machine, helper: string, pointer: bigint): Dynptr {
  const bytes = readGuest(machine, helper, pointer, DYNPTR_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = machine.memory.littleEndian;
  const size = view.getUint32(8, little);
  return {
    data: view.getBigUint64(0, little),
    size: size & MAX_SIZE,
    type: (size >>> TYPE_SHIFT) & 7,
    readOnly: size >= READ_ONLY,
    offset: view.getUint32(12, little),
  };
}

function store(machine: Machine, helper: string, pointer: bigint, dynptr: Dynptr): void {
  const bytes = new Uint8Array(DYNPTR_BYTES);
  const view = new DataView(bytes.buffer);
  const little = machine.memory.littleEndian;
  view.setBigUint64(0, dynptr.data, little);
  view.setUint32(
    8,
    (dynptr.size | (dynptr.type << TYPE_SHIFT) | (dynptr.readOnly ? READ_ONLY : 0)) >>> 0,
    little,
  );
  view.setUint32(12, dynptr.offset, little);
  writeGuest(machine, helper, pointer, bytes);
}

const beyond = ({ size }: Dynptr, offset: number, length: number): boolean =>
  length > size || offset > size - length;

/** What is answered where the packet has become shorter than its dynptr. */
const cutOff = ({ type }: Dynptr): bigint => failure(type === TYPE.xdp ? 'EINVAL' : 'EFAULT');

/** bpf_dynptr_from_mem: r1 data, r2 size, r3 flags, r4 dynptr. */
export const dynptrFromMem: HelperFunction = (machine) => {
  const name = 'bpf_dynptr_from_mem';
  const size = u32(machine.argument(2));
  const problem =
    size > MAX_SIZE ? failure('E2BIG') : machine.argument(3) !== 0n ? failure('EINVAL') : 0n;
  if (problem === 0n) helperMemory(machine, name, machine.argument(1), size, READ);
  const made = { ...NULL_DYNPTR, data: machine.argument(1), size, type: TYPE.local };
  store(machine, name, machine.argument(4), problem === 0n ? made : NULL_DYNPTR);
  return problem;
};

/** bpf_dynptr_read: r1 to, r2 length, r3 dynptr, r4 offset, r5 flags. */
export const dynptrRead: HelperFunction = (machine) => {
  const name = 'bpf_dynptr_read';
  const dynptr = load(machine, name, machine.argument(3));
  const length = u32(machine.argument(2));
  const offset = u32(machine.argument(4));
  if (isNull(dynptr) || machine.argument(5) !== 0n) return failure('EINVAL');
  if (beyond(dynptr, offset, length)) return failure('E2BIG');
  if (isPacket(dynptr) && dynptr.offset + offset + length > packetLength(machine))
    return cutOff(dynptr);
  const from = dynptr.offset + offset;
  if (isPacket(dynptr))
    moveToGuest(machine, name, machine.packet.data + from, machine.argument(1), length);
  else moveGuest(machine, name, dynptr.data + BigInt(from), machine.argument(1), length);
  return 0n;
};

/** bpf_dynptr_write: r1 dynptr, r2 offset, r3 from, r4 length, r5 flags. */
export const dynptrWrite: HelperFunction = (machine) => {
  const name = 'bpf_dynptr_write';
  const dynptr = load(machine, name, machine.argument(1));
  const offset = u32(machine.argument(2));
  const length = u32(machine.argument(4));
  const flags = machine.argument(5);
  if (isNull(dynptr) || dynptr.readOnly) return failure('EINVAL');
  if (beyond(dynptr, offset, length)) return failure('E2BIG');
  if (flags & ~(dynptr.type === TYPE.skb ? STORE_FLAGS : 0n)) return failure('EINVAL');
  const to = dynptr.offset + offset;
  if (!isPacket(dynptr))
    moveGuest(machine, name, machine.argument(3), dynptr.data + BigInt(to), length);
  else if (to + length > packetLength(machine)) return cutOff(dynptr);
  else moveFromGuest(machine, name, machine.argument(3), machine.packet.data + to, length);
  if (flags & BPF_F_INVALIDATE_HASH) clearHash(machine);
  return 0n;
};

/** bpf_dynptr_data: r1 dynptr, r2 offset, r3 length; NULL for a packet's, which has slices. */
export const dynptrData: HelperFunction = (machine) => {
  const dynptr = load(machine, 'bpf_dynptr_data', machine.argument(1));
  const offset = u32(machine.argument(2));
  if (isNull(dynptr) || dynptr.readOnly || isPacket(dynptr)) return 0n;
  return beyond(dynptr, offset, u32(machine.argument(3)))
    ? 0n
    : dynptr.data + BigInt(dynptr.offset + offset);
};

/** bpf_ringbuf_reserve_dynptr: r1 map, r2 size, r3 flags, r4 dynptr. */
export const ringbufReserveDynptr: HelperFunction = (machine) => {
  const name = 'bpf_ringbuf_reserve_dynptr';
  const ring = mapArgument(machine) as RingBuffer;
  const size = u32(machine.argument(2));
  const fail = (problem: bigint): bigint => {
    store(machine, name, machine.argument(4), NULL_DYNPTR);
    return problem;
  };
  if (machine.argument(3) !== 0n) return fail(failure('EINVAL'));
  if (size > MAX_SIZE) return fail(failure('E2BIG'));
  const record = ring.reserve(size);
  if (record === 0n) return fail(failure('EINVAL'));
  store(machine, name, machine.argument(4), {
    ...NULL_DYNPTR,
    data: record,
    size,
    type: TYPE.ringbuf,
  });
  return 0n;
};

/** bpf_ringbuf_submit_dynptr and _discard_dynptr: r1 dynptr, r2 flags; nothing where it is NULL. */
const end =
  (name: string, state: 'ready' | 'discarded'): HelperFunction =>
  (machine) => {
    const dynptr = load(machine, name, machine.argument(1));
    if (isNull(dynptr)) return 0n;
    if (!submitRecord(machine, dynptr.data, state, machine.argument(2)))
      throw new GuestFault(
        'bad-argument',
        `${name} wants a dynptr of bpf_ringbuf_reserve_dynptr in r1`,
      );
    store(machine, name, machine.argument(1), NULL_DYNPTR);
    return 0n;
  };

export const ringbufSubmitDynptr = end('bpf_ringbuf_submit_dynptr', 'ready');
export const ringbufDiscardDynptr = end('bpf_ringbuf_discard_dynptr', 'discarded');

// ---------------------------------------------------------------- kernel functions

/** Hooks whose programs may write the packet (net/core/filter.c, may_access_direct_pkt_data). */
const WRITERS: ReadonlySet<HookName> = new Set(['tc', 'lwt_xmit', 'sk_skb', 'xdp']);

/** bpf_dynptr_from_skb and _from_xdp: r1 packet, r2 flags, r3 dynptr. */
export const dynptrFromPacket =
  (hook: HookName): HelperFunction =>
  (machine) => {
    const name = hook === 'xdp' ? 'bpf_dynptr_from_xdp' : 'bpf_dynptr_from_skb';
    const failed = machine.argument(2) !== 0n;
    const type = programType(hook).context === 'xdp_md' ? TYPE.xdp : TYPE.skb;
    const made = {
      data: address(machine.contextRegion),
      size: packetLength(machine),
      type,
      readOnly: !WRITERS.has(hook),
      offset: 0,
    };
    store(machine, name, machine.argument(3), failed ? NULL_DYNPTR : made);
    return failed ? failure('EINVAL') : 0n;
  };

/**
 * Bytes that lie in another piece of the packet come as a copy in the buffer that was given, if
 * any.
 */
function copiedSlice(machine: Machine, name: string, at: number, length: number): bigint {
  const buffer = machine.argument(3);
  if (buffer !== 0n) moveToGuest(machine, name, machine.packet.data + at, buffer, length);
  return buffer;
}

/**
 * bpf_dynptr_slice(_rdwr): r1 dynptr, r2 offset, r3 buffer or NULL, r4 its size, which is the
 * length; NULL where it fails.
 */
export const dynptrSlice =
  (name: string, writable: boolean): HelperFunction =>
  (machine) => {
    const dynptr = load(machine, name, machine.argument(1));
    const offset = u32(machine.argument(2));
    const length = u32(machine.argument(4));
    if (isNull(dynptr) || (writable && dynptr.readOnly) || beyond(dynptr, offset, length))
      return 0n;
    if (!isPacket(dynptr)) return dynptr.data + BigInt(dynptr.offset + offset);
    const { packet } = machine;
    const at = dynptr.offset + offset;
    if (packet.data + at + length <= packet.linear)
      return address(packet.region, packet.data - packet.meta + at);
    if (at + length <= packetLength(machine)) return copiedSlice(machine, name, at, length);
    // Of a packet that has become shorter XDP gives the buffer as it is.
    return dynptr.type === TYPE.xdp ? machine.argument(3) : 0n;
  };

/** bpf_dynptr_adjust: r1 dynptr, r2 start, r3 end of what it keeps. */
export const dynptrAdjust: HelperFunction = (machine) => {
  const dynptr = load(machine, 'bpf_dynptr_adjust', machine.argument(1));
  const start = u32(machine.argument(2));
  const stop = u32(machine.argument(3));
  if (isNull(dynptr) || start > stop) return failure('EINVAL');
  if (start > dynptr.size || stop > dynptr.size) return failure('ERANGE');
  const kept = { ...dynptr, offset: dynptr.offset + start, size: stop - start };
  store(machine, 'bpf_dynptr_adjust', machine.argument(1), kept);
  return 0n;
};

export const dynptrIsNull: HelperFunction = (machine) =>
  isNull(load(machine, 'bpf_dynptr_is_null', machine.argument(1))) ? 1n : 0n;

export const dynptrIsRdonly: HelperFunction = (machine) => {
  const dynptr = load(machine, 'bpf_dynptr_is_rdonly', machine.argument(1));
  return !isNull(dynptr) && dynptr.readOnly ? 1n : 0n;
};

export const dynptrSize: HelperFunction = (machine) => {
  const dynptr = load(machine, 'bpf_dynptr_size', machine.argument(1));
  return isNull(dynptr) ? failure('EINVAL') : BigInt(dynptr.size);
};

/** bpf_dynptr_clone: r1 dynptr, r2 the copy. */
export const dynptrClone: HelperFunction = (machine) => {
  const dynptr = load(machine, 'bpf_dynptr_clone', machine.argument(1));
  store(machine, 'bpf_dynptr_clone', machine.argument(2), dynptr);
  return isNull(dynptr) ? failure('EINVAL') : 0n;
};
