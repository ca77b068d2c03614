/** WebAssembly as bytes (core specification, chapter 5): as much of it as compiled code needs. */

/** Types of values, and of blocks that have none. */
export const I32 = 0x7f;
export const I64 = 0x7e;
const NO_RESULT = 0x40;

export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  return: 0x0f,
  call: 0x10,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Load: 0x28,
  i64Load: 0x29,
  i64Load8S: 0x30,
  i64Load8U: 0x31,
  i64Load16S: 0x32,
  i64Load16U: 0x33,
  i64Load32S: 0x34,
  i64Load32U: 0x35,
  i64Store: 0x37,
  i64Store8: 0x3c,
  i64Store16: 0x3d,
  i64Store32: 0x3e,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtS: 0x4a,
  i32GtU: 0x4b,
  i32LeS: 0x4c,
  i32LeU: 0x4d,
  i32GeS: 0x4e,
  i32GeU: 0x4f,
  i64Eqz: 0x50,
  i64Eq: 0x51,
  i64Ne: 0x52,
  i64LtS: 0x53,
  i64LtU: 0x54,
  i64GtS: 0x55,
  i64GtU: 0x56,
  i64LeS: 0x57,
  i64LeU: 0x58,
  i64GeS: 0x59,
  i64GeU: 0x5a,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32DivS: 0x6d,
  i32DivU: 0x6e,
  i32RemS: 0x6f,
  i32RemU: 0x70,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrS: 0x75,
  i32ShrU: 0x76,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64DivS: 0x7f,
  i64DivU: 0x80,
  i64RemS: 0x81,
  i64RemU: 0x82,
  i64And: 0x83,
  i64Or: 0x84,
  i64Xor: 0x85,
  i64Shl: 0x86,
  i64ShrS: 0x87,
  i64ShrU: 0x88,
  i64Rotl: 0x89,
  i32WrapI64: 0xa7,
  i64ExtendI32S: 0xac,
  i64ExtendI32U: 0xad,
  i64Extend8S: 0xc2,
  i64Extend16S: 0xc3,
  i64Extend32S: 0xc4,
} as const;

/** LEB128: seven bits a byte, the low ones first; the top bit says that more follow. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}

function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const byte = Number(rest & 0x7fn);
    // The last byte's sign bit is the number's.
    if (rest >> 6n === 0n || rest >> 6n === -1n) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}

/** The instructions of a function. */
export class CodeWriter {
  readonly bytes: number[] = [];
  private depth = 0;

  op(...opcodes: readonly number[]): void {
    this.bytes.push(...opcodes);
  }

  /** Opens a block, a loop or an if, which leaves `result` behind; answers its level. */
  open(opcode: number, result = NO_RESULT): number {
    this.op(opcode, result);
    this.depth += 1;
    return this.depth;
  }

  close(): void {
    this.op(OP.end);
    this.depth -= 1;
  }

  /** Goes to the end of what was opened as that level, of a loop to its head. */
  branch(opcode: number, level: number): void {
    this.op(opcode, ...unsigned(this.depth - level));
  }

  i32(value: number): void {
    this.op(OP.i32Const, ...signed(BigInt(value | 0)));
  }

  i64(value: bigint): void {
    this.op(OP.i64Const, ...signed(BigInt.asIntN(64, value)));
  }

  get(local: number): void {
    this.op(OP.localGet, ...unsigned(local));
  }

  set(local: number): void {
    this.op(OP.localSet, ...unsigned(local));
  }

  tee(local: number): void {
    this.op(OP.localTee, ...unsigned(local));
  }

  call(index: number): void {
    this.op(OP.call, ...unsigned(index));
  }

  /** A load or store at the address on the stack plus `offset`, of any alignment. */
  access(opcode: number, offset: number): void {
    this.op(opcode, 0, ...unsigned(offset));
  }
}

export interface WasmFunctionType {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

export interface WasmFunction {
  readonly type: WasmFunctionType;
  /** Types of its locals behind the parameters. */
  readonly locals: readonly number[];
  readonly code: CodeWriter;
}

/** What a module takes and has: functions are numbered, those that are imported first. */
export interface WasmModule {
  /** Names in the one module that is imported from. */
  readonly memory: string;
  readonly imports: readonly { readonly name: string; readonly type: WasmFunctionType }[];
  readonly functions: readonly WasmFunction[];
  /** Which of `functions` is exported, by this name. */
  readonly exported: { readonly name: string; readonly function: number };
}

/** The module that everything is imported from. */
export const IMPORTED = 'machine';

const SECTION = { type: 1, import: 2, function: 3, export: 7, code: 10 };
const KIND = { function: 0, memory: 2 };
const MAGIC_AND_VERSION = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

const vector = (items: readonly (readonly number[])[]): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];

const text = (value: string): number[] => vector([...value].map((c) => [c.charCodeAt(0)]));

const sized = (content: readonly number[]): number[] => unsigned(content.length).concat(content);

const section = (id: number, items: readonly (readonly number[])[]): number[] =>
  [id].concat(sized(vector(items)));

function body({ locals, code }: WasmFunction): number[] {
  const declared = vector(locals.map((type) => [1, type]));
  return sized(declared.concat(code.bytes, OP.end));
}

export function moduleBytes({ memory, imports, functions, exported }: WasmModule): Uint8Array {
  const types = [...imports, ...functions].map(({ type }) => [
    0x60,
    ...vector(type.parameters.map((parameter) => [parameter])),
    ...vector(type.results.map((result) => [result])),
  ]);
  const imported = [
    [...text(IMPORTED), ...text(memory), KIND.memory, 0, 0],
    ...imports.map(({ name }, i) => [
      ...text(IMPORTED),
      ...text(name),
      KIND.function,
      ...unsigned(i),
    ]),
  ];
  const index = unsigned(imports.length + exported.function);
  const bytes = MAGIC_AND_VERSION.concat(
    section(SECTION.type, types),
    section(SECTION.import, imported),
    section(
      SECTION.function,
      functions.map((_, i) => unsigned(imports.length + i)),
    ),
    section(SECTION.export, [[...text(exported.name), KIND.function, ...index]]),
    section(SECTION.code, functions.map(body)),
  );
  return Uint8Array.from(bytes);
}
