// Programs made for a comparison with the kernel: what their maps and loads are called in a job,
// and in an object here.
import { SLOT_BYTES } from '../asm/encoding.ts';
import type { MapDefinition } from '../object/types.ts';
import { LDDW_OPCODE, LDDW_SOURCE, type LddwSource } from '../spec/isa.ts';
import type { KernelMap } from './kernel.ts';

/** A map as an object defines it that the kernel is asked to make. */
export const definitionOf = (
  { type, key, value, entries, flags = 0 }: KernelMap,
  name: string,
): MapDefinition => ({
  name,
  type,
  keySize: key,
  valueSize: value,
  maxEntries: entries,
  flags,
  keyType: undefined,
  valueType: undefined,
  origin: 'legacy',
  section: 'maps',
});

/** Slots of little-endian code with two-slot loads of a source. */
export const loadsOf = (bytes: Uint8Array, source: LddwSource): number[] =>
  Array.from({ length: bytes.length / SLOT_BYTES }, (_, slot) => slot).filter(
    (slot) =>
      bytes[slot * SLOT_BYTES] === LDDW_OPCODE &&
      bytes[slot * SLOT_BYTES + 1] >> 4 === LDDW_SOURCE[source],
  );
