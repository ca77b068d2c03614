import type { Machine } from '../../machine/machine.ts';
import type { LoadedObject } from '../../object/types.ts';
import { inlinedAt } from '../../source/debug-scopes.ts';
import type { Pc } from '../../spec/units.ts';

/**
 * How much deeper in calls than now the machine stands when it is asked later, calls that were
 * inlined counted as such; below 0 where it has left the present one.
 */
export function deeperThanNow(machine: Machine, object: LoadedObject): () => number {
  const known = new Map<number, number>();
  const inlined = (pc: Pc): number => {
    const count = known.get(pc) ?? inlinedAt(object, machine.code, pc).length;
    known.set(pc, count);
    return count;
  };
  const [frames, calls] = [machine.frames.length, inlined(machine.pc)];
  return () => machine.frames.length - frames || inlined(machine.pc) - calls;
}
