import type { HelperFunction, Machine } from '../machine/machine.ts';
import { failure } from '../spec/errno.ts';
import { u32 } from './arguments.ts';
import { insertBytes, movePacket, packetLength, removeBytes } from './packet-room.ts';

/**
 * Helpers of sk_msg programs (net/core/filter.c, bpf_msg_*): the message is what a process sends,
 * in one piece here.
 */

/** The verdict is for that many bytes; it is noted, nothing here sends them. */
export const msgApplyBytes: HelperFunction = () => 0n;
/** The program is run again when that many bytes are there. */
export const msgCorkBytes: HelperFunction = () => 0n;

/** bpf_msg_pull_data: r2 start, r3 end, r4 flags: direct access to these bytes alone. */
export const msgPullData: HelperFunction = (machine) => {
  const start = u32(machine.argument(2));
  const end = u32(machine.argument(3));
  if (machine.argument(4) !== 0n || end <= start) return failure('EINVAL');
  if (start >= packetLength(machine) || end > packetLength(machine)) return failure('EINVAL');
  const { data } = machine.packet;
  machine.packet = { ...machine.packet, hidden: machine.packet.hidden + start };
  movePacket(machine, { data: data + start, end: data + end, meta: data + start });
  return 0n;
};

const outside = (machine: Machine, start: number): boolean => start > packetLength(machine);

/** bpf_msg_push_data: r2 where, r3 how many bytes, r4 flags. */
export const msgPushData: HelperFunction = (machine) => {
  const start = u32(machine.argument(2));
  const count = u32(machine.argument(3));
  if (machine.argument(4) !== 0n) return failure('EINVAL');
  if (count === 0) return 0n;
  if (outside(machine, start)) return failure('EINVAL');
  if (count > 0xffff) return failure('ENOMEM');
  insertBytes(machine, start, count);
  return 0n;
};

/** bpf_msg_pop_data: r2 where, r3 how many bytes, r4 flags. */
export const msgPopData: HelperFunction = (machine) => {
  const start = u32(machine.argument(2));
  const count = u32(machine.argument(3));
  if (machine.argument(4) !== 0n) return failure('EINVAL');
  if (count === 0) return 0n;
  if (start + count > packetLength(machine)) return failure('EINVAL');
  removeBytes(machine, start, count);
  return 0n;
};
