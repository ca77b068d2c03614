import { relocationRow } from '../spec/relocations.ts';
import type { Btf } from './btf/btf.ts';
import type { ElfFile } from './elf/elf.ts';
import { type ExternValue, externValues } from './extern-values.ts';
import type { Extern } from './types.ts';

/** Symbols the object does not define, and the values of those that have one, by name. */
export interface ExternTable {
  readonly externs: readonly Extern[];
  readonly values: ReadonlyMap<string, ExternValue>;
}

/**
 * Every symbol the object names but does not define, with the user's values (`chosen`) or those of
 * a usual kernel.
 */
export function readExterns(
  elf: ElfFile,
  btf: Btf | undefined,
  chosen: ReadonlyMap<string, string>,
): ExternTable {
  const found = findExterns(elf, btf);
  const values = externValues(found, btf, elf.endian, chosen);
  const externs = found.map((extern): Extern => {
    const value = values.get(extern.name);
    return {
      ...extern,
      value: value?.text,
      given: value?.given ?? (extern.weak ? 'zero' : 'missing'),
    };
  });
  return { externs, values };
}

type Named = Omit<Extern, 'value' | 'given'>;

/** Once each, in the symbol table's order. */
function findExterns(elf: ElfFile, btf: Btf | undefined): Named[] {
  const declared = declaredExterns(btf);
  const called = new Set(
    elf.relocations
      .filter(({ type }) => relocationRow(type)?.patch === 'call')
      .map(({ symbol }) => symbol.name),
  );
  const externs = new Map<string, Named>();
  for (const { name, placement, binding } of elf.symbols) {
    if (placement !== 'undefined' || name === '' || externs.has(name)) continue;
    const known = declared.get(name);
    externs.set(name, {
      name,
      kind: known?.kind ?? (called.has(name) ? 'function' : 'variable'),
      weak: binding === 'weak',
      type: known?.type,
    });
  }
  return [...externs.values()];
}

/**
 * What BTF says about externs: the sections .ksyms and .kconfig exist there only, not in the ELF
 * file.
 */
function declaredExterns(btf: Btf | undefined): Map<string, Pick<Extern, 'kind' | 'type'>> {
  const declared = new Map<string, Pick<Extern, 'kind' | 'type'>>();
  if (btf === undefined) return declared;
  for (const type of btf.types) {
    if ((type.kind !== 'func' && type.kind !== 'var') || type.linkage !== 'extern') continue;
    declared.set(type.name, {
      kind: type.kind === 'func' ? 'function' : 'variable',
      type: type.id,
    });
  }
  for (const section of ['.ksyms', '.kconfig'] as const) {
    for (const { type: id } of btf.find('datasec', section)?.variables ?? []) {
      const type = btf.byId(id);
      if (type === undefined) continue;
      const kind = section === '.kconfig' ? 'kconfig' : type.kind === 'func' ? 'kfunc' : 'ksym';
      declared.set(type.name, { kind, type: id });
    }
  }
  return declared;
}
