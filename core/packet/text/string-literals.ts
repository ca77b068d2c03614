import { sequence } from '../../bytes/pattern.ts';
import { InputError } from '../../errors.ts';
import { commentEnd, placeAt } from './text-place.ts';

/** A literal of a programming language: where its content lies, and what stands in front of it. */
export interface Literal {
  readonly start: number;
  /** exclusive */
  readonly end: number;
  /** Python's `b''` is bytes, with escapes or without. */
  readonly bytes: boolean;
  /**
   * Nothing but white space, line continuations, `+` and prefixes between it and the one before.
   */
  readonly joined: boolean;
  /** The name it is given: `packet` of `"packet": "…"`. */
  readonly key: string;
  /** gdb's `<repeats 12 times>` behind it. */
  readonly repeats: number;
  /** Dots behind it: what prints it has cut it off. */
  readonly cut: boolean;
}

const KEY = sequence(
  '',
  /(?:^|[\s,{(;[])["'`]?([A-Za-z_][\w.-]*)["'`]?/,
  /\s*(?:\[[^[\]{}"']*\]\s*)?(?:[:=]|=>)\s*[[({]*\s*(?:[\w.]*\()?\s*$/,
);

/**
 * String literals of a text, so many at most; comments are none. An InputError where one is not
 * closed.
 */
export function literalsOf(text: string, most: number): Literal[] {
  const literals: Literal[] = [];
  const start = /\/[/*]|#|(\bb[r]?|\bx)?("""|'''|["'])/gi;
  let between = '';
  let end = 0;
  let key = '';
  for (
    let match = start.exec(text);
    match !== null && literals.length < most;
    match = start.exec(text)
  ) {
    between += text.slice(end, match.index);
    const [all, prefix, quotes] = match;
    if (quotes === undefined) {
      end = commentEnd(text, match.index)!;
    } else {
      const from = match.index + all.length;
      const to = closing(text, from, quotes);
      const near = between.slice(-160);
      key = KEY.exec(near)?.[1] ?? (/[;}\]]/.test(near) ? '' : key);
      const named = /^\s*:/.test(text.slice(to + quotes.length, to + 40));
      const behind = text.slice(to + quotes.length, to + 60);
      literals.push({
        start: from,
        end: to,
        bytes: /b/i.test(prefix ?? ''),
        joined: literals.length > 0 && !named && isJoint(between),
        key: named ? '' : key,
        repeats: Number(/^,?\s*<repeats (\d{1,6}) times>/.exec(behind)?.[1] ?? 1),
        cut: /^\s*\.{3}/.test(behind),
      });
      if (named) key = text.slice(from, to).slice(0, 80);
      between = '';
      end = to + quotes.length;
    }
    start.lastIndex = end;
  }
  return literals;
}

/**
 * Between parts of one literal: white space, `+`, a backslash at a line's end, prefixes; gdb puts
 * commas and repeats.
 */
const isJoint = (between: string): boolean => {
  const near = between.length > 400 ? between.slice(0, 400).trim() + between.slice(-4) : between;
  return (
    !/\n[ \t]*\n/.test(near) &&
    /^(?:,?\s*<repeats \d+ times>(?:\.{3})?,?)?[\s\\+.&]*(?:u8|[LUBbrRfx$])?$/.test(near)
  );
};

function closing(text: string, from: number, quotes: string): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text.startsWith(quotes, i)) return i;
  }
  throw new InputError(placeAt(text, from - 1), `string has no closing ${quotes}: copy it whole`);
}
