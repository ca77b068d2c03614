import { expect, test } from 'vitest';
import { openDebugObject } from '../testing/debug-objects.ts';
import { snapshotOf } from '../view/snapshot.ts';
import { finish, type Session } from './session.ts';
import { stopText } from './stop.ts';

const stopped = (session: Session): string => stopText(snapshotOf(session).stop);
function standing(): Session {
  const session = openDebugObject('locals-clang19.o');
  finish(session.go({ how: 'reset' }));
  return session;
}

test.each(['line-into', 'line-over', 'line-out'] as const)(
  '%s stops behind an instruction that changes what is watched',
  (how) => {
    const first = standing();
    const before = [...first.machine!.registers];
    finish(first.go({ how: 'into' }));
    const index = before.findIndex((value, i) => first.machine!.registers[i] !== value);
    const session = standing();
    session.setStops({ watchpoints: [{ kind: 'register', index }] });
    finish(session.go({ how }));
    expect(stopped(session)).toBe(`step 1 changed r${index}`);
    expect(session.machine!.steps).toBe(1);
  },
);

test('a line that is stepped over ends at a breakpoint in it', () => {
  const session = standing();
  finish(session.go({ how: 'into' }));
  const { pc } = session.machine!;
  finish(session.go({ how: 'reset' }));
  session.setStops({ breakpoints: [pc] });
  finish(session.go({ how: 'line-over' }));
  expect(session.machine!.pc).toBe(pc);
  expect(stopped(session)).toMatch(
    new RegExp(`^breakpoint at instruction ${pc}, locals\\.c:\\d+$`),
  );
});

test('out of the outermost function is the end of the program', () => {
  const session = standing();
  finish(session.go({ how: 'line-out' }));
  expect([stopped(session), session.machine!.status]).toEqual(['end of the program', 'finished']);
});
