/**
 * What is known of registers while a unit is compiled: which region a pointer points into and how
 * far, or between which bounds a number lies. Everything said here holds whenever control is there,
 * whatever the program does, but for `near`, which is a guess at what a pointer may point into.
 *
 *     number    low..high, without sign
 *     pointer   the first byte of its region plus low..high
 *     end       behind the last byte of its region plus low..high
 *     length    bytes of its region plus low..high
 *
 * A number, and how far a pointer is in its region, may have room besides: so many bytes that it is
 * below a region's length.
 */
import type { AluOp, JumpOp } from '../spec/isa.ts';

/** Regions by name: the packet, the stack, the context; those of maps by number or lookup. */
export type RegionKey = string;

/** With so many bytes more it is not above the length of the region; less than none may be told. */
export interface Room {
  readonly region: RegionKey;
  readonly bytes: number;
}

export type Value =
  | { readonly kind: 'number'; readonly low: number; readonly high: number; readonly room?: Room }
  | {
      readonly kind: 'pointer';
      readonly region: RegionKey;
      readonly low: number;
      readonly high: number;
      /** In its own region. */
      readonly room?: Room;
    }
  | {
      readonly kind: 'end' | 'length';
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

/** No region is longer. */
const LONGEST = 2 ** 32;

/** The upper bound that room gives; a contradiction is of code that does not run. */
const bounded = (low: number, high: number, room: Room | undefined): number => {
  const most = room === undefined ? high : Math.min(high, LONGEST - room.bytes);
  return most < low ? high : most;
};

export function numberBetween(low: number, high: number, room?: Room): Known {
  const most = bounded(low, high, room);
  return low >= 0 && most <= MOST
    ? { kind: 'number', low, high: most, ...(room && { room }) }
    : undefined;
}

function offsetBetween(
  kind: 'pointer' | 'end' | 'length',
  region: RegionKey,
  low: number,
  high: number,
  room?: Room,
): Known {
  const most = bounded(low, high, room);
  if (low >= -MOST && most <= MOST)
    return kind === 'pointer'
      ? { kind, region, low, high: most, ...(room && { room }) }
      : { kind, region, low, high: most };
  return kind === 'length' ? undefined : { kind: 'near', region };
}

const shifted = (room: Room | undefined, by: number): Room | undefined =>
  room && Math.abs(room.bytes + by) <= MOST ? { ...room, bytes: room.bytes + by } : undefined;

/** The one that says more; of two regions the first. */
const better = (a: Room | undefined, b: Room | undefined): Room | undefined =>
  a !== undefined && b !== undefined && a.region === b.region && b.bytes > a.bytes ? b : (a ?? b);

const roomOf = (value: Known): Room | undefined =>
  value?.kind === 'number' || value?.kind === 'pointer' ? value.room : undefined;

export const pointerInto = (region: RegionKey, offset = 0): Known =>
  offsetBetween('pointer', region, offset, offset);

export const isSame = (a: Known, b: Known): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.kind === b.kind &&
    ('region' in a ? a.region : '') === ('region' in b ? b.region : '') &&
    (a.kind === 'near' ||
      (a.low === (b as { low: number }).low && a.high === (b as { high: number }).high)) &&
    isSameRoom(roomOf(a), roomOf(b)));

const isSameRoom = (a: Room | undefined, b: Room | undefined): boolean =>
  a?.region === b?.region && a?.bytes === b?.bytes;

/** Bytes that regions have at least. */
export type Lengths = ReadonlyMap<RegionKey, number>;
const NONE_KNOWN: Lengths = new Map();

/** Room that both have; bounds and the length of a region say of some, too. */
function joinedRoom(
  a: Bounded,
  b: Bounded,
  widens: boolean,
  [lengthsOfA, lengthsOfB]: readonly [Lengths, Lengths],
): Room | undefined {
  // Once bounds are given up, nothing new is told: else it would come and go for ever.
  if (widens && a.room === undefined) return undefined;
  const told = a.room?.region ?? b.room?.region;
  const inBoth = (key: RegionKey): boolean => lengthsOfB.has(key);
  const region = told ?? (a.kind === 'pointer' ? a.region : [...lengthsOfA.keys()].find(inBoth));
  if (region === undefined) return undefined;
  const inA = bytesOf(a, region, lengthsOfA);
  const inB = bytesOf(b, region, lengthsOfB);
  if (widens && inB < inA) return undefined;
  const bytes = Math.min(inA, inB);
  return told !== undefined || bytes > 0 ? { region, bytes } : undefined;
}

type Bounded = Extract<Value, { readonly kind: 'number' | 'pointer' }>;

