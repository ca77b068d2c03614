import type { Endian } from '../bytes/reader.ts';
import { InputError } from '../errors.ts';
import type { Btf } from './btf/btf.ts';
import { parseValue } from './btf/value.ts';

/** What the type of a `__kconfig` variable makes of a value (libbpf.c, find_kcfg_type). */
export type KconfigKind = 'bool' | 'tristate' | 'char' | 'string' | 'int';

/** Numbers of enum libbpf_tristate. */
const TRISTATE: ReadonlyMap<string, string> = new Map([
  ['n', '0'],
  ['y', '1'],
  ['m', '2'],
]);

/** Undefined for types that libbpf refuses. */
export function kconfigKind(btf: Btf, id: number): KconfigKind | undefined {
  const type = btf.resolve(id);
  switch (type?.kind) {
    case 'int':
      if (type.bool) return type.size === 1 ? 'bool' : undefined;
      if (type.size === 1) return 'char';
      return [2, 4, 8].includes(type.size) ? 'int' : undefined;
    case 'enum':
    case 'enum64':
      return type.name === 'libbpf_tristate' ? 'tristate' : undefined;
    case 'array':
      return type.count > 0 && kconfigKind(btf, type.type) === 'char' ? 'string' : undefined;
    default:
      return undefined;
  }
}

/**
 * The bytes of a value as a kernel's configuration file has it: y, m, n, a number or text in
 * quotes.
 */
export function kconfigBytes(
  btf: Btf,
  id: number,
  text: string,
  endian: Endian,
  place: string,
): Uint8Array {
  const kind = kconfigKind(btf, id);
  const size = btf.sizeOf(id) ?? 0;
  if (kind === undefined)
    throw new InputError(
      place,
      `has type ${btf.declaration(id)}, which kernel configuration values do not have`,
    );
  if (kind === 'string') return stringBytes(text.trim(), size, place);
  const shape = { btf, type: id, size, endian };
  if (!/^[ymn]$/.test(text.trim())) {
    if (/^\s*"/.test(text))
      throw new InputError(place, `${text.trim()} is text, the variable is no array of char`);
    return parseValue(text, shape, place);
  }
  const letter = text.trim();
  if (kind === 'char') return Uint8Array.of(letter.charCodeAt(0));
  if (kind === 'int' || (kind === 'bool' && letter === 'm'))
    throw new InputError(place, `${letter} does not fit ${btf.declaration(id)}`);
  return parseValue(TRISTATE.get(letter)!, shape, place);
}

/** Cut to what the array holds in front of a NUL, as libbpf does. */
function stringBytes(text: string, size: number, place: string): Uint8Array {
  if (!/^".*"$/s.test(text))
    throw new InputError(place, `${text.slice(0, 40)} is not text in quotes`);
  const bytes = new Uint8Array(size);
  bytes.set(new TextEncoder().encode(text.slice(1, -1)).subarray(0, size - 1));
  return bytes;
}
