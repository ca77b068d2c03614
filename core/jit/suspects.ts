import type { Instruction } from '../asm/decode.ts';
import { changesOf } from '../program/effects.ts';
import type { Pc } from '../spec/units.ts';
import { accessOf, isAccess } from './accesses.ts';
import type { Compilable, UnitShape } from './shape.ts';

/** Registers that may hold a pointer to a structure behind an instruction, as bits. */
function after(instruction: Instruction, before: number): number {
  const { row, slot } = instruction;
  const kept = before & ~changesOf(instruction);
  const isCopy = row.kind === 'alu' && row.op === 'mov' && row.width === 64 && row.src === '*';
  return isCopy && (before & (1 << slot.src)) !== 0 ? kept | (1 << slot.dst) : kept;
}

/**
 * Accesses that may be to a structure, where `pointers`, as bits, hold one when the unit is
 * entered: copies of registers are followed, and nothing else, since to be wrong is only slow.
 */
export function suspectsOf(shape: UnitShape, at: Compilable, pointers: number): Set<Pc> {
  const suspects = new Set<Pc>();
  const before = new Map([[shape.entry, pointers]]);
  const open = [shape.entry];
  for (let start = open.pop(); start !== undefined; start = open.pop()) {
    const { pcs, leadsTo } = shape.blocks.get(start)!;
    let held = before.get(start)!;
    for (const pc of pcs) {
      const instruction = at(pc)!;
      if (isAccess(instruction) && (held & (1 << accessOf(instruction).register)) !== 0)
        suspects.add(pc);
      held = after(instruction, held);
    }
    for (const to of leadsTo.filter((next) => shape.leads(start, next))) {
      const known = before.get(to) ?? 0;
      if ((known | held) === known) continue;
      before.set(to, known | held);
      open.push(to);
    }
  }
  return suspects;
}
