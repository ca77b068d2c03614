// Several tc programs on one device, against what the running kernel did (6.18, hook-chains.json
// beside the script that asked it).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import { ENGINES } from '../jit/engines.ts';
import { mapContents } from '../session/outcome.ts';
import { finish } from '../session/session.ts';
import type { TcPlace } from '../spec/hook-lists.ts';
import { hookRunOf, type ListedProgram } from '../testing/hook-lists.ts';
import { tcxAttached } from './tc-programs.ts';

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
  readonly handed: {
    readonly packet: string;
    readonly rows: readonly (readonly [
      names: readonly string[],
      seen: Readonly<Record<string, number>>,
    ])[];
  };
  readonly redirects: readonly (readonly [
    programs: readonly (readonly [aim: string | null, code: number])[],
    left: string | null,
  ])[];
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

function programOf({ writes, byte, code }: RecordedProgram, where: TcPlace): ListedProgram {
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
  return { source: lines.join('; '), where };
}

const frameOfTest = new Uint8Array(60);

describe(`a packet past programs of tcx and cls_bpf: ${recorded.runs.length} runs`, () => {
  const frame = frameOfTest.slice();
  frame.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5, 0x11]);
  describe.each(ENGINES.map((engine) => [engine.name, engine] as const))('%s', (_name, engine) => {
    test.each(recorded.runs.map((run, i) => [i, run] as const))('%i', (_i, run) => {
      const programs = [
        ...run.tcx.map((one) => programOf(one, 'tcx')),
        ...run.legacy.map((one) => programOf(one, 'cls_bpf')),
      ];
      const hook = hookRunOf('tc', programs, { engine });
      // The first packet is never run by compiled code alone.
      const [, { steps, result }] = finish(hook.take([frame, frame]));
      const ran = steps.map(({ id, given, saw }) => ({
        program: Number(id.slice(1)) - 1,
        ...Object.fromEntries(
          [...Object.keys(OFFSETS), 'queue_mapping'].map((name) => [
            name,
            Number(new Map(saw()).get(FIELDS[name] ?? name) ?? 0),
          ]),
        ),
        byte: given.bytes[BYTE],
      }));
      expect(ran).toEqual(run.ran);
      expect(result.action === 'pass' ? result.packetOut[BYTE] : null).toBe(run.delivered);
    });
  });
});

const HANDED = new Uint8Array(
  readFileSync(join(import.meta.dirname, '../testdata/hook-lists/tc-handed.o')),
);

const { packet, rows } = recorded.handed;

describe(`what an skb is beside its bytes goes on: ${rows.length} lists`, () => {
  const frame = fromHex(packet)!;
  test.each(rows.map(([names, seen]) => [names.join(', ') || 'none', names, seen] as const))(
    '%s',
    (_title, names, seen) => {
      const programs = [...names, 'see'].map(
        (program): ListedProgram => ({ source: HANDED, program }),
      );
      const run = hookRunOf('tc', programs);
      finish(run.take([frame]));
      const { machine } = run.machines[names.length].session;
      const index = machine.maps.findIndex(({ definition }) => definition.name === 'seen');
      const [{ value }] = mapContents(machine, index).entries;
      const words = new DataView(value.buffer, value.byteOffset, value.length);
      expect(
        Object.fromEntries(
          Object.keys(seen).map((name, i) => [name, words.getUint32(4 * i, true)]),
        ),
      ).toEqual(seen);
    },
  );
});

const { redirects } = recorded;

test(`TC_ACT_REDIRECT leads where bpf_redirect pointed last: ${redirects.length} lists`, () => {
  const DEVICES = ['', '', 'one', 'two'];
  for (const [programs, left] of redirects) {
    const list = programs.map(([aim, code]): ListedProgram => {
      const call = aim === null ? '' : `r1 = ${DEVICES.indexOf(aim)}; r2 = 0; call 23; `;
      return { source: `${call}r0 = ${code}; exit` };
    });
    const [{ result }] = finish(hookRunOf('tc', list).take([frameOfTest]));
    const device = result.action === 'redirect' && result.handed?.redirect?.ifindex;
    expect([programs, device ? DEVICES[device] : null]).toEqual([programs, left]);
  }
});
