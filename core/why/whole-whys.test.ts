import { join } from 'node:path';
import { expect, test } from 'vitest';
import { traceFile } from '../coverage/trace-file.ts';
import { InputError } from '../errors.ts';
import { fingerprint } from '../session/outcome.ts';
import { finish, type Session } from '../session/session.ts';
import type { WatchTarget } from '../session/types.ts';
import { randomSession } from '../testing/compare-random.ts';
import { openExample } from '../testing/examples.ts';
import { randomProgram } from '../testing/random-program.ts';
import { explainResult } from './why.ts';

/** What is asked: registers, words of the stack, bytes of the packet, what there is not. */
const TARGETS: readonly WatchTarget[] = [
  ...[0, 1, 2, 3, 6, 7].map((index): WatchTarget => ({ kind: 'register', index })),
  ...[-8, -16, -32].map(
    (offset): WatchTarget => ({
      kind: 'memory',
      region: { kind: 'stack', depth: 0 },
      offset,
      length: 8,
    }),
  ),
  { kind: 'memory', region: { kind: 'packet' }, offset: 12, length: 2 },
  { kind: 'memory', region: { kind: 'packet' }, offset: 26, length: 4 },
  { kind: 'map', map: 'm0', key: '00000000' },
];

function why(session: Session, target: WatchTarget | undefined): string {
  try {
    return JSON.stringify(finish(explainResult(session, target)));
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

/** Why the verdict is what it is, and at some steps why things hold what they hold. */
function whys(session: Session): string {
  const said = [why(session, undefined)];
  finish(session.go({ how: 'end' }));
  const steps = session.machine?.steps ?? 0;
  for (const step of [Math.floor(steps / 2), steps]) {
    finish(session.go({ how: 'to-step', step }));
    said.push(...TARGETS.map((target) => why(session, target)));
  }
  return said.map((text) => fingerprint(text).slice(0, 4)).join(' ');
}

const GALLERY = ['xdp-firewall', 'vlan-rewrite', 'router'];
const RANDOM = 28;

/**
 * That nothing else has a part in a result is tried with random programs elsewhere, and what is
 * said of cases is tested one by one; this keeps what is said of every register and of memory.
 */
test('why registers and memory hold what they hold', async () => {
  const lines = GALLERY.map((name) => `${name}: ${whys(openExample(name))}`);
  for (let seed = 1; seed <= RANDOM; seed++) {
    const session = randomSession(randomProgram(seed, seed % 2 === 0 ? 'kernel' : 'world'));
    finish(session.prepare());
    lines.push(`random program ${seed}: ${session.problem ?? whys(session)}`);
  }
  const golden = join(import.meta.dirname, '../testdata/sessions/whys.txt');
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(golden);
});

test('what every step of random programs does, in each format', async () => {
  const lines = Array.from({ length: RANDOM }, (_, i) => {
    const session = randomSession(randomProgram(101 + i, i % 2 === 0 ? 'kernel' : 'world'));
    finish(session.prepare());
    const files = (['text', 'json', 'csv'] as const).map((format) => {
      try {
        return fingerprint(finish(traceFile(session, format)).text).slice(0, 6);
      } catch (error) {
        if (error instanceof InputError) return error.message;
        throw error;
      }
    });
    return `random program ${101 + i}: ${files.join(' ')}`;
  });
  const golden = join(import.meta.dirname, '../testdata/sessions/steps.txt');
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(golden);
});
