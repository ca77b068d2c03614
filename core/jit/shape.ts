import type { Instruction } from '../asm/decode.ts';
import type { Code } from '../program/code.ts';
import { jumpTarget } from '../program/control-flow.ts';
import { immediateDominators, postorder, reversed } from '../program/dominators.ts';
import type { Pc } from '../spec/units.ts';

/**
 * Slots that a unit takes: engines of WebAssembly take long over a huge function, and where it is
 * written it calls itself once a block. What lies behind begins units of its own.
 */
const MOST_SLOTS = 2000;

/** Instructions that run one after the other. Where it leads may lie outside the unit. */
export interface UnitBlock {
  readonly start: Pc;
  readonly pcs: readonly Pc[];
  /**
   * Where it goes on; of a conditional jump first where it leads when it is not taken; nowhere
   * behind an exit.
   */
  readonly leadsTo: readonly Pc[];
}

/**
 * What is compiled as one: all that is reached from a slot, in the shape that structured code has.
 * Every loop is entered at its head alone: a jump into the middle of one leaves the unit.
 */
export interface UnitShape {
  readonly entry: Pc;
  /** In an order in which a block comes behind those that lead to it, but for jumps back. */
  readonly blocks: ReadonlyMap<Pc, UnitBlock>;
  /** Blocks that jumps back lead to. */
  readonly heads: ReadonlySet<Pc>;
  /** Blocks that several others lead to, by the block that dominates them; ascending. */
  readonly merges: ReadonlyMap<Pc, readonly Pc[]>;
  /**
   * Blocks before which the steps that are left are looked at, and the most steps from the head of
   * one to the next, or out of the unit.
   */
  readonly checked: ReadonlyMap<Pc, number>;
  /** Whether an edge stays in the unit. */
  readonly leads: (from: Pc, to: Pc) => boolean;
  /** Whether an edge that stays goes back to the head of a loop around it. */
  readonly goesBack: (from: Pc, to: Pc) => boolean;
}

/** Answers what is at a slot, where compiled code has something for it. */
export type Compilable = (pc: Pc) => Instruction | undefined;

/** Helpers of Linux that call functions of the program: bpf_for_each_map_elem and bpf_loop. */
const CALLING: ReadonlySet<number> = new Set([164, 181]);

/** Whether it takes any number of steps. */
const callsFunction = ({ row, slot }: Instruction): boolean =>
  row.kind === 'call' && (row.op === 'call_local' || (row.op === 'call' && CALLING.has(slot.imm)));

const endsBlock = (instruction: Instruction): boolean =>
  ['jump', 'goto', 'exit'].includes(instruction.row.kind) || callsFunction(instruction);

function leadsTo(instruction: Instruction, pc: Pc): Pc[] {
  const { row } = instruction;
  if (row.kind === 'exit') return [];
  const next = pc + instruction.slots;
  // What may_goto leads to when its rounds are used up is left to the interpreter.
  if (row.kind === 'goto') return row.op === 'ja' ? [jumpTarget(instruction, pc)!] : [next];
  if (row.kind === 'jump') return [...new Set([next, jumpTarget(instruction, pc)!])];
  return [next];
}

/** Slots reached from `entry`, of too many the nearest; blocks begin at `starts`. */
function reach(entry: Pc, at: Compilable): { slots: Set<Pc>; starts: Set<Pc> } {
  const slots = new Set<Pc>();
  const starts = new Set([entry]);
  for (const start of starts) {
    for (let pc = start; ; ) {
      const instruction = at(pc);
      if (instruction === undefined || slots.has(pc) || slots.size === MOST_SLOTS) {
        starts.add(pc);
        break;
      }
      slots.add(pc);
      const behind = leadsTo(instruction, pc);
      if (endsBlock(instruction)) {
        for (const to of behind) starts.add(to);
        break;
      }
      [pc] = behind;
    }
  }
  return { slots, starts };
}

