/**
 * The instruction set: RFC 9669 and what Linux adds (may_goto, load_acquire, store_release,
 * addr_space_cast, callx; since 6.19 gotox).
 *
 * One row an instruction. A row fixes some fields and leaves others free (`'*'`); no two rows match
 * the same slot, and a slot that no row matches is undefined. Decoder, disassembler, assembler,
 * interpreter and documentation read the row. What its operation computes stands in semantics.ts.
 *
 * `syntax` is LLVM's spelling with placeholders: rdst rsrc (64-bit register), wdst wsrc (32-bit
 * register), imm, off (jump distance in slots, `+0x3`), mem (` + 0x8`, memory offset in bytes),
 * imm64. Where LLVM's spelling loses a field, `llvm` holds it and `syntax` is ours, so that
 * assembling a disassembly always gives the same bytes.
 */

export const ALU_OPS = [
  'add',
  'sub',
  'mul',
  'div',
  'sdiv',
  'mod',
  'smod',
  'or',
  'and',
  'xor',
  'lsh',
  'rsh',
  'arsh',
  'mov',
] as const;
export const UNARY_OPS = [
  'neg',
  'movsx8',
  'movsx16',
  'movsx32',
  'be16',
  'be32',
  'be64',
  'le16',
  'le32',
  'le64',
  'bswap16',
  'bswap32',
  'bswap64',
  'addr_space_cast',
] as const;
export const JUMP_OPS = [
  'jeq',
  'jne',
  'jgt',
  'jge',
  'jlt',
  'jle',
  'jset',
  'jsgt',
  'jsge',
  'jslt',
  'jsle',
] as const;
export const CALL_OPS = ['call', 'call_local', 'call_kfunc', 'callx'] as const;
export const ATOMIC_OPS = [
  'add',
  'or',
  'and',
  'xor',
  'fetch_add',
  'fetch_or',
  'fetch_and',
  'fetch_xor',
  'xchg',
  'cmpxchg',
  'load_acquire',
  'store_release',
] as const;

export type AluOp = (typeof ALU_OPS)[number];
export type UnaryOp = (typeof UNARY_OPS)[number];
export type JumpOp = (typeof JUMP_OPS)[number];
export type CallOp = (typeof CALL_OPS)[number];
export type AtomicOp = (typeof ATOMIC_OPS)[number];
export type Width = 32 | 64;
/** Bytes of a memory access. */
export type Size = 1 | 2 | 4 | 8;
export type Group =
  | 'base32'
  | 'base64'
  | 'divmul32'
  | 'divmul64'
  | 'atomic32'
  | 'atomic64'
  | 'packet'
  | 'callx'
  | 'linux';
/** A field's fixed value, or free. */
export type SlotField = number | '*';
/** A register that an instruction uses: the field that names it, or r0. */
export type RegisterOperand = 'dst' | 'src' | 'r0';
/**
 * How a unary operation makes its result: changes the sign, fills with the sign bit of the low
 * bits, leaves or reverses the low bytes (`little` and `big` do the one or the other, by the byte
 * order of the machine), or changes the address space.
 */
export type UnaryForm = 'negate' | 'extend' | 'little' | 'big' | 'swap' | 'cast';
/** What a comparison asks for, without the question whether it is one of signed numbers. */
export type Relation = 'equality' | 'greater' | 'less' | 'common bits';

interface RowFields {
  readonly name: string;
  readonly opcode: number;
  readonly dst: SlotField;
  readonly src: SlotField;
  readonly off: SlotField;
  readonly imm: SlotField;
  /** Registers whose value it uses. A call also reads the arguments of what it calls. */
  readonly reads: readonly RegisterOperand[];
  /** Registers it gives a value. */
  readonly writes: readonly RegisterOperand[];
  /** The field that counts the slots from the next instruction to the one it leads to. */
  readonly distance?: 'off' | 'imm';
  readonly syntax: string;
  readonly llvm?: string;
  readonly group: Group;
  readonly doc: string;
}

