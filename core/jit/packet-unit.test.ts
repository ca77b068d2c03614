import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import type { Engine } from '../machine/engine.ts';
import { inputsFor } from '../session/inputs.ts';
import { Session } from '../session/session.ts';
import { batchDifferences } from '../testing/compare-batch.ts';
import { TCP4 } from '../testing/frames.ts';

const linear = new WebAssembly.Memory({ initial: 1 });

/** What many packets in one call come to otherwise than one by one by the interpreter. */
function differences(source: string): string[] {
  const bytes = assemble(source);
  const packets = Array.from({ length: 600 }, (_, i) => {
    const packet = TCP4.slice();
    packet[20] = 4 * i;
    return packet;
  });
  return batchDifferences((engine: Engine) => {
    const inputs = { ...inputsFor('test', bytes), hook: 'xdp' as const };
    const context: [string, string][] = [
      ['ingress_ifindex', '7'],
      ['rx_queue_index', '9'],
    ];
    const session = new Session({ ...inputs, context }, linear);
    session.runBy(engine);
    return session;
  }, packets);
}

/** r4 is 0 or 4 by the packet: what stands behind the context cannot be told by code alone. */
const SOME = 'r2 = *(u32 *)(r1 + 0); r4 = *(u8 *)(r2 + 20); r4 &= 4';
/** A loop, behind which what registers hold is worked out anew. */
const LOOP = 'r5 = 3; again: r5 -= 1; if r5 != 0 goto again';

describe('a field of the context in many packets', () => {
  test.each<[string, string]>([
    ['by the context itself', 'r0 = *(u32 *)(r1 + 12)'],
    ['by a copy', 'r6 = r1; r0 = *(u32 *)(r6 + 12)'],
    ['by a copy behind a loop', `r6 = r1; ${LOOP}; r0 = *(u32 *)(r6 + 12)`],
    ['by a pointer that was moved', 'r1 += 4; r0 = *(u32 *)(r1 + 8)'],
    ['by one that was moved back', 'r1 += 4; r1 += -4; r0 = *(u32 *)(r1 + 16)'],
    ['by one that was moved in front', 'r1 += -4; r0 = *(u32 *)(r1 + 16)'],
    [
      'by one that was moved by a number of the packet',
      `${SOME}; r1 += r4; r0 = *(u32 *)(r1 + 12)`,
    ],
    ['by one that lies in front by it', `${SOME}; r1 -= r4; r0 = *(u32 *)(r1 + 16)`],
    [
      'by one that was moved by one byte or none',
      `${SOME}; r4 >>= 2; r1 += r4; r0 = *(u8 *)(r1 + 12)`,
    ],
    ['with its sign', 'r6 = r1; r0 = *(s32 *)(r6 + 12)'],
    ['by a part of it', 'r6 = r1; r0 = *(u8 *)(r6 + 12)'],
  ])('%s', (_title, source) => {
    expect(differences(`${source}; exit`)).toEqual([]);
    expect(differences(`${LOOP.replaceAll('again', 'first')}; ${source}; exit`)).toEqual([]);
  });
});
