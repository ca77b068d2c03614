import { type CodeSpace, functionAt } from '../machine/code-space.ts';
import type { DebugScope, DebugVariable } from '../object/dwarf-scopes.ts';
import type { TypeTable } from '../object/type-table.ts';

const FRAME_POINTER = 10;
const FRAME_POINTER_BASE = new Set(['fbreg', `breg${FRAME_POINTER}`]);

const roundUp8 = (size: number): number => Math.ceil(size / 8) * 8;

/** How far below r10 the instructions of [start, end) reach, by accesses and by addresses they make. */
function deepestAccess({ instructions }: CodeSpace, start: number, end: number): number {
  let depth = 0;
  let copies = 1 << FRAME_POINTER;
  for (let pc = start; pc < end; pc++) {
    const instruction = instructions[pc];
    if (instruction?.row === undefined) continue;
    const { row, slot } = instruction;
    if (row.kind === 'load' && slot.src === FRAME_POINTER) depth = Math.max(depth, -slot.off);
    if ((row.kind === 'store' || row.kind === 'atomic') && slot.dst === FRAME_POINTER)
      depth = Math.max(depth, -slot.off);
    if (row.kind !== 'alu') continue;
    if (row.op === 'mov')
      copies = row.operand === 'reg' && copies & (1 << slot.src) ? copies | (1 << slot.dst) : copies & ~(1 << slot.dst);
    else if (row.op === 'add' && row.operand === 'imm' && copies & (1 << slot.dst)) {
      depth = Math.max(depth, -slot.imm);
      copies &= ~(1 << slot.dst);
    }
  }
  return depth;
}

/** How far above the lowest byte of the frame the variables of a scope reach. */
function highestVariable(scope: DebugScope, types: TypeTable): number {
  const reach = ({ locations, type }: DebugVariable): number[] =>
    locations.flatMap(({ operations: [first, ...more] }) => {
      if (first === undefined || more.length > 0 || !FRAME_POINTER_BASE.has(first.name)) return [];
      const offset = Number(first.operands[0]);
      return offset < 0 ? [] : [offset + (types.sizeOf(type) ?? 0)];
    });
  return Math.max(0, ...scope.variables.flatMap(reach), ...scope.scopes.map((inner) => highestVariable(inner, types)));
}

/**
 * Bytes of stack a function compiled by LLVM uses. Its DWARF counts stack places from the lowest byte up although the
 * frame base it names, r10, is the end of the frame (TargetFrameLowering::getFrameIndexReference, which the BPF back
 * end leaves as it is): `fbreg +n` is r10 - stack size + n. No section holds the size, so it is taken from the code.
 */
export function stackSize(code: CodeSpace, start: number, end: number, scope: DebugScope, types: TypeTable): number {
  return roundUp8(Math.max(deepestAccess(code, start, end), highestVariable(scope, types)));
}

/** Bytes that the stores at r10 + `offset` write, in the function of a slot. */
export function storeSizes(code: CodeSpace, pc: number, offset: number): number[] {
  const found = functionAt(code, pc);
  if (found === undefined) return [];
  const [start, end] = [found.program.start + found.function.start, found.program.start + found.function.end];
  return code.instructions.slice(start, end).flatMap((instruction) => {
    if (instruction?.row?.kind !== 'store') return [];
    const { row, slot } = instruction;
    return slot.dst === FRAME_POINTER && slot.off === offset ? [row.size] : [];
  });
}
