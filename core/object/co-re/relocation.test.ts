import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { decodeAll } from '../../asm/decode.ts';
import { disassemble } from '../../asm/disassemble.ts';
import { toHex } from '../../bytes/hex.ts';
import type { Endian } from '../../bytes/reader.ts';
import type { CoreRelocationName } from '../../spec/relocations.ts';
import { writeBtf } from '../../tools/btf-write.ts';
import { Btf } from '../btf/btf.ts';
import { bundledTypes } from '../btf/kernel-types.ts';
import type { BtfMember, BtfType } from '../btf/types.ts';
import type { ElfSection } from '../elf/elf.ts';
import { loadObject } from '../load.ts';
import { readAccess } from './access.ts';
import { relocateCore } from './relocation.ts';
import { essentialName } from './types.ts';
import { coreValue } from './value.ts';

/** Of libbpf's enum bpf_core_relo_kind. */
const TYPE_EXISTS = 8;

const folder = join(import.meta.dirname, '../../testdata/core-relocations');
const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
const text = (name: string) => readFileSync(join(folder, name), 'utf8');

type Answer = string | { readonly error: string };
const answers: Record<string, Record<string, Answer>> = JSON.parse(text('answers.json'));

/** The types of a file; those of the running kernel are the bundled ones. */
const typesOf = async (name: string) =>
  name === 'vmlinux' ? await bundledTypes() : { btf: loadObject(name, read(name)).btf! };
const load = async (object: string, types: string) =>
  loadObject(object, read(object), { target: { name: types, ...(await typesOf(types)) } });

describe('programs are relocated as libbpf does (testdata/core-relocations/record.sh)', () => {
  const counts = { programs: 0, refused: 0, relocations: 0, poisoned: 0 };
  const kinds = new Map<string, number>();
  afterAll(() =>
    console.log('compared with libbpf:', JSON.stringify(counts), JSON.stringify([...kinds])),
  );

  test.each(Object.keys(answers))('%s', async (title) => {
    const object = await load(...(title.split(' with ') as [string, string]));
    const ours: Record<string, Answer> = {};
    for (const { name, linked } of object.programs)
      ours[name] = 'error' in linked ? { error: linked.error.message } : toHex(linked.bytes);
    const comparable = Object.fromEntries(
      Object.entries(ours).map(([name, answer]) => {
        const theirs = answers[title][name];
        // The words of an error are each one's own.
        return [name, typeof answer === 'string' || typeof theirs !== 'object' ? answer : theirs];
      }),
    );
    expect(comparable).toEqual(answers[title]);
    counts.programs += object.programs.length;
    counts.refused += Object.values(ours).filter((answer) => typeof answer !== 'string').length;
    for (const { kind, how } of object.coreRelocations) {
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      counts.relocations++;
      if (how === 'poisoned') counts.poisoned++;
    }
  });
});

describe('where Linux 6.18 differs from the libbpf that was asked (record-kernel.py)', () => {
  const kernel: Record<string, string[]> = JSON.parse(text('kernel-only.answers.json'));
  /** The verifier's text in LLVM's spelling: hexadecimal, and without the opcode. */
  const spelled = (line: string) =>
    line
      .replace(/^\(..\) /, '')
      .replace('unknown#', '')
      .replace(/([-+])(\d+)\)/, '$1 $2)')
      .replace(/(?<=[ =])\d+(?=\)|$)/g, (number) => `0x${Number(number).toString(16)}`);

  test.each(Object.keys(kernel))('%s', async (section) => {
    const object = await load('kernel-only.o', 'vmlinux');
    const { linked } = object.programs.find((program) => program.section === section)!;
    const code = 'bytes' in linked ? [...decodeAll(linked.bytes, 'little')] : [];
    const ours = code.map(({ instruction }) =>
      disassemble(instruction, 'llvm').replace('\t', ' ').replace(' ll', ''),
    );
    expect(ours).toEqual(kernel[section].map(spelled));
  });
});

describe('a relocation that cannot be applied', () => {
  const linkedOf = async (name: string) =>
    (await load('programs.clang-19-v3.o', 'target.clang-19.o')).programs.find(
      (program) => program.name === name,
    )!.linked;

  test.each([
    [
      'read_missing',
      'struct gone.missing failed: no such field in the target types (target.clang-19.o)',
    ],
    [
      'read_other_kind',
      'struct gone.other_kind failed: no such field in the target types (target.clang-19.o)',
    ],
    [
      'read_no_such_type',
      'struct no_such_type.x failed: no struct no_such_type ' +
        'in the target types (target.clang-19.o)',
    ],
    [
      'enumerator_lost',
      'enum color::COLOR_LOST failed: no such enumerator in the target types (target.clang-19.o)',
    ],
    [
      'read_sign_grown',
      'struct resized.sign_grown failed: 4 bytes as compiled, 8 in the target: ' +
        'only pointers and unsigned numbers may change their size',
    ],
  ])('leaves an instruction not to be reached: %s', async (name, words) =>
    expect(await linkedOf(name)).toMatchObject({
      poisoned: new Map([[0, `CO-RE relocation of ${words}`]]),
    }),
  );

  test.each([
    [
      'read_ambiguous',
      'field_byte_offset of struct twice.differs cannot be resolved: ' +
        'several types of the target fit',
    ],
    [
      'read_far',
      'field_byte_offset of struct far.x comes to offset 40000, ' +
        'loads and stores take 32767 at most',
    ],
    [
      'element_sign',
      'field_signed of struct moved.bytes[3] cannot be read: ' +
        'it is not defined for elements of arrays',
    ],
  ])('is an error of its program alone: %s', async (name, words) => {
    const linked = await linkedOf(name);
    expect('error' in linked ? linked.error.message : '').toContain(`CO-RE relocation ${words}`);
    expect(await linkedOf('read_first')).toHaveProperty('bytes');
  });
});

