/**
 * The instruction set: RFC 9669 and what Linux adds (may_goto, load_acquire, store_release,
 * addr_space_cast, callx; since 6.19 gotox).
 *
 * One row an instruction. A row fixes some fields and leaves others free (`'*'`); no two rows match
 * the same slot, and a slot that no row matches is undefined. Decoder, disassembler, assembler,
 * interpreter and documentation read the row.
 *
 * `syntax` is LLVM's spelling with placeholders: rdst rsrc (64-bit register), wdst wsrc (32-bit register), imm, off
 * (jump distance in slots, `+0x3`), mem (` + 0x8`, memory offset in bytes), imm64. Where LLVM's
 * spelling loses a field,
 * `llvm` holds it and `syntax` is ours, so that assembling a disassembly always gives the same bytes.
 */

export const ALU_OPS = ['add', 'sub', 'mul', 'div', 'sdiv', 'mod', 'smod', 'or', 'and', 'xor', 'lsh', 'rsh', 'arsh', 'mov'] as const;
export const UNARY_OPS = ['neg', 'movsx8', 'movsx16', 'movsx32', 'be16', 'be32', 'be64', 'le16', 'le32', 'le64', 'bswap16', 'bswap32', 'bswap64', 'addr_space_cast'] as const;
export const JUMP_OPS = ['jeq', 'jne', 'jgt', 'jge', 'jlt', 'jle', 'jset', 'jsgt', 'jsge', 'jslt', 'jsle'] as const;
export const FLOW_OPS = ['ja', 'gotox', 'may_goto', 'call', 'call_local', 'call_kfunc', 'callx', 'exit'] as const;
export const ATOMIC_OPS = ['add', 'or', 'and', 'xor', 'fetch_add', 'fetch_or', 'fetch_and', 'fetch_xor', 'xchg', 'cmpxchg', 'load_acquire', 'store_release'] as const;

export type AluOp = (typeof ALU_OPS)[number];
export type UnaryOp = (typeof UNARY_OPS)[number];
export type JumpOp = (typeof JUMP_OPS)[number];
export type FlowOp = (typeof FLOW_OPS)[number];
export type AtomicOp = (typeof ATOMIC_OPS)[number];
export type Width = 32 | 64;
/** Bytes of a memory access. */
export type Size = 1 | 2 | 4 | 8;
export type Group = 'base32' | 'base64' | 'divmul32' | 'divmul64' | 'atomic32' | 'atomic64' | 'packet' | 'callx' | 'linux';
/** A field's fixed value, or free. */
export type Field = number | '*';

interface RowFields {
  readonly name: string;
  readonly opcode: number;
  readonly dst: Field;
  readonly src: Field;
  readonly off: Field;
  readonly imm: Field;
  readonly syntax: string;
  readonly llvm?: string;
  readonly group: Group;
  readonly doc: string;
}

export type InstructionRow = RowFields &
  (
    | { readonly kind: 'alu'; readonly op: AluOp; readonly width: Width; readonly operand: 'imm' | 'reg' }
    | { readonly kind: 'unary'; readonly op: UnaryOp; readonly width: Width }
    | { readonly kind: 'jump'; readonly op: JumpOp; readonly width: Width; readonly operand: 'imm' | 'reg' }
    | { readonly kind: 'flow'; readonly op: FlowOp; readonly distance: 'off' | 'imm' | undefined }
    | { readonly kind: 'load'; readonly size: Size; readonly signed: boolean }
    | { readonly kind: 'store'; readonly size: Size; readonly operand: 'imm' | 'reg' }
    | { readonly kind: 'atomic'; readonly op: AtomicOp; readonly size: Size }
    | { readonly kind: 'lddw'; readonly source: LddwSource }
    | { readonly kind: 'packet'; readonly size: 1 | 2 | 4; readonly mode: 'abs' | 'ind' }
  );

export type LddwSource = 'imm64' | 'map' | 'map-value' | 'variable' | 'function' | 'map-index' | 'map-index-value';

