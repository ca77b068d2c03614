import { expect, test } from 'vitest';
import type { ValueView, VariablesView } from '../../../core/protocol/messages.ts';
import { packetBytes, variableRows } from './rows.ts';

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

const names = (...toggled: string[]) =>
  variableRows(VIEW, new Set(toggled)).map(({ name, level }) => `${'  '.repeat(level - 1)}${name}`);

test('scopes are open and values closed, until a person says otherwise', () => {
  expect(names()).toEqual([
    'Watched',
    '  ip->ttl',
    '  gone',
    'parse (inlined)',
    '  ip',
    'prog',
    '  key',
  ]);
  expect(names('2 inlined parse/ip', 'watch')).toEqual([
    'Watched',
    'parse (inlined)',
    '  ip',
    '    saddr',
    'prog',
    '  key',
  ]);
});

test('a value in the packet names its bytes', () => {
  expect(packetBytes(value('x', '1'))).toEqual({ start: 30, end: 34 });
  expect(packetBytes({ ...value('x', '1'), packet: undefined })).toBeUndefined();
  expect(packetBytes({ ...value('x', '1'), size: 0 })).toBeUndefined();
});
