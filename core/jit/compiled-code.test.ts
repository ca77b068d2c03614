// When compiled code runs by itself, and when it asks the interpreter; what it comes to is the
// matter of equal.test.ts.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { type Engine, INTERPRETER } from '../machine/engine.ts';
import type { HelperFunction } from '../machine/machine.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, Session } from '../session/session.ts';
import { MAP_FLAGS, MAP_TYPE_ID } from '../spec/map-types.ts';
import type { HookName } from '../spec/program-types.ts';
import { engineDifferences, runPackets } from '../testing/compare-engines.ts';
import { TCP4 } from '../testing/frames.ts';
import { session } from '../testing/run.ts';
import { objectWithMaps, withMaps } from '../testing/with-maps.ts';
import { JIT } from './jit.ts';

const linear = new WebAssembly.Memory({ initial: 1 });

function sessionOn(engine: Engine, source: string, hook: HookName, packets = 1): Session {
  const packet = { name: 'packet', bytes: TCP4 };
  const made = new Session(
    { ...inputsFor('test', assemble(source)), hook, packets: Array(packets).fill(packet) },
    linear,
  );
  made.runBy(engine);
  return made;
}

/** Runs of the interpreter that compiled code asked for, packet by packet. */
function asked(source: string, hook: HookName, packets = 1): number[] {
  const made = sessionOn(JIT, source, hook, packets);
  made.load();
  made.machine!.recorder = null;
  const runs = vi.spyOn(INTERPRETER, 'run');
  return Array.from({ length: packets }, (_, k) => {
    runs.mockClear();
    made.begin(k);
    for (const _ of made.complete(k, false));
    expect(made.outcome?.fault).toBeUndefined();
    return runs.mock.calls.length;
  });
}

/** What engines leave otherwise. */
const differences = (source: string, hook: HookName = 'ubpf'): string[] =>
  engineDifferences((engine) => runPackets(sessionOn(engine, source, hook, 3)), 1);

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the interpreter is not asked', () => {
  test('by a loop over memory', () => {
    const source =
      'r0 = 0; r3 = r1; r3 += r2; again: r4 = *(u8 *)(r1 + 0); *(u64 *)(r10 - 8) = r4; ' +
      'r0 += r4; r1 += 1; if r1 < r3 goto again; exit';
    expect(asked(source, 'ubpf')).toEqual([0]);
  });
  test('for fields of the context, or by copies of it', () => {
    const source = 'r6 = r1; r0 = *(u32 *)(r1 + 16); r0 = *(u32 *)(r6 + 12); r0 = 2; exit';
    expect(asked(source, 'xdp')).toEqual([0]);
  });
  test('by accesses of one pointer, however far those of another go', () => {
    const source =
      'r3 = *(u8 *)(r1 + 0); r3 = -r3; r3 = -r3; r6 = r10; r6 += r3; *(u64 *)(r6 - 24) = 1; ' +
      'r4 = *(u8 *)(r6 - 16); r5 = *(u8 *)(r1 + 40); r7 = *(u64 *)(r1 + 32); r0 = 1; exit';
    expect(asked(source, 'ubpf')).toEqual([0]);
  });
  test('for functions of the program', () => {
    const source =
      'r6 = 9; again: r1 = r6; call pc square; r6 -= 1; if r6 != 0 goto again; exit; ' +
      'square: r0 = r1; r0 *= r1; exit';
    expect(asked(source, 'ubpf')).toEqual([0]);
  });
});

describe('a lookup', () => {
  const rest = 'call bpf_map_lookup_elem; if r0 == 0 goto out; r0 = *(u64 *)(r0 + 0); out: exit';
  const key = '*(u32 *)(r10 - 4) = 1; r2 = r10; r2 += -4; ';
  const maps = [{ type: MAP_TYPE_ID.hash }, { type: MAP_TYPE_ID.array }];
  const presets = [0, 1].map((map) => ({
    map: `m${map}`,
    key: '01000000',
    value: `${map + 7}`.padStart(2, '0').padEnd(16, '0'),
  }));

  /** r0, and how often the helper was called for it. */
  function lookedUp(source: string): [r0: bigint | undefined, calls: number] {
    const opened = withMaps(source, maps, { presets, engine: JIT });
    const helpers = opened.machine!.helpers as Map<number, HelperFunction>;
    const helper = vi.fn(helpers.get(1)!);
    helpers.set(1, Object.assign(helper, { looksUp: true }));
    opened.begin(0);
    for (const _ of opened.unrecorded(opened.complete(0, false)));
    return [opened.outcome!.r0, helper.mock.calls.length];
  }

  test.each([
    ['hash', 0, 7n],
    ['array', 1, 8n],
  ])('in a map that is known is its own: %s', (_type, map, value) => {
    expect(lookedUp(`${key} ld_pseudo r1, 0x1, ${map}; ${rest}`)).toEqual([value, 0]);
  });
  test('of what is not there gives 0', () => {
    const other = key.replace('= 1', '= 9');
    expect(lookedUp(`${other} ld_pseudo r1, 0x1, 1; ${rest}`)).toEqual([0n, 0]);
  });
  test("in one of two maps is the interpreter's", () => {
    const either = 'ld_pseudo r1, 0x1, 0; if r10 != 0 goto there; ld_pseudo r1, 0x1, 1; there: ';
    expect(lookedUp(`${key} ${either} ${rest}`)).toEqual([7n, 1]);
  });
  test('with a key that cannot be read is a fault', () => {
    const [r0, calls] = lookedUp(`r2 = r10; ld_pseudo r1, 0x1, 0; ${rest}`);
    expect([r0, calls]).toEqual([undefined, 1]);
  });
});

