import { expect, test } from 'vitest';
import type { ValueView, VariablesView } from '../../../core/protocol/messages.ts';
import { packetBytes, scopeRows, type VariableRow, watchRows } from './value-rows.ts';

const value = (name: string, text: string, children?: ValueView[]): ValueView => ({
  name,
  type: 'int',
  text,
  held: true,
  parameter: false,
  place: 'packet+30',
  packet: 30,
  size: 4,
  bytes: '',
  expression: name,
  editable: true,
  changed: false,
  ...(children && { children }),
});

const VIEW: VariablesView = {
  kind: 'variables',
  scopes: [
    {
      name: 'parse',
      kind: 'inlined',
      variables: [value('ip', 'packet+14', [value('saddr', '1.2.3.4')])],
    },
    { name: 'prog', kind: 'function', variables: [value('key', '1')] },
  ],
  expressions: [
    { text: 'ip->ttl', value: value('ip->ttl', '64') },
    { text: 'gone', error: 'has no value here' },
  ],
};

const names = (rows: readonly VariableRow[]) =>
  rows.map(({ name, level }) => `${'  '.repeat(level - 1)}${name}`);

test('scopes are open and values closed, until a person says otherwise', () => {
  const named = (...toggled: string[]) => names(scopeRows(VIEW.scopes, new Set(toggled)));
  expect(named()).toEqual(['parse (inlined)', '  ip', 'prog', '  key']);
  expect(named('2 inlined parse/ip', '1 function prog')).toEqual([
    'parse (inlined)',
    '  ip',
    '    saddr',
    'prog',
  ]);
});

test('what is watched stands beside each other, with its value or why it has none', () => {
  const rows = watchRows(VIEW.expressions, new Set());
  expect(names(rows)).toEqual(['ip->ttl', 'gone']);
  expect(rows.map(({ expression }) => expression)).toEqual(['ip->ttl', 'gone']);
  expect(rows.map(({ value, error }) => value?.text ?? error)).toEqual(['64', 'has no value here']);
});

test('a value in the packet names its bytes', () => {
  expect(packetBytes(value('x', '1'))).toEqual({ start: 30, end: 34 });
  expect(packetBytes({ ...value('x', '1'), packet: undefined })).toBeUndefined();
  expect(packetBytes({ ...value('x', '1'), size: 0 })).toBeUndefined();
});
