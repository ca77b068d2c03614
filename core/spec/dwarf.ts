/**
 * Numbers of DWARF 4 and 5 (DWARF Debugging Information Format, version 5, section 7), those read
 * here.
 */

/** Tags of debugging information entries (7.3). */
export const TAG = {
  array_type: 0x01,
  class_type: 0x02,
  enumeration_type: 0x04,
  formal_parameter: 0x05,
  lexical_block: 0x0b,
  member: 0x0d,
  pointer_type: 0x0f,
  reference_type: 0x10,
  structure_type: 0x13,
  subroutine_type: 0x15,
  typedef: 0x16,
  union_type: 0x17,
  unspecified_parameters: 0x18,
  inlined_subroutine: 0x1d,
  subrange_type: 0x21,
  base_type: 0x24,
  const_type: 0x26,
  enumerator: 0x28,
  subprogram: 0x2e,
  variable: 0x34,
  volatile_type: 0x35,
  restrict_type: 0x37,
  namespace: 0x39,
  atomic_type: 0x47,
} as const;

/** Attributes (7.5.4). */
export const AT = {
  location: 0x02,
  name: 0x03,
  byte_size: 0x0b,
  bit_offset: 0x0c,
  bit_size: 0x0d,
  stmt_list: 0x10,
  low_pc: 0x11,
  high_pc: 0x12,
  comp_dir: 0x1b,
  const_value: 0x1c,
  upper_bound: 0x2f,
  abstract_origin: 0x31,
  count: 0x37,
  data_member_location: 0x38,
  declaration: 0x3c,
  encoding: 0x3e,
  frame_base: 0x40,
  specification: 0x47,
  type: 0x49,
  ranges: 0x55,
  call_line: 0x59,
  data_bit_offset: 0x6b,
  str_offsets_base: 0x72,
  addr_base: 0x73,
  rnglists_base: 0x74,
  loclists_base: 0x8c,
} as const;

/** Encodings of base types (7.8). */
export const ATE = {
  boolean: 0x02,
  float: 0x04,
  signed: 0x05,
  signed_char: 0x06,
  unsigned_char: 0x08,
  utf: 0x10,
} as const;

/** How an attribute is written (7.5.5): a number of that many bytes, or in words. */
export type FormShape =
  | 1
  | 2
  | 3
  | 4
  | 8
  | 16
  | 'address'
  | 'offset'
  | 'uleb'
  | 'sleb'
  | 'string'
  | 'block1'
  | 'block2'
  | 'block4'
  | 'block'
  | 'indirect'
  | 'implicit'
  | 'present';

/** What it is then: the section or table it leads to. */
export type FormClass =
  | 'address'
  | 'addrx'
  | 'block'
  | 'number'
  | 'string'
  | 'strx'
  | 'strp'
  | 'line_strp'
  | 'ref'
  | 'ref_addr'
  | 'offset'
  | 'listx'
  | 'elsewhere';

export interface FormRow {
  readonly shape: FormShape;
  readonly is: FormClass;
}

export const FORMS: Readonly<Record<number, FormRow | undefined>> = {
  1: { shape: 'address', is: 'address' },
  3: { shape: 'block2', is: 'block' },
  4: { shape: 'block4', is: 'block' },
  5: { shape: 2, is: 'number' },
  6: { shape: 4, is: 'number' },
  7: { shape: 8, is: 'number' },
  8: { shape: 'string', is: 'string' },
  9: { shape: 'block', is: 'block' },
  10: { shape: 'block1', is: 'block' },
  11: { shape: 1, is: 'number' },
  12: { shape: 1, is: 'number' },
  13: { shape: 'sleb', is: 'number' },
  14: { shape: 'offset', is: 'strp' },
  15: { shape: 'uleb', is: 'number' },
  16: { shape: 'offset', is: 'ref_addr' },
  17: { shape: 1, is: 'ref' },
  18: { shape: 2, is: 'ref' },
  19: { shape: 4, is: 'ref' },
  20: { shape: 8, is: 'ref' },
  21: { shape: 'uleb', is: 'ref' },
  22: { shape: 'indirect', is: 'elsewhere' },
  23: { shape: 'offset', is: 'offset' },
  24: { shape: 'block', is: 'block' },
  25: { shape: 'present', is: 'number' },
  26: { shape: 'uleb', is: 'strx' },
  27: { shape: 'uleb', is: 'addrx' },
  28: { shape: 4, is: 'elsewhere' },
  29: { shape: 'offset', is: 'elsewhere' },
  30: { shape: 16, is: 'block' },
  31: { shape: 'offset', is: 'line_strp' },
  32: { shape: 8, is: 'elsewhere' },
  33: { shape: 'implicit', is: 'number' },
  34: { shape: 'uleb', is: 'listx' },
  35: { shape: 'uleb', is: 'listx' },
  36: { shape: 8, is: 'elsewhere' },
  37: { shape: 1, is: 'strx' },
  38: { shape: 2, is: 'strx' },
  39: { shape: 3, is: 'strx' },
  40: { shape: 4, is: 'strx' },
  41: { shape: 1, is: 'addrx' },
  42: { shape: 2, is: 'addrx' },
  43: { shape: 3, is: 'addrx' },
  44: { shape: 4, is: 'addrx' },
};

