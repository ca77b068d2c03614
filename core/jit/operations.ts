/** What computes without memory, as WebAssembly: equal to spec/semantics.ts, row by row. */
import type { AluOp, JumpOp, Width } from '../spec/isa.ts';
import type { Conversion } from '../spec/semantics.ts';
import { registerLocal, VALUE } from './locals.ts';
import { type CodeWriter, OP } from './wasm-writer.ts';

/** The right side of an operation: a register, or the constant that stands for it. */
export type RightSide = { readonly register: number } | { readonly value: bigint };

/** Leaves the operand on the stack, of which 32-bit operations take the low half. */
export function pushOperand(code: CodeWriter, operand: RightSide, width: Width): void {
  if ('register' in operand) pushRegister(code, operand.register, width);
  else if (width === 64) code.i64(operand.value);
  else code.i32(Number(BigInt.asIntN(32, operand.value)));
}

function pushRegister(code: CodeWriter, register: number, width: Width): void {
  code.get(registerLocal(register));
  if (width === 32) code.op(OP.i32WrapI64);
}

/** One instruction of WebAssembly, by width. */
type Direct = Readonly<Record<Width, number>>;

const DIRECT = {
  add: { 64: OP.i64Add, 32: OP.i32Add },
  sub: { 64: OP.i64Sub, 32: OP.i32Sub },
  mul: { 64: OP.i64Mul, 32: OP.i32Mul },
  or: { 64: OP.i64Or, 32: OP.i32Or },
  and: { 64: OP.i64And, 32: OP.i32And },
  xor: { 64: OP.i64Xor, 32: OP.i32Xor },
  // Both take as many low bits of the count as the width needs.
  lsh: { 64: OP.i64Shl, 32: OP.i32Shl },
  rsh: { 64: OP.i64ShrU, 32: OP.i32ShrU },
  arsh: { 64: OP.i64ShrS, 32: OP.i32ShrS },
} satisfies Partial<Record<AluOp, Direct>>;

/** Those that trap on a divisor of 0, sdiv also where the quotient does not fit. */
const DIVISIONS = {
  div: { 64: OP.i64DivU, 32: OP.i32DivU },
  sdiv: { 64: OP.i64DivS, 32: OP.i32DivS },
  mod: { 64: OP.i64RemU, 32: OP.i32RemU },
  smod: { 64: OP.i64RemS, 32: OP.i32RemS },
} satisfies Partial<Record<AluOp, Direct>>;

type Division = keyof typeof DIVISIONS;

const isDivision = (op: AluOp): op is Division => op in DIVISIONS;

/** A 32-bit result clears the upper half of its register. */
function setResult(code: CodeWriter, register: number, width: Width): void {
  if (width === 32) code.op(OP.i64ExtendI32U);
  code.set(registerLocal(register));
}

export function writeAlu(
  code: CodeWriter,
  op: AluOp,
  width: Width,
  dst: number,
  operand: RightSide,
): void {
  if (isDivision(op)) {
    writeDivision(code, op, width, dst, operand);
    return;
  }
  if (op !== 'mov') pushRegister(code, dst, width);
  pushOperand(code, operand, width);
  if (op !== 'mov') code.op(DIRECT[op][width]);
  setResult(code, dst, width);
}

/** With the divisor looked at first: a trap of WebAssembly would lose the state. */
function writeDivision(
  code: CodeWriter,
  op: Division,
  width: Width,
  dst: number,
  operand: RightSide,
): void {
  const compare = (value: bigint): void => {
    pushOperand(code, operand, width);
    pushOperand(code, { value }, width);
    code.op(width === 64 ? OP.i64Eq : OP.i32Eq);
    code.open(OP.if);
  };
  const isQuotient = op === 'div' || op === 'sdiv';
  compare(0n);
  // The remainder is the dividend, of which 32 bits stay.
  if (isQuotient) pushOperand(code, { value: 0n }, width);
  else pushRegister(code, dst, width);
  setResult(code, dst, width);
  code.op(OP.else);
  if (op === 'sdiv') {
    compare(-1n);
    pushOperand(code, { value: 0n }, width);
    pushRegister(code, dst, width);
    code.op(DIRECT.sub[width]);
    setResult(code, dst, width);
    code.op(OP.else);
  }
  pushRegister(code, dst, width);
  pushOperand(code, operand, width);
  code.op(DIVISIONS[op][width]);
  setResult(code, dst, width);
  if (op === 'sdiv') code.close();
  code.close();
}