export type InstructionRow = RowFields &
  (
    | {
        readonly kind: 'alu';
        readonly op: AluOp;
        readonly width: Width;
        readonly operand: 'imm' | 'reg';
        /** As it is written between the operands: `+=`. */
        readonly sign: string;
      }
    | {
        readonly kind: 'unary';
        readonly op: UnaryOp;
        readonly width: Width;
        readonly form: UnaryForm;
        /** How many low bits of the operand count. */
        readonly bits: 8 | 16 | 32 | 64;
      }
    | {
        readonly kind: 'jump';
        readonly op: JumpOp;
        readonly width: Width;
        readonly operand: 'imm' | 'reg';
        /** As it is written between the operands: `s>`. */
        readonly sign: string;
        /** Compares signed numbers. */
        readonly signed: boolean;
        readonly relation: Relation;
      }
    | { readonly kind: 'goto'; readonly op: 'ja' | 'may_goto' }
    | {
        readonly kind: 'call';
        readonly op: CallOp;
        /** Registers that hold nothing the caller may read afterwards, as bits. */
        readonly clobbers: number;
      }
    | { readonly kind: 'table'; readonly op: 'gotox' }
    | { readonly kind: 'exit'; readonly op: 'exit' }
    | { readonly kind: 'load'; readonly size: Size; readonly signed: boolean }
    | { readonly kind: 'store'; readonly size: Size; readonly operand: 'imm' | 'reg' }
    | { readonly kind: 'atomic'; readonly op: AtomicOp; readonly size: Size }
    | { readonly kind: 'lddw'; readonly source: LddwSource }
    | { readonly kind: 'packet'; readonly size: 1 | 2 | 4; readonly mode: 'abs' | 'ind' }
  );

export type LddwSource =
  | 'imm64'
  | 'map'
  | 'map-value'
  | 'variable'
  | 'function'
  | 'map-index'
  | 'map-index-value';

/** Instruction classes, opcode bits 0..2 (RFC 9669 section 3.1). */
export const CLASS_MASK = 0x07;
export const LD = 0x00;
export const LDX = 0x01;
export const ST = 0x02;
export const STX = 0x03;
export const ALU = 0x04;
const JMP = 0x05;
const JMP32 = 0x06;
export const ALU64 = 0x07;
/** Opcode bit 3 of arithmetic and jumps: the operand is a register instead of the immediate. */
export const X = 0x08;

/** r1 to r5: they hold nothing after a call (kernel/bpf/verifier.c, caller_saved). */
export const CALLER_SAVED = 0b11_1110;
const R0 = 0b1;

const aluClass = (width: Width): number => (width === 64 ? ALU64 : ALU);
const reg = (width: Width): string => (width === 64 ? 'r' : 'w');
const low = (width: Width): string =>
  width === 64 ? '' : ', in 32 bits; the upper half of the result is zero';

/**
 * code: opcode bits 4..7; off: the offset field that tells signed from unsigned division (section
 * 4.1).
 */
const ALU_TABLE: Record<
  AluOp,
  { code: number; off: number; sign: string; group: 'base' | 'divmul'; doc: string }
> = {
  add: { code: 0x00, off: 0, sign: '+=', group: 'base', doc: 'Adds' },
  sub: { code: 0x10, off: 0, sign: '-=', group: 'base', doc: 'Subtracts' },
  mul: { code: 0x20, off: 0, sign: '*=', group: 'divmul', doc: 'Multiplies' },
  div: {
    code: 0x30,
    off: 0,
    sign: '/=',
    group: 'divmul',
    doc: 'Divides without sign; by zero gives 0',
  },
  sdiv: {
    code: 0x30,
    off: 1,
    sign: 's/=',
    group: 'divmul',
    doc: 'Divides with sign, toward zero; by zero gives 0',
  },
  mod: {
    code: 0x90,
    off: 0,
    sign: '%=',
    group: 'divmul',
    doc: 'Remainder without sign; by zero leaves the register',
  },
  smod: {
    code: 0x90,
    off: 1,
    sign: 's%=',
    group: 'divmul',
    doc: 'Remainder with the sign of the dividend; by zero leaves the register',
  },
  or: { code: 0x40, off: 0, sign: '|=', group: 'base', doc: 'Bitwise or' },
  and: { code: 0x50, off: 0, sign: '&=', group: 'base', doc: 'Bitwise and' },
  xor: { code: 0xa0, off: 0, sign: '^=', group: 'base', doc: 'Bitwise exclusive or' },
  lsh: {
    code: 0x60,
    off: 0,
    sign: '<<=',
    group: 'base',
    doc: 'Shifts left by the low bits of the operand',
  },
  rsh: { code: 0x70, off: 0, sign: '>>=', group: 'base', doc: 'Shifts right, filling with zeros' },
  arsh: {
    code: 0xc0,
    off: 0,
    sign: 's>>=',
    group: 'base',
    doc: 'Shifts right, filling with the sign bit',
  },
  mov: { code: 0xb0, off: 0, sign: '=', group: 'base', doc: 'Copies the operand' },
};

