import { InputError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { nameAddress } from '../memory/memory.ts';
import type { LoadedObject } from '../object/types.ts';
import { functionAt } from '../program/code.ts';
import type {
  Evaluated,
  ValueView,
  VariableScope,
  VariablesView,
  WatchedExpression,
} from '../protocol/messages.ts';
import type { Session } from '../session/session.ts';
import { debugInfoOf } from '../source/debug-scopes.ts';
import { lastName, parseExpression } from '../source/expression.ts';
import { namesOf } from '../source/names.ts';
import { numberBytes } from '../source/place.ts';
import { checkNames } from '../source/source-names.ts';
import { MOST_ROWS, type ShownValue, valueView } from '../source/value-view.ts';
import {
  globalVariables,
  slotOfFrame,
  type Variable,
  variableGroups,
} from '../source/variables.ts';

/** Expressions that are watched at once, and how long each may be. */
const MOST_EXPRESSIONS = 64;
const LONGEST_EXPRESSION = 256;

const NO_DWARF =
  'The object has no DWARF, so its locals have no known places: compile with -g, ' +
  'or drop the object itself where it came by a link.';

/**
 * Tried with clang 14 and 19 on programs of the gallery and a learner's: the attribute keeps every
 * local, and the kernel's verifier took all but one that loops over packet bytes (too many states);
 * -O1 and -Og keep no more than -O2, and the BTF of -O0 is refused.
 */
const OPTIMISED_OUT =
  'The compiler kept them nowhere here. To see every local of a function, put ' +
  '__attribute__((optnone, noinline)) in front of it and build with -O2 -g; where the verifier ' +
  'refuses that, make the one local volatile. -O1 and -Og keep no more, and -O0 is mostly refused.';

const PLAIN = {
  held: true,
  parameter: false,
  place: '',
  size: 0,
  bytes: '',
  expression: '',
  editable: false,
  changed: false,
};

function rowOf(
  shown: ShownValue,
  { name, type, parameter, value, register, doubt }: Variable,
): ValueView {
  if (typeof value === 'string')
    return { ...PLAIN, name, type, parameter, text: value, held: false };
  return {
    ...valueView(shown, name, name, value, register),
    type,
    parameter,
    ...(doubt !== undefined && { doubt }),
  };
}

/** By BTF: where a function's parameters are when it begins, and no longer. */
function parametersByBtf({ object }: Session, machine: Machine, depth: number): VariableScope[] {
  const pc = slotOfFrame(machine, depth);
  const found = functionAt(machine.code, pc);
  const { btf } = object;
  const declared = btf?.byId(found?.function.type ?? 0);
  const prototype = declared?.kind === 'func' ? btf!.byId(declared.type) : undefined;
  if (found === undefined || prototype?.kind !== 'func_proto') return [];
  const isStart =
    depth === machine.frames.length && pc === found.program.start + found.function.start;
  const shown = { machine, left: MOST_ROWS };
  const variables = prototype.parameters.map(({ name, type }, index): ValueView => {
    const parameter = { name, type: btf!.declaration(type), parameter: true };
    if (!isStart)
      return { ...PLAIN, ...parameter, text: 'known at the first instruction alone', held: false };
    const bytes = numberBytes(machine.registers[index + 1], btf!.sizeOf(type) ?? 0, object.endian);
    return {
      ...valueView(shown, name, '', { types: btf!, type, bytes }, `r${index + 1}`),
      ...parameter,
    };
  });
  return [{ name: found.function.name, kind: 'function', variables }];
}

/** Those of a frame and the global ones; whether any is optimised out. */
function scopesOf(
  session: Session,
  machine: Machine,
  depth: number,
): { scopes: VariableScope[]; optimisedOut: boolean } {
  const { object } = session;
  const shown: ShownValue = { machine, left: MOST_ROWS };
  const found = variableGroups(machine, object, depth);
  const groups = found.map(
    ({ name, kind, variables }): VariableScope => ({
      name,
      kind,
      variables: variables.map((variable) => rowOf(shown, variable)),
    }),
  );
  const globals = globalVariables(machine, object).map((variable) => rowOf(shown, variable));
  const scopes = [
    ...(groups.length > 0 ? groups : parametersByBtf(session, machine, depth)),
    ...(globals.length > 0 ? [{ name: '', kind: 'global' as const, variables: globals }] : []),
  ];
  const optimisedOut = found.some(({ variables }) => variables.some((one) => one.optimisedOut));
  return { scopes, optimisedOut };
}

/**
 * Throws InputError where an expression cannot be watched, or names what the source does not have.
 */
export function checkExpressions(expressions: readonly string[], object: LoadedObject): void {
  if (expressions.length > MOST_EXPRESSIONS)
    throw new InputError('watch', `takes ${MOST_EXPRESSIONS} expressions`);
  for (const text of expressions) {
    if (text.length > LONGEST_EXPRESSION)
      throw new InputError('watch', `takes ${LONGEST_EXPRESSION} characters`);
    checkNames(parseExpression(text), object, 'watch');
  }
}

/** `packet+14`, `-5 (0xfffffffffffffffb)`, `7`. */
function numberText(machine: Machine, number: bigint): string {
  const unsigned = BigInt.asUintN(64, number);
  const place = nameAddress(machine.memory, unsigned);
  if (place !== undefined) return `${place} (0x${unsigned.toString(16)})`;
  return number >= -9n && number <= 9n ? `${number}` : `${number} (0x${unsigned.toString(16)})`;
}

/** What an expression comes to, as a tree where it names something of the source. */
function watched(
  { object }: Session,
  machine: Machine,
  depth: number,
  text: string,
): WatchedExpression {
  const names = namesOf(machine, object, depth);
  try {
    const expression = parseExpression(text);
    const value = expression.value?.(machine, names);
    if (value)
      return {
        text,
        value: {
          ...valueView({ machine, left: MOST_ROWS }, lastName(text), text, value),
          name: text,
        },
      };
    const number = expression.number(machine, names);
    if (number === undefined) return { text, error: 'has no value here' };
    return { text, value: { ...PLAIN, name: text, type: '', text: numberText(machine, number) } };
  } catch (error) {
    if (error instanceof InputError) return { text, error: error.reason };
    throw error;
  }
}

/** The same in a frame of a session. */
export function evaluate(session: Session, frame: number, text: string): Evaluated {
  const { machine } = session;
  if (machine === undefined || session.bypass !== undefined || text.length > LONGEST_EXPRESSION)
    return { kind: 'evaluated', text, error: 'has no value here' };
  return { kind: 'evaluated', ...watched(session, machine, depthOf(machine, frame), text) };
}

export const depthOf = (machine: Machine, frame: number): number =>
  Math.min(Math.max(0, Math.trunc(frame)), machine.frames.length);

/** Rows whose text is another than in `before`, which then holds the texts of now. */
function noteChanges(
  rows: readonly ValueView[],
  path: string,
  before: Map<string, string>,
  now: Map<string, string>,
): void {
  for (const [index, row] of rows.entries()) {
    const key = `${path}/${row.name || index}`;
    row.changed = before.has(key) && before.get(key) !== row.text;
    now.set(key, row.text);
    if (row.children) noteChanges(row.children, key, before, now);
  }
}

/**
 * The variables of a frame and the watched expressions. `before`: texts of the last time, which it
 * replaces.
 */
export function variablesOf(
  session: Session,
  frame: number,
  before: Map<string, string>,
): VariablesView {
  const { machine, inputs, object } = session;
  if (machine === undefined) return { kind: 'variables', scopes: [], expressions: [] };
  const depth = depthOf(machine, frame);
  const ran = session.bypass === undefined;
  // Of a program that did not run there are only the variables that maps hold.
  const shown = scopesOf(session, machine, depth);
  const scopes = shown.scopes.filter(({ kind }) => ran || kind === 'global');
  const expressions = (inputs.expressions ?? []).map((text) =>
    ran
      ? watched(session, machine, depth, text)
      : { text, error: 'has no value: the program did not run' },
  );
  const now = new Map<string, string>();
  for (const { kind, name, variables } of scopes)
    noteChanges(variables, `${kind} ${name}`, before, now);
  noteChanges(
    expressions.flatMap(({ value }) => value ?? []),
    'watch',
    before,
    now,
  );
  before.clear();
  for (const [key, text] of now) before.set(key, text);
  const missing = debugInfoOf(object) === undefined && object.format === 'elf';
  return {
    kind: 'variables',
    scopes,
    expressions,
    ...(missing && { note: NO_DWARF }),
    ...(ran && shown.optimisedOut && { advice: OPTIMISED_OUT }),
  };
}
