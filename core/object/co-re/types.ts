import { InputError } from '../../errors.ts';
import type { BtfEnum, BtfRecord, BtfType } from '../btf/types.ts';

/**
 * Types, members and enumerators that may be looked at for one object: its relocations and the
 * types may be hostile.
 */
export interface Effort {
  left: number;
}

export function spend(effort: Effort, count = 1): void {
  effort.left -= count;
  if (effort.left < 0) throw new InputError('', 'the types are too many to compare');
}

/**
 * `sk_buff___old` is a flavor of `sk_buff`: what follows the last `___` between other characters
 * does not count.
 */
export function essentialName(name: string): string {
  for (let i = name.length - 5; i >= 0; i--) {
    if (name[i] !== '_' && name.startsWith('___', i + 1) && name[i + 4] !== '_')
      return name.slice(0, i + 1);
  }
  return name;
}

export const isRecord = (type: BtfType | undefined): type is BtfRecord =>
  type?.kind === 'struct' || type?.kind === 'union';
export const isEnum = (type: BtfType | undefined): type is BtfEnum =>
  type?.kind === 'enum' || type?.kind === 'enum64';

export const nameOf = (type: BtfType): string =>
  `${type.kind === 'enum64' ? 'enum' : type.kind} ${type.name || '<anon>'}`;

/**
 * The name of the forward declaration that stands for whatever else a pointer of a bundled type
 * leads to.
 */
export const NOT_BUNDLED = '(not bundled)';

/** Says that nobody knows: the kernel has the type, the page has not. */
export const notBundled = (what: string): InputError =>
  new InputError(
    '',
    `cannot be told: ${what} is not among the bundled types, drop a vmlinux or give --btf`,
  );