const WIDTHS: readonly Width[] = [64, 32];

const aluRows = (): InstructionRow[] =>
  ALU_OPS.flatMap((op) => {
    const { code, off, sign, group, doc } = ALU_TABLE[op];
    return WIDTHS.flatMap((width): InstructionRow[] => {
      const common = {
        off,
        kind: 'alu',
        op,
        width,
        sign,
        group: `${group}${width}`,
        doc: `${doc}${low(width)}.`,
        dst: '*',
        writes: ['dst'],
      } as const;
      const left: readonly RegisterOperand[] = op === 'mov' ? [] : ['dst'];
      const opcode = aluClass(width) | code;
      const r = reg(width);
      return [
        {
          ...common,
          name: `${op}${width}_imm`,
          opcode,
          src: 0,
          imm: '*',
          operand: 'imm',
          reads: left,
          syntax: `${r}dst ${sign} imm`,
        },
        {
          ...common,
          name: `${op}${width}_reg`,
          opcode: opcode | X,
          src: '*',
          imm: 0,
          operand: 'reg',
          reads: [...left, 'src'],
          syntax: `${r}dst ${sign} ${r}src`,
        },
      ];
    });
  });

const negRows = (): InstructionRow[] =>
  WIDTHS.map((width) => ({
    name: `neg${width}`,
    opcode: aluClass(width) | 0x80,
    dst: '*',
    src: 0,
    off: 0,
    imm: 0,
    reads: ['dst'],
    writes: ['dst'],
    kind: 'unary',
    op: 'neg',
    form: 'negate',
    bits: width,
    width,
    syntax: `${reg(width)}dst = -${reg(width)}dst`,
    group: `base${width}`,
    doc: `Changes the sign${low(width)}.`,
  }));

/** Sign-extending moves: mov with the width of the source in the offset field (section 4.1). */
const movsxRows = (): InstructionRow[] =>
  ([8, 16, 32] as const).flatMap((bits) =>
    WIDTHS.filter((width) => bits < width).map(
      (width): InstructionRow => ({
        name: `movsx${bits}_${width}`,
        opcode: aluClass(width) | X | 0xb0,
        dst: '*',
        src: '*',
        off: bits,
        imm: 0,
        reads: ['src'],
        writes: ['dst'],
        kind: 'unary',
        op: `movsx${bits}`,
        form: 'extend',
        bits,
        width,
        syntax: `${reg(width)}dst = (s${bits})${reg(width)}src`,
        group: `base${width}`,
        doc: `Copies the low ${bits} bits, filling with their sign bit${low(width)}.`,
      }),
    ),
  );

/**
 * The immediate holds both address spaces: the new one in its upper half, the old one in its lower.
 */
const castRows = (): InstructionRow[] =>
  [
    {
      name: 'cast_kern',
      imm: 1,
      spaces: '0x0, 0x1',
      doc: 'Makes an address that user space sees in an arena one that the program may use.',
    },
    {
      name: 'cast_user',
      imm: 0x1_0000,
      spaces: '0x1, 0x0',
      doc: 'Makes an address in an arena the one that user space sees.',
    },
  ].map(
    ({ spaces, ...row }): InstructionRow => ({
      ...row,
      opcode: ALU64 | X | 0xb0,
      dst: '*',
      src: '*',
      off: 1,
      reads: ['src'],
      writes: ['dst'],
      kind: 'unary',
      op: 'addr_space_cast',
      form: 'cast',
      bits: 64,
      width: 64,
      syntax: `rdst = addr_space_cast(rsrc, ${spaces})`,
      group: 'linux',
    }),
  );

