import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { toBase64 } from '../bytes/base64.ts';
import { toHex } from '../bytes/hex.ts';
import { parseElf } from '../object/elf/elf.ts';
import { inputsFor } from '../session/inputs.ts';
import { encodeFile, encodeLink } from './container.ts';
import { recognise, recogniseText } from './recognise.ts';

const core = join(import.meta.dirname, '..');
const file = (path: string) => new Uint8Array(readFileSync(join(core, path)));
const text = (words: string) => new TextEncoder().encode(words);

const OBJECT = file('testdata/core-relocations/target.clang-19.o');
const TYPES = parseElf(OBJECT).sections.find(({ name }) => name === '.BTF')!.data;
/** The same for x86-64 (e_machine): with types it is a vmlinux, without them a stranger. */
const onX86 = (object: Uint8Array) => {
  const bytes = object.slice();
  bytes[18] = 62;
  return bytes;
};
const PLAIN = file('testdata/objects/branches.clang-19-v3.o');
const shared = { inputs: inputsFor('x.o', new Uint8Array(3)), hash: '' };
const LINK = await encodeLink(shared);
const FRAME =
  '5254001234565254006543210800450000280001400040062ecb0a000002010101019c4000500000000100000000';

test.each([
  ['an object', 'program.o', OBJECT, 'object'],
  ['an object by any name', 'program.c', PLAIN, 'object'],
  ['a packed object', 'program.o.gz', new Uint8Array(gzipSync(PLAIN)), 'packed'],
  ['types of a kernel', 'vmlinux.btf', TYPES, 'kernel-types'],
  ['a kernel with types', 'vmlinux', onX86(OBJECT), 'kernel-types'],
  ['a program of another machine', 'ls', onX86(PLAIN), 'foreign'],
  ['a session file', 'x.ebpf-session', await encodeFile(shared), 'session-file'],
  ['a session file of version 1', 'x', text('ebpf-playground session v1\n'), 'session-file'],
  ['a capture', 'a.pcapng', file('testdata/packets/three.pcapng'), 'capture'],
  ['nothing', 'a', new Uint8Array(), 'empty'],
  ['C source', 'program.c', text('r0 = 0\nexit'), 'source'],
  ['C++ source, whatever its letters', 'PROGRAM.CPP', text('int x;'), 'source'],
  ['a link', 'link.txt', text(`https://example.org/#${LINK}\n`), 'link'],
  ['an object in hex', 'o.hex', text(toHex(PLAIN)), 'object-text'],
  ['an object in base64', 'o.b64', text(toBase64(PLAIN)), 'object-text'],
  ['assembly', 'program.s', text('r0 = 2\nexit\n'), 'assembly'],
  ['a packet in hex', 'packet.txt', text(FRAME), 'packets'],
  ['a test file', 'a.json', text('{"object": "a.o", "ebpf-playground-test": 1}'), 'tests'],
  ['words that are nothing', 'notes.txt', text('hello'), 'packets'],
  ['bytecode', 'program', Uint8Array.of(0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0), 'bytecode'],
] as const)('%s', (_title, name, bytes, kind) => expect(recognise(name, bytes).kind).toBe(kind));

test('pasted text is known by its words alone', () => {
  expect(recogniseText(` ${LINK} `)).toEqual({ kind: 'link', text: ` ${LINK} ` });
  expect(recogniseText(toHex(PLAIN))).toEqual({ kind: 'object-text', bytes: PLAIN });
  expect(recogniseText('#include <linux/bpf.h>').kind).toBe('packets');
});
