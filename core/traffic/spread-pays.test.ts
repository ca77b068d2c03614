import { expect, test } from 'vitest';
import { coresWithRoom, spreadPays } from './spread-pays.ts';
import { FIRST_PACKETS, nextBorder, stretchLength, stretchStart } from './stretches.ts';

const MILLION = 1_000_000;

test.each([
  ['nothing is known after a moment', 2, { packets: 64, ms: 1 }, MILLION, undefined],
  ['filters of nanoseconds: reading the file is what takes long', 8, of(60), MILLION, false],
  ['two microseconds a packet, a million of them', 2, of(2000), MILLION, true],
  ['the same, and few are left', 2, of(2000), 100_000, false],
  ['a millisecond a packet', 8, { packets: 64, ms: 64 }, 10_000, true],
  ['three millisecond, and hardly any are left', 8, { packets: 64, ms: 192 }, 64, false],
  ['two cores are not twice as quick as one where little is won', 2, of(250), MILLION, false],
  ['eight of them are', 8, of(1500), MILLION, true],
])('%s', (_title, cores, trial, left, pays) => {
  expect(spreadPays(cores, trial, left)).toBe(pays);
});

/** Enough packets of so many nanoseconds. */
function of(nanoseconds: number) {
  return { packets: 20_000, ms: (20_000 * nanoseconds) / 1e6 };
}

test('machines of all cores have room together', () => {
  expect(coresWithRoom(8, 100_000)).toBe(8);
  expect(coresWithRoom(8, 128 * 1024 * 1024)).toBe(4);
  expect(coresWithRoom(8, 300 * 1024 * 1024)).toBe(1);
});

test('a stretch is short where packets take many instructions', () => {
  expect(stretchLength(0)).toBe(4096);
  expect(stretchLength(FIRST_PACKETS * 5)).toBe(4096);
  expect(stretchLength(FIRST_PACKETS * 1000)).toBe(2048);
  expect(stretchLength(FIRST_PACKETS * 10_000)).toBe(256);
  expect(stretchLength(FIRST_PACKETS * 1_000_000)).toBe(64);
});

test('stretches begin behind the first packets, at multiples of their length', () => {
  const wrong: number[] = [];
  for (const length of [64, 512, 1024, 4096])
    for (let packet = 0; packet < 3 * 4096; packet++) {
      const start = stretchStart(packet, length);
      const next = nextBorder(packet, length);
      const isIn =
        start === 0
          ? packet < nextBorder(0, length)
          : start > FIRST_PACKETS && start <= packet && packet < start + length;
      const isNext = next > packet && stretchStart(next - 1, length) < next;
      const isBorder = start % length === 0 && stretchStart(next, length) === next;
      if (!isIn || !isNext || !isBorder) wrong.push(packet);
    }
  expect(wrong).toEqual([]);
});