/** Byte order, section 4.2: the immediate is the width; bswap stands in the 64-bit class. */
const endRows = (): InstructionRow[] =>
  ([16, 32, 64] as const).flatMap((bits): InstructionRow[] => {
    const common = {
      dst: '*',
      src: 0,
      off: 0,
      imm: bits,
      reads: ['dst'],
      writes: ['dst'],
      kind: 'unary',
      bits,
      width: 64,
      group: bits === 64 ? 'base64' : 'base32',
    } as const;
    return [
      {
        ...common,
        name: `le${bits}`,
        opcode: 0xd4,
        op: `le${bits}`,
        form: 'little',
        syntax: `rdst = le${bits} rdst`,
        doc: `Between host and little-endian order, ${bits} bits; the rest becomes zero.`,
      },
      {
        ...common,
        name: `be${bits}`,
        opcode: 0xdc,
        op: `be${bits}`,
        form: 'big',
        syntax: `rdst = be${bits} rdst`,
        doc: `Between host and big-endian order, ${bits} bits; the rest becomes zero.`,
      },
      {
        ...common,
        name: `bswap${bits}`,
        opcode: 0xd7,
        op: `bswap${bits}`,
        form: 'swap',
        syntax: `rdst = bswap${bits} rdst`,
        doc: `Reverses the low ${bits / 8} bytes; the rest becomes zero.`,
      },
    ];
  });

interface JumpFacts {
  readonly code: number;
  readonly sign: string;
  readonly signed: boolean;
  readonly relation: Relation;
  readonly doc: string;
}

const JUMP_TABLE: Record<JumpOp, JumpFacts> = {
  jeq: { code: 0x10, sign: '==', signed: false, relation: 'equality', doc: 'equal' },
  jne: { code: 0x50, sign: '!=', signed: false, relation: 'equality', doc: 'not equal' },
  jgt: { code: 0x20, sign: '>', signed: false, relation: 'greater', doc: 'greater, without sign' },
  jge: {
    code: 0x30,
    sign: '>=',
    signed: false,
    relation: 'greater',
    doc: 'greater or equal, without sign',
  },
  jlt: { code: 0xa0, sign: '<', signed: false, relation: 'less', doc: 'less, without sign' },
  jle: {
    code: 0xb0,
    sign: '<=',
    signed: false,
    relation: 'less',
    doc: 'less or equal, without sign',
  },
  jset: {
    code: 0x40,
    sign: '&',
    signed: false,
    relation: 'common bits',
    doc: 'the two have a bit in common',
  },
  jsgt: { code: 0x60, sign: 's>', signed: true, relation: 'greater', doc: 'greater, with sign' },
  jsge: {
    code: 0x70,
    sign: 's>=',
    signed: true,
    relation: 'greater',
    doc: 'greater or equal, with sign',
  },
  jslt: { code: 0xc0, sign: 's<', signed: true, relation: 'less', doc: 'less, with sign' },
  jsle: {
    code: 0xd0,
    sign: 's<=',
    signed: true,
    relation: 'less',
    doc: 'less or equal, with sign',
  },
};

const jumpRows = (): InstructionRow[] =>
  JUMP_OPS.flatMap((op) => {
    const { code, sign, signed, relation, doc } = JUMP_TABLE[op];
    return WIDTHS.flatMap((width): InstructionRow[] => {
      const text = `Jumps if ${doc}${width === 32 ? ' (low 32 bits)' : ''}.`;
      const common = {
        dst: '*',
        off: '*',
        distance: 'off',
        writes: [],
        kind: 'jump',
        op,
        width,
        sign,
        signed,
        relation,
        group: `base${width}`,
        doc: text,
      } as const;
      const opcode = (width === 64 ? JMP : JMP32) | code;
      const r = reg(width);
      return [
        {
          ...common,
          name: `${op}${width}_imm`,
          opcode,
          src: 0,
          imm: '*',
          operand: 'imm',
          reads: ['dst'],
          syntax: `if ${r}dst ${sign} imm goto off`,
        },
        {
          ...common,
          name: `${op}${width}_reg`,
          opcode: opcode | X,
          src: '*',
          imm: 0,
          operand: 'reg',
          reads: ['dst', 'src'],
          syntax: `if ${r}dst ${sign} ${r}src goto off`,
        },
      ];
    });
  });

