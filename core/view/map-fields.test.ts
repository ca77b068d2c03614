import { beforeEach, describe, expect, test } from 'vitest';
import type { MapFields, MapView, ValueView, Wish } from '../protocol/messages.ts';
import { openExample } from '../testing/examples.ts';
import { TestPage } from '../testing/page.ts';
import { withMaps } from '../testing/with-maps.ts';
import { entryNow, withField } from './map-fields.ts';

/** `name: text` of each row that can be typed over. */
const leaves = (view: ValueView): string[] => [
  ...(view.editable ? [`${view.expression}: ${view.text}`] : []),
  ...(view.children ?? []).flatMap(leaves),
];

describe('members of keys and values by name, in the balancer', () => {
  let page: TestPage;
  let maps: MapView[] = [];
  const wish = async (wanted: Wish) => {
    const reply = await page.wish(wanted);
    if (reply.snapshot) maps = reply.snapshot.maps;
    return reply;
  };
  const fields = async (wanted: Omit<Extract<Wish, { type: 'map-fields' }>, 'type'>) =>
    (await wish({ type: 'map-fields', ...wanted })).value as MapFields;
  const value = (map: string, key: string): string =>
    maps.find(({ name }) => name === map)!.entries.find((entry) => entry.key === key)!.value;
  const setField = (expression: string, text: string, before = true, cpu?: number) =>
    wish({
      type: 'set-map-field',
      map: cpu === undefined ? 'servers' : 'statistics',
      key: '00000000',
      ...(cpu !== undefined && { cpu }),
      expression,
      text,
      before,
    });

  beforeEach(async () => {
    page = new TestPage();
    await wish({ type: 'open-inputs', inputs: openExample('balancer').inputs });
  });

  test('a new key starts as zeros and is put together by its members', async () => {
    const empty = await fields({ map: 'services', part: 'key', typed: '' });
    expect(empty.bytes).toBe('0000000000000000');
    expect(leaves(empty.tree).slice(0, 2)).toEqual(['key.address: 0.0.0.0', 'key.port: 0']);
    const address = await fields({
      map: 'services',
      part: 'key',
      typed: empty.bytes,
      change: { expression: 'key.address', text: '192.0.2.1' },
    });
    const port = await fields({
      map: 'services',
      part: 'key',
      typed: address.bytes,
      change: { expression: 'key.port', text: '443' },
    });
    expect(port.bytes).toBe('c000020101bb0000');
  });

  test('a member of an entry is set, the others stay, and one undo takes it back', async () => {
    const before = value('servers', '00000000');
    await setField('value.mac', '02:00:00:00:00:99');
    const after = value('servers', '00000000');
    expect(after).toContain('020000000099');
    expect(after.length).toBe(before.length);
    const differing = [...after].filter((digit, i) => digit !== before[i]).length;
    expect(differing).toBeLessThanOrEqual(12);
    await wish({ type: 'undo' });
    expect(value('servers', '00000000')).toBe(before);
  });

  test('what the program counts is not set with another member before the run', async () => {
    await wish({ type: 'go', go: { how: 'end' } });
    const statistics = maps.find(({ name }) => name === 'statistics')!;
    const { key } = statistics.entries.find((entry) => !/^0*$/.test(entry.value))!;
    await wish({
      type: 'set-map-field',
      map: 'statistics',
      key,
      expression: 'value.bytes',
      text: '5',
      before: true,
    });
    expect(value('statistics', key)).toBe(`${'00'.repeat(8)}05${'00'.repeat(7)}`);
  });

  test('on one CPU of a per-CPU map', async () => {
    await setField('value.packets', '7', true, 2);
    const { perCpu } = maps.find(({ name }) => name === 'statistics')!.entries[0];
    expect(perCpu!.map((one) => one.slice(0, 2))).toEqual(['00', '00', '07', '00']);
  });

  test('at the present step, of the value as it is there', async () => {
    await wish({ type: 'go', go: { how: 'to-step', step: 3 } });
    await setField('value.mac', '02:00:00:00:00:77', false);
    expect(value('servers', '00000000')).toContain('020000000077');
  });

  test.each([
    ['value.mac', 'fast', 'value.mac: wants 6 bytes in hex'],
    ['value.nothing', '1', 'value.nothing: is no member of the value of map "servers"'],
    ['*value', '1', '*value: is no member of the value of map "servers"'],
  ])('%s is not set to %s', async (expression, text, message) => {
    await expect(setField(expression, text)).rejects.toThrow(message);
  });
});

test('a key or value without a type is refused by the name of its map', () => {
  const { machine, object } = withMaps('r0 = 0; exit', [{}]);
  const { definition } = machine!.maps[0];
  const change = { expression: 'value', text: '1' };
  for (const part of ['key', 'value'] as const)
    expect(() => withField(machine!, object, definition, part, new Uint8Array(8), change)).toThrow(
      `${part} of map "m0": has no type in the BTF of the object: compile with -g`,
    );
});

test('an entry that is not there is refused with its map and key', () => {
  const session = withMaps('r0 = 0; exit', [{ maxEntries: 2 }, {}]);
  expect(entryNow(session, { map: 'm0', key: '01000000' })).toEqual(new Uint8Array(8));
  for (const [map, key] of [
    ['m0', '02000000'],
    ['m9', '00000000'],
  ])
    expect(() => entryNow(session, { map, key })).toThrow(
      `${map}[${key}]: is not there at this step`,
    );
  expect(() => entryNow(session, { map: 'm0', key: '01000000', cpu: 0 })).toThrow('is not there');
});
