import { expect, test } from 'vitest';
import type { ValueView } from '../protocol/messages.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, type Session } from '../session/session.ts';
import { DNS_PACKET, debugObject, openDebugObject } from '../testing/debug-objects.ts';
import { openSession } from '../testing/run.ts';
import { assignment } from '../view/assign.ts';
import { evaluate, variablesOf } from '../view/variables-view.ts';

/** Stands before the n-th call of the helper. */
function beforeCall(session: Session, helper: number, times = 1): void {
  const { code } = session.machine!;
  for (let left = times; ; finish(session.go({ how: 'into' }))) {
    const instruction = code.instructions[session.machine!.pc];
    const isCall =
      instruction?.row?.kind === 'call' &&
      instruction.row.op === 'call' &&
      instruction.slot.imm === helper;
    if (isCall && --left === 0) return;
    if (session.machine!.status !== 'running') throw new Error(`helper ${helper} is not called`);
  }
}

const shown = (session: Session, frame = 99) => variablesOf(session, frame, new Map());
const find = (values: readonly ValueView[] | undefined, name: string) =>
  values?.find((value) => value.name === name);
const watch = (session: Session, text: string) => {
  const { value, error } = evaluate(session, 99, text);
  return value?.text ?? error;
};

const KTIME = 5;
const LOOKUP = 1;
const UPDATE = 2;

test.each(['locals-clang14.o', 'locals-clang19.o'])(
  '%s: locals at a line, as the source has them',
  (name) => {
    const session = openDebugObject(name);
    beforeCall(session, LOOKUP);
    const [scope] = shown(session).scopes;
    expect(scope).toMatchObject({ name: 'locals', kind: 'function' });
    expect(find(scope.variables, 'unused')).toMatchObject({
      held: false,
      text: 'optimised out: DWARF has no place for it',
    });
    expect(find(scope.variables, 'flow')).toMatchObject({ type: 'struct flow', held: true });
    expect(find(find(scope.variables, 'flow')?.children, 'destination')?.text).toBe('10.9.8.7');
    expect(
      find(scope.variables, 'words')
        ?.children?.map(({ text }) => text)
        .slice(0, 2),
    ).toEqual([String(0x0302010a), String(0x0708090a)]);
    expect(watch(session, 'flow.protocol')).toBe('17 (UDP)');
    expect(watch(session, 'flow.ports.destination')).toBe('53');
    expect(watch(session, 'bpf_ntohs(flow.ports.source) == 4000 && words[1] == 0x0708090a')).toBe(
      '1',
    );
  },
);

test.each(['locals-clang14.o', 'locals-clang19.o'])(
  '%s: an enum, bit fields, a pointer, a NULL',
  (name) => {
    const session = openDebugObject(name);
    beforeCall(session, UPDATE, 2);
    expect(watch(session, 'usage')).toBe('NULL');
    expect(watch(session, 'first.last.hops_left')).toBe('-4');
    expect(watch(session, 'first.last.port')).toBe('53');
    expect(watch(session, 'first.bytes')).toBe('50');
    expect(watch(session, 'usage->bytes')).toBe('has no value here');
  },
);

test.each(['locals-clang14.o', 'locals-clang19.o'])(
  '%s: a waiting function keeps what is in r6 to r9 and on the stack',
  (name) => {
    const session = openDebugObject(name);
    while (session.machine!.frames.length === 0) finish(session.go({ how: 'into' }));
    expect(shown(session).scopes[0].name).toBe('size_of');
    expect(find(shown(session).scopes[0].variables, 'length')).toMatchObject({
      text: '50',
      parameter: true,
    });
    const outer = shown(session, 0).scopes[0];
    expect(outer.name).toBe('locals');
    expect(find(find(outer.variables, 'flow')?.children, 'source')?.text).toBe('10.1.2.3');
  },
);

test.each(['locals-clang14.o', 'locals-clang19.o'])(
  '%s: a variable is given another value, as it is shown',
  (name) => {
    const session = openDebugObject(name);
    beforeCall(session, LOOKUP);
    const step = session.machine!.steps;
    const edited = (...changes: [expression: string, text: string][]) => {
      const edits = changes.map(([expression, text]) => ({
        packet: 0,
        step,
        ...assignment(session, 99, expression, text),
      }));
      const changed = openSession({ ...session.inputs, edits });
      finish(changed.go({ how: 'to-step', step }));
      return changed;
    };
    const flow = edited(
      ['flow.destination', '8.8.8.8'],
      ['flow.ports.source', '443'],
      ['words[1]', '-1'],
    );
    expect(watch(flow, 'flow.destination')).toBe('8.8.8.8');
    expect(watch(flow, 'flow.ports.source')).toBe('443');
    expect(watch(flow, 'words[1]')).toBe('4294967295');
    expect(watch(flow, 'flow.source')).toBe('10.1.2.3');
    expect(() => assignment(session, 99, 'flow.destination', '300.1.1.1')).toThrow(
      /flow.destination/,
    );
    expect(() => assignment(session, 99, 'unused', '1')).toThrow(/has a value here/);
    expect(() => assignment(session, 99, 'flow.protocol + 1', '1')).toThrow(/no variable/);

    finish(session.go({ how: 'reset' }));
    beforeCall(session, UPDATE, 2);
    const bits = assignment(session, 99, 'first.last.hops_left', '7');
    const changed = openSession({
      ...session.inputs,
      edits: [{ packet: 0, step: session.machine!.steps, ...bits }],
    });
    finish(changed.go({ how: 'to-step', step: session.machine!.steps }));
    expect([watch(changed, 'first.last.hops_left'), watch(changed, 'first.last.port')]).toEqual([
      '7',
      '53',
    ]);
  },
);

