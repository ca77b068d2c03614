import { beforeEach, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import type { Wish } from '../protocol/messages.ts';
import type { RegionId } from '../spec/regions.ts';
import { TestPage } from '../testing/page.ts';

const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
let page: TestPage;

beforeEach(async () => {
  page = new TestPage();
  await page.wish({ type: 'open-text', text: '*(u64 *)(r10 - 8) = 7\nr0 = 0\nexit' });
  await page.wish({ type: 'set-hook', hook: 'ubpf' });
  await page.wish({ type: 'open-text', text: toHex(bytes), as: 'packet' });
  await page.wish({ type: 'go', go: { how: 'into' } });
});

async function read(region: RegionId, offset: number, length: number): Promise<string> {
  const { value } = await page.wish({ type: 'read-memory', region, offset, length } as Wish);
  return value?.kind === 'memory' ? toHex(value.bytes) : 'no memory';
}
const PACKET: RegionId = { kind: 'memory' };

test('bytes from an offset on, as many as there are', async () => {
  expect(await read(PACKET, 0, 4)).toBe('00010203');
  expect(await read(PACKET, 96, 4)).toBe('60616263');
  expect(await read(PACKET, 96, 5)).toBe('60616263');
  expect(await read(PACKET, 100, 1)).toBe('');
  expect(await read(PACKET, 4, 0)).toBe('');
  expect(await read(PACKET, 4, -1)).toBe('');
  expect(await read(PACKET, 200, 8)).toBe('');
  expect(await read(PACKET, -8, 8)).toBe('');
});

test('what the program has written, in its stack', async () => {
  expect(await read({ kind: 'stack', depth: 0 }, 512 - 8, 8)).toBe('0700000000000000');
});

test('a region that is none is refused by its name', async () => {
  await expect(read({ kind: 'other', name: 'nowhere' }, 0, 4)).rejects.toThrow(
    'nowhere: is not a region',
  );
});
