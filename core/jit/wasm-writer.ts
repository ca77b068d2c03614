/** WebAssembly as bytes (core specification, chapter 5): as much of it as compiled code needs. */

/** Types of values, and of blocks that have none. */
export const I32 = 0x7f;
export const I64 = 0x7e;
export const NO_RESULT = 0x40;

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
  globalGet: 0x23,
  globalSet: 0x24,
  i32Load: 0x28,
  i64Load: 0x29,
  i32Load8U: 0x2d,
  i32Load16U: 0x2f,
  i64Load8U: 0x31,
  i64Load16U: 0x33,
  i64Load32U: 0x35,
  i32Store: 0x36,
  i64Store: 0x37,
  i64Store8: 0x3c,
  i64Store16: 0x3d,
  i64Store32: 0x3e,
  i32Const: 0x41,
  i64Const: 0x42,
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
  i32Eqz: 0x45,
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
  i32Rotl: 0x77,
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
  i64ExtendI32U: 0xad,
  i64Extend8S: 0xc2,
  i64Extend16S: 0xc3,
  i64Extend32S: 0xc4,
} as const;

const FIRST_BYTES = 4096;

/** Bytes one after the other; numbers in LEB128: seven bits a byte, the low ones first. */
class ByteWriter {
  private room = new Uint8Array(FIRST_BYTES);
  protected length = 0;

  get bytes(): Uint8Array {
    return this.room.subarray(0, this.length);
  }

  /** Makes room for so many bytes more, perhaps another one; answers where they begin. */
  private more(count: number): number {
    const start = this.length;
    this.length += count;
    if (this.length > this.room.length) {
      const larger = new Uint8Array(2 * this.length);
      larger.set(this.room);
      this.room = larger;
    }
    return start;
  }

  byte(value: number): void {
    const at = this.more(1);
    this.room[at] = value;
  }

  append(bytes: Uint8Array): void {
    const at = this.more(bytes.length);
    this.room.set(bytes, at);
  }

  unsigned(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.byte((rest & 0x7f) | 0x80);
    this.byte(rest);
  }

  /** The sign bit of the last byte is the number's. */
  signed(value: number): void {
    let rest = value;
    for (; rest >> 6 !== 0 && rest >> 6 !== -1; rest >>= 7) this.byte((rest & 0x7f) | 0x80);
    this.byte(rest & 0x7f);
  }

  signedLong(value: bigint): void {
    let rest = value;
    for (; BigInt.asIntN(32, rest) !== rest; rest >>= 7n) this.byte(Number(rest & 0x7fn) | 0x80);
    this.signed(Number(rest));
  }

  /** What `write` writes, with its size in front. */
  sized(write: (content: ByteWriter) => void): void {
    const content = new ByteWriter();
    write(content);
    this.unsigned(content.length);
    this.append(content.bytes);
  }

  vector<Item>(items: readonly Item[], write: (item: Item, index: number) => void): void {
    this.unsigned(items.length);
    for (const [index, item] of items.entries()) write(item, index);
  }

  text(value: string): void {
    this.vector([...value], (character) => this.byte(character.charCodeAt(0)));
  }
}

/** The instructions of a function. */
export class CodeWriter extends ByteWriter {
  private depth = 0;
  /** For whoever reads the code: whose instructions begin where, and what blocks are called. */
  readonly marks: { readonly at: number; readonly pc: number | undefined }[] = [];
  readonly labels = new Map<number, string>();

  /** What follows is done for the instruction at this slot, or for none. */
  mark(pc: number | undefined): void {
    if (this.marks.at(-1)?.pc !== pc) this.marks.push({ at: this.length, pc });
  }

  op(...opcodes: readonly number[]): void {
    for (const opcode of opcodes) this.byte(opcode);
  }

  /** Opens a block, a loop or an if, which leaves `result` behind; answers its level. */
  open(opcode: number, result = NO_RESULT, label?: string): number {
    if (label !== undefined) this.labels.set(this.length, label);
    this.byte(opcode);
    this.byte(result);
    this.depth += 1;
    return this.depth;
  }

  close(): void {
    this.byte(OP.end);
    this.depth -= 1;
  }

  /** Goes to the end of what was opened as that level, of a loop to its head. */
  branch(opcode: number, level: number): void {
    this.byte(opcode);
    this.unsigned(this.depth - level);
  }

  i32(value: number): void {
    this.byte(OP.i32Const);
    this.signed(value | 0);
  }

  i64(value: bigint): void {
    this.byte(OP.i64Const);
    this.signedLong(BigInt.asIntN(64, value));
  }

