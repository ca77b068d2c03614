/** What an instruction does to registers, memory and the flow of control, by its row alone. */
import type { Instruction, Undefined } from '../asm/decode.ts';
import type { Slot } from '../asm/encoding.ts';
import { helperById } from '../spec/helpers.ts';
import type { InstructionRow, RegisterOperand } from '../spec/isa.ts';

/** The register that an operand names in a slot. */
export function registerOf(operand: RegisterOperand, { dst, src }: Slot): number {
  if (operand === 'dst') return dst;
  return operand === 'src' ? src : 0;
}

const bitsOf = (operands: readonly RegisterOperand[], slot: Slot): number =>
  operands.reduce((bits, operand) => bits | (1 << registerOf(operand, slot)), 0);

/** Registers an instruction gives a value, as bits. */
export const writesOf = ({ row, slot }: Instruction): number => bitsOf(row.writes, slot);

/**
 * Registers that hold another value afterwards, or none that may be read, as bits: those that an
 * instruction writes, and those that a call leaves to what it calls.
 */
export const changesOf = (instruction: Instruction): number =>
  writesOf(instruction) | (instruction.row.kind === 'call' ? instruction.row.clobbers : 0);

/**
 * Registers an instruction reads, as bits. `argumentsOf` answers how many a helper takes; what a
 * kernel function takes its name decides, which is not in the code.
 */
export function readsOf(instruction: Instruction, argumentsOf: (id: number) => number): number {
  const { row, slot } = instruction;
  const reads = bitsOf(row.reads, slot);
  if (row.kind !== 'call' || row.op !== 'call') return reads;
  return reads | (((1 << argumentsOf(slot.imm)) - 1) << 1);
}

/** Bytes of memory that a load or store accesses by its address; 0 of anything else. */
export const accessSize = ({ row }: Instruction): number =>
  row.kind === 'load' || row.kind === 'store' ? row.size : 0;

const BRANCHES: ReadonlySet<InstructionRow['kind']> = new Set([
  'jump',
  'goto',
  'table',
  'call',
  'exit',
]);

/** Whether it is there to lead to another place than the next instruction, always or at times. */
export const isBranch = ({ kind }: InstructionRow): boolean => BRANCHES.has(kind);

/**
 * Whether the code alone does not say all places it may lead to: calls return from a tail call
 * elsewhere, exits to any caller, loads of packet bytes that are not there end the program.
 */
export const leadsAnywhere = ({ kind }: InstructionRow): boolean =>
  kind === 'packet' || kind === 'call' || kind === 'exit' || kind === 'table';

/** Whether it jumps to an entry of a table, which the code does not name. */
export const isTableJump = (instruction: Instruction | Undefined | undefined): boolean =>
  instruction?.row?.kind === 'table';

/** Whether it goes on in another program. */
export function isTailCall(instruction: Instruction | Undefined | undefined): boolean {
  const row = instruction?.row;
  return (
    row?.kind === 'call' &&
    row.op === 'call' &&
    helperById(instruction!.slot.imm)?.name === 'tail_call'
  );
}

/**
 * Whether an instruction may end its function, beside going on: a tail call, a legacy load of bytes
 * that are not there.
 */
export const mayEnd = (instruction: Instruction | Undefined | undefined): boolean =>
  instruction?.row?.kind === 'packet' || isTailCall(instruction);

/** Whether it calls something outside the program: a helper or a kernel function. */
export const callsOut = ({ row }: Instruction): boolean =>
  row.kind === 'call' && row.op !== 'call_local';
