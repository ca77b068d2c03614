import { at, InputError } from '../../errors.ts';
import { MAP_FLAGS, MAP_TYPE_ID } from '../../spec/map-types.ts';
import type { Btf } from '../btf/btf.ts';
import type { ElfFile, ElfSection, ElfSymbolEntry } from '../elf/elf.ts';
import { SHT_NOBITS } from '../elf/elf.ts';
import type { ExternTable } from '../externs.ts';
import type { Extern, MapDefinition } from '../types.ts';
import type { DeclaredMap } from './maps.ts';

/** All zero-filled data of an object together; the kernel allows 32 MB for one value. */
const MAX_ZERO_BYTES = 32 << 20;

type Variables = NonNullable<MapDefinition['variables']>;

/** Global data: one array map of one value per section, as libbpf makes them. */
export interface GlobalData {
  readonly declared: readonly DeclaredMap[];
  /** Symbols that stand in no section, and where their bytes are. */
  readonly symbols: readonly {
    readonly symbol: string;
    readonly map: MapDefinition;
    readonly offset: number;
  }[];
}

const isDataName = (name: string): boolean =>
  ['.data', '.rodata', '.bss'].some((prefix) => name === prefix || name.startsWith(`${prefix}.`));

/**
 * Jump tables (clang 22 with -mcpu=v4): of each entry its place in the section of the code, in
 * bytes.
 */
export const JUMP_TABLES = '.jumptables';

/**
 * The maps of `.data*`, `.rodata*`, `.bss*`, of jump tables, of COMMON symbols, and of variables of
 * the kernel.
 */
export function globalDataMaps(
  elf: ElfFile,
  btf: Btf | undefined,
  externs: ExternTable,
): GlobalData {
  const symbolsBySection = dataSymbols(elf);
  const placed = new Set([...symbolsBySection.values()].flat().map(({ name }) => name));
  const zeros = { left: MAX_ZERO_BYTES };
  const sections = elf.sections.filter(
    ({ name, size, flags }) =>
      size > 0 && ((isDataName(name) && flags.alloc) || name === JUMP_TABLES),
  );
  const declared = sections.map(
    (section): DeclaredMap => ({
      name: section.name,
      section: section.index,
      start: 0,
      end: section.size,
      definition: sectionMap(
        section,
        variablesOf(section, symbolsBySection.get(section.index) ?? [], placed, btf),
        btf,
        zeros,
      ),
    }),
  );
  const common = laidOut('COMMON', commonVariables(elf), zeros);
  const kconfig = filled(laidOut('.kconfig', kconfigVariables(externs, btf), zeros), externs);
  const ksyms = filled(laidOut('.ksyms', ksymVariables(externs, btf), zeros), externs);
  const extra = [common, kconfig, ksyms].filter((map) => map !== undefined);
  return {
    declared: [
      ...declared,
      ...extra.map((map) => ({
        name: map.name,
        section: undefined,
        start: 0,
        end: map.valueSize,
        definition: map,
      })),
    ],
    symbols: extra.flatMap((map) =>
      map.variables!.map(({ name, offset }) => ({ symbol: name, map, offset })),
    ),
  };
}

function dataSymbols(elf: ElfFile): Map<number, ElfSymbolEntry[]> {
  const bySection = new Map<number, ElfSymbolEntry[]>();
  for (const symbol of elf.symbols) {
    if (symbol.section === undefined || (symbol.type !== 'object' && symbol.type !== 'notype'))
      continue;
    const neighbours = bySection.get(symbol.section) ?? [];
    bySection.set(symbol.section, neighbours);
    neighbours.push(symbol);
  }
  return bySection;
}

function sectionMap(
  section: ElfSection,
  variables: Variables,
  btf: Btf | undefined,
  zeros: { left: number },
): MapDefinition | InputError {
  const isZeroFilled = section.typeNumber === SHT_NOBITS;
  if (isZeroFilled && section.size > zeros.left) {
    return new InputError(
      at(section.name, 0),
      `${section.size} bytes of zeros, ${zeros.left} of ${MAX_ZERO_BYTES} are left for them`,
    );
  }
  if (isZeroFilled) zeros.left -= section.size;
  const readOnly = !section.flags.write;
  return {
    ...arrayMap(section.name, isZeroFilled ? new Uint8Array(section.size) : section.data),
    flags: readOnly ? MAP_FLAGS.BPF_F_RDONLY_PROG : 0,
    valueType: btf?.find('datasec', section.name)?.id,
    readOnly,
    variables,
  };
}

const arrayMap = (name: string, value: Uint8Array): MapDefinition => ({
  name,
  type: MAP_TYPE_ID.array,
  keySize: 4,
  valueSize: value.length,
  maxEntries: 1,
  flags: 0,
  keyType: undefined,
  valueType: undefined,
  origin: 'global',
  section: name,
  initialValue: value,
});

/**
 * Variables by offset. BTF knows their types, but compilers leave the offsets of global ones 0
 * (gcc: of all) for a linker to fill in, and clang may move a constant to a section of its own
 * (`.rodata.cst8`) without telling BTF. So a symbol of the same name has the last word; `placed`
 * are the names of all data symbols.
 */
