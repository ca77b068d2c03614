/**
 * Rotations, which eBPF has no instruction for: a value shifted to the left and to the right by 64
 * bits together, and both halves put together. Engines of WebAssembly do not see them by themselves
 * where they are of 64 bits, so that they are written as what they are.
 *
 *     r2 = r6; r2 >>= 51; r6 <<= 13; r6 |= r2        r6 = rotl(r6, 13)
 */
import type { Instruction } from '../asm/decode.ts';
import { changesOf } from '../program/effects.ts';
import type { AluOp } from '../spec/isa.ts';
import type { Pc } from '../spec/units.ts';
import { registersIn } from './state.ts';

const BITS = 64;

export interface Rotation {
  /** The first of both shifts: its register holds the value before it. */
  readonly shift: Pc;
  /** Bits to the left. */
  readonly by: number;
}

/** A shifted value: which one, and by how many bits to the left, the others coming in or not. */
interface Shifted {
  readonly shift: Pc;
  readonly value: number;
  readonly op: 'lsh' | 'rsh';
  readonly by: number;
}

/** What puts both halves together, which have no bit in common. */
const JOINS: ReadonlySet<AluOp> = new Set(['or', 'xor', 'add']);

/** Those of instructions that run one after the other, by what puts the halves together. */
export function rotationsIn(
  pcs: readonly Pc[],
  at: (pc: Pc) => Instruction,
  constantAt: (pc: Pc) => bigint,
): Map<Pc, Rotation> {
  const found = new Map<Pc, Rotation>();
  /** By register: a number for each value that several may hold. */
  const values = new Map<number, number>();
  const shifted = new Map<number, Shifted>();
  let known = 0;
  const valueIn = (register: number): number => {
    const value = values.get(register) ?? known++;
    values.set(register, value);
    return value;
  };
  for (const pc of pcs) {
    const instruction = at(pc);
    const { row, slot } = instruction;
    const isWhole = row.kind === 'alu' && row.width === BITS;
    const isCopy = isWhole && row.op === 'mov' && row.operand === 'reg';
    const copied = isCopy ? valueIn(slot.src) : undefined;
    const half = isCopy ? shifted.get(slot.src) : undefined;
    const isShift = isWhole && row.operand === 'imm' && (row.op === 'lsh' || row.op === 'rsh');
    const value = isShift ? valueIn(slot.dst) : 0;
    if (isWhole && row.operand === 'reg' && JOINS.has(row.op)) {
      const rotation = joined(shifted.get(slot.dst), shifted.get(slot.src));
      if (rotation) found.set(pc, rotation);
    }
    for (const register of registersIn(changesOf(instruction))) {
      values.delete(register);
      shifted.delete(register);
    }
    if (copied !== undefined) values.set(slot.dst, copied);
    if (half) shifted.set(slot.dst, half);
    if (isShift) {
      const by = Number(constantAt(pc));
      if (by > 0 && by < BITS) shifted.set(slot.dst, { shift: pc, value, op: row.op, by });
    }
  }
  return found;
}

function joined(one: Shifted | undefined, other: Shifted | undefined): Rotation | undefined {
  if (one === undefined || other === undefined) return undefined;
  if (one.value !== other.value || one.op === other.op || one.by + other.by !== BITS)
    return undefined;
  const left = one.op === 'lsh' ? one : other;
  return { shift: Math.min(one.shift, other.shift), by: left.by };
}
