import { fromHex } from '../../bytes/hex.ts';
import { parseInteger } from '../../bytes/integer.ts';
import type { Endian } from '../../bytes/reader.ts';
import { InputError } from '../../errors.ts';
import { networkBytes } from './network-value.ts';
import type { TypeTable } from './type-table.ts';
import type { BtfType } from './types.ts';

const WIDTHS = [1, 2, 4, 8];

/** What a value has to fit into: its type where that is known, else its bytes alone. */
export interface ValueShape {
  readonly btf: TypeTable | undefined;
  readonly type: number | undefined;
  readonly size: number;
  readonly endian: Endian;
  /** Of the variable or member: it may say how a value reads. */
  readonly name?: string;
}

/**
 * The bytes of what a person types for a value: a number, `true`, an enumerator, `'a'`, "text" for
 * an array of char, `[1, 2]` for one of numbers, what is of the network as it is shown (`1.1.1.1`,
 * a port), or for anything all of its bytes in hex with spaces between. 0 is zeros for any type.
 */
export function parseValue(text: string, shape: ValueShape, place: string): Uint8Array {
  const { btf, type: id, size, endian, name = '' } = shape;
  const typed = text.trim();
  if (typed === '0') return new Uint8Array(size);
  const network =
    btf && id !== undefined ? networkBytes({ types: btf, type: id, name }, typed, size) : undefined;
  if (network) return network;
  const type = id === undefined ? undefined : btf?.resolve(id);
  const bytes = fromHex(typed);
  const isNumber =
    type === undefined ? WIDTHS.includes(size) : type.kind !== 'array' && !('members' in type);
  if (bytes?.length === size && (!isNumber || /\s/.test(typed))) return bytes;
  if (type?.kind === 'array' && typed.startsWith('"')) return parseString(typed, size, place);
  if (type?.kind === 'array' && typed.startsWith('['))
    return parseList(typed, type.type, shape, place);
  if (!isNumber || size > 8)
    throw new InputError(place, `wants ${size} bytes in hex${hint(btf, type)}`);
  return numberBytes(parseNumber(typed, type, place), type, size, endian, typed, place);
}

function hint(btf: TypeTable | undefined, type: BtfType | undefined): string {
  if (type?.kind !== 'array') return '';
  const element = btf?.resolve(type.type);
  return element?.kind === 'int' && element.size === 1
    ? ', or text in quotes'
    : ', or a list such as [1, 2]';
}

function parseString(text: string, size: number, place: string): Uint8Array {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new InputError(place, `${text.slice(0, 40)} is not text in quotes`);
  }
  const encoded = new TextEncoder().encode(String(parsed));
  if (encoded.length > size)
    throw new InputError(place, `has room for ${size} bytes, the text has ${encoded.length}`);
  const bytes = new Uint8Array(size);
  bytes.set(encoded);
  return bytes;
}

function parseList(
  text: string,
  element: number,
  { btf, size, endian }: ValueShape,
  place: string,
): Uint8Array {
  const items = /^\[(.*)\]$/s.exec(text)?.[1]?.split(',') ?? [];
  const step = btf?.sizeOf(element) ?? 0;
  if (items.length === 0 || step === 0 || items.length * step > size)
    throw new InputError(place, `is not a list of at most ${step === 0 ? 0 : size / step} values`);
  const bytes = new Uint8Array(size);
  for (const [i, item] of items.entries())
    bytes.set(
      parseValue(item, { btf, type: element, size: step, endian }, `${place}[${i}]`),
      i * step,
    );
  return bytes;
}

function parseNumber(text: string, type: BtfType | undefined, place: string): bigint {
  if (type?.kind === 'int' && type.bool && /^(true|false)$/.test(text))
    return text === 'true' ? 1n : 0n;
  if (type?.kind === 'enum' || type?.kind === 'enum64') {
    const found = type.values.find(({ name }) => name === text);
    if (found) return found.value;
  }
  const isLetter = type?.kind === 'int' && type.size === 1 && /^'[ -~]'$/.test(text);
  return isLetter ? BigInt(text.charCodeAt(1)) : parseInteger(text, place);
}

function numberBytes(
  value: bigint,
  type: BtfType | undefined,
  size: number,
  endian: Endian,
  text: string,
  place: string,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  if (type?.kind === 'float') {
    if (size === 4) view.setFloat32(0, Number(value), endian === 'little');
    else view.setFloat64(0, Number(value), endian === 'little');
    return new Uint8Array(view.buffer, 0, size);
  }
  const bits = BigInt(size * 8);
  const isTruth = type?.kind === 'int' && type.bool;
  if (value >= 1n << (isTruth ? 1n : bits) || value < (isTruth ? 0n : -(1n << (bits - 1n))))
    throw new InputError(place, `${text} does not fit in ${isTruth ? 'a bool' : `${size} bytes`}`);
  view.setBigUint64(0, BigInt.asUintN(64, value), endian === 'little');
  return new Uint8Array(
    view.buffer.slice(endian === 'little' ? 0 : 8 - size, endian === 'little' ? size : 8),
  );
}
