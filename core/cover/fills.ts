import type { Machine } from '../machine/machine.ts';
import { whyNotFilled } from '../session/fill-map.ts';
import type { SlicedBranch } from '../why/slice.ts';
import { MAP_CALL_STRIDE, NO_STEP, type Trace } from '../why/trace.ts';
import type { EntryChange } from './changes.ts';

/** A map that is full in front of a packet. */
export interface Fill {
  readonly map: string;
  /** The entry that the packet asks for, which is taken out before. */
  readonly without: EntryChange | undefined;
}

/** Maps whose room may decide how a branch goes: those it asked, where they can be filled. */
export function fillsFor(machine: Machine, trace: Trace, { causes }: SlicedBranch): Fill[] {
  const { cpus } = machine.surroundings;
  const fills = new Map<string, Fill>();
  for (const call of causes.mapCalls) {
    const at = call * MAP_CALL_STRIDE;
    const map = machine.maps[trace.mapCalls.at(at + 1)];
    if (whyNotFilled(map, cpus) !== undefined) continue;
    const { name, keySize } = map.definition;
    const key = trace.mapCalls.at(at + 2);
    const isAsked = key !== NO_STEP && keySize > 0;
    fills.set(name, {
      map: name,
      without: isAsked ? { map: name, key: trace.keys[key] } : undefined,
    });
  }
  return [...fills.values()];
}
