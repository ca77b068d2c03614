import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import type { KeptSession } from '../protocol/messages.ts';
import { inputsFor } from '../session/inputs.ts';
import { Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { TestPage } from '../testing/page.ts';
import { Random } from '../testing/random.ts';
import { decodeKept, keptNews } from './kept.ts';

const firewall = new Uint8Array(
  readFileSync(join(import.meta.dirname, '../../public/examples/xdp-firewall/program.o')),
);
const linear = new WebAssembly.Memory({ initial: 1 });
const inputs: SessionInputs = {
  ...inputsFor('firewall.o', firewall),
  packets: [1, 2, 3].map((size) => ({ name: `${size}`, bytes: new Uint8Array(size).fill(size) })),
  packet: 2,
  maps: [{ map: 'blocked', key: '0a000042', value: '00'.repeat(16) }],
  breakpoints: [1, 2],
  sources: [{ file: 'a.c', text: 'int x;' }],
  step: 5,
};
const news = (now: SessionInputs, told?: SessionInputs) => keptNews(new Session(now, linear), told);
const kept = news(inputs) as KeptSession;

test('what is kept of a session is what it was made of; the step comes beside it', () => {
  expect(decodeKept(kept, 7).inputs).toEqual({ ...inputs, step: 7 });
  for (const step of [Number.NaN, -1, 1.5, 2 ** 53])
    expect(decodeKept(kept, step).inputs.step).toBe(0);
});

test('large parts are told when they are others, the description always', () => {
  expect(Object.keys(news({ ...inputs, breakpoints: [] }, inputs))).toEqual([
    'version',
    'description',
  ]);
  const packets = inputs.packets.slice(1);
  const told = news({ ...inputs, packets, packet: 0 }, inputs);
  expect(Object.keys(told)).toEqual(['version', 'description', 'packets']);
  expect(decodeKept({ ...kept, ...told }, 0).inputs.packets).toEqual(packets);
});

test('another step is the same description', () =>
  expect(news({ ...inputs, step: 9 }).description).toBe(kept.description));

describe('what comes from a disk is not trusted', () => {
  const refused = (damaged: unknown) => () => decodeKept(damaged as KeptSession, 0);
  test.each<[string, unknown]>([
    ['a version of later', { ...kept, version: 9999 }],
    ['no version', { ...kept, version: '2' }],
    ['no description', { ...kept, description: undefined }],
    ['a description that is none', { ...kept, description: '{"object":' }],
    ['no object', { ...kept, object: [...firewall] }],
    ['packets cut short', { ...kept, packets: kept.packets.slice(1) }],
    ['an object cut short', { ...kept, object: firewall.slice(0, 5), packets: new Uint8Array() }],
    ['too much', { ...kept, packets: new Uint8Array(65 * 1024 * 1024) }],
  ])('%s', (_title, damaged) => expect(refused(damaged)).toThrow(InputError));

  test('any character of the description another: a session, or an InputError', () => {
    const random = new Random(3);
    for (let i = 0; i < 500; i++) {
      const at = random.below(kept.description.length);
      const description =
        kept.description.slice(0, at) +
        String.fromCharCode(32 + random.below(90)) +
        kept.description.slice(at + random.below(3));
      try {
        decodeKept({ ...kept, description }, 0);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }
  });
});

describe('a page', () => {
  let page: TestPage;
  beforeEach(() => {
    page = new TestPage();
  });
  test('opens what was kept at its step, and can take that back', async () => {
    await page.wish({ type: 'open-file', name: 'other.o', bytes: firewall });
    const { snapshot, view } = await page.wish({ type: 'open-kept', kept, step: 3 });
    expect([snapshot!.step, view!.object.name, view!.packet]).toEqual([3, 'firewall.o', 2]);
    expect(view!.undo).toBe('opening firewall.o');
    expect((await page.wish({ type: 'undo' })).view!.object.name).toBe('other.o');
  });
  test('makes a snapshot file of it without opening it', async () => {
    const { value } = await page.wish({ type: 'pack-kept', kept, step: 3 });
    expect(page.made).toBeUndefined();
    if (value?.kind !== 'snapshot-file') throw new Error('no file');
    expect(value.name).toBe('firewall.ebpf-session');
    await page.wish({ type: 'open-file', name: value.name, bytes: value.bytes });
    expect(page.made).toEqual({ ...inputs, step: 3 });
  });
});
