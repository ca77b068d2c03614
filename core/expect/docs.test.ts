import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readArguments } from '../cli/arguments.ts';
import { JIT } from '../jit/jit.ts';
import { FAULT_KINDS } from '../machine/fault.ts';
import { finish } from '../session/session.ts';
import { ACTIONS } from '../spec/program-types.ts';
import { testsOf } from '../testing/tests.ts';
import { failureText, judge } from './judge.ts';
import { TEST_SCHEMA } from './schema.ts';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/testing.md'), 'utf8');
const blocks = (kind: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${kind}\n([^]*?)\`\`\``, 'g'))].map(([, block]) => block!);

test('the file in the documentation passes on the example it is of', async () => {
  const [file] = blocks('json');
  const object = new Uint8Array(readFileSync(join(root, 'public/examples/xdp-firewall/program.o')));
  const results = finish(judge(await testsOf(object, JSON.parse(file!)), JIT));
  expect(results.map(failureText)).toEqual([[], []]);
});

test('every key, action and fault it names is one, and every key is in it', () => {
  for (const key of Object.keys(TEST_SCHEMA.entries)) expect(text).toContain(`\`${key}\``);
  for (const action of ACTIONS) expect(text).toContain(`\`${action}\``);
  expect(FAULT_KINDS).toEqual(expect.arrayContaining(['out-of-bounds', 'null-pointer']));
});

test('the commands in the example for a CI are understood', () => {
  const [workflow] = blocks('yaml');
  const [, call] = /ebpf-playground\.mjs (test .*)/.exec(workflow!)!;
  expect(readArguments(call!.split(' '))).toMatchObject({
    command: 'test',
    operands: ['tests/*.test.json'],
    junit: 'report.xml',
  });
});
