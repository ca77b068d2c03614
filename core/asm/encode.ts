import type { Endian } from '../bytes/reader.ts';
import { Bug } from '../errors.ts';
import { type InstructionRow, instructionNamed } from '../spec/isa.ts';
import { SLOT_BYTES, type Slot, writeSlot } from './encoding.ts';

/** Fields that a row leaves free; the rest are 0. */
export interface Fields {
  readonly dst?: number;
  readonly src?: number;
  readonly off?: number;
  readonly imm?: number;
  /** Immediate of the second slot, of a 64-bit immediate load. */
  readonly nextImm?: number;
}

/** The second slot of a 64-bit immediate load: it holds an immediate and nothing else. */
const secondSlot = (imm: number): Slot => ({ opcode: 0, dst: 0, src: 0, off: 0, imm });

/** An instruction's slots: two of a 64-bit immediate load, else one. */
export function encodeRow(row: InstructionRow, fields: Fields = {}): Slot[] {
  const field = (name: 'dst' | 'src' | 'off' | 'imm'): number => {
    const fixed = row[name];
    const given = fields[name];
    if (fixed === '*') return given ?? 0;
    if (given !== undefined && given !== fixed)
      throw new Bug(`${row.name} has ${name} ${fixed}, not ${given}`);
    return fixed;
  };
  const slot = {
    opcode: row.opcode,
    dst: field('dst'),
    src: field('src'),
    off: field('off'),
    imm: field('imm'),
  };
  return row.kind === 'lddw' ? [slot, secondSlot(fields.nextImm ?? 0)] : [slot];
}

/** The slots of the instruction that the table of instructions calls `name`. */
export function encode(name: string, fields: Fields = {}): Slot[] {
  const row = instructionNamed(name);
  if (row === undefined) throw new Bug(`no instruction is called ${name}`);
  return encodeRow(row, fields);
}

/** Slots as bytes. */
export function bytesOf(slots: readonly Slot[], endian: Endian): Uint8Array {
  const bytes = new Uint8Array(slots.length * SLOT_BYTES);
  for (const [pc, slot] of slots.entries()) writeSlot(bytes, pc * SLOT_BYTES, slot, endian);
  return bytes;
}
