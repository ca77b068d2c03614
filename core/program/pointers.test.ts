import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { loadRaw } from '../object/raw.ts';
import type { LinkedCode } from '../object/types.ts';
import { decodePrograms } from './code.ts';
import { ControlFlow } from './control-flow.ts';
import { type CallUse, type PointerSource, pointerUses } from './pointers.ts';

/** What calls do, by their number: 1 finds a value, 2 fills r2, 3 calls functions, 4 gives all. */
const USES: readonly CallUse[] = [
  { writes: 0, calls: false, gives: 'number' },
  { map: 1, writes: 0, calls: false, gives: 'value' },
  { writes: 1 << 2, calls: false, gives: 'number' },
  { map: 1, writes: 0, calls: true, gives: 'number' },
  { writes: 0, calls: false, gives: 'anything' },
];

/**
 * What is found of a program of two maps, the second of which holds maps. Of its context bytes 0
 * to 7 are addresses of the packet, byte 8 is that of something lent.
 */
function usesOf(source: string, argument: PointerSource['argument'] = 'context') {
  const [{ name, linked }] = loadRaw('test', assemble(source)).programs;
  const code = decodePrograms([{ name, linked: linked as LinkedCode }], 'little');
  return pointerUses({
    code,
    flow: new ControlFlow(code),
    use: ({ slot }) => USES[slot.imm],
    isOfMaps: (map) => map === 1,
    argument,
    field: (offset) => (offset < 8 ? 'packet' : offset === 8 ? 'lent' : 'number'),
    maps: 2,
  });
}

describe('maps that stores may change', () => {
  const VALUE = 'ld_pseudo r1, 0x2,';
  const FIND = 'ld_pseudo r1, 0x1, 0; r2 = r10; r2 += -4; call 1';
  test.each<[title: string, source: string, maps: number[]]>([
    ['none', 'r1 = r10; *(u32 *)(r1 - 4) = 1; exit', []],
    ['a value by its address', `${VALUE} 0; *(u32 *)(r1 + 4) = 1; exit`, [0]],
    ['of the last map', `${VALUE} 1; *(u32 *)(r1 + 4) = 1; exit`, [1]],
    ['a value that is read', `${VALUE} 0; r2 = *(u32 *)(r1 + 4); exit`, []],
    ['a value that was found', `${FIND}; *(u32 *)(r0 + 4) = 1; exit`, [0]],
    ['by an atomic', `${FIND}; r1 = 1; lock *(u64 *)(r0 + 0) += r1; exit`, [0]],
    ['by a call', `${FIND}; r2 = r0; call 2; exit`, [0]],
    ['by a call that writes elsewhere', `${FIND}; r3 = r0; r2 = r10; call 2; exit`, []],
    ['one of two', `${VALUE} 0; if r2 == 0 goto +2; ${VALUE} 1; *(u8 *)(r1 + 0) = 1; exit`, [0, 1]],
    [
      'behind the stack',
      `${FIND}; *(u64 *)(r10 - 8) = r0; r1 = *(u64 *)(r10 - 8); *(u8 *)(r1 + 0) = 1; exit`,
      [0],
    ],
    [
      'of another slot',
      `${FIND}; *(u64 *)(r10 - 8) = r0; r1 = *(u64 *)(r10 - 16); *(u8 *)(r10 - 9) = 1; exit`,
      [],
    ],
    [
      'what a map of maps gives may be of any',
      'ld_pseudo r1, 0x1, 1; call 1; *(u8 *)(r0 + 0) = 1; exit',
      [0, 1],
    ],
  ])('%s', (_title, source, maps) => {
    const { written, unknown, packet } = usesOf(source);
    expect([...written].sort(), source).toEqual(maps);
    expect([unknown, packet]).toEqual([undefined, false]);
  });

  test.each([-1, 2, 3, 2 ** 31 - 1])('of map %d, which is not there, nothing is known', (map) => {
    for (const kind of ['0x1', '0x2'])
      expect(usesOf(`ld_pseudo r1, ${kind}, ${map}; *(u8 *)(r1 + 0) = 1; exit`)).toMatchObject({
        written: new Set(),
        unknown: 2,
        packet: false,
      });
  });

  test('calls are given the map that they name, or any', () => {
    const { given } = usesOf(`${FIND}; r1 = 5; call 1; exit`);
    expect([...given.values()].map((maps) => [...maps])).toEqual([[0], [0, 1]]);
  });
});

