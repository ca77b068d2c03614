import { SLOT_BYTES } from '../asm/encoding.ts';
import { type CodeSpace, functionAt, successorsOf } from '../machine/code-space.ts';
import type { Machine } from '../machine/machine.ts';
import { JUMP_TABLES } from '../object/global-data.ts';
import { changesOf } from '../program/effects.ts';
import { helperById } from '../spec/helpers.ts';

/**
 * The flow of control of one function, by slot: where each instruction may go on, and where its
 * ways meet again.
 */
export interface FunctionFlow {
  readonly start: number;
  readonly end: number;
  /** Slots that may run next in the function; none: it is left. */
  readonly successors: ReadonlyMap<number, readonly number[]>;
  /** The first slot that every way from here passes; -1: only the end of the function. */
  readonly meets: ReadonlyMap<number, number>;
}

/** What the way that a branch did not take could have written before the two ways meet. */
export interface Untaken {
  /** Bit n: register n. */
  readonly registers: number;
  /** By a store through r10. */
  readonly stack: boolean;
  /** Any memory, by another store or a call. */
  readonly memory: boolean;
  /** A helper was called, which changes more than memory. */
  readonly calls: boolean;
}

const EXIT = -1;
const FRAME_POINTER = 10;
/** A jump by a table that is not known may lead to anything. */
export const ALL_WRITES = 0b111_1111_1111;

/**
 * Whether an instruction may end its function, beside going on: a tail call, a legacy load of bytes
 * that are not there.
 */
export function mayLeave(instruction: CodeSpace['instructions'][number]): boolean {
  const row = instruction?.row;
  if (row?.kind === 'packet') return true;
  return (
    row?.kind === 'call' &&
    row.op === 'call' &&
    helperById(instruction!.slot!.imm)?.name === 'tail_call'
  );
}

/**
 * Immediate post-dominators: the iterative algorithm of Cooper, Harvey and Kennedy over the
 * reversed graph.
 */
function meetingPoints(
  slots: readonly number[],
  successors: ReadonlyMap<number, readonly number[]>,
  leaves: (pc: number) => boolean,
): Map<number, number> {
  const onward = (pc: number): readonly number[] => {
    const next = successors.get(pc)!;
    if (next.length === 0) return [EXIT];
    return leaves(pc) ? [...next, EXIT] : next;
  };
  const predecessors = new Map<number, number[]>();
  const link = (from: number, to: number) =>
    predecessors.set(to, [...(predecessors.get(to) ?? []), from]);
  for (const pc of slots) for (const to of onward(pc)) link(pc, to);
  const order = postorder(EXIT, (pc) => predecessors.get(pc) ?? []);
  const rank = new Map(order.map((pc, i) => [pc, i]));
  const meets = new Map<number, number>([[EXIT, EXIT]]);
  const common = (first: number, second: number): number => {
    let [a, b] = [first, second];
    while (a !== b) {
      while (rank.get(a)! < rank.get(b)!) a = meets.get(a)!;
      while (rank.get(b)! < rank.get(a)!) b = meets.get(b)!;
    }
    return a;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = order.length - 2; i >= 0; i--) {
      const pc = order[i];
      const known = onward(pc).filter((to) => meets.has(to));
      if (known.length === 0) continue;
      const met = known.reduce(common);
      if (meets.get(pc) === met) continue;
      meets.set(pc, met);
      changed = true;
    }
  }
  return meets;
}

/** Without recursion: a function may have a million slots. */
function postorder(root: number, next: (pc: number) => readonly number[]): number[] {
  const order: number[] = [];
  const seen = new Set([root]);
  const stack: { pc: number; at: number }[] = [{ pc: root, at: 0 }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    const children = next(top.pc);
    if (top.at === children.length) {
      order.push(top.pc);
      stack.pop();
      continue;
    }
    const child = children[top.at++];
    if (seen.has(child)) continue;
    seen.add(child);
    stack.push({ pc: child, at: 0 });
  }
  return order;
}

