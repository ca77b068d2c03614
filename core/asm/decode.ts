import { signedHex } from '../bytes/hex.ts';
import type { Endian } from '../bytes/reader.ts';
import { Bug } from '../errors.ts';
import { INSTRUCTIONS, type InstructionRow } from '../spec/isa.ts';
import { readSlot, SLOT_BYTES, type Slot } from './encoding.ts';

/**
 * An instruction: its row, its fields, and for a 64-bit immediate load the second slot's immediate.
 */
export interface Instruction {
  readonly row: InstructionRow;
  readonly slot: Slot;
  /** imm of the second slot; 0 for all but lddw. */
  readonly nextImm: number;
  /** Slots taken: 2 for lddw. */
  readonly slots: 1 | 2;
}

/** Bytes that are no instruction, with the reason in words. */
export interface Undefined {
  readonly row: undefined;
  readonly slot: Slot;
  readonly slots: 1;
  readonly reason: string;
}

const byOpcode = new Map<number, InstructionRow[]>();
for (const row of INSTRUCTIONS) {
  const rows = byOpcode.get(row.opcode);
  if (rows) rows.push(row);
  else byOpcode.set(row.opcode, [row]);
}

const FIELDS = ['dst', 'src', 'off', 'imm'] as const;
const MAX_REGISTER = 10;

const fits = (row: InstructionRow, slot: Slot): boolean =>
  FIELDS.every((field) => row[field] === '*' || row[field] === slot[field]);

const registerProblem = (row: InstructionRow, slot: Slot): string | undefined => {
  if (row.dst === '*' && slot.dst > MAX_REGISTER)
    return `destination register r${slot.dst} does not exist`;
  if (row.src === '*' && slot.src > MAX_REGISTER)
    return `source register r${slot.src} does not exist`;
  return undefined;
};

/** Why no row fits: the field that the nearest row reserves, or a meaning that is not defined. */
function undefinedReason(slot: Slot): string {
  const rows = byOpcode.get(slot.opcode);
  if (rows === undefined)
    return `opcode 0x${slot.opcode.toString(16).padStart(2, '0')} is not defined`;
  const misses = rows.map((row) =>
    FIELDS.filter((field) => row[field] !== '*' && row[field] !== slot[field]),
  );
  const [field] = misses.reduce((best, miss) => (miss.length < best.length ? miss : best));
  if (field === undefined) throw new Bug(`a row of opcode ${slot.opcode} fits, and was not found`);
  const wanted = [...new Set(rows.map((row) => row[field]))].filter(
    (value) => value !== '*',
  ) as number[];
  const [only] = wanted;
  if (only !== undefined && wanted.length === 1)
    return `reserved field ${field} is ${signedHex(slot[field])}, must be ${signedHex(only)}`;
  return (
    `${field} ${signedHex(slot[field])} is not defined for ` +
    `opcode 0x${slot.opcode.toString(16).padStart(2, '0')}`
  );
}

const undefinedSlot = (slot: Slot, reason: string): Undefined => ({
  row: undefined,
  slot,
  slots: 1,
  reason,
});

/**
 * The instruction at slot `pc` of `code`, whose length is a multiple of 8. Total: what is not an
 * instruction comes back with the reason (RFC 9669 section 3: unused fields shall be zero).
 */
export function decodeInstruction(
  code: Uint8Array,
  pc: number,
  endian: Endian,
): Instruction | Undefined {
  const slot = readSlot(code, pc * SLOT_BYTES, endian);
  const row = byOpcode.get(slot.opcode)?.find((candidate) => fits(candidate, slot));
  if (row === undefined) return undefinedSlot(slot, undefinedReason(slot));
  const problem = registerProblem(row, slot);
  if (problem !== undefined) return undefinedSlot(slot, problem);
  if (row.kind !== 'lddw') return { row, slot, nextImm: 0, slots: 1 };
  if ((pc + 2) * SLOT_BYTES > code.length)
    return undefinedSlot(slot, 'a 64-bit immediate load needs a second slot, the code ends here');
  const next = readSlot(code, (pc + 1) * SLOT_BYTES, endian);
  if (next.opcode !== 0 || next.dst !== 0 || next.src !== 0 || next.off !== 0) {
    return undefinedSlot(
      slot,
      'the second slot of a 64-bit immediate load has a reserved field that is not zero',
    );
  }
  return { row, slot, nextImm: next.imm, slots: 2 };
}

/** Every instruction of `code` with its slot, in order. */
export function* decodeAll(
  code: Uint8Array,
  endian: Endian,
): Generator<{ pc: number; instruction: Instruction | Undefined }> {
  for (let pc = 0; pc < Math.floor(code.length / SLOT_BYTES); ) {
    const instruction = decodeInstruction(code, pc, endian);
    yield { pc, instruction };
    pc += instruction.slots;
  }
}
