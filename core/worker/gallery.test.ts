import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { folderOf, inputsOfExample } from '../protocol/example.ts';
import type { Snapshot, Wish } from '../protocol/messages.ts';
import { EXAMPLES } from '../testing/examples.ts';
import { Controller } from './controller.ts';

const linear = new WebAssembly.Memory({ initial: 1 });
const example = (name: string) => EXAMPLES.find((one) => one.name === name)!;

const field = (name: string, offset: number, text: string): Wish => ({
  type: 'edit-field',
  name,
  offset,
  text,
  fixChecksums: true,
});
const port = (text: string): Wish => field('tcp.dstport', 36, text);
const without = (map: string, key: string): Wish => ({ type: 'delete-map-entry', map, key });
const entry = (map: string, key: string, value: string): Wish => ({
  type: 'set-map-entry',
  map,
  key,
  value,
});
const variable = (name: string, value: string): Wish => ({
  type: 'set-variable',
  map: '.rodata',
  variable: name,
  value,
});
const length = (bytes: number): Wish => ({ type: 'resize-packet', length: bytes });
const mode = (value: string): Wish => ({ type: 'set-option', name: 'ip-mode', value });
const { network } = example('router');
const ZERO = '00'.repeat(15);

/** What the gallery says to try, a row each: on a packet (the first is 1), and what comes of it. */
const TRIED: readonly [
  name: string,
  packet: number,
  wishes: readonly Wish[],
  before: RegExp,
  after: RegExp,
  seen?: readonly [look: (end: Snapshot) => unknown, before: unknown, after: unknown],
][] = [
  ['seed-filter', 2, [field('ip.dst', 30, '1.1.1.1')], /pass/, /drop/],
  ['seed-filter', 1, [mode('off')], /drop/, /pass/],
  ['seed-filter-trap', 1, [mode('on')], /pass/, /drop/],
  ['seed-filter-trap', 2, [mode('on')], /drop/, /pass/],
  ['xdp-firewall', 2, [entry('blocked', '0a000002', '00'.repeat(16))], /PASS/, /DROP/],
  ['xdp-firewall', 1, [without('blocked', '0a000042')], /DROP/, /PASS/],
  ['xdp-firewall', 3, [without('blocked', '0a000042')], /DROP/, /PASS/],
  ['tcp-port', 2, [port('80')], /drop/, /64/],
  [
    'tail-calls',
    1,
    [without('protocols', '6')],
    /DROP/,
    /PASS/,
    [({ output }) => output.map(({ text }) => text), [], ['no program for protocol 6']],
  ],
  ['subprograms', 1, [variable('limit', '50')], /SHOT/, /OK/],
  ['out-of-bounds', 1, [length(38)], /fault/, /PASS/],
  [
    'tc-rewrite',
    2,
    [port('8080')],
    /OK/,
    /OK/,
    [({ packetMemory }) => toHex(packetMemory.bytes.slice(36, 38)), '01bb', '0050'],
  ],
  ['icmp-echo', 1, [without('answered', '00000000000000000000ffffcb007150')], /TX/, /PASS/],
  ['lpm-firewall', 1, [entry('networks4', '200000000a090909', `05${ZERO}`)], /DROP/, /PASS/],
  ['vlan-rewrite', 1, [without('rules', '0a00')], /PASS/, /DROP/],
  ['balancer', 1, [without('services', 'cb00715001bb0600')], /TX/, /PASS/],
  [
    'tunnel',
    1,
    [without('endpoints', '100000000a020000')],
    /./,
    /PASS|OK/,
    [({ packetMemory }) => toHex(packetMemory.bytes.slice(30, 34)), 'c6336402', '0a020101'],
  ],
  [
    'nat',
    1,
    [field('ip.src', 26, '192.168.0.1')],
    /OK/,
    /OK/,
    [({ packetMemory }) => toHex(packetMemory.bytes.slice(26, 30)), 'c6336401', 'c0a80001'],
  ],
  ['rate-limit', 4, [{ type: 'set-settings', settings: { gap: '200000000' } }], /DROP/, /PASS/],
  [
    'dns-filter',
    2,
    (example('dns-filter').maps ?? []).map(({ map, key }) => without(map, key)),
    /TX/,
    /PASS/,
  ],
  ['syn-cookie', 1, [port('81')], /TX/, /PASS/],
  ['events', 2, [variable('request_port', '81')], /./, /./, [({ output }) => output.length, 1, 0]],
  ['pipeline', 1, [without('stages', '2')], /PASS/, /ABORTED/],
  ['cgroup-accounting', 5, [variable('hard_budget', '10000')], /SK_DROP/, /NET_XMIT_CN/],
  [
    'router',
    1,
    [
      {
        type: 'set-network',
        network: {
          ...network!,
          routes: network!.routes.filter(({ prefix }) => prefix !== '10.8.0.0/16'),
        },
      },
    ],
    /REDIRECT/,
    /PASS/,
  ],
  ['tour-bounds', 3, [length(38)], /fault/, /PASS/],
  ['tour-maps', 2, [entry('blocked', '0a000002', '0')], /PASS/, /DROP/],
];

describe('what the gallery says to try', () => {
  test.each(TRIED)('%s, packet %i', async (name, packet, wishes, before, after, seen) => {
    const controller = new Controller(linear, async (work) => {
      while (!work.next().done);
      return { stopped: false };
    });
    const { object } = example(name);
    const path = join(import.meta.dirname, '../../public/examples', folderOf(example(name)));
    const bytes = new Uint8Array(readFileSync(join(path, object)));
    const ask = (wish: Wish) => controller.carryOut(wish);
    const verdict = async () => {
      const select = await ask({ type: 'select-packet', index: packet - 1 });
      const { snapshot } = await ask({ type: 'go', go: { how: 'end' } });
      return { text: select.view!.setUp!.outcome!.verdict.text, look: seen?.[0](snapshot!) };
    };
    await ask({ type: 'open-inputs', inputs: inputsOfExample(example(name), bytes, []) });
    const first = await verdict();
    for (const wish of wishes) await ask(wish);
    const then = await verdict();
    expect([first.text, then.text]).toEqual([
      expect.stringMatching(before),
      expect.stringMatching(after),
    ]);
    expect([first.look, then.look]).toEqual([seen?.[1], seen?.[2]]);
  });

  test('every example has something, in few lines, and topics that others have, too', () => {
    const said = EXAMPLES.map(({ name, tries, topics }) => [
      name,
      tries.length >= 1 && tries.length <= 3 && tries.every((line) => line.length <= 120),
      topics.length >= 1,
    ]);
    expect(said).toEqual(EXAMPLES.map(({ name }) => [name, true, true]));
  });
});
