import { expect, test } from 'vitest';
import { loadObject } from '../object/load.ts';
import type { ValueView } from '../protocol/messages.ts';
import { readObject } from '../testing/corpus.ts';
import { session } from '../testing/run.ts';
import { valueView } from './value-view.ts';

test('pointers in a structure read like those in registers, in its summary too', () => {
  const { machine } = session('r0 = *(u32 *)(r1 + 0); exit', { hook: 'xdp', packet: '01020304' });
  machine!.engine.run(machine!, 1, null);
  const name = 'types.clang-19-v3-g.o';
  const { btf } = loadObject(name, readObject(name));
  const type = btf!.types.find((row) => row.kind === 'struct' && row.name === 'node')!.id;
  const bytes = new Uint8Array(btf!.sizeOf(type)!);
  new DataView(bytes.buffer).setBigUint64(0, machine!.registers[0] + 2n, true);
  const view = valueView({ machine: machine!, left: 100 }, 'node', 'node', {
    types: btf!,
    type,
    bytes,
  });
  expect(view.text).toMatch(/next: packet\+2, previous: NULL/);
  expect(view.children!.find((child) => child.name === 'next')!.text).toBe('packet+2');
});

test('so many rows as there may still be are made, parts of what comes behind are not', () => {
  const { machine } = session('exit');
  const name = 'types.clang-19-v3-g.o';
  const { btf } = loadObject(name, readObject(name));
  const struct = btf!.types.find((row) => row.kind === 'struct' && row.name === 'node')!;
  const type = struct.id;
  const bytes = new Uint8Array(btf!.sizeOf(type)!);
  const rowsOf = ({ children = [] }: ValueView): number =>
    children.reduce((sum, child) => sum + rowsOf(child), 1);
  const rows = (left: number) => {
    const shown = { machine: machine!, left };
    const made = rowsOf(valueView(shown, 'node', 'node', { types: btf!, type, bytes }));
    expect(left - shown.left).toBe(made);
    return made;
  };
  const all = rows(1000);
  const members = 1 + (struct.kind === 'struct' ? struct.members.length : 0);
  expect(all).toBeGreaterThan(2 * members);
  expect(rows(1)).toBe(1);
  for (let left = 2; left <= all; left++) expect(rows(left)).toBeGreaterThanOrEqual(left);
  expect(rows(2)).toBe(members);
});
