import { describe, expect, test } from 'vitest';
import type { Explanation } from '../protocol/messages.ts';
import { finish, type Session } from '../session/session.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { openExample } from '../testing/examples.ts';
import { openSession, session } from '../testing/run.ts';
import { withMaps } from '../testing/with-maps.ts';
import { explainResult } from './why.ts';

const why = (opened: Session): Explanation => finish(explainResult(opened, undefined));

/** r3 and r4 are the first two bytes of the packet, 1 and 2. */
const READ = 'r2 = *(u32 *)(r1 + 0); r3 = *(u8 *)(r2 + 0); r4 = *(u8 *)(r2 + 1); ';
const xdp = (source: string): Explanation =>
  why(session(READ + source, { hook: 'xdp', packet: '01020304' }));

describe('the one that is named decided: its other side gives another verdict', () => {
  test.each([
    [
      'a branch whose both sides return the same took part, and one before it decided',
      'r0 = 1; if r3 != 1 goto +3; r0 = 2; if r4 != 2 goto +1; r0 = 2; exit',
      0,
    ],
    [
      'of two that would each turn it the one nearer to the end',
      'r0 = 1; if r3 != 1 goto +2; if r4 != 2 goto +1; r0 = 2; exit',
      1,
    ],
    [
      'its other side is taken although no packet would: the second test is of the same byte',
      'r0 = 1; if r4 != 2 goto +3; if r3 == 2 goto +2; if r3 != 1 goto +1; r0 = 2; exit',
      0,
    ],
    [
      'where its other side faults, a packet that takes it tells what it comes to',
      'r5 = 0; r0 = 2; if r3 != 1 goto +3; if r4 == 2 goto +3; r0 = *(u8 *)(r5 + 0); exit; ' +
        'r0 = 1; exit',
      1,
    ],
  ])('%s', (_title, source, byte) => {
    const { text, more } = xdp(source);
    expect(text).toMatch(new RegExp(`\\(byte ${byte}\\) `));
    expect(more.join(' ')).toMatch(new RegExp(`\\(byte ${1 - byte}\\) `));
  });
});

describe('ip-mode=off', () => {
  const FRAME = openExample('seed-filter').frame;
  const off = [['ip-mode', 'off']] as [string, string][];

  test('a filter for IP that is given the Ethernet header: the option is the reason', () => {
    const { inputs } = openExample('seed-filter');
    const { text, option, more } = why(openSession({ ...inputs, options: off }));
    expect(text).toMatch(
      /-> pass: the program reads the Ethernet header as IP, because ip-mode=off\.$/,
    );
    expect(more[0]).toMatch(/^ip\.len/);
    const with_ = openSession({ ...inputs, options: [[option!.name, option!.value]] });
    expect(with_.outcome!.verdict.text).toBe(option!.verdict);
  });

  test('a filter for the whole frame is not said to', () => {
    const packet = [...FRAME].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const opened = session(
      'r0 = 1; r1 = *(u32 *)(r1 + 30); if r1 == 0x1010101 goto +1; r0 = 0; exit',
      {
        hook: 'filter-ubpf',
        packet,
        options: off,
      },
    );
    const { text, option } = why(opened);
    expect(opened.outcome!.verdict.name).toBe('drop');
    expect(option).toBeUndefined();
    expect(text).toMatch(/ip\.dst \(bytes 30 to 33\) is 1\.1\.1\.1/);
  });
});

// Where the other side of a test for NULL faults, only what an entry would turn tells: it has to be
// the entry that was tested for.
test.each([
  ['another key of the map', 0, 2],
  ['that key of another map', 1, 1],
])('an entry that turns the verdict says nothing of a test for %s', (_title, map, key) => {
  const find = (map: number, key: number) =>
    `*(u32 *)(r10 - 4) = ${key}; r2 = r10; r2 += -4; ld_pseudo r1, 0x1, ${map}; ` +
    'call bpf_map_lookup_elem';
  const hash = { type: MAP_TYPE_ID.hash };
  const opened = withMaps(
    `r6 = 2; ${find(0, 1)}; if r0 != 0 goto +1; r6 = 1
    ${find(map, key)}; if r0 == 0 goto missing; r1 = *(u64 *)(r0 + 0); r0 = 1; exit
    missing: r0 = r6; exit`,
    [hash, hash],
  );
  expect(opened.outcome!.verdict.name).toBe('XDP_DROP');
  const { text } = why(opened);
  expect(text).toContain(': m0[1] was not there, compared by instruction ');
});
