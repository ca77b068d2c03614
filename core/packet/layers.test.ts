import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import { headerAt, PROTOCOLS } from '../spec/layers.ts';
import { flatten } from '../testing/tshark.ts';
import { readCapture } from './capture/capture.ts';
import { dissect } from './dissect.ts';
import { editField, fixChecksums } from './edit.ts';
import { domainNameAt } from './headers/domain-name.ts';

/** The cases of packets that were read as data or wrongly, in this order. */
const CASES = readCapture(
  'cases.pcap',
  new Uint8Array(readFileSync(join(import.meta.dirname, '../testdata/packets/cases.pcap'))),
).packets.map(({ bytes }) => bytes);
const IP = 'IPv4 10.0.0.2 -> 192.168.7.9';
const TITLES = [
  [
    'd01 home address',
    'eth/ipv6/ipv6.dstopts/udp/data',
    'IPv6 2001:db8::1 -> 2001:db8:0:1::2 UDP 1 -> 2 2 bytes',
  ],
  ['d02 LLC', 'eth/llc/data/eth.padding', 'LLC 6 bytes'],
  ['MPLS', 'eth/mpls/ip/udp', `MPLS 18 ${IP} UDP 53 -> 53`],
  ['PPPoE', 'eth/pppoes/ppp/ip/tcp', `PPPoE session 1 ${IP} TCP 20 -> 80 [SYN]`],
  ['GRE', 'eth/ip/gre/ip/udp', `${IP} GRE IPv4 ${IP} UDP 53 -> 53`],
  ['GRE with a key', 'eth/ip/gre/ip/udp', `${IP} GRE IPv4 ${IP} UDP 53 -> 53`],
  ['NVGRE', 'eth/ip/gre/eth/ip/tcp', `${IP} GRE Ethernet ${IP} TCP, cut short`],
  ['ERSPAN', 'eth/ip/gre/erspan/data', `${IP} GRE ERSPAN ERSPAN 36 bytes`],
  ['VXLAN', 'eth/ip/udp/vxlan/eth/ip', `${IP} UDP 9 -> 4789 VXLAN 42 IPv4, cut short`],
  ['Geneve', 'eth/ip/udp/geneve/eth/ip', `${IP} UDP 9 -> 6081 Geneve 42 IPv4, cut short`],
  [
    'GTP-U',
    'eth/ip/udp/gtp/ip/udp',
    `${IP} UDP 2152 -> 2152 GTP-U T-PDU tunnel 1 ${IP} UDP 53 -> 53`,
  ],
  ['SCTP', 'eth/ip/sctp', `${IP} SCTP 1 -> 2 [INIT]`],
  ['IGMP', 'eth/ip/igmp', `${IP} IGMP Membership query`],
  ['AH', 'eth/ip/ah/tcp/data', `${IP} AH TCP 0 -> 1 [0x000] 16 bytes`],
  [
    'AH over IPv6',
    'eth/ipv6/ah/udp/data',
    'IPv6 2001:db8::1 -> 2001:db8:0:1::2 AH UDP 0 -> 2 10 bytes',
  ],
  ['0x9100', 'eth/vlan/vlan/ip/tcp', `VLAN 10 VLAN 20 ${IP} TCP 20 -> 80 [SYN]`],
  ['0x9200', 'eth/vlan/ip/tcp', `VLAN 10 ${IP} TCP 20 -> 80 [SYN]`],
  ['ICMP timestamp', 'eth/ip/icmp', `${IP} ICMP Timestamp request id 0 seq 0`],
  ['EtherIP', 'eth/ip/etherip/eth/ip/tcp', `${IP} EtherIP ${IP} TCP, cut short`],
] as const;

test.each(TITLES.map((row, i) => [...row, CASES[i]] as const))(
  '%s',
  (_title, layers, summary, bytes) => {
    const read = dissect(bytes, 'ethernet');
    expect(read.layers.map(({ name }) => name).join('/')).toBe(layers);
    expect(read.summary).toBe(summary);
  },
);

