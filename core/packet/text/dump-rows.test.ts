import { expect, test } from 'vitest';
import { readPacketText } from './text.ts';

const ROWS = [
  '0000000 0102 0304 0506 0708 090a 0b0c 0d0e 0f10',
  '0000010 1112 1314 1516 1718 191a 1b1c 1d1e 1f20',
  '0000020 2122 2324 2526 2728 292a 2b2c 2d2e 2f30',
];
const sizes = (lines: string[]) =>
  readPacketText(lines.join('\n')).packets.map((one) => one.bytes.length);

// hexdump(1), od(1): "*" stands for lines that are the same as the one in front.
test('"*" with no line in front of it, but a dump right behind, is refused by its line', () => {
  for (const words of [0, 1, 2])
    expect(() => sizes(['*', ...Array(words).fill('some words'), ...ROWS])).toThrow(
      'line 1: "*" repeats the line in front, there is none',
    );
  expect(sizes(['*', ...Array(3).fill('some words'), ...ROWS])).toEqual([48]);
});

test('"*" behind a line repeats it up to the offset that follows', () => {
  expect(sizes([ROWS[0], '*', '0000030 0102 0304 0506 0708 090a 0b0c 0d0e 0f10'])).toEqual([64]);
});
