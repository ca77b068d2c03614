import { fromHex } from '../bytes/hex.ts';
import { Pool } from '../bytes/pool.ts';
import type { Machine, PacketState } from '../machine/machine.ts';
import { EVER_READ } from '../machine/recorder.ts';
import { TypedStructure } from '../machine/typed.ts';
import type { Edit } from '../protocol/messages.ts';
import type { ContextField } from '../spec/contexts.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import { ControlFlow, type Untaken } from './control-flow.ts';
import { type SlotFacts, SlotTable } from './slot-facts.ts';
import { placeOfMemory } from './watch.ts';
import { Writers } from './writers.ts';

export const NONE = -1;
/** Steps that are looked at, and bytes that may be noted of them: 12 a step, 4 an input; most steps have one to three. */
export const MOST_TRACED = 2_000_000;
const MOST_BYTES = 144 * 1024 * 1024;
const BREATH = 20_000;
/** Bytes of one read whose writers are looked at. */
const MOST_READ = 4096;

/** From here on a writer is no step: it is a change that a person made, by its number. */
const EDITED = MOST_TRACED;

export const isEdit = (writer: number): boolean => writer >= EDITED;

/** In place of a byte of the packet: how long it is. */
export const LENGTH = -1;

/** Of a read of the packet: its step, the first byte and the one behind the last, from the frame's first byte. */
const READ_STRIDE = 3;
/** Of a branch: its step, whether it was taken, the two halves of what it compared with the two of what it compared to. */
export const COMPARED_STRIDE = 6;

/** Branches whose ways have not met, of one function: steps, and the slots where they meet. */
interface Open {
  readonly steps: number[];
  readonly meets: number[];
}

/**
 * Where the inputs of every step came from, noted in one pass forward. An input is the step that wrote it, or a node of
 * the list of branches that could have written it had they gone the other way.
 *
 * A place of memory is known by its linear address; a map by a number of its own, since its entries come and go.
 */
export class Trace {
  readonly pcs = new Pool();
  /** The branch or call that let each step run. */
  readonly control = new Pool();
  /** Where the inputs of each step end in `inputs`: a step, or `fromNode` of a node. */
  private readonly ends = new Pool();
  private readonly inputs = new Pool();
  /** Branches that could have written, latest first: the step of each, and the node before it. */
  readonly nodeSteps = new Pool();
  readonly nodeBefore = new Pool();
  private readonly reads = new Pool();
  readonly compared = new Pool();
  /** Steps that gave a helper a map, and the map. */
  readonly mapCalls = new Pool();

  readonly registers = new Int32Array(11).fill(NONE);
  /** Node of each register; NONE without. */
  readonly registerNodes = new Int32Array(11).fill(NONE);
  readonly writers = new Writers();
  memoryNode = NONE;
  private readonly fields = new Map<ContextField, number>();
  /** Changes that a person made on the way. */
  private readonly edits: Edit[] = [];
  private readonly maps: Int32Array;
  /** The call that last moved the packet or changed its length, or could have. */
  private shape = NONE;
  private packetState: PacketState;
  private readonly frames: { registers: Int32Array; nodes: Int32Array; open: Open }[] = [];
  private open: Open = { steps: [], meets: [] };
  /** The frame as it came in, by linear address. */
  private readonly frameStart: number;
  private readonly frameEnd: number;
  private readonly lengthRegister: number;
  private readonly slots: SlotTable;
  private readonly traced: Traced;

  constructor(traced: Traced) {
    const { machine, hook } = traced;
    this.traced = traced;
    this.slots = new SlotTable(machine, new ControlFlow(machine), hook);
    this.maps = new Int32Array(machine.maps.length).fill(NONE);
    this.packetState = { ...machine.packet };
    const { region, data, hidden, end } = machine.packet;
    this.frameStart = data - hidden;
    this.frameEnd = region === 0 ? this.frameStart : end;
    this.lengthRegister = programType(hook).context ? NONE : 2;
    this.noteEdits(machine);
  }

  get steps(): number {
    return this.pcs.length;
  }

  /** Whether there is room to note another step. */
  get hasRoom(): boolean {
    const { inputs, nodeSteps, nodeBefore, reads, writers } = this;
    return (
      this.steps < MOST_TRACED &&
      inputs.bytes + nodeSteps.bytes + nodeBefore.bytes + reads.bytes + writers.bytes < MOST_BYTES
    );
  }

  /** Runs the machine's next instruction and notes it. */
  step(): void {
    const { machine } = this.traced;
    const { pc } = machine;
    const facts = this.slots.at(pc);
    const number = this.steps;
    const depth = machine.frames.length;
    this.meet(pc);
    this.pcs.push(pc);
    this.control.push(this.open.steps.at(-1) ?? NONE);
    if (facts?.jumps) this.compare(machine, facts, number);
    const map = facts?.calls ? mapOf(machine) : NONE;
    this.traced.advance(machine.steps + 1);
    if (facts) {
      this.noteInputs(machine, facts, number, map);
      this.noteOutputs(machine, facts, number, map);
    }
    this.ends.push(this.inputs.length);
    if (facts?.jumps) this.branch(facts, number, machine.pc === facts.target);
    if (facts?.cases) this.part(number, facts, this.slots.othersThan(pc, machine.pc));
    this.changeFrame(machine.frames.length - depth, number);
    this.noteEdits(machine);
  }

