import { parseInteger } from '../bytes/integer.ts';
import { InputError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { readBitField } from '../object/btf/format.ts';
import {
  type CValue,
  elementOf,
  endianOf,
  memberOf,
  numberOf,
  pointee,
  readBytes,
} from './c-value.ts';

/**
 * Conditions and watched expressions over the machine, in C's operators and precedence, 64 bits
 * with sign:
 *
 *     r1 == 5 && packet[23] == 6        w3 is the low half of r3; packet[30:4] is four bytes,
 *                                       network byte order
 *     *(u32 *)(r10 - 8) & 0xff          a load as the machine does it
 *     step > 100 || ip->protocol == 6   variables of C: members, elements, what pointers point at
 *     bpf_ntohs(udp->dest) == 53        and the conversions of <bpf/bpf_endian.h>
 *
 * Where memory cannot be read, or a variable has no value, the whole expression has none.
 */
export type Names = (name: string) => CValue | undefined;
type NumberOf = (machine: Machine, names: Names) => bigint | undefined;
type ValueOf = (machine: Machine, names: Names) => CValue | undefined;

export interface Expression {
  /** Undefined: it cannot be told here. */
  readonly number: NumberOf;
  /** Of a variable or a part of one: what it holds, with its type. */
  readonly value?: ValueOf;
}

/** An expression as it was typed, with the variables and enumerators that it names. */
export interface ParsedExpression extends Expression {
  readonly names: readonly string[];
}

const TOKEN = /\s*(0x[0-9a-f]+|\d+|[a-z_]\w*|&&|\|\||==|!=|<=|>=|<<|>>|->|[-+*/%&|^~!<>()[\]:.])/iy;
const MOST_TOKENS = 256;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (/\S/.test(text.slice(TOKEN.lastIndex))) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (found === null)
      throw new InputError(
        `expression, character ${at + 1}`,
        `"${text.slice(at).trim().slice(0, 20)}" is not understood`,
      );
    tokens.push(found[1]);
    if (tokens.length > MOST_TOKENS)
      throw new InputError('expression', `is longer than ${MOST_TOKENS} words`);
  }
  return tokens;
}

type Binary = (a: bigint, b: bigint) => bigint | undefined;
const truth = (value: boolean): bigint => (value ? 1n : 0n);

/** By precedence, loosest first. */
const BINARY: readonly Readonly<Record<string, Binary>>[] = [
  { '|': (a, b) => a | b },
  { '^': (a, b) => a ^ b },
  { '&': (a, b) => a & b },
  { '==': (a, b) => truth(a === b), '!=': (a, b) => truth(a !== b) },
  {
    '<': (a, b) => truth(a < b),
    '<=': (a, b) => truth(a <= b),
    '>': (a, b) => truth(a > b),
    '>=': (a, b) => truth(a >= b),
  },
  { '<<': (a, b) => a << (b & 63n), '>>': (a, b) => a >> (b & 63n) },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  {
    '*': (a, b) => a * b,
    '/': (a, b) => (b === 0n ? undefined : a / b),
    '%': (a, b) => (b === 0n ? undefined : a % b),
  },
];

const SIZES: Readonly<Record<string, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  s8: 1,
  s16: 2,
  s32: 4,
  s64: 8,
};
const REGISTER = /^([rw])(\d|10)$/;

function readNumber(machine: Machine, pointer: bigint, type: string): bigint | undefined {
  const size = SIZES[type];
  const bytes = readBytes(machine, pointer, size);
  const value = bytes && readBitField({ bytes, endian: endianOf(machine) }, 0, size * 8);
  return value !== undefined && type.startsWith('s') ? BigInt.asIntN(size * 8, value) : value;
}

/** Bytes of the frame as the packet pane counts them, first byte first. */
function packetNumber(machine: Machine, offset: bigint, size: bigint): bigint | undefined {
  const { data, hidden, end } = machine.packet;
  const at = data - hidden + Number(offset);
  if (offset < 0n || size < 1n || size > 8n || at + Number(size) > end) return undefined;
  let value = 0n;
  for (let i = 0; i < Number(size); i++)
    value = (value << 8n) | BigInt(machine.memory.bytes[at + i]);
  return value;
}

