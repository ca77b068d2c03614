import type { Btf } from '../object/btf/btf.ts';
import type { BtfMember, BtfType } from '../object/btf/types.ts';
import { isEnum, NOT_BUNDLED } from '../object/co-re/types.ts';

/** Types to keep by name; of a record with `members` only these. */
export interface Wanted {
  readonly name: string;
  readonly members?: readonly string[];
}

/**
 * The wanted types and all that lies in them by value. A pointer to a record keeps its name, as a
 * forward declaration where the record is not among the wanted; one to a function or a pointer
 * points to NOT_BUNDLED, which says that nobody knows. Qualifiers and tags, which relocations skip,
 * go. Enumerations are all kept.
 */
export function selectTypes(
  btf: Btf,
  wanted: readonly Wanted[],
): { types: BtfType[]; missing: string[] } {
  const selection = new Selection(btf, wanted);
  const missing = wanted.filter(({ name }) => !selection.keep(name)).map(({ name }) => name);
  selection.keepEnums();
  selection.closePointers();
  return { types: selection.types, missing };
}

const UNKNOWN: BtfType = { kind: 'fwd', id: 0, name: NOT_BUNDLED, union: false };

class Selection {
  readonly types: BtfType[] = [];
  private readonly btf: Btf;
  private readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  private readonly ids = new Map<number, number>();
  private readonly forwards = new Map<string, number>();
  /** Same text, same type: pointers and arrays come once. */
  private readonly shapes = new Map<string, number>();
  /** Pointers to records, to be filled in once it is known which are kept. */
  private readonly pending: { readonly id: number; readonly record: BtfType }[] = [];

  constructor(btf: Btf, wanted: readonly Wanted[]) {
    this.btf = btf;
    this.members = new Map(
      wanted.flatMap(({ name, members }) => (members ? [[name, new Set(members)]] : [])),
    );
  }

  /** Every type of that name; false where there is none. */
  keep(name: string): boolean {
    const kinds = ['struct', 'union', 'enum', 'enum64', 'typedef', 'int'];
    const found = this.btf.types.filter((type) => type.name === name && kinds.includes(type.kind));
    for (const type of found) this.byValue(type.id);
    return found.length > 0;
  }

  /** Every enumeration that has a name: they are made of nothing else. */
  keepEnums(): void {
    for (const type of this.btf.types) if (isEnum(type) && type.name !== '') this.byValue(type.id);
  }

  closePointers(): void {
    for (const { id, record } of this.pending) {
      const target = this.ids.get(record.id) ?? this.forward(record);
      this.types[id - 1] = { ...this.types[id - 1], type: target } as BtfType;
    }
  }

  private add(type: BtfType): number {
    const id = this.types.length + 1;
    this.types.push({ ...type, id });
    return id;
  }

  private once(shape: string, make: () => number): number {
    const known = this.shapes.get(shape);
    if (known !== undefined) return known;
    const id = make();
    this.shapes.set(shape, id);
    return id;
  }

  private forward(type: BtfType): number {
    const union = type.kind === 'union' || (type.kind === 'fwd' && type.union);
    const key = `${union} ${type.name}`;
    const known = this.forwards.get(key);
    if (known !== undefined) return known;
    const id = this.add({ kind: 'fwd', id: 0, name: type.name, union });
    this.forwards.set(key, id);
    return id;
  }

  /** The new id of a type that something has by value. */
  private byValue(oldId: number): number {
    const known = this.ids.get(oldId);
    if (known !== undefined || oldId === 0) return known ?? 0;
    const id = this.copy(oldId);
    this.ids.set(oldId, id);
    return id;
  }

  private copy(oldId: number): number {
    const type = this.btf.byId(oldId)!;
    switch (type.kind) {
      case 'volatile':
      case 'const':
      case 'restrict':
      case 'type_tag':
        return this.byValue(type.type);
      case 'ptr':
        return this.pointer(type.type);
      case 'array': {
        const element = this.byValue(type.type);
        const indexType = this.byValue(type.indexType);
        return this.once(`${element}[${type.count}]`, () =>
          this.add({ ...type, type: element, indexType }),
        );
      }
      case 'typedef': {
        const id = this.add(type);
        this.ids.set(oldId, id);
        this.types[id - 1] = { ...type, id, type: this.byValue(type.type) };
        return id;
      }
      case 'struct':
      case 'union': {
        const id = this.add(type);
        this.ids.set(oldId, id);
        const chosen = this.members.get(type.name);
        const members = type.members.filter((member) => chosen?.has(member.name) ?? true);
        this.types[id - 1] = { ...type, id, members: members.map((member) => this.member(member)) };
        return id;
      }
      case 'fwd':
        return this.forward(type);
      case 'func_proto':
        return 0;
      default:
        return this.add(type);
    }
  }

  private member(member: BtfMember): BtfMember {
    return { ...member, type: this.byValue(member.type) };
  }

  private to(type: number): number {
    return this.add({ kind: 'ptr', id: 0, name: '', type });
  }

  private pointer(target: number): number {
    const type = this.btf.resolve(target);
    const isRecord = type?.kind === 'struct' || type?.kind === 'union' || type?.kind === 'fwd';
    const isNumber = type?.kind === 'int';
    if (isNumber) {
      const id = this.byValue(target);
      return this.once(`*${id}`, () => this.to(id));
    }
    if (type === undefined || type.kind === 'void') return this.once('*void', () => this.to(0));
    if (!isRecord || type.name === '') return this.once('*?', () => this.to(this.forward(UNKNOWN)));
    return this.once(`*${type.kind} ${type.name}`, () => {
      const id = this.to(0);
      this.pending.push({ id, record: type });
      return id;
    });
  }
}
