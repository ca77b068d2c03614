import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { toHex } from '../bytes/hex.ts';
import { ENGINES } from '../jit/engines.ts';
import { folderOf } from '../protocol/example.ts';
import { finish, Session } from '../session/session.ts';
import { EXAMPLES, openExample } from '../testing/examples.ts';
import { testsIn, testsOf } from '../testing/tests.ts';
import { failureText, judge, type Tests } from './judge.ts';
import { keepExpectations } from './keep.ts';
import { writeTests } from './write.ts';

const root = join(import.meta.dirname, '../../public/examples');
const objectOf = (name: string) => new Uint8Array(readFileSync(join(root, name, 'program.o')));
const fileOf = (name: string) => {
  const example = EXAMPLES.find((one) => one.name === name)!;
  return join(root, folderOf(example), `${name}.test.json`);
};

describe.each(ENGINES)('by $name', (engine) => {
  const results = (tests: Tests) => finish(judge(tests, engine));
  const failures = async (object: Uint8Array, file: object) =>
    results(await testsOf(object, file)).map((result) => failureText(result));

  test.each(EXAMPLES)('the gallery’s $name comes to what its test file says', async ({ name }) => {
    const tests = await testsIn(fileOf(name));
    const { packets } = openExample(name).inputs;
    expect(tests.inputs.packets.map(({ name, bytes }) => [name, toHex(bytes)])).toEqual(
      packets.map(({ name, bytes }) => [name, toHex(bytes)]),
    );
    const judged = results(tests);
    expect(judged.flatMap((result) => failureText(result))).toEqual([]);
    expect(judged.every(({ expectation }) => expectation?.verdict !== undefined)).toBe(true);
  });

  test('a program that drops too little fails with what was expected, seen, and why', async () => {
    const object = objectOf('seed-filter');
    // r0 = 1 becomes r0 = 0: nothing is dropped any more.
    const at = toHex(object).indexOf('b700000001000000') / 2;
    const broken = object.slice();
    broken[at + 4] = 0;
    const judged = results(await testsIn(fileOf('seed-filter'), broken));
    expect(judged.map(({ unmet }) => unmet)).toEqual([
      [{ what: 'verdict', expected: 'drop', seen: 'pass' }],
      [],
      [{ what: 'verdict', expected: 'drop', seen: 'pass' }],
      [],
    ]);
    expect(judged.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^filter-ubpf: r0 = 0x0 -> pass: /),
      undefined,
      expect.stringMatching(/^filter-ubpf: r0 = 0x0 -> pass: /),
      undefined,
    ]);
  });

  test('the reason of a changed filter names what decided', async () => {
    const object = objectOf('xdp-firewall');
    const [, second] = (await testsIn(fileOf('xdp-firewall'))).inputs.packets;
    const [failed] = results(
      await testsOf(object, {
        packets: [{ packet: toHex(second!.bytes), expect: { verdict: 'XDP_DROP' } }],
      }),
    );
    expect(failureText(failed!)).toEqual([
      'verdict: expected XDP_DROP, seen XDP_PASS',
      expect.stringMatching(/^XDP: XDP_PASS \(2\): .*blocked/),
    ]);
  });

  const COUNTS = objectOf('xdp-firewall');
  const blocked = { map: 'blocked', key: '0a000042', value: '00'.repeat(16) };
  const hits = (packets: number) => ({
    maps: [{ map: 'blocked', key: '0a000042', value: { packets } }],
  });
  const from = '5254001234565254006543210800450000280001400040062e8c0a0000420a000001';
  test.each([
    ['in order', 2],
    ['fresh', 1],
  ])('%s: what a packet leaves in maps', async (each, second) => {
    const file = {
      each,
      maps: [blocked],
      packets: [
        { packet: from, expect: hits(1) },
        { packet: from, expect: hits(second) },
      ],
    };
    expect(await failures(COUNTS, file)).toEqual([[], []]);
    const wrong = { ...file, packets: [{ packet: from, expect: hits(7) }] };
    expect(await failures(COUNTS, wrong)).toEqual([
      ['map blocked[0a000042]: expected packets = 7, seen packets = 1', expect.any(String)],
    ]);
  });

  const returns = (r0: string) => assemble(`r0 = ${r0}\nexit`, { helper: () => undefined });
  const FAULTS = assemble('r1 = 0\nr0 = *(u8 *)(r1 + 0)\nexit', { helper: () => undefined });
  const one = (expect: object, hook = 'xdp') => ({
    hook,
    packets: [{ packet: '00'.repeat(14), expect }],
  });
  test.each<[what: string, object: Uint8Array, file: object, unmet: string[]]>([
    ['a verdict by its name', returns('1'), one({ verdict: 'XDP_DROP' }), []],
    ['by what it does, in any case', returns('1'), one({ verdict: 'Drop' }), []],
    [
      'another one',
      returns('2'),
      one({ verdict: 'drop' }),
      ['verdict: expected drop, seen XDP_PASS'],
    ],
    ['an unknown action', returns('77'), one({ verdict: 'unknown action 77' }), []],
    ['a negative int of tc', returns('-1'), one({ r0: -1, verdict: 'TC_ACT_UNSPEC' }, 'tc'), []],
    [
      'an int has 32 bits, whatever is above',
      assemble('r0 = 1\nr0 <<= 32\nr0 |= 2\nexit', { helper: () => undefined }),
      one({ r0: 2 }),
      [],
    ],
    [
      'filter-ubpf looks at all 64',
      assemble('r0 = 1\nr0 <<= 32\nexit', { helper: () => undefined }),
      {
        hook: 'filter-ubpf',
        options: { 'ip-mode': 'off' },
        packets: [{ packet: `${'00'.repeat(12)}080045${'00'.repeat(19)}`, expect: { r0: 0 } }],
      },
      ['r0: expected 0, seen 0x100000000'],
    ],
    ['a fault that is expected', FAULTS, one({ fault: 'null-pointer' }), []],
    [
      'a verdict that only comes of a fault is none',
      FAULTS,
      one({ verdict: 'XDP_ABORTED' }),
      ['fault: expected no fault, seen '],
    ],
    [
      'a fault that does not come',
      returns('2'),
      one({ fault: 'out-of-bounds' }),
      ['fault: expected out-of-bounds, seen no fault'],
    ],
    [
      'a packet that goes on, byte by byte',
      returns('2'),
      one({ packet: `${'00'.repeat(13)}ff` }),
      ['packet: expected ff from byte 13 on, seen 00'],
    ],
    [
      'one of another length',
      returns('2'),
      one({ packet: '00' }),
      ['packet: expected 1 bytes, seen 14'],
    ],
    [
      'a map that is not there',
      returns('2'),
      one({ maps: [{ map: 'hits', key: 0, value: 1 }] }),
      ['map hits[0]: expected 1, seen the object has no map of that name'],
    ],
  ])('%s', async (_what, object, file, unmet) => {
    const [texts] = await failures(object, file);
    expect(texts!.slice(0, unmet.length).map((text, i) => text.slice(0, unmet[i]!.length))).toEqual(
      unmet,
    );
    expect(texts!.length > 0).toBe(unmet.length > 0);
  });
  test('entries: gone, not there, of another width', async () => {
    const ask = (maps: unknown[]) => ({
      maps: [blocked],
      packets: [{ packet: '', expect: { maps } }],
    });
    const entry = (key: unknown, value: unknown) => ({ map: 'blocked', key, value });
    const first = async (maps: unknown[]) =>
      (await failures(COUNTS, ask(maps)))[0]!.slice(0, maps.length);
    expect(
      await first([
        entry('0a000042', null),
        entry('0a000043', '00'.repeat(16)),
        entry('0a00', null),
        entry('0a000042', { packets: 0, octets: 1 }),
      ]),
    ).toEqual([
      `map blocked[0a000042]: expected no entry, seen ${'00'.repeat(16)}`,
      `map blocked[0a000043]: expected ${'00'.repeat(16)}, seen no entry`,
      'map blocked[0a00]: expected no entry, ' +
        'seen key of map "blocked": has 4 bytes, "0a00" is not so many in hex',
      'map blocked[0a000042]: expected packets = 0, octets = 1, ' +
        'seen value of map "blocked": has no member "octets"',
    ]);
    expect(await failures(COUNTS, ask([entry('0a000043', null)]))).toEqual([[]]);
  });
  test('a number is as wide as the key, in the byte order of the object', async () => {
    const file = {
      maps: [{ map: 'blocked', key: 0x4200000a, value: { packets: 5, bytes: '0x10' } }],
      packets: [
        {
          packet: from,
          expect: { verdict: 'drop', maps: [{ ...blocked, value: { packets: 6, bytes: 50 } }] },
        },
      ],
    };
    expect(await failures(COUNTS, file)).toEqual([[]]);
  });
  test('a packet of which nothing is expected runs for what it leaves behind', async () => {
    const file = {
      maps: [blocked],
      packets: [{ packet: from }, { packet: from, expect: hits(2) }],
    };
    const judged = results(await testsOf(COUNTS, file));
    expect(judged.map(({ expectation, unmet }) => [expectation?.packet, unmet])).toEqual([
      [undefined, []],
      [1, []],
    ]);
  });
});

