import { PROTOCOLS } from '../../spec/layers.ts';
import { FILTER_FIELDS, OUTCOME_FIELDS } from './fields.ts';
import { FILTER_WORDS, FilterParser } from './parse.ts';
import { UsualHeaders } from './usual-headers.ts';
import { type FilterSubject, PacketValues } from './values.ts';

/** A display filter, compiled: from here on its text is not read again. */
export interface DisplayFilter {
  readonly matches: (subject: FilterSubject) => boolean;
  /** It asks for what became of packets, so its answer changes as they run. */
  readonly needsOutcome: boolean;
}

/** Compiles a display filter in Wireshark's syntax; an InputError with the column where it ends. */
export function compileFilter(text: string): DisplayFilter {
  const parser = new FilterParser(text);
  const test = parser.parse();
  const fields = [...parser.fields];
  const wanted = new Set(fields.flatMap(({ name, of = [name] }) => of));
  const usual = UsualHeaders.of(wanted);
  const values = new PacketValues(wanted, usual);
  return {
    matches: (subject) => test(values.lookAt(subject)),
    needsOutcome: fields.some(({ name }) => OUTCOME_FIELDS.has(name)),
  };
}

const HEADER_NAMES: ReadonlySet<string> = new Set(Object.values(PROTOCOLS).map(({ name }) => name));
const SIGNS = /[=!<>&|~(){}"[\]]/;

/**
 * Whether a text is meant to be a filter, right or wrong: it has a sign or a word of the syntax, or
 * the name of a field or of something in a header. Anything else is words to look for.
 */
export function isMeantAsFilter(text: string): boolean {
  const words = text.trim().split(/\s+/);
  if (SIGNS.test(text)) return true;
  if (words.length > 1) return words.slice(1).some((word) => FILTER_WORDS.has(word));
  const [word = ''] = words;
  return (
    FILTER_FIELDS.has(word) || (word.includes('.') && HEADER_NAMES.has(word.split('.')[0] ?? ''))
  );
}

/** The filter that a text is; undefined where it is words to look for. */
export function filterOf(text: string): DisplayFilter | undefined {
  return isMeantAsFilter(text) ? compileFilter(text) : undefined;
}

/** A name that may stand where the caret is. */
export interface FilterCompletion {
  readonly name: string;
  readonly label: string;
}

/** Characters of a name. */
const NAME = /[\w.]*$/;
const MOST_COMPLETIONS = 200;

/**
 * Names of fields that go on from what stands in front of the caret, and which characters they
 * take the place of: none in a text in quotes, nor behind a sign that compares.
 */
export function completeFilter(
  text: string,
  caret: number,
): { from: number; to: number; names: FilterCompletion[] } {
  const before = text.slice(0, caret);
  const from = caret - (NAME.exec(before)?.[0].length ?? 0);
  const to = caret + (/^[\w.]*/.exec(text.slice(caret))?.[0].length ?? 0);
  const prefix = before.slice(from).toLowerCase();
  const inQuotes = (before.match(/(?<!\\)"/g)?.length ?? 0) % 2 === 1;
  const isValue = /(?:[=<>~{,]|\.\.|\b(?:eq|ne|gt|lt|ge|le|contains|matches|in))\s*$/.test(
    before.slice(0, from),
  );
  if (prefix === '' || inQuotes || isValue) return { from, to, names: [] };
  const names = [...FILTER_FIELDS.values()]
    .filter(({ name }) => name.startsWith(prefix))
    .sort((a, b) => depthOf(a.name) - depthOf(b.name) || (a.name < b.name ? -1 : 1))
    .slice(0, MOST_COMPLETIONS)
    .map(({ name, label }) => ({ name, label }));
  return { from, to, names };
}

/** Headers in front of their fields. */
const depthOf = (name: string): number => name.split('.').length;
