import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { objectNames, readObject } from '../../testing/corpus.ts';
import { loadObject } from '../load.ts';
import { stripBtf, stripDebug } from './strip.ts';

const names = objectNames();

describe('dropping debug information', { timeout: 60_000 }, () => {
  test(`${names.length} objects load the same programs, maps and externs without it`, () => {
    let before = 0;
    let after = 0;
    for (const name of names) {
      const bytes = readObject(name);
      const stripped = stripDebug(bytes);
      const [full, small] = [loadObject(name, bytes), loadObject(name, stripped)];
      expect(small.programs, name).toEqual(full.programs);
      expect(small.maps, name).toEqual(full.maps);
      expect(small.externs, name).toEqual(full.externs);
      expect(small.warnings, name).toEqual(full.warnings);
      before += deflateRawSync(bytes).length;
      after += deflateRawSync(stripped).length;
    }
    console.info(`deflated: ${before} bytes with debug information, ${after} without`);
    expect(after).toBeLessThan(before);
  });

  test('lines that only DWARF has stay', () => {
    for (const version of ['dwarf2', 'dwarf4-eb', 'dwarf5-64', 'gcc12-little']) {
      const bytes = readObject(`../debug/versions/lpm_firewall-${version}.o`);
      const [full, small] = [loadObject('full.o', bytes), loadObject('small.o', stripDebug(bytes))];
      const lines = ({ programs }: typeof full) =>
        programs.flatMap(({ linked }) =>
          'lines' in linked
            ? linked.lines.map(({ pc, file, line }) => [pc, file.split('/').at(-1), line])
            : [],
        );
      expect(lines(full).length, version).toBeGreaterThan(50);
      expect(lines(small), version).toEqual(lines(full));
    }
  });

  test('stripping twice changes nothing more', () => {
    for (const name of names) {
      const once = stripDebug(readObject(name));
      expect(stripDebug(once), name).toEqual(once);
    }
  });

  test('without BTF the same instructions are left, their lines are not', () => {
    const name = 'subprograms.clang-19-v3-g.o';
    const [full, small] = [
      loadObject(name, readObject(name)),
      loadObject(name, stripBtf(readObject(name))),
    ];
    const code = ({ programs }: typeof full) =>
      programs.map(({ linked }) => 'bytes' in linked && linked.bytes);
    expect(code(small)).toEqual(code(full));
    expect(small.btf).toBeUndefined();
    expect(small.programs.flatMap(({ linked }) => ('lines' in linked ? linked.lines : []))).toEqual(
      [],
    );
  });
});
