import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import { verdictOf } from '../hooks/verdict.ts';
import type { Network } from '../machine/network.ts';
import type { Cause } from '../protocol/messages.ts';
import { inputsFor } from '../session/inputs.ts';
import { endingOf } from '../session/outcome.ts';
import { finish, type Session } from '../session/session.ts';
import type { MapPreset } from '../session/types.ts';
import { EXAMPLES, openExample } from '../testing/examples.ts';
import { openSession } from '../testing/run.ts';
import { explainResult } from './why.ts';

const FOLDER = 'core/testdata/programs';

interface Cases {
  readonly network?: Network;
  readonly cases: readonly {
    readonly program: string;
    readonly maps?: MapPreset[];
    readonly context?: [string, string][];
    readonly packets: readonly { readonly hex: string }[];
  }[];
}

/**
 * Cases of a program, and packets of a case that are explained, and every how many bytes one is
 * changed alone.
 */
const MOST_CASES = 3;
const MOST_PACKETS = 1;
const STRIDE = 5;

/** Each case of a program of the folder, for its first packets. */
function* sessionsOf(object: string): Iterable<Session> {
  const { network, cases } = JSON.parse(
    readFileSync(`${FOLDER}/${object.split('.')[0]}.json`, 'utf8'),
  ) as Cases;
  const bytes = new Uint8Array(readFileSync(`${FOLDER}/${object}`));
  for (const { program, maps = [], context = [], packets } of cases.slice(0, MOST_CASES)) {
    const inputs = {
      ...inputsFor(object, bytes),
      program,
      maps,
      context,
      ...(network && { network }),
    };
    const list = packets.map(({ hex }, i) => ({ name: `${i}`, bytes: fromHex(hex)! }));
    for (let packet = 0; packet < Math.min(list.length, MOST_PACKETS); packet++)
      yield openSession({ ...inputs, packets: list, packet });
  }
}

function bitsOf(causes: readonly Cause[]): Map<number, number> {
  const bits = new Map<number, number>();
  for (const { kind, offset, bits: mask } of causes)
    if (kind === 'packet') bits.set(offset!, (bits.get(offset!) ?? 0) | mask!);
  return bits;
}

/**
 * Turns over all bits that were not named, together and of some bytes alone; answers how many
 * packets were tried.
 */
function changesNothing(session: Session): number {
  if (session.machine === undefined || session.bypass !== undefined) return 0;
  const { frame, hook, options } = session;
  const verdict = session.outcome!.verdict.text;
  const bits = bitsOf(finish(explainResult(session, undefined)).causes);
  const free = frame.map((_, at) => 0xff & ~(bits.get(at) ?? 0));
  const changed = [frame.map((byte, at) => byte ^ free[at])];
  for (const [at, mask] of free.entries())
    if (mask !== 0 && at % STRIDE === 0)
      changed.push(frame.map((byte, i) => (i === at ? byte ^ mask : byte)));
  for (const packet of changed) {
    expect(session.beginWith(packet)).toBeUndefined();
    session.advance(session.inputs.settings.maxSteps);
    const now = verdictOf(hook, endingOf(session.machine, undefined), options).text;
    expect([session.program!.name, session.inputs.packet, now]).toEqual([
      session.program!.name,
      session.inputs.packet,
      verdict,
    ]);
  }
  return changed.length;
}

test('bytes that are not named do not matter: whole programs, ' +
  'with what user space puts into their maps', () => {
  let tried = 0;
  for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('clang-19-v4.o')))
    for (const session of sessionsOf(name)) tried += changesNothing(session);
  console.log(`${tried} packets changed`);
  expect(tried).toBeGreaterThan(300);
}, 60_000);

test('bytes that are not named do not matter: all examples', () => {
  let tried = 0;
  for (const { name, packets } of EXAMPLES)
    for (const packet of packets.slice(0, 2).keys())
      tried += changesNothing(openExample(name, packet));
  expect(tried).toBeGreaterThan(300);
}, 30_000);
