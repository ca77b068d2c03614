import { describe, expect, test } from 'vitest';
import { finish, type Session } from '../session/session.ts';
import { openDebugObject } from '../testing/debug-objects.ts';
import { evaluate, variablesOf } from '../view/variables-view.ts';
import { globalVariables, variableGroups } from './variables.ts';

const LOOKUP = 1;

/** Stands before the first lookup. */
function standing(name: string): Session {
  const session = openDebugObject(name);
  finish(session.go({ how: 'reset' }));
  for (;;) {
    const instruction = session.machine!.code.instructions[session.machine!.pc];
    const isCall =
      instruction?.row?.kind === 'call' &&
      instruction.row.op === 'call' &&
      instruction.slot.imm === LOOKUP;
    if (isCall) return session;
    if (session.machine!.status !== 'running') throw new Error('there is no lookup');
    finish(session.go({ how: 'into' }));
  }
}
const watch = (session: Session, text: string) => {
  const { value, error } = evaluate(session, 99, text);
  return value?.text ?? error;
};

describe.each(['locals-clang14.o', 'locals-clang19.o'])('%s', (name) => {
  test('an array is where its first element is', () => {
    const session = standing(name);
    expect(watch(session, '*words')).toBe(watch(session, 'words[0]'));
    expect(watch(session, 'words[0]')).toBe(String(0x0302010a));
  });
  test('the context is a parameter, what a function makes itself is none, nor is a global', () => {
    const session = standing(name);
    const [{ variables }] = variableGroups(session.machine!, session.object, 0);
    const parameters = variables
      .filter(({ parameter }) => parameter)
      .map((variable) => variable.name);
    expect(parameters).toEqual(['ctx']);
    expect(variables.length).toBeGreaterThan(parameters.length);
    expect(
      globalVariables(session.machine!, session.object).filter(({ parameter }) => parameter),
    ).toEqual([]);
  });
  test('pointers are named by what they point into', () => {
    const session = standing(name);
    const texts = new Map(
      variablesOf(session, 99, new Map()).scopes.flatMap(({ variables }) =>
        variables.map((row) => [row.name, row.text] as const),
      ),
    );
    const pointers = [...texts].filter(([, text]) => /^(packet|context|stack)/.test(text));
    expect(pointers.length).toBeGreaterThan(0);
    for (const [, text] of pointers) expect(text).toMatch(/^(packet|context|stack)[+-]\d+$/);
  });
  test('what changed since it was last asked for is marked, and only that', () => {
    const session = standing(name);
    const known = new Map<string, string>();
    const changed = () =>
      variablesOf(session, 99, known).scopes.flatMap(({ variables }) =>
        variables.filter((row) => row.changed).map((row) => row.name),
      );
    changed();
    expect(changed()).toEqual([]);
  });
});
