import type { TypeTable } from '../object/btf/type-table.ts';
import type { LoadedObject, MapDefinition } from '../object/types.ts';

/** Bytes of a key that are looked at; members deeper than that are left alone. */
const MOST_BYTES = 32;
const MOST_DEEP = 8;

/** Marks the bytes that members of a type take. */
function mark(
  types: TypeTable,
  id: number,
  bitOffset: number,
  bitSize: number,
  taken: Uint8Array,
  depth: number,
): void {
  const type = types.resolve(id);
  const inside = type?.kind === 'struct' || type?.kind === 'union';
  if (inside && bitSize === 0 && depth < MOST_DEEP) {
    for (const member of type.members)
      mark(types, member.type, bitOffset + member.bitOffset, member.bitSize, taken, depth + 1);
    return;
  }
  if (type?.kind === 'array' && depth < MOST_DEEP) {
    const size = types.sizeOf(type.type) ?? 0;
    for (let i = 0; i < type.count && i * size < MOST_BYTES; i++)
      mark(types, type.type, bitOffset + i * size * 8, 0, taken, depth + 1);
    return;
  }
  const bits = bitSize || (types.sizeOf(id) ?? 0) * 8;
  taken.fill(1, bitOffset >> 3, (bitOffset + bits + 7) >> 3);
}

/**
 * `byte 7 of the key is padding nobody wrote here`; `unwritten`: bytes that the running function
 * has not written, as bits.
 */
export function paddingNote(
  { btf }: LoadedObject,
  { keyType, keySize }: MapDefinition,
  unwritten: number,
): string | undefined {
  if (btf === undefined || keyType === undefined || unwritten === 0) return undefined;
  const taken = new Uint8Array(Math.min(keySize, MOST_BYTES));
  mark(btf, keyType, 0, 0, taken, 0);
  const bytes = [...taken.keys()].filter((byte) => taken[byte] === 0 && (unwritten >>> byte) & 1);
  if (bytes.length === 0) return undefined;
  const which =
    bytes.length === 1
      ? `byte ${bytes[0]} of the key is`
      : `bytes ${bytes.join(', ')} of the key are`;
  return `${which} padding nobody wrote here`;
}
