import { expect, test } from 'vitest';
import { explorerRows, nameGroups } from './names.ts';

const symbol = (name: string) => ({
  name,
  type: 'FUNC',
  binding: 'GLOBAL',
  section: 'xdp',
  value: 0,
  size: 8,
});

/** As much of a view as has names. */
const view = (symbols: string[]) =>
  ({
    object: {
      programs: [{ name: 'drop_all', section: 'xdp' }],
      maps: [{ name: 'blocked', type: 'hash' }],
      sections: [{ name: 'xdp', type: 'PROGBITS' }],
      symbols: symbols.map(symbol),
    },
    code: { functions: [{ name: 'drop_all', start: 0, end: 4, section: 'xdp' }] },
    sources: [{ file: 'src/drop.c', text: '' }],
  }) as unknown as Parameters<typeof nameGroups>[0];

const shown = (groups: ReturnType<typeof nameGroups>, filter = '', ...toggled: string[]) =>
  explorerRows(groups, filter, new Set(toggled)).map((row) =>
    row.level === 1 ? `${row.group.title} ${row.count}` : `  ${row.row.name}`,
  );

test('what a person wrote is open, tables of the file are closed until they are asked for', () => {
  const groups = nameGroups(view(['drop_all']));
  expect(shown(groups)).toEqual([
    'Programs 1',
    '  drop_all',
    'Functions of the program 1',
    '  drop_all',
    'Maps 1',
    '  blocked',
    'C files 1',
    '  drop.c',
    'Sections 1',
    'Symbols 1',
  ]);
  expect(shown(groups, '', 'program', 'symbol').slice(-2)).toEqual(['Symbols 1', '  drop_all']);
});

test('a filter opens every group and leaves those with such a name', () => {
  expect(shown(nameGroups(view(['drop_all', 'other'])), 'BLOCK')).toEqual(['Maps 1', '  blocked']);
});

test('the symbol of a function knows where its code begins', () => {
  const symbols = nameGroups(view(['drop_all', 'other'])).find(({ kind }) => kind === 'symbol');
  expect(symbols?.rows.map(({ slot }) => slot)).toEqual([0, undefined]);
});

test('of a hundred thousand symbols those with the filter in their names are left', () => {
  const groups = nameGroups(view(Array.from({ length: 100_000 }, (_, i) => `symbol_${i}`)));
  expect(shown(groups, 'symbol_9999')).toHaveLength(12);
});
