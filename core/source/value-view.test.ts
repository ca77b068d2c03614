import { expect, test } from 'vitest';
import { loadObject } from '../object/load.ts';
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
