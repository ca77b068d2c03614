import { InputError } from '../errors.ts';
import { type Checksum, writeChecksum } from './checksum.ts';
import { checksumsOf, dissect } from './dissect.ts';
import { bitsOf, fieldIn, rowOf } from './headers/layer.ts';
import type { LinkType } from './types.ts';
import { writeValue } from './value.ts';

/**
 * The packet with one field set from text: the field `dissect` shows under this name at this byte.
 * With `fix`, every checksum that `dissect` verifies then follows, save one that was itself the
 * field. An InputError says what the field takes.
 */
export function editField(
  bytes: Uint8Array,
  name: string,
  offset: number,
  text: string,
  fix: boolean,
  link: LinkType = 'ethernet',
): Uint8Array {
  const node = fieldIn(dissect(bytes, link).layers, name, offset);
  const field = node && rowOf(node);
  if (node === undefined)
    throw new InputError(`packet+${offset}`, `has no field ${name.slice(0, 60)}`);
  if (field === undefined || !node.editable) throw new InputError(name, 'is edited in the bytes');
  const edited = bytes.slice();
  writeValue(edited, field, bitsOf(node), text);
  return fix
    ? writeAll(
        edited,
        checksumsOf(edited, link).filter((checksum) => checksum.offset !== offset),
      )
    : edited;
}

/** The packet with every checksum right that `dissect` verifies. */
export const fixChecksums = (bytes: Uint8Array, link: LinkType = 'ethernet'): Uint8Array =>
  writeAll(bytes.slice(), checksumsOf(bytes, link));

/** From the inside out: a checksum of what carries another covers it. */
function writeAll(bytes: Uint8Array, checksums: readonly Checksum[]): Uint8Array {
  for (const checksum of checksums.toReversed()) writeChecksum(bytes, checksum);
  return bytes;
}
