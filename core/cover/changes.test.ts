import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import type { Machine } from '../machine/machine.ts';
import { inputsFor } from '../session/inputs.ts';
import { lookedUpValue } from '../session/outcome.ts';
import { runnableSession, Session } from '../session/session.ts';
import { type EntryChange, EntryChanges, withChange } from './changes.ts';

const bytes = new Uint8Array(readFileSync('core/testdata/cover/needs.o'));
const NONE = new EntryChanges();
const strict = (value: string): EntryChange => ({
  ...{ map: '.bss', key: '00000000', value, from: 0, name: 'strict' },
});
const host = (value?: string): EntryChange => ({
  map: 'hosts',
  key: '00000000',
  ...(value !== undefined && { value }),
});
const SEEN = '01'.repeat(16);

let machine: Machine;
beforeEach(() => {
  const inputs = { ...inputsFor('needs.o', bytes), program: 'calls', packets: [] };
  const session = new Session(inputs, new WebAssembly.Memory({ initial: 1 }));
  session.load();
  machine = runnableSession(session).machine;
});

/** What user space, or a program, makes of an entry. */
const put = (change: EntryChange): unknown => NONE.next(machine, [change]);
function held(name: string): string | undefined {
  const map = machine.maps.find(({ definition }) => definition.name === name)!;
  const value = lookedUpValue(machine, map, new Uint8Array(4));
  return value && toHex(value);
}

describe('what is changed in front of a packet', () => {
  test('of a variable is told by its name, and put back in front of the next', () => {
    const first = NONE.next(machine, [strict('07000000')])!;
    expect(first.done).toEqual([
      { map: '.bss', key: '00000000', value: '07000000', words: 'strict = 0x00000007' },
    ]);
    expect(held('.bss')).toBe('07000000');
    const second = first.changes.next(machine, [])!;
    expect(second.done).toMatchObject([{ words: 'strict = 0x00000000' }]);
    expect(held('.bss')).toBe('00000000');
    expect(second.changes.next(machine, [])!.done).toEqual([]);
  });

  test('is left where the program has made it another one', () => {
    const { changes } = NONE.next(machine, [host(SEEN)])!;
    put(host(`02${SEEN.slice(2)}`));
    expect(changes.next(machine, [])!.done).toEqual([]);
    expect(held('hosts')).toBe(`02${SEEN.slice(2)}`);
  });

  test('of a value is put back byte for byte: what the program wrote beside it stays', () => {
    put(host(SEEN));
    const { changes } = NONE.next(machine, [{ ...host('ff'), from: 3 }])!;
    expect(held('hosts')).toBe(`010101ff${SEEN.slice(8)}`);
    put(host(`090101ff${SEEN.slice(8)}`));
    changes.next(machine, []);
    expect(held('hosts')).toBe(`09010101${SEEN.slice(8)}`);
  });

  test.each<[string, string | undefined, string | undefined]>([
    ['an entry that was put in is taken out', undefined, SEEN],
    ['one that was taken out is put in', SEEN, undefined],
    ['another value is the old one', SEEN, '02'.repeat(16)],
  ])('%s', (_title, before, changed) => {
    if (before !== undefined) put(host(before));
    const { changes } = NONE.next(machine, [host(changed)])!;
    expect(held('hosts')).toBe(changed);
    changes.next(machine, []);
    expect(held('hosts')).toBe(before);
  });

  test('of a slot is a program by its name, and empty again', () => {
    const slot = { map: 'next', key: '01000000', value: 'twice', name: 'next[1]' };
    const first = NONE.next(machine, [slot])!;
    expect(first.done).toEqual([
      { map: 'next', key: '01000000', value: 'twice', words: 'next[1] = twice' },
    ]);
    expect(first.changes.next(machine, [])!.done).toEqual([
      { map: 'next', key: '01000000', words: 'next[1] = none' },
    ]);
  });

  test('of the same entry again is one change, from what it was', () => {
    const { changes } = NONE.next(machine, [strict('07000000')])!;
    const next = changes.next(machine, [{ ...strict('09'), from: 1 }])!;
    expect(next.done).toHaveLength(1);
    expect(next.done[0].value).toBe('00090000');
    expect(held('.bss')).toBe('00090000');
  });

  test.each<[string, EntryChange]>([
    ['a map that is not there', { map: 'nobody', key: '00' }],
    ['a key of another size', { map: 'hosts', key: '00', value: SEEN }],
    ['a value of another size', host('01')],
    ['a program that is not there', { map: 'next', key: '00000000', value: 'nobody' }],
  ])('%s takes nothing', (_title, change) => {
    expect(NONE.next(machine, [change])).toBeUndefined();
  });

  test('a change takes the place of another of the same bytes', () => {
    const one = withChange([strict('01000000'), host(SEEN)], strict('02000000'));
    expect(one).toEqual([host(SEEN), strict('02000000')]);
    expect(withChange(one, { ...strict('03'), from: 1 })).toHaveLength(3);
    expect(fromHex(one[1].value ?? '')).toEqual(Uint8Array.of(2, 0, 0, 0));
  });
});