  /** What a person changed after the last step comes from nothing before it. */
  private noteEdits(machine: Machine): void {
    for (const edit of this.traced.editsAt(machine.steps)) {
      const writer = EDITED + this.edits.length;
      this.edits.push(edit);
      this.noteEdit(machine, edit, writer);
    }
  }

  private noteEdit(machine: Machine, { target, value }: Edit, writer: number): void {
    switch (target.kind) {
      case 'register':
        this.registers[target.index] = writer;
        this.registerNodes[target.index] = NONE;
        return;
      case 'memory': {
        const length = fromHex(value)?.length ?? 0;
        const at = placeOfMemory(machine, target.region, target.offset, length);
        if (at !== undefined) this.writers.set(at, at + length, writer);
        return;
      }
      case 'context': {
        const structure = machine.context instanceof TypedStructure ? machine.context : undefined;
        const field = structure?.fields.find(({ name }) => name === target.field);
        if (field) this.fields.set(field, writer);
        return;
      }
      case 'map': {
        const map = machine.maps.findIndex(({ definition }) => definition.name === target.map);
        if (map >= 0) this.maps[map] = writer;
      }
    }
  }

  /** The change that a writer is. */
  editOf(writer: number): Edit {
    return this.edits[writer - EDITED];
  }

  private meet(pc: number): void {
    const { steps, meets } = this.open;
    while (meets.length > 0 && meets[meets.length - 1] === pc) {
      meets.pop();
      steps.pop();
    }
  }

  private compare({ halves }: Machine, { dst, src, immediate }: SlotFacts, number: number): void {
    const { compared } = this;
    compared.push(number);
    compared.push(0);
    compared.push(halves[2 * dst]);
    compared.push(halves[2 * dst + 1]);
    compared.push(src === NONE ? immediate : halves[2 * src]);
    compared.push(src === NONE ? immediate >> 31 : halves[2 * src + 1]);
  }

  private noteInputs(machine: Machine, facts: SlotFacts, number: number, map: number): void {
    const { inputs, registers, registerNodes } = this;
    for (let register = 0, rest = facts.reads; rest !== 0; register++, rest >>= 1) {
      if ((rest & 1) === 0) continue;
      if (registers[register] !== NONE) inputs.push(registers[register]);
      else if (register === this.lengthRegister) this.noteRead(number, LENGTH, LENGTH + 1);
      if (registerNodes[register] !== NONE) inputs.push(fromNode(registerNodes[register]));
    }
    this.noteMemory(machine, number);
    this.noteFields(machine, number);
    if (facts.calls && this.shape !== NONE) inputs.push(this.shape);
    if (map === NONE) return;
    this.mapCalls.push(number);
    this.mapCalls.push(map);
    if (this.maps[map] !== NONE) inputs.push(this.maps[map]);
  }

  /** Bytes the step read: who wrote them, and which of them are the packet's. */
  private noteMemory(machine: Machine, number: number): void {
    const recorder = machine.recorder!;
    for (let n = 0; n < recorder.count; n++) {
      if (recorder.kind[n] !== EVER_READ) continue;
      const start = recorder.at[n];
      this.noteBytes(start, start + Math.min(recorder.size[n], MOST_READ), number);
      if (this.memoryNode !== NONE) this.inputs.push(fromNode(this.memoryNode));
    }
  }

  private noteBytes(start: number, end: number, number: number): void {
    let last = NONE;
    let from = NONE;
    for (let at = start; at < end; at++) {
      const writer = this.writers.at(at);
      if (writer !== NONE && writer !== last) this.inputs.push(writer);
      last = writer;
      const ofPacket = writer === NONE && at >= this.frameStart && at < this.frameEnd;
      if (ofPacket && from === NONE) from = at;
      if (ofPacket || from === NONE) continue;
      this.noteRead(number, from - this.frameStart, at - this.frameStart);
      from = NONE;
    }
    if (from !== NONE) this.noteRead(number, from - this.frameStart, end - this.frameStart);
  }

  private noteRead(number: number, from: number, to: number): void {
    this.reads.push(number);
    this.reads.push(from);
    this.reads.push(to);
  }

  /** Fields of the context: who wrote them, or what of the packet they tell. */
  private noteFields(machine: Machine, number: number): void {
    const { touched, wentByProtocol } = machine.recorder!;
    if (wentByProtocol) for (const [from, to] of this.traced.protocolBytes()) this.noteRead(number, from, to);
    if (touched === undefined) return;
    for (const field of touched.fields) {
      if (touched.kind !== EVER_READ) {
        this.fields.set(field, number);
        continue;
      }
      const writer = this.fields.get(field);
      if (writer !== undefined) this.inputs.push(writer);
      else if (field.yields !== 'number' && this.shape !== NONE) this.inputs.push(this.shape);
      else if (field.yields === 'packet-end' || field.yields === 'length') this.noteRead(number, LENGTH, LENGTH + 1);
      else for (const [from, to] of this.traced.fieldBytes(field)) this.noteRead(number, from, to);
    }
  }

