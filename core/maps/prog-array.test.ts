import { expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { Memory } from '../memory/memory.ts';
import { ERRNO } from '../spec/errno.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { objectWithMaps } from '../testing/with-maps.ts';
import { ProgArray } from './prog-array.ts';

const linear = new WebAssembly.Memory({ initial: 1 });
const [DEFINITION] = objectWithMaps(assemble('exit'), [
  { type: MAP_TYPE_ID.prog_array, valueSize: 4, maxEntries: 3 },
]).maps;

test.each(['little', 'big'] as const)('slots from the first to the last, %s endian', (endian) => {
  const memory = new Memory(endian, linear);
  const map = new ProgArray(memory, DEFINITION);
  const word = (value: number): Uint8Array => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, endian === 'little');
    return bytes;
  };
  const listed = () =>
    [...map.entries()].map(({ key, value }) => [
      [...key],
      memory.view.getUint32(value, endian === 'little'),
    ]);
  expect(listed()).toEqual([]);
  expect([0, 2].map((index) => map.update(word(index), word(index + 7)))).toEqual([0, 0]);
  expect(map.update(word(3), word(1))).toBe(-ERRNO.E2BIG);
  expect(listed()).toEqual([
    [[...word(0)], 7],
    [[...word(2)], 9],
  ]);
  // A value is the number of a program, and 1 more.
  expect([0, 1, 2, 3].map((index) => map.program(index))).toEqual([6, undefined, 8, undefined]);
  expect([map.delete(word(0)), map.delete(word(3))]).toEqual([0, -ERRNO.E2BIG]);
  expect(listed()).toEqual([[[...word(2)], 9]]);
});
