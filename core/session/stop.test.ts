import { expect, test } from 'vitest';
import { type Stop, stopText } from './stop.ts';

const LINE = { file: '/home/me/program.c', line: 11 };

test.each<[Stop, string]>([
  [{ kind: 'start' }, 'before the first instruction'],
  [{ kind: 'bypassed', reason: 'status=off' }, 'status=off'],
  [{ kind: 'unrunnable', reason: 'it has no program' }, 'it has no program'],
  [{ kind: 'end' }, 'end of the program'],
  [{ kind: 'fault', message: 'instruction 3 divides' }, 'instruction 3 divides'],
  [{ kind: 'breakpoint', pc: 12 }, 'breakpoint at instruction 12'],
  [{ kind: 'breakpoint', pc: 12, line: LINE }, 'breakpoint at instruction 12, program.c:11'],
  [
    { kind: 'breakpoint', pc: 1, untold: 'qe has no value here' },
    'breakpoint at instruction 1: its condition could not be told, qe has no value here',
  ],
  [{ kind: 'change', step: 4, names: ['r1', 'ip.ttl'] }, 'step 4 changed r1, ip.ttl'],
  [{ kind: 'no-change', step: 4, name: 'stack-8' }, 'nothing before step 4 changed stack-8'],
  [{ kind: 'step', step: 7 }, 'after step 7'],
  [{ kind: 'line', step: 7 }, 'at another line, after step 7'],
  [{ kind: 'paused', step: 7 }, 'paused at step 7'],
  [{ kind: 'pc', pc: 7 }, 'at instruction 7'],
])('%j', (stop, words) => expect(stopText(stop)).toBe(words));
