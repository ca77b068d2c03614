import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import { loadObject } from '../object/load.ts';
import { inputsFor } from './inputs.ts';
import { openObject } from './open-object.ts';
import { finish, Session } from './session.ts';
import type { SessionInputs } from './types.ts';
import { warningsOf } from './warnings.ts';

const folder = join(import.meta.dirname, '../testdata/cases');
const read = (name: string) => new Uint8Array(readFileSync(join(folder, `${name}.clang-19.o`)));
const TCP = fromHex(
  'ffffffffffff020000000001080045000028000100004006f97ec0a80001c0a800023039005000' +
    '000000000000005002200000000000',
)!;

async function run(name: string, changed: Partial<SessionInputs> = {}): Promise<Session> {
  const inputs = {
    ...inputsFor(`${name}.o`, read(name)),
    packets: [{ name: 'packet', bytes: TCP }],
    ...changed,
  };
  const session = new Session(
    inputs,
    new WebAssembly.Memory({ initial: 1 }),
    await openObject(inputs),
  );
  finish(session.prepare());
  return session;
}
const refusals = (name: string): string[] =>
  loadObject(name, read(name)).warnings.filter((warning) => warning.startsWith('libbpf'));

describe(
  'objects that libbpf refuses run here, and it is said (lenient-no-warning, ' +
    'unnamed-missing-function)',
  () => {
    test.each([
      [
        'common',
        'common symbols, which lie in no section (build with -fno-common): uninit2, uninit, arr',
      ],
      ['staticmap', 'static maps (take "static" away): sm'],
      [
        'localfn',
        'static functions in a section of programs (leave their section attribute out): helper2, ' +
          'helper1',
      ],
      [
        'impl',
        'symbols that nothing defines (a helper is missing from bpf_helpers.h, ' +
          '__ksym or __kconfig at its declaration, or -fno-builtin): bpf_not_declared_helper',
      ],
    ])('%s', (name, because) =>
      expect(refusals(name)).toEqual([`libbpf would refuse this object: ${because}`]),
    );

    test.each(['perfnone', 'qmark', 'kfunc', 'ct', 'bundled', 'reuse'])(
      'nothing is said of %s',
      (name) => expect(refusals(name)).toEqual([]),
    );
    test('a symbol table that is gone', () => {
      const elf = read('ct');
      // e_shoff of a file without section headers would not open: the type of the symbol table's
      // header is changed instead.
      const view = new DataView(elf.buffer, elf.byteOffset);
      const [start, size, count] = [
        Number(view.getBigUint64(40, true)),
        view.getUint16(58, true),
        view.getUint16(60, true),
      ];
      for (let i = 0; i < count; i++) {
        const at = start + i * size + 4;
        if ([2, 9].includes(view.getUint32(at, true))) view.setUint32(at, 1, true);
      }
      expect(loadObject('stripped.o', elf).warnings).toContain(
        'libbpf would refuse this object: it has no symbol table',
      );
    });
  },
);

describe('a call of what is not there is named', () => {
  test('a kernel function that is not built (kfunc-not-named)', async () => {
    const { outcome } = await run('kfunc');
    expect(outcome!.fault).toMatchObject({
      kind: 'helper-not-built',
      message: 'instruction 0: kernel function bpf_cast_to_kern_ctx is not built here',
    });
    expect(outcome!.verdict.reason).not.toContain('refuse');
  });
  test('a function that nothing defines', async () => {
    expect((await run('impl', { program: 'p' })).outcome!.fault).toMatchObject({
      kind: 'unknown-helper',
      message:
        'instruction 5: the object does not define bpf_not_declared_helper, ' +
        'and no helper has that name',
    });
    expect((await run('impl', { program: 'ok' })).outcome!.r0).toBe(3n);
  });
});

test('what cilium/ebpf fills in is accepted, with a warning (cilium-map-fixups)', async () => {
  const session = await run('fix1');
  expect(session.outcome!.r0).toBe(3n);
  expect(warningsOf(session)).toEqual([
    'map "events": value_size is 16, taken as 0 as cilium/ebpf (bpf2go) does; ' +
      'loaded by libbpf the kernel refuses the map',
  ]);
});

test('__ulong gives map_extra its number (map-extra-ulong)', async () => {
  const session = await run('ulong');
  expect(session.outcome!.r0).toBe(2n);
  expect(session.object.maps[0].extra).toBe(3);
});

describe('map sizes that user space gives (map-size-zero)', () => {
  const events = (value: number) => [{ map: 'events', field: 'max_entries', value }] as const;
  test('a map that cannot be made stops the program that uses it, and no other', async () => {
    // A ring of a size that no kernel makes.
    const sizes = {
      mapSizes: [{ map: 'events', field: 'key_size', value: 3 }],
    } satisfies Partial<SessionInputs>;
    const used = await run('perfnone', { program: 'p', ...sizes });
    expect(used.problem).toMatch(/^map "events": key_size is 3/);
    const unused = await run('perfnone', { program: 'q', ...sizes });
    expect(unused.problem).toBeUndefined();
    expect(unused.outcome!.r0).toBe(54n);
    expect(unused.machine!.maps[0].problem).toMatch(/key_size is 3/);
  });
  test('what is given counts before what a loader fills in', async () => {
    const session = await run('perfnone', { program: 'p', mapSizes: [...events(9)] });
    expect(session.machine!.maps[0].definition.maxEntries).toBe(9);
    expect(session.maps[0].changes).toEqual([
      { field: 'max_entries', before: 0, now: 9, by: 'you' },
    ]);
  });
});

test('the socket of a packet goes into a sockmap in the right state (sockmap-update)', async () => {
  const own = await run('sockmapupdate', { options: [['socket', 'own']] });
  expect(own.outcome!.r0).toBe(0n);
  expect([...own.machine!.maps[0].entries()]).toHaveLength(0);
  expect((await run('sockmapupdate')).outcome!.r0).toBe(7n);
});