const numberOnly = (number: NumberOf): Expression => ({ number });

const valued = (value: ValueOf): Expression => ({
  value,
  number: (machine, names) => {
    const found = value(machine, names);
    return found && numberOf(machine, found);
  },
});

/**
 * Bits whose bytes a conversion of <bpf/bpf_endian.h> or <arpa/inet.h> turns round, where the
 * machine is little-endian.
 */
const CONVERSIONS: Readonly<Record<string, number>> = Object.fromEntries(
  ['', 'bpf_'].flatMap((prefix) =>
    ['hton', 'ntoh'].flatMap((name) => [
      [`${prefix}${name}s`, 16],
      [`${prefix}${name}l`, 32],
    ]),
  ),
);

function turned(value: bigint, bits: number, littleEndian: boolean): bigint {
  let result = 0n;
  for (let shift = 0; shift < bits; shift += 8)
    result = (result << 8n) | ((value >> BigInt(shift)) & 0xffn);
  return littleEndian ? result : BigInt.asUintN(bits, value);
}

class Parser {
  readonly names = new Set<string>();
  private readonly tokens: readonly string[];
  private at = 0;

  constructor(text: string) {
    this.tokens = tokensOf(text);
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at += 1;
    return true;
  }

  private need(token: string): void {
    if (!this.take(token))
      throw new InputError('expression', `has ${this.here()} where "${token}" is expected`);
  }

  private here(): string {
    const token = this.tokens[this.at];
    return token === undefined ? 'its end' : `"${token}"`;
  }

  whole(): Expression {
    const expression = this.logical('||');
    if (this.at < this.tokens.length)
      throw new InputError('expression', `goes on with ${this.here()}`);
    return expression;
  }

  private logical(operator: '||' | '&&'): Expression {
    const inner = (): Expression => (operator === '||' ? this.logical('&&') : this.binary(0));
    let left = inner();
    while (this.take(operator)) {
      const [a, b] = [left, inner()];
      left = numberOnly((machine, names) => {
        const first = a.number(machine, names);
        if (first === undefined) return undefined;
        if ((first !== 0n) === (operator === '||')) return truth(operator === '||');
        const second = b.number(machine, names);
        return second === undefined ? undefined : truth(second !== 0n);
      });
    }
    return left;
  }

