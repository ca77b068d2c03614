// Many packets in one call of compiled code against each packet alone by the interpreter: what came
// of each, and the machine behind the last of them.

import { JIT } from '../jit/jit.ts';
import { type Engine, INTERPRETER } from '../machine/engine.ts';
import type { Frames } from '../session/batch-frames.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { PacketBatch } from '../session/packet-batch.ts';
import { finish, type Session } from '../session/session.ts';
import {
  accessSession,
  asText,
  differenceOf,
  loopSession,
  packetsOf,
  stateOf,
} from './compare-engines.ts';
import { helperSession } from './compare-helpers.ts';
import { randomSession } from './compare-random.ts';
import { Random } from './random.ts';
import { randomHelperProgram } from './random-helpers.ts';
import { type RandomKind, randomProgram } from './random-program.ts';

const LONGEST = 1600;
/** Differences that are told. */
const MOST = 5;

/** A session without packets, not yet loaded. */
type OpenSession = (engine: Engine) => Session;

/** Packets one behind the other, some with bytes between them, as a capture has them. */
export function framesOf(packets: readonly Uint8Array[]): Frames {
  const starts = new Uint32Array(packets.length);
  let end = 7;
  for (const [i, packet] of packets.entries()) {
    starts[i] = end;
    end += packet.length + (i % 3);
  }
  const bytes = new Uint8Array(end + 5);
  for (const [i, packet] of packets.entries()) bytes.set(packet, starts[i]);
  return { bytes, starts, lengths: Uint32Array.from(packets, ({ length }) => length) };
}

function alone(session: Session, packets: readonly Uint8Array[]): RunOutcome[] {
  return packets.map((frame, k) => finish(session.runFrame(k, frame)));
}

function together(session: Session, packets: readonly Uint8Array[]): RunOutcome[] {
  const batch = new PacketBatch(session);
  const outcomes: RunOutcome[] = [];
  while (outcomes.length < packets.length) {
    const judged = finish(batch.run(outcomes.length, framesOf(packets.slice(outcomes.length))));
    for (let i = 0; i < judged.count; i++) outcomes.push(judged.outcome(i));
  }
  return outcomes;
}

/** What is otherwise where packets are judged together; empty where the program does not load. */
export function batchDifferences(open: OpenSession, packets: readonly Uint8Array[]): string[] {
  const sessions = [INTERPRETER, JIT].map((engine) => {
    const session = open(engine);
    session.load(LONGEST);
    return session;
  });
  const [first, second] = sessions;
  if (first.machine === undefined) return [];
  const theirs = alone(first, packets);
  const expected = stateOf(first.machine);
  // Both use one linear memory: the second begins when the first is through.
  second.load(LONGEST);
  const ours = together(second, packets);
  const different = ours.flatMap((outcome, i) => {
    const [a, b] = [asText(outcome), asText(theirs[i])];
    return a === b ? [] : [`packet ${i}: ${a} and ${b}`];
  });
  const state = differenceOf(expected, stateOf(second.machine!));
  if (state !== undefined) different.push(state);
  return different.slice(0, MOST);
}

/** The same of a random program whose state lies in helpers. */
export function helperBatchDifferences(seed: number): string[] {
  const program = randomHelperProgram(seed);
  const packets = packetsOf(seed, PACKETS);
  return batchDifferences((engine) => helperSession(program, engine, []), packets);
}

/** So many of the given packets, some with bytes changed, some cut off. */
export function variations(
  packets: readonly Uint8Array[],
  count: number,
  random: Random,
): Uint8Array[] {
  return Array.from({ length: count }, () => {
    const packet = random.pick(packets).slice();
    if (packet.length === 0) return packet;
    for (let n = random.below(3); n > 0; n--)
      packet[random.below(packet.length)] = random.below(256);
    return random.chance(8) ? packet.slice(0, random.below(packet.length + 1)) : packet;
  });
}

/** Steps of a packet: what was damaged may run for ever. */
const MOST_STEPS = 300;
/** More than what goes in front of a batch. */
const PACKETS = 330;
/** Of loops, which are short. */
const LOOP_PACKETS = 60;

/** The same of a random program, over random packets. */
export function randomBatchDifferences(
  seed: number,
  kind: RandomKind,
  isDamaged: boolean,
): string[] {
  const made = randomProgram(seed, kind);
  const bytes = made.bytes.slice();
  const random = new Random(seed);
  if (isDamaged) bytes[random.below(bytes.length)] ^= random.between(1, 255);
  const program = { ...made, bytes };
  const settings = { maxSteps: MOST_STEPS, gap: random.pick(['0', '1000']) };
  return batchDifferences(
    (engine) => randomSession(program, settings, { packets: [], options: [] }, engine),
    variations([made.packet, new Uint8Array(64)], PACKETS, random),
  );
}

/** The same of a loop. */
export const loopBatchDifferences = (seed: number): string[] =>
  batchDifferences((engine) => loopSession(seed, engine, []), packetsOf(seed, LOOP_PACKETS));

/** The same of a program that is all about pointers. */
export function accessBatchDifferences(seed: number): string[] {
  const packets = packetsOf(seed, PACKETS);
  return batchDifferences((engine) => accessSession(seed, engine, []), packets);
}
