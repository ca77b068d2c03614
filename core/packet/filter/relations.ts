import type { FilterLiteral } from './literals.ts';
import type { FilterValue } from './row-value.ts';
import { bytesOfValue, orderOf } from './values.ts';

type Holds = (order: number) => boolean;
/** `all`: it has to hold for every value there is, not for one. */
export interface FilterRelation {
  readonly holds: Holds;
  readonly all: boolean;
}
const equal: Holds = (order) => order === 0;
const different: Holds = (order) => order !== 0;
const relation = (holds: Holds, all = false): FilterRelation => ({ holds, all });
export const EQUAL = relation(equal);
const ALL_EQUAL = relation(equal, true);
const [ALL_DIFFER, ANY_DIFFERS] = [relation(different, true), relation(different)];
const [MORE, LESS] = [relation((order) => order > 0), relation((order) => order < 0)];
export const NOT_LESS = relation((order) => order >= 0);
export const NOT_MORE = relation((order) => order <= 0);

/** As Wireshark 4 has them: `!=` is that all differ, since a packet may have two addresses. */
export const RELATIONS: ReadonlyMap<string, FilterRelation> = new Map([
  ['==', EQUAL],
  ['eq', EQUAL],
  ['any_eq', EQUAL],
  ['===', ALL_EQUAL],
  ['all_eq', ALL_EQUAL],
  ['!=', ALL_DIFFER],
  ['ne', ALL_DIFFER],
  ['all_ne', ALL_DIFFER],
  ['~=', ANY_DIFFERS],
  ['!==', ANY_DIFFERS],
  ['any_ne', ANY_DIFFERS],
  ['>', MORE],
  ['gt', MORE],
  ['<', LESS],
  ['lt', LESS],
  ['>=', NOT_LESS],
  ['ge', NOT_LESS],
  ['<=', NOT_MORE],
  ['le', NOT_MORE],
]);

/** Whether one value passes. */
export type ValueTest = (value: FilterValue) => boolean;

/** A comparison with what the filter says; of a network the bits that count. */
export function against({ value, mask }: FilterLiteral, holds: Holds): ValueTest {
  if (mask === undefined) return (mine) => holds(orderOf(mine, value));
  const network = andBytes(bytesOfValue(value), mask);
  return (mine) => holds(orderOf(andBytes(bytesOfValue(mine), mask), network));
}

/** The bits that both have, as long as the first is. */
export const andBytes = (bytes: Uint8Array, mask: Uint8Array): Uint8Array =>
  bytes.map((byte, i) => byte & (mask[i] ?? 0));

/** Whether any bit is set. */
export const isNotZero = (value: FilterValue): boolean =>
  value instanceof Uint8Array ? value.some((byte) => byte !== 0) : Number(value) !== 0;

/** Whether bytes stand somewhere in others. */
export function isInside(bytes: Uint8Array, wanted: Uint8Array): boolean {
  const [first] = wanted;
  if (first === undefined) return true;
  const last = bytes.length - wanted.length;
  for (let at = bytes.indexOf(first); at >= 0 && at <= last; at = bytes.indexOf(first, at + 1))
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return true;
  return false;
}
