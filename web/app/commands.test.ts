import { expect, test } from 'vitest';
import { COMMANDS } from './commands.ts';

const keysOf = ({ keys, letter }: (typeof COMMANDS)[number]): string[] => [
  ...keys,
  ...(letter ? [letter] : []),
];

test('every command is on a key', () => {
  expect(COMMANDS.filter((row) => keysOf(row).length === 0).map(({ name }) => name)).toEqual([]);
});

test('no key means two commands', () => {
  const all = COMMANDS.flatMap(keysOf);
  expect(all.filter((key, at) => all.indexOf(key) !== at)).toEqual([]);
});

test.each([
  'Ctrl+R',
  'Ctrl+W',
  'Ctrl+T',
  'Ctrl+N',
  'Ctrl+L',
  'Ctrl+C',
  'Ctrl+V',
  'Tab',
  'Escape',
  ' ',
])('%s stays what the browser means by it', (key) => {
  expect(COMMANDS.flatMap(keysOf)).not.toContain(key);
});
