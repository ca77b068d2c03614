/**
 * One type of a .BTF section: kind, name ('' when anonymous) and what the kind adds.
 * Documentation/bpf/btf.rst.
 */
export type BtfType =
  | BtfVoid
  | BtfInt
  | BtfReference
  | BtfArray
  | BtfRecord
  | BtfEnum
  | BtfForward
  | BtfFunction
  | BtfPrototype
  | BtfVariable
  | BtfDataSection
  | BtfFloat
  | BtfDeclarationTag;

export type BtfKind = BtfType['kind'];

interface Common<Kind extends string> {
  readonly id: number;
  readonly kind: Kind;
  readonly name: string;
}

export type BtfVoid = Common<'void'>;

export interface BtfInt extends Common<'int'> {
  /** bytes */
  readonly size: number;
  readonly bits: number;
  readonly bitOffset: number;
  readonly signed: boolean;
  readonly char: boolean;
  readonly bool: boolean;
}

export type BtfReference = Reference<
  'ptr' | 'typedef' | 'volatile' | 'const' | 'restrict' | 'type_tag'
>;
type Reference<Kind extends string> = Kind extends string
  ? Common<Kind> & { readonly type: number }
  : never;

export interface BtfArray extends Common<'array'> {
  readonly type: number;
  readonly indexType: number;
  readonly count: number;
}

export type BtfRecord = RecordOf<'struct'> | RecordOf<'union'>;
interface RecordOf<Kind extends string> extends Common<Kind> {
  readonly size: number;
  readonly members: readonly BtfMember[];
}

export interface BtfMember {
  readonly name: string;
  readonly type: number;
  /** Bits from the start of the record. */
  readonly bitOffset: number;
  /** Width of a bit field; 0 for an ordinary member. */
  readonly bitSize: number;
}

export type BtfEnum = EnumOf<'enum'> | EnumOf<'enum64'>;
interface EnumOf<Kind extends string> extends Common<Kind> {
  readonly size: number;
  readonly signed: boolean;
  readonly values: readonly { readonly name: string; readonly value: bigint }[];
}

export interface BtfForward extends Common<'fwd'> {
  readonly union: boolean;
}

export interface BtfFunction extends Common<'func'> {
  /** Its prototype. */
  readonly type: number;
  readonly linkage: 'static' | 'global' | 'extern';
}

export interface BtfPrototype extends Common<'func_proto'> {
  /** What it returns. */
  readonly type: number;
  /** A last parameter of type 0 without a name is `...`. */
  readonly parameters: readonly { readonly name: string; readonly type: number }[];
}

export interface BtfVariable extends Common<'var'> {
  readonly type: number;
  readonly linkage: 'static' | 'global' | 'extern';
}

export interface BtfDataSection extends Common<'datasec'> {
  /** 0 in objects straight from the compiler. */
  readonly size: number;
  /**
   * Ids of variables and, in .ksyms, functions. Offsets of global ones are 0 until a linker fills
   * them in.
   */
  readonly variables: readonly {
    readonly type: number;
    readonly offset: number;
    readonly size: number;
  }[];
}

export interface BtfFloat extends Common<'float'> {
  readonly size: number;
}

export interface BtfDeclarationTag extends Common<'decl_tag'> {
  readonly type: number;
  /** Member or parameter it is about; -1 for the whole. */
  readonly component: number;
}
