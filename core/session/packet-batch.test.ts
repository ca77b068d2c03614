// Many packets in one call against each packet alone by the interpreter: what came of each, and
// the machine behind the last of them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { JIT } from '../jit/jit.ts';
import { folderOf, inputsOfExample } from '../protocol/example.ts';
import type { HookName } from '../spec/program-types.ts';
import { asText, differenceOf, stateOf } from '../testing/compare-engines.ts';
import { EXAMPLES } from '../testing/examples.ts';
import { Random } from '../testing/random.ts';
import { inputsFor } from './inputs.ts';
import { type Frames, PacketBatch } from './packet-batch.ts';
import { finish, Session } from './session.ts';
import type { SessionInputs } from './types.ts';

const LONGEST = 1600;

/** Packets one behind the other, as a capture has them. */
function framesOf(packets: readonly Uint8Array[]): Frames {
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

function alone(inputs: SessionInputs, packets: readonly Uint8Array[]) {
  const session = new Session({ ...inputs, packets: [] }, new WebAssembly.Memory({ initial: 1 }));
  session.load(LONGEST);
  const outcomes = packets.map((frame, k) => finish(session.runFrame(k, frame)));
  return { outcomes, ...stateOf(session.machine!) };
}

function together(inputs: SessionInputs, packets: readonly Uint8Array[]) {
  const session = new Session({ ...inputs, packets: [] }, new WebAssembly.Memory({ initial: 1 }));
  session.runBy(JIT);
  session.load(LONGEST);
  const batch = new PacketBatch(session);
  const outcomes = [];
  for (let at = 0; at < packets.length; ) {
    const judged = finish(batch.run(at, framesOf(packets.slice(at))));
    for (let i = 0; i < judged.count; i++) outcomes.push(judged.outcome(i));
    at += judged.count;
  }
  return { outcomes, ...stateOf(session.machine!) };
}

function differences(inputs: SessionInputs, packets: readonly Uint8Array[]): string[] {
  const ours = together(inputs, packets);
  const theirs = alone(inputs, packets);
  const different = ours.outcomes.flatMap((outcome, i) => {
    const [a, b] = [asText(outcome), asText(theirs.outcomes[i])];
    return a === b ? [] : [`packet ${i}: ${a} and ${b}`];
  });
  const state = differenceOf(theirs, ours);
  if (state !== undefined) different.push(state);
  return different.slice(0, 5);
}

/** Packets of a program's own, with bytes and ends changed. */
function variations(packets: readonly Uint8Array[], count: number, seed: number): Uint8Array[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const packet = random.pick(packets).slice();
    for (let n = random.below(3); n > 0; n--)
      if (packet.length > 0) packet[random.below(packet.length)] = random.below(256);
    return random.below(8) === 0 ? packet.slice(0, random.below(packet.length + 1)) : packet;
  });
}

test.each(EXAMPLES)('$name of the gallery', (example) => {
  const file = join(process.cwd(), 'public/examples', folderOf(example), example.object);
  const inputs = inputsOfExample(example, new Uint8Array(readFileSync(file)), []);
  const packets = variations(
    inputs.packets.map(({ bytes }) => bytes),
    700,
    1,
  );
  expect(differences(inputs, packets)).toEqual([]);
});

const program = (source: string, hook: HookName, gap = '0'): SessionInputs => {
  const inputs = inputsFor('test', assemble(source));
  return { ...inputs, hook, settings: { ...inputs.settings, gap, maxSteps: 5000 } };
};

describe('packets of random length', () => {
  const random = new Random(7);
  const packets = Array.from({ length: 900 }, () =>
    Uint8Array.from({ length: random.below(40) }, () => random.below(256)),
  );
  test.each([
    [
      'a sum',
      'r0 = 0; r3 = r1; r3 += r2; again: if r1 >= r3 goto out; r4 = *(u8 *)(r1 + 0); r0 += r4; r1 += 1; goto again; out: exit',
    ],
    ['some of them fault', 'r0 = *(u8 *)(r1 + 17); exit'],
    ['its own address', 'r0 = r1; exit'],
    ['stores into the packet', 'if r2 == 0 goto out; *(u8 *)(r1 + 0) = 7; out: r0 = r2; exit'],
    [
      'what the packet before left on the stack',
      'r0 = *(u64 *)(r10 - 8); *(u64 *)(r10 - 8) = r2; exit',
    ],
    ['for ever where it is odd', 'r0 = r2; r2 &= 1; again: if r2 != 0 goto again; exit'],
    ['a register that is not used', 'r0 = 1; exit'],
  ])('%s', (_what, source) => {
    expect(differences(program(source, 'ubpf', '100'), packets)).toEqual([]);
  });
  test('the context', () => {
    const source =
      'r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r0 = r3; r0 -= r2; r4 = *(u32 *)(r1 + 12); r0 += r4; exit';
    expect(differences(program(source, 'xdp'), packets)).toEqual([]);
    const skb =
      'r0 = *(u32 *)(r1 + 0); r2 = *(u32 *)(r1 + 16); r0 += r2; *(u32 *)(r1 + 8) = r0; r0 = *(u32 *)(r1 + 8); r3 = *(u16 *)(r1 + 4); r0 += r3; exit';
    expect(differences(program(skb, 'tc'), packets)).toEqual([]);
  });
});
