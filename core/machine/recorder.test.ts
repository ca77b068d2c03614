import { describe, expect, test } from 'vitest';
import { Memory } from '../memory/memory.ts';
import { EVER_READ, EVER_WRITTEN, Recorder } from './recorder.ts';

/**
 * Of a memory with so many bytes behind those that every memory has: each of them is its number,
 * and their marks are the last.
 */
function recorded(length: number) {
  const memory = new Memory('little', new WebAssembly.Memory({ initial: 1 }));
  const from = memory.allocate(length, 'x');
  for (let i = 0; i < length; i++) memory.bytes[from + i] = i;
  const recorder = new Recorder(memory);
  const accesses = () =>
    Array.from({ length: recorder.count }, (_, i) => [
      recorder.kind[i],
      recorder.at[i] - from,
      recorder.size[i],
    ]);
  return { memory, recorder, from, accesses, marks: () => [...recorder.marks.subarray(from)] };
}

describe('what the last step touched', () => {
  test('is a list of accesses in their order, with the bytes before a write', () => {
    const { recorder, from, accesses } = recorded(64);
    recorder.access(EVER_READ, from + 8, 4, 0);
    recorder.access(EVER_WRITTEN, from + 16, 2, 0);
    recorder.access(EVER_WRITTEN, from + 20, 12, 0);
    expect(accesses()).toEqual([
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
    const { recorder, from, accesses } = recorded(64);
    recorder.access(EVER_READ, from + 8, 4, 0);
    recorder.touched = { kind: EVER_READ, fields: [] };
    recorder.goByProtocol(0);
    expect([recorder.count, recorder.wentByProtocol, recorder.touched]).toEqual([
      1,
      true,
      { kind: EVER_READ, fields: [] },
    ]);
    recorder.access(EVER_READ, from + 9, 1, 1);
    expect([recorder.count, recorder.wentByProtocol, recorder.touched]).toEqual([
      1,
      false,
      undefined,
    ]);
    expect(accesses()).toEqual([[EVER_READ, 9, 1]]);
    recorder.goByProtocol(2);
    expect([recorder.count, recorder.wentByProtocol]).toEqual([0, true]);
  });
  test('64 accesses are kept, marks of all', () => {
    const { recorder, from, accesses, marks } = recorded(128);
    for (let i = 0; i < 70; i++) recorder.access(EVER_READ, from + i, 1, 0);
    expect(recorder.count).toBe(64);
    expect(accesses()[63]).toEqual([EVER_READ, 63, 1]);
    expect([marks()[69], marks()[70]]).toEqual([EVER_READ, 0]);
  });
  test('moved bytes are read in one place and written in the other', () => {
    const { recorder, from, accesses } = recorded(64);
    recorder.move(from, from + 8, 3, 0);
    recorder.clear(from + 20, 2, 0);
    expect(accesses()).toEqual([
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
  const { recorder } = recorded(64);
  recorder.provenance = {
    read: (...what) => told.push(['read', ...what]),
    wrote: (...what) => told.push(['wrote', ...what]),
    moved: (...what) => told.push(['moved', ...what]),
    cleared: (...what) => told.push(['cleared', ...what]),
    field: () => {},
  };
  recorder.access(EVER_READ, 1, 2, 0);
  recorder.access(EVER_WRITTEN, 3, 4, 0);
  recorder.move(5, 6, 7, 0);
  recorder.clear(8, 9, 0);
  expect(told).toEqual([
    ['read', 1, 2],
    ['wrote', 3, 4],
    ['moved', 5, 6, 7],
    ['cleared', 8, 9],
  ]);
});

describe('which bytes ever were read and written', () => {
  test('the first and the last of an access, and what lies behind the marks is left out', () => {
    const { memory, recorder, from, marks } = recorded(16);
    recorder.mark(EVER_READ, from + 2, 3);
    recorder.mark(EVER_WRITTEN, from + 4, 2);
    recorder.mark(EVER_READ, from + 14, 8);
    expect(marks()).toEqual([0, 0, 1, 1, 3, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    // As long as one access may be.
    expect(memory.top).toBe(recorder.marksAt + recorder.marked + 8);
    expect([...memory.bytes.subarray(memory.top - 8, memory.top)]).toEqual(new Array(8).fill(0));
  });
  test('are part of an image of memory', () => {
    const { memory, recorder, from, marks } = recorded(16);
    recorder.mark(EVER_READ, from + 3, 1);
    const image = memory.save();
    recorder.mark(EVER_WRITTEN, from + 3, 2);
    memory.restore(image);
    expect(marks().slice(3, 5)).toEqual([EVER_READ, 0]);
  });
  test('stay where memory grows', () => {
    const { memory, recorder, from, marks } = recorded(16);
    recorder.mark(EVER_READ, from + 3, 1);
    memory.allocate(1 << 20, 'x');
    recorder.mark(EVER_WRITTEN, from + 3, 1);
    expect(marks()[3]).toBe(EVER_READ | EVER_WRITTEN);
  });
  test('none when a packet begins', () => {
    const { recorder, from, marks } = recorded(16);
    recorder.mark(EVER_READ, from, 16);
    recorder.begin();
    expect(marks()).toEqual(new Array(16).fill(0));
  });
  test('the last step is no part of a checkpoint', () => {
    const { recorder, from } = recorded(16);
    recorder.access(EVER_READ, from + 3, 1, 5);
    recorder.last(7, 5, null);
    recorder.forgetLast();
    expect([recorder.pc, recorder.count]).toEqual([-1, 0]);
    recorder.access(EVER_READ, from + 3, 1, 5);
    expect(recorder.count).toBe(1);
  });
});

describe('registers before the last step', () => {
  const registers = BigUint64Array.from({ length: 12 }, (_, i) => BigInt(i) * 0x1_0000_0001n);
  test('are those that were noted', () => {
    const { recorder } = recorded(8);
    const halves = new Uint32Array(registers.buffer.slice(0));
    recorder.last(3, 0, halves);
    halves.fill(9);
    expect(recorder.pc).toBe(3);
    expect(recorder.before(new BigUint64Array(12))).toEqual(registers.slice(0, 11));
  });
  test('or those of now, where the step changed none', () => {
    const { recorder } = recorded(8);
    recorder.last(4, 1, null);
    expect(recorder.before(registers)).toEqual(registers.slice(0, 11));
  });
});