const bytesOf = ({ room, high }: Bounded, region: RegionKey, lengths: Lengths): number =>
  room?.region === region ? room.bytes : (lengths.get(region) ?? 0) - high;

/** What an upper bound that still grows becomes, so that loops end: no less than it is. */
export type Widening = (high: number) => number;

/**
 * What holds where ways meet. `widens`: bounds that change are given up; `lengths`: what is known
 * of them on either way.
 */
export function joinedValues(
  a: Known,
  b: Known,
  widens: Widening | undefined,
  lengths: readonly [Lengths, Lengths] = [NONE_KNOWN, NONE_KNOWN],
): Known {
  if (isSame(a, b)) return a;
  if (a === undefined || b === undefined) return undefined;
  if (a.kind === 'number' && b.kind === 'number') {
    const low = b.low < a.low ? (widens ? 0 : b.low) : a.low;
    const high = b.high > a.high ? (widens ? widens(b.high) : b.high) : a.high;
    return numberBetween(low, high, joinedRoom(a, b, widens !== undefined, lengths));
  }
  if (!('region' in a) || !('region' in b) || a.region !== b.region) return undefined;
  const near = { kind: 'near', region: a.region } as const;
  if (a.kind === 'near' || b.kind === 'near' || a.kind !== b.kind)
    return a.kind === 'length' || b.kind === 'length' ? undefined : near;
  const isPointer = a.kind === 'pointer' && b.kind === 'pointer';
  const room = isPointer ? joinedRoom(a, b, widens !== undefined, lengths) : undefined;
  const isKept = !widens || (b.low >= a.low && (b.high <= a.high || room !== undefined));
  if (!isKept) return a.kind === 'length' ? undefined : near;
  const isWider = widens && b.high > a.high;
  const high = isWider ? Number.POSITIVE_INFINITY : Math.max(a.high, b.high);
  return offsetBetween(a.kind, a.region, Math.min(a.low, b.low), high, room);
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
    case 'rsh': {
      const by = count === undefined || count > 31 ? undefined : 2 ** count;
      if (by === undefined) return numberBetween(0, left.high, left.room);
      return numberBetween(Math.floor(left.low / by), Math.floor(left.high / by), left.room);
    }
    case 'div':
      return numberBetween(0, left.high, left.room);
    case 'mod':
      return remainder(right) ?? numberBetween(0, left.high, left.room);
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
      ? numberBetween(left.low + right.low, left.high + right.high, sumRoom(left, right))
      : undefined;
  if (right?.kind === 'number' && left.kind !== 'near') {
    const room = left.kind === 'pointer' ? sumRoom(left, right) : undefined;
    const own = room?.region === left.region ? room : undefined;
    return offsetBetween(left.kind, left.region, left.low + right.low, left.high + right.high, own);
  }
  if (right?.kind === 'length' && left.kind === 'pointer' && left.region === right.region)
    return offsetBetween('end', left.region, left.low + right.low, left.high + right.high);
  if (right !== undefined && right.kind !== 'number' && right.kind !== 'length') return undefined;
  return left.kind === 'length' ? undefined : { kind: 'near', region: left.region };
}

/** Of a sum: what one side has, less as much as the other may be. */
const sumRoom = (left: Bounded, right: Bounded): Room | undefined =>
  better(shifted(left.room, -right.high), shifted(right.room, -left.high));

function difference(left: Known, right: Known): Known {
  if (left === undefined) return undefined;
  if (right?.kind === 'number') {
    const room = shifted(roomOf(left), right.low);
    if (left.kind === 'number')
      return numberBetween(left.low - right.high, left.high - right.low, room);
    if (left.kind === 'near') return left;
    return offsetBetween(
      left.kind,
      left.region,
      left.low - right.high,
      left.high - right.low,
      room,
    );
  }
  if (left.kind === 'number') return undefined;
  if (right !== undefined && 'region' in right && right.region === left.region) {
    if (left.kind === 'near' || right.kind === 'near') return undefined;
    const [low, high] = [left.low - right.high, left.high - right.low];
    if (left.kind === 'end' && right.kind === 'pointer')
      return offsetBetween('length', left.region, low, high);
    const room = shifted(roomOf(left), right.low);
    return left.kind === right.kind ? numberBetween(low, high, room) : undefined;
  }
  return left.kind === 'length' ? undefined : { kind: 'near', region: left.region };
}

/** One side is enough. */
function masked(left: Known, right: Known): Known {
  const sides = [left, right].filter((side) => side?.kind === 'number');
  const high = Math.min(...sides.map((side) => side.high));
  const [room, other] = sides.map((side) => side.room);
  return sides.length > 0 ? numberBetween(0, high, better(room, other)) : undefined;
}

