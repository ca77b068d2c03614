import { expect, test } from 'vitest';
import type { MarkKind } from '../protocol/messages.ts';
import { finish, type Session } from '../session/session.ts';
import { openExample } from '../testing/examples.ts';
import { openSession, session } from '../testing/run.ts';
import { MOST_PLACES, marksOf } from './marks.ts';

const marks = (opened: Session) => finish(marksOf(opened)).marks;
const steps = (opened: Session, kind: MarkKind): number[] =>
  marks(opened)[kind].map(({ step }) => step);

test('each kind stands behind the step that did it; a breakpoint before', () => {
  const { inputs } = session(
    'r7 = *(u32 *)(r1 + 0); r2 = 5; *(u8 *)(r7 + 3) = r2; ' +
      'if r2 == 5 goto +1; r2 = 6; call pc f; r0 = 2; exit; f: r0 = 0; exit',
    { hook: 'xdp', packet: '00'.repeat(20) },
  );
  const opened = openSession({
    ...inputs,
    breakpoints: [2],
    watchpoints: [{ kind: 'register', index: 2 }],
    edits: [{ packet: 0, step: 1, target: { kind: 'register', index: 3 }, value: '1' }],
  });
  expect(marks(opened)).toEqual({
    call: [{ step: 5, count: 1 }],
    jump: [{ step: 4, count: 1 }],
    'packet-write': [{ step: 3, count: 1 }],
    'map-write': [],
    output: [],
    breakpoint: [{ step: 2, count: 1 }],
    watchpoint: [{ step: 2, count: 1 }],
    edit: [{ step: 1, count: 1 }],
  });
  expect(opened.machine!.steps).toBe(0);
});

test('a long run has one mark of a kind for each place, with how many there are', () => {
  const { call, jump } = marks(
    session('r1 = 0; again: r1 += 1; if r1 < 20000 goto again; r0 = 0; exit'),
  );
  expect(call).toEqual([]);
  expect(jump).toHaveLength(MOST_PLACES);
  expect(jump.reduce((sum, { count }) => sum + count, 0)).toBe(19_999);
});

test.each([
  ['xdp-firewall', 'map-write'],
  ['events', 'output'],
  ['tc-rewrite', 'packet-write'],
] as const)('%s has marks of a %s, at steps at which it happened', (example, kind) => {
  const opened = openExample(example);
  const found = steps(opened, kind);
  expect(found.length).toBeGreaterThan(0);
  for (const step of found) {
    finish(opened.go({ how: 'to-step', step }));
    expect(opened.machine!.steps).toBe(step);
    const { recorder, printk, records } = opened.machine!;
    if (kind === 'output')
      expect([...printk, ...records].some((line) => line.step === step)).toBe(true);
    else expect(recorder!.count).toBeGreaterThan(0);
  }
});

test('a long run is looked through in pieces, so that it can be stopped', () => {
  const pieces = (rounds: number): number => {
    const opened = session(`r1 = ${rounds}; again: r1 -= 1; if r1 != 0 goto again; exit`);
    const work = marksOf(opened);
    let found = 0;
    for (let next = work.next(); !next.done; next = work.next())
      if (next.value.what === 'looking for marks') found += 1;
    return found;
  };
  expect([pieces(100), pieces(10_000), pieces(30_000)]).toEqual([0, 1, 3]);
});
