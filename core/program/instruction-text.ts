import type { Instruction, Undefined } from '../asm/decode.ts';
import { disassemble } from '../asm/disassemble.ts';

/**
 * LLVM's text; a load of a map, variable or function as the object had it before it was linked, `r1
 * = 0x8 ll`.
 */
export function instructionText(instruction: Instruction | Undefined): string {
  const { row, slot } = instruction;
  if (row?.kind !== 'lddw' || row.source === 'imm64') return disassemble(instruction, 'llvm');
  const offset = row.source === 'map-value' ? (instruction as Instruction).nextImm : 0;
  return `r${slot.dst} = 0x${offset.toString(16)} ll`;
}
