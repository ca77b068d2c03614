import { describe, expect, test } from 'vitest';
import { objectNames, readObject, recorded } from '../../testing/corpus.ts';
import { parseElf } from '../elf/elf.ts';
import { Btf } from './btf.ts';
import type { BtfType } from './types.ts';

/** A type as `bpftool -j btf dump` prints it. */
type Dumped = Record<string, unknown> & { id: number; kind: string; name: string };

const dumps = recorded<Dumped[] | null>('btf');
const texts = recorded<string | null>('btf-c');

function btfOf(name: string): Btf {
  const elf = parseElf(readObject(name));
  return new Btf(elf.sections.find((section) => section.name === '.BTF')!.data, elf.endian);
}

const nameOrAnonymous = (name: string): string => name || '(anon)';

function asDumped(type: BtfType): Record<string, unknown> {
  const head = { id: type.id, kind: type.kind.toUpperCase(), name: nameOrAnonymous(type.name) };
  switch (type.kind) {
    case 'int':
      return {
        ...head,
        size: type.size,
        bits_offset: type.bitOffset,
        nr_bits: type.bits,
        encoding: encodingOf(type),
      };
    case 'array':
      return { ...head, type_id: type.type, index_type_id: type.indexType, nr_elems: type.count };
    case 'struct':
    case 'union':
      return {
        ...head,
        size: type.size,
        vlen: type.members.length,
        members: type.members.map(memberDumped),
      };
    case 'enum':
    case 'enum64': {
      const bits = type.kind === 'enum' ? 32 : 64;
      const values = type.values.map(({ name, value }) => ({
        name,
        val: String(BigInt.asUintN(bits, value)),
      }));
      return { ...head, size: type.size, vlen: values.length, values };
    }
    case 'fwd':
      return { ...head, fwd_kind: type.union ? 'union' : 'struct' };
    case 'func':
    case 'var':
      return { ...head, type_id: type.type, linkage: type.linkage };
    case 'func_proto': {
      const params = type.parameters.map(({ name, type }) => ({
        name: nameOrAnonymous(name),
        type_id: type,
      }));
      return { ...head, ret_type_id: type.type, vlen: params.length, params };
    }
    case 'datasec': {
      const vars = type.variables.map(({ type, offset, size }) => ({
        type_id: type,
        offset,
        size,
      }));
      return { ...head, size: type.size, vlen: vars.length, vars };
    }
    case 'float':
      return { ...head, size: type.size };
    case 'decl_tag':
      return { ...head, type_id: type.type, component_idx: type.component };
    case 'void':
      return head;
    default:
      return { ...head, type_id: type.type };
  }
}

const memberDumped = ({
  name,
  type,
  bitOffset,
  bitSize,
}: {
  name: string;
  type: number;
  bitOffset: number;
  bitSize: number;
}) => ({
  name: nameOrAnonymous(name),
  type_id: type,
  bits_offset: bitOffset,
  ...(bitSize > 0 ? { bitfield_size: bitSize } : {}),
});

function encodingOf({
  signed,
  char,
  bool,
}: {
  signed: boolean;
  char: boolean;
  bool: boolean;
}): string {
  if (signed && char) return 'UNKN';
  return signed ? 'SIGNED' : char ? 'CHAR' : bool ? 'BOOL' : '(none)';
}

/**
 * bpftool prints an unsigned 32-bit enumerator sign-extended to 64 bits, and the signedness, which
 * is `signed` here.
 */
function plainEnum({ encoding, ...dumped }: Dumped): Record<string, unknown> {
  if (!Array.isArray(dumped.values))
    return encoding === undefined ? dumped : { ...dumped, encoding };
  const values = dumped.values as { name: string; val: string }[];
  const bits = dumped.kind === 'ENUM' ? 32 : 64;
  return {
    ...dumped,
    values: values.map(({ name, val }) => ({
      name,
      val: String(BigInt.asUintN(bits, BigInt(val))),
    })),
  };
}

