import { expect, test } from 'vitest';
import type { FieldNode } from '../../../core/packet/types.ts';
import { rowCovering, visibleFields } from './fields.ts';

const field = (
  name: string,
  offset: number,
  length: number,
  children: FieldNode[] = [],
): FieldNode => ({
  name,
  label: name,
  text: '',
  offset,
  length,
  editable: false,
  children,
});

const layers = [
  field('eth', 0, 14, [field('eth.dst', 0, 6), field('eth.src', 6, 6)]),
  field('ip', 14, 20, [field('ip.flags', 20, 2, [field('ip.flags.df', 20, 1)])]),
];
const paths = (toggled: string[]) => visibleFields(layers, new Set(toggled)).map((row) => row.path);

test('layers are open and their fields closed, until a person says otherwise', () => {
  expect(paths([])).toEqual(['0', '0.0', '0.1', '1', '1.0']);
  expect(paths(['0', '1.0'])).toEqual(['0', '1', '1.0', '1.0.0']);
});

test('a byte belongs to the innermost field in sight', () => {
  const byte = { start: 20, end: 21 };
  expect(rowCovering(visibleFields(layers, new Set()), byte)?.node.name).toBe('ip.flags');
  expect(rowCovering(visibleFields(layers, new Set(['1.0'])), byte)?.node.name).toBe('ip.flags.df');
  expect(rowCovering(visibleFields(layers, new Set()), { start: 50, end: 51 })).toBeUndefined();
});
