/**
 * The dependences of a run, noted in one pass forward, for slices to go back over (dynamic slicing,
 * Agrawal and Horgan 1990; with potential dependences, a relevant slice, Gyimóthy et al. 1999).
 *
 * Of each step: where its inputs came from (data dependence), the branch or call that let it run
 * (control dependence: the latest branch that it does not post-dominate), and the branches that
 * could have let another step write an input (potential dependence: a node).
 *
 *     pc                             step   inputs                      control
 *      0   r2 = *(u32 *)(r1 + 0)      0     context field `data`          -
 *      1   r3 = *(u8 *)(r2 + 23)      1     r2: step 0, packet byte 23    -
 *      2   r0 = 2                     2     -                             -
 *      3   if r3 != 17 goto +1        3     r3: step 1                    -
 *      4   r0 = 1                           the packet is TCP: not run
 *      5   exit                       4     r0: step 2, or node: step 3   -
 *
 * Step 2 alone made the 2 that the program returns, and depends on nothing. But had the branch of
 * step 3 gone on, pc 4 would have written r0: that is the node. By it the result depends on packet
 * byte 23, which is why. Step 4 does not depend on step 3 by control: both ways of it lead to exit,
 * which post-dominates it.
 *
 * Inputs lie in pools, those of all steps one behind the other: `ends` says where a step's end.
 *
 *     step      0       1           2    3    4
 *     ends      1       3           3    4    6
 *     inputs    field   0    byte      1    2    -2 - node
 *     roles     what each is to the step: an operand and its bits, an address, memory …
 */
import { fromHex } from '../bytes/hex.ts';
import { Pool } from '../bytes/pool.ts';
import { controlFlowOf } from '../machine/control-flow.ts';
import type { Machine } from '../machine/machine.ts';
import { EVER_READ, type Provenance } from '../machine/recorder.ts';
import { TypedStructure } from '../machine/typed.ts';
import type { GuestMap } from '../maps/map.ts';
import { locate, READ } from '../memory/memory.ts';
import type { Untaken } from '../program/control-flow.ts';
import { placeOfMemory } from '../session/travel/watch.ts';
import type { Edit } from '../session/types.ts';
import { type ContextField, contextFields } from '../spec/contexts.ts';
import type { HelperState, Surrounding } from '../spec/helper-effects.ts';
import type { AluOp } from '../spec/isa.ts';
import { mapType } from '../spec/map-types.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import type { LinearAddress, Pc, Step } from '../spec/units.ts';
import { Cells, CLEARED, WHOLE } from './cells.ts';
import { calledMap, keyOfCall, placeOfKey } from './map-calls.ts';
import { type SlotFacts, SlotTable } from './slot-facts.ts';
import { KIND, kindOf, OF_CONTENTS, role } from './trace-inputs.ts';

/** Stands for no step, where a step is asked for. */
export const NO_STEP = -1;
/**
 * Steps that are looked at, and bytes that may be noted of them; most steps have one to three
 * inputs.
 */
export const MOST_TRACED = 2_000_000;
const MOST_BYTES = 192 * 1024 * 1024;
const BREATH = 20_000;
/** Bytes of one read that are told one by one. */
const MOST_READ = 0x1_0000;

/** Which bits of one operand count depends on the other. */
const CHOOSES_BITS: ReadonlySet<AluOp> = new Set(['and', 'or', 'lsh', 'rsh', 'arsh']);

/** From here on a writer is no step: it is a change that a person made, by its number. */
const EDITED = MOST_TRACED;

export const isEdit = (writer: number): boolean => writer >= EDITED;

/**
 * Of a branch: its step, whether it was taken, the two halves of what it compared with the two of
 * what it compared to.
 */
export const COMPARED_STRIDE = 6;
/**
 * Of a call that was given a map: its step, the map, the key in `keys` or NONE, bits of the key's
 * bytes that nobody wrote.
 */
export const MAP_CALL_STRIDE = 4;
/**
 * Of an operation by two registers: its step, whether the destination is what is known, the two
 * halves of it.
 */
export const KNOWN_STRIDE = 4;

