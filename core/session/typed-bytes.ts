import { fromHex, toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { formatValue } from '../object/btf/format.ts';
import { parseValue } from '../object/btf/value.ts';
import type { LoadedObject, MapDefinition } from '../object/types.ts';
import type { CValue } from '../source/c-value.ts';
import { changedBytes } from '../source/changed-bytes.ts';
import { parseExpression } from '../source/expression.ts';
import type { TypedBytes } from './types.ts';

/** A key or a value of a map: how wide it is, and its type where the object says it. */
interface Part {
  readonly name: 'key' | 'value';
  readonly size: number;
  readonly type: number | undefined;
  readonly place: string;
}

export const keyPart = ({ name, keySize, keyType }: MapDefinition): Part => ({
  name: 'key',
  size: keySize,
  type: keyType,
  place: `key of map "${name}"`,
});

export const valuePart = ({ name, valueSize, valueType }: MapDefinition): Part => ({
  name: 'value',
  size: valueSize,
  type: valueType,
  place: `value of map "${name}"`,
});

/** What bytes are read by; members need a machine. */
export interface Typing {
  readonly object: LoadedObject;
  readonly machine?: Machine;
}

/** Members that lie in the bytes themselves, not behind a pointer in them. */
const IS_INSIDE = /^[\w.[\]]+$/;

function memberIn(
  { object, machine }: Typing,
  part: Part,
  bytes: Uint8Array,
  path: string,
): { member: CValue; machine: Machine } {
  const { btf } = object;
  const { name, place, type } = part;
  if (machine === undefined || btf === undefined || type === undefined)
    throw new InputError(place, 'has no type in the BTF of the object: compile with -g');
  const whole: CValue = { types: btf, type, bytes };
  const wanted = path.startsWith('[') ? `${name}${path}` : `${name}.${path}`;
  const found = IS_INSIDE.test(path)
    ? parseExpression(wanted).value?.(machine, (known) => (known === name ? whole : undefined))
    : undefined;
  if (found === undefined) throw new InputError(place, `has no member "${path.slice(0, 60)}"`);
  return { member: found, machine };
}

/** `bytes` with its members as they are written; of a bit field the bytes that hold it. */
function withMembers(
  typing: Typing,
  part: Part,
  members: Readonly<Record<string, string | number>>,
  bytes: Uint8Array,
): Uint8Array {
  const changed = bytes.slice();
  for (const [path, text] of Object.entries(members)) {
    const { member, machine } = memberIn(typing, part, changed, path);
    changed.set(
      changedBytes(machine, member, path, String(text)),
      member.bytes.byteOffset - changed.byteOffset,
    );
  }
  return changed;
}

/**
 * Bytes as they are written; members that are not named stay as `base` has them. InputError where
 * they do not fit.
 */
export function bytesOfTyped(
  typing: Typing,
  part: Part,
  typed: TypedBytes,
  base: Uint8Array = new Uint8Array(part.size),
): Uint8Array {
  const { size, place } = part;
  if (typeof typed === 'object') return withMembers(typing, part, typed, base);
  if (typeof typed === 'number') {
    const shape = { btf: undefined, type: undefined, size, endian: typing.object.endian };
    return parseValue(String(typed), shape, place);
  }
  const bytes = fromHex(typed);
  if (bytes?.length === size) return bytes;
  throw new InputError(place, `has ${size} bytes, "${typed.slice(0, 40)}" is not so many in hex`);
}

/** What bytes hold, in the form in which `like` is written. */
export function typedText(typing: Typing, part: Part, like: TypedBytes, bytes: Uint8Array): string {
  if (typeof like !== 'object') return toHex(bytes);
  const { btf, endian } = typing.object;
  const members = Object.keys(like).map((path) => {
    const { type, bits, bytes: held } = memberIn(typing, part, bytes, path).member;
    const text = btf && !bits ? formatValue(btf, type, held, endian).text : toHex(held);
    return `${path} = ${text}`;
  });
  return members.join(', ');
}
