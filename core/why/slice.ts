/**
 * What a result was made of: goes back over a trace (trace.ts, with the example) and marks, of each
 * step that counts, the bits that count.
 *
 *     wanted   r0 of step 4, 32 bits
 *     step 4   -> step 2, all bits of r0; -> node: step 3, which way it went
 *     step 3   -> step 1, the bits of r3 that decide `!= 17`: all of its low byte
 *     step 1   -> step 0, the address; -> packet byte 23, 0xff
 *     step 0   -> context field `data`
 *
 * Inputs come from earlier steps, so a heap of marked steps, latest first, sees each once, when all
 * that asks for it has been seen. Bits that cannot reach what is wanted are not followed: of
 * `r0 &= 7` three. What an address was made of counts, too, but for a slice of values (`Reach`).
 */
import type { Edit } from '../session/types.ts';
import type { ContextField } from '../spec/contexts.ts';
import type { Surrounding } from '../spec/helper-effects.ts';
import type { LinearAddress, Pc, Step } from '../spec/units.ts';
import { CLEARED, WHOLE } from './cells.ts';
import { DemandedBits } from './demanded-bits.ts';
import type { SlotFacts } from './slot-facts.ts';
import {
  COMPARED_STRIDE,
  isEdit,
  KNOWN_STRIDE,
  MAP_CALL_STRIDE,
  NO_STEP,
  type Trace,
} from './trace.ts';
import { countOf, fromOf, KIND, kindOf, laneOf, OF_CONTENTS } from './trace-inputs.ts';

/** What of the world outside a run went into something, down to the bits. */
export class Causes {
  /** Bits of the packet, by byte from the frame's first. */
  readonly packet = new Map<number, number>();
  /** The same of other memory as it was before the run, by linear address. */
  readonly memory = new Map<number, number>();
  /** How long the packet is. */
  length = false;
  readonly fields = new Set<ContextField>();
  readonly settings = new Set<Surrounding>();
  readonly edits = new Set<Edit>();
  /**
   * Calls whose answer counts, by step; and such as were given a map, by their number in the trace.
   */
  readonly answers = new Set<number>();
  readonly mapCalls = new Set<number>();
  /** The latest step that asked what time it is. */
  timed = NO_STEP;
}

/** n_proto of struct bpf_flow_keys, and where a frame has it. */
const FLOW_KEYS_TYPE = 10;
const FRAME_TYPE = 12;

/** Whether anything from outside went into it. */
export const compares = ({
  packet,
  length,
  fields,
  settings,
  memory,
  mapCalls,
  answers,
  edits,
}: Causes): boolean =>
  length ||
  [packet, fields, settings, memory, mapCalls, answers, edits].some(({ size }) => size > 0);

/** A call was made, with its registers; and what it read counts. */
const CALLED = 1;
const CONTENTS = 2;

/**
 * How far a slice goes: to all that counts; to what a value was made of, whatever let it be made;
 * of that to what was not only the address that something was read from.
 */
export type Reach = 'all' | 'values' | 'direct';

/** Of a call that depends on the length: whether what it does tells how long the packet is. */
const tellsLength = ({ effect, helper }: SlotFacts): boolean =>
  effect === undefined ||
  helper === 'xdp_get_buff_len' ||
  (effect.writes?.includes('shape') === true && helper !== 'skb_change_tail');

/** Of a lookup what says which entry it is about: what is found there is the map's. */
const isKeyOf = ({ helper }: SlotFacts, kind: number): boolean =>
  helper.startsWith('map_lookup') && kind !== KIND.map && kind !== KIND.contents;

/**
 * Goes back over a trace from its end, or from a step: of each step the bits that are asked for, of
 * its inputs those that they come from. Every input is an earlier step, so each step is looked at
 * once.
 */
export class Slicer {
  readonly causes: Causes;
  private readonly trace: Trace;
  private readonly low: Int32Array;
  private readonly high: Int32Array;
  private readonly flags: Uint8Array;
  private readonly walked: Uint8Array;
  private readonly reach: Reach;
  private readonly demand = new DemandedBits();
  private result = NO_STEP;
  private resultBits: 32 | 64 = 64;
  /** Steps that wait, as a heap with the latest on top; undefined: all are gone through. */
  private readonly heap: number[] | undefined;

