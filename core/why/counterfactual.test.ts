import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import { jumpTarget } from '../program/control-flow.ts';
import type { DecisiveBranch, Explanation } from '../protocol/messages.ts';
import { finish, type Session } from '../session/session.ts';
import { EXAMPLES, openExample } from '../testing/examples.ts';
import { openSession, session } from '../testing/run.ts';
import { explainResult } from './why.ts';

const why = (opened: Session): Explanation => finish(explainResult(opened, undefined));

/** The selected packet as a proposed change makes it. */
function changed(
  { frame }: Session,
  { offset, bytes, length }: NonNullable<DecisiveBranch['change']>,
): Uint8Array {
  const made = new Uint8Array(length ?? frame.length);
  made.set(frame.subarray(0, made.length));
  if (bytes !== '') made.set(fromHex(bytes)!, offset);
  return made;
}

const DATA = 'r7 = *(u32 *)(r1 + 0)';
const opened = (middle: string) =>
  session(`${DATA}; r0 = 1; ${middle} goto +1; r0 = 2; exit`, {
    hook: 'xdp',
    packet: `${'00'.repeat(12)}080045`,
  });

test.each([
  [
    'a number in network byte order',
    'r2 = *(u16 *)(r7 + 12); r2 = be16 r2; if r2 == 0x86dd',
    12,
    '86dd',
  ],
  [
    'one swapped, whatever the machine',
    'r2 = *(u16 *)(r7 + 12); r2 = bswap16 r2; if r2 == 0x0806',
    13,
    '06',
  ],
  [
    'bits under a mask, the others as they are',
    'r2 = *(u8 *)(r7 + 14); r2 &= 15; if r2 == 6',
    14,
    '46',
  ],
  ['bits that are shifted down', 'r2 = *(u8 *)(r7 + 14); r2 >>= 4; if r2 == 6', 14, '65'],
  [
    'bytes put together',
    'r2 = *(u8 *)(r7 + 12); r3 = *(u8 *)(r7 + 13); r3 <<= 8; r3 |= r2; if r3 == 0x1234',
    12,
    '3412',
  ],
  ['a sum', 'r2 = *(u8 *)(r7 + 14); r2 += -0x40; if r2 > 0x90', 14, 'd1'],
  ['bits that are shifted up', 'r2 = *(u8 *)(r7 + 14); r2 <<= 4; if r2 == 0x60', 14, '06'],
  ['bits that are turned', 'r2 = *(u8 *)(r7 + 14); r2 ^= 0xff; if r2 == 0x0f', 14, 'f0'],
  ['bits that are set beside', 'r2 = *(u8 *)(r7 + 14); r2 |= 0x40; if r2 == 0x47', 14, '47'],
  ['a number more', 'r2 = *(u8 *)(r7 + 14); r2 += 5; if r2 == 9', 14, '04'],
  ['a number less', 'r2 = *(u8 *)(r7 + 14); r2 -= 5; if r2 == 1', 14, '06'],
  ['a multiple', 'r2 = *(u8 *)(r7 + 14); r2 *= 6; if r2 == 54', 14, '09'],
  ['a part', 'r2 = *(u8 *)(r7 + 14); r2 /= 10; if r2 == 9', 14, '63'],
  ['what a division leaves', 'r2 = *(u8 *)(r7 + 14); r2 %= 10; if r2 == 3', 14, '3f'],
  ['a flag', 'r2 = *(u8 *)(r7 + 14); if r2 & 2', 14, '02'],
  [
    'a number kept on the stack',
    'r2 = *(u8 *)(r7 + 14); *(u32 *)(r10 - 4) = r2; r2 = *(u32 *)(r10 - 4); if r2 == 7',
    14,
    '07',
  ],
  ['a number on the right', 'r2 = *(u8 *)(r7 + 14); r3 = 9; if r3 == r2', 14, '09'],
])('%s: the bytes that turn the branch', (_title, middle, offset, bytes) => {
  const { branches } = why(opened(middle));
  expect(branches.map(({ change }) => change)).toMatchObject([{ offset, bytes }]);
});

