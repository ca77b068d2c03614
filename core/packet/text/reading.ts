import type { InputError } from '../../errors.ts';

/** One way to read a text: the packets it gives, and what speaks for it. */
export interface Reading {
  /** Name for `--as`. */
  readonly name: string;
  /** For people: `tcpdump -xx`, `C array`. */
  readonly dialect: string;
  readonly packets: readonly Uint8Array[];
  readonly notes: readonly string[];
  /**
   * What the form of the text says for it: offsets that count, quotes, an ASCII column. Headers are
   * judged apart.
   */
  readonly form: number;
  /** Lines it took bytes from or knows to be none of a packet, from 0. */
  readonly read: ReadonlySet<number>;
}

/** A form that is recognised but broken: if nothing else convinces more, this is what is said. */
export interface Broken {
  readonly name: string;
  readonly form: number;
  readonly error: InputError;
}

export const isBroken = (reading: Reading | Broken): reading is Broken => 'error' in reading;

/** Line numbers for people: `3`, `3 and 5`, `3 to 9`, `3, 5 to 7 and 12`. */
export function lineList(lines: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last && last[1] + 1 === line) last[1] = line;
    else runs.push([line, line]);
  }
  const texts = runs
    .slice(0, 6)
    .map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`));
  if (runs.length > 6) texts.push(`${runs.length - 6} more`);
  const end = texts.pop()!;
  return texts.length === 0 ? end : `${texts.join(', ')} and ${end}`;
}
