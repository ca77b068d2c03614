/**
 * What is known of registers while a unit is compiled: which region a pointer points into and how
 * far, or between which bounds a number lies. Everything said here holds whenever control is there,
 * whatever the program does, but for `near`, which is a guess at what a pointer may point into.
 *
 *     number    low..high, without sign
 *     pointer   the first byte of its region plus low..high
 *     end       behind the last byte of its region plus low..high
 *     length    bytes of its region plus low..high
 */
import type { AluOp, JumpOp } from '../spec/isa.ts';

/** Regions by name: the packet, the stack, the context; those of maps by number or lookup. */
export type RegionKey = string;

export type Value =
  | { readonly kind: 'number'; readonly low: number; readonly high: number }
  | {
      readonly kind: 'pointer' | 'end' | 'length';
      readonly region: RegionKey;
      readonly low: number;
      readonly high: number;
    }
  | { readonly kind: 'near'; readonly region: RegionKey };

/** undefined: nothing is known. */
export type Known = Value | undefined;

/**
 * Bounds of numbers and of offsets that are followed: addresses of regions lie farther from where
 * 64 bits wrap around, so that they stay in order.
 */
const MOST = 2 ** 40;

export const numberBetween = (low: number, high: number): Known =>
  low >= 0 && high <= MOST ? { kind: 'number', low, high } : undefined;

const offsetBetween = (
  kind: 'pointer' | 'end' | 'length',
  region: RegionKey,
  low: number,
  high: number,
): Known =>
  low >= -MOST && high <= MOST
    ? { kind, region, low, high }
    : kind === 'length'
      ? undefined
      : { kind: 'near', region };

export const pointerInto = (region: RegionKey, offset = 0): Known =>
  offsetBetween('pointer', region, offset, offset);

export const isSame = (a: Known, b: Known): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.kind === b.kind &&
    ('region' in a ? a.region : '') === ('region' in b ? b.region : '') &&
    (a.kind === 'near' ||
      (a.low === (b as { low: number }).low && a.high === (b as { high: number }).high)));

/** What holds where ways meet. `widens`: bounds that change are given up, so that loops end. */
export function joinedValues(a: Known, b: Known, widens: boolean): Known {
  if (isSame(a, b)) return a;
  if (a === undefined || b === undefined) return undefined;
  if (a.kind === 'number' && b.kind === 'number') {
    const low = b.low < a.low ? (widens ? 0 : b.low) : a.low;
    const high = b.high > a.high ? (widens ? Number.POSITIVE_INFINITY : b.high) : a.high;
    return numberBetween(low, high);
  }
  if (!('region' in a) || !('region' in b) || a.region !== b.region) return undefined;
  const near = { kind: 'near', region: a.region } as const;
  if (a.kind === 'near' || b.kind === 'near' || a.kind !== b.kind)
    return a.kind === 'length' || b.kind === 'length' ? undefined : near;
  const isKept = (!widens || b.low >= a.low) && (!widens || b.high <= a.high);
  if (!isKept) return a.kind === 'length' ? undefined : near;
  return offsetBetween(a.kind, a.region, Math.min(a.low, b.low), Math.max(a.high, b.high));
}

/** Behind an operation of 64 bits. */
export function computed(op: AluOp, left: Known, right: Known): Known {
  if (op === 'mov') return right;
  if (op === 'add') return sum(left, right) ?? sum(right, left);
  if (op === 'sub') return difference(left, right);
  if (left?.kind !== 'number' || right?.kind !== 'number')
    return op === 'and' ? masked(left, right) : op === 'mod' ? remainder(right) : undefined;
  const count = right.low === right.high ? right.low : undefined;
  switch (op) {
    case 'mul':
      return numberBetween(left.low * right.low, left.high * right.high);
    case 'and':
      return masked(left, right);
    case 'or':
    case 'xor':
      return numberBetween(0, allBits(Math.max(left.high, right.high)));
    case 'lsh':
      if (count === undefined || count > 31) return undefined;
      return numberBetween(left.low * 2 ** count, left.high * 2 ** count);
    case 'rsh':
      if (count === undefined || count > 31) return numberBetween(0, left.high);
      return numberBetween(Math.floor(left.low / 2 ** count), Math.floor(left.high / 2 ** count));
    case 'div':
      return numberBetween(0, left.high);
    case 'mod':
      return remainder(right) ?? numberBetween(0, left.high);
    default:
      return undefined;
  }
}

/** The least number of the form 2^n - 1 that is not below another. */
const allBits = (high: number): number => 2 ** Math.ceil(Math.log2(high + 1)) - 1;