const COMPARISONS = {
  jeq: { 64: OP.i64Eq, 32: OP.i32Eq },
  jne: { 64: OP.i64Ne, 32: OP.i32Ne },
  jgt: { 64: OP.i64GtU, 32: OP.i32GtU },
  jge: { 64: OP.i64GeU, 32: OP.i32GeU },
  jlt: { 64: OP.i64LtU, 32: OP.i32LtU },
  jle: { 64: OP.i64LeU, 32: OP.i32LeU },
  jsgt: { 64: OP.i64GtS, 32: OP.i32GtS },
  jsge: { 64: OP.i64GeS, 32: OP.i32GeS },
  jslt: { 64: OP.i64LtS, 32: OP.i32LtS },
  jsle: { 64: OP.i64LeS, 32: OP.i32LeS },
} satisfies Record<Exclude<JumpOp, 'jset'>, Direct>;

/** Leaves on the stack whether a conditional jump is taken. */
export function pushCondition(
  code: CodeWriter,
  op: JumpOp,
  width: Width,
  dst: number,
  operand: RightSide,
): void {
  pushRegister(code, dst, width);
  pushOperand(code, operand, width);
  if (op !== 'jset') {
    code.op(COMPARISONS[op][width]);
    return;
  }
  code.op(DIRECT.and[width]);
  pushOperand(code, { value: 0n }, width);
  code.op(COMPARISONS.jne[width]);
}

const EXTEND: Readonly<Record<number, number>> = {
  8: OP.i64Extend8S,
  16: OP.i64Extend16S,
  32: OP.i64Extend32S,
};

/** What a conversion makes of the 64-bit number on the stack, of whose low `bits` it takes. */
const CONVERSIONS = {
  negate: (code) => {
    code.set(VALUE);
    code.i64(0n);
    code.get(VALUE);
    code.op(OP.i64Sub);
  },
  extend: (code, bits) => code.op(EXTEND[bits]),
  cut: (code, bits) => cut(code, bits),
  swap: (code, bits) => swapBytes(code, bits),
} satisfies Record<Conversion, (code: CodeWriter, bits: number) => void>;

export function writeConversion(
  code: CodeWriter,
  how: Conversion,
  bits: number,
  width: Width,
  src: number,
  dst: number,
): void {
  code.get(registerLocal(src));
  CONVERSIONS[how](code, bits);
  cut(code, width);
  code.set(registerLocal(dst));
}

/** Keeps the low bits of the number on the stack. */
export function cut(code: CodeWriter, bits: number): void {
  if (bits === 64) return;
  code.i64((1n << BigInt(bits)) - 1n);
  code.op(OP.i64And);
}

/** Every other byte of 32 bits, from the lowest on. */
const EVERY_OTHER = 0x00ff_00ff;
/** Every other group of so many bits of 64, from the lowest on. */
const GROUPS = {
  8: 0x00ff_00ff_00ff_00ffn,
  16: 0x0000_ffff_0000_ffffn,
};

/** The low `bits` of the number on the stack with their bytes in the other order. */
export function swapBytes(code: CodeWriter, bits: number): void {
  if (bits === 8) {
    cut(code, bits);
    return;
  }
  code.set(VALUE);
  if (bits === 16) swapTwo(code);
  else if (bits === 32) swapFour(code);
  else swapEight(code);
}

/** Both move past each other. */
function swapTwo(code: CodeWriter): void {
  code.get(VALUE);
  code.i64(0xffn);
  code.op(OP.i64And);
  code.i64(8n);
  code.op(OP.i64Shl);
  code.get(VALUE);
  code.i64(8n);
  code.op(OP.i64ShrU);
  code.i64(0xffn);
  code.op(OP.i64And, OP.i64Or);
}

/** Turned by a byte each way, every other byte is where it belongs. */
function swapFour(code: CodeWriter): void {
  for (const [turn, mask] of [
    [8, EVERY_OTHER],
    [24, ~EVERY_OTHER],
  ]) {
    code.get(VALUE);
    code.op(OP.i32WrapI64);
    code.i32(turn);
    code.op(OP.i32Rotl);
    code.i32(mask);
    code.op(OP.i32And);
  }
  code.op(OP.i32Or, OP.i64ExtendI32U);
}

/** Neighbours change places, then pairs of them, then halves. */
function swapEight(code: CodeWriter): void {
  for (const size of [8, 16] as const) {
    code.get(VALUE);
    code.i64(BigInt(size));
    code.op(OP.i64ShrU);
    code.i64(GROUPS[size]);
    code.op(OP.i64And);
    code.get(VALUE);
    code.i64(GROUPS[size]);
    code.op(OP.i64And);
    code.i64(BigInt(size));
    code.op(OP.i64Shl, OP.i64Or);
    code.set(VALUE);
  }
  code.get(VALUE);
  code.i64(32n);
  code.op(OP.i64Rotl);
}