/** What untaken ways may have written, by where it lies. */
const AREAS = 3;
const STACK = 0;
const PACKET = 1;
const OTHER = 2;

/** Branches whose ways have not met, of one function: steps, and the slots where they meet. */
interface Open {
  readonly steps: number[];
  readonly meets: number[];
  /** The step that began this round of a callback. */
  began: number;
}

interface Caller {
  readonly registers: Int32Array;
  readonly nodes: Int32Array;
  readonly open: Open;
}

/**
 * Where the inputs of every step came from, noted in one pass forward. What an input is, is in
 * trace-inputs.ts; a node is one of a list of steps that could have written it, had they gone or
 * been called another way.
 *
 * A place of memory is known by its linear address; a map by a number of its own, since its entries
 * come and go.
 */
export class Trace implements Provenance {
  readonly pcs = new Pool();
  /** The branch or call that let each step run. */
  readonly control = new Pool();
  /** Where the inputs of each step end in `inputs` and `roles`. */
  private readonly ends = new Pool();
  private readonly inputs = new Pool();
  private readonly roles = new Pool();
  /** Steps that could have written, latest first: the step of each, and the node before it. */
  readonly nodeSteps = new Pool();
  readonly nodeBefore = new Pool();
  readonly compared = new Pool();
  readonly mapCalls = new Pool();
  readonly known = new Pool();
  /** Whether the result of a step is the same for every packet and every setting. */
  private readonly fixed = new Pool();
  readonly keys: string[] = [];
  private readonly keyNumbers = new Map<string, number>();
  /** Context fields and settings that are inputs, by the number that stands for them. */
  readonly fields: ContextField[] = [];
  readonly surroundings: Surrounding[] = [];
  /** What calls answered: step and the two halves. */
  readonly answers = new Pool();

  readonly registers = new Int32Array(11).fill(NO_STEP);
  /** Node of each register; NONE without. */
  readonly registerNodes = new Int32Array(11).fill(NO_STEP);
  readonly cells = new Cells();
  readonly areaNodes = new Int32Array(AREAS).fill(NO_STEP);
  /** Calls on ways that were not taken. */
  private callNode = NO_STEP;
  private readonly fieldWriters = new Map<ContextField, number>();
  private readonly states = new Map<HelperState, number>();
  /** The call that last moved the packet, or could have. */
  private shapeNode = NO_STEP;
  /** Changes that a person made on the way. */
  private readonly edits: Edit[] = [];
  private readonly maps: Int32Array;
  private readonly frames: Caller[] = [];
  private open: Open = { steps: [], meets: [], began: NO_STEP };
  /** The frame as it came in, by linear address. */
  readonly frameStart: number;
  readonly frameEnd: number;
  /**
   * Linear address of struct bpf_flow_keys, which holds the frame's type before the run; NONE:
   * there is none.
   */
  readonly flowKeys: number;
  private readonly stackEnd: number;
  private readonly lengthRegister: number;
  private readonly ofContext: ReadonlySet<ContextField>;
  readonly slots: SlotTable;
  readonly hook: HookName;
  private readonly traced: Traced;
  /** The step at which the program returned, where callbacks of timers ran after it. */
  returned = NO_STEP;
  /**
   * What runs now: its number and facts; of a call, whether its registers are fixed, and what it
   * gives is.
   */
  private number = 0;
  private facts: SlotFacts | undefined;
  private argumentsFixed = false;
  private givesFixed = false;

  constructor(traced: Traced) {
    const { machine, hook } = traced;
    this.traced = traced;
    this.hook = hook;
    this.slots = new SlotTable(machine, controlFlowOf(machine), hook, traced.object.externs);
    this.maps = new Int32Array(machine.maps.length).fill(NO_STEP);
    const { region, data, hidden, end } = machine.packet;
    this.frameStart = data - hidden;
    this.frameEnd = region === 0 ? this.frameStart : end;
    const { base, length, info } = machine.memory;
    const keys =
      hook === 'flow_dissector'
        ? info.findLastIndex(({ kind, name }) => kind === 'memory' && name() === 'flow_keys')
        : NO_STEP;
    this.flowKeys = keys < 0 ? NO_STEP : base[keys];
    this.stackEnd = Math.max(...machine.stackRegions.map((id) => base[id] + length[id]));
    const { context } = programType(hook);
    this.lengthRegister = context ? NO_STEP : 2;
    this.ofContext = new Set(context ? contextFields(context) : []);
    this.noteEdits(machine);
  }

