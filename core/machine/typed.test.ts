import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { CONTEXTS, contextFields } from '../spec/contexts.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import { BPF_SOCK, BPF_TCP_SOCK, FULL_SOCKET_FIELDS } from '../spec/sockets.ts';
import type { Machine } from './machine.ts';
import { TypedStructure } from './typed.ts';

interface Access {
  readonly read: string;
  readonly write: string;
}
const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, '../testdata/kernel/context-access.json'), 'utf8'),
) as {
  kernel: string;
  access: Record<HookName, Access>;
  sockets: Record<'sock_common' | 'sock' | 'tcp_sock', string>;
  lookup: Record<string, string>;
};
const hooks = Object.keys(recorded.access) as HookName[];
const SIZES = [1, 2, 4, 8];

/** What a context needs of a machine to answer whether an access is allowed. */
const bare = {
  memory: { littleEndian: true },
  packet: { region: 1, data: 0, end: 0, linear: 0, meta: 0 },
} as Machine;

const contextOf = (hook: HookName): TypedStructure =>
  new TypedStructure(bare, {
    fields: contextFields(programType(hook).context!),
    hook,
    values: new Map(),
  });

/**
 * As context-access.json has it: a digit for each offset, bit n set where 2^n bytes may be
 * accessed.
 */
function digits(
  structure: TypedStructure,
  length: number,
  allowed: (structure: TypedStructure, offset: number, size: number) => boolean,
) {
  return Array.from({ length }, (_, offset) =>
    SIZES.reduce(
      (mask, size, bit) => mask | (allowed(structure, offset, size) ? 1 << bit : 0),
      0,
    ).toString(16),
  ).join('');
}

const reads = (structure: TypedStructure, offset: number, size: number): boolean =>
  typeof structure.load(offset, size) === 'bigint';

const writes = (structure: TypedStructure, offset: number, size: number): boolean =>
  structure.store(offset, size, 0n) === undefined;

test.each(hooks)(
  `%s: a context field is read and written as Linux ${recorded.kernel} allows, ` +
    `at every offset and width`,
  (hook) => {
    const { read, write } = recorded.access[hook];
    expect(digits(contextOf(hook), read.length, reads)).toBe(read);
    expect(digits(contextOf(hook), write.length, writes)).toBe(write);
  },
);

test.each([
  [
    'a socket before bpf_sk_fullsock',
    'sock_common',
    BPF_SOCK.fields.filter(({ name }) => !FULL_SOCKET_FIELDS.has(name)),
  ],
  ['a full socket', 'sock', BPF_SOCK.fields],
  ['a TCP socket', 'tcp_sock', BPF_TCP_SOCK.fields],
] as const)(
  `%s is read as Linux ${recorded.kernel} allows, at every offset and width`,
  (_title, name, fields) => {
    const digitsOfKernel = recorded.sockets[name];
    const structure = new TypedStructure(bare, { fields, hook: 'tc', values: new Map() });
    expect(digits(structure, digitsOfKernel.length, reads)).toBe(digitsOfKernel);
  },
);

test('every field of every context is in the range that was asked', () => {
  for (const hook of hooks)
    expect(recorded.access[hook].read.length).toBeGreaterThan(
      CONTEXTS[programType(hook).context!].size,
    );
});

/** TCP from 1.2.3.4 port 0x1f5a to 5.6.7.8 port 8080, as record-rules.ts asked. */
const LOOKUP: [string, bigint][] = [
  ['family', 2n],
  ['protocol', 6n],
  ['remote_ip4', 0x04030201n],
  ['remote_port', 0x5a1fn],
  ['local_ip4', 0x08070605n],
  ['local_port', 8080n],
];

test(`every load of a bpf_sk_lookup gives what Linux ${recorded.kernel} gives`, () => {
  const context = new TypedStructure(bare, {
    fields: contextFields('bpf_sk_lookup'),
    hook: 'sk_lookup',
    values: new Map(LOOKUP),
  });
  const ours = Object.keys(recorded.lookup).map((place) => {
    const [offset, size] = place.split(':').map(Number);
    const word = new DataView(new ArrayBuffer(8));
    word.setBigUint64(0, context.load(offset, size) as bigint, true);
    return [place, toHex(new Uint8Array(word.buffer))];
  });
  expect(Object.fromEntries(ours)).toEqual(recorded.lookup);
  expect(ours.length).toBeGreaterThan(90);
});

test.each([true, false])(
  'parts of a field lie as the machine has them, little endian: %s',
  (littleEndian) => {
    const machine = { ...bare, memory: { ...bare.memory, littleEndian } } as Machine;
    const context = new TypedStructure(machine, {
      fields: contextFields('__sk_buff'),
      hook: 'tc',
      values: new Map([['mark', 0x1122_3344n]]),
    });
    const MARK = 8;
    const bytes = [0, 1, 2, 3].map((at) => context.load(MARK + at, 1));
    const order = littleEndian ? [0x44n, 0x33n, 0x22n, 0x11n] : [0x11n, 0x22n, 0x33n, 0x44n];
    expect(bytes).toEqual(order);
    expect([context.load(MARK, 2), context.load(MARK + 2, 2)]).toEqual(
      littleEndian ? [0x3344n, 0x1122n] : [0x1122n, 0x3344n],
    );
    expect(context.load(MARK, 4)).toBe(0x1122_3344n);
  },
);
