import { FILTER_FIELDS, type FilterField, type FilterType, nearestFields } from './fields.ts';
import {
  bytesOperand,
  FAMILY,
  type Family,
  type FilterLiteral,
  type LiteralFor,
  literalOf,
} from './literals.ts';
import {
  against,
  andBytes,
  EQUAL,
  type FilterRelation,
  isInside,
  isNotZero,
  NOT_LESS,
  NOT_MORE,
  RELATIONS,
  type ValueTest,
} from './relations.ts';
import type { FilterValue } from './row-value.ts';
import { sliceOf } from './slices.ts';
import { textPattern } from './text-pattern.ts';
import { type FilterToken, filterError, tokensOf } from './tokens.ts';
import { bytesOfValue, type FieldRead, orderOf, type PacketValues, readOf } from './values.ts';

/** Whether a packet is one of those that a filter, or a part of it, leaves. */
export type FilterTest = (values: PacketValues) => boolean;

/** What stands on the left side of a comparison. */
interface Operand extends LiteralFor {
  readonly read: FieldRead;
  readonly column: number;
  /** A value of nothing but zeros is as none: it was asked for bits. */
  readonly zeroIsNone?: boolean;
}

/** Words that are no names of fields. */
export const FILTER_WORDS: ReadonlySet<string> = new Set([
  ...[...RELATIONS.keys()].filter((name) => /\w/.test(name)),
  ...['and', 'or', 'xor', 'not', 'contains', 'matches', 'in', 'any', 'all'],
]);

/** Signs and words for the same. */
const OR = ['or', '||'];
const XOR = ['xor', '^^'];
const AND = ['and', '&&'];
const NOT = ['not', '!'];
const MATCHES = ['matches', '~'];

/** Parentheses and `not` inside each other. */
const MAX_NESTED = 128;

/** Types whose values are looked into, byte by byte. */
const HAS_BYTES: ReadonlySet<FilterType> = new Set([
  'mac',
  'bytes',
  'header',
  'group',
  'text',
  'name',
]);
/** Those that are cut to pieces. */
const HAS_SLICES: ReadonlySet<FilterType> = new Set([...HAS_BYTES, 'ipv4', 'ipv6']);

const FUNCTIONS: Readonly<Record<string, (operand: Operand) => Operand>> = {
  len: (operand) => ({
    ...counted(operand),
    read: each(operand, (value) => bytesOfValue(value).length),
  }),
  count: (operand) => ({ ...counted(operand), read: (values) => [operand.read(values).length] }),
  lower: (operand) => inCase(operand, 'lower', (text) => text.toLowerCase()),
  upper: (operand) => inCase(operand, 'upper', (text) => text.toUpperCase()),
};

const counted = ({ name, column }: Operand): LiteralFor & { column: number } => ({
  name,
  column,
  type: 'number',
});

const each =
  ({ read }: Operand, change: (value: FilterValue) => FilterValue): FieldRead =>
  (values) =>
    read(values).map(change);

function inCase(operand: Operand, word: string, change: (text: string) => string): Operand {
  if (FAMILY[operand.type] !== 'text')
    throw filterError(operand.column, `${word}() takes a text, ${operand.name} is none`);
  return { ...operand, read: each(operand, (value) => change(String(value))) };
}

/** Bytes up to a zero, where a text ends that is shorter than its field. */
function textOf(value: FilterValue): FilterValue {
  if (!(value instanceof Uint8Array)) return value;
  const end = value.indexOf(0);
  return new TextDecoder().decode(end < 0 ? value : value.subarray(0, end));
}

const WORDS: Readonly<Record<Family, string>> = {
  number: 'a number',
  time: 'a time',
  bytes: 'bytes',
  text: 'a text',
};

const negated =
  (test: FilterTest): FilterTest =>
  (values) =>
    !test(values);

/** Whether one value passes, or all of them where `all` is said; none never do. */
const some = ({ read }: Operand, test: ValueTest, all = false): FilterTest =>
  all
    ? (values) => {
        const there = read(values);
        return there.length > 0 && there.every(test);
      }
    : (values) => read(values).some(test);

function needBytes({ name, type }: Operand, column: number, word: string): void {
  if (HAS_BYTES.has(type)) return;
  const what = type === 'ipv4' || type === 'ipv6' ? 'an address' : WORDS[FAMILY[type]];
  throw filterError(column, `${name} is ${what}: "${word}" looks into bytes and texts`);
}

function unknown(name: string): string {
  const near = nearestFields(name);
  const cure = near.length === 0 ? '' : `; near it: ${near.join(', ')}`;
  return `there is no field "${name.slice(0, 60)}"${cure}`;
}

function noField(kind: FilterToken['kind'], text: string): string {
  if (kind === 'end') return 'a field is missing at the end';
  return kind === 'string' || kind === 'char'
    ? 'a field stands on the left side, a text on the right'
    : `a field should stand here, not "${text}"`;
}

