import type { Endian } from '../../bytes/reader.ts';
import { InputError } from '../../errors.ts';
import type { CoreRelocationName } from '../../spec/relocations.ts';
import type { BtfEnum, BtfType } from '../btf/types.ts';
import { type Access, sizeIn } from './access.ts';
import { isEnum, nameOf } from './types.ts';

/** What a relocation comes to on one side. */
export interface CoreValue {
  readonly value: bigint;
  /** How wide the compiler may have made the load or store of it; undefined where it makes none. */
  readonly width?: FieldWidth;
  /** Two compilers may disagree: the value as compiled is not checked. */
  readonly ambiguous?: boolean;
}

/**
 * Bytes of the field or of one element, and whether a value of that type may be read at another
 * size.
 */
export interface FieldWidth {
  readonly bytes: number;
  readonly resizes: 'pointer' | 'unsigned' | 'no';
}

/** The bytes that are loaded for a field, and where it lies in the type, in bits. */
interface Place {
  readonly byteOffset: number;
  readonly byteSize: number;
  readonly bitOffset: number;
  readonly bitSize: number;
  readonly isBitField: boolean;
  readonly type: BtfType;
}

/**
 * The value of one relocation in the types of one side, as relo_core.c of Linux 6.18 works it out.
 */
export function coreValue(name: CoreRelocationName, access: Access, endian: Endian): CoreValue {
  switch (name) {
    case 'type_id_local':
    case 'type_id_target':
      return { value: BigInt(access.root.id), ambiguous: true };
    case 'type_size':
      return { value: BigInt(sizeIn(access.btf, access.root)) };
    case 'field_exists':
    case 'type_exists':
    case 'type_matches':
    case 'enumval_exists':
      return { value: 1n };
    case 'enumval_value': {
      const step = access.steps[0]!;
      return { value: step.at === 'enumerator' ? enumeratorValue(step.type, step.index) : 0n };
    }
    case 'field_byte_offset':
    case 'field_byte_size':
    case 'field_signed':
    case 'field_lshift_u64':
    case 'field_rshift_u64':
      return fieldValue(name, access, endian);
  }
}

/** libbpf takes 32-bit enumerators for signed ones, whatever their type says. */
function enumeratorValue({ kind, values }: BtfEnum, index: number): bigint {
  const { value } = values[index]!;
  return BigInt.asUintN(64, kind === 'enum' ? BigInt.asIntN(32, value) : value);
}

type FieldRelocation = Extract<CoreRelocationName, `field_${string}`>;

function fieldValue(
  name: Exclude<FieldRelocation, 'field_exists'>,
  access: Access,
  endian: Endian,
): CoreValue {
  const place = placeOf(name, access);
  const { byteOffset, byteSize, bitOffset, bitSize, isBitField, type } = place;
  const ambiguous = isBitField;
  switch (name) {
    case 'field_byte_offset':
      if (isBitField) return { value: BigInt(byteOffset), ambiguous };
      return { value: BigInt(byteOffset), width: widthOf(access, type) };
    case 'field_byte_size':
      return { value: BigInt(byteSize), ambiguous };
    case 'field_signed':
      return { value: (isEnum(type) || type.kind === 'int') && type.signed ? 1n : 0n };
    case 'field_lshift_u64': {
      const inLoad = bitOffset - byteOffset * 8;
      const shift = endian === 'little' ? 64 - (inLoad + bitSize) : (8 - byteSize) * 8 + inLoad;
      return { value: BigInt.asUintN(32, BigInt(shift)), ambiguous };
    }
    case 'field_rshift_u64':
      return { value: BigInt.asUintN(32, BigInt(64 - bitSize)) };
  }
}

function placeOf(name: FieldRelocation, { btf, steps, bitOffset }: Access): Place {
  const last = steps.at(-1)!;
  if (last.at !== 'member') {
    if (last.at !== 'element' || (name !== 'field_byte_offset' && name !== 'field_byte_size'))
      throw new InputError('', 'it is not defined for elements of arrays');
    const size = sizeIn(btf, last.type);
    const bitSize = size * 8;
    return {
      byteOffset: Math.floor(bitOffset / 8),
      byteSize: size,
      bitOffset,
      bitSize,
      isBitField: false,
      type: last.type,
    };
  }
  const type = btf.resolve(last.member.type);
  if (type === undefined) throw new InputError('', `member "${last.member.name}" leads to no type`);
  const size = sizeIn(btf, type);
  if (last.member.bitSize > 0) return bitFieldPlace(bitOffset, last.member.bitSize, type, size);
  const byteOffset = Math.floor(bitOffset / 8);
  return { byteOffset, byteSize: size, bitOffset, bitSize: size * 8, isBitField: false, type };
}

/** The smallest aligned load that has all of a bit field, from the size of its type on. */
function bitFieldPlace(bitOffset: number, bitSize: number, type: BtfType, size: number): Place {
  if (size === 0) throw new InputError('', `a bit field of ${nameOf(type)}, which has no size`);
  for (let byteSize = size; ; byteSize *= 2) {
    const byteOffset = Math.floor(bitOffset / 8 / byteSize) * byteSize;
    if (bitOffset + bitSize <= (byteOffset + byteSize) * 8)
      return { byteOffset, byteSize, bitOffset, bitSize, isBitField: true, type };
    if (byteSize >= 8) throw new InputError('', 'no load of 64 bits has all of the bit field');
  }
}

/** Of an array it is an element that is loaded. */
function widthOf({ btf }: Access, type: BtfType): FieldWidth {
  let element: BtfType | undefined = type;
  for (let depth = 0; element?.kind === 'array' && depth < 64; depth++)
    element = btf.resolve(element.type);
  if (element === undefined) throw new InputError('', `${nameOf(type)} leads to no type`);
  const isUnsigned = element.kind === 'int' && (!element.signed || element.char || element.bool);
  return {
    bytes: sizeIn(btf, element),
    resizes: element.kind === 'ptr' ? 'pointer' : isUnsigned ? 'unsigned' : 'no',
  };
}
