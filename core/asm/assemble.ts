import type { Endian } from '../bytes/reader.ts';
import { InputError } from '../errors.ts';
import { INSTRUCTIONS, type InstructionRow } from '../spec/isa.ts';
import { encodeRow, type Fields } from './encode.ts';
import { SLOT_BYTES, writeSlot } from './encoding.ts';

/**
 * Text to instructions, in the syntax `disassemble` writes: one statement a line or between
 * semicolons, `name:` before a statement labels it, `#` and `//` start a comment. Jumps take a
 * distance (`+0x3`) or a label, calls also the name of a helper. Numbers are decimal or 0x.
 */
export interface AssembleOptions {
  readonly endian?: Endian;
  /** The number of a helper by name; undefined where there is none of that name. */
  readonly helper?: (name: string) => number | undefined;
}

interface Matcher {
  readonly row: InstructionRow;
  readonly pattern: RegExp;
  readonly placeholders: readonly string[];
}

interface Statement {
  readonly line: number;
  readonly text: string;
  readonly matcher: Matcher;
  readonly values: readonly (string | undefined)[];
  readonly pc: number;
}

const NUMBER = '[-+]?\\s*(?:0x[0-9a-f]+|[0-9]+)';
const LABEL = '[a-z_.$][\\w.$]*';
const PATTERNS: Record<string, string> = {
  rdst: 'r(\\d+)',
  rsrc: 'r(\\d+)',
  wdst: 'w(\\d+)',
  wsrc: 'w(\\d+)',
  imm64: `(${NUMBER})`,
  imm: `(${NUMBER})`,
  off: `(${NUMBER}|${LABEL})`,
  mem: `((?:[-+]\\s*(?:0x[0-9a-f]+|[0-9]+))?)`,
};
const PLACEHOLDER = /rdst|rsrc|wdst|wsrc|imm64|imm|off|mem/g;