test('an access to a structure that was not seen before is asked for once', () => {
  const source =
    '*(u64 *)(r10 - 8) = r1; r2 = *(u64 *)(r10 - 8); r0 = *(u32 *)(r2 + 12); r0 = 2; exit';
  const [first, ...others] = asked(source, 'xdp', 3);
  expect(first).toBeGreaterThan(0);
  expect(others).toEqual([0, 0]);
});

describe('both engines are equal', () => {
  test('in loops with two entries', () => {
    const source =
      'r0 = 0; r3 = 0; if r2 > 20 goto second; first: r0 += 1; second: r0 += 2; r3 += 1; ' +
      'if r3 < 50 goto first; if r3 < 90 goto second; exit';
    expect(differences(source)).toEqual([]);
  });
  test('in code of many units', () => {
    const piece = 'r0 += 1; if r0 s> 20000 goto out; ';
    const source = `r0 = 0; again: ${piece.repeat(3000)}goto again; out: exit`;
    expect(differences(source)).toEqual([]);
  });
  test.each([
    ['in front of it', 'r1 += -1; r0 = *(u8 *)(r1 + 0); exit'],
    ['over its end', 'r1 += r2; r0 = *(u64 *)(r1 - 7); exit'],
    ['at its last byte', 'r1 += r2; r0 = *(u8 *)(r1 - 1); exit'],
    ['behind what was proven', 'r1 += r2; r0 = *(u8 *)(r1 - 1); r0 = *(u8 *)(r1 + 0); exit'],
    ['by an offset that leads back into it', 'r1 += -8; r0 = *(u64 *)(r1 + 8); exit'],
    ['by a number', 'r1 = -1; r0 = *(u8 *)(r1 + 0); exit'],
    ['by NULL', 'r1 = 0; r0 = *(u64 *)(r1 + 0); exit'],
    ['below the stack', 'r0 = *(u64 *)(r10 - 520); exit'],
    ['above the stack', '*(u8 *)(r10 + 0) = 1; exit'],
  ])('in an access to a region %s', (_where, source) => {
    expect(differences(source)).toEqual([]);
  });
  /** Of the packet, or a number: the low 32 bits are 5, others are set above them. */
  const above = ['r3 = *(u64 *)(r1 + 0); r3 <<= 32; r3 |= 5', 'r3 = 0x100000005 ll'];
  test.each([
    ['a number', 'if w3 > 7'],
    ['a register', 'r4 = 7; if w3 > w4'],
    ['a register on the left', 'r4 = 7; if w4 < w3'],
    ['an equal one', 'r4 = 5; if w3 != w4'],
  ])('behind 32 bits of %s were compared, which tells nothing of those above', (_how, jump) => {
    for (const made of above)
      expect(
        differences(
          `*(u64 *)(r10 - 8) = 9; *(u64 *)(r10 - 16) = 9; r6 = r10; r6 += -16; ${made}; ` +
            `${jump} goto out; r6 += r3; r0 = *(u8 *)(r6 + 0); exit; out: r0 = 99; exit`,
        ),
      ).toEqual([]);
  });
  test('at an instruction that is defined, and not built', () => {
    expect(differences('r0 = 1; r0 = addr_space_cast(r1, 0x0, 0x1); exit')).toEqual([]);
  });
  test('where a program writes r10', () => {
    expect(differences('r10 += -8; *(u64 *)(r10 - 8) = 1; r0 = *(u64 *)(r10 - 8); exit')).toEqual(
      [],
    );
  });
});

