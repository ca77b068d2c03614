import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { inputsOfExample } from '../protocol/example.ts';
import type { Wish } from '../protocol/messages.ts';
import { decodeLink } from '../share/container.ts';
import { EXAMPLES } from '../testing/examples.ts';
import { TestPage } from '../testing/page.ts';

const root = join(import.meta.dirname, '../../public/examples');
const firewall = new Uint8Array(readFileSync(join(root, 'xdp-firewall/program.o')));
const testFile = readFileSync(join(root, 'xdp-firewall/xdp-firewall.test.json'));
/** `r0 = 1` (XDP_DROP) is `r0 = 2`: nothing is dropped. */
const passing = (() => {
  const bytes = Buffer.from(firewall);
  const at = bytes.indexOf(Uint8Array.of(0xb7, 0, 0, 0, 1, 0, 0, 0));
  return new Uint8Array(firewall.with(at + 4, 2));
})();

let page: TestPage;
const wish = (wanted: Wish) => page.wish(wanted);
const keep = (others: { packetOut?: boolean; maps?: boolean } = {}) =>
  wish({ type: 'keep-expectations', packetOut: false, maps: false, ...others });
const rebuild = (bytes: Uint8Array) => wish({ type: 'open-file', name: 'program.o', bytes });
const expected = () => page.made!.expectations;
const shown = () => page.shown!.expectations.map(({ text, met, unmet }) => [text, met, unmet]);
const open = (bytes: Uint8Array, name = 'a.test.json') => wish({ type: 'open-file', name, bytes });
const fileOf = async () => {
  const { value } = await wish({ type: 'save-tests' });
  return value?.kind === 'text-file' ? value : undefined;
};

beforeEach(async () => {
  page = new TestPage();
  const example = EXAMPLES.find(({ name }) => name === 'xdp-firewall')!;
  await wish({ type: 'open-inputs', inputs: inputsOfExample(example, firewall, []) });
});

describe('keeping what packets came to', () => {
  test('their verdicts, in one wish that undo takes back', async () => {
    const { notice, view } = await keep();
    expect(notice).toBe('What 4 packets came to is expected now');
    expect(view!.undo).toBe('expectations');
    expect(expected()).toEqual([
      { packet: 0, verdict: 'XDP_DROP' },
      { packet: 1, verdict: 'XDP_PASS' },
      { packet: 2, verdict: 'XDP_DROP' },
      { packet: 3, verdict: 'XDP_PASS' },
    ]);
    expect(page.brought.toSorted()).toEqual(['changes', 'expectations']);
    await wish({ type: 'undo' });
    expect(expected() ?? []).toEqual([]);
  });
  test('the packet that goes on, and entries they changed', async () => {
    await keep({ packetOut: true, maps: true });
    const [dropped, passed] = expected()!;
    expect(dropped).toEqual({
      packet: 0,
      verdict: 'XDP_DROP',
      maps: [{ map: 'blocked', key: '0a000042', value: '01000000000000003600000000000000' }],
    });
    expect(passed!.packetOut).toMatch(/^5254/);
    expect(page.shown!.expected).toEqual({ packetOut: true, maps: true });
    expect(shown().map(([, met]) => met)).toEqual([true, true, true, true]);
  });
  test('the session stands where it stood', async () => {
    const before = (await wish({ type: 'go', go: { how: 'to-step', step: 5 } })).snapshot;
    await keep({ maps: true });
    const after = (await wish({ type: 'go', go: { how: 'to-step', step: 5 } })).snapshot;
    expect(after).toEqual(before);
  });
});