const remainder = (divisor: Known): Known =>
  divisor?.kind === 'number' && divisor.low > 0 ? numberBetween(0, divisor.high - 1) : undefined;

/** The low 32 bits, the others zero. */
export const lowHalf = (value: Known): Known => lowBits(value, 32);

/** The low bits alone. */
export const lowBits = (value: Known, bits: number): Known => {
  const most = 2 ** bits - 1;
  if (value?.kind === 'number' && value.high <= most) return value;
  if (bits === 64) return value;
  return numberBetween(0, most, value?.kind === 'number' ? value.room : undefined);
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

/** Something that stands in an order to something else. */
export function inOrderWith(
  left: Known,
  order: Order,
  right: Known,
  lengths: Lengths = NONE_KNOWN,
): Known {
  if (right?.kind === 'length' || right?.kind === 'end')
    return withinLength(left, order, right, lengths.get(right.region) ?? 0);
  if (right?.kind !== 'number') return left;
  // A number that nothing is known of may be any of 64 bits.
  if (left !== undefined && left.kind !== 'number') return left;
  const { low, high } = left ?? { low: 0, high: Number.POSITIVE_INFINITY };
  const bounds = (from: number, to: number): Known =>
    from <= to ? (numberBetween(from, to, left?.room) ?? left) : left;
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
      if (right.low !== right.high) return left;
      return bounds(low + (low === right.low ? 1 : 0), high - (high === right.high ? 1 : 0));
  }
}

/** A number below a length, or a pointer below an end: it has room. */
function withinLength(
  left: Known,
  order: Order,
  right: Extract<Value, { readonly kind: 'end' | 'length' }>,
  least: number,
): Known {
  if (order !== '<' && order !== '<=' && order !== '=') return left;
  const { region } = right;
  const told = shifted({ region, bytes: order === '<' ? 1 : 0 }, -right.high);
  if (right.kind === 'end') {
    if (left?.kind !== 'pointer' || left.region !== region) return left;
    return offsetBetween('pointer', region, left.low, left.high, better(left.room, told));
  }
  // Taken off a length that is less, it would be a high number.
  if (right.low + least < 0) return left;
  if (left !== undefined && left.kind !== 'number') return left;
  const { low, high } = left ?? { low: 0, high: Number.POSITIVE_INFINITY };
  return numberBetween(low, high, better(told, left?.room));
}

/** The same number or pointer, so many more: what is known of another register by this one. */
export const shiftedBy = (value: Known, by: number): Known =>
  by < 0
    ? computed('sub', value, numberBetween(-by, -by))
    : computed('add', value, numberBetween(by, by));

/** All that two sayings tell of one value. */
export function bothKnown(known: Known, more: Known): Known {
  if (known === undefined || more === undefined) return known ?? more;
  if (known.kind === 'near' && more.kind === 'pointer' && more.region === known.region) return more;
  const isAlike =
    (known.kind === 'number' && more.kind === 'number') ||
    (known.kind === 'pointer' && more.kind === 'pointer' && known.region === more.region);
  if (!isAlike) return known;
  const [low, high] = [Math.max(known.low, more.low), Math.min(known.high, more.high)];
  if (low > high) return known;
  const room = better(known.room, more.room);
  return known.kind === 'number'
    ? numberBetween(low, high, room)
    : offsetBetween('pointer', known.region, low, high, room);
}

/** The same without what it says of a region's length, which is another one now. */
export function withoutRoom(value: Known, region: RegionKey): Known {
  if (value === undefined || roomOf(value)?.region !== region) return value;
  const { room: _room, ...rest } = value as Bounded;
  return rest;
}

/** A pointer at which so many bytes are in its region. */
export const withBytes = (value: Known, bytes: number): Known =>
  value?.kind === 'pointer'
    ? offsetBetween(
        'pointer',
        value.region,
        value.low,
        value.high,
        better(value.room, { region: value.region, bytes }),
      )
    : value;

/** What a region's length is at least, where a value stands in an order to its end or length. */
export function leastLength(
  left: Known,
  order: Order,
  right: Known,
): { readonly region: RegionKey; readonly least: number } | undefined {
  if (order === '!=') return notEmpty(left, right) ?? notEmpty(right, left);
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

/** A length that is not 0. */
const notEmpty = (length: Known, zero: Known) =>
  length?.kind === 'length' &&
  length.low === 0 &&
  length.high === 0 &&
  zero?.kind === 'number' &&
  zero.high === 0
    ? { region: length.region, least: 1 }
    : undefined;