const textOf = (bytes: Uint8Array, name: string) =>
  flatten(dissect(bytes, 'ethernet').layers).find((node) => node.name === name);

test('d01: the checksum over the home address is right, and fixing leaves it', () => {
  expect(dissect(CASES[0], 'ethernet').problems).toEqual([]);
  expect(toHex(fixChecksums(CASES[0]))).toBe(toHex(CASES[0]));
});

test('d02: the low byte of an LLC control field stands first, and is set so', () => {
  expect(textOf(CASES[1], 'llc.control')?.text).toBe('0x0200');
  const { offset } = textOf(CASES[1], 'llc.control')!;
  expect(
    toHex(editField(CASES[1], 'llc.control', offset, '0x1234', false).subarray(offset, offset + 2)),
  ).toBe('3412');
});

/** An IPv4 frame; its checksums are made right. */
function frame(protocol: number, payload: string): Uint8Array {
  const length = (20 + payload.length / 2).toString(16).padStart(4, '0');
  const number = protocol.toString(16).padStart(2, '0');
  const header = `4500${length}0001000040${number}00000a0000020a000003`;
  return fixChecksums(fromHex(`0200000000020200000000010800${header}${payload}`)!);
}

describe('what is wrong with', () => {
  const inner = '4500001c00010000401100000a0000020a0000039c40c35000080000';
  test.each([
    [
      'an SCTP checksum',
      132,
      '0001000200000000000000000b000004',
      38 + 4,
      'sctp.checksum: checksum is 0x',
    ],
    ['a GRE checksum', 47, `80000800ffff0000${inner}`, 38, 'gre.checksum: checksum is 0x'],
    ['an IGMP checksum', 2, '1600ffffe0000001', 36, 'igmp.checksum: checksum is 0x'],
    ['the checksum of a packet in GRE', 47, `00000800${inner}`, 48, 'ip.checksum: checksum is 0x'],
  ])('%s is said, and mended', (_title, protocol, payload, offset, problem) => {
    const right = frame(protocol, payload);
    expect(dissect(right, 'ethernet').problems).toEqual([]);
    const wrong = right.slice();
    wrong[offset] ^= 0x40;
    expect(dissect(wrong, 'ethernet').problems[0]).toContain(problem);
    expect(toHex(fixChecksums(wrong))).toBe(toHex(right));
  });

  test.each([
    [
      'PPPoE',
      '0200000000020200000000018864110000010040c021',
      'pppoe.payload_length: header says 64 bytes, 2 are there',
    ],
    [
      '802.1X',
      '020000000002020000000001888e01000010',
      'eapol.len: header says 16 bytes, 0 are there',
    ],
    ['an LLDP value', '02000000000202000000000188cc0a0861', 'lldp.tlv: says 10 bytes, 3 are there'],
    [
      'MPLS that ends early',
      '020000000002020000000001884700',
      'mpls: ends in front of or inside "Label"',
    ],
  ])('%s', (_title, hex, problem) =>
    expect(dissect(fromHex(hex)!, 'ethernet').problems).toEqual([problem]),
  );

  test('headers inside headers without end', () => {
    const bytes = fromHex(`0200000000020200000000018847${'00010040'.repeat(100)}`)!;
    expect(dissect(bytes, 'ethernet').problems).toEqual([
      'data: more than 64 headers: the rest is not read',
    ]);
  });

  test('lists without end', () => {
    const bytes = fromHex(`02000000000202000000000188cc${'0800'.repeat(2000)}`)!;
    const { layers, problems } = dissect(bytes, 'ethernet');
    expect(problems).toEqual(['lldp.tlv.more: more than 1024 entries: the rest is not read']);
    expect(layers[1].children.length).toBe(1025);
  });
});

