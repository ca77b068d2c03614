import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toBase64Url } from '../bytes/base64.ts';
import { InputError } from '../errors.ts';
import { DEFAULT_NETWORK } from '../machine/network.ts';
import { DEFAULT_SETTINGS } from '../session/defaults.ts';
import { inputsFor } from '../session/inputs.ts';
import type { WatchTarget } from '../session/types.ts';
import { decodeFile, decodeLink, encodeFile, encodeLink, looksLikeLink } from './container.ts';
import { LINK_VERSION } from './upgrade.ts';

const sample = () => ({
  ...inputsFor('x.o', Uint8Array.from([1, 2, 3])),
  sources: [{ file: 'x.c', text: 'int x; // ü' }],
  program: 'p',
  hook: 'xdp' as const,
  packets: [
    { name: 'a', bytes: Uint8Array.from([9, 9]), time: '1700000000000000001', wireLength: 60 },
    { name: '<b>', bytes: new Uint8Array() },
  ],
  packet: 1,
  context: [['mark', '7']] as [string, string][],
  maps: [
    { map: 'm', key: '00', value: 'ff' },
    { map: 'm', key: '01' },
    { map: 'each', key: '02', value: '00', cpu: 3 },
  ],
  settings: { ...DEFAULT_SETTINGS, cpu: 7, cpus: 8, gap: '1000000' },
  breakpoints: [3, 5],
  rules: [{ pc: 3, condition: 'r1 == 5', hits: 2, log: 'dst {packet[30:4]}' }],
  watchpoints: [
    { kind: 'register', index: 3 },
    { kind: 'memory', region: { kind: 'packet' }, offset: 22, length: 1, field: 'ip.ttl' },
    { kind: 'map', map: 'hits', key: '00000000' },
  ] as WatchTarget[],
  edits: [
    {
      packet: 1,
      step: 4,
      target: { kind: 'memory' as const, region: { kind: 'stack' as const, depth: 0 }, offset: -8 },
      value: 'ff',
    },
    { packet: 1, step: 4, target: { kind: 'fill' as const, map: 'hits' }, value: '' },
  ],
  network: {
    ...DEFAULT_NETWORK,
    routes: [{ prefix: '10.0.0.0/8', kind: 'unicast' as const, ifindex: 2, gateway: '10.0.0.1' }],
    neighbours: [{ address: '10.0.0.1', ifindex: 2, mac: '02:00:00:00:01:01' }],
    sockets: [{ protocol: 'tcp' as const, state: 'listen' as const, local: '::', localPort: 80 }],
  },
  expectations: [
    { packet: 0, verdict: 'drop', r0: '-1', packetOut: '00ff' },
    {
      packet: 1,
      fault: 'out-of-bounds' as const,
      maps: [
        { map: 'm', key: '00', value: { hits: 1, 'ports[1]': '0x50' } },
        { map: 'm', key: 1, value: null },
      ],
    },
  ],
  step: 12,
});

const fragmentOf = async (manifest: unknown, version = LINK_VERSION): Promise<string> => {
  const text = new TextEncoder().encode(JSON.stringify(manifest));
  const bytes = new Uint8Array(4 + text.length);
  new DataView(bytes.buffer).setUint32(0, text.length);
  bytes.set(text, 4);
  const deflated = await new Response(
    new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate-raw')),
  ).arrayBuffer();
  return `v${version}.${toBase64Url(new Uint8Array(deflated))}`;
};

describe('links', () => {
  test('carry every input there and back', async () => {
    const inputs = sample();
    expect(await decodeLink(await encodeLink({ inputs, hash: 'abc' }))).toEqual({
      inputs,
      hash: 'abc',
    });
    expect(await decodeFile('f', await encodeFile({ inputs, hash: '' }))).toEqual({
      inputs,
      hash: '',
    });
  });
  test('are found in whole addresses', async () => {
    const link = `https://example.org/play/#${await encodeLink({ inputs: sample(), hash: '' })}`;
    expect(looksLikeLink(link)).toBe(true);
    expect((await decodeLink(link)).inputs.object.name).toBe('x.o');
  });
  test('leave out what is as it is by default', async () => {
    const fragment = await encodeLink({ inputs: inputsFor('a.o', new Uint8Array(40)), hash: '' });
    expect(fragment.length).toBeLessThan(80);
  });
});

describe('hostile links end in a clear message', () => {
  test.each([
    ['another version', 'v9.AAAA', 'version 9'],
    ['no link', 'hello', 'is not a playground link'],
    ['markup', 'v1.<script>', 'is not a playground link'],
    ['one digit too few', 'v1.A', 'is cut short'],
    ['no deflate stream', 'v1.____', 'is damaged or cut short'],
    ['nothing', 'v1.AwA', 'is damaged'],
  ])('%s', async (_title, fragment, message) => {
    await expect(decodeLink(fragment)).rejects.toThrow(InputError);
    await expect(decodeLink(fragment)).rejects.toThrow(message);
  });
  test.each([
    [
      'a size that is not there',
      { object: ['x', 5000], packets: [] },
      'the object has 5000 bytes, 0 are left',
    ],
    ['a negative size', { object: ['x', -1], packets: [] }, 'object.1 is not as expected'],
    ['an unknown field', { object: ['x', 0], packets: [], evil: 1 }, 'evil is not as expected'],
    [
      'a prototype',
      JSON.parse('{"object":["x",0],"packets":[],"__proto__":{"a":1}}'),
      'is not as expected',
    ],
    [
      'a packet that is not there',
      { object: ['x', 0], packets: [], packet: 3 },
      'asks for packet 3 of 0',
    ],
    [
      'endless steps',
      { object: ['x', 0], packets: [], settings: { maxSteps: 1e12 } },
      'settings.maxSteps',
    ],
  ])('%s', async (_title, manifest, message) =>
    expect(decodeLink(await fragmentOf(manifest))).rejects.toThrow(message),
  );
  test('a bomb is given up while it unpacks', async () => {
    const zeros = new Blob([new Uint8Array(80 * 1024 * 1024)]);
    const bomb = await new Response(
      zeros.stream().pipeThrough(new CompressionStream('deflate-raw')),
    ).arrayBuffer();
    expect(bomb.byteLength).toBeLessThan(200_000);
    await expect(decodeLink(`v1.${toBase64Url(new Uint8Array(bomb))}`)).rejects.toThrow(
      'unpacks to more than 64 MB',
    );
  });
  test('cut or changed anywhere: a session or an InputError, nothing else', async () => {
    const fragment = await encodeLink({ inputs: sample(), hash: 'abc' });
    await fc.assert(
      fc.asyncProperty(fc.nat(fragment.length), fc.string({ maxLength: 3 }), async (at, put) => {
        try {
          await decodeLink(fragment.slice(0, at) + put + fragment.slice(at + put.length));
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 200 },
    );
  });
});
