import type { Edit } from '../protocol/messages.ts';
import { COMPARED_STRIDE, isEdit, LENGTH, NONE, type Trace } from './trace.ts';

/**
 * What of a run made a result: the dynamic slice, with the branches whose other way could have changed it (a relevant
 * slice). It goes back over a Trace from the end.
 */
export interface SliceResult {
  /** How many steps matter. */
  readonly steps: number;
  /** Slots that matter. */
  readonly pcs: ReadonlySet<number>;
  /** Bytes of the packet that were read by steps that matter, from the frame's first byte. */
  readonly packetBytes: ReadonlySet<number>;
  /** Branches that matter, in order: of each slot its last few. */
  readonly branches: readonly SlicedBranch[];
  /** Changes a person made that went into it. */
  readonly edits: readonly Edit[];
  /** Calls that matter and had a map, in order: of each slot its last few. */
  readonly mapCalls: readonly { readonly step: number; readonly pc: number; readonly map: number }[];
}

export interface SlicedBranch {
  readonly step: number;
  readonly pc: number;
  readonly taken: boolean;
  readonly left: bigint;
  readonly right: bigint;
  /** Bytes of the packet that it compared. */
  readonly packetBytes: readonly number[];
  /** It compared the packet's length. */
  readonly length: boolean;
}

/** Branches and calls that are shown, and those of one slot. */
const MOST_SHOWN = 200;
const MOST_OF_SLOT = 8;
/** Steps that are looked at for the packet bytes of one branch. */
const MOST_INTO = 2000;

/** Goes back from steps, and from nodes of branches, to all that they came from; a 1 for each step. */
function markBack(trace: Trace, from: readonly number[], node: number): { marked: Uint8Array; edits: Set<Edit> } {
  const edits = new Set<Edit>();
  const marked = new Uint8Array(trace.steps);
  const walked = new Uint8Array(trace.nodeSteps.length);
  const open = new Int32Array(trace.steps);
  let waiting = 0;
  const mark = (step: number): void => {
    if (isEdit(step)) edits.add(trace.editOf(step));
    if (step < 0 || isEdit(step) || marked[step] === 1) return;
    marked[step] = 1;
    open[waiting++] = step;
  };
  const walk = (head: number): void => {
    for (let at = head; at !== NONE && walked[at] === 0; at = trace.nodeBefore.at(at)) {
      walked[at] = 1;
      mark(trace.nodeSteps.at(at));
    }
  };
  for (const step of from) mark(step);
  walk(node);
  while (waiting > 0) {
    const step = open[--waiting];
    mark(trace.control.at(step));
    const end = trace.endOfInputs(step);
    for (let i = trace.firstInput(step); i < end; i++) {
      const input = trace.input(i);
      if (input >= 0) mark(input);
      else walk(-2 - input);
    }
  }
  return { marked, edits };
}

/** Packet bytes, LENGTH among them, whose values went into a step, without regard to what let it run. */
function bytesInto(trace: Trace, step: number): Set<number> {
  const seen = new Set([step]);
  const bytes = new Set<number>();
  const open = [step];
  for (let at = open.pop(); at !== undefined && seen.size < MOST_INTO; at = open.pop()) {
    addReads(trace, at, bytes);
    for (const input of trace.inputsOf(at)) {
      if (input < 0 || isEdit(input) || seen.has(input)) continue;
      seen.add(input);
      open.push(input);
    }
  }
  return bytes;
}

function addReads(trace: Trace, step: number, bytes: Set<number>): void {
  trace.packetReads(step, (from, to) => {
    for (let byte = from; byte < to; byte++) bytes.add(byte);
  });
}

const word = (low: number, high: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

/** The last of the marked rows of a pool whose first number is a step: a few of each slot, in order. */
function lastOf(trace: Trace, rows: Trace['compared'], stride: number, marked: Uint8Array): number[] {
  const found: number[] = [];
  const seen = new Map<number, number>();
  for (let at = rows.length - stride; at >= 0 && found.length < MOST_SHOWN; at -= stride) {
    if (marked[rows.at(at)] === 0) continue;
    const pc = trace.pcs.at(rows.at(at));
    const count = (seen.get(pc) ?? 0) + 1;
    seen.set(pc, count);
    if (count <= MOST_OF_SLOT) found.push(at);
  }
  return found.reverse();
}

function branchAt(trace: Trace, at: number): SlicedBranch {
  const { compared } = trace;
  const step = compared.at(at);
  const bytes = bytesInto(trace, step);
  const length = bytes.delete(LENGTH);
  return {
    step,
    pc: trace.pcs.at(step),
    taken: compared.at(at + 1) === 1,
    left: word(compared.at(at + 2), compared.at(at + 3)),
    right: word(compared.at(at + 4), compared.at(at + 5)),
    packetBytes: [...bytes].sort((a, b) => a - b),
    length,
  };
}

function slice(trace: Trace, from: readonly number[], node: number): SliceResult {
  const { marked, edits } = markBack(trace, from, node);
  const pcs = new Set<number>();
  const packetBytes = new Set<number>();
  let steps = 0;
  for (let step = 0; step < marked.length; step++) {
    if (marked[step] === 0) continue;
    steps += 1;
    pcs.add(trace.pcs.at(step));
    addReads(trace, step, packetBytes);
  }
  packetBytes.delete(LENGTH);
  const branches = lastOf(trace, trace.compared, COMPARED_STRIDE, marked).map((at) => branchAt(trace, at));
  const mapCalls = lastOf(trace, trace.mapCalls, 2, marked).map((at) => {
    const step = trace.mapCalls.at(at);
    return { step, pc: trace.pcs.at(step), map: trace.mapCalls.at(at + 1) };
  });
  return { steps, pcs, packetBytes, branches, edits: [...edits], mapCalls };
}

/** The result of the run: r0 as the last step found it, with the branches that could have changed it. */
export const sliceOfResult = (trace: Trace): SliceResult => slice(trace, [trace.steps - 1], NONE);

/** What a register holds now. */
export const sliceOfRegister = (trace: Trace, register: number): SliceResult =>
  slice(trace, [trace.registers[register]], trace.registerNodes[register]);

/** What bytes of linear memory hold now. */
export function sliceOfMemory(trace: Trace, at: number, length: number): SliceResult {
  const writers = Array.from({ length }, (_, i) => trace.writers.at(at + i));
  return slice(trace, writers, trace.memoryNode);
}
