import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { inputsFor } from '../session/inputs.ts';
import type { SessionInputs } from '../session/types.ts';
import { TestPage } from '../testing/page.ts';

const firewall = new Uint8Array(
  readFileSync(join(import.meta.dirname, '../../public/examples/xdp-firewall/program.o')),
);
const ALL =
  'chain changes code expectations hooks notes object packets rows setUp stops traffic'.split(' ');

const many = (count: number): SessionInputs => ({
  ...inputsFor('firewall.o', firewall),
  packets: Array.from({ length: count }, (_, i) => ({
    name: `packet ${i}`,
    bytes: new Uint8Array(64 + (i % 3)),
  })),
});

let page: TestPage;
const brought = async (wanted: Parameters<TestPage['wish']>[0]): Promise<string[]> => {
  await page.wish(wanted);
  return page.brought.toSorted();
};

beforeEach(async () => {
  page = new TestPage();
  await page.wish({ type: 'open-inputs', inputs: many(1000) });
});

describe('a reply carries what changed of the set-up', () => {
  test('all of it at first', () => expect(page.brought.toSorted()).toEqual(ALL));
  test.each([
    ['a breakpoint', { type: 'toggle-breakpoint', pc: 3 }, ['changes', 'stops']],
    [
      'a watchpoint',
      { type: 'toggle-watchpoint', target: { kind: 'register', index: 1 } },
      ['changes', 'stops'],
    ],
    ['expressions', { type: 'set-expressions', expressions: ['r1'] }, ['changes', 'stops']],
    ['a step', { type: 'go', go: { how: 'into' } }, []],
    ['another packet', { type: 'select-packet', index: 1 }, ['setUp']],
    [
      'a byte of a packet',
      { type: 'edit-packet', offset: 0, bytes: Uint8Array.of(1) },
      ['changes', 'packets', 'rows', 'setUp', 'stops'],
    ],
    [
      'the size of a map',
      { type: 'set-map-size', map: 'blocked', field: 'max_entries', value: '9' },
      ['changes', 'object', 'rows', 'setUp', 'stops'],
    ],
    [
      'a hook',
      { type: 'set-hook', hook: 'tc' },
      ['changes', 'code', 'hooks', 'rows', 'setUp', 'stops'],
    ],
  ] as const)('%s', async (_title, wanted, parts) =>
    expect(await brought(wanted as never)).toEqual(parts),
  );
  test('after a wish that failed all of it, since parts may have been lost', async () => {
    await expect(page.wish({ type: 'select-packet', index: 5000 })).rejects.toThrow(InputError);
    expect(await brought({ type: 'toggle-breakpoint', pc: 3 })).toEqual(ALL);
  });
});

describe('of a thousand packets', () => {
  const rows = async (wanted: Parameters<TestPage['wish']>[0]) => {
    const { from, rows: sent } = (await page.wish(wanted)).view!.packetRows;
    return [from, sent.length, sent[0].name];
  };
  test('every name is sent, and the rows that come into sight', async () => {
    const { view } = await page.wish({ type: 'show-packets', from: 700, count: 50 });
    expect([view!.packetNames.length, view!.packetNames[999]]).toEqual([1000, 'packet 999']);
    expect(view!.packetRows.rows.map(({ name, length }) => [name, length])).toEqual(
      Array.from({ length: 50 }, (_, i) => [`packet ${700 + i}`, 64 + ((700 + i) % 3)]),
    );
    expect(view!.packetRows.rows.every(({ verdict }) => verdict?.name === 'XDP_PASS')).toBe(true);
  });
  test('the last ones are fewer', async () =>
    expect(await rows({ type: 'show-packets', from: 990, count: 50 })).toEqual([
      990,
      10,
      'packet 990',
    ]));
  test('the selected one is among them', async () =>
    expect(await rows({ type: 'select-packet', index: 500 })).toEqual([400, 200, 'packet 400']));
});

describe('another run', () => {
  const run = async (wanted: Parameters<TestPage['wish']>[0]) =>
    (await page.wish(wanted)).view!.run;
  test('is one with other inputs; C files and breakpoints are none', async () => {
    const first = await run({ type: 'select-packet', index: 0 });
    const source = new TextEncoder().encode('int x;');
    expect(await run({ type: 'toggle-breakpoint', pc: 3 })).toBe(first);
    expect(await run({ type: 'open-file', name: 'program.c', bytes: source })).toBe(first);
    expect(await run({ type: 'set-settings', settings: { seed: 2 } })).toBe(first + 1);
    expect(await run({ type: 'undo' })).toBe(first + 2);
  });
});
