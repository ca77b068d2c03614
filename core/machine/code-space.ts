import { decodeAll, type Instruction, type Undefined } from '../asm/decode.ts';
import { immediate64 } from '../asm/disassemble.ts';
import { SLOT_BYTES } from '../asm/encoding.ts';
import type { Endian } from '../bytes/reader.ts';
import type { LinkedCode, LinkedFunction } from '../object/types.ts';
import { accessSize, writesOf } from '../program/effects.ts';
import type { InstructionRow } from '../spec/isa.ts';
import { conversionOf } from '../spec/semantics.ts';
import { EXECUTION, type Execution } from './execution.ts';

/** A program in the code space. */
export interface LoadedProgram {
  readonly name: string;
  /** First slot; its entry. */
  readonly start: number;
  /** exclusive */
  readonly end: number;
  readonly linked: LinkedCode;
}

/**
 * The code of every program a run can reach (tail calls), one after the other, decoded. Immediates
 * are register slots behind r0..r10 that nobody writes, so an operand is always a register.
 */
export interface CodeSpace {
  readonly programs: readonly LoadedProgram[];
  readonly instructions: readonly (Instruction | Undefined | undefined)[];
  readonly slots: number;
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

/** What an instruction with an address in it loads, once maps and functions have addresses. */
export type ResolveAddress = (instruction: Instruction, pc: number) => bigint | undefined;

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

/** The slot a jump or local call goes to; undefined for what does not jump. */
export function targetOf(
  instruction: Instruction | Undefined | undefined,
  pc: number,
): number | undefined {
  if (instruction?.row === undefined) return undefined;
  const { row, slot } = instruction;
  return row.distance === undefined ? undefined : pc + 1 + slot[row.distance];
}

/** Slots that may run behind this one, by what the instruction itself says. */
export function successorsOf(code: CodeSpace, pc: number): number[] {
  const instruction = code.instructions[pc];
  const row = instruction?.row;
  if (row === undefined) return [];
  const next = pc + instruction!.slots;
  switch (row.kind) {
    case 'exit':
    case 'table':
      return [];
    case 'goto':
      return row.op === 'ja' ? [targetOf(instruction, pc)!] : [next, targetOf(instruction, pc)!];
    case 'jump':
      return [next, targetOf(instruction, pc)!];
    default:
      return [next];
  }
}

/**
 * Decodes programs into a code space; `resolve` gives the addresses of maps, variables and
 * functions.
 */
export function buildCodeSpace(
  sources: readonly { name: string; linked: LinkedCode }[],
  endian: Endian,
  resolve: ResolveAddress,
): CodeSpace {
  const programs: LoadedProgram[] = [];
  let total = 0;
  for (const { name, linked } of sources) {
    const slots = linked.bytes.length / SLOT_BYTES;
    programs.push({ name, start: total, end: total + slots, linked });
    total += slots;
  }
  const instructions = new Array<Instruction | Undefined | undefined>(total);
  for (const { start, linked } of programs)
    for (const { pc, instruction } of decodeAll(linked.bytes, endian))
      instructions[start + pc] = instruction;
  const executed = instructions.slice();
  for (const { start, linked } of programs)
    for (const pc of linked.poisoned?.keys() ?? []) executed[start + pc] = undefined;
  const constants = executed.map((instruction, pc) => constantOf(instruction, pc, resolve));
  return { programs, instructions, slots: total, ...cellsOf(executed, constants, endian) };
}

/** The value of an immediate operand, or of a 64-bit load. */
function constantOf(
  instruction: Instruction | Undefined | undefined,
  pc: number,
  resolve: ResolveAddress,
): bigint | undefined {
  if (instruction?.row === undefined) return undefined;
  const { row, slot, nextImm } = instruction;
  if (row.kind === 'lddw') return resolve(instruction, pc) ?? immediate64(slot.imm, nextImm);
  return 'operand' in row && row.operand === 'imm' ? BigInt(slot.imm) : undefined;
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

/** Why a CO-RE relocation made an instruction one not to be reached, where it did. */
export function poisonAt(code: CodeSpace, pc: number): string | undefined {
  const program = programAt(code, pc);
  return program?.linked.poisoned?.get(pc - program.start);
}

export function programAt(code: CodeSpace, pc: number): LoadedProgram | undefined {
  return code.programs.find((program) => pc >= program.start && pc < program.end);
}

/** The function a slot belongs to, with its program; undefined outside every program. */
export function functionAt(
  code: CodeSpace,
  pc: number,
): { program: LoadedProgram; function: LinkedFunction } | undefined {
  const program = programAt(code, pc);
  const found = program?.linked.functions.find(
    (candidate) => pc - program.start >= candidate.start && pc - program.start < candidate.end,
  );
  return program && found && { program, function: found };
}
