import { at, InputError, present } from '../../errors.ts';
import { AT, FORMS, type FormClass } from '../../spec/dwarf.ts';
import type { ElfFile } from '../elf/elf.ts';
import { StringTable } from '../elf/string-table.ts';
import { type Address, Cursor, type DebugSection, debugSection, unitLength } from './sections.ts';

/**
 * Attributes, abbreviations and entries of lists of one object; more than any BPF object has.
 * Tables may overlap: each reading counts.
 */
const MAX_READ = 1 << 20;
const MAX_DEPTH = 128;
/** `abstract_origin` of an `abstract_origin`, and so on. */
const MAX_CHAIN = 8;

/** DW_UT_*: what stands behind the header of a unit of DWARF 5. */
const UNIT_TYPE = 2;
const UNIT_SKELETON = 4;
const UNIT_SPLIT_TYPE = 6;

export interface Unit {
  readonly offset: number;
  readonly version: number;
  readonly offsetBytes: 4 | 8;
  readonly addressBytes: number;
  root: DebugEntry | undefined;
}

/** A debugging information entry: a function, a variable, a type. */
export interface DebugEntry {
  /** In .debug_info. */
  readonly offset: number;
  readonly tag: number;
  readonly unit: Unit;
  readonly attributes: ReadonlyMap<number, Attribute>;
  readonly children: DebugEntry[];
}

interface Attribute {
  readonly form: number;
  readonly value: bigint | string | Uint8Array | Address;
}

interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly {
    readonly name: number;
    readonly form: number;
    readonly implicit: bigint;
  }[];
}

/** The debug sections of an object, and its tree of entries. A damaged unit is a warning. */
export class DebugEntries {
  readonly elf: ElfFile;
  readonly units: Unit[] = [];
  readonly warnings: string[] = [];
  private readonly byOffset = new Map<number, DebugEntry>();
  private readonly sections = new Map<string, DebugSection>();
  private readonly strings = new Map<string, StringTable>();
  private readonly abbreviations = new Map<number, ReadonlyMap<number, Abbreviation>>();
  private left = MAX_READ;

  constructor(elf: ElfFile) {
    this.elf = elf;
    this.orWarning(() => this.readUnits());
  }

  section(name: string): DebugSection {
    const known = this.sections.get(name);
    if (known) return known;
    const section = debugSection(this.elf, name);
    this.sections.set(name, section);
    return section;
  }

