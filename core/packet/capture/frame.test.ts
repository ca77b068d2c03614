import { describe, expect, test } from 'vitest';
import { toHex } from '../../bytes/hex.ts';
import { ARP, frame, TCP4, TCP6, UDP4 } from '../../testing/frames.ts';
import { checksumProblem, expectedChecksum, sumWords, writeChecksum } from '../checksum.ts';
import { pseudoHeader } from '../headers/pseudo-header.ts';
import { arpSource, etherTypeOf, frameAround, looksLikeEthernet, withEthernet } from './frame.ts';

const network = (bytes: Uint8Array) => bytes.subarray(14);
const ADDRESSES = '020000000002020000000001';

describe('what a packet without a link header is', () => {
  test.each<[string, Uint8Array, number | undefined]>([
    ['IPv4', network(TCP4), 0x0800],
    ['IPv6', network(TCP6), 0x86dd],
    ['an Ethernet frame', TCP4, undefined],
    ['an Ethernet frame of UDP', UDP4, undefined],
    ['nothing', new Uint8Array(), undefined],
    ['19 bytes of IPv4', network(TCP4).subarray(0, 19), undefined],
    ['39 bytes of IPv6', network(TCP6).subarray(0, 39), undefined],
    ['ARP', frame(`0001080006040001${'00'.repeat(20)}`), 0x0806],
    ['ARP, cut off behind its sizes', frame('0001080006040001'), 0x0806],
    ['ARP, cut off in them', frame('00010800060400'), undefined],
    ['ARP of another hardware', frame(`0002080006040001${'00'.repeat(20)}`), undefined],
    ['ARP of another protocol', frame(`000186dd06040001${'00'.repeat(20)}`), undefined],
    ['ARP with addresses of other sizes', frame(`0001080006100001${'00'.repeat(20)}`), undefined],
    [
      'an IPv4 header that says it is shorter than itself',
      frame(`44${'00'.repeat(30)}`),
      undefined,
    ],
    ['one that is longer than what is there', frame(`4f00003c${'00'.repeat(16)}`), undefined],
    [
      'one whose total length is less than the header',
      frame(`45000013${'00'.repeat(30)}`),
      undefined,
    ],
  ])('%s', (_title, bytes, type) => expect(etherTypeOf(bytes)).toBe(type));

  test('what could be both is Ethernet, unless checksum or length speak for IPv4', () => {
    // A destination 45:00:.. with a known type and version behind it.
    const both = frame(`4500002d0000${'0011223344'}550800450000${'00'.repeat(28)}`);
    expect(looksLikeEthernet(both)).toBe(true);
    expect(etherTypeOf(both)).toBe(0x0800);
    expect(
      etherTypeOf(frame(`4500002e0000${'0011223344'}550800450000${'00'.repeat(28)}`)),
    ).toBeUndefined();
  });
});

test('what looks like Ethernet has a known type, and the version of it', () => {
  const typed = (type: string, next = '00') =>
    looksLikeEthernet(frame(`${'00'.repeat(12)}${type}${next}`));
  expect([
    typed('0800', '45'),
    typed('0800', '60'),
    typed('86dd', '60'),
    typed('86dd', '45'),
  ]).toEqual([true, false, true, false]);
  expect([
    typed('0806'),
    typed('8100'),
    typed('1234'),
    looksLikeEthernet(frame('00'.repeat(13))),
  ]).toEqual([true, true, false, false]);
  expect(looksLikeEthernet(ARP.subarray(0, 14))).toBe(true);
});

test('a frame around a packet has addresses of its own, but for those ARP says', () => {
  expect(toHex(withEthernet(frame('aabb'), 0x1234))).toBe(`${ADDRESSES}1234aabb`);
  expect(toHex(frameAround(network(TCP4))!)).toBe(`${ADDRESSES}0800${toHex(network(TCP4))}`);
  expect(toHex(frameAround(network(TCP6))!)).toBe(`${ADDRESSES}86dd${toHex(network(TCP6))}`);
  const arp = frame(`0001080006040001${'0a0b0c0d0e0f'}${'00'.repeat(14)}`);
  expect(toHex(frameAround(arp)!)).toBe(`0200000000020a0b0c0d0e0f0806${toHex(arp)}`);
  expect([arpSource(arp.subarray(0, 14))?.length, arpSource(arp.subarray(0, 13))]).toEqual([
    6,
    undefined,
  ]);
  expect(frameAround(TCP4)).toBeUndefined();
});

describe('the Internet checksum (RFC 1071)', () => {
  // The example of RFC 1071 section 3: 0001 f203 f4f5 f6f7 sums to ddf2 after folding.
  const example = frame('0001f203f4f5f6f7');
  test('sums words, an odd last byte is the first of its word', () => {
    expect(sumWords(example, { start: 0, end: 8 })).toBe(0x2ddf0);
    expect(sumWords(example, { start: 0, end: 7 })).toBe(0x2ddf0 - 0xf7);
    expect(sumWords(example, { start: 2, end: 4 })).toBe(0xf203);
    expect(sumWords(example, { start: 3, end: 3 })).toBe(0);
  });
  test('of an IPv4 header', () => {
    // A well-known header; its checksum is b861.
    const header = frame('45000073000040004011b861c0a80001c0a800c7');
    const checksum = { offset: 10, covers: { start: 0, end: 20 }, pseudo: 0 };
    expect([expectedChecksum(header, checksum), checksumProblem(header, checksum)]).toEqual([
      0xb861,
      undefined,
    ]);
    const wrong = header.slice();
    wrong[11] = 0x62;
    expect(checksumProblem(wrong, checksum)).toBe('checksum is 0xb862, should be 0xb861');
    writeChecksum(wrong, checksum);
    expect(wrong).toEqual(header);
  });
  test('both zeros are right; UDP writes the one that does not mean none', () => {
    const bytes = frame('ffff0000');
    const checksum = { offset: 2, covers: { start: 0, end: 4 }, pseudo: 0 };
    expect(expectedChecksum(bytes, checksum)).toBe(0);
    expect(expectedChecksum(bytes, { ...checksum, zeroMeansNone: true })).toBe(0xffff);
    expect(checksumProblem(frame('ffffffff'), checksum)).toBeUndefined();
  });
  test('a pseudo header has a length of 32 bits', () => {
    const addresses = { addresses: [{ start: 0, end: 4 }] } as unknown as Parameters<
      typeof pseudoHeader
    >[1];
    const bytes = frame('00010002');
    expect(
      [0, 1, 0xffff, 0x1_0000, 0x1_0001, 0x2_0000].map((length) =>
        pseudoHeader(bytes, addresses, 6, length),
      ),
    ).toEqual([9, 10, 9 + 0xffff, 10, 11, 11]);
  });
});
