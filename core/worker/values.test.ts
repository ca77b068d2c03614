import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ShareResult, Wish } from '../protocol/messages.ts';
import { withVariable } from '../session/global-values.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';
import { mapContents } from '../session/outcome.ts';
import { finish, Session } from '../session/session.ts';
import { TestPage } from '../testing/page.ts';

const folder = join(import.meta.dirname, '../testdata/core-relocations');
const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
const json = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const linear = new WebAssembly.Memory({ initial: 1 });

interface Case {
  readonly externs: Record<string, string>;
  readonly threshold: number;
  readonly greeting: string;
}
type Answer = Record<string, { readonly returns: number; readonly results: readonly string[] }>;

/** What a program of values.c comes to, as run-values.c tells it. */
async function answerOf(object: string, program: string, { externs, threshold, greeting }: Case) {
  const inputs = {
    ...inputsFor(object, read(object)),
    program,
    packets: [{ name: 'packet', bytes: new Uint8Array(64) }],
    externs: Object.entries(externs),
  };
  const loaded = await openObject(inputs);
  const before = new Session(inputs, linear, loaded);
  before.inputs.maps = withVariable(before, '.rodata', 'threshold', String(threshold));
  before.inputs.maps = withVariable(before, '.rodata', 'greeting', JSON.stringify(greeting));
  const session = new Session(before.inputs, linear, loaded);
  finish(session.prepare());
  finish(session.go({ how: 'end' }));
  const machine = session.machine!;
  const index = machine.maps.findIndex(({ definition }) => definition.name === 'results');
  const values = mapContents(machine, index).entries.map(({ value }) =>
    new DataView(value.buffer, value.byteOffset).getBigUint64(0, true).toString(),
  );
  return { returns: Number(session.outcome!.r0), results: values.slice(0, 9) };
}

describe('values a loader fills in, as in Linux 6.18 (testdata/core-relocations/record.sh)', () => {
  const cases: Case[] = json('values.json');
  const answers: [Answer, Answer][] = json('values.answers.json');
  const compared = cases.flatMap((values, i) =>
    ['values.clang-14.o', 'values.clang-19.o'].flatMap((object, j) =>
      Object.entries(answers[i][j]).map(([program, answer]) => ({
        values,
        object,
        program,
        answer,
        i,
      })),
    ),
  );
  test.each(compared)('$object, $program, case $i', async ({ values, object, program, answer }) => {
    // The kernel that answered was a later patch of the version that is imitated.
    const version = answers[0][0].kconfig.results[0];
    const externs = { ...values.externs, LINUX_KERNEL_VERSION: version };
    expect(await answerOf(object, program, { ...values, externs })).toEqual(answer);
  });
});

