import { at, InputError } from '../../errors.ts';
import type { Btf } from '../btf/btf.ts';
import type { ElfFile, ElfSymbolEntry } from '../elf/elf.ts';
import type { ExternTable } from '../externs.ts';
import type { MapDefinition } from '../types.ts';
import { btfMaps } from './btf-maps.ts';
import { globalDataMaps } from './global-data.ts';
import { legacyMaps } from './legacy-maps.ts';

/** A map as a section declares it: where it stands, and its definition or why it cannot be one. */
export interface DeclaredMap {
  readonly name: string;
  /** Section index; undefined for a map that stands in no section (.kconfig, COMMON). */
  readonly section: number | undefined;
  /** Bytes [start, end) of the section that belong to it. */
  readonly start: number;
  readonly end: number;
  readonly definition: MapDefinition | InputError;
}

/**
 * A byte of a map: an index into LoadedObject.maps and, in global data, an offset into its value.
 */
export interface MapAddress {
  readonly kind: 'map' | 'data';
  readonly index: number;
  readonly offset: number;
}

/** All maps of an object, and which one a byte of a section belongs to. */
export interface MapTable {
  readonly maps: readonly MapDefinition[];
  readonly warnings: readonly string[];
  /**
   * Undefined where the section declares no maps; an InputError where the map there is broken, or
   * none is.
   */
  readonly lookup: (section: number, offset: number) => MapAddress | InputError | undefined;
  /** The same for a symbol that stands in no section: COMMON, .kconfig. */
  readonly lookupSymbol: (symbol: ElfSymbolEntry) => MapAddress | undefined;
}

/**
 * Finds every map: legacy definitions, BTF definitions, then one array map per global data section.
 */
export function readMaps(elf: ElfFile, btf: Btf | undefined, externs: ExternTable): MapTable {
  const warnings: string[] = [];
  const data = globalDataMaps(elf, btf, externs);
  const declared = [...legacyMaps(elf, warnings), ...btfMaps(elf, btf), ...data.declared];
  const maps: MapDefinition[] = [];
  const bySection = new Map<number, { map: DeclaredMap; index: number }[]>();
  const bySymbol = new Map<string, MapAddress>();
  for (const map of declared) {
    const index = maps.length;
    if (map.definition instanceof InputError) warnings.push(map.definition.message);
    else maps.push(map.definition);
    if (map.section === undefined) continue;
    const neighbours = bySection.get(map.section) ?? [];
    neighbours.push({ map, index });
    bySection.set(map.section, neighbours);
  }
  for (const { symbol, map, offset } of data.symbols) {
    const index = maps.indexOf(map);
    if (index >= 0) bySymbol.set(symbol, { kind: 'data', index, offset });
  }
  return {
    maps,
    warnings,
    lookup: (section, offset) =>
      lookupIn(bySection.get(section), elf.sections[section]?.name ?? '', offset),
    lookupSymbol: (symbol) => bySymbol.get(symbol.name),
  };
}

function lookupIn(
  declared: readonly { map: DeclaredMap; index: number }[] | undefined,
  section: string,
  offset: number,
): MapAddress | InputError | undefined {
  if (declared === undefined) return undefined;
  const found = declared.find(({ map }) => offset >= map.start && offset < map.end);
  if (found === undefined) {
    // One past the end is a place C may point to.
    const last = declared.find(({ map }) => offset === map.end && isGlobal(map));
    if (last) return { kind: 'data', index: last.index, offset };
    return new InputError(at(section, offset), 'no map is declared there');
  }
  const { map, index } = found;
  if (map.definition instanceof InputError) return map.definition;
  if (isGlobal(map)) return { kind: 'data', index, offset };
  if (offset === map.start) return { kind: 'map', index, offset: 0 };
  return new InputError(
    at(section, offset),
    `inside the definition of map "${map.name}", which starts at ${at(section, map.start)}`,
  );
}

const isGlobal = ({ definition }: DeclaredMap): boolean =>
  !(definition instanceof InputError) && definition.origin === 'global';
