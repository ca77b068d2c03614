import { locate, READ, WRITE } from '../memory/memory.ts';
import { registerOf } from '../program/effects.ts';
import { update } from '../spec/semantics.ts';
import type { Pc } from '../spec/units.ts';
import { slowAtomic } from './access.ts';
import type { Machine } from './machine.ts';
import { EVER_READ, EVER_WRITTEN } from './recorder.ts';

/**
 * One atomic instruction (RFC 9669 section 5.3); answers whether it was done. Memory, then
 * registers.
 */
export function runAtomic(machine: Machine, pc: Pc): boolean {
  const { memory, registers, halves, recorder } = machine;
  const instruction = machine.code.instructions[pc]!;
  if (instruction.row?.kind !== 'atomic') return false;
  const {
    row: { op, size, writes },
    slot,
  } = instruction;
  const { dst, src, off } = slot;
  const base = op === 'load_acquire' ? src : dst;
  const right = op === 'load_acquire' ? READ : WRITE;
  const at = locate(memory, halves[base * 2 + 1], halves[base * 2] + off, size, right);
  if (at < 0) return slowAtomic(machine, pc, base * 2, off, size, right);
  const before = readUnsigned(machine, at, size);
  const after = update(op, size, before, registers[src], registers[0]);
  if (op !== 'store_release') recorder?.access(EVER_READ, at, size, machine.steps);
  if (after !== undefined) {
    recorder?.access(EVER_WRITTEN, at, size, machine.steps);
    writeUnsigned(machine, at, size, after);
  }
  for (const operand of writes) registers[registerOf(operand, slot)] = before;
  return true;
}

export function readUnsigned(
  { memory: { view, littleEndian } }: Machine,
  at: number,
  size: number,
): bigint {
  switch (size) {
    case 1:
      return BigInt(view.getUint8(at));
    case 2:
      return BigInt(view.getUint16(at, littleEndian));
    case 4:
      return BigInt(view.getUint32(at, littleEndian));
    default:
      return view.getBigUint64(at, littleEndian);
  }
}

export function writeUnsigned(
  { memory: { view, littleEndian } }: Machine,
  at: number,
  size: number,
  value: bigint,
): void {
  const low = Number(value & 0xffff_ffffn);
  if (size === 1) view.setUint8(at, low);
  else if (size === 2) view.setUint16(at, low, littleEndian);
  else if (size === 4) view.setUint32(at, low, littleEndian);
  else view.setBigUint64(at, BigInt.asUintN(64, value), littleEndian);
}
