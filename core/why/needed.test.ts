import { expect, test } from 'vitest';
import { finish } from '../session/session.ts';
import { session } from '../testing/run.ts';
import { explainResult } from './why.ts';

/** What a packet of zeros would have to be, for a program that asks for `compared`. */
function needed(compared: string): string | undefined {
  const opened = session(`r7 = *(u32 *)(r1 + 0); r0 = 1; ${compared} goto +1; r0 = 2; exit`, {
    hook: 'xdp',
    packet: `${'00'.repeat(12)}88b5${'00'.repeat(50)}`,
  });
  return finish(explainResult(opened, undefined)).branches.at(-1)?.change?.needed;
}
const either = (one: number, other: number) =>
  `r1 = *(u8 *)(r7 + ${one}); r2 = *(u8 *)(r7 + ${other}); r1 |= r2; if r1 != 0`;
const MASK_16 = `0xff${'00'.repeat(14)}ff`;

// A number of the network has 16 bytes at most: an IPv6 address.
test.each<[string, string, string]>([
  [
    'the first and the last byte of 16',
    either(14, 29),
    `data (bytes 14 to 29) under mask ${MASK_16} such as 0x${'00'.repeat(15)}01`,
  ],
  ['a byte farther behind', either(14, 30), 'data (byte 30) such as 0x01'],
  [
    'the last and the first',
    either(40, 25),
    `data (bytes 25 to 40) under mask ${MASK_16} such as 0x${'00'.repeat(15)}01`,
  ],
  ['a byte farther in front', either(40, 24), 'data (byte 40) such as 0x01'],
  ['two numbers one behind the other', either(20, 21), 'data (bytes 20 to 21) such as 0x0100'],
])('what was compared with the byte that is changed is told with it: %s', (_title, asked, words) =>
  expect(needed(asked)).toBe(words),
);

test('one value that it has to have is told as that, one that it must not have as another', () => {
  const byte = 'r1 = *(u8 *)(r7 + 20);';
  expect(needed(`${byte} if r1 == 7`)).toBe('data (byte 20) 0x07');
  expect(needed(`${byte} if r1 == 0`)).toBe('data (byte 20) other than 0x00');
  expect(needed(`${byte} if r1 != 0`)).toBe('data (byte 20) other than 0x00');
  expect(needed(`${byte} if r1 > 3`)).toBe('data (byte 20) under mask 0xfc such as 0x04');
});
