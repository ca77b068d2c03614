import { ByteReader } from '../../bytes/reader.ts';
import { at, InputError } from '../../errors.ts';
import { isMapInMap } from '../../spec/map-types.ts';
import type { ElfFile, ElfSection, ElfSymbolEntry } from '../elf/elf.ts';
import type { MapDefinition } from '../types.ts';
import { MAX_MAPS } from './map-limits.ts';
import type { DeclaredMap } from './maps.ts';

/**
 * The definitions of a legacy `maps` section, 32-bit words. Loaders agree on the first five only:
 *
 * word 0 | 1        | 2          | 3           | 4     | 5         | 6       | 7        | 8
 * type   | key_size | value_size | max_entries | flags | inner map | NUMA node
 * type   | size_key | size_value | max_elem    | flags | id        | pinning | inner_id | inner_idx
 *
 * The first line is bpf_load's, 20 to 28 bytes; the second iproute2's, 36 bytes.
 */
const LEAST_BYTES = 16;
const KNOWN_BYTES = 36;
/** inner_idx of a map that is no initial slot of another. */
const NO_SLOT = 0xffff_ffff;

interface Definition {
  readonly symbol: ElfSymbolEntry;
  readonly start: number;
  readonly end: number;
  readonly words: readonly number[];
}

/** One map per symbol of `maps` sections; a definition ends where the next one begins. */
export function legacyMaps(elf: ElfFile, warnings: string[]): DeclaredMap[] {
  const sections = elf.sections.filter(
    (section) => section.name === 'maps' && section.data.length > 0,
  );
  return sections.flatMap((section) => mapsOf(section, elf, warnings));
}

function mapsOf(section: ElfSection, elf: ElfFile, warnings: string[]): DeclaredMap[] {
  const reader = new ByteReader(section.data, elf.endian, (offset) => at(section.name, offset));
  const definitions: Definition[] = [];
  const broken: DeclaredMap[] = [];
  const symbols = mapSymbols(section, elf);
  for (const [index, symbol] of symbols.entries()) {
    const start = symbol.value;
    const end = symbols[index + 1]?.value ?? section.data.length;
    if (end - start < LEAST_BYTES) {
      const reason =
        `map "${symbol.name}" has a definition of ${end - start} bytes, ` +
        `at least ${LEAST_BYTES} are needed`;
      broken.push({
        name: symbol.name,
        section: section.index,
        start,
        end,
        definition: new InputError(at(section.name, start), reason),
      });
      continue;
    }
    const words = Array.from({ length: KNOWN_BYTES / 4 }, (_, word) =>
      start + word * 4 + 4 <= end ? reader.u32(start + word * 4) : 0,
    );
    if (section.data.subarray(start + KNOWN_BYTES, end).some((byte) => byte !== 0)) {
      warnings.push(
        `${at(section.name, start)}: map "${symbol.name}" has fields behind ` +
          `byte ${KNOWN_BYTES} that are not known`,
      );
    }
    definitions.push({ symbol, start, end, words });
  }
  const declared = definitions.map((definition) => ({
    name: definition.symbol.name,
    section: section.index,
    start: definition.start,
    end: definition.end,
    definition: toMap(definition, definitions, section.name),
  }));
  return [...declared, ...broken].sort((a, b) => a.start - b.start);
}

/** Data symbols of the section, ascending and one per place: old compilers leave them untyped. */
function mapSymbols(section: ElfSection, elf: ElfFile): ElfSymbolEntry[] {
  const byStart = new Map<number, ElfSymbolEntry>();
  for (const symbol of elf.symbols) {
    const usable =
      symbol.type === 'object' || (symbol.type === 'notype' && symbol.binding !== 'local');
    if (symbol.section !== section.index || !usable || symbol.value >= section.data.length)
      continue;
    if (!byStart.has(symbol.value)) byStart.set(symbol.value, symbol);
  }
  return [...byStart.values()].sort((a, b) => a.value - b.value).slice(0, MAX_MAPS);
}

function toMap(definition: Definition, all: readonly Definition[], section: string): MapDefinition {
  const map = plainMap(definition, section);
  if (!isMapInMap(map.type)) return map;
  const inner = innerMaps(definition, all);
  const template = inner[0];
  if (template === undefined) return map;
  const initialSlots = inner
    .filter(({ words }) => hasIproute2Fields(definition) && words[8] !== NO_SLOT)
    .map(({ symbol, words }) => ({ index: words[8]!, map: symbol.name }));
  return {
    ...map,
    inner: plainMap(template, section),
    ...(initialSlots.length > 0 ? { initialSlots } : {}),
  };
}

const hasIproute2Fields = ({ start, end }: Definition): boolean => end - start >= KNOWN_BYTES;

/** iproute2 names the inner map by its id, bpf_load by its place among the definitions. */
function innerMaps(outer: Definition, all: readonly Definition[]): Definition[] {
  if (hasIproute2Fields(outer)) {
    const id = outer.words[7]!;
    return id === 0
      ? []
      : all.filter((other) => other !== outer && hasIproute2Fields(other) && other.words[5] === id);
  }
  const inner = all[outer.words[5]!];
  return inner === undefined || inner === outer ? [] : [inner];
}

function plainMap({ symbol, words }: Definition, section: string): MapDefinition {
  return {
    name: symbol.name,
    type: words[0]!,
    keySize: words[1]!,
    valueSize: words[2]!,
    maxEntries: words[3]!,
    flags: words[4]!,
    keyType: undefined,
    valueType: undefined,
    origin: 'legacy',
    section,
  };
}
