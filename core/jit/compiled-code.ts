import type { Instruction } from '../asm/decode.ts';
import { cellOf, slotOf } from '../machine/code-space.ts';
import { INTERPRETER } from '../machine/engine.ts';
import { INVALID } from '../machine/execution.ts';
import { MAX_FRAMES, type Machine } from '../machine/machine.ts';
import { carryOut } from '../machine/slow.ts';
import { address, type Memory, REGION_START, regionOf } from '../memory/memory.ts';
import type { LinearAddress, Pc, Step } from '../spec/units.ts';
import type { BatchEntry, Borrowing } from './batch.ts';
import type { InstructionCounts } from './counts.ts';
import type { ConstantRegion } from './instructions.ts';
import { LookupCaches } from './lookup-caches.ts';
import { mapLookups } from './map-lookups.ts';
import type { Marks } from './marks.ts';
import { shapeOf, type UnitShape } from './shape.ts';
import { LEFT, THROUGH } from './state.ts';
import { suspectsOf } from './suspects.ts';
import { MEMORY_NAME, UNIT_NAME, writeUnit } from './unit.ts';
import { IMPORTED, moduleBytes, type WasmModule } from './wasm-writer.ts';

/** Runs a unit for the steps that are left; answers why it was left. */
type Unit = (left: Step, end: Step, readable: number) => number;
type Loop = () => number;

/**
 * Slots that may be compiled for each slot of the code, and for any code: units that begin at
 * several places of a loop hold it several times.
 */
const SLOTS_PER_SLOT = 8;
const SLOTS_AT_LEAST = 50_000;

/** Of a global variable: its map has all values from the start, and gives none of them up. */
function constantRegion(
  memory: Memory,
  { row }: Instruction,
  value: bigint,
): ConstantRegion | undefined {
  if (row.kind !== 'lddw') return undefined;
  const region = regionOf(memory, Number(value >> 32n));
  if (region === 0 || memory.info[region].kind !== 'map-value') return undefined;
  return {
    offset: Number(value & 0xffff_ffffn) - REGION_START,
    region: {
      start: { always: address(region) },
      base: { always: memory.base[region] },
      length: { always: memory.length[region] },
      rights: memory.rights[region],
    },
  };
}

/** Who has packets judged: it has the machine where it is looked at. */
export interface BatchWatcher {
  /** Before the machine is looked at: it is to stand at the packet that runs. */
  arrive(): void;
  /**
   * Before a helper or a function that may ask for no more of the packet than its bytes: they are
   * to be the machine's for as long, and nothing of packets in front.
   */
  lend(): void;
  /** The same before a load of the packet's context; answers whether it may be loaded so. */
  lendContext(): boolean;
  /** Where a program that was tail-called ends: notes what came of a packet that is still lent. */
  end(): boolean;
  /** Before compiled code goes on behind that. */
  goOn(): void;
}

/** Places that somebody is told of whenever control comes there: no unit has them. */
export interface Watched {
  readonly places: ReadonlySet<Pc>;
  reached(pc: Pc): void;
  /** Where it is counted how often control comes to each instruction. */
  readonly counts: InstructionCounts;
}

interface WrittenUnit {
  readonly shape: UnitShape;
  readonly module: WasmModule;
}

/** What is compiled of a machine's code, as far as it was needed. */
export class CompiledCode {
  private readonly machine: Machine;
  /** By the slot they begin at; undefined: there is nothing to compile. */
  private readonly units = new Map<Pc, Unit | undefined>();
  /** Accesses that a check refused and the interpreter did, and those it was known too much of. */
  private readonly doubted = new Set<Pc>();
  private readonly elsewhere = new Set<Pc>();
  /** Accesses that are compiled by what is known of them. */
  private readonly known = new Set<Pc>();
  private readonly caches: LookupCaches;
  private readonly marks: Marks | undefined;
  private slotsLeft: number;
  private end: Step = 0;
  private readonly imports: WebAssembly.Imports;
  /** Judges packet after packet from the first slot on, once it was asked for. */
  private batch: { readonly entry: BatchEntry; readonly run: Loop | undefined } | undefined;
  /** Who is told of it while it does. */
  private watcher: BatchWatcher | undefined;
  private watched: Watched | undefined;
  /** What the unit that runs has counted, where it counts. */
  private counting: ReturnType<InstructionCounts['of']>;
  /** Functions of the program that run for a unit which waits for them. */
  private called = 0;
  /** A program that was tail-called runs: a packet may come to its end in it. */
  private isTail = false;

