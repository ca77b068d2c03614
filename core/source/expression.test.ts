import { expect, test } from 'vitest';
import { TypeTable } from '../object/btf/type-table.ts';
import { finish } from '../session/session.ts';
import { session } from '../testing/run.ts';
import type { CValue } from './c-value.ts';
import { parseExpression } from './expression.ts';

const opened = session('r6 = r1; r2 = -5; w3 = -1; *(u32 *)(r10 - 8) = 0x11223344; r0 = 0; exit', {
  hook: 'xdp',
  packet: '0001020304050607080900010800',
});
finish(opened.go({ how: 'to-step', step: 5 }));
const machine = opened.machine!;
class NoTypes extends TypeTable {
  readonly pointerSize = 8;
  byId = () => undefined;
}
const COUNT: CValue = {
  types: new NoTypes(),
  type: 0,
  bytes: Uint8Array.of(),
  number: 42n,
};
const value = (text: string) =>
  parseExpression(text).number(machine, (name) => (name === 'count' ? COUNT : undefined));

test.each([
  ['1 + 2 * 3', 7n],
  ['(1 + 2) * 3 == 9 && !0', 1n],
  ['r2 < 0', 1n],
  ['w3 == 0xffffffff', 1n],
  ['r3 == -1', 0n],
  ['packet[2]', 2n],
  ['packet[12:2] == 0x0800', 1n],
  ['*(u32 *)(r10 - 8)', 0x11223344n],
  ['*(s8 *)(r10 - 8) + *(u8 *)(r10 - 5)', 0x44n + 0x11n],
  ['-8 >> 1', -4n],
  ['~0 & 0xff', 0xffn],
  ['count - 2 == 40 || nothing', 1n],
  ['step == 5', 1n],
  ['7 % 4 << 2', 12n],
])('%s is %s', (text, expected) => expect(value(text)).toBe(expected));

test.each(['packet[14]', '*(u64 *)(r2)', '1 / 0', 'nothing == 1', 'packet[0:9]'])(
  '%s has no value',
  (text) => expect(value(text)).toBeUndefined(),
);

test('what is not evaluated needs no value', () => expect(value('0 && nothing')).toBe(0n));

test.each([
  ['1 +', /ends where a value/],
  ['r1 = 5', /"= 5" is not understood/],
  ['(1', /its end where "\)"/],
  ['*(int *)r1', /not "int"/],
  ['1 2', /goes on with "2"/],
  [`1${'+1'.repeat(300)}`, /longer than/],
])('%s is refused in words', (text, words) => expect(() => parseExpression(text)).toThrow(words));

test.each([
  ['r1 = 5', 'expression, character 3: "= 5" is not understood'],
  ['@', 'expression, character 1: "@" is not understood'],
  ['r1 + $x', 'expression, character 5: "$x" is not understood'],
  [
    'r1 #234567890123456789012',
    'expression, character 3: "#2345678901234567890" is not understood',
  ],
])('%s is refused at its place, with what stands there', (text, message) =>
  expect(() => parseExpression(text)).toThrow(message),
);

test('256 words are read, no more', () => {
  const sum = (words: number): string => Array(words).fill('1').join('+');
  // With the signs between them.
  expect(value(sum(128))).toBe(128n);
  expect(() => parseExpression(`${sum(128)} + 1`)).toThrow('expression: is longer than 256 words');
});
