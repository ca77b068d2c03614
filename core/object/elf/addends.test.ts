import { describe, expect, test } from 'vitest';
import { assemble } from '../../asm/assemble.ts';
import { addsSymbolValues } from './addends.ts';
import type { ElfFile } from './elf.ts';

const R_BPF_64_64 = 1;
const R_BPF_64_32 = 10;

/** An object whose relocations are at these places of `source`, against a function at 16. */
function objectOf(source: string, places: readonly [offset: number, type: number][], comment = '') {
  const section = { name: 'xdp', data: assemble(source), flags: { exec: true } };
  const symbol = { name: 'f', placement: 'section', type: 'func', value: 16 };
  return {
    endian: 'little',
    sections: [section, { name: '.comment', data: new TextEncoder().encode(comment) }],
    relocations: places.map(([offset, type]) => ({ target: section, symbol, offset, type })),
  } as unknown as ElfFile;
}

// A call of a named function has A = -1: LLVM writes -1, the assembler of binutils S - 1.
describe('whether the value of a symbol stands in what is patched', () => {
  test.each<[string, string, [number, number][], boolean]>([
    ['a call by LLVM', 'call -1; exit', [[0, R_BPF_64_32]], false],
    ['a call by binutils', 'call 15; exit', [[0, R_BPF_64_32]], true],
    ['in the last instruction', 'exit; call 15', [[8, R_BPF_64_32]], true],
    ['behind the last', 'call 15; exit', [[16, R_BPF_64_32]], false],
    [
      'two calls, of which one says no',
      'call 15; call -1; exit',
      [
        [0, R_BPF_64_32],
        [8, R_BPF_64_32],
      ],
      false,
    ],
    ['none', 'exit', [], false],
  ])('%s', (_title, source, places, adds) =>
    expect(addsSymbolValues(objectOf(source, places))).toBe(adds),
  );

  test('of addresses by what gcc says of itself', () => {
    const load = (comment: string, value: number) =>
      addsSymbolValues(objectOf(`r1 = ${value} ll; exit`, [[0, R_BPF_64_64]], comment));
    expect([load('GCC: (GNU) 12.2.0', 16), load('GCC: (GNU) 12.2.0', 8)]).toEqual([true, false]);
    expect(load('clang version 19', 16)).toBe(false);
  });
});