  /** `marks`: of what is read and written, where they are kept. */
  constructor(machine: Machine, marks?: Marks) {
    this.machine = machine;
    this.marks = marks;
    this.caches = new LookupCaches(machine);
    this.slotsLeft = this.mostSlots;
    this.imports = {
      [IMPORTED]: {
        [MEMORY_NAME]: machine.memory.linear,
        step: (pc: Pc, steps: Step, readable: number) =>
          this.behind(pc, this.step(pc, steps, readable)),
        call: (pc: Pc, steps: Step, readable: number) =>
          this.behind(pc, this.call(pc, steps, readable)),
        lookup: (map: number, key: LinearAddress, entry: LinearAddress) =>
          this.lookUp(map, key, entry),
        leave: (pc: Pc, steps: Step, readable: number) => this.leave(pc, steps, readable),
        help: (pc: Pc, steps: Step, readable: number) =>
          this.behind(pc, this.help(pc, steps, readable)),
        tail: (pc: Pc, steps: Step, readable: number) =>
          this.behind(pc, this.tail(pc, steps, readable)),
      },
    };
  }

  /**
   * Watches places, or none; asked once more where they are fewer now, units have those that are
   * watched no longer.
   */
  watch(watched: Watched | undefined): void {
    this.watched = watched;
    this.units.clear();
    this.batch = undefined;
    this.slotsLeft = this.mostSlots;
  }

  private get mostSlots(): number {
    return SLOTS_AT_LEAST + SLOTS_PER_SLOT * this.machine.code.slots;
  }

  /** In front of an instruction that is done outside of units. */
  private look(): void {
    const { pc } = this.machine;
    this.watched?.counts.came(pc);
    if (this.watched?.places.has(pc)) this.watched.reached(pc);
  }

  /** Behind an import, which answers a negative number where the unit does not go on. */
  private behind(pc: Pc, answer: number): number {
    if (answer < 0) this.counting?.leftBehind(pc);
    return answer;
  }

  /** Runs a unit, or what judges packet after packet. */
  private enter<Made extends Unit | Loop>(unit: Made, ...given: Parameters<Made>): number {
    const run = unit as (...given: Parameters<Made>) => number;
    if (this.watched === undefined) return run(...given);
    const outer = this.counting;
    this.counting = this.watched.counts.of(unit);
    try {
      const why = run(...given);
      // Else it was left behind a whole block, or in front of one.
      if (why === LEFT.refused || why === LEFT.slow) this.counting?.leftBefore(this.machine.pc);
      return why;
    } finally {
      this.counting = outer;
    }
  }

  /** Runs until `end` steps are done in all, or the program ends or faults. */
  run(end: Step): void {
    this.end = end;
    this.goOn(-1, this.machine.steps === 0);
  }

  /**
   * The same until no more than so many frames are open. Units begin where control arrives
   * otherwise than as at the next instruction, so these places are few. Answers whether a packet
   * that is lent has come to its end.
   */
  private goOn(depth: number, arrives: boolean): boolean {
    const { machine, end } = this;
    let arrived = arrives;
    while (machine.status === 'running' && machine.steps < end && machine.frames.length > depth) {
      const { pc } = machine;
      const unit = this.units.get(pc) ?? (arrived ? this.compile(pc) : undefined);
      const why = unit
        ? this.enter(unit, end - machine.steps, end, machine.readable)
        : LEFT.noStack;
      arrived = true;
      if (why !== LEFT.elsewhere) {
        if (this.isTail && this.isLastExit() && this.watcher!.end()) {
          this.look();
          return true;
        }
        if (!this.isOfFrames()) this.watcher?.arrive();
      }
      if (why === LEFT.slow) this.carryOn();
      else if (why === LEFT.limit) this.interpretAll();
      else if (why !== LEFT.elsewhere) arrived = this.interpret(why === LEFT.refused ? pc : -1);
    }
    return false;
  }