test('padding of a frame inside a tunnel is shown, as that of the frame outside', () => {
  const inner =
    `0200000000020200000000010800${'4500001400010000400000000a0000020a000003'}` +
    `${'00'.repeat(26)}`;
  const bytes = frame(97, `3000${inner}`);
  const { layers } = dissect(bytes, 'ethernet');
  expect(layers.at(-1)).toMatchObject({ name: 'eth.padding', offset: 70, length: 26 });
});

describe('a domain name', () => {
  const at = (hex: string, from: number) => {
    const bytes = fromHex(hex)!;
    return domainNameAt(bytes, { start: 0, end: bytes.length }, from);
  };
  test.each([
    ['0161016200', 0, { size: 5, text: 'a.b' }],
    ['00', 0, { size: 1, text: '<Root>' }],
    ['01610001620162c000', 3, { size: 6, text: 'b.b.a' }],
    ['022e0000', 0, { size: 4, text: '\\046\\000' }],
    ['c000', 0, { size: 2, text: '<Root>', problem: 'name points forwards' }],
    ['0161c000', 2, { size: 2, text: 'a', problem: 'name points forwards' }],
    ['0561', 0, undefined],
    ['0161', 0, undefined],
    ['4161', 0, { size: 1, text: '<Root>', problem: 'label of type 0x40, which is not used' }],
    [
      `${`3f${'61'.repeat(63)}`.repeat(5)}00`,
      0,
      expect.objectContaining({ problem: 'name has more than 255 bytes' }),
    ],
  ])('%s at %i', (hex, from, wanted) => expect(at(hex, from)).toEqual(wanted));
});

describe('numbers that count parts, and codes', () => {
  const query = frame(2, '11840000e0000001027d0000');
  test('the response time of an IGMP query is a mantissa and an exponent from 128 on', () => {
    expect(textOf(query, 'igmp.max_resp')?.text).toBe('160');
    expect(editField(query, 'igmp.max_resp', 35, '31744', false)[35]).toBe(0xff);
    expect(() => editField(query, 'igmp.max_resp', 35, '129', false)).toThrow(
      'takes a number from 0 to 127, or 16 to 31',
    );
  });
  test('the version before has it as it is', () => {
    const old = frame(2, '16840000e0000001');
    expect(textOf(old, 'igmp.max_resp')?.text).toBe('132');
    expect(editField(old, 'igmp.max_resp', 35, '129', false)[35]).toBe(129);
  });
  const bpdu = fromHex(
    `0180c2000000020000000001002642420300000000008001020000000001000000` +
      `048001020000000001800101801400020f00${'00'.repeat(8)}`,
  )!;
  test('times of spanning tree count 1/256 of a second, its priorities 4096', () => {
    expect(textOf(bpdu, 'stp.msg_age')?.text).toBe('1.5');
    expect(textOf(bpdu, 'stp.root.prio')?.text).toBe('32768');
    const { offset } = textOf(bpdu, 'stp.msg_age')!;
    expect(
      toHex(editField(bpdu, 'stp.msg_age', offset, '2.25', false).subarray(offset, offset + 2)),
    ).toBe('0240');
    expect(() => editField(bpdu, 'stp.msg_age', offset, '0.3', false)).toThrow(
      'takes a multiple of 0.00390625',
    );
    expect(() => editField(bpdu, 'stp.msg_age', offset, '256', false)).toThrow(
      'takes a number from 0 to 255.99',
    );
  });
});

test('a number leads to one header only, and every header but the first and LLC is led to', () => {
  const numbers = Object.values(PROTOCOLS).flatMap(({ at = {} }) =>
    Object.entries(at).flatMap(([by, list]) => list.map((number) => `${by} ${number}`)),
  );
  expect(new Set(numbers).size).toBe(numbers.length);
  const unreached = Object.entries(PROTOCOLS).flatMap(([name, { at }]) =>
    at === undefined ? [name] : [],
  );
  expect(unreached).toEqual(['llc', 'data']);
  expect(headerAt('udp', 1)).toBeUndefined();
});
