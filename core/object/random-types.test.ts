import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import type { Endian } from '../bytes/reader.ts';
import { InputError } from '../errors.ts';
import { fingerprint } from '../session/outcome.ts';
import { CORE_RELOCATIONS } from '../spec/relocations.ts';
import { Random } from '../testing/random.ts';
import { writeBtf } from '../tools/btf-write.ts';
import { Btf } from './btf/btf.ts';
import { formatValue } from './btf/format.ts';
import { valueJson } from './btf/json.ts';
import type { BtfMember, BtfType } from './btf/types.ts';
import { parseValue } from './btf/value.ts';
import { type Access, describeAccess, findAccess, readAccess } from './co-re/access.ts';
import { fieldsAreCompatible, typesAreCompatible, typesMatch } from './co-re/compatible.ts';
import { coreValue } from './co-re/value.ts';

const SEEDS = Array.from({ length: 24 }, (_, i) => i + 1);
const TYPES = 40;
const NAMES = ['', 'a', 'b', 'c', 'pkt', 'pkt___new', 'proto', 'saddr', 'flow_id', 'frag_off'];
const TYPEDEFS = ['__be16', '__be32', '__sum16', 'in_addr', 'u', 'v', 'u___old', 'mac_t'];

/** Bytes a type of a table takes, as far as its layout asks. */
function sizeOf(types: readonly BtfType[], id: number): number {
  const type = types[id - 1];
  if (type === undefined) return 0;
  if (type.kind === 'ptr') return 8;
  if (type.kind === 'array') return sizeOf(types, type.type) * type.count;
  if ('size' in type) return type.size;
  return 'type' in type && type.kind !== 'func_proto' ? sizeOf(types, type.type) : 0;
}

/** Members one behind the other, or of a union all at 0; some are bit fields. */
function membersOf(types: readonly BtfType[], random: Random, isUnion: boolean): BtfMember[] {
  let bits = 0;
  return Array.from({ length: random.below(5) }, (): BtfMember => {
    const type = 1 + random.below(types.length);
    const behind = types[type - 1];
    const bitSize =
      behind.kind === 'int' && behind.bitOffset === 0 && random.chance(3)
        ? 1 + random.below(behind.bits)
        : 0;
    if (bitSize === 0) bits = Math.ceil(bits / 8) * 8;
    const bitOffset = isUnion ? 0 : bits;
    bits += bitSize || Math.min(64, sizeOf(types, type)) * 8;
    return { name: random.pick(NAMES), type, bitOffset, bitSize };
  });
}

/** A type that refers to those before it, so that each ends. */
function typeOf(types: readonly BtfType[], random: Random): BtfType {
  const id = types.length + 1;
  const name = random.pick(NAMES);
  const other = (): number => (random.chance(12) ? 0 : 1 + random.below(Math.max(1, id - 1)));
  const size = random.pick([1, 2, 4, 8]);
  const ints = (): BtfType => ({
    kind: 'int',
    id,
    name: random.pick(['int', 'char', 'unsigned char', 'long', '_Bool', 'x']),
    size: random.chance(9) ? 16 : size,
    bits: random.chance(9) ? 128 : size * 8 - (random.chance(6) ? 3 : 0),
    bitOffset: random.chance(12) ? 3 : 0,
    signed: random.chance(2),
    char: random.chance(6),
    bool: random.chance(6),
  });
  if (id < 6) return ints();
  return random.pick<() => BtfType>([
    ints,
    ints,
    () => ({ kind: 'ptr', id, name: '', type: other() }),
    () => ({ kind: 'typedef', id, name: random.pick(TYPEDEFS), type: other() }),
    () => ({ kind: random.pick(['const', 'volatile', 'restrict']), id, name: '', type: other() }),
    () => ({ kind: 'type_tag', id, name: 'user', type: other() }),
    () => ({
      kind: 'array',
      id,
      name: '',
      type: 1 + random.below(id - 1),
      indexType: 1,
      count: random.pick([0, 1, 2, 3, 6, 6, 8, 300]),
    }),
    ...['struct' as const, 'union' as const, 'struct' as const].map((kind) => (): BtfType => {
      const members = membersOf(types, random, kind === 'union');
      const last = members.at(-1);
      const end = last ? Math.ceil(last.bitOffset / 8) + sizeOf(types, last.type) : 0;
      return { kind, id, name, size: Math.min(end, 4096), members };
    }),
    ...['enum' as const, 'enum64' as const].map(
      (kind) => (): BtfType => ({
        kind,
        id,
        name,
        size: kind === 'enum64' ? 8 : random.pick([1, 2, 4]),
        signed: random.chance(2),
        values: ['ONE', 'TWO', 'THREE'].slice(random.below(3)).map((value, i) => ({
          name: value,
          value: kind === 'enum' ? BigInt(i * 100) : BigInt(i) << 40n,
        })),
      }),
    ),
    () => ({ kind: 'fwd', id, name, union: random.chance(2) }),
    () => ({ kind: 'float', id, name: 'double', size: random.pick([4, 8]) }),
    () => ({
      kind: 'func_proto',
      id,
      name: '',
      type: other(),
      parameters: Array.from({ length: random.below(4) }, () => ({ name, type: other() })),
    }),
  ])();
}

function tableOf(seed: number): BtfType[] {
  const random = new Random(seed);
  const types: BtfType[] = [];
  while (types.length < TYPES) types.push(typeOf(types, random));
  return types;
}

