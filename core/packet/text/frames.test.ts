import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toHex } from '../../bytes/hex.ts';
import { readCapture } from '../capture/capture.ts';
import { framesAround } from './frames.ts';

const frames = readCapture(
  'cases.pcap',
  new Uint8Array(readFileSync(join(import.meta.dirname, '../../testdata/packets/designed.pcap'))),
).packets.map(({ bytes }) => bytes);
const isIpv4 = (frame: Uint8Array) => frame[12] === 8 && frame[13] === 0 && frame[14] === 0x45;
const frame = frames.find((one) => isIpv4(one) && one[23] === 17)!;
const MAC = [2, 0, 0, 0, 0, 9];

/** tcpdump.org, "Link-layer header types". */
test.each<[link: string, header: number[], sender: string]>([
  ['raw IP', [], '020000000001'],
  ['LINKTYPE_LINUX_SLL', [0, 4, 0, 1, 0, 6, ...MAC, 0, 0, 8, 0], '020000000009'],
  ['LINKTYPE_LINUX_SLL2', [8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 4, 6, ...MAC, 0, 0], '020000000009'],
  ['LINKTYPE_NULL', [2, 0, 0, 0], '020000000001'],
])('a packet of %s becomes an Ethernet frame', (_, header, sender) => {
  const [made] = framesAround([Uint8Array.from([...header, ...frame.subarray(14)])])!;
  expect(toHex(made.subarray(0, 14))).toBe(`020000000002${sender}0800`);
  expect(toHex(made.subarray(14))).toBe(toHex(frame.subarray(14)));
});

test('an Ethernet frame stays, and so does what begins like nothing', () => {
  const nothing = Uint8Array.of(1, 2, 3);
  expect(framesAround([frame, nothing])).toBeUndefined();
  const [first, second] = framesAround([frame, frame.subarray(14)])!;
  expect(first).toBe(frame);
  expect(second.length).toBe(frame.length);
});
