import { parseInteger } from '../bytes/integer.ts';
import type { Endian } from '../bytes/reader.ts';
import { InputError } from '../errors.ts';
import { KCONFIG } from '../spec/kconfig.ts';
import { KFUNCS } from '../spec/kfuncs.ts';
import type { Btf } from './btf/btf.ts';
import { parseValue } from './btf/value.ts';
import { kconfigBytes } from './kconfig.ts';
import type { Extern } from './types.ts';

/**
 * What the kernel would give a symbol the object does not define: bytes of a variable, or an
 * address.
 */
export interface ExternValue {
  readonly text: string;
  readonly given: 'set' | 'default';
  readonly bytes?: Uint8Array;
  readonly address?: bigint;
}

/**
 * Where x86-64 has the kernel's code: kernel functions whose address is asked for stand 16 bytes
 * apart.
 */
const KERNEL_TEXT = 0xffff_ffff_8100_0000n;

/** By name, of those symbols that have a value; `chosen` are the user's, as text. */
export function externValues(
  externs: readonly Omit<Extern, 'value' | 'given'>[],
  btf: Btf | undefined,
  endian: Endian,
  chosen: ReadonlyMap<string, string>,
): Map<string, ExternValue> {
  const values = new Map<string, ExternValue>();
  for (const extern of externs) {
    const value = btf && externValue(extern, btf, endian, chosen.get(extern.name));
    if (value) values.set(extern.name, value);
  }
  return values;
}

function externValue(
  { name, kind, type }: Omit<Extern, 'value' | 'given'>,
  btf: Btf,
  endian: Endian,
  chosen: string | undefined,
): ExternValue | undefined {
  const place = `extern "${name}"`;
  const variable = btf.byId(type ?? 0);
  if (kind === 'kfunc') return functionAddress(name);
  if (variable?.kind !== 'var') return undefined;
  if (kind === 'kconfig') {
    const bytes = (text: string) => kconfigBytes(btf, variable.type, text, endian, place);
    if (chosen !== undefined) return { text: chosen, given: 'set', bytes: bytes(chosen) };
    return defaultValue(name, bytes);
  }
  if (kind !== 'ksym' || chosen === undefined) return undefined;
  const size = btf.sizeOf(variable.type);
  if (size === undefined)
    return { text: chosen, given: 'set', address: parseInteger(chosen, place) };
  const bytes = parseValue(chosen, { btf, type: variable.type, size, endian }, place);
  return { text: chosen, given: 'set', bytes };
}

/** A default that the variable's type does not take is none. */
function defaultValue(name: string, bytes: (text: string) => Uint8Array): ExternValue | undefined {
  const text = KCONFIG.get(name);
  if (text === undefined) return undefined;
  try {
    return { text, given: 'default', bytes: bytes(text) };
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function functionAddress(name: string): ExternValue | undefined {
  const index = KFUNCS.findIndex((row) => row.name === name);
  if (index < 0) return undefined;
  const address = KERNEL_TEXT + BigInt(index * 16);
  return { text: `0x${address.toString(16)}`, given: 'default', address };
}