/**
 * What jump tables (`.jumptables`, clang 22) name: bytes from the start of the section of the code.
 */
function tableEntries({ maps, memory }: Machine): number[] {
  return maps
    .filter(({ definition }) => definition.name === JUMP_TABLES)
    .flatMap(({ definition: { initialValue = new Uint8Array() } }) => {
      const view = new DataView(
        initialValue.buffer,
        initialValue.byteOffset,
        initialValue.byteLength,
      );
      const entries = Math.floor(initialValue.length / 8);
      return Array.from({ length: entries }, (_, i) =>
        Number(view.getBigUint64(i * 8, memory.littleEndian)),
      );
    });
}

export const isTableJump = (instruction: CodeSpace['instructions'][number]): boolean =>
  instruction?.row?.kind === 'table';

/** The flow of the functions of a code space, worked out when it is first asked for. */
export class ControlFlow {
  private readonly code: CodeSpace;
  private readonly tables: readonly number[];
  private readonly functions = new Map<number, FunctionFlow>();
  private readonly untaken = new Map<string, Untaken>();

  constructor(machine: Machine) {
    this.code = machine.code;
    this.tables = tableEntries(machine);
  }

  at(pc: number): FunctionFlow | undefined {
    const found = functionAt(this.code, pc);
    if (found === undefined) return undefined;
    const start = found.program.start + found.function.start;
    const known = this.functions.get(start);
    if (known) return known;
    const end = found.program.start + found.function.end;
    const slots: number[] = [];
    for (let slot = start; slot < end; slot++)
      if (this.code.instructions[slot]?.row) slots.push(slot);
    const inside = (slot: number): boolean => slot >= start && slot < end;
    const base = start - found.function.sectionOffset / SLOT_BYTES;
    const named = new Set(this.tables.map((entry) => base + entry / SLOT_BYTES));
    const cases = slots.filter((slot) => named.has(slot));
    const next = (slot: number) =>
      isTableJump(this.code.instructions[slot])
        ? cases
        : successorsOf(this.code, slot).filter(inside);
    const successors = new Map(slots.map((slot) => [slot, next(slot)]));
    const leaves = (slot: number): boolean => mayLeave(this.code.instructions[slot]);
    const made = { start, end, successors, meets: meetingPoints(slots, successors, leaves) };
    this.functions.set(start, made);
    return made;
  }

  /**
   * What lies on the way from `from` (the one not taken at branch `pc`) to where the branch's ways
   * meet.
   */
  writesOnWay(pc: number, from: number): Untaken {
    const name = `${pc}>${from}`;
    const known = this.untaken.get(name);
    if (known) return known;
    const flow = this.at(pc);
    let registers = 0;
    let [stack, memory, called] = [false, false, false];
    const until = flow?.meets.get(pc) ?? EXIT;
    const seen = new Set<number>();
    const open = [from];
    for (let slot = open.pop(); slot !== undefined; slot = open.pop()) {
      if (slot === until || seen.has(slot)) continue;
      seen.add(slot);
      const instruction = this.code.instructions[slot];
      if (instruction?.row === undefined) continue;
      const { row } = instruction;
      if (isTableJump(instruction) && flow?.successors.get(slot)?.length === 0)
        [registers, stack, memory, called] = [ALL_WRITES, true, true, true];
      const calls = row.kind === 'call';
      registers |= changesOf(instruction);
      const stores = row.kind === 'store' || row.kind === 'atomic';
      const toStack = stores && instruction.slot.dst === FRAME_POINTER;
      stack ||= toStack;
      memory ||= calls || (stores && !toStack);
      called ||= calls;
      open.push(...(flow?.successors.get(slot) ?? []));
    }
    const made = { registers, stack, memory, calls: called };
    this.untaken.set(name, made);
    return made;
  }
}
