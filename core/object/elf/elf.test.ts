import { describe, expect, test } from 'vitest';
import { type ElfFacts, objectNames, readObject, recorded } from '../../testing/corpus.ts';
import { parseElf } from './elf.ts';
import { describeRelocation } from './relocations.ts';

const facts = recorded<ElfFacts>('readelf');
const names = objectNames();

describe(`what llvm-readelf says about ${names.length} objects`, () => {
  const count = { sections: 0, symbols: 0, relocations: 0 };

  test('record and objects belong together; else run core/testdata/objects/build.sh', () => {
    expect(Object.keys(facts).sort()).toEqual(names);
  });

  test('sections', () => {
    for (const name of names) {
      const sections = parseElf(readObject(name)).sections.map(
        ({ name, type, offset, size, flags }) => {
          const letters = [flags.write && 'W', flags.alloc && 'A', flags.exec && 'X']
            .filter(Boolean)
            .join('');
          return [name, type, offset, size, letters];
        },
      );
      const expected = facts[name]!.sections.map(([name, type, offset, size, flags]) => {
        return [name, type, offset, size, flags.replace(/[^WAX]/g, '')];
      });
      expect(sections, name).toEqual(expected);
      count.sections += sections.length;
    }
  });

  test('symbols', () => {
    for (const name of names) {
      const symbols = parseElf(readObject(name)).symbols.map((symbol) => {
        const { type, binding, hidden, section, placement, value, size } = symbol;
        const place =
          section ?? { undefined: 'UND', absolute: 'ABS', common: 'COM', section: '' }[placement];
        return [
          symbol.name,
          type.toUpperCase(),
          binding.toUpperCase(),
          hidden,
          String(place),
          value,
          size,
        ];
      });
      const expected = facts[name]!.symbols.map(([name, type, binding, visibility, ...place]) => {
        return [name, type, binding, visibility === 'HIDDEN', ...place];
      });
      expect(symbols, name).toEqual(expected);
      count.symbols += symbols.length;
    }
  });

  test('relocations', () => {
    for (const name of names) {
      const { relocations: parsed, endian } = parseElf(readObject(name));
      const relocations = parsed.map((relocation) => {
        const { section, offset, type, symbol } = describeRelocation(relocation, endian);
        // LLVM does not know the GNU assembler's own numbers.
        return [section, offset, type.startsWith('R_BPF_DATA_') ? 'Unknown' : type, symbol];
      });
      expect(relocations, name).toEqual(facts[name]!.relocations);
      count.relocations += relocations.length;
    }
    expect(count).toMatchObject({ sections: expect.any(Number) });
    console.info('compared with llvm-readelf:', JSON.stringify(count));
  });
});

describe('files that are no BPF object', () => {
  const seed = readObject('bpf_filter.clang-19-v2.o');
  const changed = (offset: number, ...bytes: number[]): Uint8Array => {
    const copy = seed.slice();
    copy.set(bytes, offset);
    return copy;
  };

  test.each([
    ['32-bit files', changed(4, 1), 'file+0x4: ELF class 1: BPF objects are 64-bit (class 2)'],
    [
      'a byte order that does not exist',
      changed(5, 3),
      'file+0x5: byte order 3 is neither little (1) nor big endian (2)',
    ],
    ['other machines', changed(18, 62, 0), 'file+0x12: machine 62 (x86-64), BPF is 247'],
    [
      'executables',
      changed(16, 2, 0),
      'file+0x10: ELF type 2 (an executable), an object file is 1',
    ],
    ['no section headers', changed(40, 0, 0, 0, 0), 'file+0x28: the file has no section headers'],
    ['no section names', changed(62, 0, 0), 'file+0x3e: the file has no section names'],
    [
      'more than 65279 sections',
      changed(60, 0, 0),
      'file+0x3c: no sections are counted in the header: none, or more than 65279',
    ],
    [
      'a header cut short',
      seed.slice(0, 40),
      'file+0x0: the ELF header needs 64 bytes, 40 are left',
    ],
  ])('%s', (_title, bytes, message) => {
    expect(() => parseElf(bytes)).toThrow(message);
  });

  test('a file without a machine is read as BPF, with a warning', () => {
    expect(parseElf(changed(18, 0, 0)).warnings).toEqual([
      'the ELF header names no machine (0); read as BPF (247)',
    ]);
  });
});

test('so many symbols are read, and no more', () => {
  const name = 'subprograms.clang-19-v3.o';
  const plain = readObject(name);
  const { index } = parseElf(plain).sections.find((section) => section.name === '.symtab')!;
  const withSymbols = (count: number): Uint8Array => {
    const bytes = new Uint8Array(plain.length + 24 * count);
    bytes.set(plain);
    const view = new DataView(bytes.buffer);
    const header = Number(view.getBigUint64(40, true)) + 64 * index;
    view.setBigUint64(header + 24, BigInt(plain.length), true);
    view.setBigUint64(header + 32, BigInt(24 * count), true);
    return bytes;
  };
  expect(() => parseElf(withSymbols(262_145))).toThrow('262145 symbols, at most 262144 are read');
  expect(() => parseElf(withSymbols(262_144))).not.toThrow('are read');
});

test('so many relocations are read, and no more', () => {
  const name = 'subprograms.clang-19-v3.o';
  const plain = readObject(name);
  const { sections } = parseElf(plain);
  const table = sections.find(({ name }) => name === '.symtab')!;
  const text = sections.find(({ type, link }) => type === 'REL' && link === table.index)!;
  const withRelocations = (count: number): Uint8Array => {
    const bytes = new Uint8Array(plain.length + 16 * count);
    bytes.set(plain);
    const view = new DataView(bytes.buffer);
    const header = Number(view.getBigUint64(40, true)) + 64 * text.index;
    view.setBigUint64(header + 24, BigInt(plain.length), true);
    view.setBigUint64(header + 32, BigInt(16 * count), true);
    // The first of them ends it: no such symbol.
    view.setBigUint64(plain.length + 8, 0xffff_ffffn << 32n, true);
    return bytes;
  };
  const others = sections.filter(({ type, index }) => type === 'REL' && index < text.index);
  expect(others).toEqual([]);
  expect(() => parseElf(withRelocations(1_048_577))).toThrow(
    `${text.name}: 1048577 more relocations, at most 1048576 are read`,
  );
  expect(() => parseElf(withRelocations(1_048_576))).toThrow('symbol 4294967295 is named');
});
