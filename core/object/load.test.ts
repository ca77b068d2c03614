import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { objectNames, readObject } from '../testing/corpus.ts';
import { formatValue } from './btf/format.ts';
import { parseElf } from './elf/elf.ts';
import { stripDebug } from './elf/strip.ts';
import { loadObject } from './load.ts';

describe('opening a file', () => {
  test('the seed filter is the five instructions its documentation shows', () => {
    const name = 'bpf_filter.clang-14-v2.o';
    const object = loadObject(name, readObject(name));
    const [program] = object.programs;
    expect(program).toMatchObject({
      name: 'is_dst_one_one_one_one',
      section: '.text',
      sectionOffset: 0,
      size: 40,
    });
    expect('bytes' in program!.linked && toHex(program!.linked.bytes)).toBe(
      '6111100000000000b7000000010000001501010001010101b7000000000000009500000000000000',
    );
  });

  test('raw bytecode is one program, with a function wherever a call leads', () => {
    const object = loadObject(
      'raw',
      fromHex('8510000001000000 9500000000000000 b700000007000000 9500000000000000')!,
    );
    expect(object).toMatchObject({ format: 'raw', endian: 'little' });
    expect(object.programs).toMatchObject([
      {
        name: 'raw',
        size: 32,
        linked: {
          functions: [
            { name: 'raw', start: 0, end: 2 },
            { name: 'raw+0x10', start: 2, end: 4 },
          ],
        },
      },
    ]);
  });

  test.each([
    ['nothing', '', 'x: is empty'],
    [
      'half an instruction',
      'b7000000',
      'neither ELF (no magic number) nor bytecode: 4 bytes are no multiple of 8',
    ],
    [
      'LLVM bitcode',
      '4243c0de35140000',
      'x: is LLVM bitcode (built with -emit-llvm or -flto), not a BPF object: ' +
        'build it with clang -O2 -g -target bpf -c',
    ],
  ])('%s is refused', (_title, hex, message) => {
    expect(() => loadObject('x', fromHex(hex)!)).toThrow(message);
  });

  test('a static function of .text is a subprogram, unless there is nothing else', () => {
    const programsOf = (name: string) =>
      loadObject(name, readObject(name)).programs.map((program) => program.name);
    expect(programsOf('subprograms.clang-19-v3.o')).toEqual([
      'global_sum',
      'weak_default',
      'hidden_twice',
      'calls_xdp',
      'xdp_helper',
      'xdp_entry',
      'tc_static',
      'tc_entry',
    ]);
  });

  test('the license', () => {
    const name = 'legacy_maps.gcc-12.o';
    expect(loadObject(name, readObject(name)).license).toBe('Dual MIT/GPL');
  });

  test.each<[string, number[], string]>([
    ['up to the first 0', [71, 80, 76, 0, 88], 'GPL'],
    ['without one up to the end of its section', [71, 80, 76], 'GPL'],
    ['that is empty', [0, 71], ''],
    ['of the 256 bytes that are looked at', Array(300).fill(65), 'A'.repeat(256)],
  ])('a license %s', (_title, license, text) => {
    const name = 'legacy_maps.gcc-12.o';
    const object = readObject(name);
    const { index } = parseElf(object).sections.find((section) => section.name === 'license')!;
    const bytes = Uint8Array.from([...object, ...license]);
    const view = new DataView(bytes.buffer);
    const header = Number(view.getBigUint64(40, true)) + 64 * index;
    view.setBigUint64(header + 24, BigInt(object.length), true);
    view.setBigUint64(header + 32, BigInt(license.length), true);
    expect(loadObject(name, bytes).license).toBe(text);
  });

  describe('a global function is called by its name, whatever in front of it has the same', () => {
    const name = 'subprograms.clang-19-v3.o';
    const plain = readObject(name);
    const GLOBAL_FUNCTION = 0x12;
    const WEAK_FUNCTION = 0x22;
    /** With the entry of a static function, which stands in front, called `global_sum`, too. */
    function renamed(change: (view: DataView, entry: number) => void): Uint8Array {
      const bytes = plain.slice();
      const { sections, symbols } = parseElf(bytes);
      const view = new DataView(bytes.buffer);
      const { offset } = sections.find((section) => section.name === '.symtab')!;
      const entry = (wanted: string): number =>
        offset + 24 * symbols.findIndex((symbol) => symbol.name === wanted);
      expect(entry('tc_static')).toBeLessThan(entry('global_sum'));
      view.setUint32(entry('tc_static'), view.getUint32(entry('global_sum'), true), true);
      change(view, entry('tc_static'));
      return bytes;
    }
    const called = (bytes: Uint8Array): string => {
      const { linked } = loadObject(name, bytes).programs.find((one) => one.name === 'xdp_entry')!;
      return 'bytes' in linked ? toHex(linked.bytes) : linked.error.message;
    };
    test.each<[string, (view: DataView, entry: number) => void]>([
      ['a static one', () => {}],
      ['a weak one', (view, entry) => view.setUint8(entry + 4, WEAK_FUNCTION)],
      [
        'one that is only declared',
        (view, entry) => {
          view.setUint8(entry + 4, GLOBAL_FUNCTION);
          view.setUint16(entry + 6, 0, true);
        },
      ],
    ])('%s', (_title, change) => expect(called(renamed(change))).toBe(called(plain)));
  });

  test('CO-RE relocations against the own types change nothing', () => {
    const name = 'core_relocations.clang-19-v3-g.o';
    const { warnings, coreRelocations } = loadObject(name, readObject(name));
    expect(warnings).toEqual([]);
    expect(
      coreRelocations.map(({ kind, subject, local }) => `${kind} ${subject}: ${local}`),
    ).toEqual([
      'field_byte_offset struct task.pid: 0',
      'field_byte_offset struct task.usage.count: 8',
      'field_exists struct task.pid: 1',
      'type_exists struct task: 1',
    ]);
    for (const result of coreRelocations)
      expect(result).toMatchObject({ how: 'patched', value: result.local });
  });
});

