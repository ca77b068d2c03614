import { expect, test } from 'vitest';
import { openExample } from '../testing/examples.ts';
import { session } from '../testing/run.ts';
import { attachCommands, shellWord } from './attach-commands.ts';

test.each([
  ['program.o', 'program.o'],
  ['/a/b-c_d:1.o', '/a/b-c_d:1.o'],
  ['a b', "'a b'"],
  ["it's", "'it'\\''s'"],
  ['$(rm)', "'$(rm)'"],
  ['', "''"],
  ['a\nb', "'a\nb'"],
])('%j as a word of a shell', (text, word) => expect(shellWord(text)).toBe(word));

test('a program of XDP or tc is put on an interface and taken away', () => {
  const commands = (name: string) => attachCommands(openExample(name)).map(({ text }) => text);
  expect(commands('xdp-firewall')).toEqual([
    expect.stringMatching(/^ip link set dev eth0 xdp obj \S+ sec xdp$/),
    'ip link set dev eth0 xdp off',
  ]);
  const [add, remove] = commands('tc-rewrite');
  expect(add).toMatch(
    /^tc qdisc add dev eth0 clsact\ntc filter add dev eth0 ingress bpf da obj \S+ sec \S+$/,
  );
  expect(remove).toBe('tc filter del dev eth0 ingress');
});

test('bytecode that is in no object has none', () =>
  expect(attachCommands(session('r0 = 2; exit', { hook: 'xdp', packet: '00' }))).toEqual([]));
