// Several XDP programs on one device, against libxdp's dispatcher as the running kernel ran it
// (xdp-dispatcher.json, beside the script that asked).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, runnableSession, Session } from '../session/session.ts';
import {
  goesOnAfter,
  MOST_XDP,
  throughXdpPrograms,
  USUAL_ACTIONS,
  USUAL_PRIORITY,
  type XdpProgram,
} from './xdp-programs.ts';

const recorded: {
  readonly kernel: string;
  readonly runs: readonly (readonly [codes: number[], actions: number[], returned: number])[];
} = JSON.parse(
  readFileSync(join(import.meta.dirname, '../testdata/kernel/xdp-dispatcher.json'), 'utf8'),
);

const programOf = (source: string, told: Partial<XdpProgram> = {}): XdpProgram => {
  const inputs = inputsFor('test', assemble(source));
  const session = new Session({ ...inputs, hook: 'xdp' }, new WebAssembly.Memory({ initial: 1 }));
  session.load(64);
  return {
    session: runnableSession(session),
    priority: USUAL_PRIORITY,
    chainCallActions: USUAL_ACTIONS,
    ...told,
  };
};
/** One for each code: a session runs one packet after the other. */
const returning = new Map<number, XdpProgram>();
function programReturning(code: number): XdpProgram {
  const known = returning.get(code) ?? programOf(`r0 = ${code}; exit`);
  returning.set(code, known);
  return known;
}
const codesOf = (bits: number): number[] =>
  Array.from({ length: 32 }, (_, code) => code).filter((code) => ((bits >>> code) & 1) === 1);

test(`what the dispatcher returns: ${recorded.runs.length} runs of libxdp's own`, () => {
  expect(recorded.kernel).toMatch(/^6\.18\./);
  for (const [codes, actions, returned] of recorded.runs) {
    const programs = codes.map((code, i) => ({
      ...programReturning(code),
      chainCallActions: codesOf(actions[i]),
    }));
    const { code } = finish(throughXdpPrograms(programs, 0, new Uint8Array(64)));
    expect([codes, actions, code]).toEqual([codes, actions, returned]);
  }
});

test('the lowest priority is asked first, and the packet goes on as it was left', () => {
  const writes = (byte: number) =>
    'r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = r2; r4 += 1; if r4 > r3 goto out; ' +
    `r5 = *(u8 *)(r2 + 0); r5 *= 10; r5 += ${byte}; *(u8 *)(r2 + 0) = r5; out: r0 = 2; exit`;
  const programs = [
    programOf(writes(1)),
    programOf(writes(2), { priority: 10 }),
    programOf(writes(3)),
  ];
  const { steps, code, packetOut } = finish(throughXdpPrograms(programs, 0, new Uint8Array(64)));
  expect(steps.map(({ program }) => program)).toEqual([1, 0, 2]);
  expect([code, packetOut[0]]).toEqual([2, 213]);
});

test('a code that is no action is shifted as the dispatcher does', () => {
  expect([2, 66, 34, 98].map((code) => goesOnAfter(code, 1 << 2))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('eleven programs are one more than the dispatcher has room for', () => {
  const programs = Array.from({ length: MOST_XDP + 1 }, () => programReturning(2));
  expect(() => finish(throughXdpPrograms(programs, 0, new Uint8Array(64)))).toThrow('10 programs');
});