describe('what a file asks for and the object does not have', () => {
  const packets = [{ packet: '00', expect: { verdict: 'drop' } }];
  test.each<[file: object, answer: string]>([
    [
      { packets: [{ packet: '00', expect: { verdict: 'TC_ACT_OK' } }] },
      'tests.json: packets[0].expect.verdict: ' +
        '"TC_ACT_OK" is no verdict of xdp; there are XDP_ABORTED, ',
    ],
    [{ packets, program: 'nat' }, 'program.o: has no program "nat", it has firewall'],
    [{ packets, options: { queue: 'x' } }, 'option queue: does not exist for xdp programs'],
    [{ packets, context: { mark: 1 } }, 'tests.json: context.mark: there is none; there are '],
    [{ packets, externs: { X: 1 } }, 'tests.json: externs.X: there is none; there are none'],
    [
      { packets, globals: { limit: 1 } },
      'tests.json: globals.limit: program.o has no such variable',
    ],
    [
      { packets, maps: [{ map: 'blocked', key: '00', value: null }] },
      'tests.json: maps[0]: key of map "blocked": has 4 bytes, "00" is not so many in hex',
    ],
    [
      { packets, maps: [{ map: 'other', key: 1, value: null }] },
      'tests.json: maps[0]: map "other": is none of the object: its keys and values are hex',
    ],
  ])('%j', async (file, answer) => {
    const said = await testsOf(objectOf('xdp-firewall'), file).then(
      () => 'is taken',
      (error) => error.message as string,
    );
    expect(said.slice(0, answer.length)).toBe(answer);
  });
});