describe('types, compared with bpftool', () => {
  const names = objectNames().filter((name) => dumps[name]);

  test(`every type of ${names.length} objects`, () => {
    const kinds = new Map<string, number>();
    for (const name of names) {
      const types = btfOf(name).types.slice(1);
      for (const { kind } of types) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      expect(types.map(asDumped), name).toEqual(dumps[name]!.map(plainEnum));
    }
    console.info('types compared with bpftool:', JSON.stringify(Object.fromEntries(kinds)));
    expect(kinds.size).toBe(19);
  });

  test('declarations of members are the lines bpftool writes', () => {
    let lines = 0;
    for (const name of names) {
      const btf = btfOf(name);
      const written = new Set((texts[name] ?? '').split('\n').map(plainLine));
      for (const type of btf.types) {
        if (
          (type.kind !== 'struct' && type.kind !== 'union') ||
          type.name === '' ||
          !written.has(`${type.kind} ${type.name} {`)
        )
          continue;
        for (const member of type.members) {
          const width = member.bitSize > 0 ? `: ${member.bitSize}` : '';
          const text = `${btf.declaration(member.type, member.name)}${width};`;
          if (member.name === '' || /[{]/.test(text)) continue;
          expect([...written], `${name} ${type.name}`).toContain(plainLine(text));
          lines++;
        }
      }
    }
    console.info('member declarations compared with bpftool:', lines);
    expect(lines).toBeGreaterThan(100);
  });
});

/**
 * bpftool leaves out names of parameters, writes type tags, and puts `volatile` before `const`: all
 * but that must be equal.
 */
function plainLine(line: string): string {
  return line
    .trim()
    .replace(/__attribute__\(\(btf_type_tag\("\w+"\)\)\) ?/g, '')
    .replace(/\b(const|volatile) (const|volatile) /, 'const volatile ')
    .replace(/\* (const|volatile|restrict)/g, '*$1')
    .replace(/\s+/g, ' ');
}

describe('C declarations', () => {
  const btf = btfOf('types.clang-19-v3-g.o');
  const node = btf.find('struct', 'node')!;
  test.each([
    ['previous', 'struct node * const previous'],
    ['name', 'const volatile char *name'],
    ['handlers', 'void (*handlers[3])(struct node *, union forward_union *)'],
    ['matrix', 'int (*matrix)[3][4]'],
    ['grid', 'int grid[2][3]'],
    ['on_event', 'callback on_event'],
    ['handle', 'opaque_handle *handle'],
    ['user', 'int *user'],
  ])('%s', (name, text) => {
    const member = node.members.find((member) => member.name === name)!;
    expect(btf.declaration(member.type, name)).toBe(text);
  });

  test('a typedef of a function pointer', () => {
    const callback = btf.find('typedef', 'callback')!;
    expect(btf.declaration(callback.type)).toBe('int (*)(const char *, int, ...)');
  });

  test('sizes look through typedefs and arrays', () => {
    expect(btf.sizeOf(btf.find('typedef', 'mac_address')!.id)).toBe(6);
    expect(btf.sizeOf(node.id)).toBe(200);
    expect(btf.sizeOf(0)).toBeUndefined();
  });
});

describe('damaged and hostile types', () => {
  const header = (types: number[], strings: string): Uint8Array => {
    const text = new TextEncoder().encode(strings);
    const words = new Uint32Array([
      0x0001eb9f,
      24,
      0,
      types.length * 4,
      types.length * 4,
      text.length,
      ...types,
    ]);
    const bytes = new Uint8Array(words.byteLength + text.length);
    bytes.set(new Uint8Array(words.buffer));
    bytes.set(text, words.byteLength);
    return bytes;
  };
  const info = (kind: number, vlen = 0): number => (kind << 24) | vlen;

  test('a cycle of typedefs has no end, no size and a short declaration', () => {
    const btf = new Btf(header([1, info(8), 2, 1, info(8), 1], '\0loop\0'), 'little');
    expect(btf.resolve(1)).toBeUndefined();
    expect(btf.sizeOf(1)).toBeUndefined();
    expect(btf.declaration(1)).toBe('loop');
  });

  test('anonymous structs that contain themselves are cut', () => {
    // struct { (member of its own type) x, y; }
    const btf = new Btf(header([0, info(4, 2), 8, 1, 1, 0, 1, 1, 0], '\0x\0'), 'little');
    expect(btf.declaration(1).length).toBeLessThan(100_000);
  });

  test('arrays of arrays of arrays do not overflow', () => {
    const array = (of: number): number[] => [0, info(3), 0, of, of, 0xffff_ffff];
    const btf = new Btf(
      header([...array(2), ...array(3), ...array(4), 1, info(1), 4, 32], '\0int\0'),
      'little',
    );
    expect(btf.sizeOf(1)).toBeUndefined();
  });

  test('a kind nobody defined', () => {
    expect(() => new Btf(header([0, info(31), 0], '\0'), 'little')).toThrow(
      '.BTF+0x18: type 1 has kind 31',
    );
  });
});
