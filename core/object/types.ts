import type { Endian } from '../bytes/reader.ts';
import type { InputError } from '../errors.ts';
import type { FileOffset, ProgramPc, SectionOffset, ValueOffset } from '../spec/units.ts';
import type { Btf } from './btf/btf.ts';
import type { KernelNames } from './btf/kernel-names.ts';
import type { FieldWidth } from './co-re/value.ts';

/**
 * What opening an object gives: everything the page shows about it, and programs ready for the
 * machine.
 */
export interface LoadedObject {
  readonly name: string;
  /** The file as it was given. */
  readonly bytes: Uint8Array;
  readonly format: 'elf' | 'raw';
  readonly endian: Endian;
  readonly sections: readonly Section[];
  readonly symbols: readonly ElfSymbol[];
  readonly relocations: readonly Relocation[];
  readonly license: string | undefined;
  /**
   * Maps the source declares, then one array map per global data section (`.data`, `.rodata*`,
   * `.bss*`).
   */
  readonly maps: readonly MapDefinition[];
  readonly externs: readonly Extern[];
  readonly coreRelocations: readonly CoreResult[];
  /** What the types are called that these were resolved against; undefined for the object's own. */
  readonly target: string | undefined;
  readonly programs: readonly Program[];
  readonly btf: Btf | undefined;
  /** What is odd but does not stop anything. */
  readonly warnings: readonly string[];
}

export interface Section {
  readonly index: number;
  readonly name: string;
  /** sh_type in words (`PROGBITS`) or as a number where it has none. */
  readonly type: string;
  readonly flags: { readonly write: boolean; readonly alloc: boolean; readonly exec: boolean };
  readonly offset: FileOffset;
  readonly size: number;
}

export interface ElfSymbol {
  readonly name: string;
  readonly type: 'notype' | 'object' | 'func' | 'section' | 'file' | 'other';
  readonly binding: 'local' | 'global' | 'weak' | 'other';
  readonly hidden: boolean;
  /** Section header index; undefined for an undefined (extern) symbol. */
  readonly section: number | undefined;
  readonly value: SectionOffset;
  readonly size: number;
}

export interface Relocation {
  /** Name of the section that is patched, and where. */
  readonly section: string;
  readonly offset: SectionOffset;
  /** `R_BPF_64_64`, ... or `type 77` where it has no name. */
  readonly type: string;
  readonly symbol: string;
  readonly addend: bigint;
}

/**
 * A field of map values that is the kernel's own: copying a value leaves it alone
 * (include/linux/bpf.h, enum btf_field_type).
 */
export interface SpecialField {
  /** Its C type: `bpf_spin_lock`, `bpf_timer`. */
  readonly kind: string;
  readonly offset: ValueOffset;
  readonly size: number;
}

/**
 * The kernel's types that CO-RE relocations are resolved against: the types, or what they once
 * answered.
 */
export type CoreTarget =
  /** `names`: what the kernel has beside these types; without them the types are all. */
  | { readonly name: string; readonly btf: Btf; readonly names?: KernelNames }
  | { readonly name: string; readonly answers: readonly CoreAnswer[] };

/** What the target's types say to one CO-RE relocation. */
export type CoreAnswer =
  /** `width` of what is loaded or stored there. */
  | { readonly value: bigint; readonly width?: FieldWidth }
  /** The instruction must not be reached. */
  | { readonly missing: string }
  /** The program cannot be loaded. */
  | { readonly failed: string };

/** A CO-RE relocation, and what became of it. */
export type CoreResult = {
  readonly section: string;
  readonly offset: SectionOffset;
  /** `field_byte_offset` (core/spec/relocations.ts). */
  readonly kind: string;
  /** `struct sk_buff.len`, `enum xdp_action::XDP_PASS`. */
  readonly subject: string;
  /** BTF id of the object's type it starts from. */
  readonly type: number;
  /** `0:1:2` */
  readonly access: string;
  /** What it comes to in the object's own types; undefined where these are broken. */
  readonly local?: bigint;
  readonly answer: CoreAnswer;
} & (
  | { readonly how: 'patched'; readonly value: bigint }
  | { readonly how: 'poisoned'; readonly reason: string }
  | { readonly how: 'failed'; readonly error: InputError }
);