describe('what else stores may change', () => {
  const DATA = 'r2 = *(u32 *)(r1 + 0)';
  test.each<[title: string, source: string, packet: boolean, unknown: number | undefined]>([
    ['the packet', `${DATA}; *(u8 *)(r2 + 1) = 1; exit`, true, undefined],
    [
      'the packet, as far as a number says',
      `${DATA}; r2 += r3; *(u8 *)(r2 + 1) = 1; exit`,
      true,
      2,
    ],
    ['by a call', `${DATA}; call 2; exit`, true, undefined],
    ['what is lent', 'r2 = *(u64 *)(r1 + 8); *(u8 *)(r2 + 1) = 1; exit', false, 1],
    ['where a number says', 'r2 = *(u64 *)(r1 + 9); *(u8 *)(r2 + 1) = 1; exit', false, 1],
    ['what a call gives that may give anything', 'call 4; *(u8 *)(r0 + 1) = 1; exit', false, 1],
  ])('%s', (_title, source, packet, unknown) =>
    expect(usesOf(source)).toMatchObject({ packet, unknown }),
  );
  test('of a program that is given a packet, that', () =>
    expect(usesOf('*(u8 *)(r1 + 1) = 1; exit', 'packet')).toMatchObject({
      packet: true,
      unknown: undefined,
    }));
});

describe('numbers that are made of addresses', () => {
  const DATA = 'r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4)';
  test.each<[title: string, source: string, at: number | undefined]>([
    ['none', `${DATA}; r0 = 1; exit`, undefined],
    ['an offset', `${DATA}; r2 += 14; r2 -= 3; r0 = 1; exit`, undefined],
    ['a distance in the packet', `${DATA}; r3 -= r2; r0 = r3; exit`, undefined],
    [
      'moved by an address of the stack, which makes no number yet',
      `${DATA}; r3 -= r10; r0 = 1; exit`,
      undefined,
    ],
    ['a distance to the packet', `${DATA}; r4 = r10; r4 -= r3; r0 = 1; exit`, 3],
    ['a sum of two', `${DATA}; r3 += r2; r0 = 1; exit`, 2],
    ['a bit of one', `${DATA}; r3 &= 1; r0 = 1; exit`, 2],
    ['bytes in another order', `${DATA}; r3 = be64 r3; r0 = 1; exit`, 2],
    ['what 32 bits hold', `${DATA}; w0 = w3; exit`, undefined],
    ['what is returned', `${DATA}; r0 = r3; exit`, 3],
    ['a bound of the packet', `${DATA}; if r2 > r3 goto +0; r0 = 1; exit`, undefined],
    ['a comparison with 0', `${DATA}; if r2 != 0 goto +0; r0 = 1; exit`, undefined],
    ['bits that are asked for', `${DATA}; if r2 & 1 goto +0; r0 = 1; exit`, 2],
    ['with the context', `${DATA}; if r2 > r1 goto +0; r0 = 1; exit`, 2],
    ['with a number', `${DATA}; if r2 > r5 goto +0; r0 = 1; exit`, 2],
    ['of the context with itself', 'r2 = r1; if r2 == r1 goto +0; r0 = 1; exit', undefined],
    ['lower halves', `${DATA}; if w2 > w5 goto +0; r0 = 1; exit`, undefined],
    ['on the stack', `${DATA}; *(u64 *)(r10 - 8) = r2; r0 = 1; exit`, undefined],
    ['in a value', `${DATA}; ld_pseudo r4, 0x2, 0; *(u64 *)(r4 + 0) = r2; r0 = 1; exit`, 4],
  ])('%s', (_title, source, at) => expect(usesOf(source).address).toBe(at));
});

test('registers that may point into a stack, at each access and call', () => {
  const { stack } = usesOf(
    'r2 = r10; r2 += -8; *(u64 *)(r2 + 0) = 1; r2 = 0; call 1; r3 = *(u8 *)(r10 - 1); exit',
  );
  const pointsAt = (pc: number) =>
    [...'r0 r1 r2 r3 r4 r5'.split(' ').keys()].filter((n) => stack.get(pc)! & (1 << n));
  expect([...stack.keys()]).toEqual([2, 4, 5]);
  // What nothing has set yet may be anything.
  expect([pointsAt(2), pointsAt(4)]).toEqual([
    [0, 2, 3, 4, 5],
    [0, 3, 4, 5],
  ]);
  // Behind the call r1 to r5 are what it left.
  expect(pointsAt(5)).toEqual([1, 2, 3, 4, 5]);
});