const NOTHING = { reads: [], writes: [] } as const;

const BRANCH_ROWS: readonly InstructionRow[] = [
  {
    ...NOTHING,
    name: 'ja',
    opcode: JMP,
    dst: 0,
    src: 0,
    off: '*',
    imm: 0,
    kind: 'goto',
    op: 'ja',
    distance: 'off',
    syntax: 'goto off',
    group: 'base32',
    doc: 'Jumps.',
  },
  {
    ...NOTHING,
    name: 'gotol',
    opcode: JMP32,
    dst: 0,
    src: 0,
    off: 0,
    imm: '*',
    kind: 'goto',
    op: 'ja',
    distance: 'imm',
    syntax: 'gotol imm',
    group: 'base32',
    doc: 'Jumps, with a 32-bit distance.',
  },
  {
    name: 'gotox',
    opcode: JMP | X,
    dst: '*',
    src: 0,
    off: 0,
    imm: 0,
    reads: ['dst'],
    writes: [],
    kind: 'table',
    op: 'gotox',
    syntax: 'gotox rdst',
    group: 'linux',
    doc: 'Jumps to the entry of a jump table that the register holds.',
  },
  {
    ...NOTHING,
    name: 'may_goto',
    opcode: JMP | 0xe0,
    dst: 0,
    src: 0,
    off: '*',
    imm: 0,
    kind: 'goto',
    op: 'may_goto',
    distance: 'off',
    syntax: 'may_goto off',
    group: 'linux',
    doc: 'Falls through until the loop budget of the function is used up, then jumps.',
  },
];

export const CALL_OPCODE = JMP | 0x80;
/** The source field of a call says what its immediate means (section 4.3.1). */
export const CALL_SOURCE = { call: 0, call_local: 1, call_kfunc: 2 } as const;

const CALL_ROWS: readonly InstructionRow[] = [
  {
    name: 'call',
    opcode: CALL_OPCODE,
    dst: 0,
    src: CALL_SOURCE.call,
    off: 0,
    imm: '*',
    reads: [],
    writes: ['r0'],
    kind: 'call',
    op: 'call',
    clobbers: CALLER_SAVED,
    syntax: 'call imm',
    group: 'base32',
    doc: 'Calls the helper with this number: arguments in r1 to r5, result in r0.',
  },
  {
    name: 'call_local',
    opcode: CALL_OPCODE,
    dst: 0,
    src: CALL_SOURCE.call_local,
    off: 0,
    imm: '*',
    // r0 is what the called function leaves there, not something the call itself writes.
    ...NOTHING,
    kind: 'call',
    op: 'call_local',
    clobbers: R0 | CALLER_SAVED,
    distance: 'imm',
    syntax: 'call pc imm',
    group: 'base32',
    doc: 'Calls a function of this program, with a stack frame of its own.',
  },
  {
    name: 'call_kfunc',
    opcode: CALL_OPCODE,
    dst: 0,
    src: CALL_SOURCE.call_kfunc,
    off: '*',
    imm: '*',
    reads: [],
    writes: ['r0'],
    kind: 'call',
    op: 'call_kfunc',
    clobbers: CALLER_SAVED,
    syntax: 'call btf imm mod off',
    group: 'base32',
    doc: 'Calls a function by its BTF id: a kfunc, or what the object left undefined.',
  },
  {
    name: 'callx',
    opcode: CALL_OPCODE | X,
    dst: '*',
    src: 0,
    off: 0,
    imm: 0,
    reads: ['dst'],
    writes: ['r0'],
    kind: 'call',
    op: 'callx',
    clobbers: CALLER_SAVED,
    syntax: 'callx rdst',
    group: 'callx',
    doc: 'Calls the helper whose number is in the register.',
  },
];

