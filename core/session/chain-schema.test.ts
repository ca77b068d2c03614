import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { MOST_FILTERS } from '../spec/net-filters.ts';
import { CHAIN } from './chain-schema.ts';

const FILTER = { id: 'f1', kind: 'filter-dump', queue: 'all', status: 'on', properties: [] };
const GENERATOR = { count: 10, seed: 1, gap: '1000', templates: ['UDP'] };
const chain = (told: object = {}, generator: object = {}) => ({
  netdev: { id: 'n', options: 'user,id=n' },
  chardevs: [],
  filters: [FILTER],
  traffic: {
    source: 'packets',
    direction: { rule: 'to-guest' },
    generator: { ...GENERATOR, ...generator },
  },
  ...told,
});
const isTaken = (told: unknown): boolean => v.safeParse(CHAIN, told).success;
const many = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);

describe('a chain of a link or a session file is taken as far as it has bounds', () => {
  const device = { id: 'c', options: 'socket,id=c' };
  const property = ['maxlen', '20'];
  test.each<[string, number, (count: number) => object]>([
    [
      'properties of a filter',
      16,
      (n) => chain({ filters: [{ ...FILTER, properties: many(n, property) }] }),
    ],
    ['filters', MOST_FILTERS, (n) => chain({ filters: many(n, FILTER) })],
    ['devices', 2 * MOST_FILTERS, (n) => chain({ chardevs: many(n, device) })],
    ['templates', 64, (n) => chain({}, { templates: many(n, 'UDP') })],
    ['destinations', 64, (n) => chain({}, { destinations: many(n, '1.1.1.1') })],
    ['characters of an id', 64, (n) => chain({ filters: [{ ...FILTER, id: 'f'.repeat(n) }] })],
    [
      'objects by their number',
      MOST_FILTERS,
      (n) => chain({ filters: [{ ...FILTER, object: n - 1 }] }),
    ],
  ])('%s: %i', (_title, most, made) => {
    expect(isTaken(made(most))).toBe(true);
    expect(isTaken(made(most + 1))).toBe(false);
  });

  test.each<[string, object]>([
    ['an id that begins with a digit', { filters: [{ ...FILTER, id: '1f' }] }],
    ['a kind that is none', { filters: [{ ...FILTER, kind: 'filter-none' }] }],
    ['a status that is none', { filters: [{ ...FILTER, status: 'maybe' }] }],
    ['a queue that is none', { filters: [{ ...FILTER, queue: 'both' }] }],
    ['a property of three', { filters: [{ ...FILTER, properties: [['a', 'b', 'c']] }] }],
    ['what nobody knows', { colour: 'red' }],
    ['no traffic', { traffic: undefined }],
  ])('%s is refused', (_title, told) => expect(isTaken(chain(told))).toBe(false));
});
