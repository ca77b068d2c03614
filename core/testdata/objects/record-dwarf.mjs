// Records what llvm-dwarfdump-19 --debug-info says of the variables of the objects of this folder, of ../debug with its versions, and of the examples:
//   dwarf.json  file -> { globals, functions }, a scope [kind, name, ranges, variables, scopes], a variable
//               [name, type, [[start, end, expression], …]]; a single expression and a constant have no range
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { debugObjects, modern } from './debug-objects.mjs';

process.chdir(import.meta.dirname);
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
  type === undefined && abstract_origin
    ? typeOf(byOffset.get(abstract_origin.slice(0, 10)))
    : quoted(type);

function locations({ attributes: { location, const_value } }) {
  if (const_value !== undefined) return [[`constant ${const_value.slice(0, -1)}`]];
  if (location === undefined) return [];
  if (!location.includes('\n')) return [[expression(location.slice(0, -1))]];
  return [...location.matchAll(/\[0x([0-9a-f]+), 0x([0-9a-f]+)\): (.*?)\)?$/gm)].map(
    ([, start, end, text]) => [
      Number.parseInt(start, 16),
      Number.parseInt(end, 16),
      expression(text),
    ],
  );
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
  entry.children
    .filter(({ tag }) => tag === 'inlined_subroutine' || tag === 'lexical_block')
    .map(scope),
];

function record(file) {
  const top = entries(file).flatMap((unit) => unit.children);
  if (top.length === 0) return undefined;
  const functions = top.filter((entry) => entry.tag === 'subprogram' && ranges(entry).length > 0);
  return {
    globals: variables(top.filter(({ tag }) => tag === 'variable')),
    functions: functions.map(scope),
  };
}

const lines = debugObjects(['.', '../debug', '../debug/versions']).flatMap((file) => {
  const found = record(file);
  return found ? [`${JSON.stringify(file)}:${JSON.stringify(found)}`] : [];
});
writeFileSync('dwarf.json', `{\n${lines.join(',\n')}\n}\n`);
