import { expect, test } from 'vitest';
import { looksLikeAssembly } from './text-kind.ts';

test.each([
  ['r0 = 2\nexit', true],
  ['entry: r1 = r10\n  goto entry', true],
  ['call me when you can', false],
  ['int main(void) { return 0; }', false],
  ['helloworld', false],
])('%j is assembly: %s', (text, expected) => expect(looksLikeAssembly(text)).toBe(expected));
