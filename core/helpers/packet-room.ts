import { clearLinear, moveLinear } from '../machine/access.ts';
import type { Machine, PacketState } from '../machine/machine.ts';
import { READ, regionInfo, WRITE } from '../memory/memory.ts';

/**
 * Room in front of and behind an skb that had to be made anew (include/linux/skbuff.h, NET_SKB_PAD
 * and more).
 */
const SPARE = 256;

/**
 * Makes the packet region anew after it moved: old pointers into it are stale from now on. In one
 * piece, unless said.
 */
export function movePacket(
  machine: Machine,
  moved: Pick<PacketState, 'data' | 'end' | 'meta'> & Partial<Pick<PacketState, 'linear'>>,
): void {
  const { memory, packet } = machine;
  const linear = moved.linear ?? moved.end;
  memory.retire(packet.region);
  const region = memory.addPassing(
    regionInfo('packet', () => ({ kind: 'packet' }), moved.meta - moved.data),
    moved.meta,
    linear - moved.meta,
    READ | WRITE,
  );
  machine.packet = { ...packet, ...moved, linear, region };
}

/**
 * Moves the packet into larger room where `before` and `after` bytes more do not fit around it
 * (pskb_expand_head).
 */
function expand(machine: Machine, before: number, after: number): void {
  const { memory, packet } = machine;
  if (packet.data - before >= packet.low && packet.end + after <= packet.high) return;
  const length = packet.end - packet.data;
  const size = SPARE + before + length + after + SPARE;
  const low = memory.allocate(size, 'the packet');
  const data = low + SPARE + before;
  machine.recorder?.provenance?.moved(packet.data, data, length);
  memory.bytes.copyWithin(data, packet.data, packet.end);
  machine.packet = { ...packet, low, high: low + size, hidden: 0 };
  movePacket(machine, { data, end: data + length, meta: data });
}

/** Opens `count` zero bytes `at` bytes into an skb: what lies in front moves down. */
export function insertBytes(machine: Machine, at: number, count: number): void {
  expand(machine, count, 0);
  const { data, end } = machine.packet;
  const start = data - count;
  moveLinear(machine, data, start, at);
  clearLinear(machine, start + at, count);
  machine.packet = { ...machine.packet, hidden: 0 };
  movePacket(machine, { data: start, end, meta: start });
}

/** Takes `count` bytes out, `at` bytes into an skb: what lies in front moves up. */
export function removeBytes(machine: Machine, at: number, count: number): void {
  const { data, end } = machine.packet;
  const start = data + count;
  moveLinear(machine, data, start, at);
  machine.packet = { ...machine.packet, hidden: 0 };
  movePacket(machine, { data: start, end, meta: start });
}

/** Makes an skb `length` bytes long; new bytes are zero. */
export function resizeTail(machine: Machine, length: number): void {
  const more = length - (machine.packet.end - machine.packet.data);
  if (more > 0) expand(machine, 0, more);
  const { data, end, meta } = machine.packet;
  if (more > 0) {
    machine.recorder?.provenance?.cleared(end, more);
    machine.memory.bytes.fill(0, end, end + more);
  }
  movePacket(machine, { data, end: data + length, meta });
}

/**
 * The same bytes seen through new pointers: after a helper that may have moved them, old ones are
 * invalid.
 */
export const renewPointers = (machine: Machine): void => movePacket(machine, machine.packet);

export const packetLength = (machine: Machine): number => machine.packet.end - machine.packet.data;
