import { decodeAll, type Instruction, type Undefined } from '../asm/decode.ts';
import { immediate64 } from '../asm/disassemble.ts';
import { SLOT_BYTES } from '../asm/encoding.ts';
import type { Endian } from '../bytes/reader.ts';
import type { LinkedCode, LinkedFunction } from '../object/types.ts';
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
 * The code of every program a run can reach (tail calls), one after the other, decoded into typed arrays indexed by
 * slot. Immediates are register slots behind r0..r10 that nobody writes, so an operand is always a register.
 */
export interface CodeSpace {
  readonly programs: readonly LoadedProgram[];
  readonly instructions: readonly (Instruction | Undefined | undefined)[];
  readonly slots: number;
  /**
   * Four words a slot: EXECUTION number; twice the destination register (the index of its low half); twice the register
   * or constant slot of the operand (loads: of the address; stores: of the value; calls: what is called); memory offset
   * in bytes, or for jumps and local calls the slot they go to.
   */
  readonly words: Int32Array;
  /** Bit n: it writes register n. */
  readonly writes: Uint16Array;
  /** 64-bit constants of the slots behind r10. */
  readonly constants: BigUint64Array;
}

export const REGISTERS = 11;
const WORDS = 4;

/** What an instruction with an address in it loads, once maps and functions have addresses. */
export type ResolveAddress = (instruction: Instruction, pc: number) => bigint | undefined;

/** be16 and friends on a machine of either byte order: swap where the order differs, else cut to width (RFC 9669 4.2). */
function byteOrderExecution(op: string, endian: Endian): Execution {
  const bits = Number(/\d+$/.exec(op)![0]) as 16 | 32 | 64;
  const swaps = op.startsWith('bswap') || op.startsWith(endian === 'little' ? 'be' : 'le');
  return swaps ? `swap${bits}` : `low${bits}`;
}

/** The name of what the interpreter does for a row. */
export function executionOf({ row }: Instruction, endian: Endian): Execution {
  switch (row.kind) {
    case 'alu':
      return `${row.op}${row.width}`;
    case 'unary':
      if (row.op === 'neg') return `neg${row.width}`;
      if (row.op.startsWith('movsx')) return `${row.op}_${row.width}` as Execution;
      // No arena is built, so there is nothing to cast.
      if (row.op === 'addr_space_cast') return 'invalid';
      return byteOrderExecution(row.op, endian);
    case 'jump':
      return `${row.op}${row.width}`;
    case 'flow':
      return row.op;
    case 'load':
      return row.signed ? `ldxs${(row.size * 8) as 8 | 16 | 32}` : `ldx${(row.size * 8) as 8 | 16 | 32 | 64}`;
    case 'store':
      return `stx${(row.size * 8) as 8 | 16 | 32 | 64}`;
    case 'atomic':
      return 'atomic';
    case 'lddw':
      return 'lddw';
    case 'packet':
      return 'packet';
  }
}

/** Registers an instruction writes, as bits; a helper call writes r0 and leaves r1 to r5 unusable. */
export function writesOf({ row, slot }: Instruction): number {
  switch (row.kind) {
    case 'alu':
    case 'unary':
    case 'load':
    case 'lddw':
      return 1 << slot.dst;
    case 'packet':
      return 1;
    case 'flow':
      return row.op === 'call' || row.op === 'callx' || row.op === 'call_kfunc' ? 1 : 0;
    case 'atomic':
      if (row.op === 'load_acquire') return 1 << slot.dst;
      if (row.op === 'cmpxchg') return 1;
      return row.op.startsWith('fetch') || row.op === 'xchg' ? 1 << slot.src : 0;
    default:
      return 0;
  }
}

/** Registers an instruction reads, as bits; a call reads what `argumentsOf` says. */
export function readsOf({ row, slot }: Instruction, argumentsOf: (id: number) => number): number {
  const dst = 1 << slot.dst;
  const src = 1 << slot.src;
  switch (row.kind) {
    case 'alu':
      return (row.op === 'mov' ? 0 : dst) | (row.operand === 'reg' ? src : 0);
    case 'unary':
      return row.op.startsWith('movsx') || row.op === 'addr_space_cast' ? src : dst;
    case 'jump':
      return dst | (row.operand === 'reg' ? src : 0);
    case 'load':
      return src;
    case 'store':
      return dst | (row.operand === 'reg' ? src : 0);
    case 'atomic':
      return row.op === 'load_acquire' ? src : dst | src | (row.op === 'cmpxchg' ? 1 : 0);
    case 'packet':
      return row.mode === 'ind' ? src : 0;
    case 'lddw':
      return 0;
    case 'flow':
      if (row.op === 'exit') return 1;
      if (row.op === 'callx' || row.op === 'gotox') return dst;
      return row.op === 'call' ? ((1 << argumentsOf(slot.imm)) - 1) << 1 : 0;
  }
}

/** The slot a jump or local call goes to; undefined for what does not jump. */
export function targetOf(instruction: Instruction | Undefined | undefined, pc: number): number | undefined {
  if (instruction?.row === undefined) return undefined;
  const { row, slot } = instruction;
  if (row.kind === 'jump') return pc + 1 + slot.off;
  if (row.kind !== 'flow' || row.distance === undefined) return undefined;
  return pc + 1 + (row.distance === 'off' ? slot.off : slot.imm);
}

const operandIsImmediate = ({ row }: Instruction): boolean => 'operand' in row && row.operand === 'imm';

/** Decodes programs into a code space; `resolve` gives the addresses of maps, variables and functions. */
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
  const constants: bigint[] = [];
  const constant = (value: bigint): number => {
    constants.push(BigInt.asUintN(64, value));
    return REGISTERS + constants.length - 1;
  };
  const instructions = new Array<Instruction | Undefined | undefined>(total);
  const words = new Int32Array(total * WORDS);
  for (let pc = 0; pc < total; pc++) words[pc * WORDS] = EXECUTION.invalid;
  const writes = new Uint16Array(total);
  for (const program of programs) {
    for (const { pc: local, instruction } of decodeAll(program.linked.bytes, endian)) {
      const pc = program.start + local;
      instructions[pc] = instruction;
      const { row, slot } = instruction;
      if (row === undefined) continue;
      writes[pc] = writesOf(instruction);
      let operand = slot.src * 2;
      if (operandIsImmediate(instruction)) operand = constant(BigInt(slot.imm)) * 2;
      else if (row.kind === 'lddw')
        operand = constant(resolve(instruction, pc) ?? immediate64(slot.imm, instruction.nextImm)) * 2;
      else if (row.kind === 'flow') operand = row.op === 'callx' ? slot.dst * 2 : slot.imm;
      words.set(
        [EXECUTION[executionOf(instruction, endian)], slot.dst * 2, operand, targetOf(instruction, pc) ?? slot.off],
        pc * WORDS,
      );
    }
  }
  return { programs, instructions, slots: total, words, writes, constants: BigUint64Array.from(constants) };
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