const escapeText = (text: string): string =>
  text
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\s+/g, '\\s+')
    .replace(/([,=<>&!(])(\\s\+)/g, '$1\\s*');

/**
 * Where a jump, or a call to a function of this program, may name its target instead of giving a
 * distance.
 */
const takesLabel = (row: InstructionRow, placeholder: string): boolean =>
  placeholder === 'imm' && row.distance === 'imm';

function matcherOf(row: InstructionRow, syntax: string): Matcher {
  const placeholders = syntax.match(PLACEHOLDER) ?? [];
  let pattern = '';
  let from = 0;
  for (const found of syntax.matchAll(PLACEHOLDER)) {
    pattern += escapeText(syntax.slice(from, found.index));
    pattern +=
      found[0] === 'mem'
        ? `\\s*${PATTERNS.mem}`
        : takesLabel(row, found[0])
          ? PATTERNS.off
          : PATTERNS[found[0]];
    from = found.index + found[0].length;
  }
  return {
    row,
    pattern: new RegExp(`^${pattern}${escapeText(syntax.slice(from))}$`, 'i'),
    placeholders,
  };
}

/**
 * Spellings that are read besides a row's own: 32-bit register names where LLVM's assembler takes
 * them.
 */
const aliases = (row: InstructionRow): string[] => {
  const spellings = [row.syntax, ...(row.llvm === undefined ? [] : [row.llvm])];
  if (row.kind === 'load' && row.size !== 8 && !row.signed)
    spellings.push(row.syntax.replace('rdst', 'wdst'));
  if (row.kind === 'store' && row.operand === 'reg' && row.size !== 8)
    spellings.push(row.syntax.replace('= rsrc', '= wsrc'));
  if (row.kind === 'atomic' && row.op === 'add' && row.size === 4)
    spellings.push(row.syntax.replace('rsrc', 'wsrc'));
  if (row.kind === 'lddw' && row.source !== 'imm64') spellings.push(`${row.syntax}, imm`);
  return spellings;
};

const MATCHERS: readonly Matcher[] = INSTRUCTIONS.flatMap((row) =>
  aliases(row).map((syntax) => matcherOf(row, syntax)),
);

const place = (line: number): string => `line ${line}`;

function parseNumber(text: string): bigint {
  const compact = text.replace(/\s+/g, '');
  const negative = compact.startsWith('-');
  const value = BigInt(compact.replace(/^[-+]/, ''));
  return negative ? -value : value;
}

function bounded(text: string, low: bigint, high: bigint, what: string, line: number): number {
  const value = parseNumber(text);
  if (value < low || value > high)
    throw new InputError(place(line), `${what} ${text.trim()} does not fit (${low} to ${high})`);
  return Number(value);
}

const signed16 = (text: string, what: string, line: number) =>
  bounded(text, -0x8000n, 0x7fffn, what, line);
/** A 32-bit immediate, signed or as its unsigned spelling. */
const word32 = (text: string, what: string, line: number) =>
  bounded(text, -0x8000_0000n, 0xffff_ffffn, what, line) | 0;

interface Line {
  readonly line: number;
  readonly labels: readonly string[];
  readonly text: string;
}

function* statementsOf(source: string): Generator<Line> {
  const lines = source.split(/\r?\n/);
  for (const [index, raw] of lines.entries()) {
    for (const part of raw.replace(/(#|\/\/).*$/, '').split(';')) {
      const labels: string[] = [];
      let text = part.trim();
      for (
        let found = /^([A-Za-z_.$][\w.$]*):\s*/.exec(text);
        found;
        found = /^([A-Za-z_.$][\w.$]*):\s*/.exec(text)
      ) {
        labels.push(found[1]);
        text = text.slice(found[0].length);
      }
      if (text !== '' || labels.length > 0) yield { line: index + 1, labels, text };
    }
  }
}

const HELPER_CALL = /^call\s+([a-z_]\w*)$/i;

/** `call bpf_map_lookup_elem` with the number put in; other statements as they are. */
function nameHelpers(
  text: string,
  options: AssembleOptions,
  labels: ReadonlyMap<string, number>,
): string {
  const name = HELPER_CALL.exec(text)?.[1];
  if (name === undefined) return text;
  const id = options.helper?.(name);
  if (id !== undefined) return `call ${id}`;
  return labels.has(name) ? `call pc ${name}` : text;
}

function match(text: string, line: number): { matcher: Matcher; values: (string | undefined)[] } {
  for (const matcher of MATCHERS) {
    const found = matcher.pattern.exec(text);
    if (found) return { matcher, values: found.slice(1) };
  }
  throw new InputError(place(line), `"${text.slice(0, 80)}" is not an instruction`);
}

/** The value of a placeholder as a distance in slots from the next instruction. */
function distance(text: string, statement: Statement, labels: ReadonlyMap<string, number>): bigint {
  if (/^[-+\d]/.test(text)) return parseNumber(text);
  const target = labels.get(text);
  if (target === undefined)
    throw new InputError(place(statement.line), `label "${text}" is not defined`);
  return BigInt(target - statement.pc - 1);
}

function encodeStatement(
  statement: Statement,
  labels: ReadonlyMap<string, number>,
  code: Uint8Array,
  endian: Endian,
): void {
  const {
    matcher: { row, placeholders },
    values,
    line,
  } = statement;
  const fields: { -readonly [F in keyof Fields]: Fields[F] } = {};
  for (const [i, placeholder] of placeholders.entries()) {
    const text = values[i] ?? '';
    if (placeholder.endsWith('dst') || placeholder.endsWith('src')) {
      const field = placeholder.slice(1) as 'dst' | 'src';
      const register = bounded(text, 0n, 10n, 'register', line);
      if (fields[field] !== undefined && fields[field] !== register)
        throw new InputError(
          place(line),
          `both registers must be the same, r${fields[field]} and r${register} are not`,
        );
      fields[field] = register;
    } else if (placeholder === 'mem') {
      if (row.kind === 'packet') fields.imm = text === '' ? 0 : word32(text, 'offset', line);
      else fields.off = text === '' ? 0 : signed16(text, 'offset', line);
    } else if (placeholder === 'off') {
      fields.off = signed16(String(distance(text, statement, labels)), 'jump distance', line);
    } else if (placeholder === 'imm64') {
      // A pseudo load's third operand is the first slot's immediate; its fourth, where there is
      // one, the second slot's.
      const value = bounded64(text, line);
      fields.imm = Number(BigInt.asIntN(32, value));
      fields.nextImm =
        row.kind === 'lddw' && placeholders[i + 1] === 'imm'
          ? 0
          : Number(BigInt.asIntN(32, value >> 32n));
    } else if (row.kind === 'lddw') {
      fields.nextImm = word32(text, 'immediate', line);
    } else {
      fields.imm = word32(
        takesLabel(row, placeholder) ? String(distance(text, statement, labels)) : text,
        'immediate',
        line,
      );
    }
  }
  for (const [i, slot] of encodeRow(row, fields).entries())
    writeSlot(code, (statement.pc + i) * SLOT_BYTES, slot, endian);
}

function bounded64(text: string, line: number): bigint {
  const value = parseNumber(text);
  if (value < -(1n << 63n) || value >= 1n << 64n)
    throw new InputError(place(line), `immediate ${text.trim()} does not fit in 64 bits`);
  return value;
}

/** Assembles a program; an InputError names the line. */
export function assemble(source: string, options: AssembleOptions = {}): Uint8Array {
  const lines = [...statementsOf(source)];
  const labelNames = new Map<string, number>(
    lines.flatMap(({ labels }) => labels.map((label) => [label, 0])),
  );
  const labels = new Map<string, number>();
  const statements: Statement[] = [];
  let pc = 0;
  for (const { line, labels: names, text } of lines) {
    for (const name of names) {
      if (labels.has(name)) throw new InputError(place(line), `label "${name}" is defined twice`);
      labels.set(name, pc);
    }
    if (text === '') continue;
    const { matcher, values } = match(nameHelpers(text, options, labelNames), line);
    statements.push({ line, text, matcher, values, pc });
    pc += matcher.row.kind === 'lddw' ? 2 : 1;
  }
  const code = new Uint8Array(pc * SLOT_BYTES);
  for (const statement of statements)
    encodeStatement(statement, labels, code, options.endian ?? 'little');
  return code;
}
