import type { Machine } from '../machine/machine.ts';
import { EVER_WRITTEN } from '../machine/recorder.ts';
import { TypedStructure } from '../machine/typed.ts';
import { locate, nearestRegion, READ } from '../memory/memory.ts';
import { readBitField } from '../object/btf/format.ts';
import type { TypeTable } from '../object/btf/type-table.ts';
import type { BtfMember, BtfType } from '../object/btf/types.ts';
import type { GuestAddress } from '../spec/units.ts';

/** Bytes of one value that are looked at. */
export const MOST_BYTES = 65_536;
/** Anonymous structures in each other. */
const MAX_NESTED = 8;

/** Something of the C source with its type, as it is now. */
export interface CValue {
  readonly types: TypeTable;
  /** Number in `types`. */
  readonly type: number;
  /** In memory order. */
  readonly bytes: Uint8Array;
  /** Of each byte 1 where it is known; undefined: all are. */
  readonly known?: Uint8Array;
  /** Guest address of its first byte. */
  readonly address?: GuestAddress;
  /** The register of the running function that holds all of it. */
  readonly register?: number;
  /** Of a bit field: where it lies in `bytes`. */
  readonly bits?: { readonly offset: number; readonly size: number };
  /** A structure that is no plain memory, as the context. */
  readonly structure?: TypedStructure;
  /** A field of such a structure: what a load of it gives. */
  readonly number?: bigint;
}

/** As many of `size` bytes at a guest address as may be read; undefined where there is none. */
export function readBytes(
  { memory }: Machine,
  address: GuestAddress,
  size: number,
): Uint8Array | undefined {
  const pointer = BigInt.asUintN(64, address);
  const near = nearestRegion(memory, pointer);
  if (near === undefined || near.offset < 0) return undefined;
  const there = Math.min(size, MOST_BYTES, memory.length[near.id] - near.offset);
  const at =
    there > 0
      ? locate(memory, Number(pointer >> 32n), Number(pointer & 0xffff_ffffn), there, READ)
      : -1;
  return at < 0 ? undefined : memory.bytes.slice(at, at + there);
}

/**
 * Of bytes of the stack 1 where something was ever written; undefined where all were, or it is no
 * stack.
 */
export function writtenBytes(
  { memory, recorder }: Machine,
  address: GuestAddress,
  size: number,
): Uint8Array | undefined {
  const near = nearestRegion(memory, BigInt.asUintN(64, address));
  if (near === undefined || memory.info[near.id].kind !== 'stack' || !recorder) return undefined;
  const at = memory.base[near.id] + near.offset;
  const written = recorder.marks
    .subarray(at, at + size)
    .map((marks) => (marks & EVER_WRITTEN ? 1 : 0));
  return written.includes(0) ? written : undefined;
}

/** The structure with typed fields that a pointer points at the start of. */
function structureAt(machine: Machine, address: GuestAddress): TypedStructure | undefined {
  const near = nearestRegion(machine.memory, BigInt.asUintN(64, address));
  const access = near?.offset === 0 ? machine.typed.get(near.id) : undefined;
  return access instanceof TypedStructure ? access : undefined;
}

/** The value of a type at a guest address; undefined where nothing of it can be read. */
export function valueAt(
  machine: Machine,
  types: TypeTable,
  type: number,
  address: GuestAddress,
): CValue | undefined {
  const structure = structureAt(machine, address);
  const size = types.sizeOf(type);
  if (structure) return { types, type, bytes: new Uint8Array(), address, structure };
  if (size === undefined || size === 0) return undefined;
  const bytes = readBytes(machine, address, size);
  const known = bytes && writtenBytes(machine, address, bytes.length);
  return bytes && { types, type, bytes, address, ...(known && { known }) };
}

export const endianOf = ({ memory }: Machine): 'little' | 'big' =>
  memory.littleEndian ? 'little' : 'big';

/**
 * The value as a number, with the sign of its type; undefined for structures and what is not known.
 */
export function numberOf(machine: Machine, value: CValue): bigint | undefined {
  if (value.number !== undefined) return value.number;
  const type = value.types.resolve(value.type);
  if (type === undefined || !['int', 'enum', 'enum64', 'ptr'].includes(type.kind)) return undefined;
  const size = value.bits?.size ?? (value.types.sizeOf(value.type) ?? 0) * 8;
  const { bytes, known } = value;
  const bits = readBitField(
    { bytes, endian: endianOf(machine), ...(known && { known }) },
    value.bits?.offset ?? 0,
    size,
  );
  return bits !== undefined && isSigned(type) ? BigInt.asIntN(size, bits) : bits;
}

const isSigned = (type: BtfType): boolean => 'signed' in type && type.signed;

/** What a pointer points at; of an array its first element. */
export function pointee(machine: Machine, value: CValue): CValue | undefined {
  const type = value.types.resolve(value.type);
  if (type?.kind === 'array') return elementOf(machine, value, 0n);
  const address = type?.kind === 'ptr' ? numberOf(machine, value) : undefined;
  return address && type?.kind === 'ptr'
    ? valueAt(machine, value.types, type.type, address)
    : undefined;
}

/** An element of an array, or of what a pointer points at. */
export function elementOf(machine: Machine, value: CValue, index: bigint): CValue | undefined {
  const { types } = value;
  const type = types.resolve(value.type);
  if (type?.kind !== 'array' && type?.kind !== 'ptr') return undefined;
  const size = types.sizeOf(type.type);
  if (size === undefined || size === 0) return undefined;
  if (type.kind === 'array' && index >= 0n && index < BigInt(type.count))
    return part(value, type.type, Number(index) * size, size);
  const start = type.kind === 'array' ? value.address : numberOf(machine, value);
  return start === undefined
    ? undefined
    : valueAt(machine, types, type.type, start + index * BigInt(size));
}

/** A member by its name, also of an anonymous structure inside. */
export function memberOf(value: CValue, name: string): CValue | undefined {
  const found = findMember(value.types, value.type, name, 0, 0);
  if (value.structure) {
    const field = value.structure.fields.find((row) => row.name === name);
    if (field === undefined) return undefined;
    const { types } = value;
    return {
      types,
      type: found?.type ?? 0,
      bytes: new Uint8Array(),
      number: value.structure.value(field),
    };
  }
  if (found === undefined) return undefined;
  const { type, bitOffset, bitSize } = found;
  if (bitSize > 0) return { ...value, type, bits: { offset: bitOffset, size: bitSize } };
  return part(value, type, bitOffset / 8, value.types.sizeOf(type) ?? 0);
}

function findMember(
  types: TypeTable,
  id: number,
  name: string,
  start: number,
  depth: number,
): BtfMember | undefined {
  for (const member of types.members(id)) {
    const bitOffset = start + member.bitOffset;
    if (member.name === name) return { ...member, bitOffset };
    const inner =
      member.name === '' && depth < MAX_NESTED
        ? findMember(types, member.type, name, bitOffset, depth + 1)
        : undefined;
    if (inner) return inner;
  }
  return undefined;
}

function part(
  { types, bytes, known, address }: CValue,
  type: number,
  offset: number,
  size: number,
): CValue {
  return {
    types,
    type,
    bytes: bytes.subarray(offset, offset + size),
    ...(known && { known: known.subarray(offset, offset + size) }),
    ...(address !== undefined && { address: address + BigInt(offset) }),
  };
}
