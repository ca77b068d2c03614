import type { Instruction, Undefined } from '../asm/decode.ts';
import { SLOT_BYTES } from '../asm/encoding.ts';
import { JUMP_TABLES } from '../object/maps/global-data.ts';
import type { MapDefinition } from '../object/types.ts';
import type { Pc } from '../spec/units.ts';
import { type Code, functionAt } from './code.ts';
import {
  immediateDominators,
  immediatePostDominators,
  reversed,
  VIRTUAL_EXIT,
} from './dominators.ts';
import { changesOf, isTableJump, mayEnd } from './effects.ts';

/** The slot a jump or local call goes to; undefined for what leads nowhere else. */
export function jumpTarget(
  instruction: Instruction | Undefined | undefined,
  pc: Pc,
): Pc | undefined {
  if (instruction?.row === undefined) return undefined;
  const { row, slot } = instruction;
  return row.distance === undefined ? undefined : pc + 1 + slot[row.distance];
}

/**
 * Slots that may run behind this one in the same function, by what the instruction itself says:
 * none of a jump by a table.
 */
export function successorsOf(code: Code, pc: Pc): Pc[] {
  const instruction = code.instructions[pc];
  if (instruction?.row === undefined) return [];
  const { row } = instruction;
  const next = pc + instruction.slots;
  switch (row.kind) {
    case 'exit':
    case 'table':
      return [];
    case 'goto':
      return row.op === 'ja'
        ? [jumpTarget(instruction, pc)!]
        : [next, jumpTarget(instruction, pc)!];
    case 'jump':
      return [next, jumpTarget(instruction, pc)!];
    default:
      return [next];
  }
}

/** Instructions that run one after the other: [start, end), entered at the first alone. */
export interface Block {
  readonly start: Pc;
  readonly end: Pc;
  /** Slots of its instructions, ascending. */
  readonly pcs: readonly Pc[];
  /** Blocks that may run next; none: the function is left. */
  readonly successors: readonly Pc[];
}

/** The flow of control of one function, by slot; what is derived is worked out when asked for. */
export class FunctionFlow {
  readonly start: Pc;
  readonly end: Pc;
  /** Slots that may run next in the function; none: it is left. Ascending. */
  readonly successors: ReadonlyMap<Pc, readonly Pc[]>;
  private readonly code: Code;
  private knownPredecessors: ReadonlyMap<Pc, readonly Pc[]> | undefined;
  private knownDominators: ReadonlyMap<Pc, Pc> | undefined;
  private knownPostDominators: ReadonlyMap<Pc, Pc> | undefined;
  private knownBlocks: readonly Block[] | undefined;

  constructor(code: Code, start: Pc, end: Pc, successors: ReadonlyMap<Pc, readonly Pc[]>) {
    this.code = code;
    this.start = start;
    this.end = end;
    this.successors = successors;
  }

  /** Slots of the function that may run before a slot. */
  predecessorsOf(pc: Pc): readonly Pc[] {
    this.knownPredecessors ??= reversed([...this.successors.keys()], (slot) => this.after(slot));
    return this.knownPredecessors.get(pc) ?? [];
  }

  private after(pc: Pc): readonly Pc[] {
    return this.successors.get(pc) ?? [];
  }

  /**
   * The nearest slot that every path from the function's start to here passes; the start has
   * itself.
   */
  get dominators(): ReadonlyMap<Pc, Pc> {
    this.knownDominators ??= immediateDominators(
      this.start,
      (pc) => this.after(pc),
      (pc) => this.predecessorsOf(pc),
    );
    return this.knownDominators;
  }

  /**
   * The nearest slot that every path from here to the end of the function passes; EXIT: they meet
   * only there. None where no path leads there.
   */
  get postDominators(): ReadonlyMap<Pc, Pc> {
    this.knownPostDominators ??= immediatePostDominators([...this.successors.keys()], (pc) => {
      if (pc === VIRTUAL_EXIT) return [];
      const next = this.after(pc);
      if (next.length === 0) return [VIRTUAL_EXIT];
      return mayEnd(this.code.instructions[pc]) ? [...next, VIRTUAL_EXIT] : next;
    });
    return this.knownPostDominators;
  }

