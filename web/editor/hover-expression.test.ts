import { expect, test } from 'vitest';
import { expressionAt } from './hover-expression.ts';

const LINE = '\tif (flow->ports.source == ip_ports[key].last && 7)';

test.each([
  ['flow', 'flow'],
  ['ports', 'flow->ports'],
  ['source', 'flow->ports.source'],
  ['ip_', 'ip_ports'],
  ['last', 'ip_ports[key].last'],
  ['key', 'key'],
])('the pointer at %s means %s', (word, text) =>
  expect(expressionAt(LINE, LINE.indexOf(word) + 1)?.text).toBe(text),
);

test('a number or a blank means nothing', () => {
  expect(expressionAt(LINE, LINE.indexOf('7') + 1)).toBeUndefined();
  expect(expressionAt(LINE, 0)).toBeUndefined();
});