  /** Whether the next instruction is about functions alone: it asks nothing of a packet. */
  private isOfFrames(): boolean {
    const { code, frames, pc, programDepth } = this.machine;
    const row = code.instructions[pc]?.row;
    if (row?.kind === 'exit') return frames.length > 0;
    return (
      row?.kind === 'call' &&
      row.op === 'call_local' &&
      frames.length - programDepth + 1 < MAX_FRAMES
    );
  }

  /** Whether the next instruction ends the run. */
  private isLastExit(): boolean {
    const { code, frames, pc } = this.machine;
    return frames.length === 0 && code.instructions[pc]?.row?.kind === 'exit';
  }

  /** The instruction in front of which a unit was left, unless no step is left for it. */
  private carryOn(): void {
    if (this.machine.steps >= this.end) return;
    // What is watched may be any instruction.
    if (this.watched) this.interpret(-1);
    else carryOut(this.machine);
  }

  /** All that is left of the steps. */
  private interpretAll(): void {
    const { machine, end } = this;
    if (this.watched === undefined) INTERPRETER.run(machine, end, null);
    while (machine.status === 'running' && machine.steps < end) {
      this.look();
      INTERPRETER.run(machine, machine.steps + 1, null);
    }
  }

  /**
   * One step, which a check in the unit that begins at `refusing` may have refused; answers whether
   * it led elsewhere than to the next instruction.
   */
  private interpret(refusing: Pc): boolean {
    const { machine } = this;
    const { pc } = machine;
    this.look();
    if (refusing < 0) INTERPRETER.run(machine, machine.steps + 1, null);
    else if (this.isAllowed()) this.units.delete(refusing);
    return machine.pc !== pc + (machine.code.instructions[pc]?.slots ?? 1);
  }

  /** One step, which a check has refused: whether it was done all the same, and is from now on. */
  private isAllowed(): boolean {
    const { machine } = this;
    const { pc } = machine;
    INTERPRETER.run(machine, machine.steps + 1, null);
    if (machine.status !== 'running') return false;
    // What seemed to be known comes first.
    if (this.known.delete(pc)) this.elsewhere.add(pc);
    else this.doubted.add(pc);
    return true;
  }

  /** Compiles what judges packets that are given so, unless it was. */
  prepareBatch(entry: BatchEntry): Loop | undefined {
    if (this.batch?.entry !== entry)
      this.batch = { entry, run: this.made(0, entry) as Loop | undefined };
    return this.batch.run;
  }

  /**
   * Runs packets of a batch until one has to be looked at: then the
   * machine stands in it, and the run is to be finished as any other. `LEFT.packet`: it stands in
   * front of one that has not begun. Answers undefined where the code cannot be compiled.
   */
  runBatch(entry: BatchEntry, watcher: BatchWatcher): number | undefined {
    this.end = entry.steps;
    this.watcher = watcher;
    try {
      const loop = this.prepareBatch(entry);
      if (loop === undefined) return undefined;
      const why = this.enter(loop);
      if (why === LEFT.slow) this.carryOn();
      else if (why === LEFT.refused) {
        this.look();
        if (this.isAllowed()) this.batch = undefined;
      }
      return why;
    } finally {
      this.watcher = undefined;
    }
  }

  /** A jump far out of the program ends where the interpreter's does, whose cells have a bound. */
  private leave(pc: Pc, steps: Step, readable: number): void {
    const { code } = this.machine;
    const to = slotOf(code, cellOf(code, pc));
    if (this.called > 0) this.goTo(to, steps, readable);
    else this.standAt(to, steps, readable);
  }

  private standAt(pc: Pc, steps: Step, readable: number): void {
    this.watcher?.arrive();
    this.goTo(pc, steps, readable);
  }

