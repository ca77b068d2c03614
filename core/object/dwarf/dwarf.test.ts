import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseElf } from '../elf/elf.ts';
import { expressionText, type Location } from './location.ts';
import { type DebugInfo, type DebugScope, type DebugVariable, readDebugInfo } from './scopes.ts';
import { offsetOf } from './sections.ts';

/** As core/testdata/objects/record-dwarf.mjs writes them. */
type RecordedPlace = [expression: string] | [start: number, end: number, expression: string];
type RecordedVariable = [name: string, type: string, places: RecordedPlace[]];
type RecordedScope = [
  kind: string,
  name: string,
  ranges: [number, number][],
  RecordedVariable[],
  RecordedScope[],
];

const FOLDER = join(import.meta.dirname, '../../testdata/objects');
const RECORDED: Record<string, { globals: RecordedVariable[]; functions: RecordedScope[] }> =
  JSON.parse(readFileSync(join(FOLDER, 'dwarf.json'), 'utf8'));
const FILES = Object.keys(RECORDED);
const debugInfo = (file: string): DebugInfo =>
  readDebugInfo(parseElf(new Uint8Array(readFileSync(join(FOLDER, file)))));

/**
 * llvm-dwarfdump relocates no address in an expression, which before DWARF 5 is where globals have
 * theirs.
 */
const plainPlace = (text: string): string => text.replace(/DW_OP_addr 0x[0-9a-f]+/, 'DW_OP_addr');

function place({ range, operations }: Location): RecordedPlace {
  const text = plainPlace(expressionText(operations));
  return range ? [offsetOf(range.start), offsetOf(range.end), text] : [text];
}

/**
 * llvm-dwarfdump writes neither `struct` nor what stands in an anonymous one, and spaces its own
 * way.
 */
const plainType = (text: string): string =>
  text
    .replace(
      /\b(struct|union|enum) \{.*\}/g,
      (_, word) => ({ struct: 'structure', union: 'union', enum: 'enumeration' })[word as string]!,
    )
    .replace(/\b(struct|union|enum) (?=\w)/g, '')
    .replaceAll(/\s/g, '')
    .replace(/\(void\)$/, '()');

const variableText =
  ({ types }: DebugInfo) =>
  ({ name, type, locations, constant }: DebugVariable): RecordedVariable => [
    name,
    plainType(type === 0 ? '' : types.declaration(type)),
    constant === undefined ? locations.map(place) : [[`constant ${constant}`]],
  ];

const scopeText = (
  info: DebugInfo,
  { kind, name, ranges, variables, scopes }: DebugScope,
): RecordedScope => [
  kind,
  name,
  ranges.map(({ start, end }) => [offsetOf(start), offsetOf(end)]),
  variables.filter(({ dropped }) => !dropped).map(variableText(info)),
  scopes.map((scope) => scopeText(info, scope)),
];

const plainVariable = ([name, type, places]: RecordedVariable): RecordedVariable => [
  name,
  plainType(type),
  places.map((found) => (found.length === 1 ? [plainPlace(found[0])] : found)),
];
const plainScope = ([kind, name, ranges, variables, scopes]: RecordedScope): RecordedScope => [
  kind,
  name,
  ranges,
  variables.map(plainVariable),
  scopes.map(plainScope),
];

test.each(FILES)(
  '%s: functions, variables, types, ranges and locations are those llvm-dwarfdump reads',
  (file) => {
    const info = debugInfo(file);
    const { globals, functions } = RECORDED[file];
    expect(info.warnings).toEqual([]);
    expect(info.globals.map(variableText(info))).toEqual(globals.map(plainVariable));
    expect(info.functions.map((scope) => scopeText(info, scope))).toEqual(
      functions.map(plainScope),
    );
  },
);

test('over all objects', () => {
  const counts = {
    objects: FILES.length,
    functions: 0,
    inlined: 0,
    variables: 0,
    globals: 0,
    locations: 0,
  };
  const visit = ([kind, , , variables, scopes]: RecordedScope): void => {
    counts.functions += kind === 'function' ? 1 : 0;
    counts.inlined += kind === 'inlined' ? 1 : 0;
    counts.variables += variables.length;
    counts.locations += variables.reduce((sum, [, , places]) => sum + places.length, 0);
    scopes.forEach(visit);
  };
  for (const { globals, functions } of Object.values(RECORDED)) {
    counts.globals += globals.length;
    functions.forEach(visit);
  }
  console.info('DWARF compared with llvm-dwarfdump-19:', counts);
  expect(counts.variables).toBeGreaterThan(100);
});