/** A map as the kernel's BPF_MAP_CREATE takes it, plus what BTF and the object say about it. */
export interface MapDefinition {
  readonly name: string;
  /** uapi enum bpf_map_type. */
  readonly type: number;
  /** bytes */
  readonly keySize: number;
  /** bytes */
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  /** map_extra: a bloom filter's number of hash functions. */
  readonly extra?: number;
  readonly keyType: number | undefined;
  readonly valueType: number | undefined;
  /** Ascending by offset. */
  readonly special?: readonly SpecialField[];
  /** legacy: struct bpf_map_def in `maps`; btf: `.maps`; global: a data section. */
  readonly origin: 'legacy' | 'btf' | 'global';
  /** The section it stands in. */
  readonly section: string;
  /** A global data section's bytes (zeros for .bss). */
  readonly initialValue?: Uint8Array;
  /** .rodata*: the program may not write it. */
  readonly readOnly?: boolean;
  /** The template of an array or hash of maps. */
  readonly inner?: MapDefinition;
  /**
   * Initial slots of a map-in-map (name of a map) or prog array (name of a program), from
   * `.values`.
   */
  readonly initialSlots?: readonly {
    readonly index: number;
    readonly map?: string;
    readonly program?: string;
  }[];
  /** The variables of a global data section. */
  readonly variables?: readonly {
    readonly name: string;
    readonly offset: ValueOffset;
    readonly size: number;
    readonly type: number | undefined;
  }[];
}

/** A symbol the object does not define. */
export interface Extern {
  readonly name: string;
  /**
   * kfunc: `__ksym` function; ksym: `__ksym` variable; kconfig: `__kconfig` variable; function,
   * variable: no section says.
   */
  readonly kind: 'kfunc' | 'ksym' | 'kconfig' | 'function' | 'variable';
  readonly weak: boolean;
  readonly type: number | undefined;
  /**
   * What it holds, or the address of a function or of a variable without a type; undefined where it
   * has none.
   */
  readonly value: string | undefined;
  /** Where the value is from; zero: a weak symbol without one. */
  readonly given: 'set' | 'default' | 'zero' | 'missing';
}

/**
 * One function that can be run: every global function of an executable section, and every function
 * of a section other than `.text`. What cannot be linked is an error of this program alone.
 */
export interface Program {
  readonly name: string;
  readonly section: string;
  /** Where its instructions start in the section. */
  readonly sectionOffset: SectionOffset;
  /** Bytes of its own function, without subprograms. */
  readonly size: number;
  readonly linked: LinkedCode | { readonly error: InputError };
}

/**
 * Instructions of a program and of every subprogram it can reach, in the object's byte order, entry
 * function first. Relocated so that the code describes itself:
 * - `lddw` src=1: imm is an index into LoadedObject.maps (the map itself)
 * - `lddw` src=2: imm is an index into LoadedObject.maps, the second slot's imm an offset into its
 *   first value
 * - `lddw` src=4: a function of this code (a callback), imm slots from the slot behind this one: pc
 *   + 1 + imm
 * - `call` src=1: a function of this code, at pc + 1 + imm
 * - `call` src=2: imm is an index into LoadedObject.externs
 */
export interface LinkedCode {
  readonly bytes: Uint8Array;
  readonly functions: readonly LinkedFunction[];
  /** Ascending by pc: from this pc on, up to the next entry, the code comes from this line. */
  readonly lines: readonly SourceLine[];
  /**
   * Instructions that CO-RE relocations found no field or value for: reaching one is a fault, for
   * the reason told.
   */
  readonly poisoned?: ReadonlyMap<ProgramPc, string>;
}

export interface LinkedFunction {
  readonly name: string;
  readonly start: ProgramPc;
  /** exclusive */
  readonly end: ProgramPc;
  readonly section: string;
  /** The section's number in the object. */
  readonly sectionIndex: number;
  readonly sectionOffset: SectionOffset;
  /** BTF id of its FUNC. */
  readonly type: number | undefined;
}

export interface SourceLine {
  readonly pc: ProgramPc;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The text of the line as the compiler saw it; empty where it did not say. */
  readonly text: string;
}
