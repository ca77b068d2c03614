import type { Instruction } from '../asm/decode.ts';
import { helperParameters } from '../helpers/table.ts';
import { readsOf, targetOf, writesOf } from '../machine/code-space.ts';
import type { Machine } from '../machine/machine.ts';
import { EVER_READ } from '../machine/recorder.ts';
import type { HookName } from '../spec/program-types.ts';
import { ALL_WRITES, ControlFlow, isTableJump, type Untaken } from './control-flow.ts';

/**
 * What of a run made a result: the dynamic slice, with the branches whose other way could have changed it (a relevant
 * slice). One pass forward notes for each step where its inputs came from; the slice goes back from the end.
 *
 * A place of memory is known by its linear address; a map by a number of its own, since its entries come and go.
 */
const NONE = -1;
/** Steps that may be looked at: 40 bytes each. */
export const MOST_SLICED = 2_000_000;
const BREATH = 50_000;

/** Branches that could have written something had they gone the other way, latest first. */
interface Pending {
  readonly step: number;
  readonly before: Pending | undefined;
}

export interface SliceResult {
  /** Steps that matter, ascending. */
  readonly steps: readonly number[];
  /** Slots that matter. */
  readonly pcs: ReadonlySet<number>;
  /** Bytes of the packet that were read by steps that matter, from the frame's first byte. */
  readonly packetBytes: ReadonlySet<number>;
  /** Branches that matter, in order, and the packet bytes that each one compared. */
  readonly branches: readonly SlicedBranch[];
}

export interface SlicedBranch {
  readonly step: number;
  readonly pc: number;
  readonly taken: boolean;
  readonly left: bigint;
  readonly right: bigint;
  readonly packetBytes: readonly number[];
}

/** Where the inputs of every step came from. */
export class Trace {
  readonly pcs: number[] = [];
  /** Inputs of a step: data, then the branch or call that let it run; both as lists of steps. */
  private readonly data: Int32Array[] = [];
  private readonly control: number[] = [];
  private readonly pending: (Pending | undefined)[][] = [];
  private readonly packet: (number[] | undefined)[] = [];
  private readonly compared = new Map<number, { taken: boolean; left: bigint; right: bigint }>();
  private readonly flow: ControlFlow;
  private readonly hook: HookName;

  private registers = new Int32Array(11).fill(NONE);
  private memory = new Map<number, number>();
  private maps = new Map<number, number>();
  private pendingRegisters: (Pending | undefined)[] = new Array(11).fill(undefined);
  private pendingMemory: Pending | undefined;
  /** Of each frame: registers of the caller, and the branches whose ways have not met. */
  private readonly frames: { saved: Int32Array; open: { step: number; meets: number }[] }[] = [];
  private open: { step: number; meets: number }[] = [];
  /** The map that the running helper was given. */
  private calledMap: number | undefined;

  constructor(machine: Machine, hook: HookName) {
    this.flow = new ControlFlow(machine);
    this.hook = hook;
  }

  /** Runs the machine's next instruction and notes it. */
  step(machine: Machine, advance: (limit: number) => unknown): void {
    const { pc } = machine;
    const instruction = machine.code.instructions[pc];
    const number = this.pcs.length;
    this.meet(pc);
    const before = machine.registers.slice(0, 11);
    const depth = machine.frames.length;
    advance(machine.steps + 1);
    this.pcs.push(pc);
    this.control.push(this.open.at(-1)?.step ?? NONE);
    if (instruction?.row === undefined) {
      this.note([], [], undefined);
      return;
    }
    this.inputs(machine, instruction, before);
    this.outputs(machine, instruction, number);
    if (instruction.row.kind === 'jump') this.branch(machine, instruction, pc, number, before);
    if (isTableJump(instruction)) this.choose(machine, pc, number);
    this.changeFrame(machine.frames.length - depth, number);
  }

  private note(data: number[], pending: (Pending | undefined)[], packet: number[] | undefined): void {
    this.data.push(Int32Array.from(data));
    this.pending.push(pending);
    this.packet.push(packet);
  }

  private meet(pc: number): void {
    while (this.open.length > 0 && this.open[this.open.length - 1].meets === pc) this.open.pop();
  }