describe('a rebuilt object', () => {
  test('shows what broke, with what was expected and seen', async () => {
    await keep();
    const { rebuilt } = await rebuild(passing);
    expect(rebuilt!.kept).toContain('4 expectations');
    expect(shown()).toEqual([
      ['XDP_DROP', false, ['verdict: expected XDP_DROP, seen XDP_PASS']],
      ['XDP_PASS', true, []],
      ['XDP_DROP', false, ['verdict: expected XDP_DROP, seen XDP_PASS']],
      ['XDP_PASS', true, []],
    ]);
    await rebuild(firewall);
    expect(shown().every(([, met]) => met)).toBe(true);
  });
  test('shows entries of maps that are others', async () => {
    await keep({ maps: true });
    await wish({
      type: 'set-map-entry',
      map: 'blocked',
      key: '0a000042',
      value: '05'.padEnd(32, '0'),
    });
    expect(shown()[0]).toEqual([
      'XDP_DROP, 1 map entry',
      false,
      [
        'map blocked[0a000042]: expected 01000000000000003600000000000000, ' +
          'seen 06000000000000003600000000000000',
      ],
    ]);
    // What came out now is right.
    await keep({ maps: true });
    expect(shown().every(([, met]) => met)).toBe(true);
  });
});

describe('by hand', () => {
  test('another verdict, its removal, the removal of all', async () => {
    await keep();
    await wish({ type: 'set-expectation', packet: 1, verdict: ' drop ' });
    expect(shown()[1]).toEqual(['drop', false, ['verdict: expected drop, seen XDP_PASS']]);
    await wish({ type: 'set-expectation', packet: 0, verdict: '' });
    expect(expected()!.map(({ packet }) => packet)).toEqual([1, 2, 3]);
    expect((await wish({ type: 'drop-expectations' })).view!.undo).toBe(
      'removal of all expectations',
    );
    expect(expected()).toEqual([]);
  });
  test('for a packet that had none, before anything was kept', async () => {
    await wish({ type: 'set-expectation', packet: 2, verdict: 'XDP_DROP' });
    expect(expected()).toEqual([{ packet: 2, verdict: 'XDP_DROP' }]);
  });
  test('a word that is no verdict here is refused', async () => {
    await expect(
      wish({ type: 'set-expectation', packet: 0, verdict: 'TC_ACT_OK' }),
    ).rejects.toThrow('packet 1: "TC_ACT_OK" is no verdict of xdp; there are XDP_ABORTED');
    await expect(wish({ type: 'set-expectation', packet: 9, verdict: 'drop' })).rejects.toThrow(
      'packet 9: does not exist',
    );
  });
  test('another verdict does not ask for the fault of before', async () => {
    await wish({ type: 'resize-packet', length: 14 });
    await keep();
    await wish({ type: 'set-expectation', packet: 0, verdict: 'XDP_PASS' });
    expect(expected()![0]).toEqual({ packet: 0, verdict: 'XDP_PASS' });
  });
});

describe('packets take what is expected of them along', () => {
  beforeEach(() => keep());
  const verdicts = () => expected()!.map(({ packet, verdict }) => `${packet} ${verdict}`);
  test('moved, copied, removed', async () => {
    await wish({ type: 'move-packet', index: 0, to: 3 });
    expect(verdicts()).toEqual(['0 XDP_PASS', '1 XDP_DROP', '2 XDP_PASS', '3 XDP_DROP']);
    await wish({ type: 'duplicate-packet', index: 1 });
    expect(verdicts()).toEqual(['0 XDP_PASS', '1 XDP_DROP', '3 XDP_PASS', '4 XDP_DROP']);
    await wish({ type: 'remove-packet', index: 0 });
    expect(verdicts()).toEqual(['0 XDP_DROP', '2 XDP_PASS', '3 XDP_DROP']);
  });
  test('of others nothing is expected, until undo brings them back', async () => {
    await wish({ type: 'open-text', text: '0000: 5254', as: 'packet' });
    expect(verdicts().length).toBe(4);
    await open(new TextEncoder().encode(`${'00'.repeat(20)}\n\n${'11'.repeat(20)}`), 'two.hex');
    expect(page.made!.packets.length).toBe(2);
    expect(expected()).toEqual([]);
    await wish({ type: 'undo' });
    expect(verdicts().length).toBe(4);
  });
  test('a link has them; one to a single packet has its own', async () => {
    const linkOf = async (only: boolean) => {
      const { value } = await wish({ type: 'share', keeps: 'program', only });
      return decodeLink(value?.kind === 'share' ? value.fragment : '');
    };
    expect((await linkOf(false)).inputs.expectations).toEqual(expected());
    await wish({ type: 'select-packet', index: 2 });
    expect((await linkOf(true)).inputs.expectations).toEqual([{ packet: 0, verdict: 'XDP_DROP' }]);
  });
});

