import { expect, test } from 'vitest';
import { ByteReader } from '../../bytes/reader.ts';
import { LineFiles, type NameBudget } from './line-files.ts';
import { Cursor, type DebugSection } from './sections.ts';

const FORM_STRING = 0x08;
const FORM_UDATA = 0x0f;
const PATH = 1;
const DIRECTORY = 2;

const cursorOver = (...bytes: number[]): Cursor =>
  new Cursor(
    {
      reader: new ByteReader(Uint8Array.from(bytes), 'little', (offset) => `at ${offset}`),
    } as DebugSection,
    0,
  );
const text = (value: string): number[] => [...value].map((c) => c.charCodeAt(0)).concat(0);

/** The tables of a header of DWARF 5 (6.2.4): how columns are written, how many rows, the rows. */
function files(budget: NameBudget, ...bytes: number[]): { files: LineFiles; cursor: Cursor } {
  const cursor = cursorOver(...bytes);
  const read = new LineFiles(cursor, {
    version: 5,
    addressBytes: 8,
    offsetBytes: 4,
    strings: () => {
      throw new Error('no strings here');
    },
    directory: '',
    budget,
  });
  return { files: read, cursor };
}
const fresh = (): NameBudget => ({ names: 0, text: 0 });

test('a path is its directory and its name', () => {
  const budget = fresh();
  const { files: read, cursor } = files(
    budget,
    ...[1, PATH, FORM_STRING, 2, ...text('/src'), ...text('net')],
    ...[2, PATH, FORM_STRING, DIRECTORY, FORM_UDATA, 3],
    ...[...text('a.c'), 0, ...text('b.h'), 1, ...text('/abs.h'), 1],
  );
  expect([0, 1, 2, 3].map((number) => read.path(cursor, number))).toEqual([
    '/src/a.c',
    '/src/net/b.h',
    '/abs.h',
    '',
  ]);
  // Two directories of one column, three files of two.
  expect(budget.names).toBe(2 + 6);
  expect(budget.text).toBe('/src/a.c/src/net/b.h/abs.h'.length);
});

test('rows without columns take no bytes, and are counted all the same', () => {
  const budget = fresh();
  files(budget, ...[0, 5], ...[0, 2]);
  expect(budget.names).toBe(7);
});

test('more rows than an object may have are refused before they are made', () => {
  const MANY = [0x80, 0x80, 0x80, 0x80, 0x04];
  const said = 'more than 262144 directories and files';
  expect(() => files(fresh(), 0, ...MANY)).toThrow(said);
  expect(() => files(fresh(), 1, PATH, FORM_STRING, ...MANY)).toThrow(said);
});

test('paths of an object take 16 MiB together, and no more', () => {
  const name = 'x'.repeat(100);
  const budget = { names: 0, text: (16 << 20) - 101 };
  const bytes = [1, PATH, FORM_STRING, 1, 0, 1, PATH, FORM_STRING, 2];
  const { files: read, cursor } = files(budget, ...bytes, ...text(name), ...text('yy'));
  expect(read.path(cursor, 0)).toBe(name);
  // Asked for again it takes nothing.
  expect(read.path(cursor, 0)).toBe(name);
  expect(budget.text).toBe((16 << 20) - 1);
  expect(() => read.path(cursor, 1)).toThrow('more than 16777216 characters of paths');
});