const EXIT_ROW: InstructionRow = {
  name: 'exit',
  opcode: JMP | 0x90,
  dst: 0,
  src: 0,
  off: 0,
  imm: 0,
  reads: ['r0'],
  writes: [],
  kind: 'exit',
  op: 'exit',
  syntax: 'exit',
  group: 'base32',
  doc: 'Returns r0 to the caller, or ends the program.',
};

/** Opcode bits 3 and 4 of loads and stores. */
export const SIZE_MASK = 0x18;
export const SIZE_CODE: Record<Size, number> = { 4: 0x00, 2: 0x08, 1: 0x10, 8: 0x18 };
const MEM = 0x60;
const MEMSX = 0x80;
const ATOMIC = 0xc0;
export const SIZES: readonly Size[] = [1, 2, 4, 8];
const sized = (size: Size): 'base32' | 'base64' => (size === 8 ? 'base64' : 'base32');

const memoryRows = (): InstructionRow[] =>
  SIZES.flatMap((size): InstructionRow[] => {
    const u = `u${size * 8}`;
    const code = SIZE_CODE[size];
    const rows: InstructionRow[] = [
      {
        name: `ldx${size * 8}`,
        opcode: LDX | MEM | code,
        dst: '*',
        src: '*',
        off: '*',
        imm: 0,
        reads: ['src'],
        writes: ['dst'],
        kind: 'load',
        size,
        signed: false,
        syntax: `rdst = *(${u} *)(rsrcmem)`,
        group: sized(size),
        doc: `Loads ${size} ${size === 1 ? 'byte' : 'bytes'}.`,
      },
      {
        name: `st${size * 8}`,
        opcode: ST | MEM | code,
        dst: '*',
        src: 0,
        off: '*',
        imm: '*',
        reads: ['dst'],
        writes: [],
        kind: 'store',
        size,
        operand: 'imm',
        syntax: `*(${u} *)(rdstmem) = imm`,
        group: sized(size),
        doc: `Stores the immediate, ${size} ${size === 1 ? 'byte' : 'bytes'}.`,
      },
      {
        name: `stx${size * 8}`,
        opcode: STX | MEM | code,
        dst: '*',
        src: '*',
        off: '*',
        imm: 0,
        reads: ['dst', 'src'],
        writes: [],
        kind: 'store',
        size,
        operand: 'reg',
        syntax: `*(${u} *)(rdstmem) = rsrc`,
        group: sized(size),
        doc: `Stores the low ${size} ${size === 1 ? 'byte' : 'bytes'} of the register.`,
      },
    ];
    if (size !== 8) {
      rows.push({
        name: `ldxs${size * 8}`,
        opcode: LDX | MEMSX | code,
        dst: '*',
        src: '*',
        off: '*',
        imm: 0,
        reads: ['src'],
        writes: ['dst'],
        kind: 'load',
        size,
        signed: true,
        syntax: `rdst = *(s${size * 8} *)(rsrcmem)`,
        group: 'base64',
        doc: `Loads ${size} ${size === 1 ? 'byte' : 'bytes'}, filling with the sign bit.`,
      });
    }
    return rows;
  });

interface AtomicFacts {
  readonly imm: number;
  /** The register that gets the value before. */
  readonly old?: RegisterOperand;
  readonly syntax: string;
  readonly doc: string;
}

