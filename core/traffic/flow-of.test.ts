import { describe, expect, test } from 'vitest';
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

  test('a later fragment has no ports', () => {
    const fragment = UDP4.slice();
    fragment[21] = 1;
    expect(flowOf(fragment)).toMatchObject({ version: 4, ports: -1 });
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
