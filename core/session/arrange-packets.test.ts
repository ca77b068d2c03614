import { describe, expect, test } from 'vitest';
import {
  withoutPacket,
  withPacketAt,
  withPacketBehind,
  withPacketBytes,
  withPacketName,
} from './arrange-packets.ts';
import { inputsFor } from './inputs.ts';
import type { SessionInputs } from './types.ts';

const packet = (name: string) => ({ name, bytes: Uint8Array.of(name.charCodeAt(0)) });
/** Packets a to d, the third selected, with a change in the run of the second and of the fourth. */
const INPUTS: SessionInputs = {
  ...inputsFor('filter.o', new Uint8Array()),
  packets: ['a', 'b', 'c', 'd'].map(packet),
  packet: 2,
  edits: [1, 3].map((index) => ({
    packet: index,
    step: 5,
    target: { kind: 'register', index },
    value: '7',
  })),
};

/** Names in order, the selected in brackets, a star where its run was changed. */
function drawn({ packets, packet: selected, edits = [] }: Partial<SessionInputs>): string {
  return (packets ?? [])
    .map(({ name }, i) => {
      const starred = `${name}${edits.some((edit) => edit.packet === i) ? '*' : ''}`;
      return i === selected ? `[${starred}]` : starred;
    })
    .join(' ');
}

test('as it stands', () => expect(drawn(INPUTS)).toBe('a b* [c] d*'));

describe('what was changed in the run of a packet stays with it', () => {
  test.each<[string, Partial<SessionInputs>, string]>([
    ['without the first', withoutPacket(INPUTS, 0), 'b* [c] d*'],
    ['without the second', withoutPacket(INPUTS, 1), 'a [c] d*'],
    ['without the selected: the next is selected', withoutPacket(INPUTS, 2), 'a b* [d*]'],
    ['without the last', withoutPacket(INPUTS, 3), 'a b* [c]'],
    ['the selected to the front', withPacketAt(INPUTS, 2, 0), '[c] a b* d*'],
    ['another past the selected', withPacketAt(INPUTS, 1, 3), 'a [c] d* b*'],
    ['the last to the second place', withPacketAt(INPUTS, 3, 1), 'a d* b* [c]'],
    ['one more behind the first', withPacketBehind(INPUTS, 0, packet('n')), 'a [n] b* c d*'],
    ['one more at the end', withPacketBehind(INPUTS, 3, packet('n')), 'a b* c d* [n]'],
  ])('%s', (_what, made, now) => expect(drawn(made)).toBe(now));

  test('the last that there is goes, and another comes', () => {
    const one = { ...INPUTS, packets: [packet('a')], packet: 0, edits: [] };
    const none = withoutPacket(one, 0);
    expect(none).toEqual({ packets: [], packet: 0, edits: [] });
    expect(drawn(withPacketBehind({ ...one, ...none }, 0, packet('n')))).toBe('[n]');
  });
});

test('notes stay with their packet, in the order in which they are read', () => {
  const note = (index: number, step: number) => ({ packet: index, step, text: `${index}.${step}` });
  const noted = { ...INPUTS, notes: [note(0, 1), note(0, 4), note(2, 0), note(2, 9)] };
  const read = ({ notes = [] }: Partial<SessionInputs>) =>
    notes.map(({ packet: index, text }) => `${index}: ${text}`);
  expect(read(withoutPacket(noted, 0))).toEqual(['1: 2.0', '1: 2.9']);
  expect(read(withoutPacket(noted, 1))).toEqual(['0: 0.1', '0: 0.4', '1: 2.0', '1: 2.9']);
  expect(read(withPacketAt(noted, 2, 0))).toEqual(['0: 2.0', '0: 2.9', '1: 0.1', '1: 0.4']);
  expect(read(withPacketBehind(noted, 0, packet('n')))).toEqual([
    '0: 0.1',
    '0: 0.4',
    '3: 2.0',
    '3: 2.9',
  ]);
});

test('a place that there is not is refused', () => {
  expect(() => withPacketAt(INPUTS, 0, 4)).toThrow('packet 5: is no place, there are 4');
  expect(() => withPacketAt(INPUTS, 0, -1)).toThrow('packet 0: is no place, there are 4');
});

test('a session holds so many packets', () => {
  const full = { ...INPUTS, packets: Array.from({ length: 4096 }, () => packet('x')) };
  expect(() => withPacketBehind(full, 0, packet('n'))).toThrow(
    'packets: there are 4096, the most there may be',
  );
});

describe('names', () => {
  test('are what a person calls a packet', () => {
    expect(drawn(withPacketName(INPUTS, 1, '  SYN  '))).toBe('a SYN c d');
    expect(() => withPacketName(INPUTS, 1, ' ')).toThrow('packet 2: needs a name');
    expect(() => withPacketName(INPUTS, 1, 'x'.repeat(201))).toThrow(
      'packet 2: a name has up to 200 characters, not 201',
    );
  });

  test('say once that the bytes were edited, where they are others', () => {
    const once = { ...INPUTS, ...withPacketBytes(INPUTS, Uint8Array.of(1)) };
    expect(drawn(once)).toBe('a b* [c, edited] d*');
    expect(drawn({ ...once, ...withPacketBytes(once, Uint8Array.of(2)) })).toBe(
      'a b* [c, edited] d*',
    );
    expect(withPacketBytes(INPUTS, INPUTS.packets[2].bytes.slice()).packets).toBe(INPUTS.packets);
    expect(drawn(withPacketBytes({ ...INPUTS, packets: [] }, Uint8Array.of(1)))).toBe('packet');
  });
});