  /** In the order of the code. */
  get blocks(): readonly Block[] {
    this.knownBlocks ??= this.cut();
    return this.knownBlocks;
  }

  /**
   * Slots at which a block begins: the function's start, where jumps lead, and what stands behind a
   * jump, even if nothing known leads there.
   */
  private leaders(): Pc[] {
    const leaders = new Set([this.start]);
    for (const [pc, next] of this.successors) {
      const behind = pc + this.code.instructions[pc]!.slots;
      if (next.length === 1 && next[0] === behind) continue;
      for (const to of next) leaders.add(to);
      if (this.successors.has(behind)) leaders.add(behind);
    }
    return [...leaders].sort((a, b) => a - b);
  }

  private cut(): Block[] {
    const leaders = this.leaders();
    const slots = [...this.successors.keys()];
    let first = 0;
    return leaders.map((start, i) => {
      const end = leaders[i + 1] ?? this.end;
      let behind = first;
      while (behind < slots.length && slots[behind] < end) behind++;
      const pcs = slots.slice(first, behind);
      first = behind;
      return { start, end, pcs, successors: [...new Set(this.after(pcs.at(-1) ?? start))] };
    });
  }
}

/**
 * What jump tables (`.jumptables`, clang 22) name: bytes from the start of the section of the code.
 */
export function tableEntries(maps: readonly MapDefinition[], littleEndian: boolean): number[] {
  return maps
    .filter(({ name }) => name === JUMP_TABLES)
    .flatMap(({ initialValue = new Uint8Array() }) => {
      const { buffer, byteOffset, byteLength } = initialValue;
      const view = new DataView(buffer, byteOffset, byteLength);
      return Array.from({ length: Math.floor(byteLength / 8) }, (_, i) =>
        Number(view.getBigUint64(i * 8, littleEndian)),
      );
    });
}

/** What a path that a branch did not take could have written before the two meet. */
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

const FRAME_POINTER = 10;
/** A jump by a table that is not known may lead to anything. */
export const ALL_WRITES = 0b111_1111_1111;

/** The flow of the functions of some code, worked out when it is first asked for. */
export class ControlFlow {
  private readonly code: Code;
  private readonly tables: readonly number[];
  private readonly functions = new Map<Pc, FunctionFlow>();
  private readonly untaken = new Map<string, Untaken>();

  /** `tables`: see tableEntries; without them a jump by a table leads nowhere that is known. */
  constructor(code: Code, tables: readonly number[] = []) {
    this.code = code;
    this.tables = tables;
  }

  /** The flow of the function that a slot belongs to. */
  at(pc: Pc): FunctionFlow | undefined {
    const found = functionAt(this.code, pc);
    if (found === undefined) return undefined;
    const start = found.program.start + found.function.start;
    const known = this.functions.get(start);
    if (known) return known;
    const end = found.program.start + found.function.end;
    const slots: Pc[] = [];
    for (let slot = start; slot < end; slot++)
      if (this.code.instructions[slot]?.row) slots.push(slot);
    const inside = (slot: Pc): boolean => slot >= start && slot < end;
    const base = start - found.function.sectionOffset / SLOT_BYTES;
    const named = new Set(this.tables.map((entry) => base + entry / SLOT_BYTES));
    const cases = slots.filter((slot) => named.has(slot));
    const next = (slot: Pc) =>
      isTableJump(this.code.instructions[slot])
        ? cases
        : successorsOf(this.code, slot).filter(inside);
    const successors = new Map(slots.map((slot) => [slot, next(slot)]));
    const made = new FunctionFlow(this.code, start, end, successors);
    this.functions.set(start, made);
    return made;
  }

  /**
   * What lies on the path from `from` (the one not taken at branch `pc`) to where the branch's
   * paths meet.
   */
  writesOnWay(pc: Pc, from: Pc): Untaken {
    const name = `${pc}>${from}`;
    const known = this.untaken.get(name);
    if (known) return known;
    const flow = this.at(pc);
    let registers = 0;
    let [stack, memory, called] = [false, false, false];
    const until = flow?.postDominators.get(pc) ?? VIRTUAL_EXIT;
    const seen = new Set<Pc>();
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
