import { expect, test } from 'vitest';
import type { CodeRow, CodeView } from '../../../core/protocol/messages.ts';
import { branchOf, listingRows } from './listing.ts';
import { tokens } from './tokens.ts';

const row = (pc: number, text: string, more: Partial<CodeRow> = {}): CodeRow => ({
  pc,
  text,
  bytes: '',
  comment: '',
  doc: '',
  ...more,
});

const code: CodeView = {
  functions: [
    { name: 'main', start: 0, end: 3, section: '.text' },
    { name: 'sub', start: 3, end: 4, section: '.text' },
  ],
  rows: [
    row(0, 'if r1 == 0x0 goto +1', { target: 2, conditional: true, line: 0 }),
    row(1, 'r0 = 0x1', { line: 1 }),
    row(2, 'exit', { line: 0 }),
    row(3, 'exit'),
  ],
  lines: [],
};

test('every function has its head above its first instruction', () => {
  expect(
    listingRows(code).map((item) => (item.kind === 'function' ? item.name : item.row.pc)),
  ).toEqual(['main', 0, 1, 2, 'sub', 3]);
});

test('a jump with a condition goes two ways, a goto one, anything else nowhere', () => {
  expect(branchOf(code.rows, code.rows[0])).toEqual({ target: 2, otherwise: 1 });
  expect(branchOf(code.rows, row(1, 'goto +1', { target: 3 }))).toEqual({ target: 3 });
  expect(branchOf(code.rows, code.rows[2])).toBeUndefined();
});

test.each([
  'r1 = *(u32 *)(r1 + 0x10)',
  'if w0 s> -0x1 goto +0x3 <LBB0_2>',
  'call 0x1',
  'r1 = 0x0 ll',
  '',
])('the pieces of "%s" are the whole text', (text) => {
  expect(
    tokens(text)
      .map((token) => token.text)
      .join(''),
  ).toBe(text);
});

test('registers are told from numbers', () => {
  expect(tokens('r10 = 0x10').map(({ kind }) => kind)).toEqual(['register', 'plain', 'number']);
});
