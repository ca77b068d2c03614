import { ByteReader, type Endian } from '../../bytes/reader.ts';
import { at, InputError } from '../../errors.ts';
import { StringTable } from '../elf/string-table.ts';
import type { BtfReference, BtfType } from './types.ts';

export const BTF_MAGIC = 0xeb9f;
const HEADER_BYTES = 24;
const TYPE_BYTES = 12;
/** BTF_MAX_TYPE of the uapi header linux/btf.h */
const MAX_TYPES = 0xfffff;
const LINKAGES = ['static', 'global', 'extern'] as const;

/**
 * The common head of a type: name, info, size-or-type (4 bytes each), then what its kind adds.
 *
 *     info: bits 0-15 vlen | 24-28 kind | 31 kind_flag
 */
interface Head {
  readonly id: number;
  readonly name: string;
  readonly vlen: number;
  readonly flag: boolean;
  readonly sizeOrType: number;
  /** Where what the kind adds begins. */
  readonly extra: number;
}

/** A kind: how many bytes follow the head, and the type they make. */
interface Kind {
  readonly extraBytes: (vlen: number) => number;
  readonly read: (head: Head, input: Input) => BtfType;
}

interface Input {
  readonly reader: ByteReader;
  readonly strings: StringTable;
}

const nothing = (): number => 0;
const word = (): number => 4;
const words = (count: number) => (vlen: number) => count * 4 * vlen;

const reference = (kind: BtfReference['kind']): Kind => ({
  extraBytes: nothing,
  read: ({ id, name, sizeOrType }) => ({ kind, id, name, type: sizeOrType }),
});

const record = (kind: 'struct' | 'union'): Kind => ({
  extraBytes: words(3),
  read: ({ id, name, vlen, flag, sizeOrType, extra }, { reader, strings }) => ({
    kind,
    id,
    name,
    size: sizeOrType,
    members: Array.from({ length: vlen }, (_, index) => {
      const offset = reader.u32(extra + index * 12 + 8);
      return {
        name: strings.at(reader.u32(extra + index * 12)),
        type: reader.u32(extra + index * 12 + 4),
        // with kind_flag the upper byte is the width of a bit field
        bitOffset: flag ? offset & 0xff_ffff : offset,
        bitSize: flag ? offset >>> 24 : 0,
      };
    }),
  }),
});

/** By kind number, BTF_KIND_INT (1) to BTF_KIND_ENUM64 (19). */
const KINDS: readonly (Kind | undefined)[] = [
  undefined,
  { extraBytes: word, read: readInt },
  reference('ptr'),
  { extraBytes: () => 12, read: readArray },
  record('struct'),
  record('union'),
  { extraBytes: words(2), read: readEnum },
  { extraBytes: nothing, read: ({ id, name, flag }) => ({ kind: 'fwd', id, name, union: flag }) },
  reference('typedef'),
  reference('volatile'),
  reference('const'),
  reference('restrict'),
  {
    extraBytes: nothing,
    // the linkage of a function stands where others count their members
    read: ({ id, name, vlen, sizeOrType }) => ({
      kind: 'func',
      id,
      name,
      type: sizeOrType,
      linkage: LINKAGES[vlen] ?? 'static',
    }),
  },
  { extraBytes: words(2), read: readPrototype },
  { extraBytes: word, read: readVariable },
  { extraBytes: words(3), read: readDataSection },
  {
    extraBytes: nothing,
    read: ({ id, name, sizeOrType }) => ({ kind: 'float', id, name, size: sizeOrType }),
  },
  {
    extraBytes: word,
    read: ({ id, name, sizeOrType, extra }, { reader }) => ({
      kind: 'decl_tag',
      id,
      name,
      type: sizeOrType,
      component: reader.i32(extra),
    }),
  },
  reference('type_tag'),
  { extraBytes: words(3), read: readEnum64 },
];

