import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';
import { fingerprint } from '../session/outcome.ts';
import { Random } from '../testing/random.ts';
import type { Btf } from './btf/btf.ts';
import { formatValue } from './btf/format.ts';
import { valueJson } from './btf/json.ts';
import type { TypeTable } from './btf/type-table.ts';
import { parseValue } from './btf/value.ts';
import { readDebugLines } from './dwarf/lines.ts';
import { type DebugScope, readDebugInfo } from './dwarf/scopes.ts';
import { parseElf } from './elf/elf.ts';
import { stripBtf, stripDebug, stripDebugButVariables } from './elf/strip.ts';
import { loadObject } from './load.ts';

const TESTDATA = join(import.meta.dirname, '../testdata');
const objectsIn = (folder: string): string[] =>
  readdirSync(join(TESTDATA, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.o'))
    .map((file) => `${folder}/${file}`)
    .sort();
const OBJECTS = [
  ...['cases', 'core-relocations', 'debug'].flatMap(objectsIn),
  ...objectsIn('objects').filter((_, i) => i % 8 === 0),
];
const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(join(TESTDATA, path)));

/** As text, without what is looked at on its own. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (key, part) =>
    key === 'btf' || key === 'types'
      ? undefined
      : typeof part === 'bigint'
        ? `${part}n`
        : part instanceof Uint8Array
          ? toHex(part)
          : part instanceof Map
            ? [...part]
            : part instanceof InputError
              ? part.message
              : part,
  );
const short = (text: string): string => fingerprint(text).slice(0, 6);

/** What is read, or why it is not. */
function attempt(read: () => unknown): string {
  try {
    return textOf(read()) ?? '';
  } catch (error) {
    if (error instanceof InputError) return `refused, ${error.message}`;
    throw error;
  }
}

/** Types of an object that are looked at. */
const MOST_TYPES = 120;
/** Bytes of a value, with text, small numbers, the ends of signed ones, and zeros. */
const VALUE = Uint8Array.from({ length: 64 }, (_, i) => [65, 98, 0, 1, 255, 127, 128, 10][i % 8]);
const TYPED = ['1', '-1', '0x80', 'true', "'a'", '"ab"', '[1, 2]', '01 02', '1.2.3.4', 'x', '256'];

const declared = (types: TypeTable, id: number): unknown => [
  types.declaration(id, ''),
  types.declaration(id, 'x'),
  types.sizeOf(id),
  types.members(id).length,
];
const typesOf = (btf: Btf, endian: 'little' | 'big'): unknown =>
  btf.types
    .slice(0, MOST_TYPES)
    .map((type) => [
      type,
      declared(btf, type.id),
      attempt(() => formatValue(btf, type.id, VALUE, endian, { name: 'x' })),
      attempt(() => formatValue(btf, type.id, VALUE.subarray(0, 5), endian)),
      attempt(() => valueJson(btf, type.id, VALUE, endian)),
      TYPED.map((text) =>
        attempt(() =>
          parseValue(
            text,
            { btf, type: type.id, size: Math.min(64, btf.sizeOf(type.id) ?? 0), endian },
            'value',
          ),
        ),
      ),
    ]);

function debugOf(bytes: Uint8Array): unknown {
  const info = readDebugInfo(parseElf(bytes));
  const typed = (scope: DebugScope): unknown => [
    scope.variables.map(({ type }) => [
      declared(info.types, type),
      attempt(() => formatValue(info.types, type, VALUE, 'little')),
    ]),
    scope.scopes.map(typed),
  ];
  return [
    info,
    info.functions.map(typed),
    info.globals.map(({ type }) => declared(info.types, type)),
  ];
}

const READERS: readonly ((bytes: Uint8Array) => unknown)[] = [
  (bytes) => debugOf(bytes),
  (bytes) => readDebugLines(parseElf(bytes)),
  (bytes) => [stripDebug(bytes), stripDebugButVariables(bytes), stripBtf(bytes)],
];

/**
 * Each part is compared with llvm-readelf, llvm-dwarfdump, bpftool or libbpf elsewhere; this keeps
 * the whole of what is read of objects: as a file, types and values of them, variables, lines, and
 * the file without them.
 */
test('all that is read of objects', async () => {
  const lines: string[] = [];
  for (const path of OBJECTS) {
    const bytes = bytesOf(path);
    if (bytes[5] !== 1 && bytes[5] !== 2) continue;
    try {
      const object = await openObject(inputsFor(basename(path), bytes));
      const parts = [
        attempt(() => object.btf && typesOf(object.btf, object.endian)),
        ...READERS.map((read) => attempt(() => read(bytes))),
      ].map(short);
      lines.push(`${path} ${short(textOf({ ...object, bytes: undefined }))} ${parts.join(' ')}`);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      lines.push(`${path} refused, ${error.message}`);
    }
  }
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(
    join(TESTDATA, 'inspected/whole-objects.txt'),
  );
});

const STRUCTURED = /^\.(?:BTF|BTF\.ext|maps|rel.*|symtab|strtab|debug_.*|data|rodata|bss)$|^maps$/;
/** Copies of each object. */
const TRIES = 20;

function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  const sections = parseElf(bytes).sections.filter(
    ({ name, size }) => STRUCTURED.test(name) && size > 0,
  );
  const { offset, size } = random.pick(sections);
  const at = offset + random.below(random.chance(2) ? Math.min(size, 64) : size);
  const values = [0, 1, 0x7f, 0x80, 0xff, bytes[at] + 1, bytes[at] - 1, random.below(256)];
  return at < bytes.length ? bytes.with(at, random.pick(values)) : bytes;
}

/** What is said, whatever numbers and names it is said with. */
const form = (text: string): string =>
  text.replace(/"[^"]*"/g, '"…"').replace(/(?:0x)?\b[0-9a-f]*\d[0-9a-fx]*\b/g, 'N');

test('all that is read of damaged objects', async () => {
  const random = new Random(41);
  const chosen = OBJECTS.filter(
    (path) =>
      /debug\/(?:locals|versions|printed-1.*19-O2-v3)|cases\/(?:g2|m1|ten|typedmaps)\./.test(
        path,
      ) || /core-relocations\/(?:values|kernel)\.clang-19/.test(path),
  ).filter((path) => bytesOf(path)[5] === 1);
  const said = new Map<string, string>();
  const lines = chosen.map((path) => {
    const prints = Array.from({ length: TRIES }, () => {
      const bytes = damaged(bytesOf(path), random);
      const loaded = attempt(() => {
        const object = loadObject(path, bytes);
        for (const warning of object.warnings) said.set(form(warning), warning);
        return [
          { ...object, bytes: undefined },
          object.btf?.types.map(({ id }) => declared(object.btf!, id)),
          READERS.map((read) => attempt(() => read(bytes))),
        ];
      });
      if (loaded.startsWith('refused')) said.set(form(loaded), loaded);
      const debug = attempt(() => {
        for (const warning of readDebugInfo(parseElf(bytes)).warnings)
          said.set(form(warning), warning);
      });
      return short(loaded + debug);
    });
    return `${path} ${prints.join(' ')}`;
  });
  await expect(`${[...lines, ...[...said.values()].sort()].join('\n')}\n`).toMatchFileSnapshot(
    join(TESTDATA, 'inspected/damaged-objects.txt'),
  );
});
