import { expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { loadRaw } from '../object/raw.ts';
import type { LinkedCode } from '../object/types.ts';
import { decodePrograms } from './code.ts';
import { ControlFlow } from './control-flow.ts';
import { pointerUses } from './pointers.ts';
import { type CallTaken, readsUnwritten } from './unwritten-stack.ts';

const BY_SIZE = { register: 2, bytes: { register: 3 } } as const;
/** Calls by their number. */
const [READS_8, READS, WRITES, FILLS, TAKES] = [1, 2, 3, 4, 5];
const TAKEN: Readonly<Record<number, CallTaken>> = {
  [READS_8]: { registers: 2, memory: [{ register: 2, bytes: 8, how: 'reads' }] },
  [READS]: { registers: 3, memory: [{ ...BY_SIZE, how: 'reads' }] },
  [WRITES]: { registers: 3, memory: [{ ...BY_SIZE, how: 'writes' }] },
  [FILLS]: { registers: 3, memory: [{ ...BY_SIZE, how: 'fills' }] },
  [TAKES]: { registers: 2, memory: [] },
};

/** The first slot that may read what was not written. */
function readsAt(source: string): number | undefined {
  const [{ name, linked }] = loadRaw('test', assemble(source)).programs;
  const code = decodePrograms([{ name, linked: linked as LinkedCode }], 'little');
  const flow = new ControlFlow(code);
  const { stack } = pointerUses({
    code,
    flow,
    use: () => ({ writes: 0, calls: false, gives: 'number' }),
    isOfMaps: () => false,
    argument: 'context',
    field: () => 'number',
    maps: 0,
  });
  return readsUnwritten({ code, flow, pointers: stack, taken: (_, { slot }) => TAKEN[slot.imm] });
}
const put = (at: number, size = 8): string => `*(u${8 * size} *)(r10 - ${at}) = 1`;
const get = (at: number, size = 8): string => `r0 = *(u${8 * size} *)(r10 - ${at})`;
const at = (offset: number): string => `r2 = r10; r2 += -${offset}`;

test.each<[title: string, source: string, pc: number | undefined]>([
  ['nothing is read', put(8), undefined],
  ['what was written', `${put(8)}; ${get(8)}`, undefined],
  ['a part of it', `${put(8)}; ${get(4, 4)}`, undefined],
  ['what was not', get(8), 0],
  ['a byte beside it', `${put(8)}; ${get(9, 1)}`, 1],
  ['half of which was written', `${put(4, 4)}; ${get(8)}`, 1],
  ['of two halves', `${put(8, 4)}; ${put(4, 4)}; ${get(8)}`, undefined],
  ['the lowest byte', `${put(512)}; ${get(512, 1)}`, undefined],
  ['below the frame', `${put(520)}; ${get(520)}`, 1],
  ['across its end', `${put(8)}; r0 = *(u64 *)(r10 - 4)`, 1],
  ['the context', 'r0 = *(u32 *)(r1 + 0)', undefined],
  ['by a pointer that was moved', `${put(16)}; ${at(16)}; r0 = *(u64 *)(r2 + 0)`, undefined],
  ['by one that was moved elsewhere', `${put(16)}; ${at(24)}; r0 = *(u64 *)(r2 + 0)`, 3],
  [
    'by one that was moved by a number',
    `${put(16)}; r3 = -16; r2 = r10; r2 += r3; r0 = *(u64 *)(r2 + 0)`,
    undefined,
  ],
  [
    'by one that was moved by what is not known',
    `${put(16)}; r2 = r10; r2 += r1; r0 = *(u64 *)(r2 + 0)`,
    3,
  ],
  ['stores by such a pointer', `${at(16)}; *(u64 *)(r2 + 0) = 1; ${get(16)}`, undefined],
  ['what an atomic operation adds to', `r3 = 1; lock *(u64 *)(r10 - 8) += r3`, 1],
  ['what it adds to, written', `${put(8)}; r3 = 1; lock *(u64 *)(r10 - 8) += r3`, undefined],
])('%s', (_title, source, pc) => expect(readsAt(`${source}; r0 = 0; exit`)).toBe(pc));

test.each<[title: string, source: string, pc: number | undefined]>([
  ['on both ways', `if r1 == 0 goto +2; ${put(8)}; goto +1; ${put(8)}; ${get(8)}`, undefined],
  ['on one of two', `if r1 == 0 goto +1; ${put(8)}; ${get(8)}`, 2],
  ['before they part', `${put(8)}; if r1 == 0 goto +1; r0 = 1; ${get(8)}`, undefined],
  [
    'in a loop, behind what it reads',
    `r1 = 3; again: ${get(8)}; ${put(8)}; r1 -= 1; if r1 != 0 goto again`,
    1,
  ],
  [
    'in front of a loop',
    `r1 = 3; ${put(8)}; again: ${get(8)}; r1 -= 1; if r1 != 0 goto again`,
    undefined,
  ],
])('written %s', (_title, source, pc) => expect(readsAt(`${source}; r0 = 0; exit`)).toBe(pc));

test.each<[title: string, source: string, pc: number | undefined]>([
  ['reads a key that was written', `${put(8)}; ${at(8)}; call ${READS_8}`, undefined],
  ['reads one that was not', `${at(8)}; call ${READS_8}`, 2],
  ['reads one of which a part was', `${put(4, 4)}; ${at(8)}; call ${READS_8}`, 3],
  ['reads as much as a register says', `${put(4, 4)}; ${at(4)}; r3 = 4; call ${READS}`, undefined],
  ['reads more', `${put(4, 4)}; ${at(8)}; r3 = 8; call ${READS}`, 4],
  ['reads nobody knows how much', `${put(8)}; ${at(8)}; r3 = *(u32 *)(r1 + 0); call ${READS}`, 4],
  ['writes it, perhaps', `${at(8)}; r3 = 8; call ${WRITES}; ${get(8)}`, 4],
  ['fills it', `${at(8)}; r3 = 8; call ${FILLS}; ${get(8)}`, undefined],
  ['fills a part', `${at(8)}; r3 = 4; call ${FILLS}; ${get(8)}`, 4],
  ['fills nobody knows how much', `${at(8)}; r3 = *(u32 *)(r1 + 0); call ${FILLS}; ${get(8)}`, 4],
  ['takes a pointer for who knows what', `${put(8)}; ${at(8)}; call ${TAKES}`, 3],
  ['takes none', `r1 = 0; r2 = 0; call ${TAKES}`, undefined],
  [
    'does not look at a register behind its own',
    `r1 = 0; r2 = 0; r3 = r10; call ${TAKES}`,
    undefined,
  ],
])('a call %s', (_title, source, pc) => expect(readsAt(`${source}; r0 = 0; exit`)).toBe(pc));

test("what a function is given of its caller's stack counts as not written", () => {
  const caller = `${put(8)}; r1 = r10; r1 += -8; call pc f; exit`;
  expect(readsAt(`${caller}; f: r0 = *(u64 *)(r1 + 0); exit`)).toBe(5);
  expect(readsAt(`${caller}; f: ${put(8)}; ${get(8)}; exit`)).toBeUndefined();
  // Each function has a frame of its own.
  expect(readsAt(`${caller}; f: ${get(8)}; exit`)).toBe(5);
});