/** Reads a filter from its left to its right, by the precedence of Wireshark's grammar. */
export class FilterParser {
  /** The fields that it says. */
  readonly fields = new Set<FilterField>();
  private readonly tokens: readonly FilterToken[];
  private readonly last: FilterToken;
  private at = 0;
  private nested = 0;

  constructor(text: string) {
    this.tokens = tokensOf(text);
    this.last = this.tokens.at(-1) ?? { kind: 'end', text: '', column: 1 };
  }

  parse(): FilterTest {
    const test = this.or();
    const { kind, text, column } = this.next;
    if (kind !== 'end')
      throw filterError(column, `"${text}" cannot follow here: and, or, xor and their signs can`);
    return test;
  }

  private get next(): FilterToken {
    return this.tokens[this.at] ?? this.last;
  }

  private take(): FilterToken {
    const token = this.next;
    this.at++;
    return token;
  }

  /** Takes the next token where it is one of these. */
  private takes(...texts: readonly string[]): FilterToken | undefined {
    const { kind, text } = this.next;
    return (kind === 'word' || kind === 'sign') && texts.includes(text) ? this.take() : undefined;
  }

  private need(text: string, why: string): void {
    if (!this.takes(text)) throw filterError(this.next.column, `"${text}" is missing ${why}`);
  }

  private or(): FilterTest {
    let test = this.xor();
    while (this.takes(...OR)) {
      const [left, right] = [test, this.xor()];
      test = (values) => left(values) || right(values);
    }
    return test;
  }

  private xor(): FilterTest {
    let test = this.and();
    while (this.takes(...XOR)) {
      const [left, right] = [test, this.and()];
      test = (values) => left(values) !== right(values);
    }
    return test;
  }

  private and(): FilterTest {
    let test = this.not();
    while (this.takes(...AND)) {
      const [left, right] = [test, this.not()];
      test = (values) => left(values) && right(values);
    }
    return test;
  }

  private not(): FilterTest {
    if (++this.nested > MAX_NESTED)
      throw filterError(this.next.column, `more than ${MAX_NESTED} parts inside each other`);
    const test = this.takes(...NOT) ? negated(this.not()) : this.test();
    this.nested--;
    return test;
  }

  private test(): FilterTest {
    const open = this.takes('(');
    if (open) {
      const test = this.or();
      this.need(')', `for the "(" of column ${open.column}`);
      return test;
    }
    const quantifier = this.takes('any', 'all');
    const left = this.operand();
    const test = this.compared(left, quantifier && quantifier.text === 'all');
    if (test) return test;
    if (quantifier)
      throw filterError(
        this.next.column,
        `"${quantifier.text}" is said of a comparison: ${quantifier.text} ${left.name} == ...`,
      );
    if (left.zeroIsNone) return (values) => left.read(values).some(isNotZero);
    return (values) => left.read(values).length > 0;
  }

  /** The comparison behind an operand; undefined where there is none. */
  private compared(left: Operand, all: boolean | undefined): FilterTest | undefined {
    const { kind, text, column } = this.next;
    const found = kind === 'word' || kind === 'sign' ? RELATIONS.get(text) : undefined;
    if (found) {
      this.take();
      return this.relation(left, all === undefined ? found : { ...found, all });
    }
    if (this.takes('contains')) return some(left, this.contains(left, column), all);
    if (this.takes(...MATCHES)) return some(left, this.matches(left, column), all);
    if (this.takes('in')) return some(left, this.set(left), all);
    if (text !== 'not' || this.tokens[this.at + 1]?.text !== 'in') return undefined;
    this.at += 2;
    return negated(some(left, this.set(left), all));
  }

  private relation(left: Operand, { holds, all }: FilterRelation): FilterTest {
    const right = this.rightField(left);
    if (right === undefined)
      return some(left, against(literalOf(this.literal(left), left), holds), all);
    return (values) => {
      const others = right.read(values);
      const pair = (value: FilterValue) =>
        all
          ? others.every((other) => holds(orderOf(value, other)))
          : others.some((other) => holds(orderOf(value, other)));
      const mine = left.read(values);
      return all ? mine.length > 0 && others.length > 0 && mine.every(pair) : mine.some(pair);
    };
  }

  /** The operand on the right side, where that is a field; a text may be one's name in quotes. */
  private rightField(left: Operand): Operand | undefined {
    const { kind, text, column } = this.next;
    const isField = FILTER_FIELDS.has(text) || this.isCall();
    if (kind !== 'word' || !isField) return undefined;
    const right = this.operand();
    if (FAMILY[right.type] !== FAMILY[left.type])
      throw filterError(
        column,
        `${right.name} is ${WORDS[FAMILY[right.type]]}, ` +
          `${left.name} is ${WORDS[FAMILY[left.type]]}: they cannot be compared`,
      );
    return right;
  }

  /** A token that can stand for a value. */
  private literal({ name }: LiteralFor): FilterToken {
    const token = this.take();
    if (token.kind === 'end' || token.kind === 'sign' || token.kind === 'slice')
      throw filterError(
        token.column,
        `what ${name} is compared with is missing` +
          `${token.kind === 'end' ? '' : ` in front of "${token.text}"`}`,
      );
    return token;
  }

