/**
 * ELF relocations of BPF objects and the CO-RE relocations of .BTF.ext: what is patched and with
 * what. S is the symbol's value in its section, A the addend, which stands in the patched field
 * (REL sections).
 */

export type RelocationPatch = 'lddw' | 'call' | 'word64' | 'word32' | 'nothing';

export interface RelocationRow {
  /** The number in r_info. */
  readonly number: number;
  readonly name: string;
  readonly patch: RelocationPatch;
  readonly how: string;
  readonly doc: string;
}

/** From the Linux kernel, Documentation/bpf/llvm_reloc.rst. */
export const RELOCATIONS = [
  {
    number: 0,
    name: 'R_BPF_NONE',
    patch: 'nothing',
    how: 'nothing is patched',
    doc: 'Keeps a symbol alive, changes no byte.',
  },
  {
    number: 1,
    name: 'R_BPF_64_64',
    patch: 'lddw',
    how: 'imm of both slots = S + A',
    doc:
      'A 64-bit immediate load of an address: a map, a global variable, ' +
      'a function or a kernel symbol.',
  },
  {
    number: 2,
    name: 'R_BPF_64_ABS64',
    patch: 'word64',
    how: '8 bytes = S + A',
    doc: 'A pointer in data: an initial map slot, or a variable that holds an address.',
  },
  {
    number: 3,
    name: 'R_BPF_64_ABS32',
    patch: 'word32',
    how: '4 bytes = S + A',
    doc: 'A 32-bit offset in data, nearly always inside debug sections.',
  },
  {
    number: 4,
    name: 'R_BPF_64_NODYLD32',
    patch: 'word32',
    how: '4 bytes = S + A',
    doc: 'An offset in .BTF or .BTF.ext; the loader reads the field as it stands.',
  },
  {
    number: 10,
    name: 'R_BPF_64_32',
    patch: 'call',
    how: 'imm = (S + A) / 8 - 1',
    doc:
      'A call: the distance in slots to a function, ' +
      'or the name of one the object does not define.',
  },
  {
    number: 11,
    name: 'R_BPF_DATA_32',
    patch: 'word32',
    how: '4 bytes = S + A',
    doc: 'R_BPF_64_ABS32 of the GNU assembler before 2.41 (binutils, include/elf/bpf.h).',
  },
  {
    number: 12,
    name: 'R_BPF_DATA_64',
    patch: 'word64',
    how: '8 bytes = S + A',
    doc: 'R_BPF_64_ABS64 of the GNU assembler before 2.41 (binutils, include/elf/bpf.h).',
  },
] as const satisfies readonly RelocationRow[];

const byNumber = new Map<number, RelocationRow>(RELOCATIONS.map((row) => [row.number, row]));

/** The row of a relocation number; undefined where Linux and LLVM define none. */
export const relocationRow = (number: number): RelocationRow | undefined => byNumber.get(number);

/** `R_BPF_64_64`, or `type 77` where the number has no name. */
export const relocationName = (number: number): string =>
  byNumber.get(number)?.name ?? `type ${number}`;

export type CoreRelocationGroup = 'field' | 'type' | 'enumerator';

export interface CoreRelocationRow {
  /** enum bpf_core_relo_kind */
  readonly number: number;
  readonly name: string;
  /** What the patched immediate or offset becomes. */
  readonly yields: string;
  /** What it is about: a field or element, a type as a whole, or an enumerator. */
  readonly about: CoreRelocationGroup;
  /** What becomes of an instruction whose type or field the target does not have. */
  readonly missing: 'poison' | 'zero';
  readonly doc: string;
}

/** From the uapi header linux/bpf.h (enum bpf_core_relo_kind) and the kernel's relo_core.c. */
export const CORE_RELOCATIONS = [
  {
    number: 0,
    name: 'field_byte_offset',
    about: 'field',
    yields: 'byte offset of the field',
    missing: 'poison',
    doc: 'Where the field starts in the target.',
  },
  {
    number: 1,
    name: 'field_byte_size',
    about: 'field',
    yields: 'size of the field in bytes',
    missing: 'poison',
    doc: 'How many bytes the field takes in the target.',
  },
  {
    number: 2,
    name: 'field_exists',
    about: 'field',
    yields: '1 or 0',
    missing: 'zero',
    doc: 'Whether the target has the field.',
  },
  {
    number: 3,
    name: 'field_signed',
    about: 'field',
    yields: '1 or 0',
    missing: 'poison',
    doc: 'Whether the field is signed in the target.',
  },
  {
    number: 4,
    name: 'field_lshift_u64',
    about: 'field',
    yields: 'bits to shift left',
    missing: 'poison',
    doc: 'First shift that isolates a bit field in 64 bits.',
  },
  {
    number: 5,
    name: 'field_rshift_u64',
    about: 'field',
    yields: 'bits to shift right',
    missing: 'poison',
    doc: 'Second shift that isolates a bit field in 64 bits.',
  },
  {
    number: 6,
    name: 'type_id_local',
    about: 'type',
    yields: "id in the object's own BTF",
    missing: 'poison',
    doc: 'The type as the program was compiled with it.',
  },
  {
    number: 7,
    name: 'type_id_target',
    about: 'type',
    yields: "id in the target's BTF",
    missing: 'zero',
    doc: 'The matching type of the kernel it runs in.',
  },
  {
    number: 8,
    name: 'type_exists',
    about: 'type',
    yields: '1 or 0',
    missing: 'zero',
    doc: 'Whether the target has the type.',
  },
  {
    number: 9,
    name: 'type_size',
    about: 'type',
    yields: 'size in bytes',
    missing: 'zero',
    doc: 'Size of the type in the target.',
  },
  {
    number: 10,
    name: 'enumval_exists',
    about: 'enumerator',
    yields: '1 or 0',
    missing: 'zero',
    doc: 'Whether the target has the enumerator.',
  },
  {
    number: 11,
    name: 'enumval_value',
    about: 'enumerator',
    yields: 'value of the enumerator',
    missing: 'poison',
    doc: 'What the enumerator is in the target.',
  },
  {
    number: 12,
    name: 'type_matches',
    about: 'type',
    yields: '1 or 0',
    missing: 'zero',
    doc: "Whether the target's type has the same shape, members and all.",
  },
] as const satisfies readonly CoreRelocationRow[];

export type CoreRelocationName = (typeof CORE_RELOCATIONS)[number]['name'];

const coreByNumber = new Map<number, (typeof CORE_RELOCATIONS)[number]>(
  CORE_RELOCATIONS.map((row) => [row.number, row]),
);

/** The row of a CO-RE relocation kind; undefined where the kernel defines none. */
export const coreRelocationRow = (number: number): (typeof CORE_RELOCATIONS)[number] | undefined =>
  coreByNumber.get(number);
