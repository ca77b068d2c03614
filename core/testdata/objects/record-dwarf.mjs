// Records what llvm-dwarfdump-19 --debug-info says of the variables of the objects of this folder, of ../debug and of the examples:
//   dwarf.json  file -> { globals, functions }, a scope [kind, name, ranges, variables, scopes], a variable
//               [name, type, [[start, end, expression], …]]; a single expression and a constant have no range
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

process.chdir(import.meta.dirname);
const EXAMPLES = '../../../public/examples';
const folder = mkdtempSync(join(tmpdir(), 'dwarf-'));

/** LLVM before 13 relocated debug sections with types 1 and 10, which LLVM 19 does not take there: these become 2 and 3. */
function modern(file) {
  const bytes = readFileSync(file);
  const little = bytes[5] === 1;
  const u32 = (at) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const u64 = (at) => Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  const u16 = (at) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const header = (n) => u64(40) + n * 64;
  const names = u64(header(u16(62)) + 24);
  for (let n = 0; n < u16(60); n++) {
    const at = names + u32(header(n));
    const name = bytes.toString('latin1', at, bytes.indexOf(0, at));
    if (!name.startsWith('.rel.debug_')) continue;
    for (let entry = u64(header(n) + 24); entry < u64(header(n) + 24) + u64(header(n) + 32); entry += 16) {
      const type = entry + (little ? 8 : 12);
      const changed = { 1: 2, 10: 3 }[u32(type)];
      if (changed && little) bytes.writeUInt32LE(changed, type);
      else if (changed) bytes.writeUInt32BE(changed, type);
    }
  }
  const copy = join(folder, 'object.o');
  writeFileSync(copy, bytes);
  return copy;
}

const expression = (text) =>
  text
    .replace(/(reg\d+) W\d+(?=[+-])/g, '$1 ')
    .replace(/ W\d+/g, '')
    .replace(/DW_OP_convert \(0x0*([0-9a-f]+)\) "[^"]*"/g, 'DW_OP_convert 0x$1');

function entries(file) {
  const text = execFileSync('llvm-dwarfdump-19', ['--debug-info', modern(file)], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const root = { tag: 'root', depth: -1, attributes: {}, children: [] };
  const byOffset = new Map();
  const parents = [root];
  let entry = root;
  let last = '';
  for (const line of text.split('\n')) {
    const tag = /^(0x[0-9a-f]{8}):( +)DW_TAG_(\w+)/.exec(line);
    const attribute = /^ +DW_AT_(\w+)\t\((.*)$/.exec(line);
    if (tag) {
      entry = { tag: tag[3], depth: tag[2].length, attributes: {}, children: [], byOffset };
      byOffset.set(tag[1], entry);
      while (parents.at(-1).depth >= entry.depth) parents.pop();
      parents.at(-1).children.push(entry);
      parents.push(entry);
    } else if (attribute) {
      last = attribute[1];
      entry.attributes[last] = attribute[2];
    } else if (/^ +\[0x/.test(line)) entry.attributes[last] += `\n${line.trim()}`;
  }
  return root.children;
}

const quoted = (text = '') => /"(.*)"\)$/.exec(text)?.[1] ?? '';
const nameOf = ({ attributes: { name, abstract_origin } }) => quoted(`(${name ?? abstract_origin}`);

/** An instance of an inlined variable has the type of its origin. */
const typeOf = ({ attributes: { type, abstract_origin }, byOffset }) =>
  type === undefined && abstract_origin ? typeOf(byOffset.get(abstract_origin.slice(0, 10))) : quoted(type);

function locations({ attributes: { location, const_value } }) {
  if (const_value !== undefined) return [[`constant ${const_value.slice(0, -1)}`]];
  if (location === undefined) return [];
  if (!location.includes('\n')) return [[expression(location.slice(0, -1))]];
  return [...location.matchAll(/\[0x([0-9a-f]+), 0x([0-9a-f]+)\): (.*?)\)?$/gm)].map(([, start, end, text]) => [
    Number.parseInt(start, 16),
    Number.parseInt(end, 16),
    expression(text),
  ]);
}

function ranges({ attributes: { low_pc, high_pc, ranges: list } }) {
  const pairs = list ?? (low_pc ? `[${low_pc.slice(0, -1)}, ${high_pc.slice(0, -1)})` : '');
  return [...pairs.matchAll(/\[0x([0-9a-f]+), 0x([0-9a-f]+)\)/g)].map(([, a, b]) => [
    Number.parseInt(a, 16),
    Number.parseInt(b, 16),
  ]);
}

const variables = (children) =>
  children
    .filter(({ tag }) => tag === 'variable' || tag === 'formal_parameter')
    .map((entry) => [nameOf(entry), typeOf(entry), locations(entry)]);

const scope = (entry) => [
  { subprogram: 'function', inlined_subroutine: 'inlined', lexical_block: 'block' }[entry.tag],
  entry.tag === 'lexical_block' ? '' : nameOf(entry),
  ranges(entry),
  variables(entry.children),
  entry.children.filter(({ tag }) => tag === 'inlined_subroutine' || tag === 'lexical_block').map(scope),
];

function record(file) {
  const top = entries(file).flatMap((unit) => unit.children);
  if (top.length === 0) return undefined;
  const functions = top.filter((entry) => entry.tag === 'subprogram' && ranges(entry).length > 0);
  return { globals: variables(top.filter(({ tag }) => tag === 'variable')), functions: functions.map(scope) };
}

const objectsIn = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.o'))
    .sort()
    .map((name) => join(folder, name));
const examples = readdirSync(EXAMPLES)
  .filter((name) => !name.includes('.'))
  .map((name) => `${EXAMPLES}/${name}/program.o`);
const lines = [...objectsIn('.'), ...objectsIn('../debug'), ...examples].flatMap((file) => {
  const found = record(file);
  return found ? [`${JSON.stringify(file)}:${JSON.stringify(found)}`] : [];
});
writeFileSync('dwarf.json', `{\n${lines.join(',\n')}\n}\n`);
