import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { looksLikeTests, readTests, testTextOf } from './file.ts';
import { packetOfLines, writtenPacket } from './packet-text.ts';

const KEPT = join(import.meta.dirname, '../testdata/expect/version-1.test.json');
const read = (packets: unknown, others: object = {}) =>
  readTests('t.json', JSON.stringify({ 'ebpf-playground-test': 1, packets, ...others }));
const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'is read';
};
const SYN =
  '52540012345652540065432108004500002800010000400666c50a0000420a0000019c4001bb00' +
  '000001000000005002200000000000';

test('a file of version 1 is read, now and later', () => {
  const file = readTests('version-1.test.json', readFileSync(KEPT, 'utf8'));
  expect(file).toMatchObject({
    object: 'program.o',
    program: 'mark_large',
    hook: 'tc',
    options: [['direction', 'ingress']],
    context: [['mark', '7']],
    each: 'fresh',
    settings: { seed: 5, time: '2000000000', gap: '1000' },
    kernelTypes: 'own',
    globals: [['limit', '50']],
    expectations: [
      { packet: 0, verdict: 'pass', r0: '0' },
      { packet: 1, verdict: 'TC_ACT_SHOT' },
    ],
  });
  expect(
    file.packets.map(({ name, bytes, time, note }) => [name, bytes.length, time, note]),
  ).toEqual([
    ['54 bytes', 54, '1700000000000000000', expect.stringContaining('limit of this test')],
    ['packet 2', 3, undefined, undefined],
    ['packet 3', 0, undefined, undefined],
  ]);
});

describe('a packet is written', () => {
  const dump = (lines: string[]) => toHex(read([{ packet: lines }]).packets[0]!.bytes);
  const bytes = fromHex(SYN)!;
  test.each<[how: string, lines: string[]]>([
    ['as rows of this file', writtenPacket(bytes) as string[]],
    [
      'as tcpdump -xx prints it',
      [
        '0x0000:  5254 0012 3456 5254 0065 4321 0800 4500',
        '0x0010:  0028 0001 0000 4006 66c5 0a00 0042 0a00',
        '0x0020:  0001 9c40 01bb 0000 0001 0000 0000 5002',
        '0x0030:  2000 0000 0000',
      ],
    ],
    [
      'as Wireshark copies it',
      [
        '0000   52 54 00 12 34 56 52 54 00 65 43 21 08 00 45 00   RT..4VRT.eC!..E.',
        '0010   00 28 00 01 00 00 40 06 66 c5 0a 00 00 42 0a 00   .(....@.f....B..',
        '0020   00 01 9c 40 01 bb 00 00 00 01 00 00 00 00 50 02   ...@..........P.',
        '0030   20 00 00 00 00 00                                  .....',
      ],
    ],
  ])('%s', (_how, lines) => expect(dump(lines)).toBe(SYN));
  test('as a dump without its Ethernet header, which is said', () => {
    const lines = [
      'IP 10.0.0.66.40000 > 10.0.0.1.443: Flags [S], seq 1, win 8192, length 0',
      '\t0x0000:  4500 0028 0001 0000 4006 66c5 0a00 0042',
      '\t0x0010:  0a00 0001 9c40 01bb 0000 0001 0000 0000',
      '\t0x0020:  5002 2000 0000 0000',
    ];
    const { packets, notes } = read([{ packet: lines }]);
    expect(packets[0]!.bytes.length).toBe(54);
    const place = 't.json: packets[0].packet:';
    expect(notes).toEqual([
      `${place} Ethernet header made up for 1 packet: tcpdump -x does not show it.`,
      `${place} 1 line without bytes skipped.`,
    ]);
  });
  test('as hex, with blanks or without', () => {
    expect(toHex(read([{ packet: `52 54 ${SYN.slice(4)}` }]).packets[0]!.bytes)).toBe(SYN);
  });
  test('and read again exactly, whatever its bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (wanted) => {
        expect(toHex(packetOfLines(writtenPacket(wanted), 'p', () => expect.fail('a note')))).toBe(
          toHex(wanted),
        );
      }),
    );
  });
});

