import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { parseElf } from '../object/elf/elf.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';
import { fingerprint } from '../session/outcome.ts';
import { Random } from '../testing/random.ts';
import { inspection } from './inspect.ts';

const ROOT = join(import.meta.dirname, '../..');
const GOLDEN = join(ROOT, 'core/testdata/inspected');
const FOLDERS = ['objects', 'debug', 'core-relocations', 'cases', 'programs', 'kernel'];
const OBJECTS = [...FOLDERS.map((folder) => `core/testdata/${folder}`), 'public/examples'].flatMap(
  (folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.o'))
      .map((file) => `${folder}/${file}`)
      .sort(),
);

const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(join(ROOT, path)));

/** What `inspect` says of an object, or why it does not. */
async function inspect(path: string, bytes: Uint8Array): Promise<string> {
  try {
    return inspection(await openObject(inputsFor(basename(path), bytes)));
  } catch (error) {
    if (error instanceof InputError) return `refused, ${error.place}: ${error.reason}`;
    throw error;
  }
}

/**
 * Each part is compared with llvm-readelf, bpftool, llvm-dwarfdump or libbpf elsewhere; this keeps
 * that the whole is said, of every object, and in full of some of every kind.
 */
test('what inspect says of every object', async () => {
  const lines: string[] = [];
  for (const path of OBJECTS) {
    const text = await inspect(path, bytesOf(path));
    lines.push(`${path} ${text.split('\n').length} ${fingerprint(text).slice(0, 8)}`);
  }
  expect(lines.length).toBeGreaterThan(500);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(GOLDEN, 'all.txt'));
});

/** Small ones of every kind. */
const SMALL = [
  /cases\/.*clang-19/,
  /debug\/locals-clang19/,
  /core-relocations\/programs.clang-19-v1/,
  /examples\/(?:dns|xdp|tail)/,
];
const IN_FULL = OBJECTS.filter((path) => SMALL.some((pattern) => pattern.test(path)));

test('what it says in full', async () => {
  const texts: string[] = [];
  for (const path of IN_FULL) texts.push(await inspect(path, bytesOf(path)));
  await expect(`${texts.join('\n\n')}\n`).toMatchFileSnapshot(join(GOLDEN, 'in-full.txt'));
});

/** Sections whose damage has more to it than another number. */
const STRUCTURED = /^\.(?:BTF|BTF\.ext|maps|rel.*|symtab|strtab|debug_.*)$|^maps$|^license$/;
const TRIES = 8;

/** Copies with one or two bytes changed in the header, the table of sections, or a section. */
function damaged(bytes: Uint8Array, random: Random): Uint8Array[] {
  const sections = parseElf(bytes).sections.filter(({ name }) => STRUCTURED.test(name));
  const table = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(40, true));
  const places = [
    () => random.below(64),
    () => table + random.below(bytes.length - table),
    ...Array.from({ length: 4 }, () => () => {
      const { offset, size } = random.pick(sections);
      return offset + random.below(Math.max(1, random.chance(2) ? Math.min(size, 48) : size));
    }),
  ];
  return Array.from({ length: TRIES }, () => {
    const copy = bytes.slice();
    for (let i = 0; i < 1 + random.below(2); i++) {
      const value = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
      copy[random.pick(places)()] = value;
    }
    return copy;
  });
}

/** What is said, whatever numbers and names it is said with. */
const form = (text: string): string =>
  text
    .replace(/"[^"]*"/g, '"…"')
    .replace(/(?:0x)?\b[0-9a-f]*\d[0-9a-fx]*\b/g, 'N')
    .replace(/\S+\.o\b/g, 'O');

test('what is said of damaged objects', async () => {
  const random = new Random(5);
  const forms = new Map<string, string>();
  const several = OBJECTS.filter(
    (path, i) => i % 16 === 0 || /(?:cases|debug|examples)\/.*\.o$/.test(path),
  ).filter((path) => bytesOf(path)[5] === 1);
  for (const path of several)
    for (const copy of damaged(bytesOf(path), random)) {
      const text = await inspect(path, copy);
      const said = text.startsWith('refused')
        ? [text]
        : text
            .slice(text.indexOf('\nwarnings:\n') + 1 || text.length)
            .split('\n')
            .slice(1, -1);
      for (const line of said) if (!forms.has(form(line))) forms.set(form(line), line.trim());
    }
  expect(forms.size).toBeGreaterThan(90);
  const golden = join(GOLDEN, 'damaged.txt');
  await expect(`${[...forms.values()].sort().join('\n')}\n`).toMatchFileSnapshot(golden);
});