function cutBlocks(entry: Pc, at: Compilable): Map<Pc, UnitBlock> {
  const { slots, starts } = reach(entry, at);
  const blocks = new Map<Pc, UnitBlock>();
  for (const start of starts) {
    if (!slots.has(start)) continue;
    const pcs: Pc[] = [];
    let behind: Pc[] = [start];
    for (let pc = start; ; [pc] = behind) {
      const instruction = at(pc)!;
      pcs.push(pc);
      behind = leadsTo(instruction, pc);
      if (endsBlock(instruction) || starts.has(behind[0])) break;
    }
    blocks.set(start, { start, pcs, leadsTo: behind });
  }
  return blocks;
}

/** The shape of what is reached from `entry`; undefined where that is nothing to compile. */
export function shapeOf(code: Code, entry: Pc, at: Compilable): UnitShape | undefined {
  const cut = cutBlocks(entry, at);
  if (cut.size === 0) return undefined;
  const inside = (pc: Pc): Pc[] => cut.get(pc)!.leadsTo.filter((to) => cut.has(to));
  const order = postorder(entry, inside).reverse();
  const rank = new Map(order.map((pc, i) => [pc, i]));
  const blocks = new Map(order.map((pc) => [pc, cut.get(pc)!]));
  const isBack = (from: Pc, to: Pc): boolean => rank.get(to)! <= rank.get(from)!;
  const dominators = dominatorsOf(entry, order, inside);
  const dominates = (head: Pc, pc: Pc): boolean => {
    let at = pc;
    while (rank.get(at)! > rank.get(head)!) at = dominators.get(at)!;
    return at === head;
  };
  const leads = (from: Pc, to: Pc): boolean =>
    blocks.has(to) && (!isBack(from, to) || dominates(to, from));
  const within = (pc: Pc): Pc[] => blocks.get(pc)!.leadsTo.filter((to) => leads(pc, to));
  const onward = (pc: Pc): Pc[] => within(pc).filter((to) => !isBack(pc, to));
  const heads = new Set(order.flatMap((pc) => within(pc).filter((to) => isBack(pc, to))));
  return {
    entry,
    blocks,
    heads,
    merges: mergesOf(entry, order, onward, within),
    checked: checkedOf(code, entry, [...blocks.values()], heads, onward),
    leads,
    goesBack: isBack,
  };
}

type Edges = (pc: Pc) => readonly Pc[];

function dominatorsOf(entry: Pc, order: readonly Pc[], edges: Edges): Map<Pc, Pc> {
  const before = reversed(order, edges);
  return immediateDominators(entry, edges, (pc) => before.get(pc) ?? []);
}

/** Edges that leave the unit dominate no more, so dominators are asked anew. */
function mergesOf(entry: Pc, order: readonly Pc[], onward: Edges, within: Edges): Map<Pc, Pc[]> {
  const dominators = dominatorsOf(entry, order, within);
  const before = reversed(order, onward);
  const merges = new Map<Pc, Pc[]>();
  for (const pc of order) {
    if ((before.get(pc)?.length ?? 0) < 2) continue;
    const dominator = dominators.get(pc)!;
    merges.set(dominator, [...(merges.get(dominator) ?? []), pc]);
  }
  return merges;
}

/** The entry, the heads of loops, and what follows calls of functions, which take any steps. */
function checkedOf(
  code: Code,
  entry: Pc,
  blocks: readonly UnitBlock[],
  heads: ReadonlySet<Pc>,
  onward: Edges,
): Map<Pc, number> {
  const checked = new Set([entry, ...heads]);
  for (const {
    pcs,
    leadsTo: [next],
  } of blocks) {
    const last = code.instructions[pcs[pcs.length - 1]];
    if (last?.row && callsFunction(last)) checked.add(next);
  }
  const most = new Map<Pc, number>();
  for (const { start, pcs } of blocks.toReversed()) {
    const behind = onward(start).map((to) => (checked.has(to) ? 0 : most.get(to)!));
    most.set(start, pcs.length + Math.max(0, ...behind));
  }
  return new Map([...checked].filter((pc) => most.has(pc)).map((pc) => [pc, most.get(pc)!]));
}