describe('what is wrong is told with its place', () => {
  const packet = { packet: '00' };
  test.each<[what: string, packets: unknown, others: object, answer: string]>([
    ['no packets', undefined, {}, 't.json: has no "packets"'],
    ['an empty list', [], {}, 't.json: packets: is empty: there is nothing to test'],
    ['an unknown key', [packet], { verdikt: 1 }, 't.json: "verdikt" is not known here'],
    [
      'one deep inside',
      [packet, { ...packet, expect: { verdict: 'drop', ro: 1 } }],
      {},
      't.json: packets[1].expect: "ro" is not known here',
    ],
    [
      'an expectation of nothing',
      [{ ...packet, expect: {} }],
      {},
      't.json: packets[0].expect: names nothing: verdict, r0, packet, maps or fault; ' +
        'leave it out where nothing is expected',
    ],
    [
      'an r0 that is no number',
      [{ ...packet, expect: { r0: 'one' } }],
      {},
      't.json: packets[0].expect.r0: is no number, decimal or with 0x',
    ],
    ['a number for a name', [packet], { object: 5 }, 't.json: object: is 5, expected is string'],
    ['another hook', [packet], { hook: 'xpd' }, 't.json: hook: is "xpd", expected is ('],
    ['a packet that is none', [{ packet: 'hello' }], {}, 't.json: packets[0].packet: '],
    [
      'two packets in one',
      [{ packet: [SYN, '', SYN] }],
      {},
      't.json: packets[0].packet: is 2 packets, each stands for itself',
    ],
    [
      'rows that leave bytes out',
      [{ packet: ['0000: 00', '0010: 11'] }],
      {},
      't.json: packets[0].packet: ',
    ],
    [
      'a key that is no hex',
      [packet],
      { maps: [{ map: 'm', key: '0x1', value: 1 }] },
      't.json: maps[0].key: is no hex of bytes',
    ],
  ])('%s', (_what, packets, others, answer) => {
    const said = refusal(() => read(packets, others));
    expect(said.slice(0, answer.length)).toBe(answer);
  });
  test.each([
    ['no JSON', '{"ebpf-playground-test": 1,', 't.json: is not JSON: '],
    ['a list', '[1]', 't.json: is no test file: it is no object in braces'],
    ['another file', '{"a": 1}', 't.json: is no test file: it has no "ebpf-playground-test": 1'],
    [
      'a later version',
      '{"ebpf-playground-test": 99}',
      't.json: has version 99, this build reads versions 1 to 1',
    ],
  ])('%s', (_what, text, answer) => {
    expect(refusal(() => readTests('t.json', text)).slice(0, answer.length)).toBe(answer);
  });
  test('bytes that are no text', () => {
    expect(refusal(() => testTextOf(Uint8Array.of(0xff, 0, 1, 2), 't.json'))).toMatch(/is no text/);
  });
});

test('a stranger’s file is a value or an error with a place', () => {
  const seed = readFileSync(KEPT, 'utf8');
  fc.assert(
    fc.property(fc.nat(seed.length - 1), fc.nat(40), fc.string(), (at, length, other) => {
      const text = seed.slice(0, at) + other + seed.slice(at + length);
      refusal(() => readTests('t.json', text));
    }),
  );
  fc.assert(fc.property(fc.json(), (text) => refusal(() => readTests('t.json', text)) !== ''));
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      refusal(() => read([{ packet: '00', expect: { maps: one } }], { settings: other }));
      refusal(() => read([one], { options: other, maps: [one] }));
    }),
  );
});

test('a file is told by its key, wherever that stands', () => {
  expect(looksLikeTests('\n {"object": "a.o", "ebpf-playground-test": 1}')).toBe(true);
  expect(looksLikeTests('{"a": 1}')).toBe(false);
  expect(looksLikeTests('0000: 5254')).toBe(false);
});