test('a variable in a register is set in the register', () => {
  const session = openDebugObject('locals-clang19.o');
  while (session.machine!.frames.length === 0) finish(session.go({ how: 'into' }));
  const place = find(shown(session).scopes[0].variables, 'length')!.place;
  const { target, value } = assignment(session, 99, 'length', '1600');
  expect([target, value]).toEqual([{ kind: 'register', index: Number(place.slice(1)) }, '1600']);
});

test('inlined calls have their own parameters, outermost last', () => {
  const session = openDebugObject('lpm_firewall-clang19.o');
  const seen = new Set<string>();
  while (session.machine!.status === 'running') {
    for (const { name, kind } of shown(session).scopes)
      if (kind !== 'global') seen.add(`${kind} ${name}`);
    finish(session.go({ how: 'into' }));
  }
  expect([...seen]).toContain('inlined destination_port');
});

test('global variables are read from their maps', () => {
  const session = openDebugObject('locals-clang19.o');
  beforeCall(session, KTIME);
  expect(find(shown(session).scopes.at(-1)?.variables, 'dropped')).toMatchObject({
    text: '0',
    type: '__u64',
  });
  expect(watch(session, 'dropped + 1')).toBe('1');
  expect(watch(session, 'r10 - 8')).toMatch(/^stack-8 \(0x1001/);
});

test('without DWARF the parameters are known by BTF at the first instruction', () => {
  const bytes = debugObject('seed-filter-clang19.o');
  const text = new TextDecoder('latin1').decode(bytes).replace('.debug_info', '.nothing_it');
  const session = openSession({
    ...inputsFor(
      'stripped.o',
      Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
    ),
    packets: [{ name: 'packet', bytes: DNS_PACKET }],
  });
  const view = shown(session);
  expect(view.note).toMatch(/no DWARF/);
  expect(view.scopes[0].variables.map(({ held }) => held)).toEqual([true]);
  finish(session.go({ how: 'into' }));
  expect(shown(session).scopes[0].variables.map(({ held }) => held)).toEqual([false]);
});

test.each(['printed-1.clang-19-O2-v3.o', 'printed-1.clang-19-O2-v4-eb.o'])(
  '%s: a parameter of fewer than 8 bytes is the low part of its register, whatever the byte order',
  (name) => {
    const text = new TextDecoder('latin1')
      .decode(debugObject(name))
      .replace('.debug_info', '.nothing_it');
    const session = openSession({
      ...inputsFor(
        'stripped.o',
        Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
      ),
      packets: [{ name: 'packet', bytes: Uint8Array.from({ length: 80 }, (_, i) => i) }],
    });
    while (session.machine!.frames.length === 0) finish(session.go({ how: 'into' }));
    const low = BigInt.asUintN(32, session.machine!.registers[2]);
    expect(low).not.toBe(0n);
    expect(find(shown(session).scopes[0].variables, 'a')).toMatchObject({
      held: true,
      text: String(low),
    });
  },
);

test('a stack slot that is written while DWARF names it says so, and only from there on', () => {
  // Seed 50 of printed-locals.mjs, by clang 14 -O1: the slot of "a" takes another value at pc 203.
  const inputs = inputsFor('reused-slot.o', debugObject('reused-slot.o'));
  const session = openSession({
    ...inputs,
    packets: [{ name: 'packet', bytes: new Uint8Array(80) }],
  });
  const doubts = new Map<number, string | undefined>();
  while (session.machine!.status === 'running') {
    const held = shown(session)
      .scopes.flatMap(({ variables }) => variables)
      .filter(({ held, name, place }) => held && name === 'a' && place.startsWith('stack'));
    for (const { doubt } of held) doubts.set(session.machine!.pc, doubt);
    finish(session.go({ how: 'into' }));
  }
  expect([...doubts].filter(([pc, doubt]) => (doubt === undefined) !== pc <= 203)).toEqual([]);
  expect(doubts.get(217)).toBe(
    'its slot of the stack was written since, at pc 203: perhaps by another variable',
  );
  expect([...doubts.keys()].filter((pc) => pc <= 203).length).toBeGreaterThan(2);
});

test.each(['locals-clang14.o', 'locals-clang19.o'])(
  '%s: a variable without a value says from which instruction on it has one, and has it there',
  (name) => {
    const session = openDebugObject(name);
    const { steps } = session.outcome!;
    const promised = new Map<number, Set<string>>();
    let kept = 0;
    for (let step = 0; step < steps; step++) {
      finish(session.go({ how: 'to-step', step }));
      const { pc } = session.machine!;
      const variables = shown(session).scopes.find(({ name }) => name === 'locals')?.variables;
      for (const variable of promised.get(pc) ?? []) {
        const { held, text } = find(variables, variable) ?? {};
        if (held !== undefined) expect([variable, held || text]).toEqual([variable, true]);
        kept += 1;
      }
      for (const { name: variable, text } of variables ?? []) {
        const from = /^no value yet: kept from instruction (\d+) on$/.exec(text)?.[1];
        if (from === undefined) continue;
        expect(Number(from)).toBeGreaterThan(pc);
        promised.set(Number(from), (promised.get(Number(from)) ?? new Set()).add(variable));
      }
    }
    expect(kept).toBeGreaterThan(3);
    finish(session.go({ how: 'to-step', step: steps - 1 }));
    expect(variablesOf(session, 99, new Map()).advice).toMatch(/optnone, noinline/);
  },
);