  private inputs(machine: Machine, instruction: Instruction, before: BigUint64Array): void {
    const data: number[] = [];
    const pending: (Pending | undefined)[] = [];
    const reads = readsOf(instruction, (id) => helperParameters(this.hook, id));
    for (let register = 0; register <= 10; register++) {
      if ((reads & (1 << register)) === 0) continue;
      if (this.registers[register] !== NONE) data.push(this.registers[register]);
      if (this.pendingRegisters[register]) pending.push(this.pendingRegisters[register]);
    }
    const packet = this.memoryInputs(machine, data, pending);
    const map = this.mapOf(machine, instruction, before);
    if (map !== undefined && this.maps.has(map)) data.push(this.maps.get(map)!);
    this.note(data, pending, packet);
  }

  /** Bytes the step read: who wrote them, and which of them are the packet's. */
  private memoryInputs(machine: Machine, data: number[], pending: (Pending | undefined)[]): number[] | undefined {
    const recorder = machine.recorder!;
    const { packet } = machine;
    const start = packet.data - packet.hidden;
    const bytes: number[] = [];
    for (let n = 0; n < recorder.count; n++) {
      if (recorder.kind[n] !== EVER_READ) continue;
      for (let at = recorder.at[n]; at < recorder.at[n] + Math.min(recorder.size[n], 4096); at++) {
        const writer = this.memory.get(at);
        if (writer !== undefined) data.push(writer);
        else if (packet.region !== 0 && at >= start && at < packet.end) bytes.push(at - start);
      }
      if (this.pendingMemory) pending.push(this.pendingMemory);
    }
    return bytes.length > 0 ? bytes : undefined;
  }

  private outputs(machine: Machine, instruction: Instruction, number: number): void {
    const { row } = instruction;
    const calls = row.kind === 'flow' && (row.op === 'call' || row.op === 'call_kfunc' || row.op === 'callx');
    const writes = calls ? 0b11_1111 : writesOf(instruction);
    for (let register = 0; register <= 10; register++) {
      if ((writes & (1 << register)) === 0) continue;
      this.registers[register] = number;
      this.pendingRegisters[register] = undefined;
    }
    const recorder = machine.recorder!;
    for (let n = 0; n < recorder.count; n++) {
      if (recorder.kind[n] === EVER_READ) continue;
      for (let at = recorder.at[n]; at < recorder.at[n] + recorder.size[n]; at++) this.memory.set(at, number);
    }
    if (calls && this.calledMap !== undefined) this.maps.set(this.calledMap, number);
  }

  /** The map a helper was given, by its number. */
  private mapOf(machine: Machine, { row }: Instruction, before: BigUint64Array): number | undefined {
    if (row.kind !== 'flow' || !row.op.startsWith('call')) return undefined;
    for (const register of [1, 2]) {
      const map = machine.maps.findIndex(({ handle }) => handle === before[register]);
      if (map >= 0) {
        this.calledMap = map;
        return map;
      }
    }
    this.calledMap = undefined;
    return undefined;
  }

  private branch(machine: Machine, instruction: Instruction, pc: number, number: number, before: BigUint64Array): void {
    const { row, slot } = instruction;
    if (row.kind !== 'jump') return;
    const target = targetOf(instruction, pc)!;
    const taken = machine.pc === target;
    const right = row.operand === 'reg' ? before[slot.src] : BigInt.asUintN(64, BigInt(slot.imm));
    this.compared.set(number, { taken, left: before[slot.dst], right });
    this.part(number, pc, this.flow.writesOnWay(pc, taken ? pc + 1 : target));
  }

  /** A jump by a table: every other case could have run. */
  private choose(machine: Machine, pc: number, number: number): void {
    const cases = this.flow.at(pc)?.successors.get(pc) ?? [];
    const others = cases.filter((slot) => slot !== machine.pc).map((slot) => this.flow.writesOnWay(pc, slot));
    const registers = others.reduce((bits, other) => bits | other.registers, cases.length === 0 ? ALL_WRITES : 0);
    this.part(number, pc, { registers, memory: cases.length === 0 || others.some(({ memory }) => memory) });
  }

  /** From here until its ways meet the step decides what runs; the other ways could have written what they write. */
  private part(number: number, pc: number, { registers, memory }: Untaken): void {
    const meets = this.flow.at(pc)?.meets.get(pc) ?? NONE;
    if (this.open.at(-1)?.meets === meets) this.open.pop();
    this.open.push({ step: number, meets });
    for (let register = 0; register <= 10; register++)
      if (registers & (1 << register))
        this.pendingRegisters[register] = { step: number, before: this.pendingRegisters[register] };
    if (memory) this.pendingMemory = { step: number, before: this.pendingMemory };
  }

