import { unreachable } from '../../errors.ts';
import { filterError } from './tokens.ts';

/**
 * Regular expressions in linear time: all ways through the pattern are walked at once (Thompson's
 * construction), so that no text makes one take longer than its length times the pattern's. What
 * would need going back, references to groups and looking ahead or behind, is refused by name.
 * Matches anywhere and in any case, as `matches` does; a character is a byte.
 */
export interface TextPattern {
  readonly matches: (bytes: Uint8Array) => boolean;
}

/** States of a pattern; `x{1000}{1000}` would have a million. */
const MAX_STATES = 4096;
/** Groups inside groups. */
const MAX_DEPTH = 64;
const MAX_REPEAT = 1000;

type Bytes = ReadonlySet<number>;
/** What stands between two bytes. */
type Edge = 'start' | 'end' | 'word' | 'no-word';
type State =
  | { readonly kind: 'byte'; readonly bytes: Bytes; next: number }
  | { readonly kind: 'edge'; readonly edge: Edge; next: number }
  | { readonly kind: 'either'; next: number; other: number }
  | { readonly kind: 'found' };

/** A pattern as a tree, before it is made into states. */
type Node =
  | { readonly kind: 'byte'; readonly bytes: Bytes }
  | { readonly kind: 'edge'; readonly edge: Edge }
  | { readonly kind: 'sequence' | 'either'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number };

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const code = (char: string): number => char.charCodeAt(0);
const ALL = range(0, 255);
const DIGITS = range(code('0'), code('9'));
const WORD = [...DIGITS, ...range(code('a'), code('z')), ...range(code('A'), code('Z')), code('_')];
const SPACES = [9, 10, 11, 12, 13, 32];
const without = (bytes: Iterable<number>): number[] => {
  const left = new Set(bytes);
  return ALL.filter((byte) => !left.has(byte));
};

const CLASSES: Readonly<Record<string, readonly number[]>> = {
  d: DIGITS,
  D: without(DIGITS),
  w: WORD,
  W: without(WORD),
  s: SPACES,
  S: without(SPACES),
};
const CONTROLS: Readonly<Record<string, number>> = {
  n: 10,
  r: 13,
  t: 9,
  f: 12,
  v: 11,
  e: 27,
  0: 0,
};
const IS_WORD: Bytes = new Set(WORD);

/** Both cases of every letter. */
function anyCase(bytes: Iterable<number>): Bytes {
  const both = new Set<number>();
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    both.add(byte);
    if (byte < 128) both.add(code(char.toLowerCase())).add(code(char.toUpperCase()));
  }
  return both;
}

/** Reads a pattern; `column` is where its text begins, for errors. */
class PatternReader {
  private at = 0;
  private depth = 0;
  private readonly text: string;
  private readonly column: number;

  constructor(text: string, column: number) {
    this.text = text;
    this.column = column;
  }

  read(): Node {
    // Upper and lower case are the same here anyway.
    this.take('(?i)');
    const node = this.either();
    if (this.at < this.text.length) this.refuse('")" closes no group');
    return node;
  }

  private take(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private refuse(reason: string): never {
    throw filterError(this.column + this.at, reason);
  }

  private either(): Node {
    const parts = [this.sequence()];
    while (this.take('|')) parts.push(this.sequence());
    return { kind: 'either', parts };
  }

  private sequence(): Node {
    const parts: Node[] = [];
    while (this.at < this.text.length && !/[|)]/.test(this.text.charAt(this.at)))
      parts.push(this.repeated(this.single()));
    return { kind: 'sequence', parts };
  }

