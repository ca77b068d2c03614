import { at, InputError } from '../../errors.ts';
import { isMapInMap, MAP_TYPE_ID } from '../../spec/map-types.ts';
import type { Btf } from '../btf/btf.ts';
import type { BtfMember, BtfType } from '../btf/types.ts';
import type { ElfFile, ElfRelocation, ElfSection } from '../elf/elf.ts';
import type { MapDefinition } from '../types.ts';
import { MAX_MAPS } from './map-limits.ts';
import type { DeclaredMap } from './maps.ts';
import { specialFields } from './special-fields.ts';

/** Bytes of one slot of `.values`: a pointer. */
const SLOT_BYTES = 8;

/**
 * What the members of a definition say. Numbers are `int (*name)[number]`, types are pointers to
 * the type.
 */
interface Fields {
  type: number;
  maxEntries: number;
  flags: number;
  extra: number;
  keySize: number | undefined;
  valueSize: number | undefined;
  keyType: number | undefined;
  valueType: number | undefined;
  inner: MapDefinition | undefined;
  /** Byte offset of the initial slots in the definition. */
  slotsAt: number | undefined;
}

/** What reading one definition needs, and where it is for errors. */
interface Definition {
  readonly btf: Btf;
  readonly name: string;
  readonly section: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The maps of `.maps`: structs whose member types are the definition, as libbpf reads them (__uint,
 * __type, __array).
 */
export function btfMaps(elf: ElfFile, btf: Btf | undefined): DeclaredMap[] {
  return elf.sections
    .filter((section) => section.name === '.maps')
    .flatMap((section) => mapsOf(section, elf, btf));
}

function mapsOf(section: ElfSection, elf: ElfFile, btf: Btf | undefined): DeclaredMap[] {
  const symbols = elf.symbols
    .filter(
      ({ section: index, type }) =>
        index === section.index && (type === 'object' || type === 'notype'),
    )
    .sort((a, b) => a.value - b.value)
    .slice(0, MAX_MAPS);
  const slots = elf.relocations.filter(({ target }) => target === section);
  return symbols.map((symbol, index) => {
    const start = symbol.value;
    const end = symbol.size > 0 ? start + symbol.size : (symbols[index + 1]?.value ?? section.size);
    const place = { name: symbol.name, section: section.name, start, end };
    return { ...place, section: section.index, definition: attempt(place, slots, btf) };
  });
}

/** A broken definition is an error of its own map, other maps stay. */
function attempt(
  place: Omit<Definition, 'btf'>,
  relocations: readonly ElfRelocation[],
  btf: Btf | undefined,
): MapDefinition | InputError {
  try {
    const variable = btf?.find('var', place.name);
    if (btf === undefined) throw wrong(place, 0, 'needs .BTF, which the object does not have');
    if (variable === undefined) throw wrong(place, 0, 'is no variable of .BTF');
    return readDefinition({ ...place, btf }, variable.type, relocations);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

function readDefinition(
  definition: Definition,
  type: number,
  relocations: readonly ElfRelocation[],
): MapDefinition {
  const fields = readFields(definition, type, true);
  const map = toMap(definition, fields);
  if (fields.slotsAt === undefined) return map;
  const initialSlots = readSlots(definition, fields.slotsAt, map, relocations);
  return initialSlots.length > 0 ? { ...map, initialSlots } : map;
}

function readFields(definition: Definition, typeId: number, outermost: boolean): Fields {
  const { btf } = definition;
  const type = btf.resolve(typeId);
  if (type?.kind !== 'struct')
    throw wrong(definition, 0, `is ${described(type)}, a map definition is a struct`);
  const fields: Fields = {
    type: 0,
    maxEntries: 0,
    flags: 0,
    extra: 0,
    keySize: undefined,
    valueSize: undefined,
    keyType: undefined,
    valueType: undefined,
    inner: undefined,
    slotsAt: undefined,
  };
  for (const member of type.members) readField(definition, fields, member, outermost);
  return fields;
}

function readField(
  definition: Definition,
  fields: Fields,
  member: BtfMember,
  outermost: boolean,
): void {
  switch (member.name) {
    case 'type':
      fields.type = numberOf(definition, member);
      return;
    case 'max_entries':
      fields.maxEntries = numberOf(definition, member);
      return;
    case 'map_flags':
      fields.flags = numberOf(definition, member);
      return;
    case 'key_size':
      fields.keySize = agreed(definition, member, fields.keySize, numberOf(definition, member));
      return;
    case 'value_size':
      fields.valueSize = agreed(definition, member, fields.valueSize, numberOf(definition, member));
      return;
    case 'key':
      fields.keyType = pointeeOf(definition, member);
      fields.keySize = agreed(
        definition,
        member,
        fields.keySize,
        sizeOf(definition, member, fields.keyType),
      );
      return;
    case 'value':
      fields.valueType = pointeeOf(definition, member);
      fields.valueSize = agreed(
        definition,
        member,
        fields.valueSize,
        sizeOf(definition, member, fields.valueType),
      );
      return;
    case 'values':
      readValues(definition, fields, member, outermost);
      return;
    case 'map_extra':
      fields.extra = longOf(definition, member);
      return;
    case 'numa_node':
    case 'pinning':
      // Where it is allocated or pinned makes no difference to what a program sees here.
      numberOf(definition, member);
      return;
    default:
      throw wrong(definition, member.bitOffset / 8, `has an unknown field "${member.name}"`);
  }
}

/** `values` declares what the slots hold: pointers to an inner map's definition, or to programs. */
function readValues(
  definition: Definition,
  fields: Fields,
  member: BtfMember,
  outermost: boolean,
): void {
  const { btf } = definition;
  const offset = member.bitOffset / 8;
  const array = btf.resolve(member.type);
  const pointer = array?.kind === 'array' ? btf.resolve(array.type) : undefined;
  const target = pointer?.kind === 'ptr' ? btf.resolve(pointer.type) : undefined;
  if (target === undefined || pointer?.kind !== 'ptr') {
    throw wrong(
      definition,
      offset,
      `has "values" of type ${described(array)}, which is no array of pointers`,
    );
  }
  if (isMapInMap(fields.type)) {
    if (!outermost) throw wrong(definition, offset, 'has an inner map that holds maps again');
    const inner: Definition = { ...definition, name: `${definition.name}.inner` };
    fields.inner = toMap(inner, readFields(inner, pointer.type, false));
  } else if (fields.type !== MAP_TYPE_ID.prog_array || target.kind !== 'func_proto') {
    throw wrong(
      definition,
      offset,
      `has "values" of ${described(target)}, but is of type ${fields.type}`,
    );
  }
  fields.valueSize = agreed(definition, member, fields.valueSize, 4);
  fields.slotsAt = offset;
}

function toMap({ btf, name, section }: Definition, fields: Fields): MapDefinition {
  const special = fields.valueType === undefined ? [] : specialFields(btf, fields.valueType);
  return {
    name,
    type: fields.type,
    keySize: fields.keySize ?? 0,
    valueSize: fields.valueSize ?? 0,
    maxEntries: fields.maxEntries,
    flags: fields.flags,
    keyType: fields.keyType,
    valueType: fields.valueType,
    origin: 'btf',
    section,
    ...(fields.extra ? { extra: fields.extra } : {}),
    ...(special.length > 0 ? { special } : {}),
    ...(fields.inner ? { inner: fields.inner } : {}),
  };
}

/**
 * Slots are pointers with a relocation each (R_BPF_64_ABS64), against the map or function they
 * start with.
 */
function readSlots(
  { start, end }: Definition,
  slotsAt: number,
  map: MapDefinition,
  relocations: readonly ElfRelocation[],
): NonNullable<MapDefinition['initialSlots']> {
  const first = start + slotsAt;
  const holds = map.type === MAP_TYPE_ID.prog_array ? 'program' : 'map';
  return relocations
    .filter(({ offset }) => offset >= first && offset < end && (offset - first) % SLOT_BYTES === 0)
    .map(({ offset, symbol }) => ({ index: (offset - first) / SLOT_BYTES, [holds]: symbol.name }));
}

function numberOf(definition: Definition, member: BtfMember): number {
  const { btf } = definition;
  const pointer = btf.resolve(member.type);
  const array = pointer?.kind === 'ptr' ? btf.resolve(pointer.type) : undefined;
  if (array?.kind !== 'array') {
    throw wrong(
      definition,
      member.bitOffset / 8,
      `has "${member.name}" of type ${described(pointer)}, not int (*)[number]`,
    );
  }
  return array.count;
}

/**
 * A number as __ulong writes it: the value of an enumeration's only name (libbpf.c,
 * get_map_field_long).
 */
function longOf(definition: Definition, member: BtfMember): number {
  const type = definition.btf.resolve(member.type);
  if (type?.kind !== 'enum' && type?.kind !== 'enum64') return numberOf(definition, member);
  const [only] = type.values;
  if (only === undefined || type.values.length !== 1)
    throw wrong(
      definition,
      member.bitOffset / 8,
      `has "${member.name}" of an enumeration with ${type.values.length} names, __ulong has one`,
    );
  return Number(BigInt.asUintN(64, only.value));
}

function pointeeOf(definition: Definition, member: BtfMember): number {
  const pointer = definition.btf.resolve(member.type);
  if (pointer?.kind !== 'ptr') {
    throw wrong(
      definition,
      member.bitOffset / 8,
      `has "${member.name}" of type ${described(pointer)}, not a pointer`,
    );
  }
  return pointer.type;
}

function sizeOf(definition: Definition, member: BtfMember, type: number): number {
  const size = definition.btf.sizeOf(type);
  if (size === undefined)
    throw wrong(definition, member.bitOffset / 8, `has "${member.name}" of a type without a size`);
  return size;
}

/** A size may be given twice, as a number and by a type: both must say the same. */
function agreed(
  definition: Definition,
  member: BtfMember,
  before: number | undefined,
  now: number,
): number {
  if (before === undefined || before === now) return now;
  throw wrong(
    definition,
    member.bitOffset / 8,
    `says ${before} bytes, then "${member.name}" says ${now}`,
  );
}

const described = (type: BtfType | undefined): string =>
  type === undefined ? 'unknown' : `${type.kind} ${type.name}`.trimEnd();

const wrong = (
  { name, section, start }: Omit<Definition, 'btf'>,
  offset: number,
  fact: string,
): InputError => new InputError(at(section, start + offset), `map "${name}" ${fact}`);
