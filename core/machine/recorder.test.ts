import { describe, expect, test } from 'vitest';
import { EVER_READ, EVER_WRITTEN, Recorder } from './recorder.ts';

const memory = () => Uint8Array.from({ length: 128 }, (_, i) => i);
const accesses = (recorder: Recorder) =>
  Array.from({ length: recorder.count }, (_, i) => [
    recorder.kind[i],
    recorder.at[i],
    recorder.size[i],
  ]);

describe('what the last step touched', () => {
  test('is a list of accesses in their order, with the bytes before a write', () => {
    const recorder = new Recorder(64);
    recorder.access(EVER_READ, 8, 4, memory(), 0);
    recorder.access(EVER_WRITTEN, 16, 2, memory(), 0);
    recorder.access(EVER_WRITTEN, 20, 12, memory(), 0);
    expect(accesses(recorder)).toEqual([
      [EVER_READ, 8, 4],
      [EVER_WRITTEN, 16, 2],
      [EVER_WRITTEN, 20, 12],
    ]);
    expect([...recorder.overwritten.subarray(0, 32)]).toEqual([
      ...new Array(8).fill(0),
      ...[16, 17, 0, 0, 0, 0, 0, 0],
      ...[20, 21, 22, 23, 24, 25, 26, 27],
      ...new Array(8).fill(0),
    ]);
  });
  test('the next step begins it anew, fields and protocol with it', () => {
    const recorder = new Recorder(64);
    recorder.access(EVER_READ, 8, 4, memory(), 0);
    recorder.touched = { kind: EVER_READ, fields: [] };
    recorder.goByProtocol(0);
    expect([recorder.count, recorder.wentByProtocol, recorder.touched]).toEqual([
      1,
      true,
      { kind: EVER_READ, fields: [] },
    ]);
    recorder.access(EVER_READ, 9, 1, memory(), 1);
    expect([recorder.count, recorder.wentByProtocol, recorder.touched]).toEqual([
      1,
      false,
      undefined,
    ]);
    expect(accesses(recorder)).toEqual([[EVER_READ, 9, 1]]);
    recorder.goByProtocol(2);
    expect([recorder.count, recorder.wentByProtocol]).toEqual([0, true]);
  });
  test('64 accesses are kept, marks of all', () => {
    const recorder = new Recorder(128);
    for (let i = 0; i < 70; i++) recorder.access(EVER_READ, i, 1, memory(), 0);
    expect(recorder.count).toBe(64);
    expect(recorder.at[63]).toBe(63);
    expect([recorder.marks[69], recorder.marks[70]]).toEqual([EVER_READ, 0]);
  });
  test('moved bytes are read in one place and written in the other', () => {
    const recorder = new Recorder(64);
    recorder.move(0, 8, 3, memory(), 0);
    recorder.clear(20, 2, memory(), 0);
    expect(accesses(recorder)).toEqual([
      [EVER_READ, 0, 3],
      [EVER_WRITTEN, 8, 3],
      [EVER_WRITTEN, 20, 2],
    ]);
    expect([
      ...recorder.overwritten.subarray(8, 11),
      ...recorder.overwritten.subarray(16, 18),
    ]).toEqual([8, 9, 10, 20, 21]);
  });
});

test('who traces a run is told of all of it, in order', () => {
  const told: unknown[] = [];
  const recorder = new Recorder(64);
  recorder.provenance = {
    read: (...what) => told.push(['read', ...what]),
    wrote: (...what) => told.push(['wrote', ...what]),
    moved: (...what) => told.push(['moved', ...what]),
    cleared: (...what) => told.push(['cleared', ...what]),
    field: () => {},
  };
  recorder.access(EVER_READ, 1, 2, memory(), 0);
  recorder.access(EVER_WRITTEN, 3, 4, memory(), 0);
  recorder.move(5, 6, 7, memory(), 0);
  recorder.clear(8, 9, memory(), 0);
  expect(told).toEqual([
    ['read', 1, 2],
    ['wrote', 3, 4],
    ['moved', 5, 6, 7],
    ['cleared', 8, 9],
  ]);
});

describe('which bytes ever were read and written', () => {
  test('the first and the last of an access, and what lies behind the marks is left out', () => {
    const recorder = new Recorder(16);
    recorder.mark(EVER_READ, 2, 3);
    recorder.mark(EVER_WRITTEN, 4, 2);
    recorder.mark(EVER_READ, 14, 8);
    expect([...recorder.marks]).toEqual([0, 0, 1, 1, 3, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    expect(recorder.marksView.byteLength).toBe(24);
    expect([...new Uint8Array(recorder.marksView.buffer, 16)]).toEqual(new Array(8).fill(0));
  });
  test('a checkpoint has the marks, not the last step', () => {
    const recorder = new Recorder(16);
    recorder.access(EVER_READ, 3, 1, memory(), 5);
    recorder.last(7, 5, null);
    recorder.restore(new Uint8Array(16).fill(2));
    expect([recorder.pc, recorder.count, recorder.marks[3]]).toEqual([-1, 0, 2]);
    recorder.access(EVER_READ, 3, 1, memory(), 5);
    expect(recorder.count).toBe(1);
  });
});

describe('registers before the last step', () => {
  const registers = BigUint64Array.from({ length: 12 }, (_, i) => BigInt(i) * 0x1_0000_0001n);
  test('are those that were noted', () => {
    const recorder = new Recorder(8);
    const halves = new Uint32Array(registers.buffer.slice(0));
    recorder.last(3, 0, halves);
    halves.fill(9);
    expect(recorder.pc).toBe(3);
    expect(recorder.before(new BigUint64Array(12))).toEqual(registers.slice(0, 11));
  });
  test('or those of now, where the step changed none', () => {
    const recorder = new Recorder(8);
    recorder.last(4, 1, null);
    expect(recorder.before(registers)).toEqual(registers.slice(0, 11));
  });
});
