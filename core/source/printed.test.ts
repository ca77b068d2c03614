import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Machine } from '../machine/machine.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, type Session } from '../session/session.ts';
import { openSession } from '../testing/run.ts';
import { readBytes } from './c-value.ts';
import { parseExpression } from './expression.ts';
import { namesOf } from './names.ts';

/**
 * Objects of programs that print their own variables (core/testdata/debug/printed-locals.mjs), or
 * those of a folder. Of 60 seeds, 267 objects, LLVM itself says something wrong 13 times among
 * 8,480 values: a pointer without the offset that was added, a stack slot that was used again, a
 * register that was written.
 */
const FOLDER = process.env.PRINTED_LOCALS ?? join(import.meta.dirname, '../testdata/debug');
const OBJECTS = readdirSync(FOLDER).filter((name) => /^printed-.*\.o$/.test(name));
const PRINT = 6;
const PACKET = Uint8Array.from({ length: 80 }, (_, i) => (i * 37 + 11) & 0xff);

/** The expression that the call of bpf_trace_printk the machine stands before prints. */
function printed(machine: Machine): string | undefined {
  const instruction = machine.code.instructions[machine.pc];
  if (instruction?.row?.kind !== 'call') return undefined;
  const { row, slot } = instruction;
  const isPrint =
    row.op === 'call'
      ? slot.imm === PRINT
      : row.op === 'callx' && machine.registers[slot.dst] === 6n;
  const bytes = isPrint ? readBytes(machine, machine.registers[1], 64) : undefined;
  return (
    bytes && new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0))).replace(' = %lld', '')
  );
}

interface Tally {
  equal: number;
  absent: number;
  different: string[];
}

function compare(session: Session, name: string, tally: Tally): void {
  const machine = session.machine!;
  while (machine.status === 'running') {
    const text = printed(machine);
    if (text !== undefined) {
      const held = parseExpression(text).number(machine, namesOf(machine, session.object));
      const now = machine.registers[3];
      if (held === undefined) tally.absent += 1;
      else if (BigInt.asUintN(64, held) === now) tally.equal += 1;
      else
        tally.different.push(
          `${name}, step ${machine.steps}, pc ${machine.pc}: ${text} is ${now}, told ${held}`,
        );
    }
    finish(session.go({ how: 'into' }));
  }
}

test('what debug information says of a variable is what the compiler prints of it', () => {
  const tally: Tally = { equal: 0, absent: 0, different: [] };
  for (const name of OBJECTS) {
    const inputs = inputsFor(name, new Uint8Array(readFileSync(join(FOLDER, name))));
    const session = openSession({ ...inputs, packets: [{ name: 'packet', bytes: PACKET }] });
    expect(session.problem).toBeUndefined();
    compare(session, name, tally);
    expect([name, session.machine!.status]).toEqual([name, 'finished']);
  }
  console.log(
    `${OBJECTS.length} objects: ${tally.equal} printed values equal, ${tally.absent} with no ` +
      `value by debug information`,
  );
  expect(tally.different).toEqual([]);
  expect(tally.equal).toBeGreaterThan(OBJECTS.length * 5);
});
