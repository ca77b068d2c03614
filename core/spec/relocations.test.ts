import { expect, test } from 'vitest';
import {
  CORE_RELOCATIONS,
  coreRelocationRow,
  RELOCATIONS,
  relocationName,
  relocationRow,
} from './relocations.ts';

test('every number and every name stands once, and every row says what it is', () => {
  for (const table of [RELOCATIONS, CORE_RELOCATIONS]) {
    expect(new Set(table.map((row) => row.number)).size).toBe(table.length);
    expect(new Set(table.map((row) => row.name)).size).toBe(table.length);
    expect(table.every((row) => row.doc.endsWith('.'))).toBe(true);
  }
});

test('the 13 kinds of enum bpf_core_relo_kind are numbered from 0', () => {
  expect(CORE_RELOCATIONS.map((row) => row.number)).toEqual(
    Array.from({ length: 13 }, (_, number) => number),
  );
  expect(coreRelocationRow(13)).toBeUndefined();
});

test('a number without a row is called by its number', () => {
  expect(relocationName(10)).toBe('R_BPF_64_32');
  expect(relocationName(77)).toBe('type 77');
  expect(relocationRow(77)).toBeUndefined();
});
