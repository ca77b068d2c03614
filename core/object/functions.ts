import { SLOT_BYTES } from '../asm/encoding.ts';
import { at } from '../errors.ts';
import type { Btf } from './btf/btf.ts';
import type { BtfExt } from './btf/ext.ts';
import type { ElfFile, ElfSection, ElfSymbolEntry } from './elf/elf.ts';
import type { Reference } from './references.ts';

/**
 * A function as it stands in its section: bytes [start, end). Functions of a section do not
 * overlap.
 */
export interface ObjectFunction {
  readonly name: string;
  readonly section: ElfSection;
  readonly start: number;
  readonly end: number;
  /** Undefined for one known only by a call, or by .BTF.ext. */
  readonly symbol: ElfSymbolEntry | undefined;
  /** BTF id of its FUNC. */
  readonly type: number | undefined;
  readonly references: readonly Reference[];
}

/** Executable sections that hold instructions. */
export const codeSections = (elf: ElfFile): ElfSection[] =>
  elf.sections.filter(({ flags, data }) => flags.exec && data.length > 0);

/**
 * The functions by section index, then by start. They begin at function symbols (untyped global
 * ones in objects from before clang 10), where .BTF.ext says, and where a call leads; a section
 * without any is one function.
 */
export function findFunctions(
  elf: ElfFile,
  btf: Btf | undefined,
  ext: BtfExt | undefined,
  references: ReadonlyMap<ElfSection, readonly Reference[]>,
): Map<number, Map<number, ObjectFunction>> {
  const symbols = functionSymbols(elf);
  const called = calledPlaces(references);
  const labels = localLabels(elf);
  const found = new Map<number, Map<number, ObjectFunction>>();
  for (const section of codeSections(elf)) {
    const types = new Map(
      ext?.functions.get(section.name)?.map(({ offset, type }) => [offset, type]),
    );
    const bySymbol = symbols.get(section.index) ?? new Map<number, ElfSymbolEntry>();
    const inside = (offset: number): boolean =>
      offset < section.data.length && offset % SLOT_BYTES === 0;
    const starts = new Set(
      [...bySymbol.keys(), ...types.keys(), ...(called.get(section.index) ?? [])].filter(inside),
    );
    if (starts.size === 0) starts.add(0);
    const ascending = [...starts].sort((a, b) => a - b);
    const ownReferences = references.get(section) ?? [];
    const functions = new Map<number, ObjectFunction>();
    for (const [index, start] of ascending.entries()) {
      const symbol = bySymbol.get(start);
      const end = endOf(start, symbol, ascending[index + 1] ?? section.data.length);
      const type = types.get(start);
      const name =
        symbol?.name ||
        btf?.nameOf(type ?? 0) ||
        labels.get(section.index)?.get(start) ||
        nameless(section, start);
      functions.set(start, {
        name,
        section,
        start,
        end,
        symbol,
        type,
        references: within(ownReferences, start, end),
      });
    }
    found.set(section.index, functions);
  }
  return found;
}

function endOf(start: number, symbol: ElfSymbolEntry | undefined, next: number): number {
  return symbol !== undefined && symbol.size > 0 ? Math.min(start + symbol.size, next) : next;
}

const nameless = (section: ElfSection, start: number): string =>
  start === 0 ? section.name : at(section.name, start);

/** One symbol per place and section; a typed one before an untyped, a global one before a local. */
function functionSymbols(elf: ElfFile): Map<number, Map<number, ElfSymbolEntry>> {
  const bySection = new Map<number, Map<number, ElfSymbolEntry>>();
  for (const symbol of elf.symbols) {
    if (
      symbol.section === undefined ||
      !elf.sections[symbol.section]!.flags.exec ||
      !isFunction(symbol)
    )
      continue;
    const byStart = bySection.get(symbol.section) ?? new Map<number, ElfSymbolEntry>();
    bySection.set(symbol.section, byStart);
    const before = byStart.get(symbol.value);
    if (before === undefined || rank(symbol) > rank(before)) byStart.set(symbol.value, symbol);
  }
  return bySection;
}

const isFunction = ({ type, binding }: ElfSymbolEntry): boolean =>
  type === 'func' || (type === 'notype' && (binding === 'global' || binding === 'weak'));

const rank = ({ type, binding }: ElfSymbolEntry): number =>
  (type === 'func' ? 2 : 0) + (binding === 'local' ? 0 : 1);

/**
 * Untyped local symbols: static functions of old compilers, and jump labels. They name what a call
 * leads to.
 */
function localLabels(elf: ElfFile): Map<number, Map<number, string>> {
  const bySection = new Map<number, Map<number, string>>();
  for (const { name, section, value, type, binding } of elf.symbols) {
    if (
      section === undefined ||
      type !== 'notype' ||
      binding !== 'local' ||
      !elf.sections[section]!.flags.exec
    )
      continue;
    const labels = bySection.get(section) ?? new Map<number, string>();
    bySection.set(section, labels);
    labels.set(value, name);
  }
  return bySection;
}

function calledPlaces(
  references: ReadonlyMap<ElfSection, readonly Reference[]>,
): Map<number, Set<number>> {
  const places = new Map<number, Set<number>>();
  for (const { target } of [...references.values()].flat()) {
    if (!('to' in target) || target.to !== 'code') continue;
    const offsets = places.get(target.section) ?? new Set();
    places.set(target.section, offsets);
    offsets.add(target.offset);
  }
  return places;
}

/** The references of [start, end) of an ascending list. */
function within(ascending: readonly Reference[], start: number, end: number): readonly Reference[] {
  return ascending.slice(firstFrom(ascending, start), firstFrom(ascending, end));
}

/** Index of the first item at `offset` or behind it, in an ascending list. */
export function firstFrom(
  ascending: readonly { readonly offset: number }[],
  offset: number,
): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]!.offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
/**
 * Which functions can be run: all of a section other than `.text`, and the global ones of `.text`.
 * A static function of `.text` (with -ffunction-sections: `.text.name`) is a subprogram, unless the
 * object has nothing else.
 */
export function runnable(functions: readonly ObjectFunction[]): ObjectFunction[] {
  const isText = (name: string): boolean => name === '.text' || name.startsWith('.text.');
  const isProgram = ({ symbol, section }: ObjectFunction): boolean =>
    !isText(section.name) || (symbol !== undefined && symbol.binding !== 'local');
  const chosen = functions.filter(isProgram);
  return chosen.length > 0 ? chosen : [...functions];
}