describe('in the page', () => {
  let page: TestPage;
  const wish = (wanted: Wish) => page.wish(wanted);
  const view = async (wanted: Wish) => (await wish(wanted)).view!;
  beforeEach(async () => {
    page = new TestPage();
    await wish({ type: 'open-file', name: 'values.o', bytes: read('values.clang-19.o') });
  });

  test('configuration values are those of a usual kernel until they are set', async () => {
    const before = await view({ type: 'select-program', name: 'kconfig' });
    const hz = before.object.externs.find(({ name }) => name === 'CONFIG_HZ');
    expect(hz).toMatchObject({
      declaration: '__u64 CONFIG_HZ',
      value: '250',
      given: 'default',
      editable: true,
    });
    expect(before.outcome!.r0).toBe('0x0000000000000001');
    const after = await view({ type: 'set-extern', name: 'CONFIG_HZ', value: '100' });
    expect(after.object.externs.find(({ name }) => name === 'CONFIG_HZ')).toMatchObject({
      value: '100',
      given: 'set',
    });
    expect(after.outcome!.r0).toBe('0x0000000000000002');
    const { fragment } = (await wish({ type: 'share', keeps: 'program' })).value as ShareResult;
    expect((await view({ type: 'open-link', fragment })).outcome).toEqual(after.outcome);
    const again = await view({ type: 'set-extern', name: 'CONFIG_HZ', value: '' });
    expect(again.outcome!.r0).toBe(before.outcome!.r0);
  });

  test.each([
    ['CONFIG_HZ', 'fast', 'extern "CONFIG_HZ": "fast" is not a number'],
    ['CONFIG_HZ', 'y', 'extern "CONFIG_HZ": y does not fit __u64'],
    ['CONFIG_BPF_SYSCALL', 'm', 'extern "CONFIG_BPF_SYSCALL": m does not fit _Bool'],
    ['CONFIG_BPF_SYSCALL', '2', 'extern "CONFIG_BPF_SYSCALL": 2 does not fit in a bool'],
    [
      'CONFIG_NO_SUCH_OPTION',
      '70000',
      'extern "CONFIG_NO_SUCH_OPTION": 70000 does not fit in 2 bytes',
    ],
    [
      'CONFIG_DEFAULT_HOSTNAME',
      'host',
      'extern "CONFIG_DEFAULT_HOSTNAME": host is not text in quotes',
    ],
    ['CONFIG_HZ', '"250"', 'extern "CONFIG_HZ": "250" is text, the variable is no array of char'],
    ['nobody', '1', 'extern "nobody": is not named by the object'],
  ])('%s is not set to %s', async (name, value, message) =>
    expect(wish({ type: 'set-extern', name, value })).rejects.toThrow(message),
  );

  test('a variable of the kernel has a value or an address when the user gives one', async () => {
    const program: Wish = { type: 'select-program', name: 'variable_of_the_kernel' };
    expect((await view(program)).outcome!.r0).toBe('0x0000000000000003');
    const typed = await view({ type: 'set-extern', name: 'no_such_variable', value: '41' });
    expect(typed.outcome!.r0).toBe('0x0000000000000029');
    await wish({ type: 'set-extern', name: 'bpf_link_fops', value: '0xffffffff82001000' });
    const { snapshot } = await wish({ type: 'go', go: { how: 'end' } });
    const results = snapshot!.maps.find(({ name }) => name === 'results')!;
    expect(results.entries[0].value).toBe('00100082ffffffff');
  });

  test('constants and other globals are set by their type, and given back', async () => {
    const before = await view({ type: 'select-program', name: 'constants' });
    expect(
      before.variables.map(({ map, name, declaration, value, readOnly }) => [
        map,
        name,
        declaration,
        value,
        readOnly,
      ]),
    ).toEqual([
      ['.rodata', 'threshold', 'const volatile __u32', '10', true],
      ['.rodata', 'greeting', 'const volatile char [8]', '"hello"', true],
      ['.data', 'counter', 'volatile __u64', '5', false],
      ['.bss', 'zeros', 'volatile __u16 [4]', '[ 0, 0, 0, 0 ]', false],
    ]);
    const set = (map: string, variable: string, value: string) =>
      view({ type: 'set-variable', map, variable, value });
    expect((await set('.rodata', 'threshold', '11')).outcome!.r0).toBe('0x0000000000000001');
    await set('.bss', 'zeros', '[1, 2, 3]');
    const changed = await set('.rodata', 'greeting', '"bye"');
    expect(changed.variables.map(({ value, input, changed }) => [value, input, changed])).toEqual([
      ['11', '11', true],
      ['"bye"', '"bye"', true],
      ['5', '5', false],
      ['[ 1, 2, 3, 0 ]', '[ 1, 2, 3, 0 ]', true],
    ]);
    const { snapshot } = await wish({ type: 'go', go: { how: 'end' } });
    const results = snapshot!.maps.find(({ name }) => name === 'results')!;
    expect(results.entries.slice(0, 4).map(({ value }) => value.slice(0, 4))).toEqual([
      '0b00',
      '7900',
      '0500',
      '0300',
    ]);
    const { fragment } = (await wish({ type: 'share', keeps: 'program' })).value as ShareResult;
    expect((await view({ type: 'open-link', fragment })).variables).toEqual(changed.variables);
    await set('.bss', 'zeros', '');
    await set('.rodata', 'greeting', '');
    expect((await set('.rodata', 'threshold', '')).variables).toEqual(before.variables);
  });

  test.each([
    ['threshold', '4294967296', 'variable "threshold": 4294967296 does not fit in 4 bytes'],
    ['threshold', 'ten', 'variable "threshold": "ten" is not a number'],
    ['greeting', '"too long a text"', 'variable "greeting": has room for 8 bytes, the text has 15'],
    ['greeting', 'hello', 'variable "greeting": wants 8 bytes in hex, or text in quotes'],
    ['nobody', '1', 'variable "nobody": is not in .rodata'],
  ])('%s is not set to %s', async (variable, value, message) =>
    expect(wish({ type: 'set-variable', map: '.rodata', variable, value })).rejects.toThrow(
      message,
    ),
  );
});
