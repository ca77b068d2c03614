import { expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { finish } from '../session/session.ts';
import { openSession, session } from '../testing/run.ts';
import { snapshotOf } from './snapshot.ts';

test('lines that a breakpoint logged are there up to the step where one stands, with it', () => {
  // Slot 2 runs at steps 2, 4, 6, 8 and 10.
  const { inputs } = session('r0 = 0; r1 = 0; r1 += 1; if r1 < 5 goto -2; exit');
  const rules = [{ pc: 2, log: 'r1 is {r1}' }];
  const opened = openSession({ ...inputs, breakpoints: [2], rules });
  finish(opened.go({ how: 'reset' }));
  finish(opened.go({ how: 'run' }));
  const said = (step: number) => {
    finish(opened.go({ how: 'to-step', step }));
    return snapshotOf(opened).output.map((line) => [line.step, line.text]);
  };
  expect(said(1)).toEqual([]);
  expect(said(2)).toEqual([[2, 'r1 is 0']]);
  expect(said(3)).toEqual([[2, 'r1 is 0']]);
  expect(said(4)).toEqual([
    [2, 'r1 is 0'],
    [4, 'r1 is 1'],
  ]);
});

test('of a packet that filter-ubpf hides the headers of, all bytes are shown', () => {
  const packet = `${'11'.repeat(12)}0800${`45${'22'.repeat(19)}`}${'33'.repeat(8)}`;
  for (const mode of ['on', 'off']) {
    const opened = session('*(u8 *)(r1 + 0) = 0x99; r0 = 0; exit', {
      hook: 'filter-ubpf',
      packet,
      options: [['ip-mode', mode]],
    });
    finish(opened.go({ how: 'end' }));
    const shown = toHex(snapshotOf(opened).packetMemory.bytes);
    const at = mode === 'on' ? 28 : 0;
    expect(shown).toBe(`${packet.slice(0, at)}99${packet.slice(at + 2)}`);
  }
});