  constructor(trace: Trace, room: SliceRoom, reach: Reach) {
    this.trace = trace;
    this.low = room.low;
    this.high = room.high;
    this.flags = room.flags;
    this.walked = room.walked;
    this.reach = reach;
    this.heap = reach === 'all' ? undefined : [];
    this.causes = new Causes();
  }

  isMarked(step: Step): boolean {
    return (this.low[step] | this.high[step] | this.flags[step]) !== 0;
  }

  mark(step: Step, low: number, high: number, flags: number): void {
    if (isEdit(step)) this.causes.edits.add(this.trace.editOf(step));
    if (step < 0 || isEdit(step) || (low | high | flags) === 0) return;
    if (this.heap && !this.isMarked(step)) push(this.heap, step);
    this.low[step] |= low;
    this.high[step] |= high;
    this.flags[step] |= flags;
  }

  /** All that a step wrote; of a call not what it answered. */
  markWhole(step: Step): void {
    const answers = step >= 0 && !isEdit(step) && this.trace.factsOf(step)?.effect !== undefined;
    const bits = answers ? 0 : -1;
    this.mark(step, bits, bits, CALLED | CONTENTS);
  }

  /**
   * What the run comes to: r0 as `step` leaves it, `bits` of it; all that a step asks for that
   * ended the run another way.
   */
  markResult(step: Step, bits: 32 | 64): void {
    const row = this.trace.factsOf(step)?.instruction.row;
    if (row?.kind !== 'exit') {
      this.markWhole(step);
      return;
    }
    this.result = step;
    this.resultBits = bits;
    this.mark(step, 0, 0, CALLED);
  }

  /** What bytes of linear memory hold at the end of the trace. */
  markMemory(start: LinearAddress, length: number): void {
    const { cells } = this.trace;
    for (let at = start; at < start + length; at++) {
      const source = cells.source(at);
      const lane = cells.lane(at);
      if (source < 0) this.before(source === NO_STEP ? at : -2 - source, 0xff);
      else if (isEdit(source) || lane === WHOLE) this.markWhole(source);
      else if (lane === CLEARED) this.mark(source, 0, 0, CALLED);
      else
        this.mark(
          source,
          lane < 4 ? 0xff << (8 * lane) : 0,
          lane < 4 ? 0 : 0xff << (8 * (lane - 4)),
          0,
        );
      this.walk(cells.via(at), CALLED);
    }
    this.walk(this.trace.nodeOfArea(start));
  }

  walk(head: number, flags = CALLED | CONTENTS): void {
    if (this.reach !== 'all') return;
    for (
      let at = head;
      at !== NO_STEP && (this.walked[at] & flags) !== flags;
      at = this.trace.nodeBefore.at(at)
    ) {
      this.walked[at] |= flags;
      this.mark(this.trace.nodeSteps.at(at), 0, 0, flags);
    }
  }

  /** Goes back from `from`, or from what waits, to everything. */
  settle(from = this.trace.steps - 1, most = Number.POSITIVE_INFINITY): void {
    if (this.heap === undefined) {
      for (let step = from; step >= 0; step--) if (this.isMarked(step)) this.resolve(step);
      return;
    }
    const done: number[] = [];
    for (let step = pop(this.heap); step !== undefined; step = pop(this.heap)) {
      if (done.push(step) <= most) this.resolve(step);
      else break;
    }
    // The room is used again.
    for (const step of [...done, ...this.heap])
      [this.low[step], this.high[step], this.flags[step]] = [0, 0, 0];
    this.heap.length = 0;
  }

  private resolve(step: Step): void {
    const { trace } = this;
    const facts = trace.factsOf(step);
    if (facts === undefined) return;
    if (this.reach === 'all') this.mark(trace.control.at(step), 0, 0, CALLED);
    const low = this.low[step];
    const high = this.high[step];
    let flags = this.flags[step];
    if (facts.effect) {
      if ((low | high) !== 0) this.causes.answers.add(step);
      if ((low | high) !== 0)
        flags |= facts.effect.answer === 'contents' ? CALLED | CONTENTS : CALLED;
    }
    this.operands(step, facts, low, high);
    const end = trace.endOfInputs(step);
    for (let i = trace.firstInput(step); i < end; i++) this.input(facts, step, i, flags);
  }

