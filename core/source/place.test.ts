// DWARF 5, sections 2.5 and 2.6: what an expression computes, and where a variable lies by it.
import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import type { Location, Operation } from '../object/dwarf/location.ts';
import { heldAt, numberBytes, type SourceFrame } from './place.ts';

/** Sixteen bytes 0x10 to 0x1f at address 1000; r6 is 7, r1 is not kept; r10 is at 2000. */
const FRAME: SourceFrame = {
  endian: 'little',
  register: (index) => (index === 1 ? undefined : BigInt(index + 1)),
  frameBase: true,
  stack: (offset) => 2000n + offset,
  data: (address) => (address < 100 ? BigInt(1000 + address) : undefined),
  read: (address, size) => {
    const at = Number(address) - 1000;
    if (at < 0 || at >= 16) return undefined;
    return Uint8Array.from({ length: 16 }, (_, i) => 0x10 + i).slice(at, at + size);
  },
};
type Given = string | [name: string, ...operands: (number | bigint | Uint8Array)[]];
const operation = (given: Given): Operation => {
  const [name, ...operands] = typeof given === 'string' ? [given] : given;
  return {
    name,
    number: 0,
    operands: operands.map((one) => (typeof one === 'number' ? BigInt(one) : one)),
  };
};
const at = (given: readonly Given[]): Location => ({ operations: given.map(operation) });
const held = (given: readonly Given[], size = 8, frame = FRAME) => heldAt(frame, at(given), size);
/** The number that an expression computes, without sign. */
function value(...given: Given[]): bigint | string {
  const found = held([...given, 'stack_value']);
  return typeof found === 'string'
    ? found
    : new DataView(found.bytes.buffer, found.bytes.byteOffset).getBigUint64(0, true);
}
const minus = (number: bigint): bigint => BigInt.asUintN(64, -number);
const num = (number: number | bigint): Given => ['consts', number];

describe('an operation of two values', () => {
  test.each<[name: string, a: number | bigint, b: number | bigint, result: bigint]>([
    ['and', 12, 10, 8n],
    ['or', 12, 10, 14n],
    ['xor', 12, 10, 6n],
    ['plus', 5, 7, 12n],
    ['plus', -1, 2, 1n],
    ['minus', 5, 7, minus(2n)],
    ['mul', -3, 4, minus(12n)],
    ['div', 7, 2, 3n],
    ['div', -7, 2, minus(3n)],
    ['mod', 7, 4, 3n],
    ['mod', -1, 10, 5n],
    ['shl', 1, 63, 1n << 63n],
    ['shl', 1, 64, 0n],
    ['shr', -1, 63, 1n],
    ['shr', -1, 64, 0n],
    ['shra', -8, 1, minus(4n)],
    ['shra', -8, 63, minus(1n)],
    ['shra', -8, 64, minus(1n)],
    ['shra', 8, 64, 0n],
    ['eq', 4, 4, 1n],
    ['eq', 4, 5, 0n],
    ['ne', 4, 5, 1n],
    ['lt', -1, 0, 1n],
    ['lt', 1, 1, 0n],
    ['le', 1, 1, 1n],
    ['le', 2, 1, 0n],
    ['gt', 0, -1, 1n],
    ['gt', 1, 1, 0n],
    ['ge', 1, 1, 1n],
    ['ge', -1, 0, 0n],
  ])('%s of %d and %d', (name, a, b, result) => expect(value(num(a), num(b), name)).toBe(result));
  test('a division by zero is none', () => {
    for (const name of ['div', 'mod'])
      expect(value(num(5), num(0), name)).toBe('its expression divides by zero');
  });
  test('of fewer values it is none', () =>
    expect(value(num(5), 'plus')).toBe('its expression takes more values than it has'));
});

