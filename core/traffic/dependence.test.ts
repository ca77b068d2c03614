import { describe, expect, test } from 'vitest';
import { runnableSession, Session } from '../session/session.ts';
import { MAP_FLAGS, MAP_TYPE_ID } from '../spec/map-types.ts';
import { variations } from '../testing/compare-batch.ts';
import { packetsOf } from '../testing/compare-engines.ts';
import {
  clearedSession,
  damagedCode,
  orderDifferences,
  sessionOnCode,
} from '../testing/compare-orders.ts';
import { EXAMPLES, openExample } from '../testing/examples.ts';
import { TCP4, TCP6, UDP4, UDP6 } from '../testing/frames.ts';
import { Random } from '../testing/random.ts';
import { type WithMaps, withMaps } from '../testing/with-maps.ts';
import { dependencesOf, dependenceWords } from './dependence.ts';

const wordsOf = (session: Parameters<typeof dependencesOf>[0]): string[] =>
  dependencesOf(session).map(dependenceWords);

/** A look-up of key 0 in map N, whose value is in r0 behind it. */
const lookUp = (map = 0): string => `
  *(u32 *)(r10 - 4) = 0
  r2 = r10
  r2 += -4
  ld_pseudo r1, 0x1, ${map}
  call map_lookup_elem
  if r0 != 0 goto +1
  exit`;
const END = `r0 = 2
  exit`;
const UNWRITTEN = 'it may read bytes of its stack that it has not written';
const ADDRESS = 'it makes a number of an address, and addresses differ from packet to packet';
const CHANGES = 'the program changes map m0, which packets share';

type Row = [title: string, source: string, words: string[], given?: WithMaps];
const PROGRAMS: Row[] = [
  ['a value is read', `${lookUp()}\n r1 = *(u32 *)(r0 + 0)\n ${END}`, []],
  ['a value is written', `${lookUp()}\n *(u32 *)(r0 + 0) = 1\n ${END}`, [CHANGES]],
  ['a value is added to', `${lookUp()}\n r1 = 1\n lock *(u64 *)(r0 + 0) += r1\n ${END}`, [CHANGES]],
  [
    'the value is found again on the stack, and written',
    `${lookUp()}
     *(u64 *)(r10 - 16) = r0
     r1 = *(u64 *)(r10 - 16)
     *(u8 *)(r1 + 2) = 1
     ${END}`,
    [CHANGES],
  ],
  [
    'a function is given the value, and writes it',
    `${lookUp()}\n r1 = r0\n call pc 2\n ${END}\n *(u8 *)(r1 + 0) = 1\n r0 = 0\n exit`,
    [CHANGES],
  ],
  [
    'an entry is put in',
    `*(u32 *)(r10 - 4) = 0
     *(u64 *)(r10 - 16) = 0
     ld_pseudo r1, 0x1, 0
     r2 = r10
     r2 += -4
     r3 = r10
     r3 += -16
     r4 = 0
     call map_update_elem
     ${END}`,
    [CHANGES],
  ],
  [
    'a helper is given the value to write into',
    `r6 = r1
     ${lookUp()}
     r1 = r6
     r2 = 0
     r3 = r0
     r4 = 8
     call xdp_load_bytes
     ${END}`,
    [CHANGES],
  ],
  [
    'packets are written, values read',
    `r6 = *(u32 *)(r1 + 0)
     r7 = *(u32 *)(r1 + 4)
     ${lookUp()}
     r1 = *(u32 *)(r0 + 0)
     r2 = r6
     r2 += 14
     if r2 > r7 goto end
     *(u8 *)(r6 + 0) = r1
     end: ${END}`,
    [],
  ],
  [
    'a key is read that was written on one way alone',
    `r2 = *(u32 *)(r1 + 0)
     r3 = *(u32 *)(r1 + 4)
     if r2 > r3 goto key
     *(u32 *)(r10 - 4) = 0
     key: r2 = r10
     r2 += -4
     ld_pseudo r1, 0x1, 0
     call map_lookup_elem
     ${END}`,
    [UNWRITTEN],
  ],
  [
    'half of what is loaded was written',
    `*(u32 *)(r10 - 8) = 0
 r0 = *(u64 *)(r10 - 8)
 exit`,
    [UNWRITTEN],
  ],
  [
    'all of it was',
    `*(u32 *)(r10 - 8) = 0
 *(u32 *)(r10 - 4) = 0
 r0 = *(u64 *)(r10 - 8)
 exit`,
    [],
  ],
  [
    'a function reads what its caller has not written',
    `r1 = r10
 r1 += -8
 call pc 1
 exit
 r0 = *(u64 *)(r1 + 0)
 exit`,
    [UNWRITTEN],
  ],
  [
    'the packet begins at a number',
    `r0 = *(u32 *)(r1 + 0)
 exit`,
    [ADDRESS],
  ],
  [
    'what a call has left in a register goes into the packet',
    `r6 = *(u32 *)(r1 + 0)
     r2 = r1
     call get_smp_processor_id
     *(u64 *)(r6 + 0) = r2
     ${END}`,
    [ADDRESS],
  ],
  [
    'half of an address',
    `r0 = *(u32 *)(r1 + 0)
 r0 >>= 32
 exit`,
    [ADDRESS],
  ],
  [
    'an address is compared with a number',
    `r0 = 0
 if r1 > r0 goto +1
 exit
 r0 = 1
 exit`,
    [ADDRESS],
  ],
  [
    'an address goes into the packet',
    `r2 = *(u32 *)(r1 + 0)
 *(u64 *)(r2 + 0) = r1
 ${END}`,
    [ADDRESS],
  ],
  [
    'the length of the packet',
    `r2 = *(u32 *)(r1 + 0)
 r0 = *(u32 *)(r1 + 4)
 r0 -= r2
 r0 >>= 1
 exit`,
    [],
  ],
  [
    'a number that was loaded is written to',
    `r6 = *(u32 *)(r1 + 0)
     r1 = *(u64 *)(r6 + 0)
     *(u8 *)(r1 + 0) = 1
     ${END}`,
    ['it writes where it is not known beforehand what lies there'],
  ],
  [
    'a random number is taken',
    `call get_prandom_u32\n ${END}`,
    ['its random numbers go on from packet to packet'],
  ],
  ['the time is asked for, and stands between packets', `call ktime_get_ns\n ${END}`, []],
  [
    'the time is asked for, and passes between packets',
    `call ktime_get_ns\n ${END}`,
    ['the time that it asks for goes on from packet to packet'],
    { gap: '1000' },
  ],
  ['time passes, and is not asked for', END, [], { gap: '1000' }],
];

