import { moveFromGuest, moveToGuest } from '../machine/access.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { failure } from '../spec/errno.ts';
import { i32, u32 } from './arguments.ts';
import { movePacket, packetLength } from './packet-room.ts';

const ETH_HLEN = 14;
/** Bytes of struct xdp_frame, which the kernel keeps at the start of the headroom. */
export const XDP_FRAME_BYTES = 40;
/** Bytes of metadata in front of a packet at most (include/net/xdp.h, xdp_metalen_invalid). */
const MAX_META = 252;

const inPieces = ({ packet }: Machine): boolean => packet.linear < packet.end;

/** bpf_xdp_adjust_head: r2 bytes to move the start by (net/core/filter.c). */
export const xdpAdjustHead: HelperFunction = (machine) => {
  const { data, end, linear, meta, low } = machine.packet;
  const offset = i32(machine.argument(2));
  const metaLength = data - meta;
  if (data + offset < low + XDP_FRAME_BYTES + metaLength || data + offset > linear - ETH_HLEN)
    return failure('EINVAL');
  machine.recorder?.provenance?.moved(meta, meta + offset, data - meta);
  machine.memory.bytes.copyWithin(meta + offset, meta, data);
  movePacket(machine, { data: data + offset, end, linear, meta: meta + offset });
  return 0n;
};

/** Bytes of a further piece at most. */
const PIECE = 4096;
const lastPieceRoom = ({ packet }: Machine): number =>
  PIECE - (((packet.end - packet.linear - 1) % PIECE) + 1);

/** bpf_xdp_adjust_tail: r2 bytes to move the end by; new bytes are zero. */
export const xdpAdjustTail: HelperFunction = (machine) => {
  const { data, end, linear, meta, high } = machine.packet;
  const offset = i32(machine.argument(2));
  const moved = end + offset;
  const pieces = inPieces(machine);
  const limit = pieces ? end + lastPieceRoom(machine) : high;
  if ((offset > 0 && moved > limit) || moved < data + ETH_HLEN) return failure('EINVAL');
  if (offset > 0) {
    machine.recorder?.provenance?.cleared(end, offset);
    machine.memory.bytes.fill(0, end, moved);
  }
  movePacket(machine, { data, end: moved, linear: pieces ? Math.min(linear, moved) : moved, meta });
  return 0n;
};

/** bpf_xdp_adjust_meta: r2 bytes to move the start of the metadata by. */
export const xdpAdjustMeta: HelperFunction = (machine) => {
  const { data, end, linear, meta, low } = machine.packet;
  const moved = meta + i32(machine.argument(2));
  if (moved < low + XDP_FRAME_BYTES || moved > data) return failure('EINVAL');
  if ((data - moved) % 4 !== 0 || data - moved > MAX_META) return failure('EACCES');
  movePacket(machine, { data, end, linear, meta: moved });
  return 0n;
};

const MOST = 0xffff;

/**
 * Where r2 and r4 say that bytes of the packet lie; what the helper answers where they do not
 * (bpf_xdp_pointer).
 */
function xdpRange(machine: Machine): { at: number; length: number } | bigint {
  const offset = u32(machine.argument(2));
  const length = u32(machine.argument(4));
  if (offset > MOST || length > MOST) return failure('EFAULT');
  if (offset + length > packetLength(machine)) return failure('EINVAL');
  return { at: machine.packet.data + offset, length };
}

/** bpf_xdp_load_bytes: r2 offset, r3 to, r4 length. */
export const xdpLoadBytes: HelperFunction = (machine) => {
  const range = xdpRange(machine);
  if (typeof range === 'bigint') return range;
  moveToGuest(machine, 'bpf_xdp_load_bytes', range.at, machine.argument(3), range.length);
  return 0n;
};

/** bpf_xdp_store_bytes: r2 offset, r3 from, r4 length. */
export const xdpStoreBytes: HelperFunction = (machine) => {
  const range = xdpRange(machine);
  if (typeof range === 'bigint') return range;
  moveFromGuest(machine, 'bpf_xdp_store_bytes', machine.argument(3), range.at, range.length);
  return 0n;
};

export const xdpGetBuffLen: HelperFunction = (machine) => BigInt(packetLength(machine));