  private repeated(part: Node): Node {
    const form = /(?:([*+?])|\{(\d{1,4})(?:(,)(\d{1,4})?)?\})[?]?/y;
    form.lastIndex = this.at;
    const [whole, sign, low, comma, high] = form.exec(this.text) ?? [];
    if (whole === undefined) return part;
    const least = sign ? (sign === '+' ? 1 : 0) : Number(low);
    const open = sign ? sign !== '?' : comma !== undefined && high === undefined;
    const most = open ? Number.POSITIVE_INFINITY : sign ? 1 : Number(high ?? low);
    if (most < least) this.refuse(`"${whole}" has its numbers in the wrong order`);
    if (least > MAX_REPEAT || (!open && most > MAX_REPEAT))
      this.refuse(`"${whole}" repeats more than ${MAX_REPEAT} times, the most that is read`);
    this.at += whole.length;
    if (/[*+?]/.test(this.text.charAt(this.at)))
      this.refuse(`"${this.text.charAt(this.at)}" repeats nothing`);
    return { kind: 'repeat', part, least, most };
  }

  private single(): Node {
    const char = this.text.charAt(this.at);
    if (char === '(') return this.group();
    if (char === '[') return this.set();
    if (char === '\\') return this.escape();
    if (/[*+?]/.test(char)) this.refuse(`"${char}" repeats nothing`);
    this.at++;
    if (char === '^') return { kind: 'edge', edge: 'start' };
    if (char === '$') return { kind: 'edge', edge: 'end' };
    if (char === '.') return { kind: 'byte', bytes: new Set(without([10])) };
    return this.literal(char);
  }

  /** Text beyond Latin-1 is as many bytes as UTF-8 has of it. */
  private literal(char: string): Node {
    const whole = String.fromCodePoint(this.text.codePointAt(this.at - 1) ?? 0);
    this.at += whole.length - char.length;
    const parts = [...new TextEncoder().encode(whole)].map(
      (byte): Node => ({ kind: 'byte', bytes: anyCase([byte]) }),
    );
    return { kind: 'sequence', parts };
  }

  private group(): Node {
    this.at++;
    if (this.text.charAt(this.at) === '?' && !this.take('?:')) {
      const what = /^\?<?[=!]/.test(this.text.slice(this.at)) ? 'looking ahead or behind' : '"(?"';
      this.refuse(`${what} is not read here: "(...)" and "(?:...)" are`);
    }
    if (++this.depth > MAX_DEPTH) this.refuse(`more than ${MAX_DEPTH} groups inside each other`);
    const node = this.either();
    this.depth--;
    if (!this.take(')')) this.refuse('")" is missing');
    return node;
  }

  private escape(): Node {
    const char = this.text.charAt(this.at + 1);
    if (char === 'b' || char === 'B') {
      this.at += 2;
      return { kind: 'edge', edge: char === 'b' ? 'word' : 'no-word' };
    }
    return { kind: 'byte', bytes: anyCase(this.escaped()) };
  }

  /** The bytes behind a backslash. */
  private escaped(): readonly number[] {
    const char = this.text.charAt(this.at + 1);
    if (char === '') this.refuse('"\\" ends the pattern');
    if (/[1-9k]/.test(char)) this.refuse('references to groups are not read here');
    const [hex, digits] = /^\\x([0-9a-f]{2})/i.exec(this.text.slice(this.at)) ?? [];
    this.at += hex?.length ?? 2;
    if (digits !== undefined) return [Number.parseInt(digits, 16)];
    const bytes = CLASSES[char] ?? (CONTROLS[char] === undefined ? undefined : [CONTROLS[char]]);
    if (bytes) return bytes;
    if (/[a-z]/i.test(char)) {
      this.at -= 2;
      this.refuse(`"\\${char}" is not read here`);
    }
    return [...new TextEncoder().encode(char)];
  }

