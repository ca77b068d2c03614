// Records which lines other tools read in the objects of this folder, of ../debug and of the examples:
//   lines.json          file -> { files, tables }, a table [offset, file, line, column, flags, …] with five numbers a row, offset and line
//                       as what they grew by; flags: 1 is_stmt, 2 end_sequence                        llvm-dwarfdump-19 --debug-line
//   objdump-lines.json  file -> { files, sections }, a section [slot, file, line, …] where the tool writes another line
//                                                                                                     llvm-objdump-19 -d -l
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { debugObjects, modern } from './debug-objects.mjs';

process.chdir(import.meta.dirname);
const objects = debugObjects([
  '.',
  '../debug',
  '../debug/versions',
  '../kernel',
  '../programs',
  '../bench',
]);
const output = (tool, ...args) =>
  execFileSync(tool, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  }).split('\n');

/** Where the compiler ran, by the offset of the unit's line table: before DWARF 5 that table does not say it. */
function directories(file) {
  const found = {};
  let table;
  for (const line of output('llvm-dwarfdump-19', '--debug-info', '--recurse-depth=0', file)) {
    table = /DW_AT_stmt_list\t\(0x([0-9a-f]+)\)/.exec(line)?.[1] ?? table;
    const directory = /DW_AT_comp_dir\t\("(.*)"\)/.exec(line);
    if (directory) found[Number.parseInt(table, 16)] = directory[1];
  }
  return found;
}

function path(directory, { name, index }) {
  if (name.startsWith('/')) return name;
  const inside = index === 0 ? name : `${directory[index]}/${name}`;
  return inside.startsWith('/') || !directory[0] ? inside : `${directory[0]}/${inside}`;
}

/** Files that a line number program defines on its way, which are not in its header. */
const definedFiles = (file) =>
  output('llvm-dwarfdump-19', '--debug-line', '-v', file).flatMap((line) => {
    const defined = /DW_LNE_define_file \((.*), dir=(\d+),/.exec(line);
    return defined ? [{ name: defined[1], index: Number(defined[2]) }] : [];
  });

function debugLines(file) {
  const known = directories(file);
  const defined = definedFiles(file);
  const paths = [];
  const tables = [];
  let names, directory, version, before;
  for (const line of output('llvm-dwarfdump-19', '--debug-line', file)) {
    const start = /^debug_line\[0x([0-9a-f]+)\]/.exec(line);
    const included = /^include_directories\[ *(\d+)\] = "(.*)"/.exec(line);
    const row = /^0x([0-9a-f]{16}) +(\d+) +(\d+) +(\d+) +\d+ +\d+ +\d+ *(.*)$/.exec(line);
    version = /^ +version: (\d)/.exec(line)?.[1] ?? version;
    if (start) {
      names = {};
      directory = [known[Number.parseInt(start[1], 16)] ?? ''];
      tables.push([]);
      before = [0, 0];
    } else if (included) directory[included[1]] = included[2];
    else if (line.startsWith('file_names['))
      names[/\d+/.exec(line)[0]] = names.last = { name: '', index: 0 };
    else if (/^ +name: "/.test(line)) names.last.name = /"(.*)"/.exec(line)[1];
    else if (/^ +dir_index: /.test(line)) names.last.index = Number(/\d+/.exec(line)[0]);
    else if (row) {
      if (!names[row[4]] && defined.length > 0) names[row[4]] = defined.shift();
      const [offset, at] = [Number.parseInt(row[1], 16), Number(row[2])];
      const name = names[row[4]] ? path(directory, names[row[4]]) : '';
      if (!paths.includes(name)) paths.push(name);
      const flags =
        (/\bis_stmt\b/.test(row[5]) ? 1 : 0) + (/\bend_sequence\b/.test(row[5]) ? 2 : 0);
      tables
        .at(-1)
        .push(offset - before[0], paths.indexOf(name), at - before[1], Number(row[3]), flags);
      before = [offset, at];
    }
  }
  return tables.length > 0 ? { files: paths, tables } : undefined;
}

function objdumpLines(file) {
  const sections = {};
  const paths = [];
  let section, line;
  for (const text of output('llvm-objdump-19', '-d', '-l', file)) {
    const opened = /^Disassembly of section (.*):$/.exec(text);
    const instruction = /^ *(\d+):\t(?:[0-9a-f]{2} )+/.exec(text);
    const found = /^; (.*):(\d+)$/.exec(text);
    if (opened) section = sections[opened[1]] = [];
    else if (found) line = found;
    else if (instruction && line) {
      if (!paths.includes(line[1])) paths.push(line[1]);
      section.push(Number(instruction[1]), paths.indexOf(line[1]), Number(line[2]));
      line = undefined;
    }
  }
  return paths.length > 0 ? { files: paths, sections } : undefined;
}

/** One JSON object, one file per line: small, and a difference shows in one line. */
function write(name, record) {
  const rows = objects.flatMap((file) => {
    const found = record(modern(file));
    return found ? [`${JSON.stringify(file)}:${JSON.stringify(found)}`] : [];
  });
  writeFileSync(name, `{\n${rows.join(',\n')}\n}\n`);
}

write('lines.json', debugLines);
write('objdump-lines.json', objdumpLines);
