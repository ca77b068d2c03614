import { expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { TestPage } from '../testing/page.ts';

async function compiled(source: string, entry: number, hook = 'ubpf') {
  const page = new TestPage();
  await page.wish({ type: 'open-file', name: 'program.bin', bytes: assemble(source) });
  await page.wish({ type: 'set-hook', hook: hook as 'ubpf' });
  const { value } = await page.wish({ type: 'compiled', entry });
  if (value?.kind !== 'compiled') throw new Error('no answer');
  return value;
}

test('each instruction has its lines, and what is left to the interpreter is named', async () => {
  const view = await compiled('r0 = 7; if r1 > 5 goto done; r0 += 3; done: exit', 0);
  expect(view).toMatchObject({ instructions: 3, leadsTo: [], interpreted: [3] });
  const of = (pc: number) => view.lines.filter((line) => line.pc === pc).map(({ text }) => text);
  expect(of(0)).toEqual(['i64.const 7', 'local.set $r0']);
  expect(of(1).slice(0, 4)).toEqual(['local.get $r1', 'i64.const 5', 'i64.gt_u', 'if $in_3']);
  expect(of(2)).toEqual(['local.get $r0', 'i64.const 3', 'i64.add', 'local.set $r0']);
  expect(of(3)).toEqual([]);
  expect(view.bytes).toBeGreaterThan(100);
});

test('what only the interpreter does is no unit', async () => {
  expect(await compiled('r0 = 0; exit', 1)).toMatchObject({ lines: [], interpreted: [1] });
  expect(await compiled('r0 = 0; exit', 99)).toMatchObject({ lines: [], interpreted: [99] });
});

test('a jump into the middle of a loop begins a unit of its own', async () => {
  const source = 'if r1 > 5 goto middle; head: r1 += 1; middle: r1 += 2; if r1 < 9 goto head; exit';
  const { leadsTo } = await compiled(source, 0);
  expect(leadsTo).toEqual([1]);
});
