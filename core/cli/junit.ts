import { toHex } from '../bytes/hex.ts';
import { failureText, type TestResult, testTitle } from '../expect/judge.ts';
import type { FileResults } from './test.ts';

/**
 * Results of tests as JUnit XML, as CI systems read it: a suite a file, a case a packet. There is
 * no time in it: it would be another with every run.
 */
export function junitText(files: readonly FileResults[]): string {
  const all = files.flatMap(({ results }) => results);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="ebpf-playground"${counts(all)}>`,
    ...files.flatMap(suiteLines),
    '</testsuites>',
    '',
  ].join('\n');
}

const isFailed = ({ unmet }: TestResult): boolean => unmet.length > 0;

function counts(results: readonly TestResult[]): string {
  const failures = results.filter(isFailed).length;
  const skipped = results.filter(({ expectation }) => expectation === undefined).length;
  return ` tests="${results.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
}

const suiteLines = ({ file, results }: FileResults): string[] => [
  `  <testsuite name="${attribute(file)}"${counts(results)}>`,
  ...results.flatMap((result) => caseLines(file, result)),
  '  </testsuite>',
];

function caseLines(file: string, result: TestResult): string[] {
  const { expectation, bytes } = result;
  const title = attribute(testTitle(result));
  const start = `    <testcase name="${title}" classname="${attribute(file)}"`;
  if (expectation === undefined) return [`${start}><skipped/></testcase>`];
  if (!isFailed(result)) return [`${start}/>`];
  const [first = '', ...more] = failureText(result);
  return [
    `${start}>`,
    `      <failure message="${attribute(first)}" type="expectation">`,
    ...[first, ...more, `packet: ${toHex(bytes)}`].map(content),
    '      </failure>',
    '    </testcase>',
  ];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Characters that XML 1.0 has no way to write at all become U+FFFD. */
const content = (text: string): string =>
  text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);

/** A reader would make a blank of a line's end. */
const attribute = (text: string): string => content(text.replace(/\s+/g, ' '));
