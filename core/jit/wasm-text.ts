/**
 * A module in the text format of WebAssembly (core specification, chapter 6): flat, an instruction
 * a line, with the slot whose instruction it is part of.
 */
import type { Pc } from '../spec/units.ts';
import {
  I32,
  I64,
  IMPORTED,
  NO_RESULT,
  OP,
  type WasmFunction,
  type WasmFunctionType,
  type WasmModule,
} from './wasm-writer.ts';

export interface WasmLine {
  readonly text: string;
  /** How many blocks it stands in. */
  readonly depth: number;
  /** The instruction that it does a part of; undefined: it is around them. */
  readonly pc: Pc | undefined;
}

const TYPE_NAMES: Readonly<Record<number, string>> = { [I32]: 'i32', [I64]: 'i64' };

/** `i32LtS` is `i32.lt_s`, `brIf` is `br_if`. */
const mnemonicOf = (name: string): string =>
  name
    .replace(/^(i32|i64|local|global)(?=[A-Z])/, '$1.')
    .replace(/\.([A-Z])/, (_, letter: string) => `.${letter.toLowerCase()}`)
    .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const MNEMONICS: ReadonlyMap<number, string> = new Map(
  Object.entries(OP).map(([name, opcode]) => [opcode, mnemonicOf(name)]),
);
const OPENING: ReadonlySet<number> = new Set([OP.block, OP.loop, OP.if]);
const BRANCHING: ReadonlySet<number> = new Set([OP.br, OP.brIf]);
const OF_A_LOCAL: ReadonlySet<number> = new Set([OP.localGet, OP.localSet, OP.localTee]);
const OF_A_GLOBAL: ReadonlySet<number> = new Set([OP.globalGet, OP.globalSet]);
const isAccess = (opcode: number): boolean => opcode >= OP.i32Load && opcode <= OP.i64Store32;

/** Names of which each is there once: the second of a name gets its number behind it. */
function identifiers(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name, index) => {
    const own = taken.has(name) ? `${name}.${index}` : name;
    taken.add(own);
    return `$${own}`;
  });
}

const typed = (word: string, types: readonly number[], names?: readonly string[]): string =>
  types.map((type, i) => ` (${word}${names ? ` ${names[i]}` : ''} ${TYPE_NAMES[type]})`).join('');

const signature = ({ parameters, results }: WasmFunctionType, names?: readonly string[]): string =>
  typed('param', parameters, names) + typed('result', results);

/** Reads what CodeWriter has written: numbers in LEB128 and the instructions of OP. */
class CodeReader {
  private readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isOver(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    const byte = this.bytes[this.at];
    this.at += 1;
    return byte;
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  signed(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(Number(shift) + 7, value);
    }
  }
}

/** Names of what a module has by number. */
interface Numbered {
  readonly calls: readonly string[];
  readonly globals: readonly string[];
}

/** Writes the instructions of a function as lines. */
class FunctionText {
  readonly lines: WasmLine[] = [];
  private readonly made: WasmFunction;
  private readonly reader: CodeReader;
  private readonly locals: readonly string[];
  private readonly calls: readonly string[];
  private readonly globals: readonly string[];
  /** Labels of the blocks around the place, the outermost first. */
  private readonly around: string[] = [];
  private opened = 0;
  private mark = 0;

  constructor(made: WasmFunction, locals: readonly string[], { calls, globals }: Numbered) {
    this.made = made;
    this.reader = new CodeReader(made.code.bytes);
    this.locals = locals;
    this.calls = calls;
    this.globals = globals;
  }

  write(): void {
    while (!this.reader.isOver) {
      const { at } = this.reader;
      const pc = this.pcAt(at);
      const opcode = this.reader.byte();
      const word = MNEMONICS.get(opcode)!;
      if (opcode === OP.end) this.around.pop();
      const depth = this.around.length - (opcode === OP.else ? 1 : 0);
      const operand = this.operandOf(opcode, at);
      this.lines.push({ text: operand === '' ? word : `${word} ${operand}`, depth, pc });
    }
  }

  /** Marks are in the order of the code. */
  private pcAt(at: number): Pc | undefined {
    const { marks } = this.made.code;
    while (this.mark < marks.length && marks[this.mark].at <= at) this.mark += 1;
    return marks[this.mark - 1]?.pc;
  }

  private operandOf(opcode: number, at: number): string {
    const { reader } = this;
    if (OPENING.has(opcode)) return this.open(at, reader.byte());
    if (BRANCHING.has(opcode)) return this.around.at(-1 - reader.unsigned())!;
    if (OF_A_LOCAL.has(opcode)) return this.locals[reader.unsigned()];
    if (OF_A_GLOBAL.has(opcode)) return this.globals[reader.unsigned()];
    if (opcode === OP.call) return this.calls[reader.unsigned()];
    if (opcode === OP.i32Const || opcode === OP.i64Const) return `${reader.signed()}`;
    if (!isAccess(opcode)) return '';
    const align = 2 ** reader.unsigned();
    const offset = reader.unsigned();
    return offset === 0 ? `align=${align}` : `offset=${offset} align=${align}`;
  }

  private open(at: number, result: number): string {
    this.opened += 1;
    const label = `$${this.made.code.labels.get(at) ?? `in_${this.opened}`}`;
    this.around.push(label);
    return result === NO_RESULT ? label : `${label} (result ${TYPE_NAMES[result]})`;
  }
}

function functionText(made: WasmFunction, name: string, numbered: Numbered): readonly WasmLine[] {
  const names = identifiers(made.names);
  const { parameters } = made.type;
  const around = (text: string, depth: number): WasmLine => ({ text, depth, pc: undefined });
  const body = new FunctionText(made, names, numbered);
  body.write();
  return [
    around(`(func ${name}${signature(made.type, names)}`, 1),
    ...made.locals.map((type, i) =>
      around(`(local ${names[parameters.length + i]} ${TYPE_NAMES[type]})`, 2),
    ),
    ...body.lines.map((line) => ({ ...line, depth: line.depth + 2 })),
    around(')', 1),
  ];
}

/** The whole module: what it is assembled to has the same code, byte for byte. */
export function wasmText({
  memory,
  imports,
  functions,
  globals = [],
  exported,
}: WasmModule): WasmLine[] {
  const around = (text: string, depth: number): WasmLine => ({ text, depth, pc: undefined });
  const names = functions.map((_, i) =>
    i === exported.function ? `$${exported.name}` : `$${exported.name}.${i}`,
  );
  const numbered = {
    calls: [...imports.map(({ name }) => `$${name}`), ...names],
    globals: globals.map((name) => `$${name}`),
  };
  return [
    around('(module', 0),
    around(`(import "${IMPORTED}" "${memory}" (memory 0))`, 1),
    ...imports.map(({ name, type }) =>
      around(`(import "${IMPORTED}" "${name}" (func $${name}${signature(type)}))`, 1),
    ),
    ...globals.map((name) =>
      around(`(global $${name} (export "${name}") (mut i64) (i64.const 0))`, 1),
    ),
    ...functions.flatMap((made, i) => functionText(made, names[i], numbered)),
    around(`(export "${exported.name}" (func ${names[exported.function]}))`, 1),
    around(')', 0),
  ];
}
