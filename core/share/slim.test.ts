import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { parseElf } from '../object/elf/elf.ts';
import type { LinkKeeps } from '../protocol/messages.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish } from '../session/session.ts';
import { openSession } from '../testing/run.ts';
import { decodeFile, encodeFile } from './container.ts';
import { shareable, withOnePacket } from './slim.ts';

const firewall = new Uint8Array(
  readFileSync(join(import.meta.dirname, '../../public/examples/xdp-firewall/program.o')),
);
const SOURCES = [{ file: 'firewall.c', text: '/* the source */' }];
const sectionsOf = (bytes: Uint8Array) => parseElf(bytes).sections.map(({ name }) => name);
/** What may go: a section that is taken out loses its name. */
const OTHERS = /^$|debug|BTF|rel|str|sym|addrsig/;
const without = (names: readonly string[], pattern: RegExp) =>
  names.filter((name) => !pattern.test(name));

const shared = (keeps: LinkKeeps, sources = SOURCES) => {
  const session = openSession({
    ...inputsFor('firewall.o', firewall),
    sources,
    packets: [{ name: 'a', bytes: new Uint8Array(64) }],
  });
  finish(session.go({ how: 'into' }));
  return { session, ...shareable(session, keeps, finish(session.hash())) };
};

describe('what a link keeps', () => {
  const all = sectionsOf(firewall);
  test('the example has debug info, types and lines', () => {
    expect(all).toContain('.debug_info');
    expect(all).toContain('.BTF.ext');
  });
  test.each<[LinkKeeps, RegExp[], RegExp[]]>([
    ['variables', [/^\.debug_info$/, /^\.BTF\.ext$/], []],
    ['lines', [/^\.BTF\.ext$/, /^\.BTF$/], [/^\.debug_/]],
    ['program', [/^\.maps$/], [/^\.debug_/, /^\.BTF\.ext$/]],
  ])('%s', (keeps, kept, gone) => {
    const names = sectionsOf(shared(keeps).shared.inputs.object.bytes);
    for (const pattern of kept)
      expect([pattern, names.some((name) => pattern.test(name))]).toEqual([pattern, true]);
    for (const pattern of gone)
      expect([pattern, names.some((name) => pattern.test(name))]).toEqual([pattern, false]);
    expect(without(names, OTHERS)).toEqual(without(all, OTHERS));
  });
  test('and what it leaves out is said, to the byte', () => {
    const size = (keeps: LinkKeeps) => shared(keeps).shared.inputs.object.bytes.length;
    const debug = (bytes: number) => `debug info (.debug_*), ${bytes} bytes`;
    expect(shared('lines').dropped).toEqual([debug(firewall.length - size('lines'))]);
    expect(shared('program').dropped).toEqual([
      debug(firewall.length - size('lines')),
      `types and source lines (.BTF), ${size('lines') - size('program')} bytes`,
      'C files',
    ]);
    expect(shared('program', []).dropped).not.toContain('C files');
    const { length } = shared('variables').shared.inputs.object.bytes;
    expect(shared('variables').dropped).toEqual(
      length < firewall.length ? [debug(firewall.length - length)] : [],
    );
  });
  test('C files, but with the program alone; the step and the hash of the outcome always', () => {
    for (const keeps of ['variables', 'lines', 'program'] as const) {
      const { session, shared: made } = shared(keeps);
      expect(made.inputs.sources).toEqual(keeps === 'program' ? [] : SOURCES);
      expect([made.inputs.step, made.hash]).toEqual([1, finish(session.hash())]);
    }
  });
  test('bytecode is left as it is', () => {
    const session = openSession(
      inputsFor('raw', Uint8Array.from([0xb7, 0, 0, 0, 2, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0])),
    );
    const { shared: made, dropped } = shareable(session, 'program', '');
    expect([made.inputs.object.bytes.length, dropped]).toEqual([16, []]);
  });
});

test('a session file of another version says so', async () => {
  const bytes = await encodeFile({ inputs: inputsFor('x.o', new Uint8Array(3)), hash: '' });
  const text = new TextDecoder('latin1').decode(bytes);
  const other = Uint8Array.from(text.replace('session v2', 'session v3'), (letter) =>
    letter.charCodeAt(0),
  );
  expect(other).not.toEqual(bytes);
  await expect(decodeFile('a.ebpf-session', other)).rejects.toThrow(InputError);
  await expect(decodeFile('a.ebpf-session', other)).rejects.toThrow(
    'a.ebpf-session: is a session of another version of the playground: ' +
      'this one reads versions 1 to 2',
  );
});

test('with the selected packet alone its changes go along, and the rest is said', () => {
  const packets = [1, 2, 3].map((size) => ({ name: `${size}`, bytes: new Uint8Array(size) }));
  const edit = { step: 1, target: { kind: 'register' as const, index: 3 }, value: '1' };
  const { session, ...whole } = shared('variables');
  const inputs = {
    ...whole.shared.inputs,
    packets,
    packet: 1,
    edits: [0, 1, 2].map((packet) => ({ ...edit, packet })),
    notes: [0, 1, 2].map((packet) => ({ packet, step: 1, text: `on ${packet}` })),
  };
  const one = withOnePacket({ shared: { inputs, hash: 'x' }, dropped: [] });
  expect(one.shared.hash).toBe('');
  expect(one.shared.inputs).toEqual({
    ...inputs,
    packets: [packets[1]],
    packet: 0,
    edits: [{ ...edit, packet: 0 }],
    notes: [{ packet: 0, step: 1, text: 'on 1' }],
  });
  expect(one.dropped).toEqual(['2 other packets, and what they left in maps']);
  expect(withOnePacket(one).shared).toBe(one.shared);
});