/** Reads all types of a .BTF section, void first; throws an InputError where it is damaged. */
export function parseBtfTypes(
  section: Uint8Array,
  endian: Endian,
): { types: BtfType[]; strings: StringTable } {
  const place = (offset: number): string => at('.BTF', offset);
  const reader = new ByteReader(section, endian, place);
  reader.need(0, HEADER_BYTES, 'the BTF header');
  if (reader.u16(0) !== BTF_MAGIC)
    throw new InputError(place(0), `magic number 0x${reader.u16(0).toString(16)}, BTF has 0xeb9f`);
  if (reader.u8(2) !== 1)
    throw new InputError(place(2), `BTF version ${reader.u8(2)}, only version 1 is defined`);
  const headerBytes = reader.u32(4);
  const typesStart = headerBytes + reader.u32(8);
  const typesEnd = typesStart + reader.u32(12);
  const stringsStart = headerBytes + reader.u32(16);
  reader.need(typesStart, typesEnd - typesStart, 'the types');
  const strings = new StringTable(
    reader.slice(stringsStart, reader.u32(20), 'the strings'),
    '.BTF strings',
  );
  const types: BtfType[] = [{ kind: 'void', id: 0, name: '' }];
  let offset = typesStart;
  while (offset < typesEnd) {
    if (types.length > MAX_TYPES)
      throw new InputError(place(offset), `more than ${MAX_TYPES} types`);
    const info = reader.u32(offset + 4, 'a type');
    const kindNumber = (info >>> 24) & 0x1f;
    const kind = KINDS[kindNumber];
    if (kind === undefined)
      throw new InputError(
        place(offset),
        `type ${types.length} has kind ${kindNumber}, which BTF does not define`,
      );
    const head: Head = {
      id: types.length,
      name: strings.at(reader.u32(offset)),
      vlen: info & 0xffff,
      flag: info >>> 31 === 1,
      sizeOrType: reader.u32(offset + 8, 'a type'),
      extra: offset + TYPE_BYTES,
    };
    const extraBytes = kind.extraBytes(head.vlen);
    reader.need(head.extra, extraBytes, `type ${head.id}`);
    types.push(kind.read(head, { reader, strings }));
    offset = head.extra + extraBytes;
  }
  return { types, strings };
}

function readInt({ id, name, sizeOrType, extra }: Head, { reader }: Input): BtfType {
  // encoding: bits 0-7 width, 16-23 offset, 24 signed, 25 char, 26 bool
  const encoding = reader.u32(extra);
  return {
    kind: 'int',
    id,
    name,
    size: sizeOrType,
    bits: encoding & 0xff,
    bitOffset: (encoding >>> 16) & 0xff,
    signed: (encoding & 0x0100_0000) !== 0,
    char: (encoding & 0x0200_0000) !== 0,
    bool: (encoding & 0x0400_0000) !== 0,
  };
}

function readArray({ id, name, extra }: Head, { reader }: Input): BtfType {
  return {
    kind: 'array',
    id,
    name,
    type: reader.u32(extra),
    indexType: reader.u32(extra + 4),
    count: reader.u32(extra + 8),
  };
}

function readEnum(
  { id, name, vlen, flag, sizeOrType, extra }: Head,
  { reader, strings }: Input,
): BtfType {
  const values = Array.from({ length: vlen }, (_, index) => {
    const offset = extra + index * 8;
    return {
      name: strings.at(reader.u32(offset)),
      value: BigInt(flag ? reader.i32(offset + 4) : reader.u32(offset + 4)),
    };
  });
  return { kind: 'enum', id, name, size: sizeOrType, signed: flag, values };
}

function readEnum64(
  { id, name, vlen, flag, sizeOrType, extra }: Head,
  { reader, strings }: Input,
): BtfType {
  const values = Array.from({ length: vlen }, (_, index) => {
    const offset = extra + index * 12;
    // two 32-bit halves, low first in either byte order
    const value = (BigInt(reader.u32(offset + 8)) << 32n) | BigInt(reader.u32(offset + 4));
    return { name: strings.at(reader.u32(offset)), value: flag ? BigInt.asIntN(64, value) : value };
  });
  return { kind: 'enum64', id, name, size: sizeOrType, signed: flag, values };
}

function readPrototype(
  { id, name, vlen, sizeOrType, extra }: Head,
  { reader, strings }: Input,
): BtfType {
  const parameters = Array.from({ length: vlen }, (_, index) => ({
    name: strings.at(reader.u32(extra + index * 8)),
    type: reader.u32(extra + index * 8 + 4),
  }));
  return { kind: 'func_proto', id, name, type: sizeOrType, parameters };
}

function readVariable({ id, name, sizeOrType, extra }: Head, { reader }: Input): BtfType {
  return {
    kind: 'var',
    id,
    name,
    type: sizeOrType,
    linkage: LINKAGES[reader.u32(extra)] ?? 'static',
  };
}

function readDataSection({ id, name, vlen, sizeOrType, extra }: Head, { reader }: Input): BtfType {
  const variables = Array.from({ length: vlen }, (_, index) => ({
    type: reader.u32(extra + index * 12),
    offset: reader.u32(extra + index * 12 + 4),
    size: reader.u32(extra + index * 12 + 8),
  }));
  return { kind: 'datasec', id, name, size: sizeOrType, variables };
}