/** Section 5.3: the operation stands in the immediate; bit 0 asks for the old value. */
const ATOMIC_TABLE: Record<Exclude<AtomicOp, 'load_acquire' | 'store_release'>, AtomicFacts> = {
  add: { imm: 0x00, syntax: 'lock *(u# *)(rdstmem) += ?src', doc: 'Adds to memory.' },
  or: { imm: 0x40, syntax: 'lock *(u# *)(rdstmem) |= ?src', doc: 'Bitwise or with memory.' },
  and: { imm: 0x50, syntax: 'lock *(u# *)(rdstmem) &= ?src', doc: 'Bitwise and with memory.' },
  xor: {
    imm: 0xa0,
    syntax: 'lock *(u# *)(rdstmem) ^= ?src',
    doc: 'Bitwise exclusive or with memory.',
  },
  fetch_add: {
    imm: 0x01,
    old: 'src',
    syntax: '?src = atomic_fetch_add((u# *)(rdstmem), ?src)',
    doc: 'Adds to memory and gives the value before.',
  },
  fetch_or: {
    imm: 0x41,
    old: 'src',
    syntax: '?src = atomic_fetch_or((u# *)(rdstmem), ?src)',
    doc: 'Bitwise or with memory, giving the value before.',
  },
  fetch_and: {
    imm: 0x51,
    old: 'src',
    syntax: '?src = atomic_fetch_and((u# *)(rdstmem), ?src)',
    doc: 'Bitwise and with memory, giving the value before.',
  },
  fetch_xor: {
    imm: 0xa1,
    old: 'src',
    syntax: '?src = atomic_fetch_xor((u# *)(rdstmem), ?src)',
    doc: 'Bitwise exclusive or with memory, giving the value before.',
  },
  xchg: {
    imm: 0xe1,
    old: 'src',
    syntax: '?src = xchg%(rdstmem, ?src)',
    doc: 'Puts the register into memory and the value before into the register.',
  },
  cmpxchg: {
    imm: 0xf1,
    old: 'r0',
    syntax: '?0 = cmpxchg%(rdstmem, ?0, ?src)',
    doc: 'If memory equals r0, the register goes into memory; r0 gets the value before.',
  },
};

const atomicRows = (): InstructionRow[] =>
  ([8, 4] as const).flatMap((size) =>
    (Object.keys(ATOMIC_TABLE) as (keyof typeof ATOMIC_TABLE)[]).map((op): InstructionRow => {
      const { imm, old, syntax, doc } = ATOMIC_TABLE[op];
      // LLVM spells the 32-bit add with the 64-bit register, and every other 32-bit form with the
      // 32-bit one.
      const r = size === 8 || op === 'add' ? 'r' : 'w';
      return {
        name: `${op}${size * 8}_atomic`,
        opcode: STX | ATOMIC | SIZE_CODE[size],
        dst: '*',
        src: '*',
        off: '*',
        imm,
        reads: op === 'cmpxchg' ? ['dst', 'src', 'r0'] : ['dst', 'src'],
        writes: old === undefined ? [] : [old],
        kind: 'atomic',
        op,
        size,
        syntax: syntax
          .replaceAll('?', r)
          .replace('#', String(size * 8))
          .replace('%', size === 8 ? '_64' : '32_32'),
        group: size === 8 ? 'atomic64' : 'atomic32',
        doc,
      };
    }),
  );

/** Linux 6.15 and later (include/uapi/linux/bpf.h: BPF_LOAD_ACQ, BPF_STORE_REL). */
const barrierRows = (): InstructionRow[] =>
  SIZES.flatMap((size): InstructionRow[] => {
    const r = size === 8 ? 'r' : 'w';
    const common = {
      opcode: STX | ATOMIC | SIZE_CODE[size],
      dst: '*',
      src: '*',
      off: '*',
      kind: 'atomic',
      size,
      group: 'linux',
    } as const;
    return [
      {
        ...common,
        name: `load_acquire${size * 8}`,
        imm: 0x100,
        op: 'load_acquire',
        reads: ['src'],
        writes: ['dst'],
        syntax: `${r}dst = load_acquire((u${size * 8} *)(rsrcmem))`,
        doc: 'Loads; later accesses stay behind it.',
      },
      {
        ...common,
        name: `store_release${size * 8}`,
        imm: 0x110,
        op: 'store_release',
        reads: ['dst', 'src'],
        writes: [],
        syntax: `store_release((u${size * 8} *)(rdstmem), ${r}src)`,
        doc: 'Stores; earlier accesses stay before it.',
      },
    ];
  });

/**
 * Section 5.4: the source field says what the 64-bit immediate means. Two slots; the second holds
 * only an immediate.
 */
