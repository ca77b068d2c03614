import { expect, test } from 'vitest';
import { hasLineInfo, parseBtfExt } from './ext.ts';

const strings = { at: (offset: number) => `string ${offset}` } as never;
/** A section of 32-bit words behind magic number, version, flags and the length of its header. */
const section = (headerBytes: number, ...words: number[]): Uint8Array =>
  new Uint8Array(Uint32Array.of(0x0001_eb9f, headerBytes, ...words).buffer);

// include/uapi/linux/btf.h: struct btf_ext_header; libbpf_internal.h: core_relo_off and
// core_relo_len came later.
test('a header of 24 bytes, as older compilers write it, has no CO-RE relocations', () => {
  // One line of section 5: record size 16, section, count, then the record.
  const lines = [16, 5, 1, 8, 1, 2, (3 << 10) | 4];
  const read = parseBtfExt(section(24, 0, 0, 0, 4 * lines.length, ...lines), 'little', strings);
  expect(read.coreRelocations).toEqual([]);
  expect([...read.lines.values()].flat()).toMatchObject([
    { offset: 8, file: 'string 1', text: 'string 2', line: 3, column: 4 },
  ]);
});

test('one of 32 bytes has those it says', () => {
  const relocations = [16, 5, 1, 24, 7, 9, 8];
  const read = parseBtfExt(
    section(32, 0, 0, 0, 0, 0, 4 * relocations.length, ...relocations),
    'little',
    strings,
  );
  expect(read.coreRelocations).toEqual([
    { section: 'string 5', offset: 24, type: 7, access: 'string 9', kind: 8 },
  ]);
});

test('lines are there where their table is more than the size of a record', () => {
  const of = (bytes: number) => hasLineInfo(section(24, 0, 0, 0, bytes, 16, 0), 'little');
  expect([of(0), of(4), of(8)]).toEqual([false, false, true]);
  expect(hasLineInfo(section(24, 0, 0, 0), 'little')).toBe(false);
});