  /** Into a function: its branches are its own. Out of it: r6 to r9 are the caller's again. */
  private changeFrame(change: number, number: number): void {
    if (change > 0) {
      this.frames.push({ saved: this.registers.slice(6, 10), open: this.open });
      this.open = [{ step: number, meets: NONE }];
    } else if (change < 0) {
      const frame = this.frames.pop();
      if (frame === undefined) return;
      this.registers.set(frame.saved, 6);
      this.open = frame.open;
    }
  }

  /** Goes back from steps to all that they came from. */
  slice(from: readonly number[], extra: Pending | undefined = undefined): SliceResult {
    const marked = new Uint8Array(this.pcs.length);
    const open = [...from.filter((step) => step >= 0)];
    const mark = (step: number): void => {
      if (step < 0 || marked[step] === 1) return;
      marked[step] = 1;
      open.push(step);
    };
    for (const step of open) marked[step] = 1;
    const walked = new Set<Pending>();
    const walk = (head: Pending | undefined): void => {
      for (let node = head; node !== undefined && !walked.has(node); node = node.before) {
        walked.add(node);
        mark(node.step);
      }
    };
    walk(extra);
    for (let step = open.pop(); step !== undefined; step = open.pop()) {
      for (const input of this.data[step]) mark(input);
      mark(this.control[step]);
      for (const head of this.pending[step]) walk(head);
    }
    return this.resultOf(marked);
  }

  /** What a register holds now. */
  ofRegister(register: number): SliceResult {
    return this.slice([this.registers[register]], this.pendingRegisters[register]);
  }

  /** What bytes of linear memory hold now. */
  ofMemory(at: number, length: number): SliceResult {
    const writers = Array.from({ length }, (_, i) => this.memory.get(at + i) ?? NONE);
    return this.slice(writers, this.pendingMemory);
  }

  /** The result of the run: r0 as the last step found it, with the branches that could have changed it. */
  result(): SliceResult {
    return this.slice([this.pcs.length - 1]);
  }

  private resultOf(marked: Uint8Array): SliceResult {
    const steps: number[] = [];
    const pcs = new Set<number>();
    const packetBytes = new Set<number>();
    const branches: SlicedBranch[] = [];
    for (let step = 0; step < marked.length; step++) {
      if (marked[step] === 0) continue;
      steps.push(step);
      pcs.add(this.pcs[step]);
      for (const byte of this.packet[step] ?? []) packetBytes.add(byte);
      const compared = this.compared.get(step);
      if (compared && branches.length < MOST_BRANCHES)
        branches.push({ step, pc: this.pcs[step], ...compared, packetBytes: this.bytesInto(step) });
    }
    return { steps, pcs, packetBytes, branches };
  }

  /** Packet bytes whose values went into a step, without regard to what let it run. */
  private bytesInto(step: number): number[] {
    const seen = new Set([step]);
    const bytes = new Set<number>();
    const open = [step];
    for (let at = open.pop(); at !== undefined && seen.size < MOST_INTO; at = open.pop()) {
      for (const byte of this.packet[at] ?? []) bytes.add(byte);
      for (const input of this.data[at]) {
        if (seen.has(input)) continue;
        seen.add(input);
        open.push(input);
      }
    }
    return [...bytes].sort((a, b) => a - b);
  }
}

/** What is traced: a machine, and who runs it on. */
export interface Traced {
  readonly machine: Machine;
  readonly hook: HookName;
  advance(limit: number): unknown;
}

const MOST_BRANCHES = 200;
const MOST_INTO = 2000;

/** Runs a session that stands before its first step to its end; a generator that stops to breathe. */
export function* traceRun(session: Traced, maxSteps: number): Generator<number, Trace> {
  const { machine, hook } = session;
  const advance = (bound: number) => session.advance(bound);
  const trace = new Trace(machine, hook);
  const limit = Math.min(maxSteps, MOST_SLICED);
  while (machine.status === 'running' && machine.steps < limit) {
    trace.step(machine, advance);
    if (machine.steps % BREATH === 0) yield machine.steps;
  }
  return trace;
}
