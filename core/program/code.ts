import { decodeAll, type Instruction, type Undefined } from '../asm/decode.ts';
import { immediate64 } from '../asm/disassemble.ts';
import { SLOT_BYTES } from '../asm/encoding.ts';
import type { Endian } from '../bytes/reader.ts';
import type { LinkedCode, LinkedFunction } from '../object/types.ts';
import type { Pc, ValueOffset } from '../spec/units.ts';

/** A program among those that are loaded together. */
export interface LoadedProgram {
  readonly name: string;
  /** First slot; its entry. */
  readonly start: Pc;
  /** exclusive */
  readonly end: Pc;
  readonly linked: LinkedCode;
}

/**
 * The code of every program a run can reach (tail calls), one after the other, decoded: what it is
 * before anything runs, and before maps have addresses.
 */
export interface Code {
  readonly programs: readonly LoadedProgram[];
  /** By slot; undefined for the second slot of a 64-bit immediate load. */
  readonly instructions: readonly (Instruction | Undefined | undefined)[];
  readonly slots: number;
}

/** What an instruction has for an operand instead of a register. */
export type Constant =
  | { readonly kind: 'number'; readonly value: bigint }
  /** A map by its index among those of the object. */
  | { readonly kind: 'map'; readonly map: number }
  /** The address of a byte in a map's first value: a global variable. */
  | { readonly kind: 'map-value'; readonly map: number; readonly offset: ValueOffset }
  /** A function of the program by its first slot. */
  | { readonly kind: 'function'; readonly entry: Pc }
  /** The address of a kernel variable, by its BTF id. */
  | { readonly kind: 'variable'; readonly id: number };

/** Decodes programs, one behind the other. */
export function decodePrograms(
  sources: readonly { readonly name: string; readonly linked: LinkedCode }[],
  endian: Endian,
): Code {
  const programs: LoadedProgram[] = [];
  let slots = 0;
  for (const { name, linked } of sources) {
    const start = slots;
    slots += linked.bytes.length / SLOT_BYTES;
    programs.push({ name, start, end: slots, linked });
  }
  const instructions = new Array<Instruction | Undefined | undefined>(slots);
  for (const { start, linked } of programs)
    for (const { pc, instruction } of decodeAll(linked.bytes, endian))
      instructions[start + pc] = instruction;
  return { programs, instructions, slots };
}

/** The constant of the instruction at a slot, which functions are counted from. */
export function constantOf(instruction: Instruction, pc: Pc): Constant | undefined {
  const { row, slot, nextImm } = instruction;
  if (row.kind !== 'lddw')
    return 'operand' in row && row.operand === 'imm'
      ? { kind: 'number', value: BigInt(slot.imm) }
      : undefined;
  switch (row.source) {
    case 'imm64':
      return { kind: 'number', value: immediate64(slot.imm, nextImm) };
    case 'map':
    case 'map-index':
      return { kind: 'map', map: slot.imm };
    case 'map-value':
    case 'map-index-value':
      return { kind: 'map-value', map: slot.imm, offset: nextImm };
    case 'function':
      return { kind: 'function', entry: pc + 1 + slot.imm };
    case 'variable':
      return { kind: 'variable', id: slot.imm };
  }
}

/** Why a CO-RE relocation made an instruction one not to be reached, where it did. */
export function poisonAt(code: Code, pc: Pc): string | undefined {
  const program = programAt(code, pc);
  return program?.linked.poisoned?.get(pc - program.start);
}

export function programAt(code: Code, pc: Pc): LoadedProgram | undefined {
  return code.programs.find((program) => pc >= program.start && pc < program.end);
}

/** The function a slot belongs to, with its program; undefined outside every program. */
export function functionAt(
  code: Code,
  pc: Pc,
): { program: LoadedProgram; function: LinkedFunction } | undefined {
  const program = programAt(code, pc);
  const found = program?.linked.functions.find(
    (candidate) => pc - program.start >= candidate.start && pc - program.start < candidate.end,
  );
  return program && found && { program, function: found };
}