/** A session with other inputs, run. */
function prepared({ object }: Session, inputs: Session['inputs']): Session {
  const session = new Session(inputs, new WebAssembly.Memory({ initial: 1 }), object);
  finish(session.prepare());
  return session;
}

describe('what a session has come to is kept, written, and read again', () => {
  test.each(EXAMPLES)('$name', async ({ name }) => {
    const shown = openExample(name);
    const kept = finish(keepExpectations(shown, { packetOut: true, maps: true }));
    expect(kept.length).toBe(shown.inputs.packets.length);
    const session = prepared(shown, { ...shown.inputs, expectations: kept });
    expect(kept.map((one) => session.unmet(one))).toEqual(kept.map(() => []));
    const { text } = writeTests(session);
    const tests = await testsOf(shown.inputs.object.bytes, JSON.parse(text));
    expect(tests.inputs.expectations).toEqual(kept);
    expect(finish(judge(tests, ENGINES[0]!)).flatMap(({ unmet }) => unmet)).toEqual([]);
    const again = writeTests(prepared(shown, tests.inputs)).text;
    expect(JSON.parse(again)).toEqual(JSON.parse(text));
  });
  test('globals by their names; what has no place in a file is named', () => {
    const shown = openExample('subprograms');
    const [limit] = shown.object.maps.filter(({ name }) => name === '.rodata');
    const session = prepared(shown, {
      ...shown.inputs,
      maps: [{ map: limit!.name, key: '00000000', value: '32000000' }],
      edits: [{ packet: 0, step: 1, target: { kind: 'register', index: 3 }, value: '1' }],
      notes: [
        { packet: 0, step: 0, text: 'kept' },
        { packet: 0, step: 2, text: 'not kept' },
      ],
      capture: { name: 'c.pcap', packet: 5, partial: true },
    });
    const { text, left } = writeTests(session);
    expect(JSON.parse(text)).toMatchObject({
      globals: { limit: '50' },
      packets: [{ note: 'kept' }, {}, {}],
    });
    expect(JSON.parse(text).maps).toBeUndefined();
    expect(left).toEqual([
      'changes made in mid-run (1)',
      'notes behind the first step (1)',
      'a part of what maps held at packet 5',
    ]);
  });
});

test('globals are set by their names before the packets run', async () => {
  const object = objectOf('subprograms');
  const limitOf = async (globals: object) => {
    const { inputs } = await testsOf(object, {
      packets: [{ packet: '00' }],
      globals,
    });
    return inputs.maps.map(({ map, value }) => [map, value]);
  };
  expect(await limitOf({ limit: 50 })).toEqual([['.rodata', '32000000']]);
  expect(await limitOf({ limit: '0x10' })).toEqual([['.rodata', '10000000']]);
  expect(await limitOf({})).toEqual([]);
});

test('the reason is looked for of the first twenty that fail', async () => {
  const packets = Array.from({ length: 30 }, () => ({ packet: '00', expect: { verdict: 'drop' } }));
  const tests = await testsOf(objectOf('xdp-firewall'), { packets });
  const reasons = finish(judge(tests, ENGINES[0]!)).map(({ reason }) => reason !== undefined);
  expect(reasons).toEqual([...Array(20).fill(true), ...Array(10).fill(false)]);
});