  /** Which bits of its operands the step asks for. */
  private operands(step: Step, facts: SlotFacts, low: number, high: number): void {
    const { demand } = this;
    const { row, slot } = facts.instruction;
    switch (row.kind) {
      case 'alu': {
        if (row.operand === 'imm') {
          demand.alu(facts.instruction, low, high, slot.imm, slot.imm >> 31, false);
          return;
        }
        const at = this.knownAt(step);
        if (at < 0) {
          demand.alu(facts.instruction, low, high, 0, 0, false);
          return;
        }
        const { known } = this.trace;
        demand.alu(
          facts.instruction,
          low,
          high,
          known.at(at + 2),
          known.at(at + 3),
          known.at(at + 1) === 1,
        );
        return;
      }
      case 'unary':
        demand.unary(row, this.trace.littleEndian ? 'little' : 'big', low, high);
        return;
      case 'jump':
        this.compared(step, facts);
        return;
      case 'load':
        if (row.signed) demand.extended(row.size * 8, low, high);
        else demand.both(low, high);
        return;
      case 'store':
        this.stored(facts, low, high);
        return;
      case 'packet':
        demand.both(low, high);
        return;
      default:
        demand.both(-1, step === this.result && this.resultBits === 32 ? 0 : -1);
        return;
    }
  }

  private compared(step: Step, facts: SlotFacts): void {
    const { slot, row } = facts.instruction;
    const { demand } = this;
    if (facts.src === NO_STEP) {
      demand.jump(facts.instruction, slot.imm, slot.imm, slot.imm >> 31);
      return;
    }
    const at = row.kind === 'jump' && row.op === 'jset' ? this.knownAt(step) : NO_STEP;
    const { known } = this.trace;
    demand.jump(
      facts.instruction,
      undefined,
      at < 0 ? -1 : known.at(at + 2),
      at < 0 ? -1 : known.at(at + 3),
    );
    return;
  }

  /** The bits of a stored number, from those of its bytes in memory. */
  private stored({ size }: SlotFacts, low: number, high: number): void {
    if (this.trace.littleEndian) {
      this.demand.both(low, high);
      return;
    }
    let [turnedLow, turnedHigh] = [0, 0];
    for (let lane = 0; lane < size; lane++) {
      const bits = laneBits(low, high, lane);
      const to = size - 1 - lane;
      if (to < 4) turnedLow |= bits << (8 * to);
      else turnedHigh |= bits << (8 * (to - 4));
    }
    this.demand.both(turnedLow, turnedHigh);
  }

  private knownAt(step: Step): number {
    const { known } = this.trace;
    const at = known.lowerBound(step, KNOWN_STRIDE);
    return at < known.length && known.at(at) === step ? at : NO_STEP;
  }

  private input(facts: SlotFacts, step: Step, index: number, flags: number): void {
    const { trace, demand, causes } = this;
    const how = trace.role(index);
    if (how & OF_CONTENTS && (flags & CONTENTS) === 0) return;
    const source = trace.source(index);
    if (this.reach === 'direct' && isKeyOf(facts, kindOf(how))) return;
    switch (kindOf(how)) {
      case KIND.dst:
        this.mark(source, demand.dstLow, demand.dstHigh, 0);
        return;
      case KIND.src:
        this.mark(source, demand.srcLow, demand.srcHigh, 0);
        return;
      case KIND.whole:
        if (this.reach === 'direct' && facts.instruction.row.kind === 'load') return;
        this.mark(source, -1, -1, 0);
        return;
      case KIND.lanes:
      case KIND.wholeLanes:
      case KIND.before:
      case KIND.wholeBefore:
        this.bytes(facts, source, how);
        return;
      case KIND.called:
        this.mark(source, 0, 0, CALLED);
        return;
      case KIND.contents:
        this.markWhole(source);
        return;
      case KIND.packet:
        // By which protocol a helper moves bytes is not what they are.
        if (this.reach !== 'all' && facts.effect?.bytes === 'moved') return;
        for (let i = 0; i < countOf(how); i++) causes.packet.set(source + i, 0xff);
        return;
      case KIND.length:
        if (this.reach === 'all' || tellsLength(facts)) causes.length = true;
        return;
      case KIND.field:
        if (this.reach !== 'all' && facts.effect?.bytes === 'moved') return;
        causes.fields.add(trace.fields[source]);
        return;
      case KIND.setting: {
        const setting = trace.surroundings[source];
        causes.settings.add(setting);
        if (setting === 'time' && step > causes.timed) causes.timed = step;
        return;
      }
      case KIND.node:
        this.walk(source);
        return;
      case KIND.way:
        this.walk(source, CALLED);
        return;
      case KIND.map:
        causes.mapCalls.add(source);
    }
  }

