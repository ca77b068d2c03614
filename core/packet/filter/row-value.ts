import type { HeaderField } from '../../spec/header-fields.ts';
import { type BitRange, readBits } from '../bits.ts';
import { readNumber, shownNumber } from '../value.ts';

/** Times are nanoseconds. */
export type FilterValue = number | bigint | string | Uint8Array;

/** A field's value as a filter compares it, by its row. */
export function rowValue(bytes: Uint8Array, row: HeaderField, at: BitRange): FilterValue {
  switch (row.kind) {
    case 'decimal':
    case 'hex':
      return shownNumber(row, readNumber(bytes, row, at));
    case 'flag':
    case 'flags':
      return readBits(bytes, at);
    default:
      return bytes.subarray(at.start >> 3, (at.start + at.count + 7) >> 3);
  }
}
