import { expect, test } from 'vitest';
import { finish, Session } from '../session/session.ts';
import { openExample } from '../testing/examples.ts';
import { assignment } from './assign.ts';

const opened = openExample('xdp-firewall');
const at = (step: number): Session => {
  finish(opened.go({ how: 'to-step', step }));
  return opened;
};
const PACKET = { kind: 'packet' };

test.each<[string, number, string, string, object]>([
  [
    'a variable in a register',
    0,
    'ctx',
    '7',
    { target: { kind: 'register', index: 1 }, value: '7' },
  ],
  [
    'a member behind a pointer, in the order of the machine',
    6,
    'ip->saddr',
    '7',
    { target: { kind: 'memory', region: PACKET, offset: 26 }, value: '07000000' },
  ],
  [
    'one in network order',
    6,
    'eth->h_proto',
    '7',
    { target: { kind: 'memory', region: PACKET, offset: 12 }, value: '0007' },
  ],
])('%s is set where it lies', (_title, step, expression, text, edit) =>
  expect(assignment(at(step), 0, expression, text)).toEqual(edit),
);

test.each<[string, number, string, string]>([
  ['a variable without a value yet', 0, 'ip', 'ip: is no variable that has a value here'],
  ['a name that is none', 6, 'nothing', 'nothing: is no variable that has a value here'],
  ['a number', 6, '5', '5: is no variable that has a value here'],
  [
    'a field of the context',
    0,
    'ctx->data',
    'ctx->data: is no plain memory: change the context at its hook',
  ],
  [
    'a variable that is worked out',
    6,
    'ip',
    'ip: has no place of its own: the compiler worked it out',
  ],
])('%s is not set, and it is said why', (_title, step, expression, words) =>
  expect(() => assignment(at(step), 0, expression, '7')).toThrow(words),
);

test('where no program runs there is none to set', () => {
  const { inputs, object } = opened;
  const none = new Session(inputs, new WebAssembly.Memory({ initial: 1 }), object);
  expect(() => assignment(none, 0, 'ip', '7')).toThrow('ip: there is no program to run');
});
