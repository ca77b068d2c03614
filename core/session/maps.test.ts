import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { MapView, Snapshot } from '../protocol/messages.ts';
import { MAP_FLAGS } from '../spec/map-types.ts';
import { openSession } from '../testing/run.ts';
import { snapshotOf } from '../view/snapshot.ts';
import { inputsFor } from './inputs.ts';
import { finish, type Session } from './session.ts';
import type { MapPreset, SessionInputs } from './types.ts';

const folder = join(import.meta.dirname, '../testdata/kernel');
const object = inputsFor(
  'maps.o',
  new Uint8Array(readFileSync(join(folder, 'maps.clang-19-v4.o'))),
);
const packets = [{ name: 'packet', bytes: new Uint8Array(64) }];

const open = (program: string, changed: Partial<SessionInputs> = {}): Session =>
  openSession({ ...object, packets, program, ...changed });
function atEnd(session: Session): Snapshot {
  finish(session.go({ how: 'end' }));
  return snapshotOf(session);
}
const mapOf = (snapshot: Snapshot, name: string): MapView =>
  snapshot.maps.find((map) => map.name === name)!;
const preset = (map: string, key: string, value: string, cpu?: number): MapPreset => ({
  map,
  key,
  value,
  ...(cpu !== undefined && { cpu }),
});

