import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberColumn } from '../../bytes/number-column.ts';
import { packetOfRun, RunColumns } from './packet-run.ts';

test('times of a run are seconds and nanoseconds put together, to the nanosecond', () => {
  const column = new RunColumns(64);
  const word = fc.integer({ min: 0, max: 0xffff_ffff });
  const edges = fc.constantFrom(0, 1, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff);
  fc.assert(
    fc.property(fc.oneof(word, edges), fc.oneof(word, edges), fc.boolean(), (s, f, isMicro) => {
      const nanoseconds = isMicro ? f * 1000 : f;
      column.add(0, 0, 0, s, nanoseconds);
      const [time] = column.taken().times;
      expect(time).toBe(BigInt(s) * 1_000_000_000n + BigInt(nanoseconds));
    }),
    { numRuns: 2000 },
  );
});

test('a packet of a run is what was added, with its number and its place in the file', () => {
  const column = new RunColumns(2);
  column.add(16, 3, 60, 1, 5);
  column.add(35, 2, 2, 2, 6);
  expect(column.isFull).toBe(true);
  const bytes = Uint8Array.from({ length: 37 }, (_, i) => i);
  const run = {
    ...column.taken(),
    ...{ number: 7, linkType: 1, checkSequence: 4, bytes, offset: 1000 },
  };
  expect(packetOfRun(run, 1)).toEqual({
    number: 8,
    linkType: 1,
    checkSequence: 4,
    offset: 1035,
    bytes: Uint8Array.of(35, 36),
    timestamp: 2_000_000_006n,
    originalLength: 2,
  });
  expect(packetOfRun(run, 0)).toMatchObject({ number: 7, offset: 1016, originalLength: 60 });
  expect(column.count).toBe(0);
});

test('a column of many equal numbers is the column of each of them', () => {
  const part = fc.tuple(
    fc.constantFrom(0, 1, 255, 256, 70_000),
    fc.integer({ min: 0, max: 90_000 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const [all, each] = [new NumberColumn(), new NumberColumn()];
      for (const [value, count] of parts) {
        all.pushSame(value, count);
        for (let i = 0; i < count; i++) each.push(value);
      }
      expect(all.length).toBe(each.length);
      for (let row = 0; row < all.length; row += 97) expect(all.at(row)).toBe(each.at(row));
      if (all.length > 0) expect(all.at(all.length - 1)).toBe(each.at(each.length - 1));
    }),
    { numRuns: 60 },
  );
});