// Instruction classes, opcode bits 0..2 (RFC 9669 section 3.1)
const LD = 0x00;
const LDX = 0x01;
const ST = 0x02;
const STX = 0x03;
const ALU = 0x04;
const JMP = 0x05;
const JMP32 = 0x06;
const ALU64 = 0x07;
// Operand from the register instead of the immediate, opcode bit 3
const X = 0x08;

const aluClass = (width: Width): number => (width === 64 ? ALU64 : ALU);
const reg = (width: Width): string => (width === 64 ? 'r' : 'w');
const low = (width: Width): string => (width === 64 ? '' : ', in 32 bits; the upper half of the result is zero');

/**
 * code: opcode bits 4..7; off: the offset field that tells signed from unsigned division (section
 * 4.1).
 */
const ALU_TABLE: Record<AluOp, { code: number; off: number; sign: string; group: 'base' | 'divmul'; doc: string }> = {
  add: { code: 0x00, off: 0, sign: '+=', group: 'base', doc: 'Adds' },
  sub: { code: 0x10, off: 0, sign: '-=', group: 'base', doc: 'Subtracts' },
  mul: { code: 0x20, off: 0, sign: '*=', group: 'divmul', doc: 'Multiplies' },
  div: { code: 0x30, off: 0, sign: '/=', group: 'divmul', doc: 'Divides without sign; by zero gives 0' },
  sdiv: { code: 0x30, off: 1, sign: 's/=', group: 'divmul', doc: 'Divides with sign, toward zero; by zero gives 0' },
  mod: { code: 0x90, off: 0, sign: '%=', group: 'divmul', doc: 'Remainder without sign; by zero leaves the register' },
  smod: { code: 0x90, off: 1, sign: 's%=', group: 'divmul', doc: 'Remainder with the sign of the dividend; by zero leaves the register' },
  or: { code: 0x40, off: 0, sign: '|=', group: 'base', doc: 'Bitwise or' },
  and: { code: 0x50, off: 0, sign: '&=', group: 'base', doc: 'Bitwise and' },
  xor: { code: 0xa0, off: 0, sign: '^=', group: 'base', doc: 'Bitwise exclusive or' },
  lsh: { code: 0x60, off: 0, sign: '<<=', group: 'base', doc: 'Shifts left by the low bits of the operand' },
  rsh: { code: 0x70, off: 0, sign: '>>=', group: 'base', doc: 'Shifts right, filling with zeros' },
  arsh: { code: 0xc0, off: 0, sign: 's>>=', group: 'base', doc: 'Shifts right, filling with the sign bit' },
  mov: { code: 0xb0, off: 0, sign: '=', group: 'base', doc: 'Copies the operand' },
};

const WIDTHS: readonly Width[] = [64, 32];

