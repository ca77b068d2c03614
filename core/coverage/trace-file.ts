import { instructionText } from '../program/instruction-text.ts';
import type { TextFile, TraceFormat } from '../protocol/messages.ts';
import type { Session, Work } from '../session/session.ts';
import type { Pc, Step } from '../spec/units.ts';
import { describeStep, hex64 } from '../view/describe.ts';

/** Steps of a file; more than anyone reads. */
const MOST_STEPS = 200_000;
const BREATH = 2000;

interface Row {
  readonly step: Step;
  readonly pc: Pc;
  readonly instruction: string;
  readonly what: string;
  readonly registers: readonly string[];
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const REGISTERS = Array.from({ length: 11 }, (_, i) => `r${i}`);

const WRITERS: Record<
  TraceFormat,
  { head: string; row: (row: Row) => string; join: string; foot: string; extension: string }
> = {
  text: {
    head: '',
    row: ({ step, pc, instruction, what }) =>
      `${String(step).padStart(7)} ${String(pc).padStart(5)}: ${instruction.padEnd(44)} ${what}`,
    join: '\n',
    foot: '\n',
    extension: 'txt',
  },
  json: {
    head: '[\n',
    row: (row) => JSON.stringify(row),
    join: ',\n',
    foot: '\n]\n',
    extension: 'json',
  },
  csv: {
    head: `step,pc,instruction,what,${REGISTERS.join(',')}\n`,
    row: ({ step, pc, instruction, what, registers }) =>
      [step, pc, quoted(instruction), quoted(what), ...registers].join(','),
    join: '\n',
    foot: '\n',
    extension: 'csv',
  },
};

/** Runs on from where the session stands. */
function* rowsOf(session: Session, write: (row: Row) => string): Work<string[]> {
  const machine = session.machine!;
  const rows: string[] = [];
  while (session.bypass === undefined && machine.status === 'running' && rows.length < MOST_STEPS) {
    const { pc } = machine;
    const instruction = machine.code.instructions[pc];
    session.advance(machine.steps + 1);
    const what = describeStep(machine, session.hook, session.object.externs)?.text ?? '';
    const registers = Array.from(machine.registers.subarray(0, 11), hex64);
    const text = instruction ? instructionText(instruction) : '';
    rows.push(write({ step: machine.steps, pc, instruction: text, what, registers }));
    if (rows.length % BREATH === 0) yield { what: 'writing the trace', done: rows.length };
  }
  return rows;
}

/**
 * Every step of the selected packet with what it did and the registers behind it; the session
 * stands where it stood.
 */
export function* traceFile(session: Session, format: TraceFormat): Work<TextFile> {
  const writer = WRITERS[format];
  const rows = yield* session.replay(rowsOf(session, writer.row));
  return {
    kind: 'text-file',
    name: `trace.${writer.extension}`,
    text: writer.head + rows.join(writer.join) + writer.foot,
  };
}
