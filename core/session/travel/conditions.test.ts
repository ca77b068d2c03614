import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromHex } from '../../bytes/hex.ts';
import { InputError } from '../../errors.ts';
import { session as assembled, openSession } from '../../testing/run.ts';
import { checkExpressions, evaluate } from '../../view/variables-view.ts';
import { inputsFor } from '../inputs.ts';
import { finish, type Session } from '../session.ts';
import { countBreakpoints } from './breakpoint-counts.ts';
import { checkRule } from './breakpoints.ts';

const QUERY =
  '02000000000202000000000108004500003d123400004011547a0a0000010a00000214e9003500' +
  '2976e512340100000100000000000003777777076578616d706c65036f72670000010001';

function opened(object: string, compiler: number, packet: string): Session {
  const name = `${object}-clang${compiler}.o`;
  const bytes = new Uint8Array(readFileSync(`core/testdata/why/${name}`));
  return openSession({
    ...inputsFor(name, bytes),
    packets: [{ name: 'packet', bytes: fromHex(packet)! }],
  });
}

/** Slot of the first call of bpf_map_lookup_elem. */
const lookupOf = ({ machine }: Session): number =>
  machine!.code.instructions.findIndex(
    (one) => one?.row?.kind === 'call' && one.row.op === 'call' && one.slot.imm === 1,
  );

function withCondition(before: Session, condition: string): Session {
  const pc = lookupOf(before);
  return openSession({ ...before.inputs, breakpoints: [pc], rules: [{ pc, condition }] });
}

test(
  'condition-that-has-no-value: it is told apart from one that does not hold, ' +
    'in the count and where it stops',
  () => {
    const session = withCondition(opened('names', 19, QUERY), 'qe == 16');
    const { counts } = finish(countBreakpoints(session));
    expect(counts).toMatchObject([{ reached: 1, held: 0, untold: 1, why: 'qe has no value here' }]);
    finish(session.go({ how: 'run' }));
    expect(session.stopped).toMatch(
      /^breakpoint at instruction \d+.*: its condition could not be told, qe has no value here$/,
    );
  },
);

test('a condition that does not hold is not one that cannot be told', () => {
  const session = withCondition(opened('names', 19, QUERY), 'inited == 2');
  expect(finish(countBreakpoints(session)).counts).toEqual([
    { pc: lookupOf(session), reached: 1, held: 0 },
  ]);
  finish(session.go({ how: 'run' }));
  expect(session.stopped).toBe('end of the program');
});

test.each([19, 14])(
  'a name that is nowhere in the source is refused when it is typed: clang %i',
  (compiler) => {
    const { object } = opened('names', compiler, QUERY);
    const refuses = (condition: string) => () => checkRule({ pc: 0, condition }, object);
    expect(refuses('no_such_var == 1')).toThrow(
      'there is no "no_such_var" in the source: no variable, and no enumerator',
    );
    expect(() => checkExpressions(['qe + no_such_var'], object)).toThrow(InputError);
    expect(refuses('qe == 16 && inited')).not.toThrow();
    expect(refuses('r1 == 5 || packet[12:2] == 0x800 && step > 3')).not.toThrow();
  },
);

test('an object without debug information says that it names no variables', () => {
  const { object } = assembled('r0 = 0; exit');
  expect(() => checkRule({ pc: 0, condition: 'x' }, object)).toThrow(
    'there is no "x": the object has no debug information that names variables',
  );
});

const UDP =
  '02000000000202000000000108004500003112340000401154860a0000010a00000203e8003500' +
  '1dd6e868656c6c6f20776f726c642c20616c6c2077656c6c';

test.each([14, 19])(
  'enumerators are numbers in expressions, with their sign: clang %i',
  (compiler) => {
    const session = opened('signs', compiler, UDP);
    const { object } = session;
    expect(() => checkRule({ pc: 0, condition: 'GREEN == 5' }, object)).not.toThrow();
    const numberOf = (text: string) => JSON.stringify(evaluate(session, 0, text));
    expect(numberOf('RED + 0')).toContain('-3');
    expect(numberOf('GREEN == 5')).toContain('1');
  },
);

test.each([14, 19])(
  'enum-sign-clang14: a global enumeration reads as it prints, clang %i',
  (compiler) => {
    const session = opened('signs', compiler, UDP);
    finish(session.go({ how: 'end' }));
    const printed = session
      .machine!.printk.map(({ text }) => text)
      .find((text) => text.startsWith('g_o.col'));
    expect(printed).toBe('g_o.col=-3');
    expect(JSON.stringify(evaluate(session, 0, 'g_o.col'))).toContain('RED (-3)');
  },
);

test('counting ends after a million arrivals, and says that it is not all', () => {
  const counted = (source: string, breakpoint: number, maxSteps: number) => {
    const { inputs } = assembled(source, { maxSteps: 10 });
    const settings = { ...inputs.settings, maxSteps };
    return finish(
      countBreakpoints(openSession({ ...inputs, breakpoints: [breakpoint], settings })),
    );
  };
  const loop = (times: number): string => `r1 = 0; r1 += 1; if r1 < ${times} goto -2; exit`;
  const { counts, isWhole } = counted(loop(1_000_001), 1, 10_000_000);
  expect([counts[0].reached, counts[0].held, isWhole]).toEqual([1_000_000, 1_000_000, false]);
  expect(counted(loop(1000), 1, 2002)).toMatchObject({ steps: 2002, isWhole: true });
  expect(counted(loop(1000), 1, 1001)).toMatchObject({ steps: 1001, isWhole: true });
});
