import { describe, expect, test } from 'vitest';
import type { FilterQueue, FlowDirection } from '../spec/net-filters.ts';
import { checkNetdev, filtersAlong, withFilter, withProperty } from './chain.ts';
import type { ChainFilter, FilterPosition } from './types.ts';

const dump = (
  id: string,
  queue: FilterQueue = 'all',
  status: 'on' | 'off' = 'on',
): ChainFilter => ({
  id,
  kind: 'filter-dump',
  queue,
  status,
  properties: [['file', `${id}.pcap`]],
});

const ids = (filters: readonly ChainFilter[]): string => filters.map(({ id }) => id).join(' ');
const along = (filters: readonly ChainFilter[], direction: FlowDirection): string =>
  ids(filtersAlong(filters, direction));

describe('who looks at a packet, and in which order', () => {
  const list = [
    dump('a', 'all'),
    dump('b', 'rx'),
    dump('c', 'tx'),
    dump('d', 'all', 'off'),
    dump('e', 'tx'),
    dump('f', 'rx'),
    dump('g', 'all'),
  ];
  test.each<[string, FlowDirection, string]>([
    ['what the netdev sends goes from the head to the tail, by tx and all', 'to-guest', 'a c e g'],
    [
      'what the netdev receives goes from the tail to the head, by rx and all',
      'from-guest',
      'g f b a',
    ],
  ])('%s', (_title, direction, order) => expect(along(list, direction)).toBe(order));
  test.each<[FilterQueue, string, string]>([
    ['all', 'x', 'x'],
    ['tx', 'x', ''],
    ['rx', '', 'x'],
  ])('queue=%s sees packets to the guest: "%s", from it: "%s"', (queue, to, from) => {
    expect(along([dump('x', queue)], 'to-guest')).toBe(to);
    expect(along([dump('x', queue)], 'from-guest')).toBe(from);
  });
  test.each<FilterQueue>(['all', 'tx', 'rx'])('status=off is skipped on queue=%s', (queue) => {
    expect(along([dump('x', queue, 'off')], 'to-guest')).toBe('');
    expect(along([dump('x', queue, 'off')], 'from-guest')).toBe('');
  });
});

test.each<[string, Partial<FilterPosition> | undefined, string]>([
  ['nothing said: at the tail', undefined, 'a b c new'],
  ['tail', { position: 'tail' }, 'a b c new'],
  ['head', { position: 'head' }, 'new a b c'],
  ['insert means nothing at the head', { position: 'head', insert: 'before' }, 'new a b c'],
  ['insert means nothing at the tail', { position: 'tail', insert: 'before' }, 'a b c new'],
  ['behind another, where nothing is said', { position: 'id=a' }, 'a new b c'],
  ['behind another', { position: 'id=b', insert: 'behind' }, 'a b new c'],
  ['before another', { position: 'id=b', insert: 'before' }, 'a new b c'],
  ['before the first', { position: 'id=a', insert: 'before' }, 'new a b c'],
  ['behind the last', { position: 'id=c', insert: 'behind' }, 'a b c new'],
])('position and insert: %s', (_title, at, order) => {
  const list = [dump('a'), dump('b'), dump('c')];
  const position = at && { position: 'tail', insert: 'behind' as const, ...at };
  expect(ids(withFilter(list, dump('new'), position))).toBe(order);
});

describe('what QEMU refuses', () => {
  const add = (filter: Partial<ChainFilter>, position = 'tail') =>
    withFilter([dump('a')], { ...dump('new'), ...filter }, { position, insert: 'behind' });
  test.each<[string, () => unknown, string]>([
    ['an id that is there', () => add({ id: 'a' }), "duplicate property 'a'"],
    ['an id that is none', () => add({ id: '1 2' }), "parameter 'id' expects an identifier"],
    ['a position at nobody', () => add({}, 'id=x'), "filter 'x' not found"],
    ['a position of another form', () => add({}, 'first'), "'head', 'tail' or 'id=<id>'"],
    ['a dump without file', () => add({ properties: [] }), "dump filter needs 'file'"],
    [
      'a dump of 0 bytes',
      () =>
        add({
          properties: [
            ['file', 'x'],
            ['maxlen', '0'],
          ],
        }),
      "property 'filter-dump.maxlen' doesn't take value '0'",
    ],
    [
      'a property of another kind',
      () => add({ properties: [['interval', '5']] }),
      "property 'filter-dump.interval' not found",
    ],
    [
      'a buffer without interval',
      () => add({ kind: 'filter-buffer', properties: [] }),
      "parameter 'interval' expects a non-zero interval",
    ],
    [
      'a buffer with interval 0',
      () => add({ kind: 'filter-buffer', properties: [['interval', '0']] }),
      "property 'filter-buffer.interval' requires a positive value",
    ],
    [
      'a buffer whose interval has more than 32 bits',
      () => add({ kind: 'filter-buffer', properties: [['interval', '4294967296']] }),
      'requires a positive value',
    ],
    [
      'a mirror without outdev',
      () => add({ kind: 'filter-mirror', properties: [] }),
      "'outdev' cannot be empty",
    ],
    [
      'a redirector with neither',
      () => add({ kind: 'filter-redirector', properties: [] }),
      "needs 'indev' or 'outdev'",
    ],
    [
      'a redirector with the same twice',
      () =>
        add({
          kind: 'filter-redirector',
          properties: [
            ['indev', 'x'],
            ['outdev', 'x'],
          ],
        }),
      'could not be same',
    ],
    [
      'filter-ubpf without an object',
      () => add({ kind: 'filter-ubpf', properties: [] }),
      "'ubpf-handler' cannot be empty",
    ],
    [
      'ip-mode that is neither on nor off',
      () => add({ kind: 'filter-ubpf', object: 0, properties: [['ip-mode', 'maybe']] }),
      "parameter 'ip-mode' expects 'on' or 'off'",
    ],
    [
      'a queue of another name',
      () => withProperty(dump('a'), 'queue', 'both'),
      "parameter 'queue' does not accept value 'both'",
    ],
    [
      'a status of another name',
      () => withProperty(dump('a'), 'status', 'yes'),
      "parameter 'status' expects 'on' or 'off'",
    ],
    [
      'a netdev with vhost',
      () => checkNetdev({ id: 'hn0', options: 'tap,id=hn0,vhost=on' }),
      'netdev hn0: Vhost is not supported',
    ],
    [
      'a netdev with several queues',
      () => checkNetdev({ id: 'hn0', options: 'tap,id=hn0,queues=4' }),
      'netdev hn0: multiqueue is not supported',
    ],
  ])('%s', (_title, act, words) => expect(act).toThrow(words));

  test('one queue and vhost=off are no reason to refuse', () => {
    expect(() =>
      checkNetdev({ id: 'hn0', options: 'tap,id=hn0,queues=1,vhost=off' }),
    ).not.toThrow();
  });
});