describe('test files', () => {
  test('are opened like any file, on the object that is open', async () => {
    const { notice } = await open(testFile);
    expect(notice).toBe('Read 4 packets from a.test.json, with 4 expectations.');
    expect(page.made!.maps).toEqual([{ map: 'blocked', key: '0a000042', value: '00'.repeat(16) }]);
    expect(shown().map(([, met]) => met)).toEqual([true, true, true, true]);
    expect(page.shown!.undo).toBe('packets of a.test.json');
  });
  test('or pasted', async () => {
    await wish({ type: 'open-text', text: testFile.toString() });
    expect(expected()!.length).toBe(4);
  });
  test('what was saved is what is opened', async () => {
    await keep({ packetOut: true, maps: true });
    const before = page.made!;
    const saved = await fileOf();
    expect(saved!.name).toBe('program.test.json');
    await wish({ type: 'drop-expectations' });
    await wish({ type: 'delete-map-entry', map: 'blocked', key: '0a000042' });
    await open(new TextEncoder().encode(saved!.text));
    expect(expected()).toEqual(before.expectations);
    expect(page.made!.maps).toEqual(before.maps);
    expect((await fileOf())!.text).toBe(saved!.text);
  });
  test('for another object say so', async () => {
    const file = { 'ebpf-playground-test': 1, object: 'src/other.o' };
    const packets = [{ packet: '00', expect: { verdict: 'pass' } }, { packet: '00' }];
    const text = JSON.stringify({ ...file, packets });
    const { notice } = await open(new TextEncoder().encode(text));
    expect(notice).toBe(
      'Read 2 packets from a.test.json, with 1 expectation. ' +
        'They were made for src/other.o, and run on program.o.',
    );
  });
  test.each([
    ['fresh', [1, 1, 1]],
    ['in order', [1, 2, 3]],
  ] as const)('%s: what packets leave in maps', async (each, packets) => {
    const from = '5254001234565254006543210800450000280001400040062e8c0a0000420a000001';
    const file = {
      'ebpf-playground-test': 1,
      each,
      maps: [{ map: 'blocked', key: '0a000042', value: '00'.repeat(16) }],
      packets: packets.map((hits) => ({
        packet: from,
        expect: {
          verdict: 'XDP_DROP',
          maps: [{ map: 'blocked', key: '0a000042', value: { packets: hits } }],
        },
      })),
    };
    await open(new TextEncoder().encode(JSON.stringify(file)));
    await wish({ type: 'run-packets' });
    expect(shown().map(([, met]) => met)).toEqual([true, true, true]);
    await wish({ type: 'select-packet', index: 2 });
    await wish({ type: 'go', go: { how: 'end' } });
    const saved = JSON.parse((await fileOf())!.text);
    expect(saved.each).toBe(each === 'fresh' ? 'fresh' : undefined);
    expect(saved.settings).toBeUndefined();
    const other = each === 'fresh' ? 'in order' : 'fresh';
    await wish({ type: 'set-settings', settings: { each: other } });
    await wish({ type: 'run-packets' });
    expect(shown().map(([, met]) => met)).toEqual([true, false, false]);
  });
  test('what a map does not take leaves everything as it was', async () => {
    await keep();
    const before = page.made!;
    const text = JSON.stringify({
      'ebpf-playground-test': 1,
      mapSizes: [{ map: 'blocked', field: 'max_entries', value: 1 }],
      maps: [1, 2].map((key) => ({ map: 'blocked', key, value: '00'.repeat(16) })),
      packets: [{ packet: '00' }],
    });
    await expect(open(new TextEncoder().encode(text))).rejects.toThrow(/has no room/);
    expect(page.made!).toEqual(before);
    expect((await wish({ type: 'go', go: { how: 'end' } })).snapshot!.verdict!.name).toBe(
      'XDP_DROP',
    );
  });
  test('one with a mistake is refused with the place', async () => {
    const text = '{"ebpf-playground-test": 1, "packets": [{"packet": "00", "expct": {}}]}';
    await expect(open(new TextEncoder().encode(text))).rejects.toThrow(
      'a.test.json: packets[0]: "expct" is not known here',
    );
  });
  test('a change in mid-run has no place in one, and that is said', async () => {
    await wish({ type: 'go', go: { how: 'into' } });
    await wish({ type: 'edit', target: { kind: 'register', index: 3 }, value: '1' });
    expect((await wish({ type: 'save-tests' })).notice).toBe(
      'Not in the test file: changes made in mid-run (1)',
    );
  });
});