const aluRows = (): InstructionRow[] =>
  ALU_OPS.flatMap((op) => {
    const { code, off, sign, group, doc } = ALU_TABLE[op];
    return WIDTHS.flatMap((width): InstructionRow[] => {
      const common = { off, kind: 'alu', op, width, group: `${group}${width}`, doc: `${doc}${low(width)}.`, dst: '*' } as const;
      const opcode = aluClass(width) | code;
      const r = reg(width);
      return [
        { ...common, name: `${op}${width}_imm`, opcode, src: 0, imm: '*', operand: 'imm', syntax: `${r}dst ${sign} imm` },
        { ...common, name: `${op}${width}_reg`, opcode: opcode | X, src: '*', imm: 0, operand: 'reg', syntax: `${r}dst ${sign} ${r}src` },
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
    kind: 'unary',
    op: 'neg',
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
        kind: 'unary',
        op: `movsx${bits}`,
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
    { name: 'cast_kern', imm: 1, spaces: '0x0, 0x1', doc: 'Makes an address that user space sees in an arena one that the program may use.' },
    { name: 'cast_user', imm: 0x1_0000, spaces: '0x1, 0x0', doc: 'Makes an address in an arena the one that user space sees.' },
  ].map(
    ({ spaces, ...row }): InstructionRow => ({
      ...row,
      opcode: ALU64 | X | 0xb0,
      dst: '*',
      src: '*',
      off: 1,
      kind: 'unary',
      op: 'addr_space_cast',
      width: 64,
      syntax: `rdst = addr_space_cast(rsrc, ${spaces})`,
      group: 'linux',
    }),
  );

/** Byte order, section 4.2: the immediate is the width; bswap stands in the 64-bit class. */
const endRows = (): InstructionRow[] =>
  ([16, 32, 64] as const).flatMap((bits): InstructionRow[] => {
    const common = { dst: '*', src: 0, off: 0, imm: bits, kind: 'unary', width: 64, group: bits === 64 ? 'base64' : 'base32' } as const;
    return [
      { ...common, name: `le${bits}`, opcode: 0xd4, op: `le${bits}`, syntax: `rdst = le${bits} rdst`, doc: `Between host and little-endian order, ${bits} bits; the rest becomes zero.` },
      { ...common, name: `be${bits}`, opcode: 0xdc, op: `be${bits}`, syntax: `rdst = be${bits} rdst`, doc: `Between host and big-endian order, ${bits} bits; the rest becomes zero.` },
      { ...common, name: `bswap${bits}`, opcode: 0xd7, op: `bswap${bits}`, syntax: `rdst = bswap${bits} rdst`, doc: `Reverses the low ${bits / 8} bytes; the rest becomes zero.` },
    ];
  });

const JUMP_TABLE: Record<JumpOp, { code: number; sign: string; doc: string }> = {
  jeq: { code: 0x10, sign: '==', doc: 'equal' },
  jne: { code: 0x50, sign: '!=', doc: 'not equal' },
  jgt: { code: 0x20, sign: '>', doc: 'greater, without sign' },
  jge: { code: 0x30, sign: '>=', doc: 'greater or equal, without sign' },
  jlt: { code: 0xa0, sign: '<', doc: 'less, without sign' },
  jle: { code: 0xb0, sign: '<=', doc: 'less or equal, without sign' },
  jset: { code: 0x40, sign: '&', doc: 'the two have a bit in common' },
  jsgt: { code: 0x60, sign: 's>', doc: 'greater, with sign' },
  jsge: { code: 0x70, sign: 's>=', doc: 'greater or equal, with sign' },
  jslt: { code: 0xc0, sign: 's<', doc: 'less, with sign' },
  jsle: { code: 0xd0, sign: 's<=', doc: 'less or equal, with sign' },
};

const jumpRows = (): InstructionRow[] =>
  JUMP_OPS.flatMap((op) => {
    const { code, sign, doc } = JUMP_TABLE[op];
    return WIDTHS.flatMap((width): InstructionRow[] => {
      const common = { dst: '*', off: '*', kind: 'jump', op, width, group: `base${width}`, doc: `Jumps if ${doc}${width === 32 ? ' (low 32 bits)' : ''}.` } as const;
      const opcode = (width === 64 ? JMP : JMP32) | code;
      const r = reg(width);
      return [
        { ...common, name: `${op}${width}_imm`, opcode, src: 0, imm: '*', operand: 'imm', syntax: `if ${r}dst ${sign} imm goto off` },
        { ...common, name: `${op}${width}_reg`, opcode: opcode | X, src: '*', imm: 0, operand: 'reg', syntax: `if ${r}dst ${sign} ${r}src goto off` },
      ];
    });
  });

const FLOW_ROWS: readonly InstructionRow[] = [
  { name: 'ja', opcode: 0x05, dst: 0, src: 0, off: '*', imm: 0, kind: 'flow', op: 'ja', distance: 'off', syntax: 'goto off', group: 'base32', doc: 'Jumps.' },
  { name: 'gotol', opcode: 0x06, dst: 0, src: 0, off: 0, imm: '*', kind: 'flow', op: 'ja', distance: 'imm', syntax: 'gotol imm', group: 'base32', doc: 'Jumps, with a 32-bit distance.' },
  { name: 'gotox', opcode: 0x0d, dst: '*', src: 0, off: 0, imm: 0, kind: 'flow', op: 'gotox', distance: undefined, syntax: 'gotox rdst', group: 'linux', doc: 'Jumps to the entry of a jump table that the register holds.' },
  {
    name: 'may_goto',
    opcode: 0xe5,
    dst: 0,
    src: 0,
    off: '*',
    imm: 0,
    kind: 'flow',
    op: 'may_goto',
    distance: 'off',
    syntax: 'may_goto off',
    group: 'linux',
    doc: 'Falls through until the loop budget of the function is used up, then jumps.',
  },
  { name: 'call', opcode: 0x85, dst: 0, src: 0, off: 0, imm: '*', kind: 'flow', op: 'call', distance: undefined, syntax: 'call imm', group: 'base32', doc: 'Calls the helper with this number: arguments in r1 to r5, result in r0.' },
  { name: 'call_local', opcode: 0x85, dst: 0, src: 1, off: 0, imm: '*', kind: 'flow', op: 'call_local', distance: 'imm', syntax: 'call pc imm', group: 'base32', doc: 'Calls a function of this program, with a stack frame of its own.' },
  {
    name: 'call_kfunc',
    opcode: 0x85,
    dst: 0,
    src: 2,
    off: '*',
    imm: '*',
    kind: 'flow',
    op: 'call_kfunc',
    distance: undefined,
    syntax: 'call btf imm mod off',
    group: 'base32',
    doc: 'Calls a function by its BTF id: a kfunc, or what the object left undefined.',
  },
  { name: 'callx', opcode: 0x8d, dst: '*', src: 0, off: 0, imm: 0, kind: 'flow', op: 'callx', distance: undefined, syntax: 'callx rdst', group: 'callx', doc: 'Calls the helper whose number is in the register.' },
  { name: 'exit', opcode: 0x95, dst: 0, src: 0, off: 0, imm: 0, kind: 'flow', op: 'exit', distance: undefined, syntax: 'exit', group: 'base32', doc: 'Returns r0 to the caller, or ends the program.' },
];

const SIZE_CODE: Record<Size, number> = { 4: 0x00, 2: 0x08, 1: 0x10, 8: 0x18 };
const MEM = 0x60;
const MEMSX = 0x80;
const ATOMIC = 0xc0;
const SIZES: readonly Size[] = [1, 2, 4, 8];
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

/** Section 5.3: the operation stands in the immediate; bit 0 asks for the old value. */
const ATOMIC_TABLE: Record<Exclude<AtomicOp, 'load_acquire' | 'store_release'>, { imm: number; syntax: string; doc: string }> = {
  add: { imm: 0x00, syntax: 'lock *(u# *)(rdstmem) += ?src', doc: 'Adds to memory.' },
  or: { imm: 0x40, syntax: 'lock *(u# *)(rdstmem) |= ?src', doc: 'Bitwise or with memory.' },
  and: { imm: 0x50, syntax: 'lock *(u# *)(rdstmem) &= ?src', doc: 'Bitwise and with memory.' },
  xor: { imm: 0xa0, syntax: 'lock *(u# *)(rdstmem) ^= ?src', doc: 'Bitwise exclusive or with memory.' },
  fetch_add: { imm: 0x01, syntax: '?src = atomic_fetch_add((u# *)(rdstmem), ?src)', doc: 'Adds to memory and gives the value before.' },
  fetch_or: { imm: 0x41, syntax: '?src = atomic_fetch_or((u# *)(rdstmem), ?src)', doc: 'Bitwise or with memory, giving the value before.' },
  fetch_and: { imm: 0x51, syntax: '?src = atomic_fetch_and((u# *)(rdstmem), ?src)', doc: 'Bitwise and with memory, giving the value before.' },
  fetch_xor: { imm: 0xa1, syntax: '?src = atomic_fetch_xor((u# *)(rdstmem), ?src)', doc: 'Bitwise exclusive or with memory, giving the value before.' },
  xchg: { imm: 0xe1, syntax: '?src = xchg%(rdstmem, ?src)', doc: 'Puts the register into memory and the value before into the register.' },
  cmpxchg: { imm: 0xf1, syntax: '?0 = cmpxchg%(rdstmem, ?0, ?src)', doc: 'If memory equals r0, the register goes into memory; r0 gets the value before.' },
};

const atomicRows = (): InstructionRow[] =>
  ([8, 4] as const).flatMap((size) =>
    (Object.keys(ATOMIC_TABLE) as (keyof typeof ATOMIC_TABLE)[]).map((op): InstructionRow => {
      const { imm, syntax, doc } = ATOMIC_TABLE[op];
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
    const common = { opcode: STX | ATOMIC | SIZE_CODE[size], dst: '*', src: '*', off: '*', kind: 'atomic', size, group: 'linux' } as const;
    return [
      { ...common, name: `load_acquire${size * 8}`, imm: 0x100, op: 'load_acquire', syntax: `${r}dst = load_acquire((u${size * 8} *)(rsrcmem))`, doc: 'Loads; later accesses stay behind it.' },
      { ...common, name: `store_release${size * 8}`, imm: 0x110, op: 'store_release', syntax: `store_release((u${size * 8} *)(rdstmem), ${r}src)`, doc: 'Stores; earlier accesses stay before it.' },
    ];
  });

/**
 * Section 5.4: the source field says what the 64-bit immediate means. Two slots; the second holds
 * only an immediate.
 */
const LDDW_TABLE: Record<LddwSource, { src: number; syntax: string; doc: string }> = {
  imm64: { src: 0, syntax: 'rdst = imm64 ll', doc: 'Loads a 64-bit number.' },
  map: { src: 1, syntax: 'ld_pseudo rdst, 0x1, imm64', doc: 'Loads a map.' },
  'map-value': { src: 2, syntax: 'ld_pseudo rdst, 0x2, imm64', doc: 'Loads the address of a byte in the first value of a map: a global variable.' },
  variable: { src: 3, syntax: 'ld_pseudo rdst, 0x3, imm64', doc: 'Loads the address of a kernel variable.' },
  function: { src: 4, syntax: 'ld_pseudo rdst, 0x4, imm64', doc: 'Loads the address of a function of this program: a callback.' },
  'map-index': { src: 5, syntax: 'ld_pseudo rdst, 0x5, imm64', doc: 'Loads a map by its place in the list of maps.' },
  'map-index-value': { src: 6, syntax: 'ld_pseudo rdst, 0x6, imm64', doc: 'Loads the address of a byte in the first value of a map, the map by its place in the list.' },
};

const lddwRows = (): InstructionRow[] =>
  (Object.keys(LDDW_TABLE) as LddwSource[]).map((source) => ({
    name: `lddw_${source.replaceAll('-', '_')}`,
    opcode: LD | 0x18,
    dst: '*',
    src: LDDW_TABLE[source].src,
    off: 0,
    imm: '*',
    kind: 'lddw',
    source,
    syntax: LDDW_TABLE[source].syntax,
    group: 'base64',
    doc: LDDW_TABLE[source].doc,
  }));

/** Section 5.5: loads from the packet in network byte order into r0. */
const packetRows = (): InstructionRow[] =>
  ([1, 2, 4] as const).flatMap((size): InstructionRow[] => {
    const common = { dst: 0, off: 0, imm: '*', kind: 'packet', size, group: 'packet' } as const;
    const u = `u${size * 8}`;
    return [
      { ...common, name: `ldabs${size * 8}`, opcode: LD | 0x20 | SIZE_CODE[size], src: 0, mode: 'abs', syntax: `r0 = *(${u} *)skb[imm]`, doc: 'Loads from the packet, network byte order; past its end the program ends with 0.' },
      // The register and the immediate (shown like a memory offset) are added; LLVM shows the
      // register alone and always emits immediate 0.
      {
        ...common,
        name: `ldind${size * 8}`,
        opcode: LD | 0x40 | SIZE_CODE[size],
        src: '*',
        mode: 'ind',
        syntax: `r0 = *(${u} *)skb[rsrcmem]`,
        llvm: `r0 = *(${u} *)skb[rsrc]`,
        doc: 'Loads from the packet at register plus immediate, network byte order; past its end the program ends with 0.',
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
  ...FLOW_ROWS,
  ...memoryRows(),
  ...atomicRows(),
  ...barrierRows(),
  ...lddwRows(),
  ...packetRows(),
];