describe('names', () => {
  test.each([
    ['sk_buff', 'sk_buff'],
    ['sk_buff___old', 'sk_buff'],
    ['a___b___c', 'a___b'],
    ['___a', '___a'],
    ['a____b', 'a____b'],
    ['a___', 'a___'],
  ])('%s is a flavor of %s', (name, essential) => expect(essentialName(name)).toBe(essential));
});

/** One side of a comparison, as a compiler would have written it. */
const struct = (members: BtfMember[], others: BtfType[]) =>
  new Btf(writeBtf([{ kind: 'struct', id: 1, name: 's', size: 16, members }, ...others]), 'little');
const int = (size: number, signed = false): BtfType => ({
  kind: 'int',
  id: 2,
  name: 'number',
  size,
  bits: size * 8,
  bitOffset: 0,
  signed,
  char: false,
  bool: false,
});
const valueIn = (kind: CoreRelocationName, btf: Btf, endian: Endian, access = '0:0') =>
  coreValue(kind, readAccess(btf, btf.byId(1)!, access, 'field'), endian);

describe('values where libbpf of 2023 says otherwise than Linux 6.18, or cannot be asked', () => {
  const bits = struct([{ name: 'b', type: 2, bitOffset: 5, bitSize: 9 }], [int(4)]);
  test('a bit field is shifted from the other end in a big-endian program', () => {
    expect(valueIn('field_lshift_u64', bits, 'little').value).toBe(64n - 14n);
    expect(valueIn('field_lshift_u64', bits, 'big').value).toBe(32n + 5n);
    expect(valueIn('field_rshift_u64', bits, 'big').value).toBe(64n - 9n);
  });
  test.each([
    [true, 1n],
    [false, 0n],
  ])('an enumeration is signed if its type says so: %s', (signed, value) => {
    const values = [{ name: 'A', value: 1n }];
    const btf = struct(
      [{ name: 'e', type: 2, bitOffset: 0, bitSize: 0 }],
      [{ kind: 'enum', id: 2, name: 'e', size: 4, signed, values }],
    );
    expect(valueIn('field_signed', btf, 'little').value).toBe(value);
  });
  test('a load of an array is one of its element', () => {
    const btf = struct(
      [{ name: 'a', type: 2, bitOffset: 0, bitSize: 0 }],
      [
        { kind: 'array', id: 2, name: '', type: 3, indexType: 3, count: 4 },
        { ...int(2), id: 3 },
      ],
    );
    expect(valueIn('field_byte_offset', btf, 'little').width).toEqual({
      bytes: 2,
      resizes: 'unsigned',
    });
    expect(valueIn('field_byte_size', btf, 'little').value).toBe(8n);
  });
});

describe('types as another tool writes them', () => {
  test('written types read the same', () => {
    for (const name of ['target.clang-19.o', 'programs.clang-19-v3.o']) {
      const plain = ['var', 'datasec', 'func', 'decl_tag'];
      const types = loadObject(name, read(name))
        .btf!.types.filter(({ kind }) => !plain.includes(kind))
        .slice(1);
      const dense = types.every(({ id }, i) => id === i + 1)
        ? types
        : types.map((type, i) => ({ ...type, id: i + 1 }));
      expect(new Btf(writeBtf(dense), 'little').types.slice(1)).toEqual(dense);
    }
  });
  test('the bundled types are small', async () => {
    const { types } = (await bundledTypes()).btf;
    console.log(`bundled: ${types.length} types`);
    expect(types.length).toBeGreaterThan(500);
    for (const type of types) if ('type' in type) expect(types[type.type]).toBeDefined();
  });
});

test('a relocation patches a whole instruction of its section', () => {
  const btf = struct([], []);
  const section = { name: 'xdp', data: new Uint8Array(16).fill(0) } as unknown as ElfSection;
  const said = (offset: number, name = 'xdp') => {
    const relocation = { section: name, offset, type: 1, access: '0', kind: TYPE_EXISTS };
    const target = { name: 'kernel', btf };
    const { results } = relocateCore([section], btf, [relocation], target, 'little');
    const [result] = results;
    return 'error' in result ? result.error.message : '';
  };
  for (const offset of [1, 4, 15, 16, 24]) expect(said(offset)).toContain('patches no instruction');
  for (const offset of [0, 8]) expect(said(offset)).not.toContain('patches no instruction');
  expect(said(0, 'tc')).toContain('patches no instruction');
});