  /** Of each byte of memory the bits that are asked for. */
  private bytes(facts: SlotFacts, source: number, how: number): void {
    const kind = kindOf(how);
    const isWhole = kind === KIND.wholeLanes || kind === KIND.wholeBefore;
    const stored = kind === KIND.lanes || kind === KIND.wholeLanes;
    const [first, from] = [laneOf(how), fromOf(how)];
    let [low, high] = [0, 0];
    for (let i = 0; i < countOf(how); i++) {
      const bits = isWhole ? 0xff : this.bitsOfByte(facts, first + i);
      if (bits === 0) continue;
      if (!stored) this.before(source + i, bits);
      else if (from + i < 4) low |= bits << (8 * (from + i));
      else high |= bits << (8 * (from + i - 4));
    }
    if (stored) this.mark(source, low, high, 0);
  }

  /** Of a load, by the place of a byte in memory. */
  private bitsOfByte({ size, instruction }: SlotFacts, lane: number): number {
    const straight = this.trace.littleEndian && instruction.row.kind !== 'packet';
    return laneBits(this.demand.dstLow, this.demand.dstHigh, straight ? lane : size - 1 - lane);
  }

  private before(address: LinearAddress, bits: number): void {
    const { frameStart, frameEnd, flowKeys } = this.trace;
    const type = address - flowKeys - FLOW_KEYS_TYPE;
    if (flowKeys !== NO_STEP && (type === 0 || type === 1)) {
      this.before(frameStart + FRAME_TYPE + type, bits);
      return;
    }
    const ofPacket = address >= frameStart && address < frameEnd;
    const [map, at] = ofPacket
      ? [this.causes.packet, address - frameStart]
      : [this.causes.memory, address];
    map.set(at, (map.get(at) ?? 0) | bits);
  }
}

const laneBits = (low: number, high: number, lane: number): number =>
  ((lane < 4 ? low >>> (8 * lane) : high >>> (8 * (lane - 4))) & 0xff) >>> 0;

function push(heap: number[], step: Step): void {
  let at = heap.push(step) - 1;
  for (let above = (at - 1) >> 1; at > 0 && heap[above] < heap[at]; above = (at - 1) >> 1) {
    [heap[above], heap[at]] = [heap[at], heap[above]];
    at = above;
  }
}

function pop(heap: number[]): number | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (heap.length === 0 || last === undefined) return last;
  heap[0] = last;
  for (let at = 0; ; ) {
    let next = 2 * at + 1;
    if (next >= heap.length) return top;
    if (next + 1 < heap.length && heap[next + 1] > heap[next]) next += 1;
    if (heap[at] >= heap[next]) return top;
    [heap[at], heap[next]] = [heap[next], heap[at]];
    at = next;
  }
}

/** Room for the marks of a slice of one trace. */
export class SliceRoom {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly flags: Uint8Array;
  readonly walked: Uint8Array;

  constructor(trace: Trace) {
    this.low = new Int32Array(trace.steps);
    this.high = new Int32Array(trace.steps);
    this.flags = new Uint8Array(trace.steps);
    this.walked = new Uint8Array(trace.nodeSteps.length);
  }
}