describe('other operations', () => {
  test.each<[title: string, given: Given[], result: bigint]>([
    ['a small constant', ['lit17'], 17n],
    ['a constant', [['const1u', 200]], 200n],
    ['an addition of a constant', [num(5), ['plus_uconst', 6]], 11n],
    ['neg', [num(5), 'neg'], minus(5n)],
    ['not', [num(5), 'not'], minus(6n)],
    ['abs below zero', [num(-5), 'abs'], 5n],
    ['abs above', [num(5), 'abs'], 5n],
    ['dup', [num(5), 'dup', 'plus'], 10n],
    ['drop', [num(5), num(6), 'drop'], 5n],
    ['swap', [num(5), num(6), 'swap', 'minus'], 1n],
    ['over', [num(5), num(6), 'over', 'minus', 'plus'], 6n],
    ['nop', [num(5), 'nop'], 5n],
    ['a register and an offset', [['breg6', 3]], 10n],
    ['the same by its number', [['bregx', 6, -3]], 4n],
    ['r10, which is what the frame says', [['breg10', -8]], 1992n],
    ['the frame base', [['fbreg', -16]], 1984n],
    ['what lies there', [num(1000), 'deref'], 0x1716151413121110n],
    ['a part of it', [num(1002), ['deref_size', 2]], 0x1312n],
  ])('%s', (_title, given, result) => expect(value(...given)).toBe(result));
  test.each<[title: string, given: Given[], why: string]>([
    ['a register that is not kept', [['breg1', 0]], 'r1 is not kept'],
    ['memory that cannot be read', [num(5), 'deref'], 'it lies in memory that cannot be read'],
    ['memory that ends', [num(1012), 'deref'], 'it lies in memory that cannot be read'],
    [
      'an operation that needs the caller',
      ['call_frame_cfa'],
      'it is where it was when the function was called (DW_OP_call_frame_cfa)',
    ],
  ])('%s', (_title, given, why) => expect(value(...given)).toBe(why));
  test('a frame base that is not r10', () =>
    expect(held([['fbreg', 0]], 8, { ...FRAME, frameBase: false })).toBe(
      'the frame base of its function is not r10',
    ));
  test('a conversion', () => {
    const convert = (bits: number, isSigned: boolean): bigint => {
      const operations = [
        operation(num(-1)),
        { ...operation('convert'), to: { bits, signed: isSigned } },
        operation('stack_value'),
      ];
      const found = heldAt(FRAME, { operations }, 8);
      if (typeof found === 'string') throw new Error(found);
      return new DataView(found.bytes.buffer).getBigUint64(0, true);
    };
    expect([convert(8, false), convert(8, true), convert(32, false)]).toEqual([
      255n,
      minus(1n),
      0xffff_ffffn,
    ]);
  });
});

describe('a variable lies', () => {
  test('in a register, in its low bytes', () => {
    expect(held(['reg6'], 4)).toEqual({ bytes: Uint8Array.of(7, 0, 0, 0), register: 6 });
    expect(held([['regx', 6]], 1)).toEqual({ bytes: Uint8Array.of(7), register: 6 });
    expect(held(['reg1'], 4)).toBe('optimised out here');
  });
  test('in memory, with its address', () => {
    expect(held([['consts', 1004]], 2)).toEqual({
      bytes: Uint8Array.of(0x14, 0x15),
      address: 1004n,
    });
    expect(held([num(5)], 2)).toBe('optimised out here');
  });
  test('nowhere, or as the expression says', () => {
    expect(held([], 4)).toBe('optimised out here');
    const bytes = Uint8Array.of(1, 2, 3);
    expect(held([['implicit_value', bytes]], 3)).toEqual({ bytes });
    expect(held([['implicit_value', bytes]], 2)).toEqual({ bytes: bytes.subarray(0, 2) });
  });
  test('in pieces, of which some are not kept', () => {
    expect(held(['reg6', ['piece', 2], ['piece', 1], num(1000), ['piece', 2]], 5)).toEqual({
      bytes: Uint8Array.of(7, 0, 0, 0x10, 0x11),
      known: Uint8Array.of(1, 1, 0, 1, 1),
    });
    expect(held(['reg6', ['piece', 2]], 4)).toEqual({
      bytes: Uint8Array.of(7, 0, 0, 0),
      known: Uint8Array.of(1, 1, 0, 0),
      register: 6,
    });
  });
  test('in pieces that follow each other in memory, which is one place', () => {
    const found = held([num(1000), ['piece', 2], num(1002), ['piece', 4]], 6);
    expect(found).toMatchObject({ address: 1000n });
    const apart = held([num(1000), ['piece', 2], num(1003), ['piece', 4]], 6);
    expect(apart).not.toHaveProperty('address');
    expect(typeof apart !== 'string' && toHex(apart.bytes)).toBe('101113141516');
  });
  test('in data, where its section is in the machine', () => {
    const of = (address: number) =>
      heldAt(FRAME, { operations: [{ ...operation('addr'), address }] }, 1);
    expect(of(3)).toEqual({ bytes: Uint8Array.of(0x13), address: 1003n });
    expect(of(100)).toBe('its section is not in the machine');
  });
});

test('numbers are bytes in the order of the machine, eight at most', () => {
  expect(toHex(numberBytes(0x0102030405060708n, 8, 'little'))).toBe('0807060504030201');
  expect(toHex(numberBytes(0x0102030405060708n, 8, 'big'))).toBe('0102030405060708');
  expect(toHex(numberBytes(0x0102n, 1, 'little'))).toBe('02');
  expect(toHex(numberBytes(-1n, 4, 'big'))).toBe('ffffffff');
  expect(numberBytes(1n, 16, 'little')).toHaveLength(8);
});
