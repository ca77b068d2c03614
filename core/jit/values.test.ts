// What is said of a value has to hold for every number that it may stand for.
import { describe, expect, test } from 'vitest';
import type { AluOp } from '../spec/isa.ts';
import { ALU_SEMANTICS } from '../spec/semantics.ts';
import { Random } from '../testing/random.ts';
import {
  computed,
  inOrderWith,
  joinedValues,
  type Known,
  leastLength,
  numberBetween,
  type Order,
  pointerInto,
} from './values.ts';

const START = 0x1005_0001_0000n;
const LENGTH = 60n;
const REGION = 'packet';

/** Whether a value is one of those that something known stands for. */
function holds(known: Known, value: bigint): boolean {
  if (known === undefined || known.kind === 'near') return true;
  const zero = { number: 0n, pointer: START, end: START + LENGTH, length: LENGTH }[known.kind];
  const offset = BigInt.asIntN(64, value - zero);
  return BigInt(known.low) <= offset && offset <= BigInt(known.high);
}

const random = new Random(Date.now() % 1_000_000_000);
const bound = (): number => random.pick([0, 1, 2, 7, 63, 64, 255, 4096, 65_535, 2 ** 31, 2 ** 33]);
const between = (low: number, high: number): bigint =>
  BigInt(low) + BigInt(Math.floor(((high - low + 1) * random.below(1000)) / 1000));

/** Something known, and a value that it stands for. */
function example(): [Known, bigint] {
  const [low, high] = [bound(), bound()].sort((a, b) => a - b);
  const offset = between(low, high);
  switch (random.below(6)) {
    case 0:
      return [undefined, BigInt.asUintN(64, offset * 0x9e37_79b9_7f4a_7c15n)];
    case 1:
      return [{ kind: 'pointer', region: REGION, low, high }, START + offset];
    case 2:
      return [{ kind: 'end', region: REGION, low, high }, START + LENGTH + offset];
    case 3:
      return [{ kind: 'length', region: REGION, low, high }, LENGTH + offset];
    default:
      return [numberBetween(low, high), offset];
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

test('where ways meet', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const [left, a] = example();
    const [right, b] = example();
    const known = joinedValues(left, right, random.chance(2));
    expect([holds(known, a), holds(known, b)]).toEqual([true, true]);
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
    expect(joinedValues(before, next, false)).toEqual(once);
    expect(joinedValues(before, next, true)).toEqual(widened);
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
    expect(holds(inOrderWith(left, order, right), a)).toBe(true);
    const least = leastLength(left, order, right)?.least ?? 0;
    expect(least, JSON.stringify([left, order, right])).toBeLessThanOrEqual(Number(LENGTH));
  }
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
