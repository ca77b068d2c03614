import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ARP,
  frame,
  ICMP4,
  LLC,
  OPTIONS4,
  TAGGED,
  TAGGED_TWICE,
  TCP4,
  TCP6,
  UDP4,
  UDP6,
} from '../testing/frames.ts';
import {
  etherType,
  isUsualForQemu,
  networkProtocol,
  payloadOffset,
  qemuBypass,
  qemuLinkLength,
  skbPacketType,
  transportOffset,
} from './link-layer.ts';

describe('where headers start', () => {
  test.each([
    ['TCP over IPv4', TCP4, 0x0800, { offset: 14, version: 4, protocol: 6, length: 20 }, 34, 54],
    ['UDP over IPv4', UDP4, 0x0800, { offset: 14, version: 4, protocol: 17, length: 20 }, 34, 42],
    ['ICMP', ICMP4, 0x0800, { offset: 14, version: 4, protocol: 1, length: 20 }, 34, undefined],
    ['TCP over IPv6', TCP6, 0x86dd, { offset: 14, version: 6, protocol: 6, length: 40 }, 54, 74],
    ['UDP over IPv6', UDP6, 0x86dd, { offset: 14, version: 6, protocol: 17, length: 40 }, 54, 62],
    ['ARP', ARP, 0x0806, undefined, undefined, undefined],
    ['802.3 with a length', LLC, 0x0004, undefined, undefined, undefined],
    [
      'behind a VLAN tag',
      TAGGED,
      0x8100,
      { offset: 18, version: 4, protocol: 6, length: 20 },
      38,
      58,
    ],
    [
      'behind two',
      TAGGED_TWICE,
      0x88a8,
      { offset: 22, version: 4, protocol: 17, length: 20 },
      42,
      50,
    ],
    [
      'behind options of IPv4',
      OPTIONS4,
      0x0800,
      { offset: 14, version: 4, protocol: 6, length: 24 },
      38,
      58,
    ],
  ])('%s', (_title, bytes, type, network, transport, payload) => {
    expect(etherType(bytes)).toBe(type);
    expect(networkProtocol(bytes)).toEqual(network);
    expect(transportOffset(bytes)).toBe(transport);
    expect(payloadOffset(bytes)).toBe(payload);
  });

  test.each([
    ['an IPv4 header of 20 bytes', TCP4, 34],
    ['an IPv6 header of 40 bytes', TCP6, 54],
    ['an IPv4 header behind a tag', TAGGED, 38],
    ['one behind two tags', TAGGED_TWICE, 42],
  ])('%s is found where it is there to its last byte', (_title, bytes, end) => {
    expect(networkProtocol(bytes.subarray(0, end))).toEqual(networkProtocol(bytes));
    expect(networkProtocol(bytes.subarray(0, end - 1))).toBeUndefined();
  });

  test('a tag that is cut off is no tag', () => {
    expect(networkProtocol(TAGGED.subarray(0, 17))).toBeUndefined();
    expect(networkProtocol(TAGGED.subarray(0, 18))).toBeUndefined();
  });

  test('a type is from 0x600 on, and a frame has one where it has 14 bytes', () => {
    const typed = (type: string) => etherType(frame(`${'00'.repeat(12)}${type}`));
    expect(typed('0600')).toBe(0x0600);
    expect(typed('05ff')).toBe(0x0004);
    expect(etherType(TCP4.subarray(0, 14))).toBe(0x0800);
    expect(etherType(TCP4.subarray(0, 13))).toBe(0);
  });

  test('a TCP header says how long it is in its thirteenth byte', () => {
    expect(payloadOffset(TCP4.subarray(0, 47))).toBe(54);
    expect(payloadOffset(TCP4.subarray(0, 46))).toBeUndefined();
    const longest = TCP4.slice();
    longest[46] = 0xf0;
    expect(payloadOffset(longest)).toBe(34 + 60);
  });

  test.each([
    ['to this host', '020000000000', 0],
    ['to all', 'ffffffffffff', 1],
    ['to a group', '01005e000001', 2],
    ['to a group whose address is all ones but for its last byte', 'fffffffffffe', 2],
    ['to a group whose address is all ones but for its first byte', '01ffffffffff', 2],
  ])('packet type of a frame %s', (_title, destination, type) =>
    expect(skbPacketType(frame(`${destination}${'00'.repeat(8)}`))).toBe(type),
  );
  test('a frame without a whole Ethernet header is for this host', () => {
    expect(skbPacketType(frame('ff'.repeat(13)))).toBe(0);
    expect(skbPacketType(frame('ff'.repeat(14)))).toBe(1);
  });
});

