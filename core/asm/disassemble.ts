import { signedHex } from '../bytes/hex.ts';
import { unreachable } from '../errors.ts';
import type { Instruction, Undefined } from './decode.ts';

const distance = (value: number): string => (value < 0 ? signedHex(value) : `+${signedHex(value)}`);
const memoryOffset = (value: number): string =>
  value < 0 ? ` - 0x${(-value).toString(16)}` : ` + 0x${value.toString(16)}`;

/** The 64-bit immediate of a two-slot load. */
export const immediate64 = (low: number, high: number): bigint =>
  (BigInt(high) << 32n) | BigInt(low >>> 0);

type Placeholder = 'rdst' | 'rsrc' | 'wdst' | 'wsrc' | 'imm64' | 'imm' | 'off' | 'mem';
const PLACEHOLDER = /rdst|rsrc|wdst|wsrc|imm64|imm|off|mem/g;

function fill(placeholder: Placeholder, { row, slot, nextImm }: Instruction): string {
  switch (placeholder) {
    case 'rdst':
      return `r${slot.dst}`;
    case 'wdst':
      return `w${slot.dst}`;
    case 'rsrc':
      return `r${slot.src}`;
    case 'wsrc':
      return `w${slot.src}`;
    case 'mem':
      return memoryOffset(row.kind === 'packet' ? slot.imm : slot.off);
    case 'off':
      return row.distance === 'off' ? distance(slot.off) : String(slot.off);
    case 'imm':
      if (row.distance === 'imm') return distance(slot.imm);
      return signedHex(slot.imm);
    case 'imm64':
      return signedHex(BigInt.asIntN(64, immediate64(slot.imm, nextImm)));
    default:
      return unreachable(placeholder);
  }
}

/**
 * `exact` assembles back to the same bytes; `llvm` is what llvm-objdump -d prints, which loses some
 * fields.
 */
export type Dialect = 'exact' | 'llvm';

/** One instruction in LLVM's syntax; `<unknown>` where the bytes are none. */
export function disassemble(
  instruction: Instruction | Undefined,
  dialect: Dialect = 'exact',
): string {
  const { row } = instruction;
  if (row === undefined) return '<unknown>';
  if (dialect === 'llvm') return llvmText(instruction as Instruction);
  return row.syntax.replace(PLACEHOLDER, (placeholder) =>
    fill(placeholder as Placeholder, instruction as Instruction),
  );
}

function llvmText(instruction: Instruction): string {
  const { row, slot } = instruction;
  // llvm-objdump shows only the first slot's immediate of a pseudo load, and a call's distance as a
  // plain number.
  if (row.kind === 'lddw' && row.source !== 'imm64')
    return `ld_pseudo\tr${slot.dst}, ${signedHex(slot.src)}, ${signedHex(slot.imm)}`;
  if (row.kind === 'call' && (row.op === 'call_local' || row.op === 'call_kfunc'))
    return `call ${signedHex(slot.imm)}`;
  return (row.llvm ?? row.syntax).replace(PLACEHOLDER, (placeholder) =>
    fill(placeholder as Placeholder, instruction),
  );
}
