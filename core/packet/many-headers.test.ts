import { expect, test } from 'vitest';
import { dissect } from './dissect.ts';

/** A frame with that many VLAN tags, a type nobody knows and two bytes. */
const frame = (tags: number): Uint8Array =>
  Uint8Array.from([
    ...[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1],
    ...Array.from({ length: tags }, () => [0x81, 0x00, 0x00, 0x07]).flat(),
    ...[0x12, 0x34, 0xaa, 0xbb],
  ]);
const read = (tags: number) => {
  const { layers, problems } = dissect(frame(tags), 'ethernet');
  const last = layers.at(-1)!;
  return [layers.length, last.name, last.label, last.text, last.offset, last.length, problems];
};

test('64 headers of a packet are read, and what is behind them is bytes', () => {
  const deep = 'data: more than 64 headers: the rest is not read';
  expect(read(0)).toEqual([2, 'data', 'Data', 'aa bb', 14, 2, []]);
  expect(read(62)).toEqual([64, 'data', 'Data', 'aa bb', 14 + 62 * 4, 2, []]);
  expect(read(63)).toEqual([65, 'data', 'Data', 'aa bb', 14 + 63 * 4, 2, [deep]]);
  expect(read(64).slice(0, 3)).toEqual([65, 'data', 'Data']);
  expect(read(64).slice(5)).toEqual([6, [deep]]);
});

test('a frame that is empty, and one that is cut in its header', () => {
  expect(dissect(new Uint8Array(), 'ethernet')).toEqual({
    layers: [],
    summary: '0 bytes',
    problems: [],
  });
  expect(dissect(new Uint8Array(), 'ip').layers).toEqual([]);
  expect(dissect(Uint8Array.of(0x20), 'ip').layers.map(({ name }) => name)).toEqual(['data']);
  expect(dissect(Uint8Array.of(1, 2), 'raw')).toEqual({
    layers: [],
    summary: '2 bytes',
    problems: [],
  });
});
