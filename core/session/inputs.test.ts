import { expect, test } from 'vitest';
import { changedInputs, inputsFor } from './inputs.ts';

const before = { ...inputsFor('a.o', new Uint8Array(8)), hook: 'xdp' as const };

test('of inputs nobody knows, all are sent', () => {
  expect(changedInputs(undefined, before)).toEqual(before);
});

test('of known inputs, those that are others are sent: the object stays where it is', () => {
  expect(changedInputs(before, { ...before, packet: 3, breakpoints: [1] })).toEqual({
    packet: 3,
    breakpoints: [1],
  });
  expect(changedInputs(before, before)).toEqual({});
});

test('an input that is gone is sent as undefined, so that it goes there too', () => {
  const { hook, ...without } = before;
  const sent = changedInputs(before, without);
  expect(Object.hasOwn(sent, 'hook')).toBe(true);
  expect({ ...before, ...sent }).toEqual({ ...without, hook: undefined });
});
