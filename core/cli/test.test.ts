import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { Parser } from 'tap-parser';
import { beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { folderOf } from '../protocol/example.ts';
import { EXAMPLES } from '../testing/examples.ts';
import { readArguments } from './arguments.ts';
import { testCommand } from './test.ts';

const root = join(import.meta.dirname, '../../public/examples');
const GALLERY = EXAMPLES.map((example) =>
  join(root, folderOf(example), `${example.name}.test.json`),
);
const SEED = join(root, 'seed-filter/seed-filter.test.json');

async function call(...argv: string[]): Promise<{ status: number; text: string }> {
  const lines: string[] = [];
  const status = await testCommand(readArguments(['test', ...argv])!, (line) => lines.push(line));
  return { status, text: `${lines.join('\n')}\n` };
}

interface Assertion {
  ok: boolean;
  id: number;
  name: string;
  skip?: string;
  diag?: { reason: string; packet: number; bytes: string; unmet: object[] };
}

/** What a reader of TAP makes of it. */
function tap(text: string) {
  const parser = new Parser({ strict: true });
  const asserts: Assertion[] = [];
  let results: { ok: boolean; count: number; failures: unknown[] } | undefined;
  parser.on('assert', (assertion: unknown) => asserts.push(assertion as Assertion));
  parser.on('complete', (found: unknown) => {
    results = found as typeof results;
  });
  parser.end(text);
  return { asserts, ...results! };
}

let folder: string;
const fileOf = (name: string, content: object): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ 'ebpf-playground-test': 1, ...content }));
  return path;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'expect-'));
});

/** The seed filter that drops nothing: `r0 = 1` is `r0 = 0`. */
function brokenFilter(): string {
  const object = readFileSync(join(root, 'seed-filter/program.o'));
  object[object.indexOf(Uint8Array.of(0xb7, 0, 0, 0, 1, 0, 0, 0)) + 4] = 0;
  const path = join(folder, 'broken.o');
  writeFileSync(path, object);
  return path;
}

describe.each(['interpreter', 'jit'])('test, --engine %s', (engine) => {
  test('every program of the gallery passes its test file', async () => {
    const { status, text } = await call(...GALLERY, '--engine', engine);
    const { ok, count, failures, asserts } = tap(text);
    expect([status, ok, failures]).toEqual([0, true, []]);
    expect(count).toBe(EXAMPLES.reduce((sum, { packets }) => sum + packets.length, 0));
    expect(asserts.every(({ skip }) => !skip)).toBe(true);
  });
  test('a broken program fails with packet, verdicts and the reason', async () => {
    const { status, text } = await call(SEED, '--object', brokenFilter(), '--engine', engine);
    const { ok, count, asserts } = tap(text);
    expect([status, ok, count]).toEqual([1, false, 4]);
    expect(asserts.map((one) => one.ok)).toEqual([false, true, false, true]);
    expect(asserts[0]!.name).toBe(`${SEED} packet 1: TCP SYN to 1.1.1.1:80`);
    expect(asserts[0]!.diag).toEqual({
      packet: 1,
      bytes: expect.stringMatching(/^5254/),
      verdict: 'filter-ubpf: r0 = 0x0 -> pass',
      reason: expect.stringMatching(/^filter-ubpf: r0 = 0x0 -> pass: /),
      unmet: [{ what: 'verdict', expected: 'drop', seen: 'pass' }],
    });
  });
});

test('names of packets that look like TAP or XML stay names', async () => {
  copyFileSync(join(root, 'seed-filter/program.o'), join(folder, 'program.o'));
  const name = 'a # TODO \\ <b>&"quoted"\u0001\nok 2';
  const file = fileOf('odd.json', {
    object: 'program.o',
    packets: [
      { name, packet: '00', expect: { verdict: 'drop' } },
      { name: 'skipped', packet: '00' },
    ],
  });
  const report = join(folder, 'report.xml');
  const { status, text } = await call(file, '--junit', report);
  expect(status).toBe(1);
  const { asserts, count } = tap(text);
  expect(count).toBe(2);
  expect(asserts[0]).toMatchObject({ ok: false, id: 1 });
  expect(asserts[0]!.name).toContain('a # TODO');
  expect(asserts[1]).toMatchObject({ ok: true, skip: 'nothing is expected of it' });

  const xml = readFileSync(report, 'utf8');
  expect(XMLValidator.validate(xml)).toBe(true);
  const read = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(xml);
  const { testsuite, ...sums } = read.testsuites;
  expect(sums).toMatchObject({ tests: '2', failures: '1', errors: '0', skipped: '1' });
  expect(testsuite.name).toBe(file);
  const [failed, skipped] = testsuite.testcase;
  expect(failed.name).toContain('a # TODO \\ <b>&"quoted"');
  expect(failed.failure.message).toBe('verdict: expected drop, seen pass');
  expect(failed.failure['#text']).toMatch(/The program did not run.*\n.*packet: 00/);
  expect(skipped).toMatchObject({ classname: file, skipped: '' });
});

test('the object is found beside the file, wherever that is called from', async () => {
  copyFileSync(join(root, 'seed-filter/program.o'), join(folder, 'other.o'));
  const packets = [{ packet: '00', expect: { verdict: 'pass' } }];
  expect((await call(fileOf('a.json', { object: 'other.o', packets }))).status).toBe(0);
  const without = fileOf('b.json', { packets });
  expect((await call(without, '--object', join(folder, 'other.o'))).status).toBe(0);
});

describe('bad input is told before anything is printed', () => {
  const packets = [{ packet: '00', expect: { verdict: 'pass' } }];
  test.each<[what: string, argv: () => string[], answer: RegExp]>([
    ['no file', () => [], /takes one or more test files/],
    ['a file that is not there', () => [join(folder, 'none.json')], /none\.json/],
    ['no object', () => [fileOf('a.json', { packets })], /names no object: give --object/],
    [
      'an object that is not there',
      () => [SEED, fileOf('b.json', { packets, object: 'gone.o' })],
      /gone\.o/,
    ],
    [
      'a mistake in the second file',
      () => [SEED, fileOf('c.json', { packets: [{ packet: '00', expect: { verdict: 'dorp' } }] })],
      /c\.json/,
    ],
    [
      'a report that cannot be written',
      () => [SEED, '--junit', join(folder, 'no', 'report.xml')],
      /report\.xml/,
    ],
  ])('%s', async (_what, argv, answer) => {
    const said = await call(...argv()).catch((error) => error);
    expect(said).toBeInstanceOf(InputError);
    expect(said.message).toMatch(answer);
  });
  test('--object, --tap and --junit belong to it', () => {
    expect(() => readArguments(['run', 'a.o', '--tap'])).toThrow(/are for test/);
    expect(() => readArguments(['run', 'a.o', '--junit', 'x'])).toThrow(/are for test/);
  });
});

test.each([
  [{}, 'pass'],
  [{ CONFIG_MISSING: 0 }, 'pass'],
  [{ CONFIG_MISSING: 1 }, 'drop'],
])(
  'what the file says of kernel configuration holds in the program: %j',
  async (externs, verdict) => {
    const object = join(import.meta.dirname, '../testdata/objects/externs.clang-19-v3-g.o');
    const packets = [{ packet: '00'.repeat(20), expect: { verdict } }];
    const file = fileOf('kconfig.test.json', { program: 'weak_kconfig', externs, packets });
    const { status, text } = await call(file, '--object', object);
    expect([status, tap(text).asserts.map(({ ok }) => ok)]).toEqual([0, [true]]);
  },
);
