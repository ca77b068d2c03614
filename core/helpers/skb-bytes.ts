import { moveFromGuest, moveToGuest, writeGuest } from '../machine/access.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { failure } from '../spec/errno.ts';
import { u32 } from './arguments.ts';
import { renewPointers } from './packet-room.ts';
import { clearHash } from './skb-meta.ts';

/** bpf_skb_load_bytes: r2 offset, r3 to, r4 length; on failure the target is zeroed. */
export const skbLoadBytes: HelperFunction = (machine) => {
  const offset = u32(machine.argument(2));
  const length = u32(machine.argument(4));
  const { data, end } = machine.packet;
  if (offset > 0x7fff_ffff || data + offset + length > end) {
    writeGuest(
      machine,
      'bpf_skb_load_bytes',
      machine.argument(3),
      new Uint8Array(Math.min(length, 0x1_0000)),
    );
    return failure('EFAULT');
  }
  moveToGuest(machine, 'bpf_skb_load_bytes', data + offset, machine.argument(3), length);
  return 0n;
};

const BPF_F_RECOMPUTE_CSUM = 1n;
export const BPF_F_INVALIDATE_HASH = 2n;
/** Flags for bytes that are put into an skb. */
export const STORE_FLAGS = BPF_F_RECOMPUTE_CSUM | BPF_F_INVALIDATE_HASH;

/** bpf_skb_store_bytes: r2 offset, r3 from, r4 length, r5 flags. */
export const skbStoreBytes: HelperFunction = (machine) => {
  const offset = u32(machine.argument(2));
  const length = u32(machine.argument(4));
  const { data, end } = machine.packet;
  const flags = machine.argument(5);
  if (flags & ~STORE_FLAGS) return failure('EINVAL');
  if (offset > 0x7fff_ffff || data + offset + length > end) return failure('EFAULT');
  moveFromGuest(machine, 'bpf_skb_store_bytes', machine.argument(3), data + offset, length);
  if (flags & BPF_F_INVALIDATE_HASH) clearHash(machine);
  return 0n;
};

/** Where r5 says offsets count from: BPF_HDR_START_MAC 0, BPF_HDR_START_NET 1. */
function headerStart(machine: Machine): number | undefined {
  const { packet, skb } = machine;
  const network = packet.data + skb.networkOffset;
  switch (u32(machine.argument(5))) {
    case 0:
      return network - skb.linkLength;
    case 1:
      return network;
    default:
      return undefined;
  }
}

/**
 * bpf_skb_load_bytes_relative: r2 offset, r3 to, r4 length, r5 where it counts from; on failure the
 * target is zeroed.
 */
export const skbLoadBytesRelative: HelperFunction = (machine) => {
  const offset = u32(machine.argument(2));
  const length = u32(machine.argument(4));
  const start = headerStart(machine);
  const name = 'bpf_skb_load_bytes_relative';
  if (start === undefined || offset > 0x7fff_ffff || start + offset + length > machine.packet.end) {
    writeGuest(machine, name, machine.argument(3), new Uint8Array(Math.min(length, 0x1_0000)));
    return failure('EFAULT');
  }
  moveToGuest(machine, name, start + offset, machine.argument(3), length);
  return 0n;
};

/** bpf_skb_pull_data: r2 bytes to have in one piece, 0 all that are; here they always are. */
export const skbPullData: HelperFunction = (machine) => {
  const length = machine.packet.end - machine.packet.data;
  renewPointers(machine);
  return u32(machine.argument(2)) > length ? failure('ENOMEM') : 0n;
};
