import { expect, test } from 'vitest';
import { visible } from './visible.ts';

test.each([
  ['parse_ip', 'parse_ip'],
  ['größe 日本 שלום', 'größe 日本 שלום'],
  ['a\tb', 'a\tb'],
  ['evil\u202egnp.exe', 'evil\\u202Egnp.exe'],
  ['\u001b[31mred', '\\x1b[31mred'],
  ['two\nlines\u0000', 'two\\x0alines\\x00'],
  ['a\u200bb\ufeffc\u2066d', 'a\\u200Bb\\uFEFFc\\u2066d'],
])('%j is shown as %j', (name, shown) => expect(visible(name)).toBe(shown));