  private noteOutputs(machine: Machine, facts: SlotFacts, number: number, map: number): void {
    for (let register = 0, rest = facts.writes; rest !== 0; register++, rest >>= 1) {
      if ((rest & 1) === 0) continue;
      this.registers[register] = number;
      this.registerNodes[register] = NONE;
    }
    const recorder = machine.recorder!;
    for (let n = 0; n < recorder.count; n++)
      if (recorder.kind[n] !== EVER_READ) this.writers.set(recorder.at[n], recorder.at[n] + recorder.size[n], number);
    if (map !== NONE && !facts.onlyLooks) this.maps[map] = number;
    // A helper that goes by the protocol could have moved it, had that been another.
    if (facts.calls && (recorder.wentByProtocol || hasMoved(this.packetState, machine.packet))) {
      this.shape = number;
      this.packetState = { ...machine.packet };
    }
  }

  private branch(facts: SlotFacts, number: number, taken: boolean): void {
    this.compared.set(this.compared.length - COMPARED_STRIDE + 1, taken ? 1 : 0);
    this.part(number, facts, taken ? facts.writesOfNext : facts.writesOfTarget);
  }

  /** From here until its ways meet the step decides what runs; the other ways could have written what they write. */
  private part(number: number, { meets }: SlotFacts, { registers, memory }: Untaken): void {
    const { open } = this;
    if (open.meets.at(-1) === meets) {
      open.meets.pop();
      open.steps.pop();
    }
    open.meets.push(meets);
    open.steps.push(number);
    for (let register = 0, rest = registers; rest !== 0; register++, rest >>= 1)
      if (rest & 1) this.registerNodes[register] = this.node(number, this.registerNodes[register]);
    if (memory) this.memoryNode = this.node(number, this.memoryNode);
  }

  private node(step: number, before: number): number {
    this.nodeSteps.push(step);
    this.nodeBefore.push(before);
    return this.nodeSteps.length - 1;
  }

  /** Into a function: its branches are its own. Out of it: r6 to r9 are the caller's again. */
  private changeFrame(change: number, number: number): void {
    if (change > 0) {
      this.frames.push({
        registers: this.registers.slice(6, 10),
        nodes: this.registerNodes.slice(6, 10),
        open: this.open,
      });
      this.open = { steps: [number], meets: [NONE] };
    } else if (change < 0) {
      const frame = this.frames.pop();
      if (frame === undefined) return;
      this.registers.set(frame.registers, 6);
      this.registerNodes.set(frame.nodes, 6);
      this.open = frame.open;
    }
  }

  /** Steps whose results a step took, and nodes (`fromNode`) of branches that could have changed them. */
  inputsOf(step: number): number[] {
    const found: number[] = [];
    for (let i = this.firstInput(step); i < this.ends.at(step); i++) found.push(this.inputs.at(i));
    return found;
  }

  firstInput(step: number): number {
    return step === 0 ? 0 : this.ends.at(step - 1);
  }

  endOfInputs(step: number): number {
    return this.ends.at(step);
  }

  input(index: number): number {
    return this.inputs.at(index);
  }

  /** Calls back with every range of packet bytes that a step read. */
  packetReads(step: number, found: (from: number, to: number) => void): void {
    const { reads } = this;
    for (let i = reads.lowerBound(step, READ_STRIDE); i < reads.length && reads.at(i) === step; i += READ_STRIDE)
      found(reads.at(i + 1), reads.at(i + 2));
  }
}

const hasMoved = (before: PacketState, now: PacketState): boolean =>
  before.data !== now.data || before.end !== now.end || before.linear !== now.linear || before.meta !== now.meta;

/** Nodes among the inputs of a step: below NONE. */
export const fromNode = (node: number): number => -2 - node;

/** The map that a call is about to hand to a helper. */
function mapOf({ maps, registers }: Machine): number {
  for (let register = 1; register <= 2; register++) {
    const handle = registers[register];
    const map = maps.findIndex((candidate) => candidate.handle === handle);
    if (map >= 0) return map;
  }
  return NONE;
}

/** What is traced: a machine, and who runs it on. */
export interface Traced {
  readonly machine: Machine;
  readonly hook: HookName;
  advance(limit: number): unknown;
  /** Changes a person made after so many steps. */
  editsAt(step: number): readonly Edit[];
  /** Bytes of the packet that a field of the context tells of. */
  fieldBytes(field: ContextField): readonly (readonly [number, number])[];
  /** Those that say what protocols it has, and where their headers lie. */
  protocolBytes(): readonly (readonly [number, number])[];
}

/** Runs a session that stands before its first step to its end; a generator that stops to breathe. */
export function* traceRun(session: Traced, maxSteps: number): Generator<number, Trace> {
  const { machine } = session;
  const trace = new Trace(session);
  while (machine.status === 'running' && machine.steps < maxSteps && trace.hasRoom) {
    trace.step();
    if (machine.steps % BREATH === 0) yield machine.steps;
  }
  return trace;
}
