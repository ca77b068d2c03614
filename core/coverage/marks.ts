import type { Machine } from '../machine/machine.ts';
import { EVER_READ } from '../machine/recorder.ts';
import { regionOf } from '../memory/memory.ts';
import type { MarkKind, TimelineMark, TimelineMarks } from '../protocol/messages.ts';
import type { Session, Work } from '../session/session.ts';
import { helperById } from '../spec/helpers.ts';
import type { Step } from '../spec/units.ts';

/** Places of the timeline that are told apart: each holds one mark of a kind at most. */
export const MOST_PLACES = 400;
const BREATH = 20_000;
/** Helpers that change what is in a map. */
const WRITES_MAP = /^map_(update|delete|push|pop)/;

/** The marks of one kind, the first of each place with how many there are. */
class Row {
  readonly marks: TimelineMark[] = [];
  private place = -1;
  private readonly total: number;

  constructor(total: number) {
    this.total = total;
  }

  add(step: Step): void {
    const place = Math.floor((step * MOST_PLACES) / (this.total + 1));
    const last = this.marks.at(-1);
    if (place === this.place && last) {
      last.count += 1;
      return;
    }
    this.place = place;
    this.marks.push({ step, count: 1 });
  }
}

/**
 * Whether the store or atomic operation that runs next writes a map's value; asked before it runs.
 */
function aimsAtMap({ memory, halves }: Machine, register: number): boolean {
  const region = regionOf(memory, halves[2 * register + 1]);
  return memory.info[region]?.kind === 'map-value';
}

const writesPacket = ({ recorder, packet }: Machine): boolean => {
  if (recorder === null || packet.region === 0) return false;
  for (let n = 0; n < recorder.count; n++) {
    const at = recorder.at[n];
    if (recorder.kind[n] !== EVER_READ && at < packet.high && at + recorder.size[n] > packet.low)
      return true;
  }
  return false;
};

/** What each instruction can be a mark of. */
function kindsOf(machine: Machine): {
  calls: Uint8Array;
  jumps: Uint8Array;
  stores: Uint8Array;
  mapCalls: Uint8Array;
} {
  const { slots, instructions } = machine.code;
  const made = () => new Uint8Array(slots);
  const kinds = { calls: made(), jumps: made(), stores: made(), mapCalls: made() };
  for (const [pc, instruction] of instructions.entries()) {
    const row = instruction?.row;
    if (row === undefined) continue;
    if (row.kind === 'call') kinds.calls[pc] = 1;
    if (
      row.kind === 'call' &&
      row.op === 'call' &&
      WRITES_MAP.test(helperById(instruction!.slot.imm)?.name ?? '')
    )
      kinds.mapCalls[pc] = 1;
    if (row.kind === 'jump') kinds.jumps[pc] = 1;
    if (row.kind === 'store' || row.kind === 'atomic') kinds.stores[pc] = instruction!.slot.dst + 1;
  }
  return kinds;
}

/**
 * Where things happened in the run of the selected packet: one pass, and the session stands where
 * it stood.
 */
export const marksOf = (session: Session): Work<TimelineMarks> => session.replay(marked(session));

function* marked(session: Session): Work<TimelineMarks> {
  const machine = session.machine!;
  const total = session.outcome?.steps ?? 0;
  const rows: Record<MarkKind, Row> = {
    call: new Row(total),
    jump: new Row(total),
    'packet-write': new Row(total),
    'map-write': new Row(total),
    output: new Row(total),
    breakpoint: new Row(total),
    watchpoint: new Row(total),
    edit: new Row(total),
  };
  const kinds = kindsOf(machine);
  const stops = new Set(session.inputs.breakpoints);
  const rules = session.rules();
  const written: number[] = [];
  const watches = session.watches();
  const { bypass } = session;
  while (bypass === undefined && machine.status === 'running' && machine.steps < total) {
    const { pc, steps } = machine;
    if (stops.has(pc)) {
      const reached = rules.reach(machine);
      if (reached.stops) rows.breakpoint.add(steps);
      if (reached.log !== undefined) written.push(steps);
    }
    const map =
      kinds.mapCalls[pc] === 1 ||
      (kinds.stores[pc] > 0 && aimsAtMap(machine, kinds.stores[pc] - 1));
    session.advance(steps + 1);
    if (kinds.calls[pc] === 1) rows.call.add(machine.steps);
    else if (kinds.jumps[pc] === 1 && machine.pc !== pc + 1) rows.jump.add(machine.steps);
    if (map) rows['map-write'].add(machine.steps);
    if (writesPacket(machine)) rows['packet-write'].add(machine.steps);
    if (watches.changed().length > 0) rows.watchpoint.add(machine.steps);
    if (machine.steps % BREATH === 0)
      yield { what: 'looking for marks', done: machine.steps, total };
  }
  for (const step of [...written, ...outputSteps(machine)].sort((a, b) => a - b))
    rows.output.add(step);
  for (const { packet, step } of session.inputs.edits ?? [])
    if (packet === session.inputs.packet) rows.edit.add(step);
  const marks = Object.fromEntries(Object.entries(rows).map(([kind, row]) => [kind, row.marks]));
  return { kind: 'marks', total, marks: marks as TimelineMarks['marks'] };
}

const outputSteps = ({ printk, records }: Machine): number[] =>
  [...printk, ...records].map(({ step }) => step);
