import type { Machine } from '../machine/machine.ts';
import { readBitField } from '../object/btf/format.ts';
import { parseValue } from '../object/btf/value.ts';
import { type CValue, endianOf } from './c-value.ts';
import { lastName } from './expression.ts';

/** Bits of a bit field into the bytes that hold it, counted as `readBits` does. */
function setBits(
  bytes: Uint8Array,
  { offset, size }: NonNullable<CValue['bits']>,
  value: bigint,
  little: boolean,
): void {
  for (let i = 0; i < size; i++) {
    const at = offset + i;
    const bit = Number((value >> BigInt(little ? i : size - 1 - i)) & 1n);
    const mask = 1 << (little ? at & 7 : 7 - (at & 7));
    bytes[at >> 3] = bit ? bytes[at >> 3] | mask : bytes[at >> 3] & ~mask;
  }
}

/** The bytes of a value with what a text says in them. */
export function changedBytes(
  machine: Machine,
  value: CValue,
  expression: string,
  text: string,
): Uint8Array {
  const { types, type, bytes, bits } = value;
  const endian = endianOf(machine);
  const size = bits ? (types.sizeOf(type) ?? 0) : bytes.length;
  const parsed = parseValue(
    text,
    { btf: types, type, size, endian, name: lastName(expression) },
    expression,
  );
  if (bits === undefined) return parsed;
  const changed = bytes.slice();
  setBits(
    changed,
    bits,
    readBitField({ bytes: parsed, endian }, 0, size * 8) ?? 0n,
    endian === 'little',
  );
  return changed;
}
