import type { Instruction } from '../asm/decode.ts';
import { immediate64 } from '../asm/disassemble.ts';
import type { Endian } from '../bytes/reader.ts';
import type { LinkedCode } from '../object/types.ts';
import { type Code, type Constant, constantOf, decodePrograms } from '../program/code.ts';
import { targetOf } from '../program/control-flow.ts';
import { accessSize, writesOf } from '../program/effects.ts';
import type { InstructionRow } from '../spec/isa.ts';
import { conversionOf } from '../spec/semantics.ts';
import { EXECUTION, type Execution } from './execution.ts';

/**
 * Code made ready to run. Immediates are register slots behind r0..r10 that nobody writes, so an
 * operand is always a register.
 */
export interface CodeSpace extends Code {
  /**
   * Registers and code in one array, which is faster than two:
   *
   *     r0..r10, two halves each, the low one first | constants likewise | code, four cells a slot | an invalid slot
   *
   * The cells of a slot: EXECUTION number (8 bits), bytes that a load or store accesses (4 bits),
   * one bit for each register it writes; cell of the destination register; cell of the operand, a
   * register or a constant (loads: of the address; stores: of the value; calls: what is called);
   * memory offset in bytes, or for jumps and local calls the cell they go to.
   */
  readonly cells: Int32Array;
  /** Cell of the first slot. */
  readonly codeStart: number;
}

export const REGISTERS = 11;
const CELLS = 4;

/**
 * Where slots that do not exist have their cells: behind the array whatever its length, and small
 * to a JavaScript engine.
 */
const OUTSIDE = 0x3000_0000;
const REACH = 0x0fff_ffff;

/** The cell of a slot, also of one that does not exist. */
export const cellOf = (
  { slots, codeStart }: Pick<CodeSpace, 'slots' | 'codeStart'>,
  pc: number,
): number =>
  pc >= 0 && pc <= slots ? codeStart + pc * CELLS : OUTSIDE + Math.max(-REACH, Math.min(pc, REACH));

export const slotOf = ({ codeStart }: CodeSpace, cell: number): number =>
  cell >= OUTSIDE - REACH ? cell - OUTSIDE : (cell - codeStart) / CELLS;

/** The value of a constant, once maps and functions have addresses; undefined where it has none. */
export type ResolveConstant = (constant: Constant) => bigint | undefined;

/** The name of what the interpreter does for a row. */
export function executionOf({ row }: Instruction, endian: Endian): Execution {
  switch (row.kind) {
    case 'alu':
    case 'jump':
      return `${row.op}${row.width}`;
    case 'unary':
      return unaryExecution(row, endian);
    case 'goto':
    case 'call':
    case 'table':
    case 'exit':
      return row.op;
    case 'load':
      return row.signed
        ? `ldxs${(row.size * 8) as 8 | 16 | 32}`
        : `ldx${(row.size * 8) as 8 | 16 | 32 | 64}`;
    case 'store':
      return `stx${(row.size * 8) as 8 | 16 | 32 | 64}`;
    case 'atomic':
    case 'lddw':
    case 'packet':
      return row.kind;
  }
}

function unaryExecution(
  row: Extract<InstructionRow, { kind: 'unary' }>,
  endian: Endian,
): Execution {
  const { bits, width } = row;
  switch (conversionOf(row, endian)) {
    case 'negate':
      return `neg${width}`;
    case 'extend':
      return bits === 32 ? 'movsx32_64' : `movsx${bits as 8 | 16}_${width}`;
    case 'swap':
      return `swap${bits as 16 | 32 | 64}`;
    case 'cut':
      return `low${bits as 16 | 32 | 64}`;
    // A cast of an address: no arena is built, so there is nothing to cast.
    case undefined:
      return 'invalid';
  }
}

/** Decodes programs into a code space; `resolve` gives maps, variables and functions a value. */
export function buildCodeSpace(
  sources: readonly { name: string; linked: LinkedCode }[],
  endian: Endian,
  resolve: ResolveConstant,
): CodeSpace {
  const code = decodePrograms(sources, endian);
  const executed = code.instructions.slice();
  for (const { start, linked } of code.programs)
    for (const pc of linked.poisoned?.keys() ?? []) executed[start + pc] = undefined;
  const valueAt = (instruction: CodeSpace['instructions'][number], pc: number) => {
    if (instruction?.row === undefined) return undefined;
    const constant = constantOf(instruction, pc);
    if (constant === undefined || constant.kind === 'number') return constant?.value;
    // What has no address here is the number that the object has in its place.
    return resolve(constant) ?? immediate64(instruction.slot.imm, instruction.nextImm);
  };
  return { ...code, ...cellsOf(executed, executed.map(valueAt), endian) };
}

/** CodeSpace.cells of instructions; `constants` of those that have one. */
function cellsOf(
  instructions: CodeSpace['instructions'],
  constants: readonly (bigint | undefined)[],
  endian: Endian,
): Pick<CodeSpace, 'cells' | 'codeStart'> {
  const slots = instructions.length;
  let constant = 2 * REGISTERS;
  const codeStart = constant + 2 * constants.filter((value) => value !== undefined).length;
  const cells = new Int32Array(codeStart + (slots + 1) * CELLS);
  const values = new BigInt64Array(cells.buffer);
  for (const [pc, instruction] of instructions.entries()) {
    if (instruction?.row === undefined) continue;
    const { row, slot } = instruction;
    let operand = slot.src * 2;
    const value = constants[pc];
    if (value !== undefined) {
      operand = constant;
      values[operand / 2] = value;
      constant += 2;
    } else if (row.kind === 'call') operand = row.op === 'callx' ? slot.dst * 2 : slot.imm;
    const target = targetOf(instruction, pc);
    cells.set(
      [
        EXECUTION[executionOf(instruction, endian)] |
          (accessSize(instruction) << 8) |
          (writesOf(instruction) << 12),
        slot.dst * 2,
        operand,
        target === undefined ? slot.off : cellOf({ slots, codeStart }, target),
      ],
      codeStart + pc * CELLS,
    );
  }
  return { cells, codeStart };
}
