import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toHex } from '../../bytes/hex.ts';
import { readCapture } from '../capture/capture.ts';
import { framesAround, withHeaders } from './frames.ts';

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

/** IEEE 802 numbers (EtherTypes), and who such frames are sent to. */
test.each<[summary: string, type: string, destination?: string]>([
  ['vlan 7, p 0', '8100'],
  ['IP6 2001:db8::1 > 2001:db8::2', '86dd'],
  ['MPLS (label 16, exp 0, [S], ttl 64)', '8847'],
  ['PPPoE  [ses 0x1]', '8864'],
  ['PPPoE PADI [Service-Name]', '8863'],
  ['LLDP, length 60', '88cc', '0180c200000e'],
  ['LACPv1, length 110', '8809', '0180c2000002'],
  ['EAPOL start (1) v2, len 0', '888e'],
  ['EAP packet (0) v1, len 5', '888e'],
  ['PTPv2, v1 compat : no, msg type : sync msg', '88f7'],
  ['MACsec, AN 0', '88e5'],
  ['Reverse ARP, Request who-is 02:00:00:00:00:01', '8035'],
  ['ARP, Request who-has 10.0.0.1', '0806'],
  ['IP 10.0.0.1 > 10.0.0.2', '0800'],
])('bytes that tell nothing are of what the line above says: %s', (summary, type, destination) => {
  const bytes = Uint8Array.of(0xfe, 0xdc, 0xba, 0x98);
  const { packets, notes } = withHeaders([{ bytes, summary, line: 1 }], '-x');
  const to = destination ?? '020000000002';
  expect(packets.map(toHex)).toEqual([`${to}020000000001${type}fedcba98`]);
  expect(notes).toEqual(['Ethernet header made up for 1 packet: -x does not show it.']);
});