describe('entries of maps that are expected', () => {
  const entries = async (packet: number) => {
    const { value } = await wish({ type: 'expected-entries', packet });
    return value?.kind === 'expected-entries' ? value.entries : undefined;
  };
  const set = (part: 'key' | 'value', text: string, index = 0) =>
    wish({ type: 'set-expected-entry', packet: 0, index, part, text });

  test('are told by their members, and those are typed over', async () => {
    await keep({ maps: true });
    expect(await entries(0)).toEqual([
      { map: 'blocked', key: '0a000042', value: 'packets = 1, bytes = 54' },
    ]);
    await set('value', 'packets = 2');
    expect(expected()![0].maps).toEqual([
      { map: 'blocked', key: '0a000042', value: { packets: '2' } },
    ]);
    expect(shown()[0]).toEqual([
      'XDP_DROP, 1 map entry',
      false,
      ['map blocked[0a000042]: expected packets = 2, seen packets = 1'],
    ]);
    await set('value', 'packets = 1, bytes = 0x36');
    expect(shown()[0][1]).toBe(true);
    expect(await entries(0)).toMatchObject([{ value: 'packets = 1, bytes = 0x36' }]);
    await wish({ type: 'undo' });
    expect(expected()![0].maps![0].value).toEqual({ packets: '2' });
  });

  test('may be another key, no entry, bytes, and not expected at all', async () => {
    await keep({ maps: true });
    await set('key', '0a000043');
    await set('value', 'none');
    expect(expected()![0].maps).toEqual([{ map: 'blocked', key: '0a000043', value: null }]);
    expect(await entries(0)).toMatchObject([{ value: 'none' }]);
    expect(shown()[0][1]).toBe(true);
    await set('value', '01'.repeat(16));
    expect(shown()[0][2]).toEqual([
      `map blocked[0a000043]: expected ${'01'.repeat(16)}, seen no entry`,
    ]);
    await set('key', '0x4300000a');
    expect(expected()![0].maps![0].key).toBe(0x4300000a);
    await set('value', '');
    expect(expected()![0]).toEqual({ packet: 0, verdict: 'XDP_DROP' });
  });

  test('what a map cannot have is refused with its reason', async () => {
    await keep({ maps: true });
    const before = expected();
    await expect(set('value', 'hits = 3')).rejects.toThrow('has no member "hits"');
    await expect(set('value', 'packets = many')).rejects.toThrow('packets');
    await expect(set('value', 'abc')).rejects.toThrow('has 16 bytes, "abc" is not so many in hex');
    await expect(set('key', '1 2')).rejects.toThrow('has 4 bytes');
    await expect(set('value', 'packets = 1', 7)).rejects.toThrow('has no entry 8 that is expected');
    await expect(
      wish({ type: 'set-expected-entry', packet: 9, index: 0, part: 'key', text: '0' }),
    ).rejects.toThrow('packet 10: has no entry 1');
    expect(expected()).toEqual(before);
  });
});
