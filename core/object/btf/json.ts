import { type Json, jsonObject } from '../../bytes/json.ts';
import type { Endian } from '../../bytes/reader.ts';
import type { Btf } from './btf.ts';
import { readBitField } from './format.ts';
import type { BtfInt, BtfMember, BtfType } from './types.ts';

/** Structs inside one another, and elements of an array: beyond what anybody dumps. */
const MAX_DEPTH = 32;
const MAX_ELEMENTS = 65_536;

interface Source {
  readonly btf: Btf;
  readonly bytes: Uint8Array;
  readonly endian: Endian;
}

/** A value in the form in which bpftool writes it in JSON (tools/bpf/bpftool/btf_dumper.c). */
export const valueJson = (btf: Btf, typeId: number, bytes: Uint8Array, endian: Endian): Json =>
  convert({ btf, bytes, endian }, typeId, 0, 0);

function convert(source: Source, typeId: number, bitOffset: number, depth: number): Json {
  const { btf } = source;
  const type = btf.resolve(typeId);
  if (type === undefined || depth > MAX_DEPTH) return '';
  if (type.kind === 'struct' || type.kind === 'union')
    return jsonObject(
      ...type.members.map(
        (member) => [member.name, memberJson(source, member, bitOffset, depth)] as const,
      ),
    );
  const size = btf.sizeOf(typeId) ?? 0;
  if (type.kind === 'array') {
    const text = stringOf(source, type.type, bitOffset / 8, type.count);
    if (text !== undefined) return text;
    const step = (btf.sizeOf(type.type) ?? 0) * 8;
    const count = Math.min(type.count, MAX_ELEMENTS);
    return Array.from({ length: count }, (_, i) =>
      convert(source, type.type, bitOffset + i * step, depth + 1),
    );
  }
  return scalar(type, readBitField(source, bitOffset, size * 8) ?? 0n, size * 8);
}

/** Bit fields are hexadecimal text without a sign. */
function memberJson(source: Source, member: BtfMember, start: number, depth: number): Json {
  const at = start + member.bitOffset;
  if (member.bitSize === 0) return convert(source, member.type, at, depth + 1);
  return `0x${(readBitField(source, at, member.bitSize) ?? 0n).toString(16)}`;
}

function scalar(type: BtfType, bits: bigint, bitSize: number): Json {
  switch (type.kind) {
    case 'int':
      return integer(type, bits, bitSize);
    case 'enum':
    case 'enum64': {
      const found = type.values.find(({ value }) => BigInt.asUintN(bitSize, value) === bits);
      return found?.name ?? (type.signed ? BigInt.asIntN(bitSize, bits) : bits);
    }
    case 'float': {
      const view = new DataView(new ArrayBuffer(8));
      view.setBigUint64(0, bits);
      return bitSize === 32 ? view.getFloat32(4) : view.getFloat64(0);
    }
    default:
      return bits;
  }
}

function integer(type: BtfInt, bits: bigint, bitSize: number): Json {
  if (type.bool) return bits !== 0n;
  if (bitSize > 64) return `0x${bits.toString(16)}`;
  if (type.char && !type.signed) return String.fromCharCode(Number(bits));
  return type.signed ? BigInt.asIntN(bitSize, bits) : bits;
}

/** A char array with printable text up to a NUL is a string. */
function stringOf(
  { btf, bytes }: Source,
  elementType: number,
  offset: number,
  count: number,
): string | undefined {
  const element = btf.resolve(elementType);
  if (element?.kind !== 'int' || element.size !== 1 || !(element.char || element.name === 'char'))
    return undefined;
  const field = bytes.subarray(offset, offset + count);
  const end = field.indexOf(0);
  if (end < 0) return undefined;
  const text = field.subarray(0, end);
  return text.every((byte) => byte > 0x1f && byte < 0x7f)
    ? String.fromCharCode(...text)
    : undefined;
}