  private binary(level: number): Expression {
    if (level === BINARY.length) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const operate = Object.hasOwn(BINARY[level], this.tokens[this.at] ?? '')
        ? BINARY[level][this.tokens[this.at]]
        : undefined;
      if (operate === undefined) return left;
      this.at += 1;
      const [a, b] = [left, this.binary(level + 1)];
      left = numberOnly((machine, names) => {
        const [x, y] = [a.number(machine, names), b.number(machine, names)];
        const result = x === undefined || y === undefined ? undefined : operate(x, y);
        return result === undefined ? undefined : BigInt.asIntN(64, result);
      });
    }
  }

  private unary(): Expression {
    if (this.take('-')) return this.applied((value) => -value);
    if (this.take('~')) return this.applied((value) => ~value);
    if (this.take('!')) return this.applied((value) => truth(value === 0n));
    if (this.take('*')) return this.isCast() ? this.load() : this.pointed();
    return this.postfix();
  }

  private applied(operate: (value: bigint) => bigint): Expression {
    const inner = this.unary();
    return numberOnly((machine, names) => {
      const value = inner.number(machine, names);
      return value === undefined ? undefined : BigInt.asIntN(64, operate(value));
    });
  }

  /** Behind `*`: `(u8 *)`, or anything else in parentheses that ends so. */
  private isCast(): boolean {
    const [open, , star, close] = this.tokens.slice(this.at, this.at + 4);
    return open === '(' && star === '*' && close === ')';
  }

  /** Behind `*`: a type in parentheses, then an address. */
  private load(): Expression {
    this.need('(');
    const type = this.tokens[this.at++] ?? '';
    if (!Object.hasOwn(SIZES, type))
      throw new InputError(
        'expression',
        `loads are *(u8 *)address, with u8 to u64 or s8 to s64, not "${type}"`,
      );
    this.need('*');
    this.need(')');
    const pointer = this.unary();
    return numberOnly((machine, names) => {
      const address = pointer.number(machine, names);
      return address === undefined ? undefined : readNumber(machine, address, type);
    });
  }

  private pointed(): Expression {
    return this.part(this.unary(), '*', (machine, inner) => pointee(machine, inner));
  }

  /** A part of a variable; `sign`: what asks for one. */
  private part(
    { value }: Expression,
    sign: string,
    take: (machine: Machine, inner: CValue, names: Names) => CValue | undefined,
  ): Expression {
    if (value === undefined)
      throw new InputError('expression', `"${sign}" needs a variable of the source`);
    return valued((machine, names) => {
      const inner = value(machine, names);
      return inner && take(machine, inner, names);
    });
  }

  private postfix(): Expression {
    let expression = this.primary();
    for (;;) {
      if (this.take('->')) {
        const name = this.name();
        expression = this.part(expression, '->', (machine, inner) => {
          const target = pointee(machine, inner);
          return target && memberOf(target, name);
        });
      } else if (this.take('.')) {
        const name = this.name();
        expression = this.part(expression, '.', (_machine, inner) => memberOf(inner, name));
      } else if (this.take('[')) {
        const index = this.logical('||');
        this.need(']');
        expression = this.part(expression, '[', (machine, inner, names) => {
          const at = index.number(machine, names);
          return at === undefined ? undefined : elementOf(machine, inner, at);
        });
      } else return expression;
    }
  }

  private name(): string {
    const name = this.tokens[this.at++] ?? '';
    if (!/^[a-z_]/i.test(name))
      throw new InputError('expression', 'has no name of a member behind "." or "->"');
    return name;
  }

  private primary(): Expression {
    if (this.take('(')) {
      const inner = this.logical('||');
      this.need(')');
      return inner;
    }
    const token = this.tokens[this.at++];
    if (token === undefined) throw new InputError('expression', 'ends where a value is expected');
    if (/^\d/.test(token)) {
      const value = parseInteger(token, 'expression');
      return numberOnly(() => value);
    }
    if (token === 'packet' && this.take('[')) return this.packet();
    if (Object.hasOwn(CONVERSIONS, token) && this.take('('))
      return this.conversion(CONVERSIONS[token]);
    const register = REGISTER.exec(token);
    if (register) return numberOnly(registerValue(register[1] === 'w', Number(register[2])));
    if (token === 'step') return numberOnly((machine) => BigInt(machine.steps));
    if (!/^[a-z_]/i.test(token))
      throw new InputError('expression', `has "${token}" where a value is expected`);
    this.names.add(token);
    return valued((_machine, names) => names(token));
  }

  private conversion(bits: number): Expression {
    const inner = this.logical('||');
    this.need(')');
    return numberOnly((machine, names) => {
      const value = inner.number(machine, names);
      return value === undefined ? undefined : turned(value, bits, machine.memory.littleEndian);
    });
  }

  private packet(): Expression {
    const offset = this.logical('||');
    const size = this.take(':') ? this.logical('||') : numberOnly(() => 1n);
    this.need(']');
    return numberOnly((machine, names) => {
      const [from, count] = [offset.number(machine, names), size.number(machine, names)];
      return from === undefined || count === undefined
        ? undefined
        : packetNumber(machine, from, count);
    });
  }
}

const registerValue =
  (low: boolean, index: number): NumberOf =>
  ({ registers }) =>
    low ? BigInt.asUintN(32, registers[index]) : BigInt.asIntN(64, registers[index]);

/** Reads an expression; throws InputError with what is wrong. */
export function parseExpression(text: string): ParsedExpression {
  const parser = new Parser(text);
  return { ...parser.whole(), names: [...parser.names] };
}

/** The member or variable that an expression ends with: its name says how it reads. */
export const lastName = (text: string): string => /(\w+)\W*$/.exec(text)?.[1] ?? '';