  private set(): Node {
    this.at++;
    const isNot = this.take('^');
    const bytes: number[] = [];
    for (let first = true; first || !this.take(']'); first = false) {
      const from = this.oneOfSet();
      const to = /^-[^\]]/.test(this.text.slice(this.at)) ? this.rangeEnd(from) : undefined;
      bytes.push(...(to === undefined ? from : range(from[0] ?? 0, to)));
    }
    const both = anyCase(bytes);
    return { kind: 'byte', bytes: isNot ? new Set(without(both)) : both };
  }

  private oneOfSet(): readonly number[] {
    const char = this.text.charAt(this.at);
    if (char === '') this.refuse('"]" is missing');
    if (this.text.startsWith('[:', this.at)) this.refuse('"[:" is not read here');
    if (char === '\\') return this.escaped();
    if (code(char) > 0x7f) this.refuse(`"${char}" is more than one byte, a set has bytes`);
    this.at++;
    return [code(char)];
  }

  private rangeEnd(from: readonly number[]): number {
    this.at++;
    const [to = 0, ...more] = this.oneOfSet();
    if (from.length > 1 || more.length > 0 || to < (from[0] ?? 0))
      this.refuse('the ends of this range are in the wrong order');
    return to;
  }
}

/** Makes states of a tree; `refuse` ends it where it is too large. */
class States {
  readonly all: State[] = [{ kind: 'found' }];
  /** Nothing repeated a million times has no states, and is as long in the making. */
  private work = 0;
  private readonly refuse: () => never;

  constructor(refuse: () => never) {
    this.refuse = refuse;
  }

  private add(state: State): number {
    return this.all.push(state) - 1;
  }

  /** Adds the states of a node in front of `next`; answers the first of them. */
  build(node: Node, next: number): number {
    if (++this.work > MAX_STATES) this.refuse();
    switch (node.kind) {
      case 'byte':
        return this.add({ kind: 'byte', bytes: node.bytes, next });
      case 'edge':
        return this.add({ kind: 'edge', edge: node.edge, next });
      case 'sequence':
        return node.parts.reduceRight((after, part) => this.build(part, after), next);
      case 'either':
        return node.parts
          .map((part) => this.build(part, next))
          .reduceRight((other, first) => this.add({ kind: 'either', next: first, other }));
      case 'repeat':
        return this.repeat(node, next);
      default:
        return unreachable(node);
    }
  }

  private repeat({ part, least, most }: Extract<Node, { kind: 'repeat' }>, next: number): number {
    let first = next;
    if (most === Number.POSITIVE_INFINITY) {
      const loop = { kind: 'either' as const, next, other: next };
      first = this.add(loop);
      loop.next = this.build(part, first);
    } else
      for (let i = least; i < most; i++)
        first = this.add({ kind: 'either', next: this.build(part, first), other: next });
    for (let i = 0; i < least; i++) first = this.build(part, first);
    return first;
  }
}

/** Compiles a pattern; `column` is where its text stands in the filter, for errors. */
export function textPattern(text: string, column: number): TextPattern {
  const node = new PatternReader(text, column).read();
  const states = new States(() => {
    throw filterError(column, 'the pattern is too large: fewer repetitions would do');
  });
  const first = states.build(node, 0);
  return { matches: (bytes) => isIn(states.all, first, bytes) };
}

/** Every state that a match may be in at each byte, all at once. */
function isIn(states: readonly State[], first: number, bytes: Uint8Array): boolean {
  const seen = new Int32Array(states.length).fill(-1);
  let here: number[] = [];
  for (let at = 0; at <= bytes.length; at++) {
    const open = [...here, first];
    here = [];
    const byte = bytes[at];
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      if (seen[i] === at) continue;
      seen[i] = at;
      const state = states[i];
      if (state?.kind === 'found') return true;
      if (state?.kind === 'either') open.push(state.other, state.next);
      else if (state?.kind === 'edge') {
        if (isEdge(state.edge, bytes, at)) open.push(state.next);
      } else if (state && byte !== undefined && state.bytes.has(byte)) here.push(state.next);
    }
  }
  return false;
}

function isEdge(edge: Edge, bytes: Uint8Array, at: number): boolean {
  if (edge === 'start') return at === 0;
  // A line feed that ends the text stands behind its end, as in Perl.
  if (edge === 'end') return at === bytes.length || (at === bytes.length - 1 && bytes[at] === 10);
  const isWord = (i: number) => IS_WORD.has(bytes[i] ?? -1);
  return (isWord(at - 1) !== isWord(at)) === (edge === 'word');
}
