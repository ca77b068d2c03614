import { describe, expect, test } from 'vitest';
import { flowOf } from '../coverage/flow.ts';
import type { MapDefinition } from '../object/types.ts';
import { finish, type Session } from '../session/session.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { viewOf } from '../testing/page.ts';
import { run, session } from '../testing/run.ts';
import { withMaps } from '../testing/with-maps.ts';
import { importMap } from './map-json.ts';
import { qemuSetup } from './qemu.ts';
import { snapshotOf } from './snapshot.ts';

const mapsOf = (opened: Session) => snapshotOf(opened).maps;
const preset = (map: string, key: string, value: string) => ({ map, key, value });

describe('what the values of a map stand for', () => {
  const texts = (definition: Partial<MapDefinition>, presets: ReturnType<typeof preset>[]) =>
    mapsOf(withMaps('r0 = 2; exit', [definition], { presets }))[0].entries.map(
      ({ keyText, valueText }) => [keyText, valueText],
    );
  test('interfaces', () =>
    expect(
      texts({ type: MAP_TYPE_ID.devmap, valueSize: 4 }, [preset('m0', '02000000', '05000000')]),
    ).toEqual([['2', 'interface 5']]));
  test('CPUs, by the key', () =>
    expect(
      texts({ type: MAP_TYPE_ID.cpumap, valueSize: 4 }, [
        preset('m0', '01000000', 'c0000000'),
        preset('m0', '03000000', '40000000'),
      ]),
    ).toEqual([
      ['1', 'CPU 1, a queue of 192 packets'],
      ['3', 'CPU 3, a queue of 64 packets'],
    ]));
  test('AF_XDP sockets, by the key', () =>
    expect(
      texts({ type: MAP_TYPE_ID.xskmap, valueSize: 4 }, [preset('m0', '03000000', '01000000')]),
    ).toEqual([['3', 'AF_XDP socket of queue 3']]));
  test('programs', () =>
    expect(
      texts({ type: MAP_TYPE_ID.prog_array, valueSize: 4 }, [preset('m0', '01000000', 'raw')]),
    ).toEqual([['1', 'raw']]));
});

describe('a dump comes in', () => {
  const definition = (keySize: number): MapDefinition => ({
    name: 'm',
    type: MAP_TYPE_ID.hash,
    keySize,
    valueSize: 2,
    maxEntries: 4,
    flags: 0,
    keyType: undefined,
    valueType: undefined,
    origin: 'btf',
    section: '.maps',
  });
  const dump = (...entries: unknown[]) => JSON.stringify(entries);
  test('of a queue, which has no keys', () =>
    expect(importMap(definition(0), dump({ value: ['0x01', '0x02'] }))).toEqual([
      preset('m', '', '0102'),
    ]));
  test('of keys of one byte', () =>
    expect(importMap(definition(1), dump({ key: ['0x07'], value: ['0x01', '0x02'] }))).toEqual([
      preset('m', '07', '0102'),
    ]));
  test('numbers and plain hex are taken too', () =>
    expect(importMap(definition(1), dump({ key: [7], value: '0102' }))).toEqual([
      preset('m', '07', '0102'),
    ]));
  test('names of maps and programs stay names, empty slots are left out', () =>
    expect(
      importMap(
        definition(1),
        dump({ key: [7], value: 'inner' }, { key: [8], value: { error: 'none' } }),
      ),
    ).toEqual([preset('m', '07', 'inner')]));
  test('a value for each CPU', () =>
    expect(
      importMap(
        definition(1),
        dump({
          key: [7],
          values: [
            { cpu: 0, value: ['0x01', '0x02'] },
            { cpu: 3, value: [3, 4] },
          ],
        }),
      ),
    ).toEqual([
      { ...preset('m', '07', '0102'), cpu: 0 },
      { ...preset('m', '07', '0304'), cpu: 3 },
    ]));
  const PLACE = 'contents of map "m"';
  test.each([
    ['nonsense', `${PLACE}: is not JSON as \`bpftool -j map dump\` writes it`],
    ['{}', `${PLACE}: is not a list of entries as \`bpftool -j map dump\` writes it`],
    ['[5]', `${PLACE}, entry 0: is not an object`],
    ['[{"key":[1],"value":[1]},null]', `${PLACE}, entry 1: is not an object`],
    ['[{"key":[256],"value":[1]}]', `${PLACE}, entry 0, key: 256 is not a byte`],
    ['[{"key":[255],"value":[-1]}]', `${PLACE}, entry 0, value: -1 is not a byte`],
    ['[{"key":[1],"value":[""]}]', `${PLACE}, entry 0, value: "" is not a byte`],
    [
      '[{"key":5,"value":[1]}]',
      `${PLACE}, entry 0, key: is not a list of bytes such as ["0x01","0x00"]`,
    ],
    ['[{"key":[1],"values":[{"value":[1]}]}]', `${PLACE}, entry 0: a value has no "cpu"`],
    ['[{"key":[1],"values":[{"cpu":-1,"value":[1]}]}]', `${PLACE}, entry 0: a value has no "cpu"`],
    [
      '[{"key":[1],"values":[{"cpu":0,"value":[300]}]}]',
      `${PLACE}, entry 0, value of CPU 0: 300 is not a byte`,
    ],
  ])('%s', (text, message) => {
    let said = '';
    try {
      importMap(definition(1), text);
    } catch (error) {
      said = (error as Error).message;
    }
    expect(said).toBe(message);
  });
});

