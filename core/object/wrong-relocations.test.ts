import { describe, expect, test } from 'vitest';
import { readObject } from '../testing/corpus.ts';
import { parseElf } from './elf/elf.ts';
import { stripBtf, stripDebug } from './elf/strip.ts';
import { loadObject } from './load.ts';

const NAME = 'subprograms.clang-19-v3-g.o';

/**
 * The object with the bytes of one instruction changed: the one a relocation of that kind patches.
 */
function changed(kind: 'call' | 'lddw', change: (slot: Uint8Array) => void, name = NAME) {
  const bytes = readObject(name).slice();
  const { relocations } = parseElf(bytes);
  const opcode = kind === 'call' ? 0x85 : 0x18;
  const found = relocations.find(
    ({ target, offset }) => target.flags.exec && target.data[offset] === opcode,
  )!;
  const at = found.target.offset + found.offset;
  change(bytes.subarray(at, at + 16));
  return {
    object: loadObject(name, bytes),
    place: `${found.target.name}+0x${found.offset.toString(16)}`,
  };
}

const errorsOf = ({ programs }: ReturnType<typeof loadObject>) => [
  ...new Set(programs.flatMap(({ linked }) => ('error' in linked ? [linked.error.message] : []))),
];

describe('a relocation that fits its instruction no longer', () => {
  test('is refused by place, type and symbol', () => {
    const { object, place } = changed('call', (slot) => {
      slot[0] = 0x07;
    });
    const [message] = errorsOf(object);
    expect(message.startsWith(`${place}: relocation R_BPF_64_32 against "`)).toBe(true);
    expect(message.endsWith('" cannot patch an instruction with opcode 0x07')).toBe(true);
  });
  test('a load in place of a call', () => {
    const { object } = changed('call', (slot) => {
      slot[0] = 0x18;
    });
    expect(errorsOf(object)[0]).toMatch(
      /^\S+: relocation R_BPF_64_32 against ".*" cannot patch an instruction with opcode 0x18$/,
    );
  });
  test('a map load in place of which something else stands', () => {
    const { object } = changed(
      'lddw',
      (slot) => {
        slot[0] = 0x85;
      },
      'xdp_counter.clang-19-v3-g.o',
    );
    expect(errorsOf(object)[0]).toMatch(
      /relocation R_BPF_64_64 against ".*" cannot patch an instruction with opcode 0x85$/,
    );
  });
  test('other programs of the object stay', () => {
    const { object } = changed('call', (slot) => {
      slot[0] = 0x07;
    });
    expect(object.programs.some(({ linked }) => 'bytes' in linked)).toBe(true);
    expect(errorsOf(loadObject(NAME, readObject(NAME)))).toEqual([]);
  });
});

test('a function that does not end behind an instruction is refused with its bytes', () => {
  const name = 'bpf_filter.clang-19-v3.o';
  const sized = (more: number) => {
    const bytes = readObject(name).slice();
    const view = new DataView(bytes.buffer);
    const { sections } = parseElf(bytes);
    const code = sections.findIndex(({ flags, data }) => flags.exec && data.length > 0);
    // Of its header (64 bytes), sh_size.
    const size = Number(view.getBigUint64(40, true)) + 64 * code + 32;
    const now = view.getBigUint64(size, true) + BigInt(more);
    view.setBigUint64(size, now, true);
    return { bytes, now, section: sections[code].name };
  };
  const { bytes, now, section } = sized(-4);
  expect(errorsOf(loadObject(name, bytes))).toEqual([
    expect.stringMatching(
      new RegExp(`^${section}\\+0x0: function "\\w+" has ${now} bytes, instructions have 8$`),
    ),
  ]);
  expect(errorsOf(loadObject(name, sized(0).bytes))).toEqual([]);
});

describe('what a link keeps of an object', () => {
  test('a map that cannot be read is left out with a warning that names it', () => {
    const { maps, warnings } = loadObject('bad', readObject('bad_map.clang-19-v3-g.o'));
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.some((warning) => /map/.test(warning))).toBe(true);
    for (const { name } of maps)
      expect(warnings.some((warning) => warning.includes(`"${name}" `))).toBe(false);
  });
  test('CO-RE relocations stay, however few they are', () => {
    const folder = '../core-relocations/programs.clang-19-v3.o';
    const bytes = readObject(folder);
    const small = stripBtf(stripDebug(bytes));
    expect(loadObject('x', small).coreRelocations.length).toBe(
      loadObject('x', bytes).coreRelocations.length,
    );
    // The length of the relocations is the last word of the header of .BTF.ext.
    const { sections, endian } = parseElf(bytes);
    const section = sections.find(({ name }) => name === '.BTF.ext')!;
    expect(endian).toBe('little');
    const few = bytes.slice();
    new DataView(few.buffer).setUint32(section.offset + 28, 16, true);
    expect(parseElf(stripBtf(few)).sections.some(({ name }) => name === '.BTF.ext')).toBe(true);
    new DataView(few.buffer).setUint32(section.offset + 28, 0, true);
    expect(parseElf(stripBtf(few)).sections.some(({ name }) => name === '.BTF.ext')).toBe(false);
  });
});
