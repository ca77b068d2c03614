import { expect, test } from 'vitest';
import { finish } from '../session/session.ts';
import { flowOf, other, taggedFrame } from '../testing/chains.ts';
import { DumpFilter } from './dump-filter.ts';

/** What a dump with room for so many bytes has written of frames of 60 bytes. */
function written(frames: number, most: number | undefined, keepsDumps = true) {
  const filter = other('filter-dump', 'd', { properties: [['file', 'x.pcap']] });
  const dump = new DumpFilter(filter, 1, { start: 0n, keepsDumps }, most);
  const flow = flowOf(Array.from({ length: frames }, (_, i) => taggedFrame(i)));
  finish(dump.pass(flow, 'to-guest'));
  dump.settle();
  const { packets, leftOut, blob } = dump.written;
  return [packets, leftOut, blob.size - 24];
}

test('what a dump has no room for is counted as left out', () => {
  expect(written(3, undefined)).toEqual([3, 0, 3 * 76]);
  expect(written(3, 180)).toEqual([3, 0, 3 * 76]);
  expect(written(3, 179)).toEqual([2, 1, 2 * 76]);
  expect(written(5, 60)).toEqual([1, 4, 76]);
  expect(written(2, 59)).toEqual([0, 2, 0]);
});

test('where nothing is kept all packets are counted', () =>
  expect(written(3, 60, false)).toEqual([3, 0, 0]));
