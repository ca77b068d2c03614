import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { nearestRegion } from '../memory/memory.ts';
import { readBitField } from '../object/btf/format.ts';
import type { Session } from '../session/session.ts';
import type { Edit } from '../session/types.ts';
import { type CValue, endianOf } from '../source/c-value.ts';
import { changedBytes } from '../source/changed-bytes.ts';
import { parseExpression } from '../source/expression.ts';
import { namesOf } from '../source/names.ts';
import { depthOf } from './variables-view.ts';

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
