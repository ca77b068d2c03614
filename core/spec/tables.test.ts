import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Fields of headers are kept in fields.txt; what is put together of others is not kept twice. */
const KEPT_ELSEWHERE =
  /^(?:header-fields|layers|protocols|reference)\.ts$|\.(?:test|generated)\.ts$/;
const MODULES = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.ts') && !KEPT_ELSEWHERE.test(name))
  .sort();

/** A fact as text: what a row computes with is code, and tried elsewhere. */
function text(fact: unknown): string {
  if (typeof fact === 'function') return 'code';
  if (typeof fact === 'bigint') return `${fact}n`;
  if (fact instanceof RegExp) return String(fact);
  if (fact instanceof Set) return `{${[...fact].map(text).join(', ')}}`;
  if (fact instanceof Map) return `{${entries(fact)}}`;
  if (Array.isArray(fact)) return `[${fact.map(text).join(', ')}]`;
  if (typeof fact === 'object' && fact !== null) return `{${entries(Object.entries(fact))}}`;
  return JSON.stringify(fact) ?? 'undefined';
}
const entries = (pairs: Iterable<readonly [unknown, unknown]>): string =>
  [...pairs].map(([key, value]) => `${String(key)}: ${text(value)}`).join(', ');

/** A line a row, of a list or of a table by name. */
function linesOf(name: string, fact: unknown): string[] {
  if (typeof fact !== 'object' || fact === null || fact instanceof Set)
    return [`${name} ${text(fact)}`];
  const rows = fact instanceof Map || Array.isArray(fact) ? fact.entries() : Object.entries(fact);
  return [...rows].map(([key, value]) => `${name}.${String(key)} ${text(value)}`);
}

/**
 * The tables are compared with the kernel, the RFC, Wireshark and LLVM where these say something of
 * them; this keeps every one as it is, so that no number in them changes unseen.
 */
test('every table of facts is as it is kept', async () => {
  const lines: string[] = [];
  for (const module of MODULES) {
    const exports: Record<string, unknown> = await import(`./${module}`);
    for (const [name, fact] of Object.entries(exports))
      if (typeof fact !== 'function') lines.push(...linesOf(`${module} ${name}`, fact));
  }
  const golden = join(import.meta.dirname, '../testdata/spec/tables.txt');
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(golden);
});
