// kernel/bpf/ringbuf.c; net/core/filter.c, bpf_skb_event_output; kernel/trace/bpf_trace.c.
import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { finish } from '../session/session.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { TCP4 } from '../testing/frames.ts';
import { type WithMaps, withMaps } from '../testing/with-maps.ts';

const [ENOENT, EAGAIN, E2BIG, EFAULT, EINVAL, EOPNOTSUPP] = [-2n, -11n, -7n, -14n, -22n, -95n];
const RING = { type: MAP_TYPE_ID.ringbuf, keySize: 0, valueSize: 0, maxEntries: 4096 };
const MAP = 'ld_pseudo r1, 0x1, 0';

/** What a program answers, and the records it has left. */
function ran(source: string, map: object, given: WithMaps = {}) {
  const session = withMaps(`r6 = r1; ${source}; exit`, [map], { packet: toHex(TCP4), ...given });
  const { r0, fault } = session.outcome!;
  finish(session.go({ how: 'end' }));
  const { records } = session.machine!;
  return {
    answer: fault?.message ?? BigInt.asIntN(64, r0!),
    records: records.map(({ bytes, note }) => [toHex(bytes), note]),
  };
}

describe('a ring buffer', () => {
  const output = (size: number, flags = 0): string =>
    `*(u64 *)(r10 - 8) = 0x77; ${MAP}; r2 = r10; r2 += -8; r3 = ${size}; r4 = ${flags}; ` +
    'r0 = 9; call bpf_ringbuf_output';
  const query = (what: number): string => `${MAP}; r2 = ${what}; call bpf_ringbuf_query`;

  test.each([
    ['its reader is woken where it has caught up', 0, 'wakes the reader'],
    ['not where it is not to be', 1, ''],
    ['but where it is to be', 2, 'wakes the reader'],
    ['that counts more', 3, 'wakes the reader'],
  ])('takes a record: %s', (_title, flags, note) =>
    expect(ran(output(2, flags), RING)).toEqual({ answer: 0n, records: [['7700', note]] }),
  );
  test('wakes nobody for a record behind one that nobody has read yet', () => {
    const { records } = ran(`${output(1)}; ${output(1)}; ${output(1, 2)}`, RING);
    expect(records.map(([, note]) => note)).toEqual(['wakes the reader', '', 'wakes the reader']);
  });
  test('knows two flags', () => {
    for (const flags of [4, 8, -1])
      expect(ran(output(2, flags), RING)).toEqual({ answer: EINVAL, records: [] });
  });
  test('has room for all but its last byte, with 8 bytes in front of each record', () => {
    // 255 records of 16 bytes.
    const fill = (count: number) =>
      `r7 = ${count}; again: ${output(8)}; r7 -= 1; if r7 != 0 goto again`;
    expect(ran(fill(255), RING).answer).toBe(0n);
    expect(ran(fill(256), RING).answer).toBe(EAGAIN);
  });
  test.each([
    ['bytes that nobody has read', 0, 16 + 24],
    ['its size', 1, 4096],
    ['where its reader stands', 2, 0],
    ['where the next record goes', 3, 16 + 24],
    ['nothing else', 4, 0],
  ])('says %s', (_title, what, answer) => {
    // Of 1 and of 9 bytes: in whole 8 with their headers.
    const nine =
      `*(u64 *)(r10 - 16) = 0; ${output(1)}; ${MAP}; r2 = r10; r2 += -16; ` +
      'r3 = 9; r4 = 0; call bpf_ringbuf_output';
    expect(ran(`${nine}; ${query(what)}`, RING).answer).toBe(BigInt(answer));
  });

  const reserve = (size: number, flags = 0): string =>
    `${MAP}; r2 = ${size}; r3 = ${flags}; call bpf_ringbuf_reserve; r7 = r0`;
  const end = (how: 'submit' | 'discard', flags = 0): string =>
    `r1 = r7; r2 = ${flags}; r0 = 9; call bpf_ringbuf_${how}`;
  test('a reserved record is there once it is submitted, not where it is discarded', () => {
    const write = 'if r7 == 0 goto out; *(u32 *)(r7 + 0) = 5';
    expect(ran(`${reserve(4)}; ${write}; ${end('submit')}; out: r0 = 1`, RING)).toEqual({
      answer: 1n,
      records: [['05000000', 'wakes the reader']],
    });
    expect(ran(`${reserve(4)}; ${write}; ${end('discard')}; out: r0 = 1`, RING).records).toEqual(
      [],
    );
    expect(ran(`${reserve(4)}; ${write}; ${end('submit', 1)}; out: r0 = 1`, RING).records).toEqual([
      ['05000000', ''],
    ]);
  });
  test.each([
    ['with flags', 8, 1, 0n],
    ['of more than there is', 4096, 0, 0n],
    ['of all but the last eight bytes and the header', 4096 - 16, 0, 1n],
    ['of eight more', 4096 - 8, 0, 0n],
  ])('a reservation %s', (_title, size, flags, isThere) =>
    expect(ran(`${reserve(size, flags)}; r0 = 0; if r7 == 0 goto +1; r0 = 1`, RING).answer).toBe(
      isThere,
    ),
  );
  test('what is no record is a fault, a record that is over as well', () => {
    const ends = `${end('submit')}; ${end('submit')}`;
    const twice = `${reserve(8)}; if r7 == 0 goto out; ${ends}; out: r0 = 1`;
    expect(ran(twice, RING).answer).toMatch(/submit wants a record of bpf_ringbuf_reserve in r1/);
    expect(ran(`r7 = r10; ${end('discard')}`, RING).answer).toMatch(
      /discard wants a record of bpf_ringbuf_reserve in r1/,
    );
  });
});

