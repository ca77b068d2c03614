import { expect, test } from 'vitest';
import type { PacketStatistics } from '../../../core/protocol/messages.ts';
import { partInWords, share } from './statistics.ts';

test('a share is a tenth of a percent, and no packet is none', () => {
  expect([share(0, 9), share(1, 8), share(1, 3), share(3, 3), share(1, 4000), share(1, 0)]).toEqual(
    ['0 %', '12.5 %', '33.3 %', '100 %', 'below 0.1 %', '0 %'],
  );
});

test('a part says which packets it is and what became of them', () => {
  const outcome = { action: 'pass', count: 4, first: 0, slowest: { index: 0, steps: 1 } } as const;
  const found: PacketStatistics = {
    kind: 'packet-statistics',
    total: 5,
    judged: 4,
    partSize: 2,
    outcomes: [
      { ...outcome, name: 'PASS', parts: [2, 1, 0] },
      { ...outcome, name: 'DROP', parts: [0, 1, 0] },
    ],
    protocols: [],
    otherProtocols: 0,
    faults: [],
  };
  expect([0, 1, 2].map((part) => partInWords(found, part))).toEqual([
    'Packets 1 to 2: PASS 2',
    'Packets 3 to 4: PASS 1, DROP 1',
    'Packet 5: not run',
  ]);
});