test.each([
  ['in front of the end', 'r0 = 1; r0 += 2; exit'],
  ['in a function', 'r0 = 1; call f; r0 += 1; exit; f: r0 = 7; exit'],
  ['at a helper', 'r0 = 1; call 7; r6 = r0; call 7; exit'],
  ['at a jump', 'r0 = 1; if r0 == 1 goto next; r0 = 3; next: r0 += 1; exit'],
])('a limit of steps is kept to the step, wherever it is: %s', (_where, source) => {
  const outcome = (maxSteps: number, engine: Engine) => {
    const made = session(source, { hook: 'xdp', packet: '00', maxSteps, engine });
    const { steps, fault } = finish(made.runFrame(0, Uint8Array.of(0)));
    return [maxSteps, steps, fault?.kind, fault?.pc];
  };
  for (let most = 1; most < 10; most++)
    expect(outcome(most, JIT)).toEqual(outcome(most, INTERPRETER));
});

test('while a run is traced the interpreter does it', () => {
  const opened = session('r0 = 1; r0 += 1; exit', { engine: JIT });
  const machine = opened.machine!;
  const runs = vi.spyOn(INTERPRETER, 'run');
  const told = () => undefined;
  JIT.run(machine, 2, null);
  expect(runs).not.toHaveBeenCalledWith(machine, 2, null);
  finish(opened.go({ how: 'reset' }));
  machine.recorder!.provenance = {
    read: told,
    wrote: told,
    moved: told,
    cleared: told,
    field: told,
  };
  JIT.run(machine, 2, null);
  expect(runs).toHaveBeenCalledWith(machine, 2, null);
});

describe('what is remembered of lookups', () => {
  const maps = [MAP_TYPE_ID.hash, MAP_TYPE_ID.array].map((type) => ({ type }));
  const lookUp = (map: number): string =>
    `*(u32 *)(r10 - 4) = 1; r2 = r10; r2 += -4; ld_pseudo r1, 0x1, ${map}; ` +
    'call bpf_map_lookup_elem; if r0 == 0 goto out; r0 = *(u64 *)(r0 + 0); out: exit';

  /** A session on compiled code with room for it, in memory that others use too. */
  function opened(count: number, map: number, value: string | undefined): Session {
    const bytes = assemble(lookUp(map), { helper: () => 1 });
    const preset = { map: `m${map}`, key: '01000000', value: value?.padEnd(16, '0') };
    const made = new Session(
      {
        ...inputsFor('test', bytes),
        hook: 'xdp',
        packets: [{ name: 'packet', bytes: TCP4 }],
        maps: value === undefined ? [] : [preset as { map: string; key: string; value: string }],
      },
      linear,
      objectWithMaps(bytes, Array(count).fill(maps).flat()),
    );
    made.runBy(JIT);
    made.load(TCP4.length);
    made.machine!.recorder = null;
    return made;
  }

  function runs(made: Session, count: number): (bigint | undefined)[] {
    return Array.from({ length: count }, () => {
      made.begin(0);
      for (const _ of made.complete(0, false));
      return made.outcome!.r0;
    });
  }

  test.each([
    ['hash', 0],
    ['array', 1],
  ])('is forgotten where another session has used the memory: %s', (_type, map) => {
    const first = opened(1, map, '07');
    expect(runs(first, 2)).toEqual([7n, 7n]);
    const second = opened(2, map + 2, undefined);
    expect(runs(second, 3)).toEqual([0n, 0n, 0n]);
    expect(runs(first, 1)).toEqual([7n]);
  });

  /** The sum of what is found under keys, one after the other, ten times. */
  function summed(map: number, keys: readonly number[], between = '') {
    const key = (number: number) => `*(u32 *)(r10 - 4) = ${number}; r2 = r10; r2 += -4`;
    const call = (helper: string) => `ld_pseudo r1, 0x1, ${map}; call ${helper}`;
    const add = (number: number) =>
      `${key(number)}; ${call('bpf_map_lookup_elem')}; ` +
      'if r0 == 0 goto +2; r0 = *(u64 *)(r0 + 0); r6 += r0';
    const put =
      `${key(1)}; ${call('bpf_map_delete_elem')}; *(u64 *)(r10 - 16) = r7; ` +
      `${key(1)}; r3 = r10; r3 += -16; r4 = 0; ${call('bpf_map_update_elem')}`;
    const made = withMaps(
      `r6 = 0; r7 = 10; again: ${keys.map(add).join('; ')}; ${between && put}
      r7 -= 1; if r7 != 0 goto again; r0 = r6; exit`,
      maps,
      {
        presets: [1, 2].map((n) => ({
          map: `m${map}`,
          key: `0${n}000000`,
          value: `0${n}`.padEnd(16, '0'),
        })),
      },
    );
    made.runBy(JIT);
    made.load(TCP4.length);
    made.machine!.recorder = null;
    const asked = vi.spyOn(made.machine!.maps[map], 'lookup');
    const [sum] = runs(made, 1);
    return { sum, asked: asked.mock.calls.length };
  }

  test.each([
    ['hash', 0],
    ['array', 1],
  ])('so that a map is asked once for a key: %s', (_type, map) => {
    expect(summed(map, [1])).toEqual({ sum: 10n, asked: 1 });
    expect(summed(map, [1, 2, 1])).toEqual({ sum: 40n, asked: 2 });
  });
  test('a hash once for a key that it lacks, an array never for one behind its last', () => {
    expect(summed(0, [1, 3])).toEqual({ sum: 10n, asked: 2 });
    expect(summed(1, [1, 4])).toEqual({ sum: 10n, asked: 1 });
  });
  test('and is asked again where entries have moved', () =>
    expect(summed(0, [1], 'put')).toEqual({
      sum: 1n + 10n + 9n + 8n + 7n + 6n + 5n + 4n + 3n + 2n,
      asked: 10,
    }));
});

