// Writes objdump-misread.json: what llvm-objdump says of instructions that LLVM 19 does not know, or takes for others:
// node record-misread.mjs SYSTEM, a folder with an installed Debian system that has LLVM 22.
// With 32-bit registers switched on LLVM 19 reads the 32-bit atomics that it calls <unknown> without, or takes for a
// plain add (fetch_add); LLVM 22 reads load-acquire, store-release and gotox.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

process.chdir(import.meta.dirname);
const system = process.argv[2];
const recorded = JSON.parse(readFileSync('objdump.json', 'utf8'));

/** hex -> text of every instruction. */
function textOf(tool, ...args) {
  const text = {};
  const output = execFileSync(tool, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for (const [, hex, instruction] of output.matchAll(
    /^ *[0-9a-f]+:\t((?:[0-9a-f]{2} ?)+)\t(.*)$/gm,
  ))
    text[hex.replaceAll(' ', '')] = instruction.replace(/ <[^<>]*>$/, '');
  return text;
}

function newer(file) {
  copyFileSync(file, `${system}/object.o`);
  const text = textOf('chroot', system, 'llvm-objdump-22', '-d', '/object.o');
  rmSync(`${system}/object.o`);
  return text;
}

const isMisread = ([hex, text]) =>
  text === '<unknown>' ||
  (/^(c3|db)/.test(hex) && /^lock .* \+= /.test(text) && !/0{8}$/.test(hex));

const misread = {};
for (const [file, sections] of Object.entries(recorded)) {
  const rows = Object.values(sections).flatMap((symbols) => Object.values(symbols).flat());
  if (!rows.some(isMisread)) continue;
  const endian = /-eb/.test(file) ? 'big' : 'little';
  const withAlu32 = textOf('llvm-objdump-19', '-d', '--mattr=+alu32', file);
  for (const [hex] of rows.filter(isMisread))
    misread[`${endian} ${hex}`] = isMisread([hex, withAlu32[hex]])
      ? newer(file)[hex]
      : withAlu32[hex];
}
writeFileSync('objdump-misread.json', `${JSON.stringify(misread, null, 1)}\n`);
