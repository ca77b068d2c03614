import { TAG } from '../../spec/dwarf.ts';
import type { Btf } from '../btf/btf.ts';
import type { BtfEnum } from '../btf/types.ts';
import type { ElfFile } from '../elf/elf.ts';
import { DebugEntries, type DebugEntry } from './entries.ts';
import { DwarfTypes } from './types.ts';

/**
 * Every enumeration that the DWARF of an object has, those of functions and structures among them.
 */
export function debugEnums(entries: DebugEntries, types: DwarfTypes): BtfEnum[] {
  const found: BtfEnum[] = [];
  const open: DebugEntry[] = entries.units.flatMap(({ root }) => root ?? []);
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const type = entry.tag === TAG.enumeration_type ? types.byId(entry.offset) : undefined;
    if (type?.kind === 'enum' || type?.kind === 'enum64') found.push(type);
    open.push(...entry.children);
  }
  return found;
}

const SIGN_BIT = 1n << 31n;

/**
 * Before clang 15 BTF had no sign for enumerations, so that -3 reads as 4294967293. Where DWARF
 * says that one of the same enumerators has a sign, it has.
 */
export function takeSigns(btf: Btf, elf: ElfFile): void {
  const unsure = btf.types.filter(
    (type): type is Extract<BtfEnum, { kind: 'enum' }> =>
      type.kind === 'enum' &&
      !type.signed &&
      type.size === 4 &&
      type.values.some(({ value }) => value >= SIGN_BIT),
  );
  if (
    unsure.length === 0 ||
    !elf.sections.some(({ name, size }) => name === '.debug_info' && size > 0)
  )
    return;
  const entries = new DebugEntries(elf);
  const namesOf = ({ values }: BtfEnum): string => values.map(({ name }) => name).join(' ');
  const signed = new Set(
    debugEnums(entries, new DwarfTypes(entries))
      .filter((type) => type.signed)
      .map(namesOf),
  );
  for (const type of unsure) if (signed.has(namesOf(type))) btf.sign(type.id);
}