test('a bounds check is turned by a length', () => {
  const short = session(
    'r2 = *(u32 *)(r1 + 4); r1 = *(u32 *)(r1 + 0); r1 += 14; r0 = 1; if r1 > r2 goto +1; ' +
      'r0 = 2; exit',
    { hook: 'xdp', packet: '00'.repeat(20) },
  );
  const { branches, text } = why(short);
  expect(text).toMatch(/the packet's length is 20 bytes, compared by instruction 4/);
  expect(branches).toMatchObject([
    { length: 20, change: { needed: 'a packet of 13 bytes', length: 13, bytes: '' } },
  ]);
});

test('a branch that no packet can turn offers none', () => {
  const { branches } = why(opened('r2 = *(u8 *)(r7 + 14); if r2 > 0x100'));
  expect(branches[0].change).toBeUndefined();
});

/**
 * Opens every offered change as a session of its own: the branch goes the other way there, and it
 * comes to what was said.
 */
function changesHold(before: Session): number {
  if (before.machine === undefined || before.bypass !== undefined) return 0;
  const { name } = before.inputs.object;
  const offered = why(before).branches.filter(({ change }) => change !== undefined);
  for (const { change, step, pc, taken } of offered) {
    const packets = before.inputs.packets.map((packet, i) =>
      i === before.inputs.packet ? { ...packet, bytes: changed(before, change!) } : packet,
    );
    const after = openSession({ ...before.inputs, packets });
    const { machine } = after;
    finish(after.go({ how: 'to-step', step }));
    expect([name, machine!.steps, machine!.pc]).toEqual([name, step, pc]);
    finish(after.go({ how: 'into' }));
    expect(machine!.pc === jumpTarget(machine!.code.instructions[pc], pc)).toBe(!taken);
    expect(after.outcome!.verdict.text).toBe(change!.verdict);
  }
  return offered.length;
}

test('every change that is offered turns the very branch, and comes to what it says: ' +
  'all examples, every packet', () => {
  let tried = 0;
  for (const { name, packets } of EXAMPLES)
    for (const packet of packets.keys()) tried += changesHold(openExample(name, packet));
  expect(tried).toBeGreaterThan(250);
}, 30_000);

test.each(['seed-filter', 'lpm-firewall'])(
  '%s of clang 14 and 19 with debug info: the same fields decide, and changes hold',
  (example) => {
    const texts = ['clang14', 'clang19'].map((compiler) => {
      const name = `${example.replace('lpm-', 'lpm_')}-${compiler}.o`;
      const bytes = new Uint8Array(readFileSync(`core/testdata/debug/${name}`));
      const { inputs } = openExample(example);
      const opened = openSession({ ...inputs, object: { name, bytes } });
      expect(changesHold(opened)).toBeGreaterThan(0);
      return why(opened).text.replaceAll(/, compared at \w+\.c:\d+/g, ' (by line)');
    });
    expect(texts[0]).toContain('(by line)');
    expect(texts[1]).toBe(texts[0]);
  },
);

test('no other value is offered of a run that would come to no end', () => {
  const value = (test: string) =>
    why(
      session(`${DATA}; r2 = *(u8 *)(r7 + 14); ${test} goto -1; r0 = r2; exit`, {
        hook: 'xdp',
        packet: `${'00'.repeat(14)}02`,
        maxSteps: 1000,
      }),
    ).value;
  expect(value('if r2 == 77')!.change).toMatchObject({ offset: 14, bytes: '03' });
  expect(value('if r2 != 2')!.change).toBeUndefined();
});

test('all trials together take 4,000,000 steps', () => {
  const behind = (steps: number) =>
    session(
      `${DATA}; r6 = 0; again: r6 += 1; if r6 < ${steps / 2} goto again; r0 = 1; ` +
        'r2 = *(u8 *)(r7 + 14); if r2 > 0x100 goto +1; r0 = 2; exit',
      { hook: 'xdp', packet: '00'.repeat(15), maxSteps: 2_000_000 },
    );
  const trials = (opened: Session): number =>
    Math.max(
      ...[...explainResult(opened, undefined)]
        .filter(({ what }) => what === 'looking for what would change it')
        .map(({ done }) => done),
    );
  expect(trials(behind(1000))).toBeGreaterThan(10);
  // Each runs to the branch, at step 400,003.
  expect(trials(behind(400_000))).toBe(9);
}, 30_000);

test('of many branches the last 24 are turned', () => {
  const BRANCHES = 26;
  const tests = Array.from(
    { length: BRANCHES },
    (_, byte) => `r2 = *(u8 *)(r7 + ${byte}); if r2 == 9 goto out`,
  );
  const { branches } = why(
    session(`${DATA}; r0 = 1; ${tests.join('; ')}; r0 = 2; out: exit`, {
      hook: 'xdp',
      packet: '00'.repeat(BRANCHES),
    }),
  );
  expect(branches.map(({ change }) => change?.offset)).toEqual(
    Array.from({ length: BRANCHES }, (_, byte) => (byte < BRANCHES - 24 ? undefined : byte)),
  );
});
