// What is said of a value has to hold for every number that it may stand for.
import { describe, expect, test } from 'vitest';
import type { AluOp } from '../spec/isa.ts';
import { ALU_SEMANTICS } from '../spec/semantics.ts';
import { Random } from '../testing/random.ts';
import {
  bothKnown,
  computed,
  inOrderWith,
  joinedValues,
  type Known,
  leastLength,
  lowBits,
  numberBetween,
  type Order,
  pointerInto,
  type Room,
  shiftedBy,
  withoutRoom,
} from './values.ts';

const START = 0x1005_0001_0000n;
const LENGTH = 60n;
const REGION = 'packet';
const LENGTHS: Readonly<Record<string, bigint>> = { [REGION]: LENGTH, stack: 512n };

/** Whether a value is one of those that something known stands for. */
function holds(known: Known, value: bigint): boolean {
  if (known === undefined || known.kind === 'near') return true;
  const zero = { number: 0n, pointer: START, end: START + LENGTH, length: LENGTH }[known.kind];
  const offset = BigInt.asIntN(64, value - zero);
  const room = 'room' in known ? known.room : undefined;
  if (room && offset + BigInt(room.bytes) > (LENGTHS[room.region] ?? 0n)) return false;
  if (room && known.kind === 'pointer' && room.region !== known.region) return false;
  return BigInt(known.low) <= offset && offset <= BigInt(known.high);
}

const random = new Random(Date.now() % 1_000_000_000);
const bound = (): number => random.pick([0, 1, 2, 7, 63, 64, 255, 4096, 65_535, 2 ** 31, 2 ** 33]);
const between = (low: number, high: number): bigint =>
  BigInt(low) + BigInt(Math.floor(((high - low + 1) * random.below(1000)) / 1000));

/** Room that a value has, or less; of its region, for some. */
const someRoom = (offset: bigint): { readonly room?: Room } => {
  const bytes = Number(LENGTH - offset) - random.pick([0, 0, 1, 5, 100]);
  return random.chance(2) ? { room: { region: REGION, bytes } } : {};
};
/** What may be known of the lengths of regions: of the one here, and of another one. */
const someLengths = () =>
  new Map([
    ...(random.chance(2) ? [['stack', 512] as const] : []),
    ...(random.chance(3) ? [] : [[REGION, random.pick([1, 14, Number(LENGTH)])] as const]),
  ]);

const givenUp = (): number => Number.POSITIVE_INFINITY;
const upTo = (high: number): number => Math.max(high, random.pick([3, 64, 70_000]));

/** Something known, and a value that it stands for. */
function example(): [Known, bigint] {
  const [low, high] = [bound(), bound()].sort((a, b) => a - b);
  const offset = between(low, high);
  switch (random.below(6)) {
    case 0:
      return [undefined, BigInt.asUintN(64, offset * 0x9e37_79b9_7f4a_7c15n)];
    case 1:
      return [{ kind: 'pointer', region: REGION, low, high, ...someRoom(offset) }, START + offset];
    case 2:
      return [{ kind: 'end', region: REGION, low, high }, START + LENGTH + offset];
    case 3:
      return [{ kind: 'length', region: REGION, low, high }, LENGTH + offset];
    default:
      return [{ kind: 'number', low, high, ...someRoom(offset) }, offset];
  }
}

const OPS: readonly AluOp[] = [
  'add',
  'sub',
  'mul',
  'div',
  'mod',
  'and',
  'or',
  'xor',
  'lsh',
  'rsh',
  'arsh',
  'mov',
];
const ROUNDS = 4000;

test.each(OPS)('behind %s', (op) => {
  for (let round = 0; round < ROUNDS; round++) {
    const [left, a] = example();
    const [right, b] = example();
    const result = BigInt.asUintN(64, ALU_SEMANTICS[op](a, b, 64));
    const known = computed(op, left, right);
    expect(holds(known, result), JSON.stringify([left, right, String(a), String(b), known])).toBe(
      true,
    );
  }
});

describe.each([8, 16, 32, 64])('the low %d bits alone', (bits) => {
  const most = 2 ** bits - 1;
  test('of a number that has no others are that number', () => {
    for (const high of [0, 7, 2 ** (bits - 1)])
      expect(lowBits(numberBetween(0, high), bits)).toEqual(numberBetween(0, high));
    expect(lowBits(numberBetween(5, most), bits)).toEqual(numberBetween(5, most));
  });
  test('hold for every value', () => {
    for (const low of [most, most + 1, most + 2, 2 * most]) {
      const value = BigInt(low);
      if (value < 2n ** 64n)
        expect(holds(lowBits(numberBetween(low, low), bits), BigInt.asUintN(bits, value))).toBe(
          true,
        );
    }
    for (let round = 0; round < ROUNDS; round++) {
      const [known, value] = example();
      const low = BigInt.asUintN(bits, value);
      expect(holds(lowBits(known, bits), low), JSON.stringify([known, String(value)])).toBe(true);
    }
  });
});