  get(local: number): void {
    this.byte(OP.localGet);
    this.unsigned(local);
  }

  set(local: number): void {
    this.byte(OP.localSet);
    this.unsigned(local);
  }

  tee(local: number): void {
    this.byte(OP.localTee);
    this.unsigned(local);
  }

  /** One more of a global number. */
  count(global: number): void {
    this.byte(OP.globalGet);
    this.unsigned(global);
    this.i64(1n);
    this.op(OP.i64Add, OP.globalSet);
    this.unsigned(global);
  }

  call(index: number): void {
    this.byte(OP.call);
    this.unsigned(index);
  }

  /** A load or store at the address on the stack plus `offset`, of any alignment. */
  access(opcode: number, offset: number): void {
    this.byte(opcode);
    this.byte(0);
    this.unsigned(offset);
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
  /** What its parameters and locals are called, for whoever reads it; several may be alike. */
  readonly names: readonly string[];
  readonly code: CodeWriter;
}

/** What a module takes and has: functions are numbered, those that are imported first. */
export interface WasmModule {
  /** Names in the one module that is imported from. */
  readonly memory: string;
  readonly imports: readonly { readonly name: string; readonly type: WasmFunctionType }[];
  readonly functions: readonly WasmFunction[];
  /** Names of its 64-bit numbers, which begin at 0 and are exported. */
  readonly globals?: readonly string[];
  /** Which of `functions` is exported, by this name. */
  readonly exported: { readonly name: string; readonly function: number };
}

/** The module that everything is imported from. */
export const IMPORTED = 'machine';

const SECTION = { type: 1, import: 2, function: 3, global: 6, export: 7, code: 10 };
const KIND = { function: 0, memory: 2, global: 3 };
const MUTABLE = 1;
const MAGIC_AND_VERSION = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

const section = (to: ByteWriter, id: number, write: (content: ByteWriter) => void): void => {
  to.byte(id);
  to.sized(write);
};

function writeType(to: ByteWriter, { parameters, results }: WasmFunctionType): void {
  to.byte(0x60);
  for (const types of [parameters, results]) to.vector(types, (type) => to.byte(type));
}

/** Types that follow each other, each with how often it does. */
function runsOf(types: readonly number[]): { readonly type: number; count: number }[] {
  const runs: { type: number; count: number }[] = [];
  for (const type of types) {
    const last = runs.at(-1);
    if (last?.type === type) last.count += 1;
    else runs.push({ type, count: 1 });
  }
  return runs;
}

const writeBody = (to: ByteWriter, { locals, code }: WasmFunction): void =>
  to.sized((content) => {
    content.vector(runsOf(locals), ({ type, count }) => {
      content.unsigned(count);
      content.byte(type);
    });
    content.append(code.bytes);
    content.byte(OP.end);
  });

/** Every function has a type of its own, by its number. */
export function moduleBytes({
  memory,
  imports,
  functions,
  globals = [],
  exported,
}: WasmModule): Uint8Array {
  const module = new ByteWriter();
  for (const byte of MAGIC_AND_VERSION) module.byte(byte);
  section(module, SECTION.type, (to) =>
    to.vector([...imports, ...functions], ({ type }) => writeType(to, type)),
  );
  section(module, SECTION.import, (to) => {
    const name = (of: string, kind: number): void => {
      to.text(IMPORTED);
      to.text(of);
      to.byte(kind);
    };
    to.unsigned(1 + imports.length);
    name(memory, KIND.memory);
    // No most, and at least nothing.
    for (const byte of [0, 0]) to.byte(byte);
    for (const [index, imported] of imports.entries()) {
      name(imported.name, KIND.function);
      to.unsigned(index);
    }
  });
  section(module, SECTION.function, (to) =>
    to.vector(functions, (_, index) => to.unsigned(imports.length + index)),
  );
  if (globals.length > 0)
    section(module, SECTION.global, (to) =>
      to.vector(globals, () => {
        for (const byte of [I64, MUTABLE, OP.i64Const, 0, OP.end]) to.byte(byte);
      }),
    );
  section(module, SECTION.export, (to) => {
    to.unsigned(1 + globals.length);
    const name = (of: string, kind: number, index: number): void => {
      to.text(of);
      to.byte(kind);
      to.unsigned(index);
    };
    name(exported.name, KIND.function, imports.length + exported.function);
    for (const [index, global] of globals.entries()) name(global, KIND.global, index);
  });
  section(module, SECTION.code, (to) => to.vector(functions, (made) => writeBody(to, made)));
  return module.bytes;
}
