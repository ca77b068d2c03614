// Several XDP programs on one device, against libxdp's dispatcher as the running kernel ran it
// (xdp-dispatcher.json, beside the script that asked).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import { ENGINES } from '../jit/engines.ts';
import { finish } from '../session/session.ts';
import { hookRunOf, type ListedProgram } from '../testing/hook-lists.ts';
import { goesOnAfter } from './xdp-programs.ts';

const recorded: {
  readonly kernel: string;
  readonly runs: readonly (readonly [codes: number[], actions: number[], returned: number])[];
  readonly handed: readonly (readonly [
    names: string[],
    actions: number[],
    packet: string,
    returned: number,
    left: string,
  ])[];
} = JSON.parse(
  readFileSync(join(import.meta.dirname, '../testdata/kernel/xdp-dispatcher.json'), 'utf8'),
);

const XDP_LIST = new Uint8Array(
  readFileSync(join(import.meta.dirname, '../testdata/hook-lists/xdp-list.o')),
);

const codesOf = (bits: number): number[] =>
  Array.from({ length: 32 }, (_, code) => code).filter((code) => ((bits >>> code) & 1) === 1);

test(`what the dispatcher returns: ${recorded.runs.length} runs of libxdp's own`, () => {
  expect(recorded.kernel).toMatch(/^6\.18\./);
  for (const [codes, actions, returned] of recorded.runs) {
    const programs = codes.map(
      (code, i): ListedProgram => ({
        source: `r0 = ${code}; exit`,
        actions: codesOf(actions[i]),
      }),
    );
    const [{ result }] = finish(hookRunOf('xdp', programs).take([new Uint8Array(64)]));
    expect([codes, actions, result.code]).toEqual([codes, actions, returned]);
  }
});

describe.each(ENGINES.map((engine) => [engine.name, engine] as const))(
  'metadata and room in front of the packet go on to the next program, %s',
  (_name, engine) => {
    test(`${recorded.handed.length} runs of libxdp's dispatcher`, () => {
      for (const [names, actions, packet, returned, left] of recorded.handed) {
        const programs = names.map(
          (program, i): ListedProgram => ({
            ...{ source: XDP_LIST, program, priority: i },
            actions: codesOf(actions[i]),
          }),
        );
        const frame = fromHex(packet)!;
        // The first packet is never run by compiled code alone.
        const [, { result }] = finish(hookRunOf('xdp', programs, { engine }).take([frame, frame]));
        const { metadata = '' } = result.handed?.front ?? {};
        // The kernel gives back what lies from the metadata on.
        const out = metadata + toHex(result.packetOut);
        expect([names, result.code, out]).toEqual([names, returned, left]);
      }
    });
  },
);

test('the lowest priority is asked first, and the packet goes on as it was left', () => {
  const writes = (byte: number) =>
    'r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = r2; r4 += 1; if r4 > r3 goto out; ' +
    `r5 = *(u8 *)(r2 + 0); r5 *= 10; r5 += ${byte}; *(u8 *)(r2 + 0) = r5; out: r0 = 2; exit`;
  const programs: ListedProgram[] = [
    { source: writes(1) },
    { source: writes(2), priority: 10 },
    { source: writes(3) },
  ];
  const [{ steps, result }] = finish(hookRunOf('xdp', programs).take([new Uint8Array(64)]));
  expect(steps.map(({ id }) => id)).toEqual(['p2', 'p1', 'p3']);
  expect([result.code, result.packetOut[0]]).toEqual([2, 213]);
});

test('a code that is no action is shifted as the dispatcher does', () => {
  expect([2, 66, 34, 98].map((code) => goesOnAfter(code, 1 << 2))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
