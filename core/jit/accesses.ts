/** Loads, stores and atomic operations as WebAssembly, once it is known that they may be done. */
import type { Instruction } from '../asm/decode.ts';
import { STACK_BYTES } from '../machine/machine.ts';
import { READ, WRITE } from '../memory/memory.ts';
import { registerOf } from '../program/effects.ts';
import type { AtomicOp, InstructionRow, Size } from '../spec/isa.ts';
import { registerLocal, STACK, WHERE } from './locals.ts';
import { cut, pushOperand, type RightSide, swapBytes } from './operations.ts';
import type { RegionAccess } from './regions.ts';
import { type CodeWriter, OP } from './wasm-writer.ts';

export type AccessRow = Extract<InstructionRow, { kind: 'load' | 'store' | 'atomic' }>;
export type AccessInstruction = Instruction & { readonly row: AccessRow };

export const isAccess = (instruction: Instruction): instruction is AccessInstruction =>
  ['load', 'store', 'atomic'].includes(instruction.row.kind);

const FRAME = 10;
/** Bit 10 of Machine.readable and of what instructions write. */
export const FRAME_BIT = 1 << FRAME;

export const LOADS: Readonly<Record<Size, number>> = {
  1: OP.i64Load8U,
  2: OP.i64Load16U,
  4: OP.i64Load32U,
  8: OP.i64Load,
};
export const STORES: Readonly<Record<Size, number>> = {
  1: OP.i64Store8,
  2: OP.i64Store16,
  4: OP.i64Store32,
  8: OP.i64Store,
};
const EXTENDS: Readonly<Record<number, number>> = {
  1: OP.i64Extend8S,
  2: OP.i64Extend16S,
  4: OP.i64Extend32S,
};

/** The field that holds the address. */
const addressOf = (row: AccessRow): 'dst' | 'src' =>
  row.kind === 'load' || (row.kind === 'atomic' && row.op === 'load_acquire') ? 'src' : 'dst';

/** What it accesses, by what decides whether it may. */
export const accessOf = ({ row, slot }: AccessInstruction): RegionAccess => ({
  register: registerOf(addressOf(row), slot),
  size: row.size,
  right: addressOf(row) === 'src' ? READ : WRITE,
});

/** Whether it is one of the running function's own stack, by r10 and a constant. */
export const isOnStack = ({ row, slot }: AccessInstruction): boolean =>
  registerOf(addressOf(row), slot) === FRAME &&
  slot.off >= -STACK_BYTES &&
  slot.off + row.size <= 0;

/** Local and offset of the bytes, once they are known to be there. */
export interface BytePlace {
  readonly local: number;
  readonly offset: number;
}

/** Where a check has put the address (regions.ts). */
export const CHECKED: BytePlace = { local: WHERE, offset: 0 };

export const onStack = ({ slot }: Instruction): BytePlace => ({
  local: STACK,
  offset: STACK_BYTES + slot.off,
});

/** A load, store or atomic operation on bytes that are known to be there. */
export function writeAccess(
  code: CodeWriter,
  { row, slot }: AccessInstruction,
  operand: RightSide,
  place: BytePlace,
  littleEndian: boolean,
): void {
  if (row.kind === 'load') writeLoad(code, row, slot.dst, place, littleEndian);
  else if (row.kind === 'store') writeStore(code, row.size, operand, place, littleEndian);
  else writeAtomic(code, row, slot, place, littleEndian);
}

/** Leaves the bytes on the stack as a number without sign. */
function pushBytes(code: CodeWriter, size: Size, place: BytePlace, littleEndian: boolean): void {
  code.get(place.local);
  code.access(LOADS[size], place.offset);
  if (!littleEndian) swapBytes(code, size * 8);
}

function writeLoad(
  code: CodeWriter,
  row: Extract<AccessRow, { kind: 'load' }>,
  dst: number,
  place: BytePlace,
  littleEndian: boolean,
): void {
  pushBytes(code, row.size, place, littleEndian);
  if (row.signed) code.op(EXTENDS[row.size]);
  code.set(registerLocal(dst));
}

function writeStore(
  code: CodeWriter,
  size: Size,
  operand: RightSide,
  place: BytePlace,
  littleEndian: boolean,
): void {
  code.get(place.local);
  pushOperand(code, operand, 64);
  if (!littleEndian) swapBytes(code, size * 8);
  code.access(STORES[size], place.offset);
}

/** What stays in memory: of the value before and the operand. */
const UPDATES: Readonly<Record<AtomicOp, number | 'operand' | 'expected' | undefined>> = {
  add: OP.i64Add,
  or: OP.i64Or,
  and: OP.i64And,
  xor: OP.i64Xor,
  fetch_add: OP.i64Add,
  fetch_or: OP.i64Or,
  fetch_and: OP.i64And,
  fetch_xor: OP.i64Xor,
  xchg: 'operand',
  cmpxchg: 'expected',
  load_acquire: undefined,
  store_release: 'operand',
};

/** Nothing else runs meanwhile, so the bytes are read and written as by any other instruction. */
function writeAtomic(
  code: CodeWriter,
  { op, size, writes }: Extract<AccessRow, { kind: 'atomic' }>,
  slot: Instruction['slot'],
  place: BytePlace,
  littleEndian: boolean,
): void {
  const update = UPDATES[op];
  const operand = registerLocal(slot.src);
  const pushBefore = (): void => pushBytes(code, size, place, littleEndian);
  if (update !== undefined) {
    // What a fetch gives is put by before memory changes.
    if (writes.length > 0) pushBefore();
    code.get(place.local);
    if (update === 'operand') code.get(operand);
    else if (update === 'expected') {
      code.get(operand);
      pushBefore();
      pushBefore();
      code.get(registerLocal(0));
      cut(code, size * 8);
      code.op(OP.i64Eq, OP.select);
    } else {
      pushBefore();
      code.get(operand);
      code.op(update);
    }
    if (!littleEndian) swapBytes(code, size * 8);
    code.access(STORES[size], place.offset);
  } else pushBefore();
  for (const written of writes) code.set(registerLocal(registerOf(written, slot)));
}
