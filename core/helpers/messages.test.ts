import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { finish } from '../session/session.ts';
import { session } from '../testing/run.ts';

const MESSAGE = '0102030405060708';
const EINVAL = BigInt.asUintN(64, -22n);
const ENOMEM = BigInt.asUintN(64, -12n);

/** What a helper of sk_msg programs answers, and the message behind it. */
function call(
  name: string,
  a: number | string,
  b: number | string,
  flags = 0,
): [bigint | undefined, string] {
  const source = `r2 = ${a}; r3 = ${b}; r4 = ${flags}; call ${name}; exit`;
  const opened = session(source, { hook: 'sk_msg', packet: MESSAGE, options: [['start', 'link']] });
  finish(opened.go({ how: 'end' }));
  const { memory, packet } = opened.machine!;
  return [opened.outcome!.r0, toHex(memory.bytes.subarray(packet.data, packet.end))];
}

/** net/core/filter.c, bpf_msg_pull_data. */
describe('bpf_msg_pull_data', () => {
  test.each<[string, number, number, number, bigint, string]>([
    ['all of it', 0, 8, 0, 0n, MESSAGE],
    ['the first byte', 0, 1, 0, 0n, '01'],
    ['the last', 7, 8, 0, 0n, '08'],
    ['some', 2, 5, 0, 0n, '030405'],
    ['an end at the start', 3, 3, 0, EINVAL, MESSAGE],
    ['an end before it', 4, 3, 0, EINVAL, MESSAGE],
    ['behind the end', 7, 9, 0, EINVAL, MESSAGE],
    ['a start behind it', 8, 9, 0, EINVAL, MESSAGE],
    ['a flag', 0, 8, 1, EINVAL, MESSAGE],
  ])('%s', (_title, start, end, flags, r0, message) =>
    expect(call('bpf_msg_pull_data', start, end, flags)).toEqual([r0, message]),
  );
});

describe('bpf_msg_push_data', () => {
  test.each<[string, number, number, number, bigint, string]>([
    ['in front', 0, 2, 0, 0n, `0000${MESSAGE}`],
    ['in it', 3, 1, 0, 0n, '010203000405060708'],
    ['behind', 8, 2, 0, 0n, `${MESSAGE}0000`],
    ['one byte behind the end', 9, 2, 0, EINVAL, MESSAGE],
    ['nothing', 9, 0, 0, 0n, MESSAGE],
    ['a flag', 0, 2, 1, EINVAL, MESSAGE],
    ['a flag with nothing', 0, 0, 1, EINVAL, MESSAGE],
    ['more than a piece can have', 0, 0x1_0000, 0, ENOMEM, MESSAGE],
  ])('%s', (_title, start, count, flags, r0, message) =>
    expect(call('bpf_msg_push_data', start, count, flags)).toEqual([r0, message]),
  );
  test('65,535 bytes are the most', () => {
    const [r0, message] = call('bpf_msg_push_data', 8, 0xffff);
    expect([r0, message.length / 2, message.slice(0, 16)]).toEqual([0n, 8 + 0xffff, MESSAGE]);
  });
});

describe('bpf_msg_pop_data', () => {
  test.each<[string, number, number, number, bigint, string]>([
    ['the first', 0, 1, 0, 0n, '02030405060708'],
    ['the last', 7, 1, 0, 0n, '01020304050607'],
    ['some', 2, 3, 0, 0n, '0102060708'],
    ['all', 0, 8, 0, 0n, ''],
    ['one more than there are', 0, 9, 0, EINVAL, MESSAGE],
    ['the one behind the last', 8, 1, 0, EINVAL, MESSAGE],
    ['from the last on two', 7, 2, 0, EINVAL, MESSAGE],
    ['nothing', 20, 0, 0, 0n, MESSAGE],
    ['a flag', 0, 1, 1, EINVAL, MESSAGE],
  ])('%s', (_title, start, count, flags, r0, message) =>
    expect(call('bpf_msg_pop_data', start, count, flags)).toEqual([r0, message]),
  );
});

test.each(['bpf_msg_apply_bytes', 'bpf_msg_cork_bytes'])('%s is noted and answers 0', (name) =>
  expect(call(name, 100, 0)).toEqual([0n, MESSAGE]),
);
