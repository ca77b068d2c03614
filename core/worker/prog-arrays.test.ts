import { readFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import type { MapView, Wish } from '../protocol/messages.ts';
import { inputsFor } from '../session/inputs.ts';
import { TestPage } from '../testing/page.ts';

const bytes = new Uint8Array(readFileSync('core/testdata/why/chain-clang19.o'));
const FRAME = fromHex(`${'02'.repeat(12)}0800${'45'.padEnd(80, '0')}`)!;

let page: TestPage;
let maps: MapView[] = [];
const wish = async (wanted: Wish) => {
  const reply = await page.wish(wanted);
  if (reply.snapshot) maps = reply.snapshot.maps;
  return reply;
};
const slots = (map: string): string[] =>
  maps.find(({ name }) => name === map)!.entries.map(({ valueText }) => valueText);

beforeEach(async () => {
  page = new TestPage();
  const inputs = { ...inputsFor('chain.o', bytes), program: 'stage_0' };
  await wish({
    type: 'open-inputs',
    inputs: { ...inputs, packets: [{ name: 'ip', bytes: FRAME }] },
  });
});

test('a prog array offers the programs of its type, by name', () => {
  expect(maps.find(({ name }) => name === 'jmp')!.programs).toEqual([
    'stage_0',
    'stage_1',
    'stage_2',
    'bystander',
    'past',
    'again',
  ]);
  expect(maps.find(({ name }) => name === 'jmp')!.entries).toEqual([]);
});

test('all slots are filled in one change, and one undo takes it back', async () => {
  await wish({ type: 'fill-prog-array', map: 'jmp' });
  expect(slots('jmp')).toEqual(['stage_0', 'stage_1', 'stage_2', 'bystander']);
  expect(page.shown!.outcome!.verdict.name).toBe('XDP_PASS');
  await wish({ type: 'undo' });
  expect(slots('jmp')).toEqual([]);
  expect(page.shown!.outcome!.verdict.name).toBe('XDP_ABORTED');
});

test('a slot that is filled takes another program, or none', async () => {
  await wish({ type: 'fill-prog-array', map: 'jmp' });
  await wish({ type: 'set-map-entry', map: 'jmp', key: '1', value: 'stage_2' });
  expect(slots('jmp')).toEqual(['stage_0', 'stage_2', 'stage_2', 'bystander']);
  await wish({ type: 'delete-map-entry', map: 'jmp', key: '1' });
  expect(page.shown!.outcome!.verdict.name).toBe('XDP_ABORTED');
});

test('a slot is filled in the middle of a run, as a loader could', async () => {
  await wish({ type: 'go', go: { how: 'to-step', step: 2 } });
  const target = { kind: 'map' as const, map: 'jmp', key: '01000000' };
  await wish({ type: 'edit', target, value: 'stage_2' });
  expect(page.shown!.outcome!.verdict.name).toBe('XDP_PASS');
});

test.each([
  ['of_another_type', 'map "jmp": program "of_another_type" is of another type'],
  ['nobody', 'map "jmp": there is no program "nobody"'],
])('%s is not taken, and the slots stay as they were', async (value, message) => {
  await wish({ type: 'fill-prog-array', map: 'jmp' });
  await expect(wish({ type: 'set-map-entry', map: 'jmp', key: '1', value })).rejects.toThrow(
    message,
  );
  expect(page.made!.maps).toHaveLength(4);
});

test('only a prog array is filled with programs', () =>
  expect(wish({ type: 'fill-prog-array', map: 'nothing' })).rejects.toThrow(
    'map "nothing": holds no programs',
  ));
