import { readSlot, SLOT_BYTES } from '../../asm/encoding.ts';
import { ByteReader, type Endian } from '../../bytes/reader.ts';
import { at } from '../../errors.ts';
import { relocationName, relocationRow } from '../../spec/relocations.ts';
import type { Relocation } from '../types.ts';
import type { ElfRelocation } from './elf.ts';

/** A relocation as the page lists it, the addend read from wherever it stands. */
export function describeRelocation(relocation: ElfRelocation, endian: Endian): Relocation {
  const { target, offset, type, symbol, addend } = relocation;
  return {
    section: target.name,
    offset,
    type: relocationName(type),
    symbol: symbol.name,
    addend: addend ?? addendInPlace(relocation, endian),
  };
}

/** What the patched field holds before patching; 0 where the field lies outside the section. */
function addendInPlace({ target, offset, type }: ElfRelocation, endian: Endian): bigint {
  const { data, name } = target;
  const patch = relocationRow(type)?.patch ?? 'nothing';
  const wanted = patch === 'word32' ? 4 : SLOT_BYTES;
  if (patch === 'nothing' || offset + wanted > data.length) return 0n;
  const reader = new ByteReader(data, endian, (place) => at(name, place));
  if (patch === 'word64') return reader.i64(offset);
  if (patch === 'word32') return BigInt(reader.i32(offset));
  return BigInt(readSlot(data, offset, endian).imm);
}
