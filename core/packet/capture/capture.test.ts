import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { InputError } from '../../errors.ts';
import { isCapture, readCapture } from './capture.ts';

/**
 * Written by core/testdata/packets/record.mjs: three packets, rewritten by editcap and cut to 50
 * bytes.
 */
const FOLDER = join(import.meta.dirname, '../../testdata/packets');
const file = (name: string) => new Uint8Array(readFileSync(join(FOLDER, name)));
const DESIGNED = readCapture('designed.pcap', file('designed.pcap')).packets;

const IP = '45000014000100004011000001010101' + '02020202';
const FRAME = `0200000000020200000000010800${IP}`;

const words = (endian: boolean, ...values: number[]) => {
  const bytes = new Uint8Array(values.length * 4);
  for (const [i, value] of values.entries())
    new DataView(bytes.buffer).setUint32(4 * i, value, endian);
  return toHex(bytes);
};
/** A pcap with one packet. */
const pcap = (linkType: number, packet: string, little = true, magic = 0xa1b2c3d4) =>
  fromHex(
    words(
      little,
      magic,
      0x00040002,
      0,
      0,
      65535,
      linkType,
      1_700_000_000,
      5,
      packet.length / 2,
      packet.length / 2,
    ) + packet,
  )!;

test.each(['three.nsecpcap', 'three.pcapng'])(
  '%s has the packets, their times and their lengths on the wire',
  (name) => {
    const { packets, link, notes } = readCapture(name, file(name));
    expect({ link, notes }).toEqual({ link: 'ethernet', notes: [] });
    expect(packets.map((packet) => toHex(packet.bytes))).toEqual(
      DESIGNED.slice(0, 3).map(({ bytes }) => toHex(bytes.subarray(0, 50))),
    );
    expect(packets.map(({ originalLength }) => originalLength)).toEqual(
      DESIGNED.slice(0, 3).map(({ bytes }) => bytes.length),
    );
    expect(packets.map(({ timestamp }) => timestamp)).toEqual(
      [0n, 1n, 2n].map((i) => (1_700_000_000n + i) * 1_000_000_000n + 123_456_000n),
    );
    expect(packets[2].name).toBe(`${name} #3`);
  },
);

test.each([
  ['little endian, microseconds', true, 0xa1b2c3d4, 5000n],
  ['big endian, microseconds', false, 0xa1b2c3d4, 5000n],
  ['little endian, nanoseconds', true, 0xa1b23c4d, 5n],
  ['big endian, nanoseconds', false, 0xa1b23c4d, 5n],
])('a pcap in %s', (_title, little, magic, fraction) => {
  const [packet] = readCapture('x', pcap(1, FRAME, little, magic)).packets;
  expect(toHex(packet.bytes)).toBe(FRAME);
  expect(packet.timestamp).toBe(1_700_000_000_000_000_000n + fraction);
  expect(packet.originalLength).toBeUndefined();
});

test.each([
  ['raw IP', 101, IP],
  ['raw IP', 12, IP],
  ['BSD loopback', 0, `02000000${IP}`],
  ['OpenBSD loopback', 108, `00000002${IP}`],
  ['Linux cooked', 113, `0000000100060200000000010000${'0800'}${IP}`],
  ['Linux cooked v2', 276, `080000000000000200010006${'0200000000010000'}${IP}`],
])('%s (%i) becomes Ethernet, and it is said', (name, linkType, packet) => {
  const { packets, notes } = readCapture('x', pcap(linkType, packet));
  expect(toHex(packets[0].bytes)).toBe(FRAME);
  expect(notes).toEqual([`Ethernet header made up for 1 packet of ${name}.`]);
});

test.each([
  [105, 'x: holds IEEE 802.11 packets, which cannot be shown as Ethernet frames'],
  [127, 'x: holds IEEE 802.11 with radiotap header packets'],
  [4000, 'x: holds link type 4000 packets'],
])('link type %i is refused by name', (linkType, message) =>
  expect(() => readCapture('x', pcap(linkType, FRAME))).toThrow(message),
);

/** Blocks of a pcapng file; bodies are padded to 4 bytes. */
function block(little: boolean, type: number, body: string): string {
  const padded = body.padEnd(Math.ceil(body.length / 8) * 8, '0');
  const length = padded.length / 2 + 12;
  return words(little, type, length) + padded + words(little, length);
}
const section = (little: boolean) =>
  block(
    little,
    0x0a0d0d0a,
    words(little, 0x1a2b3c4d, little ? 1 : 0x00010000, 0xffffffff, 0xffffffff),
  );
