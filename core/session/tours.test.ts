import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderOf } from '../protocol/example.ts';
import type { CodeView, Snapshot } from '../protocol/messages.ts';
import { EXAMPLES, openExample } from '../testing/examples.ts';
import { codeView } from '../view/code-view.ts';
import { snapshotOf } from '../view/snapshot.ts';
import { finish } from './session.ts';

const TOURS = EXAMPLES.filter(({ notes }) => notes !== undefined);

/** What a note is about, word for word: the instruction that comes next, and what holds there. */
const FACTS: Record<string, readonly (readonly [next: string, ...holds: string[]])[]> = {
  'tour-first-filter': [
    ['r1 = *(u32 *)(r1 + 0x10)', 'r1 = packet+14', 'r2 = 0x14'],
    ['r0 = 0x1', 'r1 = 0x1010101'],
    ['if r1 == 0x1010101 goto +0x1', 'r0 = 0x1'],
    ['exit', 'r0 = 0x1', 'jumps to 4'],
    ['', 'returns 0x1', 'filter-ubpf: r0 = 0x1 -> drop', 'step 4 of 4'],
    ['if r1 == 0x1010101 goto +0x1', 'r1 = 0x8080808'],
    ['exit', 'r0 = 0x0'],
    ['', 'filter-ubpf: r0 = 0x0 -> pass', 'step 5 of 5'],
    ['', 'QEMU filter-ubpf: pass, the program did not run', 'step 0 of 0'],
  ],
  'tour-bounds': [
    ['r0 = 0x2'],
    ['r3 = r1', 'r1 = packet+0', 'r2 = packet+54'],
    ['if r3 > r2 goto +0xb', 'r3 = packet+34'],
    ['r2 = *(u8 *)(r1 + 0xc)', 'does not jump'],
    ['r0 = 0x1', 'r1 = 0x1700', 'reads 2 bytes at packet+36 (0017); r1 = 0x1700'],
    ['', 'XDP: XDP_DROP (1)', 'step 17 of 17'],
    ['exit', 'jumps to 17', 'r2 = packet+20', 'r3 = packet+34', 'r0 = 0x2'],
    ['r2 = *(u8 *)(r1 + 0xc)', 'does not jump', 'r2 = packet+36'],
    [
      'r1 = *(u16 *)(r1 + 0x24)',
      'XDP: fault -> XDP_ABORTED',
      'instruction 13 reads 2 bytes at packet+36, the packet has 36 bytes',
      'step 14 of 14',
    ],
  ],
  'tour-maps': [
    ['r3 = *(u32 *)(r1 + 0x4)', 'blocked 10.0.0.66 = 0'],
    ['call 0xc', 'r2 = map protocols', 'r3 = 0x6'],
    ['r6 = 0x2', 'r1 = context+0', 'in tcp', 'registers r1 r10'],
    ['call 0x1', 'r1 = map blocked', 'r2 = packet+26'],
    ['if r0 == 0x0 goto +0x3', 'r0 = map blocked[0a000042]+0'],
    ['r0 = r6', 'blocked 10.0.0.66 = 1'],
    ['if r0 == 0x0 goto +0x3', 'r0 = 0x0', 'r6 = 0x2'],
    ['r0 = 0x2', 'in dispatch', 'bpf_tail_call(context+0, map protocols, 0x1) = 0x0'],
    ['r3 = *(u32 *)(r1 + 0x4)', 'blocked 10.0.0.66 = 1'],
    ['', 'XDP: XDP_DROP (1)', 'blocked 10.0.0.66 = 2', 'step 23 of 23'],
  ],
};

/** What the page shows at a step, a phrase each. */
function shown(snapshot: Snapshot, code: CodeView): string[] {
  const { registers, frames, maps, last, verdict, fault, step, totalSteps } = snapshot;
  const held = registers.filter(({ unset }) => !unset);
  const value = ({ meaning, hex }: (typeof held)[number]) =>
    meaning || `0x${BigInt(hex).toString(16)}`;
  return [
    ...held.map((register) => `${register.name} = ${value(register)}`),
    `registers ${held.map(({ name }) => name).join(' ')}`,
    ...maps.flatMap(({ name, entries }) =>
      entries.map(({ keyText, valueText }) => `${name} ${keyText} = ${valueText}`),
    ),
    ...frames.map((frame) => `in ${frame.function}`),
    ...code.rows
      .filter(({ pc }) => pc === snapshot.pc || pc === last?.pc)
      .flatMap(({ text, comment }) => [text, comment]),
    last?.text ?? '',
    verdict?.text ?? '',
    fault?.message ?? '',
    `step ${step} of ${totalSteps}`,
  ];
}

test('there are three tours, and each fact is one of a note', () => {
  const counts = TOURS.map(({ name, notes = [] }) => [name, notes.length]);
  expect(counts).toEqual(Object.entries(FACTS).map(([name, facts]) => [name, facts.length]));
});

describe.each(TOURS.map((tour) => [tour.name, tour] as const))('%s', (name, tour) => {
  const source = readFileSync(
    join(import.meta.dirname, '../../public/examples', folderOf(tour), tour.sources[0]),
    'utf8',
  );
  const notes = tour.notes!.map((note, i) => [i + 1, note, FACTS[name][i]] as const);

  test('is read in the order of its packets and steps', () => {
    const places = notes.map(([, { packet, step }]) => packet * 1000 + step);
    expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
  });

  test.each(notes)('note %d is true where it stands', (_number, { packet, step, text }, facts) => {
    const session = openExample(name, packet);
    finish(session.go({ how: 'to-step', step }));
    const snapshot = snapshotOf(session);
    const code = codeView(session.object, session.machine!.code, session.hook);
    expect(snapshot.step).toBe(step);
    const [next, ...holds] = facts;
    expect(code.rows.find(({ pc }) => pc === snapshot.pc)?.text ?? '').toBe(next);
    const phrases = shown(snapshot, code);
    expect(phrases).toEqual(expect.arrayContaining(holds));
    // What a note sets as code stands in the C, or is seen at this very step.
    const quoted = [...text.matchAll(/`([^`]+)`/g)].map(([, words]) => words);
    const unseen = quoted.filter(
      (words) => !source.includes(words) && !phrases.some((phrase) => phrase.includes(words)),
    );
    expect(unseen).toEqual([]);
  });
});
