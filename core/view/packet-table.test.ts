import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import type { PacketQuery, PacketTable } from '../protocol/messages.ts';
import { TestPage } from '../testing/page.ts';

const firewall = new Uint8Array(
  readFileSync(join(import.meta.dirname, '../../public/examples/xdp-firewall/program.o')),
);
/** A map entry of the program: packets from there are dropped. */
const BLOCKED = { map: 'blocked', key: '0a000042', value: '00'.repeat(16) };

const tcp = (source: string) =>
  fromHex(
    `5254001234565254006543210800450000280001000040060000${source}0a000001` +
      '9c4001bb00000001000000005002200000000000',
  )!;
const ARP = fromHex(
  'ffffffffffff52540065432108060001080006040001525400654321c0a80001000000000000c0a80002',
)!;

const PACKETS = [
  { name: 'a', bytes: tcp('0a000001'), time: '1700000000000000000' },
  { name: 'b', bytes: tcp('0a000042'), time: '1700000000250000000', wireLength: 1514 },
  { name: 'c', bytes: ARP, time: '1700000000000001000' },
  { name: 'd', bytes: tcp('0a000042') },
];
const EVERY: PacketQuery = { text: '', sort: 'number', descending: false };

let page: TestPage;
beforeAll(async () => {
  page = new TestPage();
  await page.wish({ type: 'open-file', name: 'firewall.o', bytes: firewall });
  await page.wish({ type: 'set-map-entry', ...BLOCKED });
  await page.wish({
    type: 'open-inputs',
    inputs: { ...page.made!, packets: PACKETS, packet: 0 },
  });
});

async function listed(query: Partial<PacketQuery>, from = 0, count = 10): Promise<PacketTable> {
  const wanted = { ...EVERY, ...query };
  return (await page.wish({ type: 'list-packets', query: wanted, from, count })).value as never;
}
const names = async (query: Partial<PacketQuery>, from?: number, count?: number) =>
  (await listed(query, from, count)).rows.map(({ name }) => name).join('');

describe('the table of packets', () => {
  test('each packet has its verdict, its protocol and how many instructions ran', async () => {
    const { rows, total, matching, unjudged } = await listed({});
    expect({ total, matching, unjudged }).toEqual({ total: 4, matching: 4, unjudged: 0 });
    expect(rows.map(({ protocol }) => protocol)).toEqual(['TCP', 'TCP', 'ARP', 'TCP']);
    expect(rows[1]).toMatchObject({ index: 1, length: 54, faulted: false });
    expect(rows[1].verdict?.name).toBe('XDP_DROP');
    expect(rows[1].steps).toBeGreaterThan(0);
  });

  test('verdicts are counted, the most frequent first, whatever verdict is asked for', async () => {
    const counts = [
      { name: 'XDP_PASS', action: 'pass', count: 2 },
      { name: 'XDP_DROP', action: 'drop', count: 2 },
    ];
    expect((await listed({})).counts).toEqual(counts);
    expect((await listed({ verdict: 'XDP_DROP' })).counts).toEqual(counts);
  });

  test.each([
    ['words, each of which a row must have, in any case', { text: 'tcp 10.0.0.66' }, 'bd'],
    ['words of what a packet is', { text: 'who has' }, 'c'],
    ['a verdict', { verdict: 'XDP_DROP' }, 'bd'],
    ['both', { verdict: 'XDP_PASS', text: 'arp' }, 'c'],
    ['what no packet has', { text: 'icmp' }, ''],
  ])('is filtered by %s', async (_title, query, left) => {
    expect(await names(query)).toBe(left);
    expect((await listed(query)).matching).toBe(left.length);
  });

  test.each([
    ['length', false, 'cabd'],
    ['length', true, 'abdc'],
    ['verdict', false, 'bdac'],
    ['number', true, 'dcba'],
    ['protocol', false, 'cabd'],
  ] as const)('is sorted by %s, descending: %s; equal ones in their order', async (...row) => {
    const [sort, descending, order] = row;
    expect(await names({ sort, descending })).toBe(order);
  });

  test('only the rows that are asked for are sent', async () => {
    expect(await names({}, 1, 2)).toBe('bc');
  });
});

test('the next packet that is dropped, faults or is judged otherwise is selected', async () => {
  const seek = async (what: 'drop' | 'fault' | 'change') => {
    const reply = await page.wish({ type: 'seek-packet', what });
    return reply.notice ?? reply.view?.packet;
  };
  await page.wish({ type: 'select-packet', index: 0 });
  expect(await seek('drop')).toBe(1);
  expect(await seek('drop')).toBe(3);
  expect(await seek('drop')).toBe('No packet behind this one is dropped');
  expect(await seek('fault')).toBe('No packet behind this one faults');
  await page.wish({ type: 'select-packet', index: 0 });
  expect(await seek('change')).toBe(1);
  expect(await seek('change')).toBe(2);
});

describe('a display filter over the table', () => {
  test.each([
    ['tcp', 'abd'],
    ['arp', 'c'],
    ['ip.src == 10.0.0.66', 'bd'],
    ['verdict == "XDP_DROP"', 'bd'],
    ['verdict.action == drop and frame.number > 2', 'd'],
    ['frame.len > 1500', 'b'],
    ['frame.time_relative > 0.1', 'b'],
    ['frame.time_epoch', 'abc'],
    ['not steps', ''],
  ])('%s leaves %s', async (text, expected) => expect(await names({ text })).toBe(expected));

  test('what the text was taken for is said, and a filter that is none is refused', async () => {
    expect((await listed({ text: 'tcp' })).takenFor).toBe('filter');
    expect((await listed({ text: 'arp who' })).takenFor).toBe('words');
    expect((await listed({})).takenFor).toBeUndefined();
    await expect(listed({ text: 'tcp.port = 80' })).rejects.toThrow(
      'column 10: "=" has no meaning here',
    );
  });
});

test('packets with a time say how long after the first, and are sorted by it', async () => {
  const { rows, timed } = await listed({ sort: 'time' });
  expect(timed).toBe(true);
  expect(rows.map(({ name, time }) => [name, time])).toEqual([
    ['d', undefined],
    ['a', 0],
    ['c', 0.000001],
    ['b', 0.25],
  ]);
});