  get steps(): number {
    return this.pcs.length;
  }

  get littleEndian(): boolean {
    return this.traced.machine.memory.littleEndian;
  }

  /** Whether there is room to note another step. */
  get hasRoom(): boolean {
    const { inputs, roles, nodeSteps, nodeBefore, cells } = this;
    return (
      this.steps < MOST_TRACED &&
      inputs.bytes + roles.bytes + nodeSteps.bytes + nodeBefore.bytes + cells.bytes < MOST_BYTES
    );
  }

  /** Runs the machine's next instruction and notes it. */
  step(): void {
    const { machine } = this.traced;
    const { pc } = machine;
    const facts = this.slots.at(pc);
    const number = this.steps;
    this.number = number;
    this.facts = facts;
    const depth = machine.frames.length;
    this.meet(pc);
    this.pcs.push(pc);
    this.control.push(this.open.steps.at(-1) ?? NO_STEP);
    if (facts?.jumps) this.compare(machine, facts);
    const map = facts?.effect ? calledMap(machine) : NO_STEP;
    if (facts) this.noteOperands(machine, facts, map);
    this.traced.advance(machine.steps + 1);
    if (facts) this.noteOutputs(machine, facts, map);
    this.ends.push(this.inputs.length);
    if (facts?.jumps) this.branch(facts, machine.pc === facts.target);
    if (facts?.cases) this.part(facts, this.slots.othersThan(pc, machine.pc));
    if (facts?.leaves) this.decideForGood(number);
    this.changeFrame(machine, machine.frames.length - depth);
    this.noteEdits(machine);
  }

  private input(source: number, how: number): void {
    this.inputs.push(source);
    this.roles.push(how);
  }

  private nodeInput(node: number): void {
    if (node !== NO_STEP) this.input(node, role(KIND.node));
  }

