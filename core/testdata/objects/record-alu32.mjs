// Writes objdump-alu32.json: what llvm-objdump says, with 32-bit registers switched on, of the 32-bit atomics that it
// calls <unknown> without, or takes for a plain add (fetch_add): node core/testdata/objects/record-alu32.mjs
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const folder = new URL('.', import.meta.url).pathname;
const recorded = JSON.parse(readFileSync(`${folder}objdump.json`, 'utf8'));
const unknown = {};
const misread = ([hex, text]) =>
  hex.startsWith('c3') && (text === '<unknown>' || (/^lock .* \+= /.test(text) && !/0{8}$/.test(hex)));
for (const [file, sections] of Object.entries(recorded)) {
  const rows = Object.values(sections).flatMap((symbols) => Object.values(symbols).flat());
  if (!rows.some(misread)) continue;
  const output = execFileSync('llvm-objdump-19', ['-d', '--mattr=+alu32', `${folder}${file}`], { encoding: 'utf8' });
  const endian = /-eb/.test(file) ? 'big' : 'little';
  for (const [hex, text] of rows) {
    if (!misread([hex, text])) continue;
    const spaced = hex.replace(/..(?!$)/g, '$& ');
    const line = output.split('\n').find((candidate) => candidate.includes(spaced));
    unknown[`${endian} ${hex}`] = line.split('\t')[2].replace(/ <.*$/, '');
  }
}
writeFileSync(`${folder}objdump-alu32.json`, `${JSON.stringify(unknown, null, 1)}\n`);
