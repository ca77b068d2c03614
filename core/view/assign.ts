import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { nearestRegion } from '../memory/memory.ts';
import { readBitField } from '../object/btf/format.ts';
import { parseValue } from '../object/btf/value.ts';
import type { Session } from '../session/session.ts';
import type { Edit } from '../session/types.ts';
import { type CValue, endianOf } from '../source/c-value.ts';
import { parseExpression } from '../source/expression.ts';
import { namesOf } from '../source/names.ts';
import { depthOf, lastName } from './variables-view.ts';

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

/** The whole register: extended as the type is signed. */
function registerText(machine: Machine, { types, type }: CValue, bytes: Uint8Array): string {
  const bits = bytes.length * 8;
  const number = readBitField({ bytes, endian: endianOf(machine) }, 0, bits) ?? 0n;
  const resolved = types.resolve(type);
  const isSigned = resolved !== undefined && 'signed' in resolved && resolved.signed;
  return (isSigned ? BigInt.asIntN(bits, number) : number).toString();
}

/**
 * The edit that makes what an expression names hold what a text says; InputError where there is
 * none.
 */
export function assignment(
  session: Session,
  frame: number,
  expression: string,
  text: string,
): Pick<Edit, 'target' | 'value'> {
  const { machine, object } = session;
  if (machine === undefined) throw new InputError(expression, 'there is no program to run');
  const value = parseExpression(expression).value?.(
    machine,
    namesOf(machine, object, depthOf(machine, frame)),
  );
  if (value === undefined) throw new InputError(expression, 'is no variable that has a value here');
  if (value.structure || value.number !== undefined)
    throw new InputError(expression, 'is no plain memory: change the context at its hook');
  const bytes = changedBytes(machine, value, expression, text);
  if (value.register !== undefined)
    return {
      target: { kind: 'register', index: value.register },
      value: registerText(machine, value, bytes),
    };
  const near =
    value.address === undefined
      ? undefined
      : nearestRegion(machine.memory, BigInt.asUintN(64, value.address));
  if (near === undefined)
    throw new InputError(expression, 'has no place of its own: the compiler worked it out');
  const info = machine.memory.info[near.id];
  return {
    target: { kind: 'memory', region: info.id(), offset: near.offset + info.origin },
    value: toHex(bytes),
  };
}