describe('steps over, out and back', () => {
  const SOURCE =
    'r6 = 1; call pc f; r0 = 7; exit; f: r0 = 5; call pc g; r0 += 1; exit; g: r0 = 9; exit';
  const places = (
    opened: Session,
    ...hows: ('into' | 'over' | 'out' | 'back' | 'back-over' | 'back-out' | 'end')[]
  ) =>
    hows.map((how) => {
      finish(opened.go({ how }));
      return [opened.machine!.steps, opened.machine!.pc];
    });
  const begun = () => {
    const opened = session(SOURCE);
    finish(opened.go({ how: 'reset' }));
    return opened;
  };
  test('over a plain instruction is one step', () =>
    expect(places(begun(), 'over')).toEqual([[1, 1]]));
  test('over a call is all of it', () =>
    expect(places(begun(), 'over', 'over', 'over')).toEqual([
      [1, 1],
      [8, 2],
      [9, 3],
    ]));
  test('out of a function is behind its call', () =>
    expect(places(begun(), 'into', 'into', 'into', 'out')).toEqual([
      [1, 1],
      [2, 4],
      [3, 5],
      [8, 2],
    ]));
  test('out of the innermost is only out of that', () =>
    expect(places(begun(), 'into', 'into', 'into', 'into', 'out')).toEqual([
      [1, 1],
      [2, 4],
      [3, 5],
      [4, 8],
      [6, 6],
    ]));
  test('out of the outermost runs to the end', () => {
    const opened = begun();
    finish(opened.go({ how: 'into' }));
    finish(opened.go({ how: 'out' }));
    expect([opened.machine!.status, opened.machine!.steps, opened.stopped]).toEqual([
      'finished',
      10,
      'end of the program',
    ]);
  });
  test('back', () =>
    expect(places(begun(), 'over', 'over', 'back', 'back-over')).toEqual([
      [1, 1],
      [8, 2],
      [7, 7],
      [6, 6],
    ]));
  test('back over a call is before it', () =>
    expect(places(begun(), 'over', 'over', 'back-over')).toEqual([
      [1, 1],
      [8, 2],
      [1, 1],
    ]));
  test('back out of a function is at its call', () =>
    expect(places(begun(), 'into', 'into', 'into', 'back-out')).toEqual([
      [1, 1],
      [2, 4],
      [3, 5],
      [1, 1],
    ]));
  test('back at the start stays there', () => {
    const opened = begun();
    expect(places(opened, 'back', 'back-over')).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(opened.stopped).toBe('before the first instruction');
  });
});

