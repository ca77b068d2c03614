import { describe, expect, test } from 'vitest';
import { session } from '../testing/run.ts';
import { comesFromPacket, Origins } from './origin.ts';
import { type Traced, traceRun } from './trace.ts';

/** Whether the left side of the branch is followed back to the packet. */
function isFollowed(middle: string): boolean {
  const opened = session(
    `r7 = *(u32 *)(r1 + 0); r2 = *(u16 *)(r7 + 12); ${middle} if r2 == 5 goto +0; r0 = 0; exit`,
    { hook: 'xdp', packet: '00'.repeat(64) },
  );
  opened.load();
  opened.begin(0);
  const work = traceRun(opened as Traced & typeof opened, 1_000_000);
  let next = work.next();
  while (!next.done) next = work.next();
  const trace = next.value;
  const [left] = new Origins(trace, opened.machine!).ofBranch(trace.compared.at(0));
  return comesFromPacket(left);
}

describe('a value is followed back to the packet through 23 changes, not through more', () => {
  test.each<[string, string]>([
    ['of the byte order', 'r2 = be16 r2;'],
    ['cut to fewer bits', 'r2 = le16 r2;'],
    ['by a number', 'r2 += 1;'],
    ['moved', 'r2 = r2;'],
    ['kept on the stack', '*(u64 *)(r10 - 8) = r2; r2 = *(u64 *)(r10 - 8);'],
  ])('%s', (_title, change) => {
    expect(isFollowed(change)).toBe(true);
    expect(isFollowed(change.repeat(23))).toBe(true);
    expect(isFollowed(change.repeat(24))).toBe(false);
  });

  test('of the right side of a change as of the left', () => {
    const change = 'r3 = 0; r3 += r2; r2 = r3;';
    expect(isFollowed(change.repeat(11))).toBe(true);
    expect(isFollowed(change.repeat(12))).toBe(false);
  });
});

test.each<[string, string, boolean]>([
  ['one with its sign', 'r2 = *(s8 *)(r7 + 12);', false],
  ['a number that is put in', 'r2 = 7;', false],
  ['beside one that is not told', 'r3 = *(s8 *)(r7 + 12); r2 += r3;', false],
  ['beside a number', 'r3 = 7; r2 += r3;', true],
  ['by a part of what was kept', '*(u64 *)(r10 - 8) = r2; r2 = *(u8 *)(r10 - 7);', true],
])('%s', (_title, change, isIt) => expect(isFollowed(change)).toBe(isIt));
