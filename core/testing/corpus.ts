import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The objects of core/testdata/objects and what other tools say about them; see build.sh and
 * record.mjs there.
 */
const FOLDER = join(import.meta.dirname, '../testdata/objects');

/** File names of all objects, or of those a pattern matches. */
export const objectNames = (pattern = /\.o$/): string[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.o') && pattern.test(name))
    .sort();

export const readObject = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(FOLDER, name)));

/** file -> section -> function -> [hex bytes, text] */
export type Disassembly = Record<
  string,
  Record<string, Record<string, [hex: string, text: string][]>>
>;

/** A line of `llvm-readelf -S -s -r` as an array. */
export interface ElfFacts {
  sections: [name: string, type: string, offset: number, size: number, flags: string][];
  symbols: [
    name: string,
    type: string,
    binding: string,
    visibility: string,
    section: string,
    value: number,
    size: number,
  ][];
  relocations: [section: string, offset: number, type: string, symbol: string][];
}

/** What was recorded in one of the JSON files. */
export const recorded = <T>(name: 'objdump' | 'readelf' | 'btf' | 'btf-c'): Record<string, T> =>
  JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
