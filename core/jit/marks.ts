/** Marks of what was ever read and written, as the interpreter sets them (machine/recorder.ts). */
import type { Recorder } from '../machine/recorder.ts';
import { READ, WRITE } from '../memory/memory.ts';
import type { Size } from '../spec/isa.ts';
import { type AccessRow, type BytePlace, LOADS, STORES } from './accesses.ts';
import { STACK } from './locals.ts';
import { type CodeWriter, NO_RESULT, OP } from './wasm-writer.ts';

export type Marks = Pick<Recorder, 'marksAt' | 'marked'>;

/** As machine/atomic.ts has it of atomic operations. */
function kindOf(row: AccessRow): number {
  if (row.kind === 'load') return READ;
  if (row.kind === 'store' || row.op === 'store_release') return WRITE;
  return row.op === 'load_acquire' ? READ : READ | WRITE;
}

/** So many bytes, each of which is the marks of one. */
const marksOf = (kind: number, size: Size): bigint =>
  BigInt.asIntN(64, BigInt(kind) * (0x0101_0101_0101_0101n >> BigInt(64 - 8 * size)));

/** Marks the bytes of an access, where they have marks; the stack always has. */
export function markAccess(
  code: CodeWriter,
  row: AccessRow,
  { local, offset }: BytePlace,
  { marksAt, marked }: Marks,
): void {
  const isBelow = local !== STACK;
  if (isBelow) {
    code.get(local);
    code.i32(offset);
    code.op(OP.i32Add);
    code.i32(marked);
    code.op(OP.i32LtU);
    code.open(OP.if, NO_RESULT);
  }
  const place = marksAt + offset;
  code.get(local);
  code.get(local);
  code.access(LOADS[row.size], place);
  code.i64(marksOf(kindOf(row), row.size));
  code.op(OP.i64Or);
  code.access(STORES[row.size], place);
  if (isBelow) code.close();
}
