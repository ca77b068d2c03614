import { isEqualBytes } from '../bytes/equal.ts';
import { toHex } from '../bytes/hex.ts';
import type { Machine } from '../machine/machine.ts';
import { type MapContents, mapContents } from '../session/outcome.ts';

/** What two maps of one name differ in. */
export interface MapDifference {
  readonly map: string;
  /** Why they cannot be compared: one of them is missing, or is another kind of map. */
  readonly problem?: string;
  /** The first key, in hex, with what each has there; undefined where it has none. */
  readonly key?: string;
  readonly left?: string;
  readonly right?: string;
  /** Keys that differ in all, of those that were looked at. */
  readonly count: number;
  /** There are more entries than are looked at. */
  readonly isCut: boolean;
}

/** Entries of a map that are looked at. */
const MOST_ENTRIES = 65_536;

const shapeOf = ({ maps }: Machine, index: number): string => {
  const { type, keySize, valueSize } = maps[index].definition;
  return `type ${type}, ${keySize} -> ${valueSize} bytes`;
};

type Values = ReadonlyMap<string, Uint8Array>;

/** By key in hex; of a map with a value for each CPU all of them, one behind the other. */
function valuesOf({ entries }: MapContents): Values {
  return new Map(
    entries.map(({ key, value, perCpu }) => [
      toHex(key),
      perCpu === undefined ? value : Uint8Array.from(perCpu.flatMap((bytes) => [...bytes])),
    ]),
  );
}

const isSame = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : isEqualBytes(a, b);

function compared(map: string, left: MapContents, right: MapContents): MapDifference | undefined {
  const [ours, theirs] = [valuesOf(left), valuesOf(right)];
  const keys = [...new Set([...ours.keys(), ...theirs.keys()])];
  const different = keys.filter((key) => !isSame(ours.get(key), theirs.get(key)));
  const [key] = different;
  if (key === undefined) return undefined;
  const text = (values: Values) => {
    const value = values.get(key);
    return value && toHex(value);
  };
  return {
    map,
    key,
    left: text(ours),
    right: text(theirs),
    count: different.length,
    isCut: [left, right].some(({ entries }) => entries.length === MOST_ENTRIES),
  };
}

/** Maps of the same name that hold something else, or that only one of two machines has. */
export function mapDifference(left: Machine, right: Machine): MapDifference[] {
  const indexes = ({ maps }: Machine) =>
    new Map(maps.map(({ definition }, i) => [definition.name, i]));
  const [ours, theirs] = [indexes(left), indexes(right)];
  return [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((map) => {
    const [a, b] = [ours.get(map), theirs.get(map)];
    const problem = (words: string) => [{ map, problem: words, count: 0, isCut: false }];
    if (a === undefined) return problem('only the second has it');
    if (b === undefined) return problem('only the first has it');
    const [one, other] = [shapeOf(left, a), shapeOf(right, b)];
    if (one !== other) return problem(`${one}; ${other}`);
    const difference = compared(
      map,
      mapContents(left, a, MOST_ENTRIES),
      mapContents(right, b, MOST_ENTRIES),
    );
    return difference ? [difference] : [];
  });
}
