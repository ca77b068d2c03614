import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unpack } from '../bytes/compression.ts';
import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { fingerprint } from '../session/outcome.ts';
import { Random } from '../testing/random.ts';
import { isCapture, readCapture } from './capture/capture.ts';
import { etherTypeOf, frameAround, looksLikeEthernet } from './capture/frame.ts';
import { cookedFrame, LINK_LAYERS } from './capture/link-types.ts';
import { checksumsOf, dissect } from './dissect.ts';

const TESTDATA = join(import.meta.dirname, '../testdata');
const PACKETS = join(TESTDATA, 'packets');
const fileOf = (path: string): Uint8Array => new Uint8Array(readFileSync(path));
const packetsOf = (name: string): Uint8Array[] =>
  readCapture(name, fileOf(join(PACKETS, `${name}.pcap`))).packets.map(({ bytes }) => bytes);

const short = (value: unknown): string => fingerprint(JSON.stringify(value)).slice(0, 6);
const hexOf = (bytes: Uint8Array | undefined): string => (bytes ? toHex(bytes) : '-');

/** All that is read of bytes: as a frame, as an IP packet, as what has no link header. */
const readings = (bytes: Uint8Array): unknown[] => [
  dissect(bytes, 'ethernet'),
  checksumsOf(bytes, 'ethernet'),
];
const withoutLink = (bytes: Uint8Array): unknown[] => [
  dissect(bytes, 'ip'),
  etherTypeOf(bytes),
  looksLikeEthernet(bytes),
  hexOf(frameAround(bytes)),
  hexOf(cookedFrame(bytes)),
  [...LINK_LAYERS.values()].map(({ name, toEthernet }) => [name, hexOf(toEthernet?.(bytes))]),
];

/** A packet cut anywhere, and with a byte of its headers one more, one less, or any. */
function damaged(bytes: Uint8Array, random: Random): Uint8Array[] {
  const cut = Array.from({ length: 3 }, () => bytes.slice(0, random.below(bytes.length)));
  const changed = [1, -1, 0x80, 0x10, random.below(256)].map((by) => {
    const at = 12 + random.below(Math.max(1, Math.min(bytes.length, 120) - 12));
    return bytes.with(Math.min(at, bytes.length - 1), bytes[at] + by);
  });
  return [...cut, ...changed, Uint8Array.of(...bytes, 0), Uint8Array.of(...bytes, 1, 2, 3, 4, 5)];
}

/**
 * Bits, values and checksums of whole packets are compared with Wireshark in wireshark.test.ts;
 * this keeps the whole of what is read of them, and of damaged ones, as fingerprints.
 */
test('packets, whole and damaged, with and without a link header', async () => {
  const random = new Random(21);
  const lines = ['designed', 'cases', 'random', 'mutated'].flatMap((name) =>
    packetsOf(name).map((bytes, i) => {
      const copies = [bytes, ...damaged(bytes, random)];
      const frames = copies.map((copy) => short(readings(copy)));
      const network = copies.slice(0, 6).map((copy) => short(withoutLink(copy.subarray(14))));
      return `${name} ${i + 1}: ${frames.join(' ')} | ${network.join(' ')}`;
    }),
  );
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(PACKETS, 'whole.txt'));
});

/** What is read of a capture file, or why it is not. */
function captured(name: string, bytes: Uint8Array, most?: number): string {
  if (!isCapture(bytes)) return 'is no capture';
  try {
    const { packets, notes } = readCapture(name, bytes, most);
    const read = packets.map((packet) => [
      packet.name,
      hexOf(packet.bytes),
      String(packet.timestamp),
      packet.originalLength,
    ]);
    return [`${packets.length} packets ${short(read)}`, ...notes].join(' | ');
  } catch (error) {
    if (error instanceof InputError) return `refused, ${error.place}: ${error.reason}`;
    throw error;
  }
}

/** Bytes in a row of the headers of blocks and records, where every one is changed. */
const HEAD = 120;

test('capture files, whole and damaged', async () => {
  const random = new Random(22);
  const folder = join(TESTDATA, 'captures');
  const files = [
    ...readdirSync(folder).map((name) => join(folder, name)),
    ...['three.pcapng', 'three.nsecpcap'].map((name) => join(PACKETS, name)),
  ].filter((path) => /\.(?:pcap|pcapng|snoop|erf|nsecpcap)(?:\.gz|\.zst)?$/.test(path));
  const lines: string[] = [];
  for (const path of files) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const bytes = await unpack(fileOf(path), 1 << 20, name);
    const all: string[] = [];
    const forms = new Set<string>();
    const add = (what: string, copy: Uint8Array, most?: number): void => {
      const text = captured(name, copy, most);
      all.push(text);
      // Whatever numbers it is said with.
      const form = text
        .replace(/packets [0-9a-f]{6}/g, 'packets')
        .replace(/(?:0x)?[\da-f]*\d+/g, 'N');
      if (!forms.has(form)) lines.push(`${name}, ${what}: ${text}`);
      forms.add(form);
    };
    add('whole', bytes);
    add('two packets of it', bytes, 2);
    for (let at = 0; at < Math.min(HEAD, bytes.length); at++) {
      add(`byte ${at} one more`, bytes.with(at, bytes[at] + 1));
      add(`byte ${at} one less`, bytes.with(at, bytes[at] - 1));
      add(`byte ${at} much more`, bytes.with(at, bytes[at] + 0x70));
      add(`${at} bytes of it`, bytes.slice(0, at));
    }
    for (let i = 0; i < 40; i++) {
      const at = random.below(bytes.length);
      add(`byte ${at} another`, bytes.with(at, random.below(256)));
      add(`${at} bytes of it`, bytes.slice(0, at));
    }
    lines.push(`${name}, all of it: ${short(all)}`);
  }
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(PACKETS, 'captures.txt'));
});
