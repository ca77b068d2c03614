// Several programs of one cgroup, against what the running kernel did (6.18, cgroup-programs.json
// beside the script that asked it).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { finish } from '../session/session.ts';
import { hookRunOf, type ListedProgram } from '../testing/hook-lists.ts';

interface RecordedProgram {
  readonly writes: Readonly<Record<string, number>>;
  readonly code: number;
}

const recorded: {
  readonly kernel: string;
  readonly runs: readonly {
    readonly way: 'ingress' | 'egress';
    readonly programs: readonly RecordedProgram[];
    readonly ran: readonly Readonly<Record<string, number>>[];
    readonly arrived: boolean;
    readonly error: number;
  }[];
} = JSON.parse(
  readFileSync(join(import.meta.dirname, '../testdata/kernel/cgroup-programs.json'), 'utf8'),
);

const OFFSETS: Readonly<Record<string, number>> = { mark: 8, priority: 32, cb0: 48, cb4: 64 };
/** Names of the fields as the table of contexts has them. */
const FIELDS: Readonly<Record<string, string>> = { cb0: 'cb[0]', cb4: 'cb[4]' };

const programOf = ({ writes, code }: RecordedProgram): ListedProgram => ({
  source: [
    ...Object.entries(writes).flatMap(([name, value]) => [
      `r5 = ${value}`,
      `*(u32 *)(r1 + ${OFFSETS[name]}) = r5`,
    ]),
    `r0 = ${code}`,
    'exit',
  ].join('; '),
});

/** Ethernet and IPv4. */
const frame = new Uint8Array(60);
frame.set([0x08, 0x00, 0x45], 12);

test('what was recorded is of the kernel that is imitated', () => {
  expect(recorded.kernel).toMatch(/^6\.18\./);
});

describe(`a packet past programs of a cgroup: ${recorded.runs.length} runs`, () => {
  test.each(recorded.runs.map((run, i) => [i, run] as const))('%i', (_i, run) => {
    const { way: direction, programs, ran, arrived } = run;
    const hook = hookRunOf('cgroup_skb', programs.map(programOf), { direction });
    const [{ steps, result }] = finish(hook.take([frame]));
    const seen = steps.map(({ id, saw }) => ({
      program: Number(id.slice(1)) - 1,
      ...Object.fromEntries(
        Object.keys(OFFSETS).map((name) => [
          name,
          Number(new Map(saw()).get(FIELDS[name] ?? name) ?? 0),
        ]),
      ),
    }));
    expect(seen).toEqual(ran);
    expect(result.action === 'pass').toBe(arrived);
  });
});

test('what is refused is refused by the first that said so, and the others run', () => {
  const codes = [1, 0, 1, 0];
  const programs = codes.map((code) => programOf({ writes: {}, code }));
  const [{ steps, result }] = finish(hookRunOf('cgroup_skb', programs).take([frame]));
  expect(steps.map(({ after }) => after)).toEqual(['asked', 'refuses', 'asked', 'refuses']);
  expect(result).toMatchObject({ name: 'SK_DROP', code: 0, by: 'p2' });
});