test.each([
  ['above the stack', 'r6 = r10; if r2 > 20 goto near; near: r6 += 8', 4],
  ['above it on one way', 'r6 = r10; if r2 < 20 goto near; r6 += 8; near: r0 = 0', 4],
  [
    'behind the packet on one way',
    'r6 = r1; r6 += r2; if r2 < 20 goto near; r6 += 8; near: r0 = 0',
    4,
  ],
])('a pointer %s is looked at, although an access goes below it', (_where, moved, less) => {
  const source = `${moved}; r4 = *(u8 *)(r6 - ${less}); r0 = 1; exit`;
  expect(differences(source)).toEqual([]);
  expect(runPackets(sessionOn(JIT, source, 'ubpf'))?.status).toBe('faulted');
});

describe('what one access by a pointer may do says nothing of another by it', () => {
  const END = 'r6 = r1; r6 += r2; r6 -= 1';
  /** A pointer that may be into either. */
  const EITHER = 'if r2 > 20 goto +1; r6 = r10';
  test.each<[string, string]>([
    ['a wider read', `${END}; ${EITHER}; r4 = *(u8 *)(r6 + 0); r5 = *(u64 *)(r6 + 0)`],
    ['one a byte wider', `${END}; ${EITHER}; r4 = *(u8 *)(r6 + 0); r5 = *(u16 *)(r6 + 0)`],
    ['a wider write', `${END}; ${EITHER}; *(u8 *)(r6 + 0) = 1; *(u32 *)(r6 + 0) = 1`],
    ['the same behind it', `${END}; ${EITHER}; r4 = *(u8 *)(r6 + 0); r5 = *(u8 *)(r6 + 1)`],
  ])('%s', (_title, source) => {
    expect(differences(`${source}; r0 = 1; exit`)).toEqual([]);
    const run = runPackets(sessionOn(JIT, `${source}; r0 = 1; exit`, 'ubpf'));
    expect(run?.fault?.kind).toBe('out-of-bounds');
  });
  test('a write of what may be read', () => {
    const find = (map: number) => `ld_pseudo r1, 0x1, ${map}; call bpf_map_lookup_elem`;
    const source = `*(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; r6 = *(u32 *)(r1 + 0)
      r6 = *(u8 *)(r6 + 0); if r6 == 1 goto other; ${find(0)}; goto found; other: ${find(1)}
      found: if r0 == 0 goto out; r4 = *(u32 *)(r0 + 0); *(u32 *)(r0 + 0) = r4; out: r0 = 2; exit`;
    const kindOf = (first: number) => {
      const made = withMaps(source, [{}, { flags: MAP_FLAGS.BPF_F_RDONLY_PROG }], {
        packet: `0${first}`.padEnd(40, '0'),
      });
      made.runBy(JIT);
      made.load(TCP4.length);
      made.machine!.recorder = null;
      made.begin(0);
      for (const _ of made.complete(0, false));
      return made.outcome!.fault?.kind;
    };
    expect([kindOf(0), kindOf(1)]).toEqual([undefined, 'not-writable']);
  });
});

test('a jump far out of the program faults at the same place', () => {
  for (const distance of [-0x4b7aaf11, 0x7fff_fff0, -0x1000_0000, 0x1000_0000, 1000]) {
    const code = assemble('r0 = 0; gotol +1; r0 = 1; exit');
    new DataView(code.buffer, code.byteOffset).setInt32(12, distance, true);
    const run = (engine: Engine) => {
      const packets = [{ name: 'packet', bytes: TCP4 }];
      const made = new Session({ ...inputsFor('test', code), hook: 'ubpf', packets }, linear);
      made.runBy(engine);
      return runPackets(made);
    };
    expect(run(JIT)?.fault?.kind).toBe('out-of-program');
    expect(engineDifferences(run, 1)).toEqual([]);
  }
});