const half = (little: boolean, value: number) =>
  little ? words(true, value).slice(0, 4) : words(false, value).slice(4);
const interfaceBlock = (little: boolean, linkType: number, options = '') =>
  block(little, 1, `${half(little, linkType)}0000${words(little, 0)}${options}`);
const enhanced = (little: boolean, index: number, time: bigint, packet: string) =>
  block(
    little,
    6,
    words(
      little,
      index,
      Number(time >> 32n),
      Number(time & 0xffff_ffffn),
      packet.length / 2,
      packet.length / 2,
    ) + packet,
  );

test.each([true, false])(
  'pcapng with sections, interfaces, resolutions and old blocks, little endian: %s',
  (little) => {
    const resolution =
      `${half(little, 9)}${half(little, 1)}09000000${half(little, 14)}${half(little, 8)}` +
      `${little ? words(true, 10, 0) : words(false, 0, 10)}`;
    const powerOfTwo = `${half(little, 9)}${half(little, 1)}8a000000`;
    const bytes = fromHex(
      section(little) +
        interfaceBlock(little, 1, resolution) +
        interfaceBlock(little, 101, powerOfTwo) +
        block(little, 0xbad, '01020304') +
        enhanced(little, 0, 5_000_000_001n, FRAME) +
        enhanced(little, 1, 3n << 9n, IP) +
        block(little, 3, words(little, FRAME.length / 2) + FRAME) +
        section(!little) +
        interfaceBlock(!little, 1) +
        block(
          !little,
          2,
          half(!little, 0) +
            half(!little, 0) +
            words(!little, 0, 7_000_000, FRAME.length / 2, 99) +
            FRAME,
        ),
    )!;
    const { packets, notes } = readCapture('x', bytes);
    expect(packets.map((packet) => toHex(packet.bytes))).toEqual([FRAME, FRAME, FRAME, FRAME]);
    expect(packets.map(({ timestamp }) => timestamp)).toEqual([
      15_000_000_001n,
      1_500_000_000n,
      undefined,
      7_000_000_000n,
    ]);
    expect(packets[3].originalLength).toBe(99);
    expect(notes).toEqual(['Ethernet header made up for 1 packet of raw IP.']);
  },
);

test('what a file breaks off with is said, and what is in front kept', () => {
  const bytes = file('designed.pcap');
  const { packets, notes } = readCapture('x', bytes.subarray(0, bytes.length - 5));
  expect(packets.length).toBe(DESIGNED.length - 1);
  expect(notes[0]).toMatch(/^Packet 52 says \d+ bytes, the file ends after \d+: left out\.$/);
});

test('at most 4096 packets are read', () => {
  const record = `${words(true, 0, 0, 1, 1)}ff`;
  const { packets, notes } = readCapture(
    'x',
    fromHex(words(true, 0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1) + record.repeat(4097))!,
  );
  expect([packets.length, notes]).toEqual([
    4096,
    ['Only the first 4096 of 4097 packets were read.'],
  ]);
});

test.each([
  ['no packets', toHex(pcap(1, FRAME).subarray(0, 24)), 'x: has no packets'],
  ['half a header', 'd4c3b2a10200', 'x+0x0: the pcap header needs 24 bytes, 6 are left'],
  ['no magic', '00112233', 'x: is no capture file that is read here: pcap, pcapng or snoop'],
  [
    'a block that is too short',
    section(true) + words(true, 1, 8, 8, 8),
    'x+0x1c: block says 8 bytes, should be a multiple of 4 from 12 on',
  ],
  [
    'a packet of no interface',
    section(true) + enhanced(true, 0, 0n, FRAME),
    'x+0x1c: packet is of interface 0, 0 are described',
  ],
  [
    'a packet larger than its block',
    section(true) + interfaceBlock(true, 1) + block(true, 6, words(true, 0, 0, 0, 0xffffffff, 0)),
    'a packet needs 4294967295 bytes, 0 are left',
  ],
])('a file with %s is refused', (_title, hex, message) =>
  expect(() => readCapture('x', fromHex(hex)!)).toThrow(message),
);

describe('changed files', () => {
  test.each(['designed.pcap', 'three.pcapng'])('%s is read or refused', (name) => {
    const original = file(name);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(original.length - 1), fc.integer({ min: 0, max: 255 })), {
          maxLength: 5,
        }),
        fc.nat(original.length),
        (edits, cut) => {
          const bytes = original.slice(0, cut % 3 === 0 ? cut : original.length);
          for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
          try {
            if (isCapture(bytes)) readCapture(name, bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