  // ---------------------------------------------------------------- what a person changed

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
        this.registerNodes[target.index] = NO_STEP;
        return;
      case 'memory': {
        const length = fromHex(value)?.length ?? 0;
        const at = placeOfMemory(machine, target.region, target.offset, length);
        if (at !== undefined) this.cells.write(at, at + length, writer, WHOLE);
        return;
      }
      case 'context': {
        const structure = machine.context instanceof TypedStructure ? machine.context : undefined;
        const field = structure?.fields.find(({ name }) => name === target.field);
        if (field) this.fieldWriters.set(field, writer);
        return;
      }
      case 'map':
      case 'fill': {
        const map = machine.maps.findIndex(({ definition }) => definition.name === target.map);
        if (map < 0) return;
        this.maps[map] = writer;
        if (target.kind === 'map') this.noteEditedValue(machine, map, target.key, writer);
      }
    }
  }

  /** The bytes of an entry that a person set. */
  private noteEditedValue(machine: Machine, index: number, hex: string, writer: number): void {
    const map = machine.maps[index];
    const key = fromHex(hex);
    if (key === undefined || key.length !== map.definition.keySize) return;
    const pointer = map.lookup(key, machine.surroundings.cpu);
    const size = map.definition.valueSize;
    const at = locate(
      machine.memory,
      Number(pointer >> 32n),
      Number(pointer & 0xffff_ffffn),
      size,
      READ,
    );
    if (at >= 0) this.cells.write(at, at + size, writer, WHOLE);
  }

  /** The change that a writer is. */
  editOf(writer: number): Edit {
    return this.edits[writer - EDITED];
  }

  // ---------------------------------------------------------------- before a step

  private meet(pc: Pc): void {
    const { steps, meets } = this.open;
    while (meets.length > 0 && meets[meets.length - 1] === pc) {
      meets.pop();
      steps.pop();
    }
  }

  private compare({ halves }: Machine, { dst, src, immediate }: SlotFacts): void {
    const { compared } = this;
    compared.push(this.number);
    compared.push(0);
    compared.push(halves[2 * dst]);
    compared.push(halves[2 * dst + 1]);
    compared.push(src === NO_STEP ? immediate : halves[2 * src]);
    compared.push(src === NO_STEP ? immediate >> 31 : halves[2 * src + 1]);
  }

  private noteOperands(machine: Machine, facts: SlotFacts, map: number): void {
    let fixed = facts.effect === undefined;
    for (let register = 0, rest = facts.reads; rest !== 0; register++, rest >>= 1) {
      if ((rest & 1) === 0) continue;
      this.noteOperand(register, this.kindOfOperand(facts, register));
      fixed &&= this.isFixed(register);
    }
    const { kind } = facts.instruction.row;
    if (facts.dst === facts.src && (kind === 'alu' || kind === 'store' || kind === 'jump'))
      this.noteOperand(facts.src, KIND.src);
    if (kind === 'packet') this.noteLength();
    this.noteKnown(machine, facts);
    this.fixed.push(fixed ? 1 : 0);
    if (facts.effect) this.noteCall(machine, facts, map);
  }

  private kindOfOperand(
    { instruction: { row }, effect, dst, src }: SlotFacts,
    register: number,
  ): number {
    if (effect || row.kind === 'atomic' || row.kind === 'load' || row.kind === 'packet')
      return KIND.whole;
    if (row.kind === 'store') return register === dst ? KIND.whole : KIND.src;
    if (row.kind === 'alu' && row.op === 'mov') return KIND.src;
    return register === src && register !== dst ? KIND.src : KIND.dst;
  }

  private noteOperand(register: number, kind: number): void {
    const { registers, registerNodes } = this;
    if (registers[register] !== NO_STEP) this.input(registers[register], role(kind));
    else if (register === this.lengthRegister) this.input(0, role(KIND.length));
    this.nodeInput(registerNodes[register]);
  }

  private isFixed(register: number): boolean {
    const writer = this.registers[register];
    if (this.registerNodes[register] !== NO_STEP || isEdit(writer)) return false;
    return writer === NO_STEP ? register !== this.lengthRegister : this.fixed.at(writer) === 1;
  }

  /** What one side was, where it says which bits of the other count. */
  private noteKnown({ halves }: Machine, { instruction: { row, slot } }: SlotFacts): void {
    const masks = row.kind === 'alu' && row.operand === 'reg' && CHOOSES_BITS.has(row.op);
    if (!masks && !(row.kind === 'jump' && row.op === 'jset' && row.operand === 'reg')) return;
    const reversed =
      row.kind === 'alu' &&
      (row.op === 'and' || row.op === 'or') &&
      this.isFixed(slot.dst) &&
      !this.isFixed(slot.src);
    const register = reversed ? slot.dst : slot.src;
    this.known.push(this.number);
    this.known.push(reversed ? 1 : 0);
    this.known.push(halves[2 * register]);
    this.known.push(halves[2 * register + 1]);
  }

  /** All that a call depends on beside its registers and what it reads. */
  private noteCall(machine: Machine, { effect, helper, reads }: SlotFacts, map: number): void {
    this.argumentsFixed = true;
    for (let register = 0, rest = reads; rest !== 0; register++, rest >>= 1)
      if (rest & 1 && !this.isFixed(register)) this.argumentsFixed = false;
    for (const setting of effect!.asks ?? [])
      if (setting !== 'cpu' || map === NO_STEP || isPerCpu(machine.maps[map]))
        this.noteSetting(setting);
    for (const state of effect!.reads ?? []) this.noteState(state);
    if (effect!.length) this.noteLength();
    this.nodeInput(this.callNode);
    if (map === NO_STEP) return;
    const key = keyOfCall(machine, machine.maps[map], helper);
    // The pointer that a lookup gives is as fixed as its key.
    this.givesFixed =
      helper === 'map_lookup_elem' && this.argumentsFixed && this.isFixedKey(machine, map);
    this.mapCalls.push(this.number);
    this.mapCalls.push(map);
    this.mapCalls.push(key === undefined ? NO_STEP : this.keyNumber(key));
    this.mapCalls.push(this.unwritten(machine, map, helper));
    this.input(this.mapCalls.length / MAP_CALL_STRIDE - 1, role(KIND.map));
    if (this.maps[map] !== NO_STEP) this.input(this.maps[map], role(KIND.contents));
  }

  /**
   * Bytes of a key on the stack that the running function has not written, as bits; of the first
   * 32.
   */
  private unwritten(machine: Machine, map: number, helper: string): number {
    const { keySize } = machine.maps[map].definition;
    const at = placeOfKey(machine, helper, keySize);
    if (at === undefined || this.areaOf(at) !== STACK) return 0;
    let bits = 0;
    for (let i = 0; i < Math.min(keySize, 32); i++) {
      const source = this.cells.source(at + i);
      if (source === NO_STEP || (source >= 0 && source < this.open.began)) bits |= 1 << i;
    }
    return bits;
  }

  private isFixedKey({ memory, registers, maps }: Machine, map: number): boolean {
    const { keySize } = maps[map].definition;
    const pointer = registers[2];
    const at = locate(
      memory,
      Number(pointer >> 32n),
      Number(pointer & 0xffff_ffffn),
      keySize,
      READ,
    );
    return at >= 0 && this.isFixedMemory(at, at + keySize);
  }

  private keyNumber(key: string): number {
    const known = this.keyNumbers.get(key);
    if (known !== undefined) return known;
    this.keyNumbers.set(key, this.keys.length);
    return this.keys.push(key) - 1;
  }

  private noteSetting(setting: Surrounding): void {
    this.input(this.numberOf(setting), role(KIND.setting));
    if (setting !== 'socket') return;
    for (const [from, to] of this.traced.socketBytes())
      this.input(from, role(KIND.packet, 0, 0, to - from));
  }

  private numberOf(surrounding: Surrounding): number {
    const known = this.surroundings.indexOf(surrounding);
    return known >= 0 ? known : this.surroundings.push(surrounding) - 1;
  }

  private noteState(state: HelperState): void {
    const writer = this.states.get(state);
    // Where the packet lies is no part of a value, so it goes with the ways that could have been.
    if (state === 'shape') this.nodeInput(this.shapeNode);
    else if (writer !== undefined) this.input(writer, role(KIND.contents));
    else if (state === 'random') this.input(this.numberOf('seed'), role(KIND.setting));
    else if (state === 'hashed') this.noteHash();
  }

  /** Before the run the hash holds where it is not 0. */
  private noteHash(): void {
    for (const field of this.ofContext) if (field.name === 'hash') this.noteFieldWriter(field);
  }

  /** How long the packet is: as it came, or as the call made it that last changed that. */
  private noteLength(): void {
    const writer = this.states.get('shape');
    if (writer === undefined) this.input(0, role(KIND.length));
    else this.input(writer, role(KIND.contents));
  }

  // ---------------------------------------------------------------- while a step runs (Provenance)

  read(start: LinearAddress, size: number): void {
    const { facts } = this;
    if (facts === undefined) return;
    const contents = facts.effect && facts.effect.bytes !== 'moved' ? OF_CONTENTS : 0;
    const isWhole = facts.effect !== undefined || facts.instruction.row.kind === 'atomic';
    const end = start + Math.min(size, MOST_READ);
    for (let at = start; at < end; at = this.run(at, end, at - start, isWhole, contents));
    this.nodeInput(this.areaNodes[this.areaOf(start)]);
    const isFixedLoad = facts.instruction.row.kind === 'load' && this.isFixed(facts.src);
    this.fixed.set(this.number, isFixedLoad && this.isFixedMemory(start, end) ? 1 : 0);
  }

  /** Bytes from `at` on that come from one place, one behind the other; answers where they end. */
  private run(
    at: LinearAddress,
    end: LinearAddress,
    lane: number,
    isWhole: boolean,
    contents: number,
  ): number {
    const { cells } = this;
    const [source, from, via] = [cells.source(at), cells.lane(at), cells.via(at)];
    const before = source < 0;
    const address = source === NO_STEP ? at : -2 - source;
    let to = at + 1;
    for (; to < end; to++) {
      const next = cells.source(to);
      if (cells.via(to) !== via) break;
      if (before && (next === NO_STEP ? to : -2 - next) !== address + to - at) break;
      if (before && next >= 0) break;
      if (!before && (next !== source || cells.lane(to) !== (from < WHOLE ? from + to - at : from)))
        break;
    }
    const first = isWhole ? 0 : lane;
    const kind = before
      ? KIND.before
      : from === CLEARED
        ? KIND.called
        : from === WHOLE
          ? KIND.contents
          : isWhole
            ? KIND.wholeLanes
            : KIND.lanes;
    if (before || source !== this.number)
      this.input(
        before ? address : source,
        role(kind, first, before ? 0 : from & 7, to - at) | contents,
      );
    if (before && isWhole)
      this.roles.set(this.roles.length - 1, role(KIND.wholeBefore, 0, 0, to - at) | contents);
    if (via !== NO_STEP) this.input(via, role(KIND.way));
    return to;
  }

  private areaOf(at: LinearAddress): number {
    if (at < this.stackEnd) return STACK;
    const { low, high } = this.traced.machine.packet;
    return at >= low && at < high ? PACKET : OTHER;
  }

  /** Whether bytes are what fixed registers put there. */
  private isFixedMemory(start: LinearAddress, end: LinearAddress): boolean {
    if (this.areaOf(start) !== STACK || this.areaNodes[STACK] !== NO_STEP) return false;
    for (let at = start; at < end; at++) {
      const source = this.cells.source(at);
      if (source < 0 || isEdit(source) || this.fixed.at(source) === 0) return false;
    }
    return true;
  }

  wrote(at: LinearAddress, size: number): void {
    const { row } = this.facts?.instruction ?? {};
    const isStore = row?.kind === 'store';
    const lane = isStore ? undefined : this.facts?.effect?.bytes === 'moved' ? CLEARED : WHOLE;
    this.cells.write(at, at + size, this.number, lane);
    this.noteReach(at);
  }

  moved(from: LinearAddress, to: LinearAddress, size: number): void {
    this.cells.move(from, to, size, (via) => this.node(this.number, via));
    this.nodeInput(this.areaNodes[this.areaOf(from)]);
    this.noteReach(to);
  }

  cleared(at: LinearAddress, size: number): void {
    this.cells.write(at, at + size, this.number, CLEARED);
  }

  /** A write that, for another packet, could have gone elsewhere in the same area. */
  private noteReach(at: LinearAddress): void {
    const { facts, number } = this;
    if (facts === undefined) return;
    let rest = facts.effect ? facts.reads : 1 << facts.dst;
    for (let register = 0; rest !== 0; register++, rest >>= 1) {
      if ((rest & 1) === 0 || this.isFixed(register)) continue;
      const area = this.areaOf(at);
      this.areaNodes[area] = this.node(number, this.areaNodes[area]);
      return;
    }
  }

  /** Fields of structures: who wrote them, or what of the packet they tell. */
  field(kind: number, field: ContextField): void {
    if (this.facts === undefined) return;
    if (kind !== EVER_READ) {
      // What is written in parts keeps the others.
      if (field.scratch) this.noteFieldWriter(field);
      this.fieldWriters.set(field, this.number);
      return;
    }
    const isPlace = field.yields === 'packet-start' || field.yields === 'packet-meta';
    if (!isPlace && this.facts.effect === undefined) this.fixed.set(this.number, 0);
    if (field.yields === 'packet-end' || field.yields === 'length') this.noteLength();
    else if (isPlace) this.noteState('shape');
    else this.noteFieldWriter(field);
    this.nodeInput(this.callNode);
    if (field.yields === 'number') this.nodeInput(this.areaNodes[OTHER]);
  }

  private noteFieldWriter(field: ContextField): void {
    const writer = this.fieldWriters.get(field);
    if (writer === undefined) this.noteFieldBefore(field);
    else if (writer !== this.number) this.input(writer, role(KIND.contents));
  }

  private noteFieldBefore(field: ContextField): void {
    let number = this.fields.indexOf(field);
    if (number < 0) number = this.fields.push(field) - 1;
    if (this.ofContext.has(field)) this.input(number, role(KIND.field));
    else this.noteSetting('socket');
    for (const [from, to] of this.traced.fieldBytes(field))
      this.input(from, role(KIND.packet, 0, 0, to - from));
  }

  // ---------------------------------------------------------------- behind a step

  private noteOutputs(machine: Machine, facts: SlotFacts, map: number): void {
    const { number } = this;
    const recorder = machine.recorder!;
    if (recorder.wentByProtocol)
      for (const [from, to] of this.traced.protocolBytes())
        this.input(from, role(KIND.packet, 0, 0, to - from));
    for (let register = 0, rest = facts.writes; rest !== 0; register++, rest >>= 1) {
      if ((rest & 1) === 0) continue;
      this.registers[register] = number;
      this.registerNodes[register] = NO_STEP;
    }
    if (facts.effect === undefined) return;
    if (map !== NO_STEP) this.fixed.set(number, this.givesFixed ? 1 : 0);
    this.answers.push(number);
    this.answers.push(machine.halves[0]);
    this.answers.push(machine.halves[1]);
    // A helper could have done its work, or another, had it been given something else.
    for (const state of facts.effect.writes ?? []) this.states.set(state, number);
    if (facts.effect.writes?.includes('shape')) this.shapeNode = this.node(number, NO_STEP);
    if (map !== NO_STEP && !facts.onlyLooks) {
      this.maps[map] = number;
      this.areaNodes[OTHER] = this.node(number, this.areaNodes[OTHER]);
    }
    if (facts.effect.bytes === 'none' || this.argumentsFixed) return;
    for (let area = 0; area < AREAS; area++)
      this.areaNodes[area] = this.node(number, this.areaNodes[area]);
  }

  private branch(facts: SlotFacts, taken: boolean): void {
    this.compared.set(this.compared.length - COMPARED_STRIDE + 1, taken ? 1 : 0);
    this.part(facts, taken ? facts.writesOfNext : facts.writesOfTarget);
  }

  /**
   * From here until its ways meet the step decides what runs; the other ways could have written
   * what they write.
   */
  private part({ meets }: SlotFacts, { registers, stack, memory, calls }: Untaken): void {
    const { open, number, areaNodes } = this;
    if (open.meets.at(-1) === meets) {
      open.meets.pop();
      open.steps.pop();
    }
    open.meets.push(meets);
    open.steps.push(number);
    for (let register = 0, rest = registers; rest !== 0; register++, rest >>= 1)
      if (rest & 1) this.registerNodes[register] = this.node(number, this.registerNodes[register]);
    if (stack || memory) areaNodes[STACK] = this.node(number, areaNodes[STACK]);
    if (memory) areaNodes[PACKET] = this.node(number, areaNodes[PACKET]);
    if (memory) areaNodes[OTHER] = this.node(number, areaNodes[OTHER]);
    if (calls) this.callNode = this.node(number, this.callNode);
  }

  /** From here on to the end of the function: what could have ended it. */
  private decideForGood(number: number): void {
    this.open.meets.push(NO_STEP);
    this.open.steps.push(number);
  }

  private node(step: Step, before: number): number {
    this.nodeSteps.push(step);
    this.nodeBefore.push(before);
    return this.nodeSteps.length - 1;
  }

  /** Into a function: its branches are its own. Out of it: r6 to r9 are the caller's again. */
  private changeFrame(machine: Machine, change: number): void {
    const { number } = this;
    if (change > 0) {
      this.frames.push({
        registers: this.registers.slice(6, 10),
        nodes: this.registerNodes.slice(6, 10),
        open: this.open,
      });
      if (this.isExit()) this.returned = this.returned === NO_STEP ? number : this.returned;
      this.open = { steps: [number], meets: [NO_STEP], began: number };
    } else if (change < 0) this.leaveFrame(number);
    else if (this.isExit() && machine.status === 'running') this.nextRound(number);
  }

  private isExit(): boolean {
    return this.facts?.instruction.row.kind === 'exit';
  }

  private leaveFrame(number: number): void {
    const frame = this.frames.pop();
    if (frame === undefined) return;
    this.registers.set(frame.registers, 6);
    this.registerNodes.set(frame.nodes, 6);
    // Of a callback the helper answers, not the function; another round could have written more.
    const began = this.slots.at(this.pcs.at(this.open.began))?.instruction.row;
    const isCallback = !(began?.kind === 'call' && began.op === 'call_local');
    this.open = frame.open;
    if (!isCallback) return;
    this.registers[0] = number;
    this.registerNodes[0] = NO_STEP;
    for (let area = 0; area < AREAS; area++)
      this.areaNodes[area] = this.node(number, this.areaNodes[area]);
    this.callNode = this.node(number, this.callNode);
  }

  /** A callback returned and is called again: what it returned decides, and the round before. */
  private nextRound(number: number): void {
    this.open = { steps: [number], meets: [NO_STEP], began: number };
    for (let register = 1; register <= 5; register++) {
      this.registers[register] = number;
      this.registerNodes[register] = NO_STEP;
    }
  }

  /** The call that last changed what the machine keeps; NONE: none has. */
  writerOf(state: HelperState): number {
    return this.states.get(state) ?? NO_STEP;
  }

  /** Steps that could have written memory at an address. */
  nodeOfArea(address: LinearAddress): number {
    return this.areaNodes[this.areaOf(address)];
  }

  /** The step that wrote an operand; undefined where none did. */
  operand(step: Step, kind: number): number | undefined {
    for (let i = this.firstInput(step); i < this.endOfInputs(step); i++)
      if (kindOf(this.roles.at(i)) === kind) return this.inputs.at(i);
    return undefined;
  }

  firstInput(step: Step): number {
    return step === 0 ? 0 : this.ends.at(step - 1);
  }

  endOfInputs(step: Step): number {
    return this.ends.at(step);
  }

  source(index: number): number {
    return this.inputs.at(index);
  }

  role(index: number): number {
    return this.roles.at(index);
  }

  /** Undefined of no step: the program did not run. */
  factsOf(step: Step): SlotFacts | undefined {
    return step < 0 ? undefined : this.slots.at(this.pcs.at(step));
  }
}

