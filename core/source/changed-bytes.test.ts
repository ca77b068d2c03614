import { describe, expect, test } from 'vitest';
import type { Machine } from '../machine/machine.ts';
import { Btf } from '../object/btf/btf.ts';
import { readBitField } from '../object/btf/format.ts';
import { writeBtf } from '../tools/btf-write.ts';
import { changedBytes } from './changed-bytes.ts';

const types = new Btf(
  writeBtf([
    {
      ...{ kind: 'int', id: 1, name: 'u32', size: 4, bits: 32 },
      ...{ bitOffset: 0, signed: false, char: false, bool: false },
    },
  ]),
  'little',
);

describe.each(['little', 'big'] as const)(
  'a bit field of a machine that is %s endian',
  (endian) => {
    const machine = { memory: { littleEndian: endian === 'little' } } as Machine;
    const set = (bytes: Uint8Array, offset: number, size: number, text: string) =>
      changedBytes(machine, { types, type: 1, bytes, bits: { offset, size } }, 'x.field', text);

    test('is set where it lies, and all other bits stay', () => {
      for (const fill of [0x00, 0xff, 0xa5])
        for (const [offset, size] of [
          [0, 1],
          [7, 1],
          [5, 9],
          [8, 8],
          [13, 12],
          [31, 1],
          [0, 32],
        ])
          for (const value of [0n, 1n, (1n << BigInt(size)) - 1n]) {
            const before = new Uint8Array(4).fill(fill);
            const after = set(before, offset, size, String(value));
            expect(readBitField({ bytes: after, endian }, offset, size)).toBe(value);
            for (let bit = 0; bit < 32; bit++)
              if (bit < offset || bit >= offset + size)
                expect([bit, readBitField({ bytes: after, endian }, bit, 1)]).toEqual([
                  bit,
                  readBitField({ bytes: before, endian }, bit, 1),
                ]);
            expect(before).toEqual(new Uint8Array(4).fill(fill));
          }
    });
  },
);

test('a whole value is what the text says', () =>
  expect(
    changedBytes(
      { memory: { littleEndian: true } } as Machine,
      { types, type: 1, bytes: new Uint8Array(4) },
      'x',
      '0x01020304',
    ),
  ).toEqual(Uint8Array.of(4, 3, 2, 1)));