  /** What `read` answers; undefined, and a warning, where the object is damaged. */
  orWarning<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if (this.warnings.length < 16) this.warnings.push(error.message);
      return undefined;
    }
  }

  /** Counts what was read, so that work is bounded however lists and tables overlap. */
  spend(cursor: Cursor, count: number): void {
    this.left -= count;
    if (this.left < 0) cursor.fail(`more than ${MAX_READ} attributes and entries of lists`);
  }

  private readUnits(): void {
    const info = this.section('.debug_info');
    const cursor = new Cursor(info, 0);
    while (cursor.offset < info.reader.length) {
      const offset = cursor.offset;
      const { end, offsetBytes } = unitLength(cursor);
      this.orWarning(() => this.readUnit(cursor, offset, offsetBytes, end));
      cursor.offset = end;
    }
  }

  private readUnit(cursor: Cursor, offset: number, offsetBytes: 4 | 8, end: number): void {
    const version = cursor.u16();
    if (version < 2 || version > 5) cursor.fail(`DWARF version ${version}, 2 to 5 are read`);
    const type = version === 5 ? cursor.u8() : 0;
    let addressBytes = version === 5 ? cursor.u8() : 0;
    const table = cursor.size(offsetBytes);
    if (version < 5) addressBytes = cursor.u8();
    if (addressBytes !== 4 && addressBytes !== 8) cursor.fail(`addresses of ${addressBytes} bytes`);
    if (type === UNIT_TYPE || type === UNIT_SPLIT_TYPE) cursor.bytes(8 + offsetBytes);
    else if (type >= UNIT_SKELETON) cursor.bytes(8);
    const unit: Unit = { offset, version, offsetBytes, addressBytes, root: undefined };
    this.units.push(unit);
    this.readEntries(cursor, unit, this.abbreviationsAt(table), end);
  }

  private readEntries(
    cursor: Cursor,
    unit: Unit,
    table: ReadonlyMap<number, Abbreviation>,
    end: number,
  ): void {
    const parents: DebugEntry[] = [];
    while (cursor.offset < end) {
      const offset = cursor.offset;
      const code = cursor.count();
      if (code === 0) {
        parents.pop();
        if (parents.length === 0) return;
        continue;
      }
      const abbreviation = table.get(code);
      if (abbreviation === undefined)
        throw new InputError(
          at('.debug_info', offset),
          `abbreviation ${code} is not in .debug_abbrev`,
        );
      this.spend(cursor, 1 + abbreviation.attributes.length);
      const attributes = readAttributes(cursor, unit, abbreviation);
      const entry: DebugEntry = { offset, tag: abbreviation.tag, unit, attributes, children: [] };
      this.byOffset.set(offset, entry);
      parents.at(-1)?.children.push(entry);
      unit.root ??= entry;
      if (abbreviation.hasChildren) parents.push(entry);
      else if (parents.length === 0) return;
      if (parents.length > MAX_DEPTH) cursor.fail(`entries nested deeper than ${MAX_DEPTH}`);
    }
  }

  private abbreviationsAt(offset: number): ReadonlyMap<number, Abbreviation> {
    const known = this.abbreviations.get(offset);
    if (known) return known;
    const table = new Map<number, Abbreviation>();
    const cursor = new Cursor(this.section('.debug_abbrev'), offset);
    for (let code = cursor.count(); code !== 0; code = cursor.count()) {
      const tag = cursor.count();
      const hasChildren = cursor.u8() !== 0;
      const attributes = abbreviatedAttributes(cursor);
      this.spend(cursor, 1 + attributes.length);
      table.set(code, { tag, hasChildren, attributes });
    }
    this.abbreviations.set(offset, table);
    return table;
  }

  entryAt(offset: number): DebugEntry | undefined {
    return this.byOffset.get(offset);
  }

  /** The entry an attribute refers to. */
  reference(entry: DebugEntry, name: number): DebugEntry | undefined {
    const attribute = entry.attributes.get(name);
    if (typeof attribute?.value !== 'bigint') return undefined;
    const is = classOf(attribute.form);
    if (is === 'ref') return this.byOffset.get(entry.unit.offset + Number(attribute.value));
    return is === 'ref_addr' ? this.byOffset.get(Number(attribute.value)) : undefined;
  }

  /** The entry, then those it is an instance or the definition of. */
  origins(entry: DebugEntry): DebugEntry[] {
    const chain = [entry];
    while (chain.length < MAX_CHAIN) {
      const last = chain.at(-1)!;
      const next =
        this.reference(last, AT.abstract_origin) ?? this.reference(last, AT.specification);
      if (next === undefined) break;
      chain.push(next);
    }
    return chain;
  }

  name(entry: DebugEntry): string {
    for (const origin of this.origins(entry)) {
      const name = this.text(origin, AT.name);
      if (name !== '') return name;
    }
    return '';
  }

  /** The type's entry; undefined for void. */
  type(entry: DebugEntry): DebugEntry | undefined {
    for (const origin of this.origins(entry)) {
      const type = this.reference(origin, AT.type);
      if (type) return type;
    }
    return undefined;
  }

  /** A number as it is written: without sign where its form has none. */
  number(entry: DebugEntry, name: number): bigint | undefined {
    const attribute = entry.attributes.get(name);
    if (attribute === undefined || typeof attribute.value !== 'bigint') return undefined;
    const is = classOf(attribute.form);
    return is === 'number' || is === 'offset' ? attribute.value : undefined;
  }

  /** Of a counting attribute; 0 where it is not there. */
  count(entry: DebugEntry, name: number): number {
    const value = this.number(entry, name) ?? 0n;
    return value >= 0n && value <= 0xffff_ffffn ? Number(value) : 0;
  }

  block(entry: DebugEntry, name: number): Uint8Array | undefined {
    const value = entry.attributes.get(name)?.value;
    return value instanceof Uint8Array ? value : undefined;
  }

  text(entry: DebugEntry, name: number): string {
    const attribute = entry.attributes.get(name);
    if (attribute === undefined) return '';
    const { value, form } = attribute;
    if (typeof value === 'string') return value;
    if (typeof value !== 'bigint') return '';
    return this.orWarning(() => this.textAt(entry.unit, classOf(form), Number(value))) ?? '';
  }

  private textAt(unit: Unit, is: string, value: number): string {
    if (is === 'strp') return this.stringTable('.debug_str').at(value);
    if (is === 'line_strp') return this.stringTable('.debug_line_str').at(value);
    if (is !== 'strx') return '';
    const base = this.base(unit, AT.str_offsets_base);
    const cursor = new Cursor(this.section('.debug_str_offsets'), base + value * unit.offsetBytes);
    return this.stringTable('.debug_str').at(cursor.size(unit.offsetBytes));
  }

  stringTable(name: string): StringTable {
    const known = this.strings.get(name);
    if (known) return known;
    const table = new StringTable(this.section(name).reader.bytes, name);
    this.strings.set(name, table);
    return table;
  }

  /** Where a unit's part of a table begins. */
  base(unit: Unit, name: number): number {
    return unit.root ? this.count(unit.root, name) : 0;
  }

  address(entry: DebugEntry, name: number): Address | undefined {
    const attribute = entry.attributes.get(name);
    if (attribute === undefined) return undefined;
    const is = classOf(attribute.form);
    if (is === 'address') return attribute.value as Address;
    return is === 'addrx' ? this.addressAt(entry.unit, Number(attribute.value)) : undefined;
  }

  /** An entry of a unit's part of .debug_addr. */
  addressAt(unit: Unit, index: number): Address {
    const offset = this.base(unit, AT.addr_base) + index * unit.addressBytes;
    return new Cursor(this.section('.debug_addr'), offset).address(unit.addressBytes);
  }

  /** Where in `section` the list lies that an attribute names; undefined where it names none. */
  list(entry: DebugEntry, name: number, section: string, base: number): number | undefined {
    const attribute = entry.attributes.get(name);
    if (attribute === undefined || typeof attribute.value !== 'bigint') return undefined;
    const is = classOf(attribute.form);
    // Before DWARF 4 an offset was written as a plain number of 4 or 8 bytes.
    if (is === 'offset' || (is === 'number' && entry.unit.version < 4))
      return Number(attribute.value);
    if (is !== 'listx') return undefined;
    const start = this.base(entry.unit, base);
    const { offsetBytes } = entry.unit;
    return (
      start +
      new Cursor(this.section(section), start + Number(attribute.value) * offsetBytes).size(
        offsetBytes,
      )
    );
  }
}

