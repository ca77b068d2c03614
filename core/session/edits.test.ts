import { expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { openExample } from '../testing/examples.ts';
import { openSession, session } from '../testing/run.ts';
import { finish } from './session.ts';
import type { Edit } from './types.ts';

const SOURCE = 'r2 = 1; *(u64 *)(r10 - 8) = 7; r3 = *(u64 *)(r10 - 8); r0 = r2; r0 += r3; exit';
const edit = (step: number, target: Edit['target'], value: string): Edit => ({
  packet: 0,
  step,
  target,
  value,
});

function withEdits(...edits: Edit[]) {
  const { inputs } = session(SOURCE);
  return openSession({ ...inputs, edits });
}

test('a register changed in the middle of a run changes what comes after', () => {
  const opened = withEdits(edit(1, { kind: 'register', index: 2 }, '40'));
  expect(opened.outcome!.r0).toBe(47n);
  finish(opened.go({ how: 'to-step', step: 1 }));
  expect(opened.machine!.registers[2]).toBe(40n);
  finish(opened.go({ how: 'end' }));
  finish(opened.go({ how: 'back' }));
  finish(opened.go({ how: 'to-step', step: 4 }));
  expect(opened.machine!.registers[0]).toBe(40n);
});

test('so do bytes of the stack, and several changes at one step are made in their order', () => {
  const stack = { kind: 'memory', region: { kind: 'stack', depth: 0 }, offset: -8 } as const;
  expect(withEdits(edit(2, stack, '02')).outcome!.r0).toBe(3n);
  expect(withEdits(edit(2, stack, '02'), edit(2, stack, '05')).outcome!.r0).toBe(6n);
});

test('an entry of a map is put in, changed and taken out in the middle of a run', () => {
  const firewall = openExample('xdp-firewall');
  finish(firewall.go({ how: 'reset' }));
  const { inputs } = firewall;
  const { keySize, valueSize, name } = firewall.machine!.maps[0].definition;
  const [key, value] = ['00'.repeat(keySize), '07'.repeat(valueSize)];
  const target = { kind: 'map', map: name, key } as const;
  const opened = openSession({ ...inputs, edits: [edit(2, target, value), edit(4, target, '')] });
  const held = (step: number) => {
    finish(opened.go({ how: 'to-step', step }));
    return [...opened.machine!.maps[0].entries()].some((entry) => toHex(entry.key) === key);
  };
  expect([held(1), held(2), held(3), held(4), held(2)]).toEqual([false, true, true, false, true]);
  expect(() =>
    openSession({ ...inputs, edits: [edit(2, { ...target, map: 'none' }, value)] }),
  ).toThrow(/does not exist/);
});

test('a change before the first instruction is made too; single steps come to the same', () => {
  const opened = withEdits(
    edit(0, { kind: 'register', index: 3 }, '9'),
    edit(5, { kind: 'register', index: 0 }, '0x2a'),
  );
  expect(opened.outcome!.r0).toBe(42n);
  for (let step = 0; step < 6; step++) finish(opened.go({ how: 'into' }));
  expect(opened.machine!.registers[0]).toBe(42n);
});

test('what cannot be changed is refused in words', () => {
  expect(() => withEdits(edit(1, { kind: 'register', index: 10 }, '1'))).toThrow(/frame pointer/);
  expect(() =>
    withEdits(edit(1, { kind: 'memory', region: { kind: 'stack', depth: 0 }, offset: 8 }, 'ff')),
  ).toThrow(/not there/);
});
