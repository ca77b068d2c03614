import type { Pc } from '../spec/units.ts';
import type { Machine } from './machine.ts';
import { EVER_READ } from './recorder.ts';

/** Offsets that name the link and network header (include/uapi/linux/filter.h). */
const SKF_NET_OFF = -0x10_0000;
const SKF_LL_OFF = -0x20_0000;

/**
 * Where a legacy offset lies from the data on, in front of it too; undefined where it names nothing
 * we have, as ancillary data (net/core/filter.c, bpf_skb_load_helper_convert_offset).
 */
function packetOffset({ skb }: Machine, offset: number): number | undefined {
  if (offset >= 0) return offset;
  if (offset >= SKF_NET_OFF) return skb.networkOffset + (offset - SKF_NET_OFF);
  return offset >= SKF_LL_OFF
    ? skb.networkOffset - skb.linkLength + (offset - SKF_LL_OFF)
    : undefined;
}

/**
 * Legacy packet access (RFC 9669 section 5.5; net/core/filter.c, bpf_skb_load_helper_*): network
 * byte order into r0. Answers false where the bytes are not there: the program then ends with r0 =
 * 0.
 */
export function runPacketLoad(machine: Machine, pc: Pc): boolean {
  const instruction = machine.code.instructions[pc]!;
  if (instruction.row?.kind !== 'packet') return false;
  const {
    row: { size, mode },
    slot,
  } = instruction;
  const index = mode === 'ind' ? machine.halves[slot.src * 2] | 0 : 0;
  const offset = packetOffset(machine, (index + slot.imm) | 0);
  const { data, end, low } = machine.packet;
  if (offset === undefined || data + offset < low || data + offset + size > end) return false;
  const at = data + offset;
  const { view } = machine.memory;
  machine.recorder?.access(EVER_READ, at, size, machine.steps);
  machine.registers[0] = BigInt(
    size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at) : view.getUint32(at),
  );
  return true;
}
