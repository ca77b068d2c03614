import type { CodeSpace } from '../machine/code-space.ts';
import type { TypeTable } from '../object/btf/type-table.ts';
import type { DebugScope, DebugVariable } from '../object/dwarf/scopes.ts';
import { functionAt } from '../program/code.ts';
import type { Pc } from '../spec/units.ts';

const FRAME_POINTER = 10;
const FRAME_POINTER_BASE = new Set(['fbreg', `breg${FRAME_POINTER}`]);

const roundUp8 = (size: number): number => Math.ceil(size / 8) * 8;

/**
 * What an instruction does to a frame at a place it names, in bytes from r10; `address`: it makes
 * the place's address.
 */
interface FrameUse {
  readonly pc: Pc;
  readonly offset: number;
  readonly kind: 'load' | 'store' | 'atomic' | 'address';
  /** Bytes; 0 of an address. */
  readonly size: number;
}

/** The uses of its frame by the instructions of [start, end), in their order. */
function frameUses({ instructions }: CodeSpace, start: Pc, end: Pc): FrameUse[] {
  const uses: FrameUse[] = [];
  let copies = 1 << FRAME_POINTER;
  for (let pc = start; pc < end; pc++) {
    const instruction = instructions[pc];
    if (instruction?.row === undefined) continue;
    const { row, slot } = instruction;
    if (row.kind === 'load' && slot.src === FRAME_POINTER)
      uses.push({ pc, offset: slot.off, kind: row.kind, size: row.size });
    if ((row.kind === 'store' || row.kind === 'atomic') && slot.dst === FRAME_POINTER)
      uses.push({ pc, offset: slot.off, kind: row.kind, size: row.size });
    if (row.kind !== 'alu') continue;
    if (row.op === 'mov')
      copies =
        row.operand === 'reg' && copies & (1 << slot.src)
          ? copies | (1 << slot.dst)
          : copies & ~(1 << slot.dst);
    else if (row.op === 'add' && row.operand === 'imm' && copies & (1 << slot.dst)) {
      uses.push({ pc, offset: slot.imm, kind: 'address', size: 0 });
      copies &= ~(1 << slot.dst);
    }
  }
  return uses;
}

const known = new WeakMap<CodeSpace, Map<number, FrameUse[]>>();

function usesOf(code: CodeSpace, start: Pc, end: Pc): readonly FrameUse[] {
  const functions = known.get(code) ?? new Map<number, FrameUse[]>();
  known.set(code, functions);
  const uses = functions.get(start) ?? frameUses(code, start, end);
  functions.set(start, uses);
  return uses;
}

/** How far above the lowest byte of the frame the variables of a scope reach. */
function highestVariable(scope: DebugScope, types: TypeTable): number {
  const reach = ({ locations, type }: DebugVariable): number[] =>
    locations.flatMap(({ operations: [first, ...more] }) => {
      if (first === undefined || more.length > 0 || !FRAME_POINTER_BASE.has(first.name)) return [];
      const offset = Number(first.operands[0]);
      return offset < 0 ? [] : [offset + (types.sizeOf(type) ?? 0)];
    });
  return Math.max(
    0,
    ...scope.variables.flatMap(reach),
    ...scope.scopes.map((inner) => highestVariable(inner, types)),
  );
}

/**
 * Bytes of stack a function compiled by LLVM uses. Its DWARF counts stack places from the lowest
 * byte up although the frame base it names, r10, is the end of the frame
 * (TargetFrameLowering::getFrameIndexReference, which the BPF back end leaves as it is): `fbreg +n`
 * is r10 - stack size + n. No section holds the size, so it is taken from the code.
 */
export function stackSize(
  code: CodeSpace,
  start: Pc,
  end: Pc,
  scope: DebugScope,
  types: TypeTable,
): number {
  const deepest = usesOf(code, start, end).reduce(
    (depth, { offset }) => Math.max(depth, -offset),
    0,
  );
  return roundUp8(Math.max(deepest, highestVariable(scope, types)));
}

function usesOfFunction(code: CodeSpace, pc: Pc): readonly FrameUse[] {
  const found = functionAt(code, pc);
  if (found === undefined) return [];
  return usesOf(
    code,
    found.program.start + found.function.start,
    found.program.start + found.function.end,
  );
}

/** Bytes that the stores at r10 + `offset` write, in the function of a slot. */
export const storeSizes = (code: CodeSpace, pc: Pc, offset: number): number[] =>
  usesOfFunction(code, pc).flatMap((use) =>
    use.kind === 'store' && use.offset === offset ? [use.size] : [],
  );

/**
 * Slots of the instructions in [since, pc) that store to `size` bytes at r10 + `offset`; none where
 * the program has an address at or below them: such bytes are a variable that lies in memory, and
 * may be stored to.
 */
export function storesSince(
  code: CodeSpace,
  since: number,
  pc: Pc,
  offset: number,
  size: number,
): number[] {
  const uses = usesOfFunction(code, pc);
  if (uses.some((use) => use.kind === 'address' && use.offset <= offset)) return [];
  return uses
    .filter(
      (use) => use.kind === 'store' && use.offset < offset + size && use.offset + use.size > offset,
    )
    .map((use) => use.pc)
    .filter((at) => at >= since && at < pc);
}
