import { describe, expect, test } from 'vitest';
import { ENGINES } from '../jit/engines.ts';
import { READ, WRITE } from '../memory/memory.ts';
import { finish } from '../session/session.ts';
import { on } from '../testing/run.ts';

const LENGTH = 40;
const expected = (...ranges: [from: number, size: number, kind: number][]): number[] => {
  const bytes = new Array<number>(LENGTH).fill(0);
  for (const [from, size, kind] of ranges)
    for (let i = from; i < from + size; i++) bytes[i] |= kind;
  return bytes;
};

const KINDS: Record<
  string,
  [sizes: number[], kind: number, access: (size: number, at: number) => string]
> = {
  loads: [[1, 2, 4, 8], READ, (size, at) => `r3 = *(u${8 * size} *)(r2 + ${at})`],
  'loads with sign': [[1, 2, 4], READ, (size, at) => `r3 = *(s${8 * size} *)(r2 + ${at})`],
  'stores of a register': [
    [1, 2, 4, 8],
    WRITE,
    (size, at) => `*(u${8 * size} *)(r2 + ${at}) = r10`,
  ],
  'stores of a number': [[1, 2, 4, 8], WRITE, (size, at) => `*(u${8 * size} *)(r2 + ${at}) = 5`],
};

describe.each(ENGINES)('$name', (engine) => {
  const { session } = on(engine);

  /**
   * Which bytes of the packet a program has read and written, as the machine keeps it while it runs
   * fast.
   */
  function marks(...accesses: string[]): number[] {
    const source = ['r2 = *(u32 *)(r1 + 0)', ...accesses, 'r0 = 2', 'exit'].join('; ');
    const opened = session(source, { hook: 'xdp', packet: '00'.repeat(LENGTH) });
    finish(opened.go({ how: 'end' }));
    const { packet, recorder } = opened.machine!;
    expect(opened.outcome!.fault).toBeUndefined();
    return [...recorder!.marks.subarray(packet.data, packet.data + LENGTH)];
  }

  describe.each(Object.entries(KINDS))('%s', (_title, [sizes, kind, access]) => {
    test.each(sizes)(
      'of %d bytes mark these, the first and the last byte of the packet too',
      (size) => {
        for (const at of [0, 1, 7, 8, LENGTH - size])
          expect(marks(access(size, at))).toEqual(expected([at, size, kind]));
      },
    );
    test.each(sizes)('of %d bytes mark what an access beside or over them has not', (size) => {
      for (let shift = -8; shift <= 8; shift++) {
        const first = access(sizes.at(-1)!, 16);
        const both = [...expected([16, sizes.at(-1)!, kind], [16 + shift, size, kind])];
        expect([shift, marks(first, access(size, 16 + shift))]).toEqual([shift, both]);
      }
    });
  });

  test('what was read and written is marked as both', () => {
    const both = marks('r3 = *(u64 *)(r2 + 8)', '*(u32 *)(r2 + 12) = r3');
    expect(both).toEqual(expected([8, 8, READ], [12, 4, WRITE]));
    expect(marks('*(u64 *)(r2 + 8) = 1', 'r3 = *(u16 *)(r2 + 8)')).toEqual(
      expected([8, 8, WRITE], [8, 2, READ]),
    );
  });

  test.each([2, 4, 8])('each of %i bytes is marked by itself, whatever the others have', (size) => {
    const load = (at: number, bytes: number) => `r3 = *(u${8 * bytes} *)(r2 + ${at})`;
    const store = (at: number, bytes: number) => `*(u${8 * bytes} *)(r2 + ${at}) = 1`;
    for (let odd = 8; odd < 8 + size; odd++) {
      // What lies beside them has it, too.
      const around = Array.from({ length: size + 4 }, (_, i) => 6 + i);
      const others = around.filter((at) => at !== odd);
      expect(marks(store(odd, 1), ...others.map((at) => load(at, 1)), load(8, size))).toEqual(
        expected([6, size + 4, READ], [odd, 1, WRITE]),
      );
      expect(marks(load(odd, 1), ...others.map((at) => store(at, 1)), store(8, size))).toEqual(
        expected([6, size + 4, WRITE], [odd, 1, READ]),
      );
    }
  });
});
