import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import { readCapture } from '../packet/capture/capture.ts';
import { compileFilter, type DisplayFilter } from '../packet/filter/filter.ts';
import {
  ARP,
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
import { Random } from '../testing/random.ts';
import { type Flow, kindWords, readFlow } from './flow-of.ts';
import { FlowTable, MOST_FLOWS } from './flow-table.ts';

const flowOf = (frame: Uint8Array, front = 0): Flow => {
  const bytes = new Uint8Array(front + frame.length + 9).fill(0x5a);
  bytes.set(frame, front);
  const flow = { kind: 0, version: 0, source: 0, destination: 0, ports: 0 };
  readFlow(bytes, front, front + frame.length, flow);
  return flow;
};

describe('a packet is counted by its headers up to the ports', () => {
  test.each([
    ['TCP', TCP4, 4],
    ['UDP', UDP4, 4],
    ['ICMP', ICMP4, 4],
    ['TCP', TCP6, 6],
    ['UDP', UDP6, 6],
    ['ARP', ARP, 0],
    ['Ethernet with a length', LLC, 0],
    ['TCP', TAGGED, 4],
    ['UDP', TAGGED_TWICE, 4],
    ['TCP', OPTIONS4, 4],
  ])('%s', (label, frame, version) => {
    for (const front of [0, 3]) {
      const flow = flowOf(frame, front);
      expect([kindWords(flow.kind).label, flow.version]).toEqual([label, version]);
    }
  });

  test('cut off anywhere it is counted as what is there', () => {
    for (let length = 0; length < TCP6.length; length++) {
      const { kind, version, ports } = flowOf(TCP6.subarray(0, length));
      expect([kindWords(kind).label, version, ports >= 0]).toEqual(
        length < 14
          ? ['no header', 0, false]
          : length < 54
            ? ['EtherType 0x86dd', 0, false]
            : ['TCP', 6, length >= 58],
      );
    }
  });

  test.each<[tags: number, label: string, version: number]>([
    [0, 'TCP', 4],
    [1, 'TCP', 4],
    [4, 'TCP', 4],
    [5, 'EtherType 0x8100', 0],
  ])('behind %i VLAN tags', (tags, label, version) => {
    const tag = Array.from({ length: tags }, () => [0x81, 0x00, 0x00, 0x64]).flat();
    const frame = Uint8Array.from([...TCP4.subarray(0, 12), ...tag, ...TCP4.subarray(12)]);
    const { kind, version: found } = flowOf(frame);
    expect([kindWords(kind).label, found]).toEqual([label, version]);
  });

  test('a tag is followed where the type behind it is there', () => {
    const at = (length: number) => kindWords(flowOf(TAGGED.subarray(0, length)).kind).label;
    expect([13, 14, 17, 18].map(at)).toEqual([
      'no header',
      'EtherType 0x8100',
      'EtherType 0x8100',
      'EtherType 0x0800',
    ]);
  });

  test('a later fragment is counted as one: what it carries begins in another packet', () => {
    const fragment = UDP4.slice();
    fragment[21] = 1;
    const flow = flowOf(fragment);
    expect(flow).toMatchObject({ version: 4, ports: -1 });
    expect(kindWords(flow.kind).label).toBe('later fragments');
  });

  test('an IPv6 header is followed through its extensions, as far as they are there', () => {
    const ports = `1f90c350${'00'.repeat(16)}`;
    const behind = (next: string, hex: string) => {
      const rest = fromHex(hex)!;
      const frame = Uint8Array.from([...TCP6.subarray(0, 54), ...rest]);
      frame[20] = Number.parseInt(next, 16);
      frame[19] = rest.length;
      const { kind, ports: at } = flowOf(frame);
      return [kindWords(kind).label, at < 0 ? undefined : at - 54];
    };
    const ext = (next: string, more = '00') => `${next}${more}${'00'.repeat(6)}`;
    expect(behind('00', `${ext('06')}${ports}`)).toEqual(['TCP', 8]);
    expect(behind('2b', `${ext('11', '01')}${'00'.repeat(8)}${ports}`)).toEqual(['UDP', 16]);
    expect(behind('3c', `${ext('00')}${ext('06')}${ports}`)).toEqual(['TCP', 16]);
    // Fragments: the first, and a later one.
    expect(behind('2c', `${ext('06')}${ports}`)).toEqual(['TCP', 8]);
    expect(behind('2c', `060000080000${'0001'}${ports}`)).toEqual(['later fragments', undefined]);
    expect(behind('2c', `0600000700000001${ports}`)).toEqual(['TCP', 8]);
    // Longer than what is there, and one more than is followed.
    expect(behind('00', `${ext('06', '09')}${ports}`)).toEqual(['IP protocol 0', undefined]);
    expect(behind('3c', `${ext('3c').repeat(7)}${ext('06')}${ports}`)).toEqual(['TCP', 64]);
    expect(behind('3c', `${ext('3c').repeat(8)}${ext('06')}${ports}`)).toEqual([
      'IP protocol 60',
      undefined,
    ]);
  });

  test('padding of the frame behind the packet is none of its ports', () => {
    const frame = TCP4.slice();
    frame.set([0, 20], 16);
    expect(flowOf(frame).ports).toBe(-1);
    const six = TCP6.slice();
    six.set([0, 3], 18);
    expect(flowOf(six).ports).toBe(-1);
  });
});

describe('the display filter of a kind finds the packets that are counted as it', () => {
  const file = 'core/testdata/packets/designed.pcap';
  const recorded = readCapture(file, new Uint8Array(readFileSync(file))).packets;
  const fragment = UDP4.slice();
  fragment[21] = 1;
  const withType = (type: number): Uint8Array => {
    const frame = TAGGED.slice();
    frame.set([type >> 8, type & 0xff], 16);
    return frame;
  };
  const all = [
    ...[ARP, ICMP4, LLC, OPTIONS4, TAGGED, TAGGED_TWICE, TCP4, TCP6, UDP4, UDP6, fragment],
    ...[0, 46, 1500, 1501, 1535, 1536, 0x88b5, 0x9100].map(withType),
    ...recorded.map(({ bytes }) => bytes),
  ];
  const tests = new Map<string, DisplayFilter>();
  const isFound = (bytes: Uint8Array): boolean => {
    const flow = { kind: 0, version: 0, source: 0, destination: 0, ports: 0 };
    readFlow(bytes, 0, bytes.length, flow);
    const { filter } = kindWords(flow.kind);
    const test = tests.get(filter) ?? compileFilter(filter);
    tests.set(filter, test);
    return test.matches({ number: 1, bytes, link: 'ethernet', length: 1514 });
  };

  test('cut off anywhere', () => {
    for (const frame of all)
      for (let length = 0; length <= Math.min(frame.length, 120); length++) {
        const bytes = frame.slice(0, length);
        expect(isFound(bytes) || toHex(bytes)).toBe(true);
      }
  });

  test('with any byte of their headers another one', () => {
    const random = new Random(5);
    for (let round = 0; round < 3000; round++) {
      const bytes = random.pick(all).slice();
      bytes[12 + random.below(Math.min(70, bytes.length - 12))] = random.below(256);
      expect(isFound(bytes) || toHex(bytes)).toBe(true);
    }
  });
});

test('flows are told apart by addresses, ports and protocol, with the filter of each', () => {
  const table = new FlowTable();
  for (const [packet, frame] of [TCP4, UDP4, TCP4, TCP6, ICMP4].entries())
    table.add(packet, frame, flowOf(frame), packet === 2);
  expect(table.largest(2)).toEqual([
    {
      name: '10.0.0.1:8080 -> 20.0.0.2:50000 TCP',
      filter:
        'ip.src == 10.0.0.1 and ip.dst == 20.0.0.2 and ' +
        'tcp.srcport == 8080 and tcp.dstport == 50000',
      count: 2,
      stopped: 1,
      first: 0,
    },
    expect.objectContaining({ name: '10.0.0.1:53 -> 20.0.0.2:4660 UDP', count: 1, first: 1 }),
  ]);
  expect(table.largest(9).map(({ name }) => name)).toContain(
    '[2001:db8:0:1::11]:8080 -> [2001:db8:0:2::22]:50000 TCP',
  );
  expect(table.size).toBe(4);
});

test('of more flows than there is room for the others are counted', () => {
  const table = new FlowTable();
  const frame = UDP4.slice();
  const flow = flowOf(frame);
  const view = new DataView(frame.buffer);
  for (let n = 0; n < MOST_FLOWS + 10; n++) {
    view.setUint32(flow.ports, n);
    table.add(n, frame, flow, false);
  }
  expect([table.size, table.others]).toEqual([MOST_FLOWS, 10]);
});

test('every protocol that is told of has its name, and the filter that finds it', () => {
  const words = (protocol: number) => Object.values(kindWords(-1 - protocol));
  expect([6, 17, 1, 58, 132, 47].map(words)).toEqual([
    ['TCP', 'tcp'],
    ['UDP', 'udp'],
    ['ICMP', 'icmp'],
    ['ICMPv6', 'icmpv6'],
    ['SCTP', 'sctp'],
    ['GRE', 'gre'],
  ]);
  expect(words(48)[0]).toBe('IP protocol 48');
});
