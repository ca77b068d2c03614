import { expect, test } from 'vitest';
import { readObject } from '../../testing/corpus.ts';
import { parseElf } from '../elf/elf.ts';
import { findKernelTypes, kernelTypesIn, readTypes } from './kernel-types.ts';

const OBJECT = readObject('types.clang-19-v3-g.o');
const BTF = parseElf(OBJECT).sections.find(({ name }) => name === '.BTF')!.data;
const X86_64 = 62;

/** The same file as a program of another machine: a vmlinux, as far as its sections go. */
function foreign(bytes: Uint8Array): Uint8Array {
  const made = bytes.slice();
  made[18] = X86_64;
  return made;
}

/** Without a section of that name: its name begins with another letter. */
function without(bytes: Uint8Array, name: string): Uint8Array {
  const made = bytes.slice();
  const letters = [...name].map((letter) => letter.charCodeAt(0));
  const at = made.findIndex((_, i) => letters.every((letter, n) => made[i + n] === letter));
  made[at + 1] = 'x'.charCodeAt(0);
  return made;
}

test('types of a kernel: a raw .BTF section as it is, or that of a vmlinux', () => {
  expect(kernelTypesIn(BTF)).toBe(BTF);
  expect(kernelTypesIn(foreign(OBJECT))).toEqual(BTF);
  expect(findKernelTypes('vmlinux', foreign(OBJECT))).toEqual(BTF);
});

test('a BPF object is none, nor is what only begins like BTF, nor is any other file', () => {
  expect(kernelTypesIn(OBJECT)).toBeUndefined();
  expect(kernelTypesIn(Uint8Array.of(0x9f, 0xeb, 2, 0))).toBeUndefined();
  expect(kernelTypesIn(new TextEncoder().encode('int main(void)'))).toBeUndefined();
  expect(kernelTypesIn(new Uint8Array())).toBeUndefined();
  expect(findKernelTypes('a.c', new Uint8Array(64))).toBeUndefined();
});

test('a program of another machine without types is refused by its name', () => {
  const bare = without(foreign(OBJECT), '.BTF\0');
  expect(kernelTypesIn(bare)).toBe('foreign');
  expect(() => findKernelTypes('ls', bare)).toThrow(
    'ls: is no BPF object, and has no .BTF section with the types of a kernel',
  );
});

test('types are read in either byte order, the same bytes once', () => {
  const types = readTypes(BTF);
  expect(types.find('struct', 'flags')).toBeDefined();
  expect(readTypes(BTF)).toBe(types);
  expect(readTypes(BTF.slice())).not.toBe(types);
  const big = parseElf(readObject('types.clang-19-v3-eb-g.o')).sections;
  const other = readTypes(big.find(({ name }) => name === '.BTF')!.data);
  expect(other.find('struct', 'flags')?.size).toBe(types.find('struct', 'flags')?.size);
});