describe("QEMU's length of the link header (include/net/eth.h, eth_get_l2_hdr_length)", () => {
  const to = (rest: string) => frame(`${'00'.repeat(12)}${rest}`);
  test.each([
    ['no tag', '08004500', 14],
    ['802.1Q', '8100000108000000', 18],
    ['802.1ad alone', '88a8000108000000', 18],
    ['802.1ad and 802.1Q', '88a80001810000020800', 22],
    ['802.1ad and 802.1Q, cut off behind the second type', '88a800018100', 22],
    ['802.1ad, cut off in the second type', '88a8000181', 18],
    ['802.1ad twice', '88a8000188a800020800', 18],
  ])('%s', (_title, rest, length) => expect(qemuLinkLength(to(rest))).toBe(length));
});

describe("frames that QEMU's filter lets pass without the program", () => {
  const to = (rest: string) => frame(`${'00'.repeat(12)}${rest}`);
  test.each([
    ['nothing', frame(''), 'the frame is empty'],
    ['one byte', frame('00'), 'the frame has 1 bytes, an Ethernet header takes 14'],
    ['13 bytes', frame('00'.repeat(13)), 'the frame has 13 bytes, an Ethernet header takes 14'],
    ['an 802.1Q tag', to('8100000108004500'), 'frames with an 802.1Q tag are not looked at'],
    ['ARP', to('0806'), 'only IPv4 is looked at, this is EtherType 0x0806'],
    ['a length', to('0026'), 'only IPv4 is looked at, this is EtherType 0x0026'],
    ['IPv4 without a byte of it', to('0800'), 'the IPv4 header says 0 bytes, 0 are there'],
    [
      'an IPv4 header cut off',
      to(`080045${'00'.repeat(18)}`),
      'the IPv4 header says 20 bytes, 19 are there',
    ],
    [
      '802.1ad without a type behind it',
      to('88a8'),
      'only IPv4 is looked at, this is EtherType 0x0000',
    ],
    [
      '802.1ad with a type of IPv6',
      to('88a8000186dd'),
      'only IPv4 is looked at, this is EtherType 0x86dd',
    ],
    ['802.1ad with IPv4 cut off', to('88a800010800'), 'the IPv4 header says 0 bytes, 0 are there'],
  ])('%s', (_title, bytes, reason) => expect(qemuBypass(bytes)).toBe(reason));
  test.each([
    ['a whole IPv4 header', to(`080045${'00'.repeat(19)}`)],
    ['an IPv4 header that says it has 0 bytes', to('080040')],
    ['one behind 802.1ad', to(`88a80001080045${'00'.repeat(19)}`)],
  ])('%s is given to the program', (_title, bytes) => expect(qemuBypass(bytes)).toBeUndefined());
});

test('a frame that is told by a few bytes is one that is given to the program', () => {
  expect([TCP4, UDP4, TCP6, TAGGED, ARP].map((one) => isUsualForQemu(one, 0, one.length))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.constantFrom([8, 0], [0x81, 0], [0x88, 0xa8], [0x86, 0xdd]),
      fc.nat({ max: 15 }),
      fc.nat({ max: 4 }),
      (content, type, words, before) => {
        const frame = content.slice();
        if (frame.length > 14) frame.set([...type, 0x40 | words], 12);
        const bytes = new Uint8Array(before + frame.length + 9).fill(0x45);
        bytes.set(frame, before);
        if (!isUsualForQemu(bytes, before, frame.length)) return;
        expect(qemuBypass(frame)).toBeUndefined();
        expect(qemuLinkLength(frame)).toBe(14);
      },
    ),
  );
});
