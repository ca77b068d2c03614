import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unpack } from '../../bytes/compression.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { crc32 } from '../headers/check-sequence.ts';
import { isCapture, readCapture } from './capture.ts';
import { pcapngHead } from './pcapng-write.ts';

/** Captures as other programs write them, and the frames tshark reads in them (README.md there). */
const FOLDER = join(import.meta.dirname, '../../testdata/captures');
const FRAMES: Record<string, string[]> = JSON.parse(
  readFileSync(join(FOLDER, 'frames.json'), 'utf8'),
);
const file = (name: string) =>
  unpack(new Uint8Array(readFileSync(join(FOLDER, name))), 1 << 20, name);

const GOOD: readonly (readonly [name: string, notes: readonly string[]])[] = [
  [
    'cut.pcap',
    [expect.stringMatching(/^Packet 8 says 46 bytes, the file ends after \d+: left out\.$/)],
  ],
  ['ec.snoop', []],
  ['gz.pcap.gz', []],
  ['gz.pcapng.gz', []],
  ['kuznetzov.pcap', []],
  ['kuznetzov8.pcap', ['Packet 8 says 46 bytes, the file ends after 39: left out.']],
  ['snoop8.snoop', ['The file ends inside the header of packet 9.']],
  [
    'trailing-garbage.pcapng',
    [
      'trailing-garbage.pcapng+0x46c: block says 0 bytes, should be a multiple of 4 from 12 on: ' +
        'left out from there on.',
    ],
  ],
  ['zst.pcap.zst', []],
];

test.each(GOOD)(
  '%s has the frames tshark reads, and says what it left out',
  async (name, notes) => {
    const read = readCapture(name, await file(name));
    expect(read.packets.map(({ bytes }) => toHex(bytes))).toEqual(FRAMES[name]);
    expect(read.packets.map((packet) => packet.name)).toEqual(
      FRAMES[name].map((_, i) => `${name} #${i + 1}`),
    );
    expect(read.notes).toEqual(notes);
  },
);

test('frames that end in a check sequence lose it, and it is said (fcs-bits.pcap)', async () => {
  const { packets, notes } = readCapture('fcs-bits.pcap', await file('fcs-bits.pcap'));
  expect(packets.map(({ bytes }) => toHex(bytes))).toEqual(
    FRAMES['fcs-bits.pcap'].map((hex) => hex.slice(0, -8)),
  );
  expect(notes).toEqual([
    'Check sequence of 4 bytes cut off the end of 8 packets.',
    'What was cut off is not the check sequence in 8 packets.',
  ]);
});

test('packets keep their number in the file if others are left out (manyif.pcapng)', async () => {
  const { packets, notes } = readCapture('manyif.pcapng', await file('manyif.pcapng'));
  expect(packets.map(({ name }) => name)).toEqual(
    ['1', '2', '3', '5'].map((number) => `manyif.pcapng #${number}`),
  );
  expect(notes).toContain('1 packet of IEEE 802.11 left out.');
});

test('every file here is read, or is no capture by its magic number', async () => {
  const unread: string[] = [];
  for (const name of readdirSync(FOLDER).filter((other) => !/\.(md|json|txt)$/.test(other)))
    if (!isCapture(await file(name))) unread.push(name);
  expect(unread).toEqual(['ec.erf']);
});

const word = (value: number, little: boolean): string => {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value >>> 0, little);
  return toHex(new Uint8Array(view.buffer));
};
const words = (little: boolean, ...values: number[]): string =>
  values.map((value) => word(value, little)).join('');
const FRAME = '02000000000202000000000108004500001400010000401100000101010102020202';
const SIZE = FRAME.length / 2;
const parse = (hex: string) => readCapture('x', fromHex(hex)!);

