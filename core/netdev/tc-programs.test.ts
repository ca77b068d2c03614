// Several tc programs on one device, against what the running kernel did (6.18, hook-chains.json
// beside the script that asked it).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, runnableSession, Session } from '../session/session.ts';
import { type TcProgram, tcxAttached, throughTcPrograms } from './tc-programs.ts';

interface RecordedProgram {
  readonly writes: Readonly<Record<string, number>>;
  readonly byte: number | null;
  readonly code: number;
}

interface Recorded {
  readonly kernel: string;
  readonly orders: readonly {
    readonly program: number;
    readonly how: 'append' | 'first' | 'last' | 'before' | 'after' | 'replace';
    readonly other?: number;
    readonly errno: number;
    readonly order: readonly number[];
  }[][];
  readonly runs: readonly {
    readonly tcx: readonly RecordedProgram[];
    readonly legacy: readonly RecordedProgram[];
    readonly ran: readonly Readonly<Record<string, number>>[];
    readonly delivered: number | null;
  }[];
}

const recorded: Recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, '../testdata/kernel/hook-chains.json'), 'utf8'),
);
const ERRNO = { ENOENT: 2, EEXIST: 17, ERANGE: 34 } as const;

test(`the order of tcx: ${recorded.orders.length} lists of attachments`, () => {
  expect(recorded.kernel).toMatch(/^6\.18\./);
  for (const steps of recorded.orders) {
    let order: readonly number[] = [];
    for (const { program, how, other = -1, errno, order: after } of steps) {
      const isBeside = how === 'before' || how === 'after' || how === 'replace';
      const answer = tcxAttached(order, program, isBeside ? { how, other } : { how });
      if (typeof answer !== 'string') order = answer;
      expect([typeof answer === 'string' ? ERRNO[answer] : 0, order]).toEqual([errno, after]);
    }
  }
});

test('tcx has room for 64 programs', () => {
  const full = Array.from({ length: 64 }, (_, i) => i);
  expect(tcxAttached(full, 64, { how: 'append' })).toBe('ERANGE');
  expect(tcxAttached(full, 64, { how: 'before', other: 3 })).toBe('ERANGE');
  expect(tcxAttached(full, 64, { how: 'replace', other: 3 })).toHaveLength(64);
});

const OFFSETS: Readonly<Record<string, number>> = {
  priority: 32,
  mark: 8,
  tc_index: 44,
  cb0: 48,
  cb4: 64,
  tc_classid: 72,
};
const BYTE = 14;
/** Names of the fields as the table of contexts has them. */
const FIELDS: Readonly<Record<string, string>> = { cb0: 'cb[0]', cb4: 'cb[4]' };

function programOf({ writes, byte, code }: RecordedProgram, where: TcProgram['where']): TcProgram {
  const lines = [
    'r2 = *(u32 *)(r1 + 76)',
    'r3 = *(u32 *)(r1 + 80)',
    'r4 = r2',
    `r4 += ${BYTE + 1}`,
    'if r4 > r3 goto out',
    ...(byte === null ? [] : [`*(u8 *)(r2 + ${BYTE}) = ${byte}`]),
    ...Object.entries(writes).flatMap(([name, value]) => [
      `r5 = ${value}`,
      `*(u32 *)(r1 + ${OFFSETS[name]}) = r5`,
    ]),
    `out: r0 = ${code}`,
    'exit',
  ];
  const inputs = inputsFor('test', assemble(lines.join('; ')));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const session = new Session({ ...inputs, hook: 'tc' }, memory);
  session.load(64);
  return { session: runnableSession(session), where };
}

describe(`a packet past programs of tcx and cls_bpf: ${recorded.runs.length} runs`, () => {
  const frame = new Uint8Array(60);
  frame.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5, 0x11]);
  test.each(recorded.runs.map((run, i) => [i, run] as const))('%i', (_i, run) => {
    const programs = [
      ...run.tcx.map((one) => programOf(one, 'tcx')),
      ...run.legacy.map((one) => programOf(one, 'cls_bpf')),
    ];
    const { steps, action, packetOut } = finish(throughTcPrograms(programs, 0, frame));
    // The last packet that a program was given is behind what the one in front of it wrote.
    const bytes = [frame[BYTE], ...steps.map(({ outcome }) => outcome.packetOut[BYTE])];
    const ran = steps.map(({ program, saw }, at) => ({
      program,
      ...Object.fromEntries(
        [...Object.keys(OFFSETS), 'queue_mapping'].map((name) => [
          name,
          Number(saw.get(FIELDS[name] ?? name)),
        ]),
      ),
      byte: bytes[at],
    }));
    expect(ran).toEqual(run.ran);
    expect(action === 'pass' ? packetOut[BYTE] : null).toBe(run.delivered);
  });
});
