/**
 * Memory as compiled code accesses it. A check like the interpreter's comes first, inline; where it
 * refuses, the interpreter does the instruction, and says what is wrong or that nothing is.
 */
import type { Instruction } from '../asm/decode.ts';
import { STACK_BYTES } from '../machine/machine.ts';
import { READ, REGION_START, REGION_TAG, TABLE_AT, WRITE } from '../memory/memory.ts';
import { registerOf } from '../program/effects.ts';
import type { AtomicOp, InstructionRow, Size } from '../spec/isa.ts';
import { ROW, ROWS, registerLocal, STACK, TABLE, WHERE } from './locals.ts';
import { cut, pushOperand, type RightSide, swapBytes } from './operations.ts';
import { type CodeWriter, OP } from './wasm-writer.ts';

export type AccessRow = Extract<InstructionRow, { kind: 'load' | 'store' | 'atomic' }>;

/** Words of a row of the table of regions (memory.ts), in bytes. */
const BASE = 0;
const LENGTH: Readonly<Record<number, number>> = { [READ]: 4, [WRITE]: 8 };
const ROW_SHIFT = 4;
const FRAME = 10;
/** Bit 10 of Machine.readable and of what instructions write. */
export const FRAME_BIT = 1 << FRAME;

const LOADS: Readonly<Record<Size, number>> = {
  1: OP.i64Load8U,
  2: OP.i64Load16U,
  4: OP.i64Load32U,
  8: OP.i64Load,
};
const STORES: Readonly<Record<Size, number>> = {
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

const rightOf = (row: AccessRow): number => (addressOf(row) === 'src' ? READ : WRITE);

/** Whether it is one of the running function's own stack, by r10 and a constant. */
export function isOnStack({ row, slot }: Instruction): boolean {
  if (row.kind !== 'load' && row.kind !== 'store' && row.kind !== 'atomic') return false;
  const { off } = slot;
  return registerOf(addressOf(row), slot) === FRAME && off >= -STACK_BYTES && off + row.size <= 0;
}

/** Where the table of regions is: told anew behind whatever may have made a region. */
export function readTable(code: CodeWriter): void {
  for (const [local, at] of [
    [TABLE, TABLE_AT],
    [ROWS, TABLE_AT + 4],
  ]) {
    code.i32(0);
    code.access(OP.i32Load, at);
    code.set(local);
  }
}

/** ROW becomes the address of the row of the region that a register points into; else `refuse`. */
function findRow(code: CodeWriter, register: number, refuse: () => void): void {
  code.get(registerLocal(register));
  code.i64(32n);
  code.op(OP.i64ShrU, OP.i32WrapI64);
  code.i32(REGION_TAG);
  code.op(OP.i32Sub);
  code.tee(ROW);
  // Of no sign: what has no tag is more than any. Row 0 has no length.
  code.get(ROWS);
  code.op(OP.i32GeU);
  refuse();
  code.get(ROW);
  code.i32(ROW_SHIFT);
  code.op(OP.i32Shl);
  code.get(TABLE);
  code.op(OP.i32Add);
  code.set(ROW);
}

/** WHERE becomes the linear address, of which all bytes may be accessed; else `refuse`. */
function check(
  code: CodeWriter,
  register: number,
  off: number,
  size: Size,
  right: number,
  refuse: () => void,
): void {
  findRow(code, register, refuse);
  code.get(registerLocal(register));
  code.op(OP.i32WrapI64);
  code.i32(off - REGION_START);
  code.op(OP.i32Add);
  code.tee(WHERE);
  // A region is shorter than 2 GiB, so an offset that is no such number is refused by its sign.
  code.i32(0);
  code.op(OP.i32LtS);
  code.get(WHERE);
  code.get(ROW);
  code.access(OP.i32Load, LENGTH[right]);
  code.i32(size);
  code.op(OP.i32Sub, OP.i32GtS, OP.i32Or);
  refuse();
  code.get(ROW);
  code.access(OP.i32Load, BASE);
  code.get(WHERE);
  code.op(OP.i32Add);
  code.set(WHERE);
}

/**
 * STACK becomes the address of the running function's stack. `refuse` where r10 is not the top of
 * one, as when a person changed it.
 */
export function findStack(code: CodeWriter, refuse: () => void): void {
  findRow(code, FRAME, refuse);
  code.get(registerLocal(FRAME));
  code.op(OP.i32WrapI64);
  code.i32(REGION_START + STACK_BYTES);
  code.op(OP.i32Ne);
  for (const right of [READ, WRITE]) {
    code.get(ROW);
    code.access(OP.i32Load, LENGTH[right]);
    code.i32(STACK_BYTES);
    code.op(OP.i32Ne, OP.i32Or);
  }
  refuse();
  code.get(ROW);
  code.access(OP.i32Load, BASE);
  code.set(STACK);
}

/** Local and offset of the bytes, once they are known to be there. */
interface Place {
  readonly local: number;
  readonly offset: number;
}

/**
 * A load, store or atomic operation. `onStack`: it is known to be in bounds (findStack); `leave`
 * writes what is done where the check refuses.
 */
export function writeAccess(
  code: CodeWriter,
  { row, slot }: Instruction & { readonly row: AccessRow },
  operand: RightSide,
  littleEndian: boolean,
  onStack: boolean,
  leave: () => void,
): void {
  const access = (place: Place): void => {
    if (row.kind === 'load') writeLoad(code, row, slot.dst, place, littleEndian);
    else if (row.kind === 'store') writeStore(code, row.size, operand, place, littleEndian);
    else writeAtomic(code, row, slot, place, littleEndian);
  };
  if (onStack) {
    access({ local: STACK, offset: STACK_BYTES + slot.off });
    return;
  }
  code.open(OP.block);
  code.open(OP.block);
  const register = registerOf(addressOf(row), slot);
  check(code, register, slot.off, row.size, rightOf(row), () => code.branch(OP.brIf, 0));
  access({ local: WHERE, offset: 0 });
  code.branch(OP.br, 1);
  code.op(OP.end);
  leave();
  code.op(OP.end);
}

/** Leaves the bytes on the stack as a number without sign. */
function pushBytes(code: CodeWriter, size: Size, place: Place, littleEndian: boolean): void {
  code.get(place.local);
  code.access(LOADS[size], place.offset);
  if (!littleEndian) swapBytes(code, size * 8);
}

function writeLoad(
  code: CodeWriter,
  row: Extract<AccessRow, { kind: 'load' }>,
  dst: number,
  place: Place,
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
  place: Place,
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
  place: Place,
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

/** Behind an instruction that the interpreter did: registers, and the table, as it left them. */
export function readBack(code: CodeWriter, registers: readonly number[]): void {
  for (const register of registers) {
    code.i32(0);
    code.access(OP.i64Load, 8 * register);
    code.set(registerLocal(register));
  }
  readTable(code);
}
