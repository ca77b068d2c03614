import { expect, test } from 'vitest';
import { fileKind } from '../bytes/file-kind.ts';
import { loadObject } from './load.ts';

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
/** Padded to whole instructions, so that the length alone does not tell that it is no bytecode. */
const padded = (start: string): Uint8Array =>
  latin1(start.padEnd(Math.ceil((start.length + 1) / 8) * 8 + 264, '\0'));

test.each([
  ['PK\x03\x04\x14\0\0\0', 'a zip archive'],
  ['\xfd7zXZ\0', 'xz-compressed'],
  ['\x1f\x8b\x08\0', 'gzip-compressed'],
  ['\x28\xb5\x2f\xfd', 'zstd-compressed'],
  ['BZh9', 'bzip2-compressed'],
  ['\0asm\x01\0\0\0', 'a WebAssembly module'],
  ['MZ\x90\0', 'a Windows executable (PE)'],
  ['!<arch>\n', 'an archive (.a, .rlib or .deb)'],
  ['BC\xc0\xde', 'LLVM bitcode (built with -emit-llvm or -flto)'],
  ['snoop\0\0\0', 'a snoop capture'],
  ['\x34\xcd\xb2\xa1', 'a modified pcap capture (Kuznetzov)'],
])('%j begins what is called by its name', (start, what) => {
  expect(fileKind(padded(start))?.what).toBe(what);
  expect(() => loadObject('dropped.o', padded(start))).toThrow(
    `dropped.o: is ${what}, not a BPF object: `,
  );
});

test.each([
  ['#include <linux/bpf.h>\nSEC("xdp") int p(struct xdp_md *c) { return 2; }\n', 'C source'],
  ['; ModuleID = "p.c"\ntarget triple = "bpf"\n', 'LLVM assembly'],
  ['package main\n\nfunc main() {}\n', 'Go source'],
  ['#![no_std]\nuse aya_ebpf::programs::XdpContext;\n', 'Rust source'],
  ['#!/bin/sh\necho 1\n', 'a script'],
])('%j is called %s', (text, what) => {
  expect(() => loadObject('dropped.o', latin1(text))).toThrow(
    `dropped.o: is ${what}, not a BPF object: `,
  );
});

test('text that is nothing known is shown by its first line', () => {
  expect(() => loadObject('notes.txt', latin1('remember the milk\nand bread\n'))).toThrow(
    'notes.txt: is neither ELF (no magic number) nor bytecode: it is text, "remember the milk"',
  );
});

test(
  'bytes of which most are no instructions are no bytecode, ' +
    'one undefined instruction does not matter',
  () => {
    expect(() => loadObject('x', latin1('\xfd\xff\xff\xff\xff\xff\xff\xff'.repeat(3)))).toThrow(
      'x: is neither ELF (no magic number) nor bytecode: 3 of 3 instructions are not defined, ' +
        'the first at 0',
    );
    const moves = '\xb7\0\0\0\x01\0\0\0\x95\0\0\0\0\0\0\0\xff\0\0\0\0\0\0\0';
    expect(loadObject('x', latin1(moves)).format).toBe('raw');
  },
);
