import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { HELPERS, prototypeOf } from '../spec/helpers.ts';
import { type HookName, returnRange } from '../spec/program-types.ts';
import type { ArgumentType } from '../spec/prototypes.ts';
import { LINUX_HOOKS } from '../spec/reference.ts';
import { TCP4 } from '../testing/frames.ts';
import { session } from '../testing/run.ts';

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
