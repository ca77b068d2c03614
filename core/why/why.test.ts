import { expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import type { Explanation } from '../protocol/messages.ts';
import { finish, Session } from '../session/session.ts';
import type { WatchTarget } from '../session/types.ts';
import { openExample } from '../testing/examples.ts';
import { openSession, session } from '../testing/run.ts';
import { withMaps } from '../testing/with-maps.ts';
import { explainResult } from './why.ts';

function why(session: Session, target?: WatchTarget): Explanation {
  let found: Explanation | undefined;
  finish(
    (function* () {
      found = yield* explainResult(session, target);
    })(),
  );
  return found!;
}

test(
  'the seed filter drops because of the destination address, at its line, ' +
    'and says what would pass',
  () => {
    const session = openExample('seed-filter');
    const found = why(session);
    expect(found.text.replace(/\w+\.c:\d+/, 'FILE.c:LINE')).toBe(
      'filter-ubpf: r0 = 0x1 -> drop: ip.dst (bytes 30 to 33) is 1.1.1.1, ' +
        'compared at FILE.c:LINE.',
    );
    expect(found.decided).toEqual([[30, 34]]);
    expect(found.branches).toHaveLength(1);
    const { change } = found.branches[0];
    expect(change).toMatchObject({ offset: 30, verdict: expect.stringMatching(/pass/) });
    const packet = session.frame.slice();
    packet.set(fromHex(change!.bytes)!, change!.offset);
    const changed = openSession({
      ...session.inputs,
      packets: [{ name: 'changed', bytes: packet }],
      packet: 0,
    });
    expect(changed.outcome!.verdict.name).toBe('pass');
    expect(session.machine!.steps).toBe(0);
  },
);

test('an XDP program with a map: the source address that was looked up decided it', () => {
  const found = why(openExample('xdp-firewall'));
  expect(found.text).toMatch(/: blocked\[1107296266\] was .*, compared at program\.c:34\.$/);
  expect(found.more[0]).toMatch(/^ip\.src|^eth\.type/);
  expect(found.decided.some(([from, to]) => from <= 26 && to >= 30)).toBe(true);
});

test('a register is explained at the step where the session stands', () => {
  const session = openExample('seed-filter');
  finish(session.go({ how: 'to-step', step: 1 }));
  expect(why(session, { kind: 'register', index: 1 }).decided).toEqual([[30, 34]]);
  expect(why(session, { kind: 'register', index: 10 }).decided).toEqual([]);
});

test(
  'bytes that are proposed stand in the order the packet has them: ' +
    'an ethertype as Ethernet writes it',
  () => {
    const changes = why(openExample('router')).branches.map(({ change }) => change);
    expect(changes).toContainEqual({
      needed: 'eth.type IPv6 (0x86dd)',
      offset: 12,
      bytes: '86dd',
      verdict: expect.stringMatching(/XDP_PASS/),
    });
  },
);

test('what no step has written is told so, with the bytes of a field by its name', () => {
  const session = openExample('seed-filter');
  const ttl: WatchTarget = {
    kind: 'memory',
    region: { kind: 'packet' },
    offset: 22,
    length: 1,
    field: 'ip.ttl',
  };
  expect(why(session, ttl).text).toBe('ip.ttl: no step before this one wrote it.');
  expect(why(session, { kind: 'register', index: 1 })).toMatchObject({
    steps: 0,
    branches: [],
    decided: [],
  });
});

test('a run longer than can be noted is explained as far as it was, and says so', () => {
  const long = session('r0 = 0; again: r0 += 1; if r0 < 1100000 goto again; exit', {
    maxSteps: 3_000_000,
  });
  const { note, steps } = why(long);
  expect(note).toBe('Only the first 2000000 steps were looked at.');
  expect(steps).toBeGreaterThan(1_999_000);
});

test('an explanation that is given up on the way leaves the session where it stood', () => {
  const opened = openExample('router');
  finish(opened.go({ how: 'to-step', step: 3 }));
  const { machine } = opened;
  const before = [machine!.steps, machine!.pc, machine!.recorder, machine!.registers.slice()];
  const inAll = [...explainResult(opened, undefined)].length;
  expect(inAll).toBeGreaterThan(3);
  for (let stops = 1; stops <= inAll; stops++) {
    const work = explainResult(opened, undefined);
    for (let i = 0; i < stops; i++) work.next();
    work.return(undefined as never);
    expect([machine!.steps, machine!.pc, machine!.recorder, machine!.registers.slice()]).toEqual(
      before,
    );
  }
});

test('maps that were asked are told with the key and what was in it', () => {
  const { lookups } = why(openExample('xdp-firewall'));
  expect(lookups.length).toBeGreaterThan(0);
  for (const { map, key, found, value } of lookups) {
    expect(map).not.toBe('');
    expect(key).toMatch(/^([0-9a-f]{2})+$/);
    expect(value !== undefined).toBe(found === true);
  }
});

test.each([
  ['a register', 4, { kind: 'register', index: 2 } as const, '7', 'you changed r2 to 7 at step 4'],
  [
    'a byte of the packet',
    2,
    { kind: 'memory', region: { kind: 'packet' }, offset: 12 } as const,
    '07',
    'you changed packet+12 to 07 at step 2',
  ],
])(
  '%s that was changed in mid-run is what decided, not the packet as it came in',
  (_title, step, target, value, words) => {
    const source =
      'r7 = *(u32 *)(r1 + 0); r0 = 1; r3 = 0; r2 = *(u8 *)(r7 + 12); if r2 == 7 goto +1; ' +
      'r0 = 2; exit';
    const { inputs } = session(source, { hook: 'xdp', packet: '00'.repeat(60) });
    const edited = openSession({ ...inputs, edits: [{ packet: 0, step, target, value }] });
    expect(edited.outcome!.r0).toBe(1n);
    const { text, decided } = finish(explainResult(edited, undefined));
    expect(text).toContain(words);
    expect(decided).toEqual([]);
  },
);

test('an entry that was changed in mid-run, behind its lookup, is what decided', () => {
  const { inputs, object } = withMaps(
    '*(u32 *)(r10 - 4) = 1; r2 = r10; r2 += -4; ld_pseudo r1, 0x1, 0; ' +
      'call bpf_map_lookup_elem; if r0 == 0 goto +1; r0 = *(u64 *)(r0 + 0); exit',
    [{}],
  );
  const edit = {
    packet: 0,
    step: 6,
    target: { kind: 'map', map: 'm0', key: '01000000' },
    value: '0200000000000000',
  } as const;
  const linear = new WebAssembly.Memory({ initial: 1 });
  const edited = new Session({ ...inputs, edits: [edit] }, linear, object);
  finish(edited.prepare());
  expect(edited.outcome!.r0).toBe(2n);
  expect(why(edited).text).toContain('you changed m0[01000000] to 0200000000000000 at step 6');
});