/** The same types with a little changed: what a newer kernel might have. */
function newer(types: readonly BtfType[], random: Random): BtfType[] {
  return types.map((type) => {
    if (!random.chance(3)) return type;
    if (type.kind === 'int') return { ...type, signed: !type.signed, size: 8, bits: 64 };
    if (type.kind === 'array') return { ...type, count: type.count + 1 };
    if (type.kind === 'struct' || type.kind === 'union')
      return {
        ...type,
        size: type.size + 8,
        members: type.members
          .filter(() => !random.chance(5))
          .map((member) => ({ ...member, bitOffset: member.bitOffset + 64 })),
      };
    if (type.kind === 'enum')
      return {
        ...type,
        values: type.values.map((value) => ({ ...value, value: value.value + 1n })),
      };
    if (type.kind === 'func_proto') return { ...type, parameters: type.parameters.slice(1) };
    return type;
  });
}

const textOf = (value: unknown): string =>
  JSON.stringify(value, (key, part) =>
    key === 'btf'
      ? undefined
      : typeof part === 'bigint'
        ? `${part}n`
        : part instanceof Uint8Array
          ? toHex(part)
          : part,
  ) ?? '';
function attempt(read: () => unknown): string {
  try {
    return textOf(read());
  } catch (error) {
    if (error instanceof InputError) return `refused, ${error.message}`;
    throw error;
  }
}

const TYPED = [
  ...['0', '1', '-1', '255', '256', '-129', '0x80', '65536', 'true', 'false', "'a'", 'ONE', 'TWO'],
  ...['"ab"', '"abcdefghi"', '"', '[1, 2]', '[]', '[1, 2, 3, 4, 5, 6, 7, 8, 9]', '01 02', '0102'],
  ...['1.2.3.4', '02:00:00:00:00:01', '0x0800 (IPv4)', '6 (TCP)', '::1', 'x', '1.5'],
];
const ACCESSES = ['0', '1', '0:0', '0:1', '0:2', '0:0:0', '0:1:0', '0:1:1', '0:2:1:0', '0:9', 'x'];

const values = (btf: Btf, id: number, random: Random, endian: Endian): unknown => {
  const size = btf.sizeOf(id) ?? 0;
  const bytes = Uint8Array.from({ length: Math.min(size, 600) }, () =>
    random.chance(3) ? random.pick([0, 1, 0x7f, 0x80, 0xff, 0x41, 0x20, 9]) : random.below(128),
  );
  const known = Uint8Array.from(bytes, () => (random.chance(9) ? 0 : 1));
  return [
    attempt(() => formatValue(btf, id, bytes, endian)),
    attempt(() => formatValue(btf, id, bytes, endian, { name: 'proto', known })),
    attempt(() => formatValue(btf, id, bytes, endian, { bits: { offset: 3, size: 5 } })),
    attempt(() => formatValue(btf, id, bytes.subarray(0, bytes.length - 1), endian)),
    attempt(() => valueJson(btf, id, bytes, endian)),
    TYPED.map((text) =>
      attempt(() => parseValue(text, { btf, type: id, size: Math.min(size, 600), endian }, 'it')),
    ),
  ];
};

function accesses(local: Btf, target: Btf, id: number, endian: Endian): unknown {
  return (['field', 'enumerator', 'type'] as const).flatMap((group) =>
    ACCESSES.map((text) =>
      attempt(() => {
        const access = readAccess(local, local.types[id], text, group);
        const valueIn = (where: Access) =>
          CORE_RELOCATIONS.filter(({ about }) => about === group).map(({ name }) =>
            attempt(() => coreValue(name, where, endian)),
          );
        const found = attempt(() => {
          const there = findAccess(access, target, target.types[id], { left: 1000 });
          return there && [describeAccess(there), there.bitOffset, valueIn(there)];
        });
        return [describeAccess(access), access.bitOffset, valueIn(access), found];
      }),
    ),
  );
}

const comparisons = (local: Btf, target: Btf, id: number): unknown =>
  [id, 1 + (id % TYPES), 1 + ((id * 7) % TYPES)].map((other) =>
    [typesAreCompatible, typesMatch, fieldsAreCompatible].map((compare) =>
      attempt(() => compare(local, id, target, other, { left: 1000 })),
    ),
  );

test('types that are written read the same', () => {
  for (const seed of SEEDS)
    expect(new Btf(writeBtf(tableOf(seed)), 'little').types.slice(1)).toEqual(tableOf(seed));
});

/**
 * What C objects have in them is compared with bpftool and libbpf elsewhere; this keeps what is
 * made of types no compiler would write, in fingerprints: declarations, values of them as they are
 * shown, written and typed in, comparisons with the types of another kernel, and accesses.
 */
test('types at random', async () => {
  const lines = SEEDS.map((seed) => {
    const random = new Random(1000 + seed);
    const endian = seed % 3 === 0 ? 'big' : 'little';
    const table = tableOf(seed);
    const local = new Btf(writeBtf(table), 'little');
    const target = new Btf(writeBtf(newer(table, random)), 'little');
    const ids = table.map(({ id }) => id);
    const parts: readonly ((id: number) => unknown)[] = [
      (id) => [
        local.declaration(id),
        local.declaration(id, 'x'),
        local.sizeOf(id),
        local.members(id),
      ],
      (id) => values(local, id, random, endian),
      (id) => comparisons(local, target, id),
      (id) => accesses(local, target, id, endian),
    ];
    const prints = parts.map((part) => fingerprint(textOf(ids.map(part))).slice(0, 8));
    return `${seed}: ${prints.join(' ')}`;
  });
  const golden = join(import.meta.dirname, '../testdata/inspected/random-types.txt');
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(golden);
});
