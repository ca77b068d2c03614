import { describe, expect, test } from 'vitest';
import { toHex } from '../../bytes/hex.ts';
import { isBroken } from './reading.ts';
import { readRecords } from './records.ts';

const hex = (...bytes: number[]): string => toHex(Uint8Array.from(bytes)).toUpperCase();
/** A Motorola record: as many bytes of address as its type has, and a sum over all of it. */
function motorola(type: 1 | 2 | 3, address: number, data: readonly number[]): string {
  const places = Array.from({ length: type + 1 }, (_, i) => (address >>> (8 * (type - i))) & 255);
  const body = [places.length + data.length + 1, ...places, ...data];
  return `S${type}${hex(...body, ~body.reduce((sum, byte) => sum + byte, 0) & 255)}`;
}
/** An Intel record of data. */
function intel(address: number, data: readonly number[]): string {
  const body = [data.length, address >> 8, address & 255, 0, ...data];
  return `:${hex(...body, -body.reduce((sum, byte) => sum + byte, 0) & 255)}`;
}
const rows = (address: number, count: number, record: (at: number, data: number[]) => string) =>
  Array.from({ length: count }, (_, row) =>
    record(
      address + 16 * row,
      Array.from({ length: 16 }, (_, i) => (16 * row + i) & 255),
    ),
  );
const read = (lines: readonly string[]) =>
  readRecords(lines).map((one) =>
    isBroken(one) ? one.error.message : one.packets.map(({ length }) => length),
  );

describe.each([
  ['S1', (at: number, data: number[]) => motorola(1, at, data), [0, 0xf0, 0xff00]],
  ['S2', (at: number, data: number[]) => motorola(2, at, data), [0, 0xf0, 0xfff0, 0x12_3400]],
  [
    'S3',
    (at: number, data: number[]) => motorola(3, at, data),
    [0, 0xfff0, 0xff_fff0, 0x1234_5600],
  ],
  ['Intel', intel, [0, 0xf0, 0xff00]],
] as const)('records of %s', (_name, record, places) => {
  test.each(places.map((place) => [place]))(
    'that follow each other from %d on are one packet',
    (place) => {
      const [one] = readRecords(rows(place, 3, record));
      const bytes = Uint8Array.from({ length: 48 }, (_, i) => i);
      expect(!isBroken(one) && one.packets).toEqual([bytes]);
    },
  );
  test('another one begins where addresses do not go on', () => {
    expect(read([...rows(0, 2, record), ...rows(0x40, 1, record)])).toEqual([[32, 16]]);
    expect(read([...rows(0, 2, record), ...rows(0, 2, record)])).toEqual([[32, 32]]);
  });
  test('a wrong sum is said', () => {
    const [first, second] = rows(0, 2, record);
    const wrong = `${second.slice(0, -1)}${second.endsWith('0') ? '1' : '0'}`;
    expect(read([first, wrong])[0]).toMatch(/^line 2/);
  });
});

test('records of a start or an end hold no bytes', () =>
  expect(
    read(['S00600004844521B', ...rows(0, 1, (at, data) => motorola(1, at, data)), 'S9030000FC']),
  ).toEqual([[16]]));
