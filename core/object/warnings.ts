import { at } from '../errors.ts';
import { relocationName, relocationRow } from '../spec/relocations.ts';
import type { ElfFile, ElfRelocation } from './elf/elf.ts';

/** Pointers stored in global data are not filled in: one warning per section. */
export function dataPointerWarnings(elf: ElfFile): string[] {
  const bySection = new Map<string, ElfRelocation[]>();
  for (const relocation of elf.relocations) {
    const { name, flags } = relocation.target;
    const isData = flags.alloc && !flags.exec && name !== '.maps' && name !== 'maps';
    if (!isData || relocationRow(relocation.type)?.patch === 'nothing') continue;
    const group = bySection.get(name) ?? [];
    bySection.set(name, group);
    group.push(relocation);
  }
  return [...bySection.values()].map((group) => {
    const { target, offset, type, symbol } = group[0]!;
    const more = group.length > 1 ? ` and ${group.length - 1} more` : '';
    return (
      `${at(target.name, offset)}: ${relocationName(type)} against ` +
      `"${symbol.name}"${more}: pointers in data are not filled in`
    );
  });
}

/**
 * Without symbols there are no relocations: maps, globals and calls of other functions cannot be
 * told any more.
 */
export function strippedWarnings(elf: ElfFile): string[] {
  const hasCode = elf.sections.some(({ flags, data }) => flags.exec && data.length > 0);
  const hasSymbols = elf.symbols.length > 0;
  return hasCode && !hasSymbols
    ? ['the object has no symbols: what its code refers to cannot be resolved']
    : [];
}
