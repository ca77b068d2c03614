// Records what other tools say about the objects of this folder, so that tests run where the tools are missing:
//   objdump.json  file -> section -> function -> [[hex bytes, text], …]     llvm-objdump-19 -d
//   readelf.json  file -> sections, symbols, relocations                    llvm-readelf-19 -S -s -r
//   btf.json      file -> types                                             bpftool -j btf dump file … format raw
//   btf-c.json    file -> C text of its types                               bpftool btf dump file … format c
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';

process.chdir(import.meta.dirname);
const objects = readdirSync('.')
  .filter((name) => name.endsWith('.o'))
  .sort();
const output = (tool, ...args) =>
  execFileSync(tool, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });

/** One JSON object, one file per line: small, and a difference shows in one line. */
const write = (name, record) =>
  writeFileSync(
    name,
    `{\n${objects.map((file) => `${JSON.stringify(file)}:${JSON.stringify(record(file))}`).join(',\n')}\n}\n`,
  );

function disassembly(file) {
  const sections = {};
  let section;
  let lines;
  for (const line of output('llvm-objdump-19', '-d', file).split('\n')) {
    const opened = /^Disassembly of section (.*):$/.exec(line);
    const started = /^[0-9a-f]+ <(.*)>:$/.exec(line);
    const instruction = /^ *[0-9a-f]+:\t((?:[0-9a-f]{2} ?)+)\t(.*)$/.exec(line);
    if (opened) section = sections[opened[1]] = {};
    else if (started) lines = section[started[1]] ??= [];
    else if (instruction) lines.push([instruction[1].replaceAll(' ', ''), instruction[2]]);
  }
  return sections;
}

function elfFacts(file) {
  const sections = [];
  const symbols = [];
  const relocations = [];
  let target = '';
  for (const line of output('llvm-readelf-19', '-W', '-S', '-s', '-r', file).split('\n')) {
    const section =
      /^ {2}\[ *(\d+)\] (.*?) +(NULL|PROGBITS|NOBITS|STRTAB|SYMTAB|REL|RELA|NOTE|LLVM_ADDRSIG) +[0-9a-f]{16} ([0-9a-f]+) ([0-9a-f]+) \S+ +([A-Za-z]*) +\d+ +\d+ +\d+$/.exec(
        line,
      );
    const symbol = /^ *\d+: ([0-9a-f]{16}) +(\d+) (\w+) +(\w+) +(\w+) +(\w+) ?(.*)$/.exec(line);
    const table = /^Relocation section '(.*)' at/.exec(line);
    const relocation = /^([0-9a-f]{16}) +([0-9a-f]{16}) (\S+) +[0-9a-f]{16} (.*)$/.exec(line);
    if (section)
      sections.push([
        section[2].trim(),
        section[3],
        Number.parseInt(section[4], 16),
        Number.parseInt(section[5], 16),
        section[6],
      ]);
    else if (symbol)
      symbols.push([
        symbol[7],
        symbol[3],
        symbol[4],
        symbol[5],
        symbol[6],
        Number.parseInt(symbol[1], 16),
        Number(symbol[2]),
      ]);
    else if (table) target = table[1].replace(/^\.rela?/, '');
    else if (relocation) {
      const symbol = relocation[4] === '<null>' ? '' : relocation[4];
      relocations.push([target, Number.parseInt(relocation[1], 16), relocation[3], symbol]);
    }
  }
  return { sections, symbols, relocations };
}

function btfTypes(file) {
  if (!hasBtf(file)) return null;
  const json = output('bpftool', '-j', 'btf', 'dump', 'file', file, 'format', 'raw');
  // Enumerators may have 64 bits, more than a JSON number keeps.
  return JSON.parse(json.replace(/"val":(-?\d+)/g, '"val":"$1"')).types;
}

const hasBtf = (file) => elfFacts(file).sections.some(([name]) => name === '.BTF');

/** The text between the lines every dump has, where bpftool can write it. */
function btfText(file) {
  if (!hasBtf(file)) return null;
  try {
    return output('bpftool', 'btf', 'dump', 'file', file, 'format', 'c')
      .replace(/^#.*\n/gm, '')
      .trim();
  } catch {
    return null;
  }
}

write('objdump.json', disassembly);
write('readelf.json', elfFacts);
write('btf.json', btfTypes);
write('btf-c.json', btfText);
