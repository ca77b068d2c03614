import { describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import {
  address,
  locate,
  MEMORY_LIMIT,
  Memory,
  nameAddress,
  nearestRegion,
  READ,
  type RegionInfo,
  type RegionKind,
  regionOf,
  signedOffset,
  TABLE_AT,
  WRITE,
} from './memory.ts';

const fresh = (endian: 'little' | 'big' = 'little') =>
  new Memory(endian, new WebAssembly.Memory({ initial: 1 }));
/** Where the first thing that is allocated lies: behind the registers and the table of regions. */
const START = fresh().top;
/** What fills a page together with that. */
const REST = 65_536 - START;
const info = (kind: RegionKind = 'memory', name = 'memory', origin = 0): RegionInfo => ({
  kind,
  id: () => ({ kind: 'other', name }),
  name: () => name,
  origin,
});
const at = (memory: Memory, value: bigint, size: number, right: number): number =>
  locate(memory, Number(value >> 32n), Number(value & 0xffff_ffffn), size, right);

describe('an address', () => {
  test('names its region in the upper half and the offset, never 0, in the lower', () => {
    expect(address(1)).toBe(0x1001_0001_0000n);
    expect(address(2, 14)).toBe(0x1002_0001_000en);
    expect(address(3, -8)).toBe(0x1003_0000_fff8n);
    expect(address(3, -0x1_0000)).toBe(0x1003_0000_0000n);
  });
  test('of what is no region names none', () => {
    const memory = fresh();
    memory.addRegion(info(), 0, 8, READ);
    expect(
      [0, 0xfff, 0x1000, 0x1001, 0x1002, 0xffff_ffff].map((high) => regionOf(memory, high)),
    ).toEqual([0, 0, 0, 1, 0, 0]);
  });
  test('offsets are written with their sign', () =>
    expect([-1, 0, 1].map(signedOffset)).toEqual(['-1', '+0', '+1']));
});

describe('taking room', () => {
  test('starts at multiples of 8, in order, and is zeroed', () => {
    const memory = fresh();
    memory.bytes.fill(0xff, START, START + 64);
    const places = [1, 8, 9, 0, 16].map((size) => memory.allocate(size, 'x'));
    expect(places).toEqual([0, 8, 16, 32, 32].map((offset) => START + offset));
    expect(memory.top).toBe(START + 48);
    expect([...memory.bytes.subarray(START, START + 48)]).toEqual(new Array(48).fill(0));
    expect(memory.bytes[START + 48]).toBe(0xff);
  });
  test('the views see what has grown, and what was there stays', () => {
    const memory = fresh();
    const first = memory.allocate(8, 'x');
    memory.bytes[first] = 7;
    const start = memory.allocate(65_536, 'x');
    expect(start).toBe(START + 8);
    expect(memory.bytes.length).toBe(131_072);
    expect(memory.words.length).toBe(131_072 / 4);
    expect(memory.longs.length).toBe(131_072 / 8);
    expect(memory.view.byteLength).toBe(131_072);
    expect(memory.bytes[first]).toBe(7);
    memory.bytes[start + 65_535] = 9;
    expect(memory.view.getUint8(start + 65_535)).toBe(9);
  });
  test('exactly what is there does not grow it', () => {
    const memory = fresh();
    memory.allocate(REST, 'x');
    expect(memory.bytes.length).toBe(65_536);
    memory.allocate(8, 'x');
    expect(memory.bytes.length).toBe(131_072);
  });
  test('more than the limit is refused by name', () => {
    const memory = fresh();
    memory.allocate(8, 'x');
    const says = (size: number) =>
      `map hits: needs ${size} bytes, more than the ${MEMORY_LIMIT} bytes of guest memory left`;
    for (const size of [MEMORY_LIMIT - START - 7, MEMORY_LIMIT + 1, 2 ** 32]) {
      expect(() => memory.allocate(size, 'map hits')).toThrow(InputError);
      expect(() => memory.allocate(size, 'map hits')).toThrow(says(size));
    }
    expect(memory.top).toBe(START + 8);
    expect(MEMORY_LIMIT).toBe(512 * 1024 * 1024);
  });
  test('the byte order is what it was made with', () => {
    expect([fresh('little').littleEndian, fresh('big').littleEndian]).toEqual([true, false]);
  });
});

describe('an access', () => {
  const memory = fresh();
  const base = memory.allocate(64, 'x');
  const both = memory.addRegion(info(), base + 8, 16, READ | WRITE);
  const readOnly = memory.addRegion(info(), base + 24, 8, READ);
  const writeOnly = memory.addRegion(info(), base + 32, 8, WRITE);
  const none = memory.addRegion(info(), base + 40, 8, 0);

  test.each([
    ['the first byte', 0, 1, base + 8],
    ['the last byte', 15, 1, base + 23],
    ['all bytes', 0, 16, base + 8],
    ['one in front', -1, 1, -1],
    ['one behind', 16, 1, -1],
    ['half behind', 15, 2, -1],
    ['half in front', -1, 2, -1],
    ['no byte at the end', 16, 0, base + 24],
    ['no byte behind the end', 17, 0, -1],
    ['64 KB in front', -0x1_0000, 1, -1],
    ['64 KB and a byte in front', -0x1_0001, 1, -1],
  ])('%s', (_title, offset, size, place) => {
    for (const right of [READ, WRITE])
      expect(at(memory, address(both, 0) + BigInt(offset), size, right)).toBe(place);
  });
  test('rights are those of the region', () => {
    const rights = [both, readOnly, writeOnly, none].map((id) =>
      [READ, WRITE].map((right) => at(memory, address(id), 8, right) >= 0),
    );
    expect(rights).toEqual([
      [true, true],
      [true, false],
      [false, true],
      [false, false],
    ]);
  });
  test('the tables of the interpreter say the same: base, length to read, length to write', () => {
    const row = (id: number) => [...memory.regions.subarray(4 * id, 4 * id + 4)];
    expect(row(both)).toEqual([base + 8, 16, 16, 0]);
    expect(row(readOnly)).toEqual([base + 24, 8, 0, 0]);
    expect(row(writeOnly)).toEqual([base + 32, 0, 8, 0]);
    expect(row(none)).toEqual([base + 40, 0, 0, 0]);
    expect(row(0)).toEqual([0, 0, 0, 0]);
  });
  test('an offset outside 32 bits carries into the region', () => {
    const high = 0x1000 + both;
    expect(locate(memory, high + 1, 0x1_0000 - 0x1_0000_0000, 1, READ)).toBe(base + 8);
    expect(locate(memory, high - 1, 0x1_0001_0000, 1, READ)).toBe(base + 8);
    expect(locate(memory, high - 1, 0x1_0001_000f, 1, READ)).toBe(base + 23);
    expect(locate(memory, high, -1, 1, READ)).toBe(-1);
    expect(locate(memory, high, 0xffff_ffff, 1, READ)).toBe(-1);
  });
  test('region 0 and regions that are not there have no bytes', () => {
    expect(at(memory, address(0), 0, READ)).toBe(-1);
    expect(at(memory, address(none + 1), 0, READ)).toBe(-1);
    expect(locate(memory, 0, 0, 1, READ)).toBe(-1);
  });
});

describe('a region that is retired', () => {
  test('can no longer be reached, and says what it was', () => {
    const memory = fresh();
    const id = memory.addRegion(
      info('packet', 'packet', 14),
      memory.allocate(8, 'x'),
      8,
      READ | WRITE,
    );
    memory.retire(id);
    expect([READ, WRITE].map((right) => at(memory, address(id), 1, right))).toEqual([-1, -1]);
    expect([...memory.regions.subarray(4 * id + 1, 4 * id + 3)]).toEqual([0, 0]);
    expect(memory.info[id]).toMatchObject({
      kind: 'stale',
      was: 'a pointer from before the packet was moved',
    });
    expect(nameAddress(memory, address(id, 2))).toBe('packet+16');
    memory.retire(id, 'the packet of an earlier run');
    expect(memory.info[id].was).toBe('the packet of an earlier run');
  });
  test('its neighbours stay', () => {
    const memory = fresh();
    const base = memory.allocate(24, 'x');
    const ids = [0, 8, 16].map((offset) =>
      memory.addRegion(info(), base + offset, 8, READ | WRITE),
    );
    memory.retire(ids[1]);
    expect(ids.map((id) => at(memory, address(id), 8, WRITE))).toEqual([base, -1, base + 16]);
  });
});

test('more regions than the tables had room for are as the first ones', () => {
  const memory = fresh();
  const base = memory.allocate(8 * 200, 'x');
  const ids = Array.from({ length: 200 }, (_, i) =>
    memory.addRegion(info('memory', `r${i}`), base + 8 * i, 8, i % 2 === 0 ? READ : READ | WRITE),
  );
  expect(ids).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  for (const [i, id] of ids.entries()) {
    expect(at(memory, address(id), 8, READ)).toBe(base + 8 * i);
    expect(at(memory, address(id), 8, WRITE)).toBe(i % 2 === 0 ? -1 : base + 8 * i);
    expect([...memory.regions.subarray(4 * id, 4 * id + 3)]).toEqual([
      base + 8 * i,
      8,
      i % 2 === 0 ? 0 : 8,
    ]);
    expect(nameAddress(memory, address(id))).toBe(`r${i}+0`);
  }
});

describe('registers and the table of regions lie in linear memory', () => {
  test('registers from its start, the low half first', () => {
    const memory = fresh();
    memory.registers[10] = 0x1_0000_0002n;
    expect([...memory.halves.subarray(20)]).toEqual([2, 1]);
    expect([...memory.words.subarray(20, 22)]).toEqual([2, 1]);
    expect(memory.registers.length).toBe(11);
  });
  test('the table where two words say, also when it had to move', () => {
    const memory = fresh();
    const row = (id: number) => {
      const table = memory.words[TABLE_AT >> 2] >> 2;
      return [...memory.words.subarray(table + 4 * id, table + 4 * id + 4)];
    };
    const room = () => memory.words[(TABLE_AT >> 2) + 1];
    const id = memory.addRegion(info(), 64, 8, READ);
    const [place, first] = [memory.words[TABLE_AT >> 2], room()];
    while (memory.info.length <= first) memory.addRegion(info(), 0, 0, 0);
    expect(memory.words[TABLE_AT >> 2]).not.toBe(place);
    expect(room()).toBe(2 * first);
    expect(row(id)).toEqual([64, 8, 0, 0]);
    expect([...memory.regions.subarray(4 * id, 4 * id + 4)]).toEqual(row(id));
  });
  test('a region may let memory grow: registers and bytes stay', () => {
    const memory = fresh();
    memory.allocate(REST, 'x');
    memory.registers[3] = 7n;
    while (memory.bytes.length === 65_536) memory.addRegion(info(), 0, 0, 0);
    expect(memory.registers[3]).toBe(7n);
    expect(memory.halves[6]).toBe(7);
  });
  test('going back to before the table moved: its old place holds it again', () => {
    const memory = fresh();
    const id = memory.addRegion(info(), START, 8, READ);
    const image = memory.save();
    const place = memory.words[TABLE_AT >> 2];
    for (let n = 0; n < 200; n++) memory.addRegion(info(), START, 8, WRITE);
    memory.restore(image);
    expect(memory.words[TABLE_AT >> 2]).toBe(place);
    expect(at(memory, address(id), 8, READ)).toBe(START);
    expect(memory.addRegion(info(), START, 4, READ)).toBe(id + 1);
    expect([...memory.regions.subarray(4 * id, 4 * id + 8)]).toEqual([
      START,
      8,
      0,
      0,
      START,
      4,
      0,
      0,
    ]);
  });
});

describe('what never changes', () => {
  test('is in no image, and what lies around it is', () => {
    const memory = fresh();
    const before = memory.allocate(8, 'x');
    let place = 0;
    memory.placeConstants(16, 'the code', (words, first) => {
      place = first;
      words.fill(7);
    });
    expect(place * 4).toBeGreaterThanOrEqual(before + 8);
    const behind = memory.allocate(8, 'x');
    memory.bytes[before] = 1;
    memory.bytes[behind] = 2;
    const image = memory.save();
    expect(image.bytes.length).toBe(memory.top - 16);
    expect([before, behind].map((at) => image.bytes[memory.imageOffset(at)])).toEqual([1, 2]);
    memory.bytes[before] = 3;
    memory.bytes[behind] = 4;
    memory.restore(image);
    expect([memory.bytes[before], memory.bytes[behind]]).toEqual([1, 2]);
    expect(memory.words[place]).toBe(7);
    expect(memory.top).toBe(behind + 8);
  });
  test('has scratch bytes behind it, which images leave as they are', () => {
    const memory = fresh();
    memory.placeConstants(8, 'the code', (words) => words.fill(7), 64);
    const { start, size } = memory.scratch;
    expect(size).toBe(64);
    const behind = memory.allocate(8, 'x');
    expect(behind).toBe(start + size);
    memory.bytes[behind] = 2;
    const image = memory.save();
    expect(image.bytes[memory.imageOffset(behind)]).toBe(2);
    memory.bytes.fill(9, start, start + size);
    memory.bytes[behind] = 3;
    memory.restore(image);
    expect(memory.bytes[behind]).toBe(2);
    expect([...memory.bytes.subarray(start, start + size)]).toEqual(Array(64).fill(9));
  });
  test('lies clear of the addresses of registers', () => {
    const memory = fresh();
    memory.allocate(5000, 'x');
    memory.placeConstants(8, 'the code', (_, first) => expect((first * 4) % 4096).toBe(256));
  });
  test('comes back with an image when another session has used the memory', () => {
    const linear = new WebAssembly.Memory({ initial: 1 });
    const memory = new Memory('little', linear);
    let place = 0;
    memory.placeConstants(8, 'the code', (words, first) => {
      place = first;
      words.fill(7);
    });
    const id = memory.addRegion(info(), START, 8, READ);
    const image = memory.save();
    new Memory('little', linear).allocate(200_000, 'x');
    memory.restore(image);
    expect(memory.words[place]).toBe(7);
    expect(memory.bytes.length).toBe(linear.buffer.byteLength);
    expect(at(memory, address(id), 8, READ)).toBe(START);
  });
});

describe('saving and going back', () => {
  test('bytes, regions, rights, names and the room taken are as they were', () => {
    const memory = fresh();
    const base = memory.allocate(16, 'x');
    const first = memory.addRegion(info('packet', 'packet'), base, 8, READ | WRITE);
    const second = memory.addRegion(info('memory', 'value'), base + 8, 8, READ);
    memory.bytes[base] = 5;
    const image = memory.save();

    memory.bytes[base] = 6;
    memory.retire(first);
    memory.allocate(64, 'x');
    const moved = memory.addRegion(info('packet', 'packet'), base + 4, 4, READ | WRITE);
    memory.base[second] = 77;
    memory.length[second] = 1;
    memory.restore(image);

    expect(memory.bytes[base]).toBe(5);
    expect(memory.top).toBe(START + 16);
    expect(at(memory, address(first), 8, WRITE)).toBe(base);
    expect(at(memory, address(second), 8, READ)).toBe(base + 8);
    expect([...memory.regions.subarray(4 * second, 4 * second + 3)]).toEqual([base + 8, 8, 0]);
    expect(memory.info.map(({ kind }) => kind)).toEqual(['stale', 'packet', 'memory']);
    expect(at(memory, address(moved), 1, READ)).toBe(-1);
    expect([...memory.regions.subarray(4 * moved + 1, 4 * moved + 3)]).toEqual([0, 0]);
    expect(memory.save()).toEqual(image);
  });
  test('an image is a copy: what comes later does not change it', () => {
    const memory = fresh();
    const base = memory.allocate(8, 'x');
    const id = memory.addRegion(info(), base, 8, READ);
    const image = memory.save();
    memory.bytes[base] = 9;
    memory.retire(id);
    memory.base[id] = 1;
    expect(image.bytes[base]).toBe(0);
    expect(image.rights[id]).toBe(READ);
    expect(image.base[id]).toBe(base);
    expect(image.info[id].kind).toBe('memory');
  });
});

describe('the name of an address', () => {
  const memory = fresh();
  const base = memory.allocate(1024, 'x');
  const packet = memory.addRegion(info('packet', 'packet', 14), base, 40, READ);
  const stack = memory.addRegion(info('stack', 'stack', -512), base, 512, READ | WRITE);
  const map = memory.addRegion(info('map', 'map hits'), 0, 0, 0);
  const callback = memory.addRegion(info('function', 'function at 3', -24), 0, 0, 0);

  test.each([
    ['the first byte of data', address(packet), 'packet+14'],
    ['the last', address(packet, 39), 'packet+53'],
    ['in front of it', address(packet, -20), 'packet-6'],
    ['far behind it', address(packet, 100_000), 'packet+100014'],
    ['r10', address(stack, 512), 'stack+0'],
    ['below it', address(stack, 504), 'stack-8'],
    ['a map', address(map), 'map hits'],
    ['behind its address', address(map, 4), 'map hits+4'],
    ['in front of it', address(map, -4), 'map hits-4'],
    ['a function', address(callback, 24), 'function at 3'],
    ['behind its first byte', address(callback, 32), 'function at 3+8'],
    ['in front of it', address(callback, 16), 'function at 3-8'],
  ])('%s', (_title, value, name) => expect(nameAddress(memory, value)).toBe(name));
  test.each([
    ['NULL', 0n],
    ['a number', 0x1234_5678n],
    ['no region of this memory', address(callback + 1)],
    ['region 0', address(0)],
  ])('%s has none', (_title, value) => expect(nameAddress(memory, value)).toBeUndefined());

  test('an address in front of a region is near it, as far as 64 KB and a mebibyte before', () => {
    const start = address(stack);
    const near = (before: number) => nearestRegion(memory, start - BigInt(before));
    expect(near(0)).toEqual({ id: stack, offset: 0 });
    expect(near(1)).toEqual({ id: stack, offset: -1 });
    expect(near(0x1_0000)).toEqual({ id: stack, offset: -0x1_0000 });
    // From here on the upper half is that of the region before.
    expect(near(0x1_0001)).toEqual({ id: stack, offset: -0x1_0001 });
    expect(near(0x1_0000 + (1 << 20))).toEqual({ id: stack, offset: -0x1_0000 - (1 << 20) });
    expect(near(0x1_0001 + (1 << 20))).toEqual({
      id: packet,
      offset: 0xffff_ffff - 0x1_0000 - (1 << 20),
    });
  });
  test('behind the last region there is none to be near to', () => {
    expect(nearestRegion(memory, address(callback) + 0xfffe_ffffn)).toEqual({
      id: callback,
      offset: 0xfffe_ffff,
    });
    expect(nearestRegion(memory, address(packet) - 0x1_0001n)).toEqual({
      id: packet,
      offset: -0x1_0001,
    });
  });
});

describe('regions of a run', () => {
  const passing = (memory: Memory, count: number): number[] =>
    Array.from({ length: count }, () => memory.addPassing(info('packet', 'packet'), 64, 8, READ));
  const none = () => false;
  test('are stale when it is over, but those that something holds', () => {
    const memory = fresh();
    const [held, gone] = passing(memory, 2);
    expect(memory.endRun((id) => id === held)).toEqual([gone]);
    expect(at(memory, address(held), 8, READ)).toBe(64);
    expect(at(memory, address(gone), 8, READ)).toBe(-1);
    expect(memory.info[gone]).toMatchObject({ kind: 'stale', was: 'the packet of an earlier run' });
    // What is held is no longer of a run.
    expect(memory.endRun(none)).toEqual([]);
  });
  test('take their ids from those of runs that are long over: the table stays as it is', () => {
    const memory = fresh();
    const sizes = new Set<number>();
    for (let run = 0; run < 5000; run++) {
      passing(memory, 3);
      memory.endRun(none);
      if (run > 100) sizes.add(memory.info.length);
    }
    expect([...sizes]).toEqual([260]);
  });
  test('a pointer of one of the last runs is stale', () => {
    const memory = fresh();
    const recent: number[] = [];
    for (let run = 0; run < 2000; run++) {
      const ids = passing(memory, 3);
      for (const id of recent) expect(memory.rights[id]).toBe(0);
      recent.push(...ids);
      if (recent.length > 250) recent.splice(0, 3);
      memory.endRun(none);
    }
  });
  test('are put back with an image, and those that rest', () => {
    const memory = fresh();
    const [first] = passing(memory, 1);
    const image = memory.save();
    memory.endRun(none);
    const taken = passing(memory, 300);
    memory.endRun(none);
    memory.restore(image);
    expect(at(memory, address(first), 8, READ)).toBe(64);
    expect(passing(memory, 300)).toEqual(taken);
    expect(memory.endRun(none)).toContain(first);
  });
});

describe('ids of runs to come', () => {
  /** A run that takes so many. */
  const run = (memory: Memory, count: number): number[] => {
    memory.endRun(() => false);
    return Array.from({ length: count }, () => memory.addPassing(info(), START, 8, READ));
  };

  test.each([1, 2])('are told in turn, and taken as if runs had been: %i each', (each) => {
    const memory = fresh();
    while (memory.idsToCome(each) === undefined) run(memory, each);
    const ids = memory.idsToCome(each)!;
    const taken = Array.from({ length: 300 }, () => run(memory, each)).flat();
    expect(taken).toEqual(taken.map((_, i) => ids[i % ids.length]));
    const other = fresh();
    while (other.idsToCome(each) === undefined) run(other, each);
    other.takeIds(ids, taken.length % ids.length, each);
    expect(other.idsToCome(each)).toEqual(memory.idsToCome(each));
    expect(run(other, each)).toEqual(run(memory, each));
  });
});