function sum(left: Known, right: Known): Known {
  if (left === undefined) return undefined;
  if (left.kind === 'number')
    return right?.kind === 'number'
      ? numberBetween(left.low + right.low, left.high + right.high)
      : undefined;
  if (right?.kind === 'number' && left.kind !== 'near')
    return offsetBetween(left.kind, left.region, left.low + right.low, left.high + right.high);
  if (right?.kind === 'length' && left.kind === 'pointer' && left.region === right.region)
    return offsetBetween('end', left.region, left.low + right.low, left.high + right.high);
  if (right !== undefined && right.kind !== 'number' && right.kind !== 'length') return undefined;
  return left.kind === 'length' ? undefined : { kind: 'near', region: left.region };
}

function difference(left: Known, right: Known): Known {
  if (left === undefined) return undefined;
  if (right?.kind === 'number') {
    if (left.kind === 'number') return numberBetween(left.low - right.high, left.high - right.low);
    if (left.kind === 'near') return left;
    return offsetBetween(left.kind, left.region, left.low - right.high, left.high - right.low);
  }
  if (left.kind === 'number') return undefined;
  if (right !== undefined && 'region' in right && right.region === left.region) {
    if (left.kind === 'near' || right.kind === 'near') return undefined;
    const [low, high] = [left.low - right.high, left.high - right.low];
    if (left.kind === 'end' && right.kind === 'pointer')
      return offsetBetween('length', left.region, low, high);
    return left.kind === right.kind ? numberBetween(low, high) : undefined;
  }
  return left.kind === 'length' ? undefined : { kind: 'near', region: left.region };
}

/** One side is enough. */
function masked(left: Known, right: Known): Known {
  const bounds = [left, right].flatMap((side) => (side?.kind === 'number' ? [side.high] : []));
  return bounds.length > 0 ? numberBetween(0, Math.min(...bounds)) : undefined;
}

const remainder = (divisor: Known): Known =>
  divisor?.kind === 'number' && divisor.low > 0 ? numberBetween(0, divisor.high - 1) : undefined;

const WORD = 2 ** 32;

/** The low 32 bits, the others zero. */
export const lowHalf = (value: Known): Known =>
  value?.kind === 'number' && value.high < WORD ? value : numberBetween(0, WORD - 1);

/** The low bits alone. */
export const lowBits = (value: Known, bits: number): Known => {
  const most = 2 ** bits - 1;
  if (value?.kind === 'number' && value.high <= most) return value;
  return bits < 64 ? numberBetween(0, most) : value;
};

/** Orders without sign that a jump tells of, by whether it is taken. */
const ORDERS: Partial<Record<JumpOp, readonly [taken: Order, not: Order]>> = {
  jlt: ['<', '>='],
  jle: ['<=', '>'],
  jgt: ['>', '<='],
  jge: ['>=', '<'],
  jeq: ['=', '!='],
  jne: ['!=', '='],
};
export type Order = '<' | '<=' | '>' | '>=' | '=' | '!=';

export const orderTold = (op: JumpOp, isTaken: boolean): Order | undefined =>
  ORDERS[op]?.[isTaken ? 0 : 1];

export const TURNED: Readonly<Record<Order, Order>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '=': '=',
  '!=': '!=',
};

/** A number that stands in an order to another one. */
export function ordered(left: Known, order: Order, right: Known): Known {
  if (right?.kind !== 'number') return left;
  // A number that nothing is known of may be any of 64 bits.
  const { low, high } = left?.kind === 'number' ? left : { low: 0, high: Number.POSITIVE_INFINITY };
  if (left !== undefined && left.kind !== 'number') return left;
  const bounds = (from: number, to: number): Known =>
    from <= to ? (numberBetween(from, to) ?? left) : left;
  switch (order) {
    case '<':
      return bounds(low, Math.min(high, right.high - 1));
    case '<=':
      return bounds(low, Math.min(high, right.high));
    case '>':
      return bounds(Math.max(low, right.low + 1), high);
    case '>=':
      return bounds(Math.max(low, right.low), high);
    case '=':
      return bounds(Math.max(low, right.low), Math.min(high, right.high));
    case '!=':
      return left;
  }
}

/** What a region's length is at least, where a value stands in an order to its end or length. */
export function leastLength(
  left: Known,
  order: Order,
  right: Known,
): { readonly region: RegionKey; readonly least: number } | undefined {
  if (order !== '<' && order !== '<=' && order !== '=') return undefined;
  const more = order === '<' ? 1 : 0;
  if (left?.kind === 'number' && right?.kind === 'length')
    // Length + high without sign: it has to be no number below 0.
    return right.low >= 0
      ? { region: right.region, least: left.low + more - right.high }
      : undefined;
  if (left?.kind === 'pointer' && right?.kind === 'end' && left.region === right.region)
    return { region: right.region, least: left.low + more - right.high };
  return undefined;
}
