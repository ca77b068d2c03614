import { expect, test } from 'vitest';
import type { Go } from '../protocol/messages.ts';
import { session } from '../testing/run.ts';
import { finish } from './session.ts';

const LOOP = `r1 = 0; r2 = 7; *(u64 *)(r10 - 8) = 0
again: r1 += 1; if r1 != 30000 goto skip; r2 = 9; *(u8 *)(r10 - 8) = 5
skip: if r1 < 60000 goto again; r0 = r2; exit`;

function goTo(...moves: Go[]) {
  const opened = session(LOOP);
  for (const move of moves) finish(opened.go(move));
  return opened;
}

const END: Go = { how: 'end' };
const R2: Go = { how: 'back-to-change', target: { kind: 'register', index: 2 } };

test('going back to the last change of a register stands behind the instruction that wrote it, also far away', () => {
  const opened = goTo(END, R2);
  expect(opened.machine!.registers[2]).toBe(9n);
  expect(opened.machine!.recorder!.pc).toBe(5);
  expect(opened.stopped).toMatch(/changed r2$/);
});

test('the change before it is found from there, and the start where there is none', () => {
  expect(goTo(END, R2, R2).machine!.steps).toBe(2);
  const none = goTo(END, R2, R2, R2);
  expect(none.machine!.steps).toBe(0);
  expect(none.stopped).toBe('nothing before step 2 changed r2');
});

test('bytes of the stack are watched by the name of their region', () => {
  const target = { kind: 'memory', region: 'stack', offset: -8, length: 8 } as const;
  const opened = goTo(END, { how: 'back-to-change', target });
  expect(opened.machine!.recorder!.pc).toBe(6);
});

test('running on to the next change stops behind the instruction that makes it', () => {
  const opened = goTo({ how: 'to-step', step: 10 }, { how: 'run-to-change', target: { kind: 'register', index: 2 } });
  expect(opened.machine!.registers[2]).toBe(9n);
  expect(opened.stopped).toMatch(/^step \d+ changed r2$/);
});
