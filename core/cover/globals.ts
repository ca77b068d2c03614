import type { Machine } from '../machine/machine.ts';
import type { GuestMap } from '../maps/map.ts';
import { regionOf } from '../memory/memory.ts';
import type { LinearAddress, ValueOffset } from '../spec/units.ts';

/** Bytes of global data that a change may be about: its whole value is what a session is told. */
const MOST_BYTES = 16_384;
/** Of a variable: a number. */
const MOST_WIDTH = 8;

/** A run of bytes in global variables. */
export interface VariableBytes {
  readonly map: GuestMap;
  /** Of the variable; where the object does not say, of the map and the byte. */
  readonly name: string;
  readonly from: ValueOffset;
  readonly bytes: Uint8Array;
}

/** Which global variables some bytes of memory are, by linear address. */
export function globalsAt(
  machine: Machine,
  addresses: ReadonlyMap<LinearAddress, number>,
): VariableBytes[] {
  if (addresses.size === 0) return [];
  return machine.maps
    .filter(({ definition }) => definition.origin === 'global')
    .flatMap((map) => inMap(machine, map, [...addresses.keys()]));
}

function inMap(
  { memory }: Machine,
  map: GuestMap,
  addresses: readonly LinearAddress[],
): VariableBytes[] {
  const { name, valueSize, variables = [] } = map.definition;
  if (map.problem !== undefined || valueSize > MOST_BYTES) return [];
  const region = regionOf(memory, Number(map.lookup(new Uint8Array(4), 0) >> 32n));
  const start = memory.base[region];
  const offsets = addresses
    .map((address) => address - start)
    .filter((offset) => offset >= 0 && offset < valueSize)
    .sort((a, b) => a - b);
  const found = new Map<ValueOffset, VariableBytes>();
  for (const offset of offsets) {
    const variable = variables.find(
      (row) => offset >= row.offset && offset < row.offset + row.size,
    );
    // A number as a whole, of anything larger the bytes that count.
    const isNumber = variable !== undefined && variable.size <= MOST_WIDTH;
    const from = isNumber ? variable.offset : offset - (offset % 4);
    const end = isNumber ? from + variable.size : Math.min(from + 4, valueSize);
    const at = isNumber ? '' : `+${from - (variable?.offset ?? 0)}`;
    const bytes = memory.bytes.slice(start + from, start + end);
    found.set(from, { map, name: `${variable?.name ?? name}${at}`, from, bytes });
  }
  return [...found.values()];
}

/** A number in a value. */
interface NumberPlace {
  readonly from: ValueOffset;
  readonly size: number;
}

/** Which numbers in the value of a key some bytes of memory are; none where there is no value. */
export function numbersIn(
  { memory, surroundings }: Machine,
  map: GuestMap,
  key: Uint8Array,
  addresses: ReadonlyMap<LinearAddress, number>,
): NumberPlace[] {
  const region = regionOf(memory, Number(map.lookup(key, surroundings.cpu) >> 32n));
  if (region === 0) return [];
  const start = memory.base[region];
  const offsets = [...addresses.keys()]
    .map((address) => address - start)
    .filter((offset) => offset >= 0 && offset < map.definition.valueSize)
    .sort((a, b) => a - b);
  const found: NumberPlace[] = [];
  for (const offset of offsets) {
    const last = found.at(-1);
    const isNext = last && offset === last.from + last.size && last.size < MOST_WIDTH;
    if (isNext) found[found.length - 1] = { from: last.from, size: last.size + 1 };
    else found.push({ from: offset, size: 1 });
  }
  return found;
}