function variablesOf(
  section: ElfSection,
  symbols: readonly ElfSymbolEntry[],
  placed: ReadonlySet<string>,
  btf: Btf | undefined,
): Variables {
  const types = variableTypes(section.name, btf);
  const typeOf = (name: string): number | undefined =>
    types.get(name)?.type ?? btf?.find('var', name)?.type;
  const fromSymbols = symbols
    .filter(({ name, type }) => name !== '' && (type === 'object' || types.has(name)))
    .map(({ name, value, size }) => ({
      name,
      offset: value,
      size: size > 0 ? size : (types.get(name)?.size ?? 0),
      type: typeOf(name),
    }));
  const fromBtf = [...types]
    .filter(([name]) => !placed.has(name))
    .map(([name, variable]) => ({ name, ...variable }));
  return [...fromSymbols, ...fromBtf]
    .filter(({ offset, size }) => offset + size <= section.size)
    .sort((a, b) => a.offset - b.offset);
}

function variableTypes(
  section: string,
  btf: Btf | undefined,
): Map<string, { offset: number; size: number; type: number }> {
  const byName = new Map<string, { offset: number; size: number; type: number }>();
  for (const { type, offset, size } of btf?.find('datasec', section)?.variables ?? []) {
    const variable = btf!.byId(type);
    if (variable?.kind === 'var') byName.set(variable.name, { offset, size, type: variable.type });
  }
  return byName;
}

interface Placed {
  readonly name: string;
  readonly size: number;
  readonly alignment: number;
  readonly type: number | undefined;
}

/** st_value of a COMMON symbol is its alignment; compilers write no BTF for them. */
const commonVariables = (elf: ElfFile): Placed[] =>
  elf.symbols
    .filter(({ placement }) => placement === 'common')
    .map(({ name, size, value }) => ({ name, size, alignment: value, type: undefined }));

/**
 * Variables of the kernel's configuration as libbpf places them: by alignment, then size, then name
 * (cmp_externs).
 */
function kconfigVariables({ externs }: ExternTable, btf: Btf | undefined): Placed[] {
  return externVariables(externs, 'kconfig', btf).sort(
    (a, b) => b.alignment - a.alignment || a.size - b.size || (a.name < b.name ? -1 : 1),
  );
}

/** Variables of the kernel that the user gives a value. */
const ksymVariables = ({ externs, values }: ExternTable, btf: Btf | undefined): Placed[] =>
  externVariables(
    externs.filter(({ name }) => values.get(name)?.bytes !== undefined),
    'ksym',
    btf,
  );

function externVariables(
  externs: readonly Extern[],
  wanted: Extern['kind'],
  btf: Btf | undefined,
): Placed[] {
  return externs.flatMap(({ name, kind, type: id }) => {
    const variable = btf?.byId(id ?? 0);
    const size = variable?.kind === 'var' ? btf?.sizeOf(variable.type) : undefined;
    if (kind !== wanted || variable?.kind !== 'var' || size === undefined || size === 0) return [];
    return [{ name, size, alignment: alignmentOf(btf!, variable.type), type: variable.type }];
  });
}

/** Of a scalar its size, of an array that of its element; records are aligned like pointers. */
function alignmentOf(btf: Btf, id: number): number {
  const type = btf.resolve(id);
  if (type?.kind === 'array') return Math.min(8, btf.sizeOf(type.type) ?? 8);
  return type?.kind === 'struct' || type?.kind === 'union' ? 8 : Math.min(8, btf.sizeOf(id) ?? 8);
}

/**
 * Puts the values of externs into the map that holds them; where one has no value, none of its
 * bytes can be reached.
 */
function filled(
  map: MapDefinition | undefined,
  { externs, values }: ExternTable,
): MapDefinition | undefined {
  for (const { name, offset } of map?.variables ?? []) {
    const bytes = values.get(name)?.bytes;
    if (bytes) map!.initialValue!.set(bytes, offset);
  }
  const given = new Map(externs.map((extern) => [extern.name, extern.given]));
  return (
    map && { ...map, variables: map.variables!.filter(({ name }) => given.get(name) !== 'missing') }
  );
}

/** Zero-filled variables one behind the other, in a map of their own. */
function laidOut(
  name: string,
  placed: readonly Placed[],
  zeros: { left: number },
): MapDefinition | undefined {
  const variables: Variables[number][] = [];
  let end = 0;
  for (const variable of placed) {
    const alignment = Math.max(1, Math.min(variable.alignment, 4096));
    const offset = Math.ceil(end / alignment) * alignment;
    if (offset + variable.size > zeros.left) break;
    variables.push({ name: variable.name, offset, size: variable.size, type: variable.type });
    end = offset + variable.size;
  }
  if (variables.length === 0 || end === 0) return undefined;
  zeros.left -= end;
  return { ...arrayMap(name, new Uint8Array(end)), readOnly: name !== 'COMMON', variables };
}