  private contains(left: Operand, column: number): ValueTest {
    needBytes(left, column, 'contains');
    const token = this.literal(left);
    if (FAMILY[left.type] === 'text') return (value) => String(value).includes(token.text);
    const wanted = bytesOperand(token, left.name);
    return (value) => isInside(bytesOfValue(value), wanted);
  }

  private matches(left: Operand, column: number): ValueTest {
    needBytes(left, column, 'matches');
    const token = this.literal(left);
    if (token.kind !== 'string')
      throw filterError(token.column, `matches takes a pattern in quotes: "${token.text}"`);
    const pattern = textPattern(token.text, token.column + 1);
    return (value) => pattern.matches(bytesOfValue(value));
  }

  /** `{80, 443, 8000..8080}` */
  private set(left: Operand): ValueTest {
    this.need('{', 'in front of the values: {80, 443, 8000..8080}');
    const tests: ValueTest[] = [];
    do tests.push(this.entry(left));
    while (this.takes(','));
    this.need('}', 'behind the values, or "," between them');
    return (value) => tests.some((test) => test(value));
  }

  private entry(left: Operand): ValueTest {
    const [token, low] = this.entryValue(left);
    if (!this.takes('..')) return against(low, EQUAL.holds);
    const [, high] = this.entryValue(left);
    if (orderOf(low.value, high.value) > 0)
      throw filterError(token.column, 'the ends of this range are in the wrong order');
    const [notLess, notMore] = [against(low, NOT_LESS.holds), against(high, NOT_MORE.holds)];
    return (value) => notLess(value) && notMore(value);
  }

  private entryValue(left: Operand): [FilterToken, FilterLiteral] {
    const token = this.literal(left);
    return [token, literalOf(token, left)];
  }

  /** Whether a function's name with a parenthesis is next. */
  private isCall(): boolean {
    const after = this.tokens[this.at + 1];
    return this.next.kind === 'word' && after?.kind === 'sign' && after.text === '(';
  }

  /** A field or a function, with a slice, with the bits that count. */
  private operand(): Operand {
    const operand = this.isCall() ? this.call() : this.field();
    const sliced = this.next.kind === 'slice' ? this.sliced(operand, this.take()) : operand;
    return this.takes('&') ? this.masked(sliced) : sliced;
  }

  private call(): Operand {
    const { text, column } = this.take();
    const make = Object.hasOwn(FUNCTIONS, text) ? FUNCTIONS[text] : undefined;
    if (make === undefined)
      throw filterError(
        column,
        FILTER_FIELDS.has(text)
          ? '"(" cannot follow a field'
          : `${text}() is not read here: ${Object.keys(FUNCTIONS).join(', ')} are`,
      );
    this.take();
    const operand = make(this.operand());
    this.need(')', `behind what ${text} is given`);
    return { ...operand, column };
  }

  private field(): Operand {
    const { kind, text, column } = this.take();
    if (kind !== 'word' || FILTER_WORDS.has(text)) throw filterError(column, noField(kind, text));
    const field = FILTER_FIELDS.get(text);
    if (field === undefined) throw filterError(column, unknown(text));
    this.fields.add(field);
    const { name, type, row } = field;
    const read = readOf(field);
    const isText = type === 'text';
    return {
      name,
      type,
      row,
      column,
      read: isText ? (values) => read(values).map(textOf) : read,
    };
  }

  private sliced(operand: Operand, slice: FilterToken): Operand {
    const { name, type, column } = operand;
    if (!HAS_SLICES.has(type))
      throw filterError(slice.column, `${name} is ${WORDS[FAMILY[type]]}, slices are cut of bytes`);
    const take = sliceOf(slice);
    const isText = FAMILY[type] === 'text';
    const read: FieldRead = (values) =>
      operand.read(values).flatMap((value) => {
        const bytes = take(bytesOfValue(value));
        if (bytes === undefined) return [];
        return [isText ? new TextDecoder().decode(bytes) : bytes];
      });
    return { name: `${name}[${slice.text}]`, type: isText ? 'text' : 'bytes', column, read };
  }

  /** `tcp.flags & 0x12`, and the same of sliced bytes. */
  private masked(operand: Operand): Operand {
    const { name, type, row, column } = operand;
    const token = this.literal(operand);
    if (FAMILY[type] === 'bytes' && name.endsWith(']')) {
      const mask = bytesOperand(token, name);
      const read: FieldRead = (values) =>
        operand.read(values).map((value) => andBytes(bytesOfValue(value), mask));
      return { name, type, column, read, zeroIsNone: true };
    }
    if (FAMILY[type] !== 'number')
      throw filterError(token.column, `${name} is ${WORDS[FAMILY[type]]}, "&" takes a number`);
    const mask = BigInt(Number(literalOf(token, { name, type: 'number', row }).value));
    const and = each(operand, (value) => Number(BigInt(Number(value)) & mask));
    return { name, type, row, column, read: and, zeroIsNone: true };
  }
}
