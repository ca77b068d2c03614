// A person's steps to and fro in a long run: the interpreter's, and those that compiled code takes
// over.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Engine, INTERPRETER } from '../machine/engine.ts';
import { finish, type Session } from '../session/session.ts';
import type { Go } from '../session/types.ts';
import { asText } from '../testing/compare-engines.ts';
import { on } from '../testing/run.ts';
import { snapshotOf } from '../view/snapshot.ts';
import { JIT } from './jit.ts';
import { TIERED } from './tiered.ts';

/** Reads and writes the stack and, byte by byte, the packet, for some 3,000,000 steps. */
const LONG = `
  r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = 0; r6 = 0
  again: r5 = r2; r7 = r4; r7 &= 31; r5 += r7; r8 = r5; r8 += 1
  if r8 > r3 goto next
  r0 = *(u8 *)(r5 + 0); r6 += r0; *(u64 *)(r10 - 8) = r6; *(u8 *)(r5 + 0) = r4
  next: r4 += 1
  if r4 < 250000 goto again
  r0 = *(u64 *)(r10 - 8); r0 &= 1; r0 += 1; exit`;

const opened = (engine: Engine, source = LONG): Session =>
  on(engine).session(source, { hook: 'xdp', packet: '0102030405'.repeat(5) });
/** All that is shown behind each move. */
const shown = (session: Session, moves: readonly Go[]): string[] =>
  moves.map((go) => {
    finish(session.go(go));
    return asText(snapshotOf(session));
  });

afterEach(() => vi.restoreAllMocks());

describe('a run of millions of steps', () => {
  const moves: Go[] = [
    { how: 'end' },
    { how: 'back' },
    { how: 'to-step', step: 2_099_999 },
    { how: 'back' },
    { how: 'into' },
    { how: 'reset' },
    { how: 'run' },
    { how: 'to-step', step: 17 },
    { how: 'to-step', step: 2_400_001 },
  ];
  test('looks the same wherever it is gone to', () => {
    expect(shown(opened(TIERED), moves)).toEqual(shown(opened(INTERPRETER), moves));
  });
  test('is compiled once the interpreter has done two million steps', () => {
    const compiled = vi.spyOn(JIT, 'run');
    const session = opened(TIERED);
    const first = compiled.mock.calls[0];
    expect(first).toBeDefined();
    const done = session.outcome!.steps;
    const asked = compiled.mock.calls.map(([, end]) => end);
    expect(done).toBeGreaterThan(2_500_000);
    expect(asked[0]).toBeGreaterThan(2_000_000);
    expect(asked[0]).toBeLessThan(2_200_000);
  });
  test('goes step by step by the interpreter, and where it stops at slots', () => {
    const session = opened(TIERED);
    const compiled = vi.spyOn(JIT, 'run');
    finish(session.go({ how: 'reset' }));
    for (let i = 0; i < 20; i++) finish(session.go({ how: 'into' }));
    session.setStops({ breakpoints: [8] });
    finish(session.go({ how: 'run' }));
    expect(session.machine!.pc).toBe(8);
    expect(compiled).not.toHaveBeenCalled();
  });
});

test('a short run is never compiled', () => {
  const compiled = vi.spyOn(JIT, 'run');
  const session = opened(TIERED, LONG.replace('250000', '2500'));
  finish(session.go({ how: 'end' }));
  expect(session.outcome!.steps).toBeGreaterThan(20_000);
  expect(compiled).not.toHaveBeenCalled();
});
