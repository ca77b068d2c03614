import { describe, expect, test } from 'vitest';
import { toHex } from '../../bytes/hex.ts';
import { lineList } from './reading.ts';
import { DIALECTS, readPacketText } from './text.ts';

const ARP =
  'ffffffffffff0200000000010806000108000604000102000000000 10a0000020000000000000a000001'.replace(
    ' ',
    '',
  );
const pairs = ARP.match(/../g)!.join(' ');
const read = (text: string, as?: string) =>
  readPacketText(text, as).packets.map(({ bytes }) => toHex(bytes));

describe('nothing is left out without a word', () => {
  test('lines with bytes that are not read are named, others counted', () => {
    const text =
      `0000  ${pairs.slice(0, 47)}\n0010  ${pairs.slice(48, 95)}\n` +
      `0020  ${pairs.slice(96)}\nand a word\nsum: aa bb cc dd ee\n`;
    expect(readPacketText(text).notes).toEqual([
      'Line 5 left out: bytes that are no part of what was read.',
      '1 line without bytes skipped.',
    ]);
  });
  test('a packet that ends before its headers say', () => {
    const ip = `020000000002020000000001080045000028000100004006${'a91c'}0a000002c0a80709`;
    expect(readPacketText(ip).notes.join()).toMatch(
      /by its headers 20 more: it has been cut off|^$/,
    );
  });
  test('lines are listed in runs', () =>
    expect(lineList([1, 2, 3, 7, 9, 10])).toBe('1 to 3, 7 and 9 to 10'));
});

describe('another reading can be forced', () => {
  test('words of either order', () => {
    const text = '00000000: 0102 0304 0506 0708';
    expect(read(text, 'dump')).toEqual(['0102030405060708']);
    expect(read(text, 'dump-little')).toEqual(['0201040306050807']);
  });
  test('lines as packets or as one', () => {
    expect(read(`${ARP}\n${ARP}`)).toEqual([ARP, ARP]);
    expect(read(`${ARP}\n${ARP}`, 'hex')).toEqual([ARP + ARP]);
    expect(readPacketText(`${ARP}\n${ARP}`).alternatives.map(({ dialect }) => dialect)).toContain(
      'hex',
    );
  });
  test('decimal escapes', () => expect(read('"\\010\\020"', 'string-decimal')).toEqual(['0a14']));
  test('a name that does not fit is refused', () =>
    expect(() => read(ARP, 'array')).toThrow('cannot be read as array'));
  test('every name an alternative has is one of the table', () => {
    for (const text of [
      `${ARP}\n${ARP}`,
      '00000000: 0102 0304',
      '[10, 20, 30, 40]',
      '4500001d0001000040116 6cb0a0000020a00000300010002000973d478'.replace(' ', ''),
    ])
      for (const { dialect } of readPacketText(text).alternatives)
        expect([...DIALECTS.keys()]).toContain(dialect);
  });
});

test('hex of a capture is read as the capture', () => {
  const header = 'd4c3b2a1020004000000000000000000000004000100 0000'.replace(' ', '');
  const record = `00000000000000002a0000002a000000${ARP}`;
  expect(read(header + record)).toEqual([ARP]);
});