describe('what a person sees of maps', () => {
  test('a queue in the order in which it will be emptied', () => {
    const line = mapOf(atEnd(open('queue')), 'line');
    expect(line.entries.map(({ keyText, valueText }) => [keyText, valueText])).toEqual([
      ['#0', '20'],
    ]);
  });
  test('records of a ring buffer, in the map, and in the output with their step', () => {
    const snapshot = atEnd(open('ringbuf'));
    expect(
      mapOf(snapshot, 'ring').entries.map(({ keyText, value }) => [keyText, value.length / 2]),
    ).toEqual([
      ['at 0', 1],
      ['at 16', 32],
      ['at 56', 8],
      ['at 104', 16],
    ]);
    expect(snapshot.output.map(({ source, text }) => [source, text])).toEqual([
      ['ringbuf', 'ring: 1 bytes, wakes the reader'],
      ['ringbuf', 'ring: 32 bytes'],
      ['ringbuf', 'ring: 8 bytes, wakes the reader'],
      ['ringbuf', 'ring: 16 bytes'],
    ]);
  });
  test('inner maps by name, and as maps of their own', () => {
    const snapshot = atEnd(open('maps_in_maps'));
    expect(
      mapOf(snapshot, 'outer').entries.map(({ keyText, valueText }) => [keyText, valueText]),
    ).toEqual([
      ['0', 'inner_a'],
      ['2', 'inner_b'],
      ['3', 'inner_a'],
    ]);
    expect(mapOf(snapshot, 'inner_a').entries.map(({ valueText }) => valueText)).toEqual([
      '103',
      '2',
    ]);
  });
  test('where a redirection goes', () => {
    const maps = [preset('devices', '02000000', '05000000')];
    const { verdict } = atEnd(open('redirects', { maps }));
    expect(verdict).toMatchObject({
      action: 'redirect',
      text: 'XDP: XDP_REDIRECT (4) to interface 5 (map "devices", key 2)',
    });
  });
  test('a type that is not built says why', () => {
    const session = open('queue');
    const { machine } = session;
    const definition = { ...machine!.maps[0].definition, type: 31 };
    Object.assign(machine!.maps[0], { definition });
    expect(snapshotOf(session).maps[0].type).toMatch(
      /user_ringbuf \(known, not built here: there is no user space/,
    );
  });
});

describe('what a program may not do', () => {
  test('change a map with BPF_F_RDONLY_PROG', () => {
    const session = open('hash_flags');
    finish(session.seek(0));
    const table = session.machine!.maps.find(({ definition }) => definition.name === 'table')!;
    Object.assign(table, {
      definition: { ...table.definition, flags: MAP_FLAGS.BPF_F_RDONLY_PROG },
    });
    expect(atEnd(session).fault).toMatchObject({
      kind: 'bad-argument',
      message: expect.stringMatching(
        /bpf_map_update_elem may not be used on map "table" with BPF_F_RDONLY_PROG/,
      ),
    });
  });
});

describe('entries before the run', () => {
  test('a value of one CPU leaves those of the others', () => {
    const maps = [
      preset('each_list', '00000000', '0700000000000000', 3),
      preset('each_list', '00000000', '01'.padEnd(16, '0')),
    ];
    const [entry] = mapOf(snapshotOf(open('queue', { maps })), 'each_list').entries;
    expect(entry.perCpu).toEqual([
      '0100000000000000',
      '0000000000000000',
      '0000000000000000',
      '0700000000000000',
    ]);
  });
  test('a name that no map has makes one like the template, which can be filled too', () => {
    const maps = [
      preset('outer', '01000000', 'mine'),
      preset('mine', '01000000', '2a'.padEnd(16, '0')),
    ];
    const snapshot = snapshotOf(open('maps_in_maps', { maps }));
    expect(mapOf(snapshot, 'outer').entries[1]).toMatchObject({ keyText: '1', valueText: 'mine' });
    expect(mapOf(snapshot, 'mine').entries[1]).toMatchObject({ valueText: '42' });
  });
  test('values are pushed into what has no keys', () => {
    const maps = [preset('line', '', '01000000'), preset('line', '', '02000000')];
    expect(
      mapOf(snapshotOf(open('lpm', { maps })), 'line').entries.map(({ valueText }) => valueText),
    ).toEqual(['1', '2']);
  });
  test.each([
    [
      'a map that is not like the template',
      preset('outer', '01000000', 'table'),
      /map "table" cannot be put in: its type is 1/,
    ],
    [
      'a CPU that does not exist',
      preset('each_list', '00000000', '00'.repeat(8), 9),
      /there is no CPU 9, the machine has 4/,
    ],
    ['more values than a queue holds', preset('line', '', '00000000'), /has no room for more/],
    ['an interface 0', preset('devices_hash', '01000000', '00000000'), /cannot be put in/],
  ])('%s is refused', (_title, entry, message) => {
    const full = Array.from({ length: 4 }, () => preset('line', '', '00000000'));
    expect(open('queue', { maps: [...full, entry] }).problem).toMatch(message);
  });
});

describe('stepping through callbacks', () => {
  test.each(['each_deletes', 'each_nested', 'lru_used', 'each_updates'])(
    '%s steps to the same end as it runs, and back to where it was',
    (program) => {
      const whole = atEnd(open(program));
      const session = open(program);
      const middle = Math.floor(whole.step / 2);
      finish(session.seek(middle));
      const there = snapshotOf(session);
      finish(session.seek(whole.step - 1));
      finish(session.seek(middle));
      expect(snapshotOf(session)).toEqual(there);
      while (session.machine!.status === 'running') finish(session.go({ how: 'into' }));
      expect(
        snapshotOf(session).maps.map(({ name, entries }) => [
          name,
          entries.map(({ key, value }) => key + value),
        ]),
      ).toEqual(
        whole.maps.map(({ name, entries }) => [name, entries.map(({ key, value }) => key + value)]),
      );
    },
  );
});

describe('timers', () => {
  const settings = { ...object.settings, gap: '1000000000' };
  const texts = (snapshot: Snapshot): string[] =>
    mapOf(snapshot, 'seen')
      .entries.map(({ valueText }) => valueText)
      .filter((text) => Number(text) >= 1000);

  test('call their functions after the program, are stepped into, and leave its verdict', () => {
    const session = open('timers_fire', { settings });
    const { steps } = session.outcome!;
    while (session.machine!.frames[0]?.callback?.kind !== 'timer')
      finish(session.go({ how: 'into' }));
    const { frames, status, step } = snapshotOf(session);
    expect(frames.map((frame) => frame.function)).toEqual(['timers_fire', 'fires']);
    expect([status, step < steps]).toEqual(['paused', true]);
    const snapshot = atEnd(session);
    expect(texts(snapshot)).toEqual(['1007', '1007', '1007', '2009', '1001', '1001', '1001']);
    expect(snapshot.verdict).toMatchObject({ name: 'XDP_PASS', code: 2 });
  });
  test('do not fire where the next packet comes before they are due', () => {
    expect(texts(atEnd(open('timers_fire')))).toEqual([]);
    expect(
      texts(atEnd(open('timers_fire', { settings: { ...settings, gap: '30000000' } }))),
    ).toEqual(['1007', '1007', '1007']);
  });
});
