import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { HELPERS, prototypeOf } from '../spec/helpers.ts';
import { MAP_FLAGS, MAP_TYPE_ID } from '../spec/map-types.ts';
import { type HookName, returnRange } from '../spec/program-types.ts';
import type { ArgumentType } from '../spec/prototypes.ts';
import { LINUX_HOOKS } from '../spec/reference.ts';
import { TCP4 } from '../testing/frames.ts';
import { session } from '../testing/run.ts';
import { runWithMaps } from '../testing/with-maps.ts';

const CHECKED: Readonly<Partial<Record<ArgumentType, string>>> = {
  ctx: 'the context',
  const_map_ptr: 'a map',
  func: 'a function',
  sock_common: 'a socket',
  socket: 'a socket',
};

/** Each built helper in a hook that may call it, whose first checked argument is in a register. */
const CALLS = HELPERS.filter(({ doc, hooks }) => doc !== undefined && hooks.length > 0).flatMap(
  (row) => {
    const hook = row.hooks[0];
    const wanted = prototypeOf(row, hook)!.arguments;
    const at = wanted.findIndex(
      ({ type, flags }) => CHECKED[type] && !flags?.includes('maybe_null'),
    );
    return at < 0 ? [] : [[`bpf_${row.name}`, hook, at + 1, CHECKED[wanted[at].type]!] as const];
  },
);

test.each(CALLS)('%s of a %s program wants in r%i %s', (name, hook, register, what) => {
  const moves = [1, 2, 3, 4, 5].map((n) => `r${n} = ${n === register ? 0x1234 : 0}`).join('; ');
  const { outcome } = session(`${moves}; call ${name}; exit`, { hook, packet: toHex(TCP4) });
  expect(outcome!.fault).toMatchObject({
    kind: 'bad-argument',
    message: `instruction 5: ${name} wants ${what} in r${register}, which is 0x1234`,
  });
});

test.each([
  ['the context', 'r1 = r6', undefined],
  ['a copy that was moved and moved back', 'r1 = r6; r1 += 8; r1 += -8', undefined],
  ['a field of it', 'r1 = r6; r1 += 4', 'context+4'],
  ['what lies in front of it', 'r1 = r6; r1 += -1', 'context-1'],
  ['the stack', 'r1 = r10', 'stack+0'],
  ['the packet', 'r1 = *(u32 *)(r6 + 76)', 'packet+0'],
  ['NULL', 'r1 = 0', '0x0'],
])('%s as the context', (_title, given, refused) => {
  const { outcome } = session(`r6 = r1; ${given}; call bpf_skb_pull_data; exit`, {
    hook: 'tc',
    packet: toHex(TCP4),
  });
  expect(outcome!.fault?.message.replace(/^.*: /, '')).toBe(
    refused && `bpf_skb_pull_data wants the context in r1, which is ${refused}`,
  );
});

describe('a map that a helper is given', () => {
  const call = (helper: string, map: object): string | undefined =>
    runWithMaps(
      `*(u64 *)(r10 - 8) = 0; ld_pseudo r1, 0x1, 0; r2 = r10; r2 += -8; r3 = r10; r3 += -8
      r4 = 0; call ${helper}; exit`,
      [map],
    ).fault?.message.replace(/^[^:]*: /, '');
  const READ_ONLY = { flags: MAP_FLAGS.BPF_F_RDONLY_PROG };
  test('is one that the program may write to, where the helper writes', () => {
    const refused = (helper: string) =>
      `${helper} may not be used on map "m0" with BPF_F_RDONLY_PROG: ` +
      'the kernel refuses the program';
    for (const helper of ['bpf_map_update_elem', 'bpf_map_delete_elem'])
      expect([call(helper, READ_ONLY), call(helper, {})]).toEqual([refused(helper), undefined]);
    expect(call('bpf_map_lookup_elem', READ_ONLY)).toBeUndefined();
    const queue = { type: MAP_TYPE_ID.queue, keySize: 0 };
    expect([call('bpf_map_push_elem', queue), call('bpf_map_pop_elem', queue)]).toEqual([
      undefined,
      undefined,
    ]);
    for (const helper of ['bpf_map_push_elem', 'bpf_map_pop_elem'])
      expect(call(helper, { ...queue, ...READ_ONLY })).toBe(refused(helper));
  });
  test('is of a type that the helper takes', () => {
    const refused = (helper: string, type: string) =>
      `${helper} may not be used on ${type} map "m0": the kernel refuses the program`;
    expect(call('bpf_map_push_elem', {})).toBe(refused('bpf_map_push_elem', 'array'));
    expect(call('bpf_map_lookup_elem', { type: MAP_TYPE_ID.queue, keySize: 0 })).toBe(
      refused('bpf_map_lookup_elem', 'queue'),
    );
  });
});

test('many helpers have such an argument', () => expect(CALLS.length).toBeGreaterThan(75));

test('a prototype has as many arguments as the signature, but for variadic ones', () => {
  const differs = HELPERS.flatMap((row) => {
    const hook = row.hooks[0];
    if (hook === undefined || row.doc === undefined || row.signature.includes('...')) return [];
    const { length } = prototypeOf(row, hook)!.arguments;
    return length === row.parameters ? [] : [[row.name, length, row.parameters]];
  });
  expect(differs).toEqual([]);
});

describe('what may be returned is what the verifier of Linux lets programs return', () => {
  const { returns } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../testdata/kernel/context-access.json'), 'utf8'),
  ) as { returns: Record<string, number[]> };
  const asked = returns.xdp;
  const rows = LINUX_HOOKS.map(
    ({ name }) => [name, name, new Map([['direction', 'ingress']])] as const,
  );
  const egress = ['cgroup_skb egress', 'cgroup_skb', new Map([['direction', 'egress']])] as const;
  test.each<readonly [string, HookName, ReadonlyMap<string, string>]>([...rows, egress])(
    '%s',
    (title, hook, options) => {
      const range = returnRange(hook, options);
      const allowed = asked.filter(
        (value) => range === undefined || (value >= range.low && value <= range.high),
      );
      expect(asked.length).toBe(8);
      expect(allowed).toEqual(returns[title]);
    },
  );
});