function abbreviatedAttributes(cursor: Cursor): Abbreviation['attributes'] {
  const attributes: { name: number; form: number; implicit: bigint }[] = [];
  for (;;) {
    const name = cursor.count();
    const form = cursor.count();
    if (name === 0 && form === 0) return attributes;
    const row = FORMS[form];
    if (row === undefined) cursor.fail(`form ${form} is not known`);
    attributes.push({
      name,
      form,
      implicit: row.shape === 'implicit' ? cursor.sleb() : 0n,
    });
  }
}

function readAttributes(
  cursor: Cursor,
  unit: Unit,
  { attributes }: Abbreviation,
): Map<number, Attribute> {
  const found = new Map<number, Attribute>();
  for (const { name, form, implicit } of attributes)
    found.set(name, readForm(cursor, unit, form, implicit));
  return found;
}

/** What a value of a form is; only values of known forms are read. */
export const classOf = (form: number): FormClass => present(FORMS[form], `form ${form}`).is;

/** One value as its form says; only the sizes of the unit matter. */
export function readForm(
  cursor: Cursor,
  unit: Pick<Unit, 'version' | 'addressBytes' | 'offsetBytes'>,
  form: number,
  implicit: bigint,
): Attribute {
  const { shape, is } = present(FORMS[form], `form ${form}`);
  switch (shape) {
    case 'address':
      return { form, value: cursor.address(unit.addressBytes) };
    case 'offset': {
      // Version 2 wrote a reference to another unit as an address.
      const isAddress = unit.version === 2 && is === 'ref_addr';
      return { form, value: cursor.unsigned(isAddress ? unit.addressBytes : unit.offsetBytes) };
    }
    case 'uleb':
      return { form, value: cursor.uleb() };
    case 'sleb':
      return { form, value: cursor.sleb() };
    case 'string':
      return { form, value: cursor.string() };
    case 'block1':
      return { form, value: cursor.bytes(cursor.u8()) };
    case 'block2':
      return { form, value: cursor.bytes(cursor.u16()) };
    case 'block4':
      return { form, value: cursor.bytes(cursor.size(4)) };
    case 'block':
      return { form, value: cursor.bytes(cursor.count()) };
    case 'present':
      return { form, value: 1n };
    case 'implicit':
      return { form, value: implicit };
    case 'indirect': {
      const real = cursor.count();
      const row = FORMS[real];
      if (row === undefined || row.shape === 'indirect' || row.shape === 'implicit')
        throw new InputError(
          at(cursor.section.name, cursor.offset),
          `form ${real} behind an indirect one`,
        );
      return readForm(cursor, unit, real, 0n);
    }
    case 16:
      return { form, value: cursor.bytes(16) };
    default:
      return { form, value: cursor.unsigned(shape) };
  }
}