describe('bpf_perf_event_output', () => {
  const EVENTS = { type: MAP_TYPE_ID.perf_event_array, valueSize: 4, maxEntries: 3 };
  const CURRENT = 0xffff_ffffn;
  const output = (flags: bigint, size = 4): string =>
    `*(u64 *)(r10 - 8) = 0x77; r1 = r6; ld_pseudo r2, 0x1, 0; w3 = ${BigInt.asIntN(32, flags)}; ` +
    `r4 = ${flags >> 32n}; r4 <<= 32; r3 |= r4; r4 = r10; r4 += -8; r5 = ${size}; ` +
    'r0 = 9; call bpf_perf_event_output';
  // The event of CPU 0 stands at 0, that of CPU 1 at 1.
  const presets = [
    { map: 'm0', key: '00000000', value: '01000000' },
    { map: 'm0', key: '01000000', value: '02000000' },
  ];
  const answer = (flags: bigint, size?: number) => ran(output(flags, size), EVENTS, { presets });

  test.each([
    ['that of the CPU', CURRENT, 0n],
    ['that of the CPU, by its number', 0n, 0n],
    ['that of another CPU', 1n, EOPNOTSUPP],
    ['none', 2n, ENOENT],
    ['one behind the last', 3n, E2BIG],
    ['far behind it', 0xffff_fffen, E2BIG],
    ['flags beyond the length of the packet', CURRENT | (1n << 52n), EINVAL],
    ['as much of the packet as there is', CURRENT | (BigInt(TCP4.length) << 32n), 0n],
    ['more of it', CURRENT | (BigInt(TCP4.length + 1) << 32n), EFAULT],
  ])('to an event: %s', (_title, flags, r0) => expect(answer(flags).answer).toBe(r0));

  test.each([
    [1, 0, 4],
    [4, 0, 4],
    [5, 0, 12],
    [8, 0, 12],
    [4, 1, 12],
    [4, 8, 12],
    [4, 9, 20],
  ])('%d bytes and %d of the packet, with zeros behind them', (size, length, whole) => {
    const { records } = answer(CURRENT | (BigInt(length) << 32n), size);
    const bytes = new Uint8Array(whole);
    bytes.set([0x77]);
    bytes.set(TCP4.subarray(0, length), size);
    const note = length > 0 ? `${size} of the program, ${length} of the packet` : '';
    expect(records).toEqual([[toHex(bytes), note]]);
  });
});