/** Does with an object all that the page does. */
function openAll(bytes: Uint8Array): void {
  const object = loadObject('x', bytes);
  for (const map of object.maps) {
    for (const { type, offset, size } of map.variables ?? []) {
      if (type === undefined || object.btf === undefined) continue;
      formatValue(
        object.btf,
        type,
        map.initialValue!.subarray(offset, offset + size),
        object.endian,
      );
    }
  }
  for (const { id } of object.btf?.types ?? []) object.btf!.declaration(id);
  if (object.format === 'elf') stripDebug(bytes);
}

/** Milliseconds until there is a value or an InputError; anything else is thrown on. */
function timeOf(bytes: Uint8Array): number {
  const start = performance.now();
  try {
    openAll(bytes);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  return performance.now() - start;
}

describe('hostile files end in a value or an InputError, quickly', { timeout: 60_000 }, () => {
  const names = objectNames(/clang-19-v3(-eb)?(-g)?\.o$|clang-14-v2.*-g\.o$|gcc-12/);
  const object = fc.constantFrom(...names).map(readObject);

  test('changed bytes', () => {
    const changes = fc.array(
      fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff))),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(object, changes, (bytes, changed) => {
        for (const [offset, byte] of changed) bytes[offset % bytes.length] = byte;
        expect(timeOf(bytes)).toBeLessThan(1000);
      }),
      { numRuns: 400 },
    );
  });

  test('changed headers of sections and types', () => {
    const words = fc.array(
      fc.tuple(
        fc.nat(),
        fc.nat(),
        fc.constantFrom(0, 1, 7, 0x7fff_ffff, 0xffff_ffff, 0x1000_0000, 12, 64),
      ),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(object, words, (bytes, changed) => {
        const { sections } = parseElf(bytes);
        const view = new DataView(bytes.buffer);
        const table = bytes.length - sections.length * 64;
        for (const [index, word, value] of changed) {
          const section = sections[index % sections.length]!;
          // a word of the section's header, and one near its start
          view.setUint32(table + section.index * 64 + (word % 16) * 4, value, true);
          if (section.data.length >= 64)
            view.setUint32(section.offset + (word % 16) * 4, value, true);
        }
        expect(timeOf(bytes)).toBeLessThan(1000);
      }),
      { numRuns: 400 },
    );
  });

  test('files cut short', () => {
    fc.assert(
      fc.property(object, fc.double({ min: 0, max: 1, noNaN: true }), (bytes, part) => {
        expect(timeOf(bytes.subarray(0, Math.floor(bytes.length * part)))).toBeLessThan(1000);
      }),
      { numRuns: 150 },
    );
  });

  test('any bytes behind the magic number', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 400 }), (rest) => {
        const bytes = new Uint8Array(4 + rest.length);
        bytes.set([0x7f, 0x45, 0x4c, 0x46]);
        bytes.set(rest, 4);
        expect(timeOf(bytes)).toBeLessThan(1000);
      }),
      { numRuns: 200 },
    );
  });

  test('a .bss of 4 GB is an error of the programs that use it', () => {
    const bytes = readObject('globals.clang-19-v3.o');
    const { sections } = parseElf(bytes);
    const bss = sections.find(({ name }) => name === '.bss')!;
    const table = bytes.length - sections.length * 64;
    new DataView(bytes.buffer).setUint32(table + bss.index * 64 + 32, 0xffff_ffff, true);
    const { programs } = loadObject('x', bytes);
    expect('error' in programs[0]!.linked && programs[0]!.linked.error.message).toMatch(
      /\.bss\+0x0: 4294967295 bytes of zeros/,
    );
  });
});
