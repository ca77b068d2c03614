/**
 * What each operation of the instruction set computes (RFC 9669 sections 4 and 5), in big integers:
 * the reference that the interpreter is proved equal to, and that explanations and trials compute
 * with.
 *
 * Tables take operands that are cut to the width already, as unsigned numbers, and may give any
 * integer: `alu` and the others cut the result. A missing operation does not build.
 */
import type { Endian } from '../bytes/reader.ts';
import type { AluOp, AtomicOp, InstructionRow, JumpOp, Size, Width } from './isa.ts';

type Arithmetic = (left: bigint, right: bigint, width: Width) => bigint;
type Comparison = (left: bigint, right: bigint, width: Width) => boolean;

const signed = (value: bigint, bits: number): bigint => BigInt.asIntN(bits, value);
const unsigned = (value: bigint, bits: number): bigint => BigInt.asUintN(bits, value);
/** Shifts take the low bits of their operand, as many as the width needs (section 4.1). */
const shift = (by: bigint, width: Width): bigint => by & BigInt(width - 1);

export const ALU_SEMANTICS = {
  add: (left, right) => left + right,
  sub: (left, right) => left - right,
  mul: (left, right) => left * right,
  // Section 4.1: dividing by zero gives 0, and leaves the dividend as the remainder. The one
  // quotient that does not fit, the smallest number by -1, is cut to the smallest number again.
  div: (left, right) => (right === 0n ? 0n : left / right),
  sdiv: (left, right, width) => (right === 0n ? 0n : signed(left, width) / signed(right, width)),
  mod: (left, right) => (right === 0n ? left : left % right),
  smod: (left, right, width) => (right === 0n ? left : signed(left, width) % signed(right, width)),
  or: (left, right) => left | right,
  and: (left, right) => left & right,
  xor: (left, right) => left ^ right,
  lsh: (left, right, width) => left << shift(right, width),
  rsh: (left, right, width) => left >> shift(right, width),
  arsh: (left, right, width) => signed(left, width) >> shift(right, width),
  mov: (_, right) => right,
} satisfies Record<AluOp, Arithmetic>;

export const JUMP_SEMANTICS = {
  jeq: (left, right) => left === right,
  jne: (left, right) => left !== right,
  jgt: (left, right) => left > right,
  jge: (left, right) => left >= right,
  jlt: (left, right) => left < right,
  jle: (left, right) => left <= right,
  jset: (left, right) => (left & right) !== 0n,
  jsgt: (left, right, width) => signed(left, width) > signed(right, width),
  jsge: (left, right, width) => signed(left, width) >= signed(right, width),
  jslt: (left, right, width) => signed(left, width) < signed(right, width),
  jsle: (left, right, width) => signed(left, width) <= signed(right, width),
} satisfies Record<JumpOp, Comparison>;

/** A unary operation once the byte order of the machine is known. */
export type Conversion = 'negate' | 'extend' | 'cut' | 'swap';

export const CONVERSION_SEMANTICS = {
  negate: (value) => -value,
  extend: (value, bits) => signed(value, bits),
  cut: (value, bits) => unsigned(value, bits),
  swap: (value, bits) => {
    let reversed = 0n;
    for (let at = 0; at < bits; at += 8)
      reversed = (reversed << 8n) | unsigned(value >> BigInt(at), 8);
    return reversed;
  },
} satisfies Record<Conversion, (value: bigint, bits: number) => bigint>;

type UnaryRow = Extract<InstructionRow, { kind: 'unary' }>;

/**
 * What a unary operation does on a machine of a byte order: le and be leave the order that is the
 * machine's own and reverse the other (section 4.2). Undefined for a cast between address spaces,
 * which is no computation on the number alone.
 */
export function conversionOf({ form }: UnaryRow, endian: Endian): Conversion | undefined {
  if (form === 'cast') return undefined;
  if (form === 'little' || form === 'big') return form === endian ? 'cut' : 'swap';
  return form;
}

/** What stays in memory, from the value before; undefined leaves memory alone. */
type Update = (before: bigint, operand: bigint, expected: bigint) => bigint | undefined;

/** `expected` is r0, of which only cmpxchg knows. */
export const ATOMIC_SEMANTICS = {
  add: (before, operand) => before + operand,
  or: (before, operand) => before | operand,
  and: (before, operand) => before & operand,
  xor: (before, operand) => before ^ operand,
  fetch_add: (before, operand) => before + operand,
  fetch_or: (before, operand) => before | operand,
  fetch_and: (before, operand) => before & operand,
  fetch_xor: (before, operand) => before ^ operand,
  xchg: (_, operand) => operand,
  cmpxchg: (before, operand, expected) => (before === expected ? operand : undefined),
  load_acquire: () => undefined,
  store_release: (_, operand) => operand,
} satisfies Record<AtomicOp, Update>;

/** The destination register after arithmetic of two registers' or a register's and an immediate. */
export const alu = (op: AluOp, width: Width, left: bigint, right: bigint): bigint =>
  unsigned(
    (ALU_SEMANTICS[op] as Arithmetic)(unsigned(left, width), unsigned(right, width), width),
    width,
  );

/** Whether a conditional jump is taken. */
export const holds = (op: JumpOp, width: Width, left: bigint, right: bigint): boolean =>
  (JUMP_SEMANTICS[op] as Comparison)(unsigned(left, width), unsigned(right, width), width);

/** The destination register after a unary operation; a 32-bit one clears the upper half. */
export const convert = (how: Conversion, bits: number, width: Width, value: bigint): bigint =>
  unsigned(
    (CONVERSION_SEMANTICS[how] as (value: bigint, bits: number) => bigint)(value, bits),
    width,
  );

/** What an atomic operation leaves in memory; undefined leaves it alone. */
export function update(
  op: AtomicOp,
  size: Size,
  before: bigint,
  operand: bigint,
  expected: bigint,
): bigint | undefined {
  const bits = size * 8;
  const after = (ATOMIC_SEMANTICS[op] as Update)(
    before,
    unsigned(operand, bits),
    unsigned(expected, bits),
  );
  return after === undefined ? undefined : unsigned(after, bits);
}

/** The register after a load with sign of `size` bytes, which are `value` without it. */
export const extended = (size: number, value: bigint): bigint =>
  unsigned(signed(value, size * 8), 64);
