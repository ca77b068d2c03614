// Files that are written of a capture: packets with their verdicts, and a table of results.
import { describe, expect, test } from 'vitest';
import { readCapture } from '../packet/capture/capture.ts';
import { CaptureIndex } from '../packet/capture/capture-index.ts';
import { ETHERNET_LINK } from '../packet/capture/link-types.ts';
import type { TrafficChoice } from '../protocol/traffic.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { packetExport } from './export-packets.ts';
import { ResultExport } from './export-results.ts';
import { Outcomes } from './outcomes.ts';

const FRAME = Uint8Array.from({ length: 20 }, (_, i) => i);
const OTHER = FRAME.with(3, 99);
const verdict = (name: string, action: RunOutcome['verdict']['action']) => ({
  name,
  action,
  text: `XDP: ${name}`,
});
const outcome = (change: Partial<RunOutcome> = {}): RunOutcome => ({
  ran: true,
  verdict: verdict('XDP_PASS', 'pass'),
  r0: 2n,
  steps: 5,
  fault: undefined,
  packetOut: FRAME,
  ...change,
});

/** Places of packets that the file said these times of; of the second one 60 bytes were sent. */
function indexOf(times: readonly (bigint | undefined)[]): CaptureIndex {
  const index = new CaptureIndex('x.pcap');
  for (const [place, timestamp] of times.entries())
    index.add({
      number: place + 1,
      linkType: ETHERNET_LINK,
      offset: 100 * place,
      bytes: FRAME,
      timestamp,
      originalLength: place === 1 ? 60 : FRAME.length,
      checkSequence: 0,
    });
  return index;
}

const RAN: readonly RunOutcome[] = [
  outcome(),
  outcome({ packetOut: OTHER }),
  outcome({ verdict: verdict('XDP_DROP', 'drop') }),
  outcome({ verdict: verdict('XDP_DROP', 'drop'), packetOut: OTHER }),
  outcome({ verdict: verdict('XDP_ABORTED', 'aborted') }),
  outcome({ verdict: verdict('XDP_REDIRECT', 'redirect'), packetOut: OTHER }),
  outcome({ verdict: verdict('XDP_TX', 'tx') }),
];

test.each<[TrafficChoice, number[]]>([
  ['all', [1, 2, 3, 4, 5, 6, 7]],
  ['passed', [1, 2, 6, 7]],
  ['dropped', [3, 4, 5]],
  ['redirected', [6]],
  ['changed', [2, 6]],
])('packets to export: %s', async (choice, numbers) => {
  const times = RAN.map((_, i) => (i === 4 ? undefined : 1_700_000_000_000_000_000n + BigInt(i)));
  const file = packetExport(indexOf(times), choice, 'out.pcapng');
  expect(file.what).toBe(`export of ${choice} packets`);
  for (const [packet, one] of RAN.entries()) file.visit(packet, FRAME, one);
  const written = file.result(RAN.length, true);
  if (written.kind !== 'blob-file') throw new Error('no file');
  expect([written.name, written.packets]).toEqual(['out.pcapng', numbers.length]);
  const { packets } = readCapture('x', new Uint8Array(await written.blob.arrayBuffer()));
  expect(
    packets.map(({ bytes, timestamp, originalLength }) => [bytes, timestamp, originalLength]),
  ).toEqual(
    numbers.map((number) => [
      // Those that do not go on are as they came.
      number === 2 || number === 6 ? OTHER : FRAME,
      times[number - 1] ?? 0n,
      number === 2 ? 60 : undefined,
    ]),
  );
});

describe('a table of results', () => {
  const results = async (
    format: 'csv' | 'json',
    times: (bigint | undefined)[],
    ran: RunOutcome[],
  ) => {
    const outcomes = new Outcomes();
    for (const one of ran) outcomes.add(one, one.packetOut !== FRAME);
    const table = new ResultExport(indexOf(times), outcomes, format, `x.${format}`);
    expect([table.what, table.total]).toEqual([`export as ${format.toUpperCase()}`, ran.length]);
    while (!table.isDone)
      await table.piece(async (work) => {
        for (let next = work.next(); !next.done; next = work.next());
        return false;
      });
    const { name, packets, blob } = table.result();
    expect([name, packets]).toEqual([`x.${format}`, ran.length]);
    return blob.text();
  };
  const fault = { kind: 'bad-pointer', pc: 3, message: 'a "b", c' } as const;
  const some = [
    outcome({ r0: 0xffff_ffff_ffff_fffen }),
    outcome({ packetOut: OTHER, steps: 6_000_000_000 }),
    outcome({ ran: false, r0: undefined, steps: 0 }),
    outcome({ fault, r0: undefined, verdict: verdict('XDP_ABORTED', 'aborted') }),
  ];
  const times = [1_700_000_000_000_000_001n, 5n, undefined, -1_500_000_000n];

  test('as CSV, by RFC 4180', async () => {
    expect(await results('csv', times, some)).toBe(
      [
        'packet,time,bytes,verdict,action,ran,r0,steps,changed,fault',
        '1,1700000000.000000001,20,XDP_PASS,pass,true,0xfffffffffffffffe,5,false,',
        '2,0.000000005,20,XDP_PASS,pass,true,0x2,6000000000,true,',
        '3,,20,XDP_PASS,pass,false,,0,false,',
        '4,-1.500000000,20,XDP_ABORTED,aborted,true,,5,false,"a ""b"", c"',
        '',
      ].join('\r\n'),
    );
  });

  test('as JSON', async () => {
    const rows = JSON.parse(await results('json', times, some));
    expect(rows).toHaveLength(4);
    expect(rows[2]).toEqual({
      packet: 3,
      time: null,
      bytes: 20,
      verdict: 'XDP_PASS',
      action: 'pass',
      ran: false,
      r0: null,
      steps: 0,
      changed: false,
      fault: null,
    });
    expect(rows[3]).toMatchObject({ time: '-1.500000000', r0: null, fault: fault.message });
    expect(JSON.parse(await results('json', [], []))).toEqual([]);
  });
});
