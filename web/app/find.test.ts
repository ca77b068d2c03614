import { expect, test } from 'vitest';
import type { Example } from '../../core/protocol/example.ts';
import { foundBy } from './find.ts';

const row = (pc: number, text: string, line?: number) => ({ pc, text, comment: '', line });

/** As much of a session as is looked through. */
const STATE = {
  view: {
    object: {
      programs: [{ name: 'firewall', section: 'xdp' }],
      maps: [{ name: 'blocked', type: 'hash' }],
      sections: [{ name: 'xdp', type: 'PROGBITS' }],
      symbols: [{ name: 'firewall', section: 'xdp', type: 'FUNC' }],
    },
    code: {
      functions: [{ name: 'firewall', start: 0, end: 3, section: 'xdp' }],
      rows: [row(0, 'r0 = 1', 0), row(1, 'call 1', 1), row(2, 'exit', 1)],
      lines: [
        { file: 'a.c', line: 7, text: '  int verdict = XDP_DROP;' },
        { file: 'a.c', line: 9, text: '  return verdict;' },
      ],
    },
    sources: [{ file: 'src/a.c', text: '' }],
    packetNames: ['TCP SYN', 'ping', 'TCP SYN'],
    dissection: {
      layers: [
        {
          name: 'ip',
          label: 'IPv4',
          text: '',
          offset: 14,
          length: 20,
          children: [
            {
              name: 'ip.dst',
              label: 'Destination address',
              text: '1.1.1.1',
              offset: 30,
              length: 4,
              children: [],
            },
          ],
        },
      ],
    },
    outcome: { steps: 2 },
    hookLists: [],
    expectations: [],
  },
} as unknown as Parameters<typeof foundBy>[0];
const EXAMPLES = [
  { name: 'nat', title: 'Source NAT', about: 'Rewrites addresses' },
] as unknown as readonly Example[];

const found = (text: string) =>
  foundBy(STATE, EXAMPLES, text)
    .filter(({ kind }) => kind !== 'command')
    .map(({ kind, label, note }) => `${kind}: ${label} (${note})`);

test.each([
  [
    'FireWall',
    ['program: firewall (xdp)', 'function: firewall (0–2)', 'symbol: firewall (FUNC xdp)'],
  ],
  ['blocked', ['map: blocked (hash)']],
  ['a.c', ['C file: a.c ()']],
  ['dst 1.1', ['field: ip.dst 1.1.1.1 (Destination address, byte 30)']],
  ['syn', ['packet: TCP SYN (packet 1 of 3)', 'packet: TCP SYN (packet 3 of 3)']],
  ['xdp_drop', ['C line: int verdict = XDP_DROP; (line 7)']],
  ['exit', ['instruction: exit (at 2)']],
  [
    'nat',
    [
      'field: ip.dst 1.1.1.1 (Destination address, byte 30)',
      'example: Source NAT (opens it; Undo brings this session back)',
    ],
  ],
  ['nothing of that name', []],
])('"%s" finds what has it in its name', (text, rows) => expect(found(text)).toEqual(rows));

test('a number is a packet, a step and an instruction, where there are so many', () => {
  const numbers = (text: string) =>
    foundBy(STATE, [], text).filter(({ id }) => id.startsWith('number'));
  expect(numbers('2').map(({ label, note }) => `${label}: ${note}`)).toEqual([
    'Packet 2: ping',
    'Step 2: of this packet’s run',
    'Instruction 2: exit',
  ]);
  expect(numbers('0').map(({ label }) => label)).toEqual(['Step 0', 'Instruction 0']);
  expect(numbers('3').map(({ label }) => label)).toEqual(['Packet 3']);
  expect(numbers('4')).toEqual([]);
});

test('without a text the commands that are there now', () => {
  const rows = foundBy(STATE, EXAMPLES, ' ');
  expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(['command']));
  expect(rows.map(({ id }) => id)).not.toContain('palette');
});
