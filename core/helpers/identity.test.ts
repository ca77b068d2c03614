// kernel/bpf/helpers.c, net/core/filter.c: who runs, and where.
import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { finish } from '../session/session.ts';
import type { Settings } from '../session/types.ts';
import { TCP4 } from '../testing/frames.ts';
import { openSession, session } from '../testing/run.ts';

const EINVAL = -22n;
const TASK = { pid: 7, tgid: 5, uid: 0xffff_fffe, gid: 1000, comm: 'a.out' };

function answer(source: string, settings: Partial<Settings> = {}, hook: 'tc' | 'xdp' = 'tc') {
  const { inputs } = session(`r6 = r1; ${source}; exit`, { hook, packet: toHex(TCP4) });
  const opened = openSession({ ...inputs, settings: { ...inputs.settings, ...settings } });
  finish(opened.go({ how: 'end' }));
  expect(opened.outcome!.fault).toBeUndefined();
  return BigInt.asIntN(64, opened.outcome!.r0!);
}

test('the task: its group and thread, its group and user', () => {
  expect(answer('call bpf_get_current_pid_tgid', { task: TASK })).toBe((5n << 32n) | 7n);
  expect(answer('call bpf_get_current_uid_gid', { task: TASK })).toBe(
    (1000n << 32n) | 0xffff_fffen,
  );
  expect(answer('call bpf_get_current_pid_tgid')).toBe(0n);
});

describe('bpf_get_current_comm', () => {
  /** Twenty-four bytes, all of them 0xff before. */
  const nameIn = (size: number, comm: string): string => {
    const fill = [0, 8, 16].map((at) => `*(u64 *)(r10 - ${24 - at}) = -1`).join('; ');
    const call = `r1 = r10; r1 += -24; r2 = ${size}; r0 = 7; call bpf_get_current_comm`;
    const task = { ...TASK, comm };
    expect(answer(`${fill}; ${call}`, { task })).toBe(0n);
    const words = [0, 8, 16].map((at) =>
      answer(`${fill}; ${call}; r0 = *(u64 *)(r10 - ${24 - at})`, { task }),
    );
    return words
      .map((word) => {
        const bytes = new Uint8Array(8);
        new DataView(bytes.buffer).setBigInt64(0, word, true);
        return toHex(bytes);
      })
      .join('');
  };
  const hex = (text: string): string => Buffer.from(text).toString('hex');
  test.each<[string, number, string, string]>([
    ['a name with room', 16, 'a.out', `${hex('a.out')}${'00'.repeat(11)}`],
    ['one that has just room', 6, 'a.out', `${hex('a.out')}00`],
    ['one that is cut', 5, 'a.out', `${hex('a.ou')}00`],
    ['room for its end alone', 1, 'a.out', '00'],
    ['the longest name', 16, 'abcdefghijklmno', `${hex('abcdefghijklmno')}00`],
    ['more room than a name has', 20, 'a.out', `${hex('a.out')}${'00'.repeat(15)}`],
    ['no name', 4, '', '00000000'],
  ])('gives %s', (_title, size, comm, bytes) =>
    expect(nameIn(size, comm)).toBe(bytes.padEnd(48, 'f')),
  );
});

test('no task is in a namespace of that number, which is zeroed', () => {
  const call =
    '*(u64 *)(r10 - 8) = -1; r1 = 1; r2 = 2; r3 = r10; r3 += -8; r4 = 8; ' +
    'call bpf_get_ns_current_pid_tgid';
  expect([answer(call), answer(`${call}; r0 = *(u64 *)(r10 - 8)`)]).toEqual([EINVAL, 0n]);
});

describe('cgroups', () => {
  const cgroup = { ids: ['1', '20', '300'], classid: 0x10_0002 };
  test('of the task: its own and those it is in, by level', () => {
    expect(answer('call bpf_get_current_cgroup_id', { cgroup })).toBe(300n);
    const at = (level: number) =>
      answer(`r1 = ${level}; r0 = 7; call bpf_get_current_ancestor_cgroup_id`, { cgroup });
    expect([0, 1, 2, 3, -1, 2 ** 31 - 1].map(at)).toEqual([1n, 20n, 300n, 0n, 0n, 0n]);
    expect(answer('call bpf_get_current_cgroup_id')).toBe(1n);
  });
  test('of a packet without a socket none', () => {
    for (const call of [
      'r1 = r6; r0 = 7; call bpf_skb_cgroup_id',
      'r1 = r6; r2 = 0; r0 = 7; call bpf_skb_ancestor_cgroup_id',
      'r1 = r6; r0 = 7; call bpf_skb_cgroup_classid',
    ])
      expect(answer(call, { cgroup })).toBe(0n);
  });
  test('the class of the task', () =>
    expect(answer('r1 = r6; call bpf_get_cgroup_classid', { cgroup })).toBe(0x10_0002n));
});

describe('jiffies: 250 a second, from five minutes before they wrap in 32 bits on', () => {
  const START = 0x1_0000_0000n - 75_000n;
  test.each([
    ['0', START],
    ['3999998', START],
    ['3999999', START + 1n],
    ['4000000', START + 1n],
    ['300000000000', 0x1_0000_0000n],
  ])('%s ns after boot', (time, jiffies) =>
    // The call is the second step.
    expect(answer('call bpf_jiffies64', { time })).toBe(jiffies),
  );
});

test('what there is one of', () => {
  expect(answer('r0 = 7; call bpf_get_numa_node_id', {}, 'xdp')).toBe(0n);
  expect(answer('r1 = 0; call bpf_get_netns_cookie')).toBe(1n);
});