describe('whether the run of a packet depends on those in front of it', () => {
  test.each(PROGRAMS)('%s', (_title, source, words, given) => {
    const session = runnableSession(withMaps(source, [{}], given));
    expect(wordsOf(session)).toEqual(words);
  });

  const writes = `${lookUp()}\n *(u32 *)(r0 + 0) = 1\n ${END}`;
  test('a map that programs may only read is none that they change', () => {
    const flags = MAP_FLAGS.BPF_F_RDONLY_PROG;
    expect(wordsOf(runnableSession(withMaps(writes, [{ flags }])))).toEqual([]);
  });

  test('values of a per-CPU map are shared: all packets come on one CPU', () => {
    const map = { type: MAP_TYPE_ID.percpu_array };
    expect(wordsOf(runnableSession(withMaps(writes, [map])))).toEqual([CHANGES]);
  });

  test('a look-up in an LRU map leaves a trace', () => {
    const map = { type: MAP_TYPE_ID.lru_hash };
    const reads = `${lookUp()}\n ${END}`;
    const words = ['each look-up leaves a trace in map m0'];
    expect(wordsOf(runnableSession(withMaps(reads, [map])))).toEqual(words);
  });
});

test.each(['seed-filter', 'tcp-port', 'tail-calls', 'out-of-bounds', 'tc-rewrite', 'lpm-firewall'])(
  'where none is said of damaged code, packets come to the same in the other order: %s',
  (name) => {
    const session = openExample(name);
    const { linked } = session.program!;
    const random = new Random(11);
    const usual = [TCP4, TCP6, UDP4, UDP6, ...session.inputs.packets.map(({ bytes }) => bytes)];
    const packets = variations(usual, 24, random);
    for (let n = 0; n < 60; n++) {
      const code = damagedCode('bytes' in linked ? linked.bytes : new Uint8Array(), random);
      expect([n, orderDifferences(sessionOnCode(session, code), packets) ?? []]).toEqual([n, []]);
    }
  },
);

test('where none is said, packets come to the same in the other order', () => {
  let count = 0;
  for (let seed = 0; seed < 400; seed++) {
    const found = orderDifferences(clearedSession(seed, seed % 8 !== 0), packetsOf(seed, 20));
    if (found !== undefined) count++;
    expect([seed, found ?? []]).toEqual([seed, []]);
  }
  expect(count).toBeGreaterThan(3);
});

test.each(EXAMPLES.map(({ name }) => name))('the same of the gallery: %s', (name) => {
  const { inputs, object } = openExample(name);
  const linear = new WebAssembly.Memory({ initial: 1 });
  const session = new Session({ ...inputs, packets: [], edits: [] }, linear, object);
  const usual = inputs.packets.map(({ bytes }) => bytes);
  expect(orderDifferences(session, variations(usual, 60, new Random(5))) ?? []).toEqual([]);
});

/** By the name of the example, all reasons; none: its packets may be spread over cores. */
test('what is said of the gallery', async () => {
  const said = EXAMPLES.map(({ name }) => {
    const words = wordsOf(runnableSession(openExample(name)));
    return `${name}: ${words.join('; ') || 'none'}`;
  });
  await expect(`${said.join('\n')}\n`).toMatchFileSnapshot('../testdata/traffic/dependence.txt');
});
