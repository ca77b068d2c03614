import type { Machine } from '../machine/machine.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { ALWAYS_THERE } from '../why/map-counterfactual.ts';
import type { SlicedBranch } from '../why/slice.ts';
import { MAP_CALL_STRIDE, type Trace } from '../why/trace.ts';
import { globalsAt } from './globals.ts';

/** Packets in a row that are tried where they leave something behind in maps. */
const MOST_IN_ROW = 32;
/** The same where they may fill a ring buffer; and the least bytes that a record takes of it. */
const MOST_RECORDS = 1024;
const LEAST_RECORD = 16;

/** How many packets in a row may turn a branch by what each of them leaves behind; 0: none. */
export function rowFor(machine: Machine, trace: Trace, { causes }: SlicedBranch): number {
  const maps = [...causes.mapCalls].map(
    (call) => machine.maps[trace.mapCalls.at(call * MAP_CALL_STRIDE + 1)].definition,
  );
  const buffer = maps.find(({ type }) => type === MAP_TYPE_ID.ringbuf);
  if (buffer) return Math.min(MOST_RECORDS, Math.ceil(buffer.maxEntries / LEAST_RECORD) + 1);
  const isKept =
    maps.some(({ type }) => !ALWAYS_THERE.has(type)) ||
    globalsAt(machine, causes.memory).some(({ map }) => !map.definition.readOnly);
  return isKept ? MOST_IN_ROW : 0;
}