/** Whether an entry is another on each CPU; of the LRU types, whose turn it is to go. */
const isPerCpu = ({ definition }: GuestMap): boolean => {
  const row = mapType(definition.type);
  return (
    row === undefined ||
    row.perCpu === true ||
    row.name.startsWith('lru') ||
    row.name.includes('storage')
  );
};

/** What is traced: a machine, and who runs it on. */
export interface Traced {
  readonly machine: Machine;
  readonly hook: HookName;
  readonly object: { readonly externs: readonly { readonly name: string }[] };
  advance(limit: Step): unknown;
  /** Changes a person made after so many steps. */
  editsAt(step: Step): readonly Edit[];
  /** Bytes of the packet that a field of the context tells of. */
  fieldBytes(field: ContextField): readonly (readonly [number, number])[];
  /** Those that say what protocols it has, and where their headers lie. */
  protocolBytes(): readonly (readonly [number, number])[];
  /** Those that say to which socket it belongs. */
  socketBytes(): readonly (readonly [number, number])[];
}

/**
 * Runs a session that stands before its first step to its end; a generator that stops to breathe.
 */
export function* traceRun(session: Traced, maxSteps: number): Generator<number, Trace> {
  const { machine } = session;
  const recorder = machine.recorder!;
  const trace = new Trace(session);
  recorder.provenance = trace;
  machine.memory.noted = (at, size) => trace.wrote(at, size);
  try {
    while (machine.status === 'running' && machine.steps < maxSteps && trace.hasRoom) {
      trace.step();
      if (machine.steps % BREATH === 0) yield machine.steps;
    }
  } finally {
    recorder.provenance = undefined;
    machine.memory.noted = undefined;
  }
  return trace;
}