describe.each([true, false])('little endian: %s', (little) => {
  test.each([
    ['IXIA, hardware', 0x1c0001ac, 5n],
    ['IXIA, software', 0x1c0001ab, 5n],
  ])('%s pcap has the size of its records behind the header', (_title, magic, fraction) => {
    const { packets, notes } = parse(
      words(little, magic, 0x00040002, 0, 0, 65535, 1, 16 + SIZE, 1, 5, SIZE, SIZE) + FRAME,
    );
    expect(packets).toMatchObject([{ name: 'x #1', timestamp: 1_000_000_000n + fraction }]);
    expect([toHex(packets[0].bytes), notes]).toEqual([FRAME, []]);
  });

  test('modified pcap has 8 bytes more in front of each packet', () => {
    const record = words(little, 1, 5, SIZE, SIZE, 3, 0) + FRAME;
    const { packets } = parse(
      words(little, 0xa1b2cd34, 0x00040002, 0, 0, 65535, 1) + record.repeat(2),
    );
    expect(packets.map(({ bytes, timestamp }) => [toHex(bytes), timestamp])).toEqual([
      [FRAME, 1_000_005_000n],
      [FRAME, 1_000_005_000n],
    ]);
  });

  test.each([
    ['whole frames', SIZE + 4, SIZE + 4, FRAME],
    ['frames of which the last two bytes were not captured', SIZE + 2, SIZE + 4, FRAME],
    ['frames cut in front of it', SIZE, SIZE + 4, FRAME],
    ['frames cut far in front of it', SIZE - 6, SIZE + 4, FRAME.slice(0, -12)],
  ])('a check sequence in %s', (_title, captured, original, wanted) => {
    const sequence = word(crc32(fromHex(FRAME)!), true);
    const record =
      words(little, 1, 5, captured, original) + (FRAME + sequence).slice(0, 2 * captured);
    const { packets, notes } = parse(
      words(little, 0xa1b2c3d4, 0x00040002, 0, 0, 65535, 0x24000001) + record,
    );
    expect(toHex(packets[0].bytes)).toBe(wanted);
    const cut = captured - wanted.length / 2;
    expect(notes).toEqual(
      cut === 0 ? [] : [`Check sequence of ${cut} bytes cut off the end of 1 packet.`],
    );
  });
});

test('check sequence of the IEEE 802.3 example string', () =>
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926));

const snoop = (version: number, type: number, ...rest: string[]) =>
  `736e6f6f70000000${words(false, version, type)}${rest.join('')}`;
const snoopRecord = (length: number) => words(false, SIZE + 9, SIZE, length, 0, 1, 5) + FRAME;

test('snoop pads its records, and knows the length on the wire', () => {
  const { packets } = parse(snoop(2, 4, snoopRecord(26 + SIZE), '0000', snoopRecord(24 + SIZE)));
  expect(packets).toMatchObject([
    { name: 'x #1', originalLength: SIZE + 9, timestamp: 1_000_005_000n },
    { name: 'x #2' },
  ]);
  expect(packets.map(({ bytes }) => toHex(bytes))).toEqual([FRAME, FRAME]);
});

test.each([
  [
    'of another version',
    snoop(3, 4, snoopRecord(24 + SIZE)),
    'x+0x8: snoop version is 3, 2 is read',
  ],
  ['of FDDI', snoop(2, 8, snoopRecord(24 + SIZE)), 'x: holds snoop data link type 8 packets'],
  [
    'whose record is too short',
    snoop(2, 4, snoopRecord(8)),
    'x+0x10: record says 8 bytes, its packet and header take 58',
  ],
])('snoop %s is refused', (_title, hex, message) => expect(() => parse(hex)).toThrow(message));

test('what is in front of damage is kept: a record of no length, a packet of no interface', () => {
  const { packets, notes } = parse(snoop(2, 4, snoopRecord(24 + SIZE), snoopRecord(0)));
  expect([packets.length, notes]).toEqual([
    1,
    ['x+0x4a: record says 0 bytes, its packet and header take 58: left out from there on.'],
  ]);
});

/** A pcapng file of one packet: options of the interface (draft-ietf-opsawg-pcapng, 4.2). */
function pcapngWith(options: readonly number[]): Uint8Array {
  const block = (type: number, body: readonly number[]): number[] => {
    const size = new Uint8Array(Uint32Array.of(12 + body.length).buffer);
    return [...new Uint8Array(Uint32Array.of(type).buffer), ...size, ...body, ...size];
  };
  return Uint8Array.from([
    ...block(0x0a0d0d0a, [0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, ...Array<number>(8).fill(0xff)]),
    ...block(1, [1, 0, 0, 0, 0, 0, 0, 0, ...options, 0, 0, 0, 0]),
    ...block(6, [
      ...Array<number>(12).fill(0),
      20,
      0,
      0,
      0,
      20,
      0,
      0,
      0,
      ...Array<number>(20).fill(7),
    ]),
  ]);
}
test.each<[string, number[], number]>([
  ['none', [], 20],
  ['of 4 bytes', [13, 0, 1, 0, 4, 0, 0, 0], 16],
  ['of 32 bits', [13, 0, 1, 0, 32, 0, 0, 0], 16],
  ['of an option that is longer than it may be', [13, 0, 2, 0, 4, 0, 0, 0], 20],
  ['behind a name, of the length of its option', [2, 0, 1, 0, 4, 0, 0, 0], 20],
])('a check sequence that pcapng says its frames end in: %s', (_title, options, size) => {
  const { packets } = readCapture('x.pcapng', pcapngWith(options));
  expect(packets.map(({ bytes }) => bytes.length)).toEqual([size]);
});

test('what is written as pcapng begins as the draft says', () => {
  const [section] = pcapngHead();
  expect(toHex(section)).toBe(
    `0a0d0d0a${'1c000000'}${'4d3c2b1a'}${'01000000'}${'ff'.repeat(8)}${'1c000000'}`,
  );
});
