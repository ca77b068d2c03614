import { AT, ATE, TAG } from '../../spec/dwarf.ts';
import { TypeTable } from '../btf/type-table.ts';
import type { BtfArray, BtfEnum, BtfMember, BtfType } from '../btf/types.ts';
import type { DebugEntries, DebugEntry } from './entries.ts';

const REFERENCES: Readonly<
  Record<number, 'ptr' | 'typedef' | 'const' | 'volatile' | 'restrict' | 'type_tag'>
> = {
  [TAG.pointer_type]: 'ptr',
  [TAG.reference_type]: 'ptr',
  [TAG.typedef]: 'typedef',
  [TAG.const_type]: 'const',
  [TAG.volatile_type]: 'volatile',
  [TAG.restrict_type]: 'restrict',
  [TAG.atomic_type]: 'type_tag',
};

const VOID: BtfType = { id: 0, kind: 'void', name: 'void' };
const POINTER_BYTES = 8;
/** Types that several dimensions of arrays may add. */
const MAX_INNER_ARRAYS = 1 << 16;

/** The types of .debug_info in the shapes of BTF, by the offset of their entry. */
export class DwarfTypes extends TypeTable {
  readonly pointerSize = POINTER_BYTES;
  private readonly entries: DebugEntries;
  private readonly known = new Map<number, BtfType>([[0, VOID]]);
  private innerArrays = 0;

  constructor(entries: DebugEntries) {
    super();
    this.entries = entries;
  }

  byId(id: number): BtfType | undefined {
    const seen = this.known.get(id);
    if (seen) return seen;
    const entry = this.entries.entryAt(id);
    const type = entry && this.read(entry);
    if (type) this.known.set(id, type);
    return type;
  }

  /** The number of the type an entry has; 0 is void. */
  of(entry: DebugEntry): number {
    return this.entries.type(entry)?.offset ?? 0;
  }

  private read(entry: DebugEntry): BtfType | undefined {
    const { offset: id, tag } = entry;
    const name = this.entries.text(entry, AT.name);
    const size = this.entries.count(entry, AT.byte_size);
    const reference = REFERENCES[tag];
    if (reference) return { id, kind: reference, name, type: this.of(entry) };
    switch (tag) {
      case TAG.base_type:
        return baseType(id, name, size, this.entries.count(entry, AT.encoding));
      case TAG.structure_type:
      case TAG.class_type:
      case TAG.union_type: {
        const union = tag === TAG.union_type;
        if (this.entries.number(entry, AT.declaration)) return { id, kind: 'fwd', name, union };
        return {
          id,
          kind: union ? 'union' : 'struct',
          name,
          size,
          members: this.recordMembers(entry),
        };
      }
      case TAG.enumeration_type:
        return this.enumeration(entry, name, size);
      case TAG.array_type:
        return this.array(entry);
      case TAG.subroutine_type:
        return {
          id,
          kind: 'func_proto',
          name,
          type: this.of(entry),
          parameters: this.parameters(entry),
        };
      default:
        return undefined;
    }
  }

  private recordMembers(entry: DebugEntry): BtfMember[] {
    return entry.children
      .filter(({ tag }) => tag === TAG.member)
      .map((member) => {
        const bitSize = this.entries.count(member, AT.bit_size);
        const name = this.entries.text(member, AT.name);
        return { name, type: this.of(member), bitSize, bitOffset: this.bitOffset(member, bitSize) };
      });
  }

  /**
   * Bits from the start; DWARF 3 counted those of a bit field from the high bit of the unit that
   * holds it.
   */
  private bitOffset(member: DebugEntry, bitSize: number): number {
    const start = this.entries.count(member, AT.data_member_location) * 8;
    const fromStart = this.entries.number(member, AT.data_bit_offset);
    if (fromStart !== undefined) return this.entries.count(member, AT.data_bit_offset);
    if (bitSize === 0 || this.entries.number(member, AT.bit_offset) === undefined) return start;
    const fromHigh = this.entries.count(member, AT.bit_offset);
    if (this.entries.elf.endian === 'big') return start + fromHigh;
    const unit = this.entries.count(member, AT.byte_size) || (this.sizeOf(this.of(member)) ?? 0);
    return Math.max(0, start + unit * 8 - fromHigh - bitSize);
  }

  private enumeration(entry: DebugEntry, name: string, size: number): BtfEnum {
    const base = this.entries.type(entry);
    const encoding = base ? this.entries.count(base, AT.encoding) : ATE.signed;
    const values = entry.children
      .filter(({ tag }) => tag === TAG.enumerator)
      .map((value) => ({
        name: this.entries.text(value, AT.name),
        value: this.entries.number(value, AT.const_value) ?? 0n,
      }));
    return { id: entry.offset, kind: 'enum', name, size, signed: encoding === ATE.signed, values };
  }

  /** One type for each dimension, the inner ones with numbers of their own below 0. */
  private array(entry: DebugEntry): BtfArray {
    const counts = entry.children
      .filter(({ tag }) => tag === TAG.subrange_type)
      .map((range) => this.length(range));
    let type = this.of(entry);
    for (const count of counts.slice(1).reverse()) {
      if (this.innerArrays >= MAX_INNER_ARRAYS) break;
      this.innerArrays += 1;
      const id = -this.innerArrays;
      this.known.set(id, { id, kind: 'array', name: '', type, indexType: 0, count });
      type = id;
    }
    return { id: entry.offset, kind: 'array', name: '', type, indexType: 0, count: counts[0] ?? 0 };
  }

  private length(range: DebugEntry): number {
    if (this.entries.number(range, AT.count) !== undefined)
      return this.entries.count(range, AT.count);
    const last = this.entries.number(range, AT.upper_bound);
    return last === undefined || last < 0n || last >= 0xffff_ffffn ? 0 : Number(last) + 1;
  }

  private parameters(entry: DebugEntry): { name: string; type: number }[] {
    return entry.children
      .filter(({ tag }) => tag === TAG.formal_parameter || tag === TAG.unspecified_parameters)
      .map((parameter) => ({
        name: this.entries.text(parameter, AT.name),
        type: parameter.tag === TAG.unspecified_parameters ? 0 : this.of(parameter),
      }));
  }
}

function baseType(id: number, name: string, size: number, encoding: number): BtfType {
  if (encoding === ATE.float) return { id, kind: 'float', name, size };
  // __u8 and __s8 are numbers, as in BTF, though DWARF calls all of one byte characters.
  const char = name === 'char' || encoding === ATE.utf;
  const signed = encoding === ATE.signed || encoding === ATE.signed_char;
  const bool = encoding === ATE.boolean;
  return { id, kind: 'int', name, size, bits: size * 8, bitOffset: 0, signed, char, bool };
}