/** Operands of an operation of an expression (7.7.1). */
export type Operand =
  | 'u8'
  | 's8'
  | 'u16'
  | 's16'
  | 'u32'
  | 's32'
  | 'u64'
  | 's64'
  | 'uleb'
  | 'sleb'
  | 'address'
  | 'block';

export interface OperationRow {
  readonly name: string;
  readonly operands: readonly Operand[];
}

const numbered = (
  first: number,
  name: string,
  operands: readonly Operand[] = [],
): [number, OperationRow][] =>
  Array.from({ length: 32 }, (_, n) => [first + n, { name: `${name}${n}`, operands }]);

const operation = (
  number: number,
  name: string,
  ...operands: Operand[]
): [number, OperationRow] => [number, { name, operands }];

export const OPERATIONS: ReadonlyMap<number, OperationRow> = new Map([
  operation(0x03, 'addr', 'address'),
  operation(0x06, 'deref'),
  operation(0x08, 'const1u', 'u8'),
  operation(0x09, 'const1s', 's8'),
  operation(0x0a, 'const2u', 'u16'),
  operation(0x0b, 'const2s', 's16'),
  operation(0x0c, 'const4u', 'u32'),
  operation(0x0d, 'const4s', 's32'),
  operation(0x0e, 'const8u', 'u64'),
  operation(0x0f, 'const8s', 's64'),
  operation(0x10, 'constu', 'uleb'),
  operation(0x11, 'consts', 'sleb'),
  operation(0x12, 'dup'),
  operation(0x13, 'drop'),
  operation(0x14, 'over'),
  operation(0x16, 'swap'),
  operation(0x19, 'abs'),
  operation(0x1a, 'and'),
  operation(0x1b, 'div'),
  operation(0x1c, 'minus'),
  operation(0x1d, 'mod'),
  operation(0x1e, 'mul'),
  operation(0x1f, 'neg'),
  operation(0x20, 'not'),
  operation(0x21, 'or'),
  operation(0x22, 'plus'),
  operation(0x23, 'plus_uconst', 'uleb'),
  operation(0x24, 'shl'),
  operation(0x25, 'shr'),
  operation(0x26, 'shra'),
  operation(0x27, 'xor'),
  operation(0x29, 'eq'),
  operation(0x2a, 'ge'),
  operation(0x2b, 'gt'),
  operation(0x2c, 'le'),
  operation(0x2d, 'lt'),
  operation(0x2e, 'ne'),
  ...numbered(0x30, 'lit'),
  ...numbered(0x50, 'reg'),
  ...numbered(0x70, 'breg', ['sleb']),
  operation(0x90, 'regx', 'uleb'),
  operation(0x91, 'fbreg', 'sleb'),
  operation(0x92, 'bregx', 'uleb', 'sleb'),
  operation(0x93, 'piece', 'uleb'),
  operation(0x94, 'deref_size', 'u8'),
  operation(0x96, 'nop'),
  operation(0x9c, 'call_frame_cfa'),
  operation(0x9e, 'implicit_value', 'block'),
  operation(0x9f, 'stack_value'),
  operation(0xa1, 'addrx', 'uleb'),
  operation(0xa2, 'constx', 'uleb'),
  operation(0xa3, 'entry_value', 'block'),
  operation(0xa8, 'convert', 'uleb'),
  operation(0xf3, 'GNU_entry_value', 'block'),
]);

/** Standard opcodes of the line number program (6.2.5.2). */
export const LNS = {
  copy: 1,
  advance_pc: 2,
  advance_line: 3,
  set_file: 4,
  set_column: 5,
  negate_stmt: 6,
  set_basic_block: 7,
  const_add_pc: 8,
  fixed_advance_pc: 9,
  set_prologue_end: 10,
  set_epilogue_begin: 11,
  set_isa: 12,
} as const;

/** Extended opcodes (6.2.5.3). */
export const LNE = { end_sequence: 1, set_address: 2, define_file: 3 } as const;

/** What a column of the directory and file tables of DWARF 5 holds (6.2.4.1). */
export const LNCT = { path: 1, directory_index: 2 } as const;
