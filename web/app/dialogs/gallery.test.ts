import { expect, test } from 'vitest';
import { EXAMPLES } from '../../../core/testing/examples.ts';
import { isAbout, isTour, topicsOf } from './gallery.ts';

const found = (text: string, topic = ''): string[] =>
  EXAMPLES.filter((example) => isAbout(example, { text, topic })).map(({ name }) => name);

test.each([
  ['masquerade', '', ['nat']],
  ['  TAG   taken ', '', ['vlan-rewrite']],
  ['prog array', '', ['tail-calls']],
  ['', 'timers', ['rate-limit']],
  ['map', 'QEMU', []],
  ['no such thing', '', []],
])('%j among %j finds %j', (text, topic, names) => expect(found(text, topic)).toEqual(names));

test('without a wish all are there, the tours among them', () => {
  expect(found('')).toHaveLength(EXAMPLES.length);
  expect(EXAMPLES.filter(isTour)).toHaveLength(3);
});

test('topics come once each, the one of most examples first', () => {
  const topics = topicsOf(EXAMPLES);
  expect(topics[0]).toBe('XDP');
  expect(new Set(topics).size).toBe(topics.length);
  for (const topic of topics) expect(found('', topic).length).toBeGreaterThan(0);
});