test('who called whom names functions, helpers and calls by register', () => {
  const opened = session(
    'r6 = r1; call bpf_ktime_get_ns; call pc f; call bpf_ktime_get_ns; exit; f: ' +
      'call bpf_get_prandom_u32; exit',
    {
      hook: 'xdp',
      packet: '00',
    },
  );
  let flow: ReturnType<typeof flowOf> extends Generator<unknown, infer Made> ? Made : never;
  const work = flowOf(opened, false);
  for (;;) {
    const next = work.next();
    if (!next.done) continue;
    flow = next.value;
    break;
  }
  const { nodes, edges } = flow.calls;
  expect(nodes.map(({ id, name, kind, count }) => [id, name, kind, count]).toSorted()).toEqual(
    [
      [0, 'raw', 'function', 1],
      [5, 'raw+0x28', 'function', 1],
      [-1, 'bpf_ktime_get_ns', 'helper', 2],
      [-2, 'bpf_get_prandom_u32', 'helper', 1],
    ].toSorted(),
  );
  expect(edges.map(({ from, to, count }) => `${from}>${to} ${count}`).toSorted()).toEqual([
    '0>-1 2',
    '0>5 1',
    '5>-2 1',
  ]);
});

describe('the line for QEMU', () => {
  test('as it is set up, a comma in a name written twice', () => {
    const opened = session('r0 = 0; exit', { hook: 'filter-ubpf', packet: '00'.repeat(60) });
    Object.assign(opened.object, { name: '/some/where/a,b,c.o' });
    expect(qemuSetup(opened)).toEqual({
      commandLine:
        '-object filter-ubpf,id=ubpf1,netdev=hn0,queue=all,ip-mode=on,ubpf-handler=a,,b,,c.o',
      qmp:
        '{"execute":"object-add","arguments":{"qom-type":"filter-ubpf","id":"ubpf1",' +
        '"netdev":"hn0","queue":"all","status":"on","ip-mode":true,"ubpf-handler":"a,b,c.o"}}',
      note: 'queue=all: packets to and from the guest.',
    });
  });
  test.each([
    ['tx', 'queue=tx: packets the netdev sends, so what the guest receives.'],
    ['rx', 'queue=rx: packets the netdev receives, so what the guest sends.'],
  ])('queue=%s', (queue, note) => {
    const options: [string, string][] = [
      ['queue', queue],
      ['status', 'off'],
      ['ip-mode', 'off'],
    ];
    const made = qemuSetup(
      session('r0 = 0; exit', { hook: 'filter-ubpf', packet: '00'.repeat(60), options }),
    )!;
    expect([made.note, made.commandLine]).toEqual([
      note,
      `-object filter-ubpf,id=ubpf1,netdev=hn0,queue=${queue},ip-mode=off,` +
        `status=off,ubpf-handler=test`,
    ]);
    expect(JSON.parse(made.qmp).arguments).toMatchObject({
      queue,
      status: 'off',
      'ip-mode': false,
    });
  });
  test('no other hook has one', () =>
    expect(qemuSetup(session('r0 = 2; exit', { hook: 'xdp' }))).toBeUndefined());
});

test('an inner map named by the first map is that map, and no second one', () => {
  const inner = { name: 'inner', type: MAP_TYPE_ID.array, keySize: 4, valueSize: 8, maxEntries: 4 };
  const outer = {
    name: 'outer',
    type: MAP_TYPE_ID.array_of_maps,
    valueSize: 4,
    maxEntries: 2,
    inner: {
      ...inner,
      flags: 0,
      keyType: undefined,
      valueType: undefined,
      origin: 'btf',
      section: '.maps',
    } as MapDefinition,
  };
  const opened = withMaps('r0 = 2; exit', [inner, outer], {
    presets: [preset('outer', '01000000', 'inner')],
  });
  expect(mapsOf(opened).map(({ name }) => name)).toEqual(['inner', 'outer']);
  expect(mapsOf(opened)[1].entries.map(({ keyText, valueText }) => [keyText, valueText])).toEqual([
    ['1', 'inner'],
  ]);
});

test('the regions of memory are listed, with their rights and sizes', () => {
  const opened = session('r0 = 2; exit', { hook: 'xdp', packet: '00'.repeat(20) });
  const names = snapshotOf(opened).regions.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['packet', 'stack']));
  expect(viewOf(opened).packetBytes.length).toBe(20);
  expect(run('r0 = 2; exit', { hook: 'xdp' }).verdict.name).toBe('XDP_PASS');
});