  private goTo(pc: Pc, steps: Step, readable: number): void {
    const { machine } = this;
    machine.pc = pc;
    machine.steps = steps;
    machine.readable = readable;
  }

  private step(pc: Pc, steps: Step, readable: number): number {
    return this.called > 0 && this.isLent(pc)
      ? this.help(pc, steps, readable)
      : this.brought(pc, steps, readable);
  }

  /** With the machine standing at the packet. */
  private brought(pc: Pc, steps: Step, readable: number): number {
    const { machine } = this;
    this.standAt(pc, steps, readable);
    carryOut(machine);
    this.watcher?.goOn();
    return machine.status === 'running' && machine.pc === pc + 1 ? machine.readable : -1;
  }

  /** Whether what a function asks for is done for a packet that is lent. */
  private isLent(pc: Pc): boolean {
    const { batch, watcher, machine } = this;
    const instruction = machine.code.instructions[pc];
    if (batch === undefined || watcher === undefined || !instruction?.row) return false;
    const { row, slot } = instruction;
    if (row.kind === 'load') return watcher.lendContext();
    const isHelper = row.kind === 'call' && row.op === 'call';
    return isHelper && batch.entry.borrows(slot.imm) !== undefined;
  }

  /** Done with the packet lent; answers whether it was, else nothing was done. */
  private isDoneLent(pc: Pc, steps: Step, readable: number): boolean {
    const { machine } = this;
    this.watcher!.lend();
    this.goTo(pc, steps, readable);
    carryOut(machine);
    if (machine.status === 'running') return true;
    machine.status = 'running';
    machine.fault = undefined;
    return false;
  }

  /**
   * What is lent the packet. Where it fails it has done nothing: then it is done once more, as any
   * other, and so that the fault is told of the packet that has it.
   */
  private help(pc: Pc, steps: Step, readable: number): number {
    const { machine } = this;
    if (this.isDoneLent(pc, steps, readable)) return machine.pc === pc + 1 ? machine.readable : -1;
    this.brought(pc, steps, readable);
    return -1;
  }

  /**
   * bpf_tail_call, in the frame of the program: what is called runs to its end. Answers readable
   * where it falls through, THROUGH where the packet has come to its end, else -1.
   */
  private tail(pc: Pc, steps: Step, readable: number): number {
    const { machine, watcher } = this;
    watcher!.lend();
    const before = machine.tailCalls;
    if (!this.isDoneLent(pc, steps, readable)) {
      this.brought(pc, steps, readable);
      return -1;
    }
    if (machine.tailCalls === before) return machine.readable;
    this.called += 1;
    this.isTail = true;
    try {
      if (this.goOn(-1, true)) return THROUGH;
    } finally {
      this.called -= 1;
      this.isTail = false;
    }
    watcher!.arrive();
    return -1;
  }

  /** Whether what calls functions of the program was done; else the machine stands in it. */
  private isEntered(pc: Pc, steps: Step, readable: number): boolean {
    const { machine, watcher } = this;
    this.goTo(pc, steps, readable);
    if (this.isLent(pc)) {
      if (this.isDoneLent(pc, steps, readable)) return true;
      this.brought(pc, steps, readable);
      return false;
    }
    if (!this.isOfFrames()) watcher?.arrive();
    carryOut(machine);
    return true;
  }

  private call(pc: Pc, steps: Step, readable: number): number {
    const { machine, watcher } = this;
    watcher?.lend();
    const depth = machine.frames.length;
    if (!this.isEntered(pc, steps, readable)) return -1;
    this.called += 1;
    try {
      this.goOn(depth, true);
    } finally {
      this.called -= 1;
    }
    watcher?.goOn();
    const isBack =
      machine.status === 'running' && machine.frames.length === depth && machine.pc === pc + 1;
    // At the end of the run the frame may be another one of as many.
    if (isBack && machine.steps < this.end) return this.end - machine.steps;
    watcher?.arrive();
    return -1;
  }

