import type { Instruction } from '../asm/decode.ts';
import { immediate64 } from '../asm/disassemble.ts';
import type { Endian } from '../bytes/reader.ts';
import type { Memory } from '../memory/memory.ts';
import type { LinkedCode } from '../object/types.ts';
import { type Code, type Constant, constantOf, decodePrograms } from '../program/code.ts';
import { jumpTarget } from '../program/control-flow.ts';
import { accessSize, writesOf } from '../program/effects.ts';
import type { InstructionRow } from '../spec/isa.ts';
import { conversionOf } from '../spec/semantics.ts';
import type { Pc } from '../spec/units.ts';
import { EXECUTION, type Execution } from './execution.ts';

/**
 * Code made ready to run. Immediates are register slots behind r0..r10 that nobody writes, so an
 * operand is always a register.
 */
export interface CodeSpace extends Code {
  /**
   * The words of linear memory are its cells: one array for registers, code and memory is faster
   * than several. Where the constants of a machine lie it has:
   *
   *     immediates, two halves each, the low one first | code, four cells a slot | an invalid slot
   *
   * The cells of a slot: EXECUTION number (8 bits), bytes that a load or store accesses (4 bits),
   * one bit for each register it writes; cell of the destination register; cell of the operand, a
   * register or a constant (loads: of the address; stores: of the value; calls: what is called);
   * memory offset in bytes, or for jumps and local calls the cell they go to.
   */
  readonly codeStart: number;
}

const CELLS = 4;

/**
 * Where slots that do not exist have their cells: behind linear memory whatever its size, and small
 * to a JavaScript engine.
 */
const OUTSIDE = 0x3000_0000;
const REACH = 0x0fff_ffff;

/** The cell of a slot, also of one that does not exist. */
export const cellOf = (
  { slots, codeStart }: Pick<CodeSpace, 'slots' | 'codeStart'>,
  pc: Pc,
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

/**
 * Decodes programs into a code space; `resolve` gives maps, variables and functions a value.
 * `scratch`: bytes behind it that no image holds.
 */
export function buildCodeSpace(
  sources: readonly { name: string; linked: LinkedCode }[],
  endian: Endian,
  resolve: ResolveConstant,
  memory: Memory,
  scratch = 0,
): CodeSpace {
  const code = decodePrograms(sources, endian);
  const executed = code.instructions.slice();
  for (const { start, linked } of code.programs)
    for (const pc of linked.poisoned?.keys() ?? []) executed[start + pc] = undefined;
  const valueAt = (instruction: CodeSpace['instructions'][number], pc: Pc) => {
    if (instruction?.row === undefined) return undefined;
    const constant = constantOf(instruction, pc);
    if (constant === undefined || constant.kind === 'number') return constant?.value;
    // What has no address here is the number that the object has in its place.
    return resolve(constant) ?? immediate64(instruction.slot.imm, instruction.nextImm);
  };
  const values = executed.map(valueAt);
  return { ...code, codeStart: placeCells(memory, executed, values, endian, scratch) };
}

/**
 * Puts cells into memory, `constants` of the instructions that have one, and scratch bytes behind
 * them; answers codeStart.
 */
function placeCells(
  memory: Memory,
  instructions: CodeSpace['instructions'],
  constants: readonly (bigint | undefined)[],
  endian: Endian,
  scratch: number,
): number {
  const immediates = 2 * constants.filter((value) => value !== undefined).length;
  // The cells of a slot lie in one line of the processor's cache.
  const count = immediates + CELLS + (instructions.length + 1) * CELLS;
  let codeStart = 0;
  const fill = (cells: Int32Array, first: number): void => {
    codeStart = Math.ceil((first + immediates) / CELLS) * CELLS;
    writeCells(cells, first, codeStart, instructions, constants, endian);
  };
  memory.placeConstants(4 * count, 'the code', fill, scratch);
  return codeStart;
}

/** `first`: the number of the first of the cells. */
function writeCells(
  cells: Int32Array,
  first: number,
  codeStart: number,
  instructions: CodeSpace['instructions'],
  constants: readonly (bigint | undefined)[],
  endian: Endian,
): void {
  const slots = instructions.length;
  let constant = first;
  for (const [pc, instruction] of instructions.entries()) {
    if (instruction?.row === undefined) continue;
    const { row, slot } = instruction;
    let operand = slot.src * 2;
    const value = constants[pc];
    if (value !== undefined) {
      operand = constant;
      cells[constant - first] = Number(BigInt.asIntN(32, value));
      cells[constant - first + 1] = Number(BigInt.asIntN(32, value >> 32n));
      constant += 2;
    } else if (row.kind === 'call') operand = row.op === 'callx' ? slot.dst * 2 : slot.imm;
    const target = jumpTarget(instruction, pc);
    cells.set(
      [
        EXECUTION[executionOf(instruction, endian)] |
          (accessSize(instruction) << 8) |
          (writesOf(instruction) << 12),
        slot.dst * 2,
        operand,
        target === undefined ? slot.off : cellOf({ slots, codeStart }, target),
      ],
      codeStart - first + pc * CELLS,
    );
  }
}