/**
 * What of a run made a result: the dynamic slice, with the branches whose other way could have
 * changed it (a relevant slice).
 */
export interface SliceResult {
  /** How many steps matter. */
  readonly steps: Step;
  /** Slots that matter. */
  readonly pcs: ReadonlySet<number>;
  /** All that went into it. */
  readonly causes: Causes;
  /** What its value itself was made of, whatever let it be made. */
  readonly value: Causes;
  /** What counts only because each instruction takes time, and the time was asked. */
  readonly throughTime: Causes | undefined;
  /** Branches that matter, in order: of each slot its last few. */
  readonly branches: readonly SlicedBranch[];
  /** Branches that matter and are not in `branches`. */
  readonly moreBranches: number;
  /** Calls that matter and had a map, in order: of each slot its last few. */
  readonly mapCalls: readonly SlicedMapCall[];
}

export interface SlicedMapCall {
  readonly step: Step;
  readonly pc: Pc;
  readonly map: number;
  /** Bytes of the key that the running function has not written, as bits. */
  readonly unwritten: number;
}

/** What the branch at a step compared; `direct`: but for where it was read from. */
export const comparedAt = (
  trace: Trace,
  room: SliceRoom,
  step: Step,
  reach: 'values' | 'direct',
): Causes => causesOf(trace, room, (slicer) => slicer.mark(step, 0, 0, CALLED), reach);

export interface SlicedBranch {
  readonly step: Step;
  readonly pc: Pc;
  readonly taken: boolean;
  readonly left: bigint;
  readonly right: bigint;
  /** What it compared. */
  readonly causes: Causes;
}

/** Branches and calls that are shown, and those of one slot. */
const MOST_SHOWN = 200;
const MOST_OF_SLOT = 8;
/** The same of branches whose other way is looked for. */
const MOST_OF_WANTED = 3;
/** Steps that are looked at for the packet bytes of one branch. */
const MOST_INTO = 20_000;