  private lookUp(map: number, key: LinearAddress, entry: LinearAddress): number {
    const { maps, memory, surroundings } = this.machine;
    const { definition } = maps[map];
    const bytes = memory.bytes.subarray(key, key + definition.keySize);
    const upper = Number(maps[map].lookup(bytes, surroundings.cpu) >> 32n);
    if (entry !== 0) this.caches.note(entry, map, key, upper, regionOf(memory, upper));
    return upper;
  }

  private compile(entry: Pc): Unit | undefined {
    if (this.units.has(entry) || this.slotsLeft <= 0) return undefined;
    const unit = this.made(entry) as Unit | undefined;
    this.units.set(entry, unit);
    return unit;
  }

  private made(entry: Pc, batch?: BatchEntry): Unit | Loop | undefined {
    const pointers = batch ? (batch.memory ? 0 : 0b10) : this.structurePointers();
    const written = this.written(entry, pointers, batch);
    if (written === undefined) return undefined;
    for (const { pcs } of written.shape.blocks.values()) this.slotsLeft -= pcs.length;
    const module = new WebAssembly.Module(moduleBytes(written.module) as BufferSource);
    const { exports } = new WebAssembly.Instance(module, this.imports);
    const unit = exports[UNIT_NAME] as unknown as Unit | Loop;
    this.watched?.counts.add(unit, written.shape, exports);
    return unit;
  }

  /** Whether compiled code has something for the instruction at a slot. */
  compiles(pc: Pc): boolean {
    return this.compilable(pc, false) !== undefined;
  }

  /** In a loop over packets an exit is the end of one. */
  private compilable(pc: Pc, isLoop: boolean): Instruction | undefined {
    const { code, memory } = this.machine;
    const instruction = code.instructions[pc];
    const cell = cellOf(code, pc);
    if (instruction?.row === undefined || (memory.words[cell] & 0xff) === INVALID) return undefined;
    if (this.watched?.places.has(pc)) return undefined;
    const { kind } = instruction.row;
    if (kind === 'exit') return isLoop ? instruction : undefined;
    return kind === 'table' ? undefined : instruction;
  }

  /**
   * The unit that begins at a slot, where `pointers`, as bits, are the registers that hold pointers
   * to structures then. Nothing runs; undefined: there is nothing to compile.
   */
  written(entry: Pc, pointers: number, batch?: BatchEntry): WrittenUnit | undefined {
    const { code, memory } = this.machine;
    const constantAt = (pc: Pc) => memory.longs[memory.words[cellOf(code, pc) + 2] >> 1];
    const instructionAt = (pc: Pc) => this.compilable(pc, batch !== undefined);
    const shape = shapeOf(code, entry, instructionAt);
    if (shape === undefined) return undefined;
    const suspects = suspectsOf(shape, instructionAt, pointers);
    const module = writeUnit(shape, {
      endian: memory.littleEndian ? 'little' : 'big',
      instructionAt,
      constantAt,
      // A helper marks the key that it reads.
      lookups: this.marks ? new Map() : mapLookups(shape, instructionAt, this.machine, this.caches),
      marks: this.marks,
      isCounted: this.watched !== undefined,
      borrows: (pc) => batch && this.borrows(pc, batch),
      isDoubted: (pc) => suspects.has(pc) || this.doubted.has(pc),
      regionAt: (pc) => constantRegion(memory, instructionAt(pc)!, constantAt(pc)),
      isElsewhere: (pc) => this.elsewhere.has(pc),
      noteKnown: (pc) => this.known.add(pc),
      batch,
    });
    return { shape, module };
  }

  private borrows(pc: Pc, batch: BatchEntry): Borrowing | undefined {
    const { row, slot } = this.machine.code.instructions[pc]! as Instruction;
    return row.kind === 'call' && row.op === 'call' ? batch.borrows(slot.imm) : undefined;
  }

  /** Registers that hold a pointer to a structure now, as bits. */
  private structurePointers(): number {
    const { registers, memory, typed } = this.machine;
    return registers.reduce(
      (bits, value, n) =>
        typed.has(regionOf(memory, Number(value >> 32n))) ? bits | (1 << n) : bits,
      0,
    );
  }
}
