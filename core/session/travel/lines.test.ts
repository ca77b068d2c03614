import { expect, test } from 'vitest';
import { lineAt } from '../../program/lines.ts';
import { inlinedAt } from '../../source/debug-scopes.ts';
import { openDebugObject } from '../../testing/debug-objects.ts';
import { finish, type Session } from '../session.ts';

/** Functions on the way, the running one last; inlined calls in parentheses. */
function place(session: Session): string {
  const { code, pc, frames } = session.machine!;
  const inlined = inlinedAt(session.object, code, pc).map(({ name }) => `(${name})`);
  return [...Array(frames.length).fill('call'), ...inlined].join(' ') || 'outside';
}

/** The places of every stop of a whole run. */
function stops(session: Session, how: 'line-into' | 'line-over'): string[] {
  const seen: string[] = [];
  while (session.machine!.status === 'running') {
    finish(session.go({ how }));
    if (session.machine!.status === 'running') seen.push(place(session));
  }
  return seen;
}

const OBJECTS = ['locals-clang14.o', 'locals-clang19.o'];

test.each(OBJECTS)('%s: by line a run goes into inlined calls, or over them', (name) => {
  const into = stops(openDebugObject(name), 'line-into');
  expect(into).toContain('(fill)');
  expect(into).toContain('(fill) (folded)');
  expect(into).toContain('call');
  expect(new Set(stops(openDebugObject(name), 'line-over'))).toEqual(new Set(['outside']));
});

test.each(OBJECTS)('%s: out of an inlined call leads to a line of its caller', (name) => {
  const session = openDebugObject(name);
  while (place(session) !== '(fill) (folded)') finish(session.go({ how: 'line-into' }));
  finish(session.go({ how: 'line-out' }));
  expect(['(fill)', 'outside']).toContain(place(session));
});

test('back by line goes over what was inlined too', () => {
  const session = openDebugObject('locals-clang19.o');
  while (lineAt(session.machine!.code, session.machine!.pc)?.line !== 114)
    finish(session.go({ how: 'line-over' }));
  finish(session.go({ how: 'line-back' }));
  expect(place(session)).toBe('outside');
});

test.each(OBJECTS)('%s: back out of an inlined call leads to its caller', (name) => {
  const session = openDebugObject(name);
  while (place(session) !== '(fill) (folded)') finish(session.go({ how: 'line-into' }));
  const here = session.machine!.steps;
  finish(session.go({ how: 'line-back-out' }));
  expect(session.machine!.steps).toBeLessThan(here);
  expect(['(fill)', 'outside']).toContain(place(session));
});
