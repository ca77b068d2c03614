import { BTF_MAGIC } from '../object/btf/parse.ts';
import type { BtfType } from '../object/btf/types.ts';

/** Kinds a writer may meet, with their numbers (uapi linux/btf.h). */
const KIND = {
  int: 1,
  ptr: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  fwd: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  func_proto: 13,
  float: 16,
  type_tag: 18,
  enum64: 19,
} as const;
const HEADER_BYTES = 24;

/** Each string once; '' is at 0. */
class Strings {
  private readonly offsets = new Map<string, number>([['', 0]]);
  private readonly parts: Uint8Array[] = [Uint8Array.of(0)];
  private size = 1;

  add(text: string): number {
    const known = this.offsets.get(text);
    if (known !== undefined) return known;
    const bytes = new TextEncoder().encode(`${text}\0`);
    const offset = this.size;
    this.offsets.set(text, offset);
    this.parts.push(bytes);
    this.size += bytes.length;
    return offset;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.parts.flatMap((part) => [...part]));
  }
}

/** A little-endian .BTF section with these types, whose ids count from 1 in their order. */
export function writeBtf(types: readonly BtfType[]): Uint8Array {
  const strings = new Strings();
  const words = Uint32Array.from(types.flatMap((type) => wordsOf(type, strings)));
  const typeBytes = words.length * 4;
  const stringBytes = strings.bytes();
  const out = new Uint8Array(HEADER_BYTES + typeBytes + stringBytes.length);
  const view = new DataView(out.buffer);
  view.setUint16(0, BTF_MAGIC, true);
  view.setUint8(2, 1);
  for (const [i, word] of [HEADER_BYTES, 0, typeBytes, typeBytes, stringBytes.length].entries())
    view.setUint32(4 + i * 4, word, true);
  for (const [i, word] of words.entries()) view.setUint32(HEADER_BYTES + i * 4, word, true);
  out.set(stringBytes, HEADER_BYTES + typeBytes);
  return out;
}

/** A type's head, and what its kind adds (core/object/btf/parse.ts reads the same). */
function wordsOf(type: BtfType, strings: Strings): number[] {
  const head = (vlen: number, flag: boolean, sizeOrType: number): number[] => {
    const kind = KIND[type.kind as keyof typeof KIND];
    return [
      strings.add(type.name),
      ((flag ? 0x8000_0000 : 0) | (kind << 24) | vlen) >>> 0,
      sizeOrType,
    ];
  };
  switch (type.kind) {
    case 'int': {
      const flags = (type.signed ? 1 : 0) | (type.char ? 2 : 0) | (type.bool ? 4 : 0);
      return [...head(0, false, type.size), (flags << 24) | (type.bitOffset << 16) | type.bits];
    }
    case 'array':
      return [...head(0, false, 0), type.type, type.indexType, type.count];
    case 'struct':
    case 'union': {
      const hasBitFields = type.members.some(({ bitSize }) => bitSize > 0);
      const members = type.members.flatMap((member) => [
        strings.add(member.name),
        member.type,
        (hasBitFields ? (member.bitSize << 24) | member.bitOffset : member.bitOffset) >>> 0,
      ]);
      return [...head(type.members.length, hasBitFields, type.size), ...members];
    }
    case 'enum': {
      const values = type.values.flatMap(({ name, value }) => [
        strings.add(name),
        Number(BigInt.asUintN(32, value)),
      ]);
      return [...head(type.values.length, type.signed, type.size), ...values];
    }
    case 'enum64': {
      const values = type.values.flatMap(({ name, value }) => [
        strings.add(name),
        Number(BigInt.asUintN(32, value)),
        Number(BigInt.asUintN(32, value >> 32n)),
      ]);
      return [...head(type.values.length, type.signed, type.size), ...values];
    }
    case 'fwd':
      return head(0, type.union, 0);
    case 'float':
      return head(0, false, type.size);
    case 'func_proto': {
      const parameters = type.parameters.flatMap(({ name, type: id }) => [strings.add(name), id]);
      return [...head(type.parameters.length, false, type.type), ...parameters];
    }
    case 'ptr':
    case 'typedef':
    case 'volatile':
    case 'const':
    case 'restrict':
    case 'type_tag':
      return head(0, false, type.type);
    default:
      throw new Error(`types of kind ${type.kind} are not written`);
  }
}
