import { expect, test } from 'vitest';
import type { TraceFormat } from '../protocol/messages.ts';
import { finish, type Session } from '../session/session.ts';
import { session } from '../testing/run.ts';
import { traceFile } from './trace-file.ts';

const written = (opened: Session, format: TraceFormat) => finish(traceFile(opened, format));
const opened = () =>
  session('r0 = 2; if r0 == 2 goto +1; r0 = 1; call pc f; exit; f: r0 = -1; exit', {
    hook: 'xdp',
    packet: '00'.repeat(20),
  });
const REGISTERS = Array.from({ length: 11 }, (_, i) => `r${i}`);

test('every step of a packet is a line, with what it did', () => {
  const { name, text } = written(opened(), 'text');
  expect(name).toBe('trace.txt');
  expect(text.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
    ' 1 0: r0 = 0x2 r0 = 0x2',
    ' 2 1: if r0 == 0x2 goto +0x1 jumps to 3',
    ' 3 3: call 0x1 enters the function',
    ' 4 5: r0 = -0x1 r0 = 0xffffffffffffffff',
    ' 5 6: exit returns 0xffffffffffffffff',
    ' 6 4: exit returns 0xffffffffffffffff',
    '',
  ]);
});

test('as JSON and as CSV, with all registers behind each', () => {
  const json = written(opened(), 'json');
  const rows = JSON.parse(json.text);
  expect([json.name, rows.length]).toEqual(['trace.json', 6]);
  expect(rows[3]).toMatchObject({ step: 4, pc: 5, instruction: 'r0 = -0x1' });
  expect(rows[3].registers[0]).toBe('0xffffffffffffffff');
  expect(rows[3].registers).toHaveLength(11);
  const csv = written(opened(), 'csv');
  const [head, ...lines] = csv.text.trimEnd().split('\n');
  expect([csv.name, head]).toEqual([
    'trace.csv',
    `step,pc,instruction,what,${REGISTERS.join(',')}`,
  ]);
  expect(lines).toHaveLength(6);
  expect(lines[1]).toMatch(/^2,1,"if r0 == 0x2 goto \+0x1","jumps to 3",0x0{15}2,/);
});

test('a long run is written in pieces, of 200,000 steps at most, and the session stays', () => {
  const long = session('r1 = 110000; r1 -= 1; if r1 != 0 goto -2; r0 = 2; exit', {
    hook: 'xdp',
    packet: '00',
  });
  finish(long.go({ how: 'to-step', step: 3 }));
  const work = traceFile(long, 'csv');
  let pieces = 0;
  for (let next = work.next(); ; next = work.next()) {
    if (next.done) {
      expect(next.value.text.trimEnd().split('\n')).toHaveLength(200_001);
      break;
    }
    if (next.value.what === 'writing the trace') pieces += 1;
  }
  expect([pieces, long.machine!.steps]).toEqual([100, 3]);
});