test('where ways meet', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const [left, a] = example();
    const [right, b] = example();
    const lengths = [someLengths(), someLengths()] as const;
    const known = joinedValues(left, right, random.pick([undefined, givenUp, upTo]), lengths);
    expect([holds(known, a), holds(known, b)], JSON.stringify([left, right, known])).toEqual([
      true,
      true,
    ]);
  }
});

describe('where ways meet again and again, what goes on growing is given up', () => {
  const offset = (kind: 'pointer' | 'end' | 'length', low: number, high: number) =>
    ({ kind, region: REGION, low, high }) as const;
  const near = { kind: 'near', region: REGION } as const;
  const more = Number.POSITIVE_INFINITY;
  test.each<[string, Known, Known, once: Known, widened: Known]>([
    [
      'a number that grows',
      numberBetween(1, 4),
      numberBetween(1, 5),
      numberBetween(1, 5),
      undefined,
    ],
    [
      'a number that shrinks',
      numberBetween(2, 4),
      numberBetween(1, 3),
      numberBetween(1, 4),
      numberBetween(0, 4),
    ],
    [
      'a number that stays within',
      numberBetween(1, 9),
      numberBetween(2, 3),
      numberBetween(1, 9),
      numberBetween(1, 9),
    ],
    [
      'a pointer that moves on',
      offset('pointer', 0, 4),
      offset('pointer', 4, 8),
      offset('pointer', 0, 8),
      near,
    ],
    [
      'one that moves back',
      offset('pointer', 0, 4),
      offset('pointer', -4, 0),
      offset('pointer', -4, 4),
      near,
    ],
    [
      'one that stays within',
      offset('pointer', 0, 8),
      offset('pointer', 2, 4),
      offset('pointer', 0, 8),
      offset('pointer', 0, 8),
    ],
    ['an end that moves on', offset('end', 0, 0), offset('end', 0, 1), offset('end', 0, 1), near],
    [
      'a length that grows',
      offset('length', 0, 0),
      offset('length', 0, 4),
      offset('length', 0, 4),
      undefined,
    ],
    [
      'a length that stays within',
      offset('length', -4, 4),
      offset('length', 0, 0),
      offset('length', -4, 4),
      offset('length', -4, 4),
    ],
    ['a pointer and the end', offset('pointer', 0, 0), offset('end', 0, 0), near, near],
    [
      'a pointer and a length',
      offset('pointer', 0, 0),
      offset('length', 0, 0),
      undefined,
      undefined,
    ],
    ['a pointer and somewhere near it', offset('pointer', 0, 0), near, near, near],
    ['a length and somewhere near', offset('length', 0, 0), near, undefined, undefined],
    ['pointers into two regions', pointerInto('a'), pointerInto('b'), undefined, undefined],
    ['a number and a pointer', numberBetween(0, 0), pointerInto('a'), undefined, undefined],
  ])('%s', (_title, before, next, once, widened) => {
    expect(joinedValues(before, next, undefined)).toEqual(once);
    expect(joinedValues(before, next, givenUp)).toEqual(widened);
  });
  test('a number that may be anything is nothing that is known', () =>
    expect(numberBetween(0, more)).toBeUndefined());
});

const COMPARE: Readonly<Record<Order, (a: bigint, b: bigint) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

test('behind a jump that tells of an order', () => {
  for (let round = 0; round < 10 * ROUNDS; round++) {
    const [left, a] = example();
    const [right, b] = example();
    const order = random.pick(Object.keys(COMPARE) as Order[]);
    if (!COMPARE[order](a, b)) continue;
    expect(holds(inOrderWith(left, order, right, someLengths()), a)).toBe(true);
    const least = leastLength(left, order, right)?.least ?? 0;
    expect(least, JSON.stringify([left, order, right])).toBeLessThanOrEqual(Number(LENGTH));
  }
});

test.each<[low: number, high: number, not: [number, number], Known]>([
  [2, 17, [17, 17], numberBetween(2, 16)],
  [2, 17, [2, 2], numberBetween(3, 17)],
  [2, 17, [9, 9], numberBetween(2, 17)],
  [2, 17, [2, 17], numberBetween(2, 17)],
  [5, 5, [5, 5], numberBetween(5, 5)],
])('a number of %i to %i that is not %j', (low, high, [from, to], known) => {
  expect(inOrderWith(numberBetween(low, high), '!=', numberBetween(from, to))).toEqual(known);
});

test('of a value that is so many more, and of one that is known in two ways', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const [value, a] = example();
    const by = random.pick([-64, -3, 0, 1, 40]);
    expect(holds(shiftedBy(value, by), BigInt.asUintN(64, a + BigInt(by)))).toBe(true);
    const other = random.pick([undefined, { kind: 'near', region: REGION } as const, value]);
    expect(holds(bothKnown(other, value), a)).toBe(true);
    expect(holds(bothKnown(value, other), a)).toBe(true);
    expect(holds(withoutRoom(value, REGION), a)).toBe(true);
  }
});