const word = (low: number, high: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

/**
 * Of the rows of a pool whose first number is a marked step the last few of each slot, in order;
 * and how many there are of each.
 */
function lastOf(
  trace: Trace,
  rows: Trace['compared'],
  stride: number,
  isMarked: (step: Step) => boolean,
) {
  const found: number[] = [];
  const seen = new Map<number, number>();
  for (let at = rows.length - stride; at >= 0; at -= stride) {
    if (!isMarked(rows.at(at))) continue;
    const pc = trace.pcs.at(rows.at(at));
    const count = (seen.get(pc) ?? 0) + 1;
    seen.set(pc, count);
    if (count <= MOST_OF_SLOT && found.length < MOST_SHOWN) found.push(at);
  }
  return { found: found.reverse(), seen };
}

/** What a step's value was made of. */
export function causesOf(
  trace: Trace,
  room: SliceRoom,
  mark: (slicer: Slicer) => void,
  reach: 'values' | 'direct' = 'values',
): Causes {
  const slicer = new Slicer(trace, room, reach);
  mark(slicer);
  slicer.settle(undefined, MOST_INTO);
  return slicer.causes;
}

/** Whether an operand of a step, by its kind, was made of the packet's length. */
export function lengthCounts(trace: Trace, room: SliceRoom, step: Step, kind: number): boolean {
  const writer = trace.operand(step, kind);
  if (writer === undefined) return false;
  return causesOf(trace, room, (slicer) => slicer.mark(writer, -1, -1, 0)).length;
}

function branchAt(trace: Trace, room: SliceRoom, at: number): SlicedBranch {
  const { compared } = trace;
  const step = compared.at(at);
  return {
    step,
    pc: trace.pcs.at(step),
    taken: compared.at(at + 1) === 1,
    left: word(compared.at(at + 2), compared.at(at + 3)),
    right: word(compared.at(at + 4), compared.at(at + 5)),
    causes: comparedAt(trace, room, step, 'values'),
  };
}

/**
 * Branches of a run that are wanted, whatever they led to, in order; of each slot the first and the
 * last few.
 */
export function branchesOfRun(
  trace: Trace,
  wanted: (pc: Pc, taken: boolean) => boolean,
): SlicedBranch[] {
  const { compared } = trace;
  const rows = new Map<Pc, number[]>();
  for (let at = 0; at < compared.length; at += COMPARED_STRIDE) {
    const pc = trace.pcs.at(compared.at(at));
    if (!wanted(pc, compared.at(at + 1) === 1)) continue;
    const known = rows.get(pc) ?? [];
    rows.set(pc, known);
    // The first one stays.
    if (known.length === MOST_OF_WANTED) known.splice(1, 1);
    known.push(at);
  }
  const room = new SliceRoom(trace);
  return [...rows.values()]
    .flat()
    .sort((a, b) => a - b)
    .map((at) => branchAt(trace, room, at));
}

/** `mark`: says where to begin. */
function slice(trace: Trace, mark: (slicer: Slicer) => void): SliceResult {
  const slicer = new Slicer(trace, new SliceRoom(trace), 'all');
  mark(slicer);
  slicer.settle();
  const room = new SliceRoom(trace);
  const pcs = new Set<number>();
  let steps = 0;
  for (let step = 0; step < trace.steps; step++) {
    if (!slicer.isMarked(step)) continue;
    steps += 1;
    pcs.add(trace.pcs.at(step));
  }
  const marked = (step: Step): boolean => slicer.isMarked(step);
  const { found, seen } = lastOf(trace, trace.compared, COMPARED_STRIDE, marked);
  const branches = found.map((at) => branchAt(trace, room, at));
  const calls = lastOf(trace, trace.mapCalls, MAP_CALL_STRIDE, marked).found;
  return {
    steps,
    pcs,
    causes: slicer.causes,
    value: causesOf(trace, room, mark),
    throughTime:
      slicer.causes.timed === NO_STEP ? undefined : throughTime(trace, slicer.causes.timed),
    branches,
    moreBranches: moreOf(seen, branches),
    mapCalls: calls.map((at) => {
      const step = trace.mapCalls.at(at);
      return {
        step,
        pc: trace.pcs.at(step),
        map: trace.mapCalls.at(at + 1),
        unwritten: trace.mapCalls.at(at + 3),
      };
    }),
  };
}

/** How many more there are of those branches that compared something from outside. */
function moreOf(seen: ReadonlyMap<number, number>, branches: readonly SlicedBranch[]): number {
  const comparing = branches.filter(({ causes }) => compares(causes));
  const pcs = new Set(comparing.map(({ pc }) => pc));
  return [...pcs].reduce((sum, pc) => sum + seen.get(pc)!, 0) - comparing.length;
}

/** What decided how many instructions ran before a step. */
function throughTime(trace: Trace, before: number): Causes {
  const slicer = new Slicer(trace, new SliceRoom(trace), 'all');
  for (let step = 0; step <= before; step++) slicer.mark(trace.control.at(step), 0, 0, CALLED);
  const { compared } = trace;
  for (let at = 0; at < compared.length && compared.at(at) < before; at += COMPARED_STRIDE)
    slicer.mark(compared.at(at), 0, 0, CALLED);
  slicer.settle();
  return slicer.causes;
}

/**
 * The result of the run: r0 as its exit found it, `bits` of it; or the fault. `redirects`: where it
 * was sent counts too.
 */
export function sliceOfResult(trace: Trace, bits: 32 | 64 = 64, redirects = false): SliceResult {
  const step = trace.returned === NO_STEP ? trace.steps - 1 : trace.returned;
  return slice(trace, (slicer) => {
    slicer.markResult(step, bits);
    if (redirects) slicer.markWhole(trace.writerOf('redirect'));
  });
}

/** What a register holds now. */
export const sliceOfRegister = (trace: Trace, register: number): SliceResult =>
  slice(trace, (slicer) => {
    slicer.mark(trace.registers[register], -1, -1, 0);
    slicer.walk(trace.registerNodes[register]);
  });

/** What bytes of linear memory hold now. */
export const sliceOfMemory = (trace: Trace, at: LinearAddress, length: number): SliceResult =>
  slice(trace, (slicer) => slicer.markMemory(at, length));
