// For record-dwarf.mjs and record-lines.mjs: which objects have debug information, and in a form that LLVM 19 reads.
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const EXAMPLES = '../../../public/examples';
const scratch = mkdtempSync(join(tmpdir(), 'dwarf-'));

/** LLVM before 13 relocated debug sections with types 1 and 10, gcc 12 does with 12 and 11; LLVM 19 takes 2 and 3. */
export function modern(file) {
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
    for (
      let entry = u64(header(n) + 24);
      entry < u64(header(n) + 24) + u64(header(n) + 32);
      entry += 16
    ) {
      const type = entry + (little ? 8 : 12);
      const changed = { 1: 2, 10: 3, 11: 3, 12: 2 }[u32(type)];
      if (changed && little) bytes.writeUInt32LE(changed, type);
      else if (changed) bytes.writeUInt32BE(changed, type);
    }
  }
  const copy = join(scratch, 'object.o');
  writeFileSync(copy, bytes);
  return copy;
}

const objectsIn = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.o'))
    .sort()
    .map((name) => join(folder, name));

const examples = () =>
  readdirSync(EXAMPLES)
    .filter((name) => !name.includes('.'))
    .map((name) => `${EXAMPLES}/${name}/program.o`);

/** The objects of some folders, seen from this one, and of the examples. */
export const debugObjects = (folders) => [...folders.flatMap(objectsIn), ...examples()];
