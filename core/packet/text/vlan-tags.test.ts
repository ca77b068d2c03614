import { expect, test } from 'vitest';
import { toHex } from '../../bytes/hex.ts';
import { readPacketText } from './text.ts';

const IPV4 = '4500 001c 0001 0000 4011 66cf 0a00 0001 0a00 0002 0001 0002 0008 0000';
/** What tcpdump -e -x prints: the link header and its tags in words alone. */
const printed = (tags: string) =>
  `12:00:00.000000 02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype 802.1Q (0x8100), length 46: ` +
  `${tags}, ethertype IPv4 (0x0800), 10.0.0.1.1 > 10.0.0.2.2: UDP, length 0\n` +
  `\t0x0000:  ${IPV4.split(' ').slice(0, 8).join(' ')}\n` +
  `\t0x0010:  ${IPV4.split(' ').slice(8).join(' ')}`;

// IEEE 802.1Q section 9.6: three bits of priority, the drop eligible indicator, twelve bits of id.
test.each<[string, string]>([
  ['vlan 100, p 0', '0064'],
  ['vlan 100, p 5', 'a064'],
  ['vlan 100, p 5, DEI', 'b064'],
  ['vlan 100, p 0, DEI', '1064'],
  ['vlan 4095, p 7, DEI', 'ffff'],
])('a tag that tcpdump tells as "%s" is in the frame again', (said, tag) => {
  const [packet] = readPacketText(printed(said)).packets;
  expect(toHex(packet.bytes.subarray(0, 18))).toBe(`020000000002020000000001${'8100'}${tag}0800`);
});
