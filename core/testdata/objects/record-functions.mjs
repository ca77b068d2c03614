// Records which function llvm-objdump-19 -d -l says each instruction of ../debug/printed-*.o is of, inlined calls included, into
// objdump-functions.json: file -> section -> [slot, function, …] where the tool writes another function. These objects have one
// section of code; addresses of two the tool takes for the same.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { debugObjects, modern } from './debug-objects.mjs';

process.chdir(import.meta.dirname);

function functionsOf(file) {
  const sections = {};
  let section, name;
  // Labels of LLVM 14 would be taken for functions.
  execFileSync('llvm-objcopy-19', ['--wildcard', '--strip-symbol=LBB*', file]);
  const text = execFileSync('llvm-objdump-19', ['-d', '-l', file], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  for (const line of text.split('\n')) {
    const opened = /^Disassembly of section (.*):$/.exec(line);
    const instruction = /^ *(\d+):\t(?:[0-9a-f]{2} )+/.exec(line);
    const found = /^; (.*)\(\):$/.exec(line);
    if (opened) section = sections[opened[1]] = [];
    else if (found) name = found[1];
    else if (instruction && name !== undefined) {
      section.push(Number(instruction[1]), name);
      name = undefined;
    }
  }
  return sections;
}

const rows = debugObjects(['../debug'])
  .filter((name) => name.includes('printed-'))
  .flatMap((file) => {
    const sections = functionsOf(modern(file));
    return Object.values(sections).some((names) => names.length > 0)
      ? [`${JSON.stringify(file)}:${JSON.stringify(sections)}`]
      : [];
  });
writeFileSync('objdump-functions.json', `{\n${rows.join(',\n')}\n}\n`);
