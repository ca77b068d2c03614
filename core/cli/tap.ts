import { toHex } from '../bytes/hex.ts';
import { type TestResult, testTitle } from '../expect/judge.ts';
import { pluralOf } from '../packet/text/text-place.ts';
import type { FileResults } from './test.ts';

/**
 * Results of tests as TAP (https://testanything.org/tap-version-13-specification.html), the version
 * that every reader takes: a line a packet, and under one that fails what was expected, what was
 * seen and why, as YAML.
 */
export function tapLines(files: readonly FileResults[]): string[] {
  const all = files.flatMap(({ file, results }) => results.map((result) => ({ file, result })));
  const failed = all.filter(({ result }) => result.unmet.length > 0).length;
  return [
    'TAP version 13',
    `1..${all.length}`,
    ...all.flatMap(({ file, result }, index) => testLines(index + 1, file, result)),
    `# ${pluralOf(all.length, 'packet')}, ${failed} failed`,
  ];
}

/** `#` begins a directive, and a line ends a description. */
const escaped = (text: string): string => text.replace(/[\\#]/g, '\\$&').replace(/\s+/g, ' ');

function testLines(number: number, file: string, result: TestResult): string[] {
  const title = escaped(`${file} ${testTitle(result)}`);
  if (result.expectation === undefined)
    return [`ok ${number} - ${title} # SKIP nothing is expected of it`];
  if (result.unmet.length === 0) return [`ok ${number} - ${title}`];
  return [`not ok ${number} - ${title}`, '  ---', ...diagnosis(result), '  ...'];
}

/** Text in YAML as in JSON: every JSON string is one of YAML. */
const quoted = (text: string): string => JSON.stringify(text);

/** In the place of a reason. */
const NOT_ASKED = 'not looked for: so many packets of this file fail before it';

function diagnosis({ packet, bytes, outcome, unmet, reason }: TestResult): string[] {
  return [
    `  packet: ${packet + 1}`,
    `  bytes: ${quoted(toHex(bytes))}`,
    `  verdict: ${quoted(outcome.verdict.text)}`,
    `  reason: ${quoted(reason ?? NOT_ASKED)}`,
    '  unmet:',
    ...unmet.flatMap(({ what, expected, seen }) => [
      `    - what: ${quoted(what)}`,
      `      expected: ${quoted(expected)}`,
      `      seen: ${quoted(seen)}`,
    ]),
  ];
}
