import type { Endian } from '../bytes/reader.ts';

/**
 * One 8-byte instruction slot as its fields, RFC 9669 section 3.
 *
 *     byte 0    1           2..3     4..7
 *     opcode  | src | dst | offset | imm    little endian: dst is the low half of byte 1
 *     opcode  | dst | src | offset | imm    big endian: dst is the high half; offset, imm too
 */
export interface Slot {
  opcode: number;
  dst: number;
  src: number;
  /** signed 16 bit */
  off: number;
  /** signed 32 bit */
  imm: number;
}

export const SLOT_BYTES = 8;

/** Reads the slot at `offset` bytes; the caller has checked that 8 bytes are there. */
export function readSlot(code: Uint8Array, offset: number, endian: Endian): Slot {
  const view = new DataView(code.buffer, code.byteOffset + offset, SLOT_BYTES);
  const little = endian === 'little';
  const registers = view.getUint8(1);
  const low = registers & 0x0f;
  const high = registers >> 4;
  return {
    opcode: view.getUint8(0),
    dst: little ? low : high,
    src: little ? high : low,
    off: view.getInt16(2, little),
    imm: view.getInt32(4, little),
  };
}

export function writeSlot(code: Uint8Array, offset: number, slot: Slot, endian: Endian): void {
  const view = new DataView(code.buffer, code.byteOffset + offset, SLOT_BYTES);
  const little = endian === 'little';
  view.setUint8(0, slot.opcode);
  view.setUint8(1, little ? (slot.src << 4) | slot.dst : (slot.dst << 4) | slot.src);
  view.setInt16(2, slot.off, little);
  view.setInt32(4, slot.imm, little);
}
