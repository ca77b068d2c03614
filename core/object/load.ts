import { InputError } from '../errors.ts';
import { Btf } from './btf/btf.ts';
import { type BtfExt, parseBtfExt } from './btf/ext.ts';
import { type CoreRelocated, relocateCore } from './co-re/relocation.ts';
import { takeSigns } from './dwarf/enums.ts';
import { addsSymbolValues } from './elf/addends.ts';
import {
  type ElfFile,
  type ElfRelocation,
  type ElfSection,
  type ElfSymbolEntry,
  hasElfMagic,
  parseElf,
} from './elf/elf.ts';
import { describeRelocation } from './elf/relocations.ts';
import { type ExternTable, readExterns } from './externs.ts';
import { codeSections, findFunctions, type ObjectFunction, runnable } from './functions.ts';
import { libbpfRefusals } from './libbpf-refusals.ts';
import { type LinesOf, lineInfo } from './line-info.ts';
import { createLinker, type Linker, linkProgram } from './link.ts';
import { type MapTable, readMaps } from './maps/maps.ts';
import { loadRaw } from './raw.ts';
import { type Definitions, findReferences } from './references.ts';
import type { CoreTarget, ElfSymbol, LoadedObject, Program, Section } from './types.ts';
import { dataPointerWarnings, strippedWarnings } from './warnings.ts';

/** What the kernel that an object is loaded into would bring along. */
export interface KernelSurroundings {
  /** Types that CO-RE relocations are resolved against; the object's own where there are none. */
  readonly target?: CoreTarget;
  /** Values of `__kconfig` and `__ksym` variables by name. */
  readonly externs?: ReadonlyMap<string, string>;
}

/**
 * Opens an ELF object, or raw bytecode where there is no ELF magic number; throws an InputError
 * where it is neither.
 */
export function loadObject(
  name: string,
  bytes: Uint8Array,
  surroundings: KernelSurroundings = {},
): LoadedObject {
  return hasElfMagic(bytes) ? loadElf(name, bytes, surroundings) : loadRaw(name, bytes);
}

function loadElf(
  name: string,
  bytes: Uint8Array,
  { target, externs: chosen = new Map() }: KernelSurroundings,
): LoadedObject {
  const elf = parseElf(bytes);
  const warnings = [...elf.warnings];
  const { btf, ext } = readTypes(elf, warnings);
  const externs = readExterns(elf, btf, chosen);
  const maps = readMaps(elf, btf, externs);
  const core =
    btf &&
    relocateCore(
      codeSections(elf),
      btf,
      ext?.coreRelocations ?? [],
      target ?? { name, btf },
      elf.endian,
    );
  const lines = lineInfo(elf, ext, warnings);
  const programs = linkPrograms(elf, btf, ext, lines, core, definitionsOf(elf, maps, externs));
  const refusals = libbpfRefusals({ elf, btf, externs: externs.externs });
  warnings.push(
    ...strippedWarnings(elf),
    ...refusals,
    ...maps.warnings,
    ...dataPointerWarnings(elf),
  );
  return {
    name,
    bytes,
    format: 'elf',
    endian: elf.endian,
    sections: elf.sections.map(plainSection),
    symbols: elf.symbols.map(plainSymbol),
    relocations: elf.relocations.map((relocation) => describeRelocation(relocation, elf.endian)),
    license: readLicense(elf),
    maps: maps.maps,
    externs: externs.externs,
    coreRelocations: core?.results ?? [],
    target: target?.name,
    programs,
    btf,
    warnings,
  };
}

/** Types and source lines; a damaged section is a warning, as code runs without them. */
function readTypes(
  elf: ElfFile,
  warnings: string[],
): { btf: Btf | undefined; ext: BtfExt | undefined } {
  const types = elf.sections.find((section) => section.name === '.BTF' && section.data.length > 0);
  const extra = elf.sections.find(
    (section) => section.name === '.BTF.ext' && section.data.length > 0,
  );
  const btf = types && orWarning(() => new Btf(types.data, elf.endian), warnings);
  const ext =
    btf && extra && orWarning(() => parseBtfExt(extra.data, elf.endian, btf.strings), warnings);
  if (btf) orWarning(() => takeSigns(btf, elf), warnings);
  return { btf, ext };
}

function orWarning<T>(read: () => T, warnings: string[]): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    warnings.push(`${error.message}; the section is left out`);
    return undefined;
  }
}

function definitionsOf(
  elf: ElfFile,
  maps: MapTable,
  { externs, values }: ExternTable,
): Definitions {
  const exported = new Map<string, ElfSymbolEntry>();
  for (const symbol of elf.symbols) {
    if (symbol.placement !== 'section' || symbol.binding === 'local' || symbol.name === '')
      continue;
    const before = exported.get(symbol.name);
    if (before === undefined || (before.binding === 'weak' && symbol.binding === 'global'))
      exported.set(symbol.name, symbol);
  }
  const externIndex = new Map(externs.map(({ name }, index) => [name, index]));
  return {
    elf,
    maps,
    externs,
    values,
    externIndex,
    exported,
    addsSymbolValues: addsSymbolValues(elf),
  };
}

function linkPrograms(
  elf: ElfFile,
  btf: Btf | undefined,
  ext: BtfExt | undefined,
  lines: LinesOf,
  core: CoreRelocated | undefined,
  definitions: Definitions,
): Program[] {
  const relocations = groupByTarget(elf.relocations);
  const references = new Map(
    codeSections(elf).map((section) => [
      section,
      findReferences(section, relocations.get(section) ?? [], definitions),
    ]),
  );
  const functions = findFunctions(elf, btf, ext, references);
  const linker = createLinker(elf.endian, functions, lines, core);
  return runnable([...functions.values()].flatMap((inSection) => [...inSection.values()])).map(
    (fn) => program(linker, fn),
  );
}

function program(linker: Linker, fn: ObjectFunction): Program {
  const { name, section, start, end } = fn;
  return {
    name,
    section: section.name,
    sectionOffset: start,
    size: end - start,
    linked: linkProgram(linker, fn),
  };
}

function groupByTarget(relocations: readonly ElfRelocation[]): Map<ElfSection, ElfRelocation[]> {
  const groups = new Map<ElfSection, ElfRelocation[]>();
  for (const relocation of relocations) {
    const group = groups.get(relocation.target) ?? [];
    groups.set(relocation.target, group);
    group.push(relocation);
  }
  return groups;
}

/**
 * The text of section `license`, which the kernel compares with its list of GPL-compatible ones.
 */
function readLicense(elf: ElfFile): string | undefined {
  const section = elf.sections.find(({ name }) => name === 'license');
  if (section === undefined || section.data.length === 0) return undefined;
  const end = section.data.indexOf(0);
  return new TextDecoder().decode(
    section.data.subarray(0, Math.min(end < 0 ? section.data.length : end, 256)),
  );
}

const plainSection = ({ index, name, type, flags, offset, size }: ElfSection): Section => ({
  index,
  name,
  type,
  flags,
  offset,
  size,
});

const plainSymbol = ({
  name,
  type,
  binding,
  hidden,
  section,
  value,
  size,
}: ElfSymbolEntry): ElfSymbol => ({
  name,
  type,
  binding,
  hidden,
  section,
  value,
  size,
});
