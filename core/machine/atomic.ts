import { unreachable } from '../errors.ts';
import { locate, READ, WRITE } from '../memory/memory.ts';
import type { AtomicOp } from '../spec/isa.ts';
import { slowAtomic } from './access.ts';
import type { Machine } from './machine.ts';
import { EVER_READ, EVER_WRITTEN } from './recorder.ts';

/**
 * What an operation leaves in memory, from the value before and the operand; undefined leaves
 * memory alone.
 */
function combine(
  op: AtomicOp,
  before: bigint,
  operand: bigint,
  expected: bigint,
): bigint | undefined {
  switch (op) {
    case 'add':
    case 'fetch_add':
      return before + operand;
    case 'or':
    case 'fetch_or':
      return before | operand;
    case 'and':
    case 'fetch_and':
      return before & operand;
    case 'xor':
    case 'fetch_xor':
      return before ^ operand;
    case 'xchg':
    case 'store_release':
      return operand;
    case 'cmpxchg':
      return before === expected ? operand : undefined;
    case 'load_acquire':
      return undefined;
    default:
      return unreachable(op);
  }
}

/**
 * One atomic instruction (RFC 9669 section 5.3); answers whether it was done. Memory, then
 * registers.
 */
export function runAtomic(machine: Machine, pc: number): boolean {
  const { memory, registers, halves, recorder } = machine;
  const instruction = machine.code.instructions[pc]!;
  if (instruction.row?.kind !== 'atomic') return false;
  const {
    row: { op, size },
    slot: { dst, src, off },
  } = instruction;
  const base = op === 'load_acquire' ? src : dst;
  const right = op === 'load_acquire' ? READ : WRITE;
  const at = locate(memory, halves[base * 2 + 1], halves[base * 2] + off, size, right);
  if (at < 0) return slowAtomic(machine, pc, base * 2, off, size, right);
  const bits = size * 8;
  const operand = BigInt.asUintN(bits, registers[src]);
  const before = readUnsigned(machine, at, size);
  const after = combine(op, before, operand, BigInt.asUintN(bits, registers[0]));
  if (op !== 'store_release') recorder?.access(EVER_READ, at, size, memory.bytes, machine.steps);
  if (after !== undefined) {
    recorder?.access(EVER_WRITTEN, at, size, memory.bytes, machine.steps);
    writeUnsigned(machine, at, size, after);
  }
  if (op === 'load_acquire') registers[dst] = before;
  else if (op === 'cmpxchg') registers[0] = before;
  else if (op.startsWith('fetch') || op === 'xchg') registers[src] = before;
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
