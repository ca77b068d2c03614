import type { BtfType } from '../object/btf/types.ts';

/** A number of BTF, without a sign where nothing else is said. */
export const intType = (
  id: number,
  name: string,
  size: number,
  told: { readonly signed?: boolean; readonly char?: boolean; readonly bool?: boolean } = {},
): BtfType => ({
  id,
  kind: 'int',
  name,
  size,
  bits: size * 8,
  bitOffset: 0,
  signed: false,
  char: false,
  bool: false,
  ...told,
});