export const LDDW_OPCODE = LD | 0x18;
/** The source field of a 64-bit immediate load, by what it loads. */
export const LDDW_SOURCE = {
  imm64: 0,
  map: 1,
  'map-value': 2,
  variable: 3,
  function: 4,
  'map-index': 5,
  'map-index-value': 6,
} as const satisfies Record<LddwSource, number>;

const LDDW_TABLE: Record<LddwSource, { syntax: string; doc: string }> = {
  imm64: { syntax: 'rdst = imm64 ll', doc: 'Loads a 64-bit number.' },
  map: { syntax: 'ld_pseudo rdst, 0x1, imm64', doc: 'Loads a map.' },
  'map-value': {
    syntax: 'ld_pseudo rdst, 0x2, imm64',
    doc: 'Loads the address of a byte in the first value of a map: a global variable.',
  },
  variable: {
    syntax: 'ld_pseudo rdst, 0x3, imm64',
    doc: 'Loads the address of a kernel variable.',
  },
  function: {
    syntax: 'ld_pseudo rdst, 0x4, imm64',
    doc: 'Loads the address of a function of this program: a callback.',
  },
  'map-index': {
    syntax: 'ld_pseudo rdst, 0x5, imm64',
    doc: 'Loads a map by its place in the list of maps.',
  },
  'map-index-value': {
    syntax: 'ld_pseudo rdst, 0x6, imm64',
    doc:
      'Loads the address of a byte in the first value of a map, ' +
      'the map by its place in the list.',
  },
};

const lddwRows = (): InstructionRow[] =>
  (Object.keys(LDDW_TABLE) as LddwSource[]).map((source) => ({
    name: `lddw_${source.replaceAll('-', '_')}`,
    opcode: LDDW_OPCODE,
    dst: '*',
    src: LDDW_SOURCE[source],
    off: 0,
    imm: '*',
    reads: [],
    writes: ['dst'],
    kind: 'lddw',
    source,
    syntax: LDDW_TABLE[source].syntax,
    group: 'base64',
    doc: LDDW_TABLE[source].doc,
  }));

/** Section 5.5: loads from the packet in network byte order into r0. */
const packetRows = (): InstructionRow[] =>
  ([1, 2, 4] as const).flatMap((size): InstructionRow[] => {
    const common = {
      dst: 0,
      off: 0,
      imm: '*',
      writes: ['r0'],
      kind: 'packet',
      size,
      group: 'packet',
    } as const;
    const u = `u${size * 8}`;
    return [
      {
        ...common,
        name: `ldabs${size * 8}`,
        opcode: LD | 0x20 | SIZE_CODE[size],
        src: 0,
        mode: 'abs',
        reads: [],
        syntax: `r0 = *(${u} *)skb[imm]`,
        doc: 'Loads from the packet, network byte order; past its end the program ends with 0.',
      },
      // The register and the immediate (shown like a memory offset) are added; LLVM shows the
      // register alone and always emits immediate 0.
      {
        ...common,
        name: `ldind${size * 8}`,
        opcode: LD | 0x40 | SIZE_CODE[size],
        src: '*',
        mode: 'ind',
        reads: ['src'],
        syntax: `r0 = *(${u} *)skb[rsrcmem]`,
        llvm: `r0 = *(${u} *)skb[rsrc]`,
        doc:
          'Loads from the packet at register plus immediate, network byte order; ' +
          'past its end the program ends with 0.',
      },
    ];
  });

export const INSTRUCTIONS: readonly InstructionRow[] = [
  ...aluRows(),
  ...negRows(),
  ...movsxRows(),
  ...castRows(),
  ...endRows(),
  ...jumpRows(),
  ...BRANCH_ROWS,
  ...CALL_ROWS,
  EXIT_ROW,
  ...memoryRows(),
  ...atomicRows(),
  ...barrierRows(),
  ...lddwRows(),
  ...packetRows(),
];

const byName = new Map(INSTRUCTIONS.map((row) => [row.name, row]));

/** The row of a name in this table, such as `add64_imm`. */
export const instructionNamed = (name: string): InstructionRow | undefined => byName.get(name);