describe('room is told', () => {
  const length = { kind: 'length', region: REGION, low: 0, high: 0 } as const;
  const end = { kind: 'end', region: REGION, low: 0, high: 0 } as const;
  const roomOf = (value: Known) => (value && 'room' in value ? value.room?.bytes : undefined);
  test('by a comparison with a length, of any number', () => {
    expect(inOrderWith(undefined, '<', length)).toMatchObject({ low: 0, room: { bytes: 1 } });
    expect(roomOf(inOrderWith(numberBetween(0, 70), '<=', length))).toBe(0);
    expect(roomOf(inOrderWith(undefined, '>', length))).toBeUndefined();
  });
  test('not by a length from which more is taken off than it has', () => {
    const less = { ...length, low: -2, high: -2 };
    expect(inOrderWith(undefined, '<', less)).toBeUndefined();
    expect(roomOf(inOrderWith(undefined, '<', less, new Map([[REGION, 2]])))).toBe(3);
  });
  test('of a pointer that may be anywhere below 60', () => {
    const pointer = computed('add', pointerInto(REGION, 4), numberBetween(0, 60));
    expect(roomOf(inOrderWith(pointer, '<=', end))).toBe(0);
  });
  test('of a pointer by the number that was added to it, and back', () => {
    const number = inOrderWith(undefined, '<', length);
    const pointer = computed('add', pointerInto(REGION, 4), number);
    expect(roomOf(pointer)).toBe(-3);
    expect(roomOf(computed('sub', pointer, pointerInto(REGION, 4)))).toBe(1);
  });
  test('where ways meet by what is known of the length, too', () => {
    const number = inOrderWith(numberBetween(1, 60), '<', length);
    const joined = joinedValues(numberBetween(0, 0), number, undefined, [
      new Map([[REGION, 2]]),
      new Map(),
    ]);
    expect(joined).toMatchObject({ low: 0, high: 60, room: { bytes: 1 } });
    expect(roomOf(joinedValues(numberBetween(0, 0), number, undefined))).toBe(0);
  });
  test('where ways meet that know how long it is at least', () => {
    const lengths = [2, 4].map((bytes) => new Map([[REGION, bytes]]));
    const [before, behind] = lengths;
    const joined = joinedValues(numberBetween(0, 0), numberBetween(2, 2), undefined, [
      before,
      behind,
    ]);
    expect(joined).toMatchObject({ low: 0, high: 2, room: { bytes: 2 } });
  });
  test('a bound that is given up stays below the longest region', () => {
    const before = inOrderWith(numberBetween(0, 8), '<', length);
    const more = inOrderWith(numberBetween(0, 16), '<', length);
    expect(joinedValues(before, more, givenUp)).toMatchObject({ high: 2 ** 32 - 1 });
    const less = { kind: 'number', low: 0, high: 16, room: { region: REGION, bytes: 0 } } as const;
    expect(joinedValues(before, less, givenUp)).toBeUndefined();
  });
});

describe('is told', () => {
  test.each([
    [
      'a byte that is masked and shifted',
      computed('lsh', numberBetween(0, 63), numberBetween(2, 2)),
    ],
    ['the same of a product', computed('mul', numberBetween(0, 63), numberBetween(4, 4))],
  ])('%s', (_what, known) => {
    expect(known).toEqual({ kind: 'number', low: 0, high: 252 });
  });
  test('a length that is not 0', () => {
    const length = { kind: 'length', region: REGION, low: 0, high: 0 } as const;
    const zero = numberBetween(0, 0);
    expect(leastLength(length, '!=', zero)).toEqual({ region: REGION, least: 1 });
    expect(leastLength(zero, '!=', length)).toEqual({ region: REGION, least: 1 });
    expect(leastLength({ ...length, low: -1, high: -1 }, '!=', zero)).toBeUndefined();
    expect(leastLength(length, '!=', numberBetween(0, 1))).toBeUndefined();
  });
  test('the region of a pointer that something unknown was taken from; of a length nothing', () => {
    const length = { kind: 'length', region: REGION, low: 0, high: 4 } as const;
    const end = { kind: 'end', region: REGION, low: 0, high: 4 } as const;
    const near = { kind: 'near', region: REGION };
    expect(
      [pointerInto(REGION), end, length].map((from) => computed('sub', from, undefined)),
    ).toEqual([near, near, undefined]);
    expect(computed('sub', pointerInto(REGION), pointerInto('other'))).toEqual(near);
    expect(computed('sub', numberBetween(0, 4), undefined)).toBeUndefined();
  });
  test('an end of a packet, from its start and its length', () => {
    const length = { kind: 'length', region: REGION, low: 0, high: 0 } as const;
    expect(computed('add', pointerInto(REGION), length)?.kind).toBe('end');
  });
  test('a packet that is long enough', () => {
    const end = { kind: 'end', region: REGION, low: 0, high: 0 } as const;
    const least = leastLength(pointerInto(REGION, 54), '<=', end);
    expect(least).toEqual({ region: REGION, least: 54 });
  });
});
