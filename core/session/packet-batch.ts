import type { Instruction } from '../asm/decode.ts';
import { verdictOf } from '../hooks/verdict.ts';
import { BatchLayout, CONTROL, LENGTH, MOST_IDS, MOST_PACKETS } from '../jit/batch.ts';
import type { BatchWatcher } from '../jit/compiled-code.ts';
import { compiledCodeOf, JIT } from '../jit/jit.ts';
import { LEFT } from '../jit/state.ts';
import type { Machine } from '../machine/machine.ts';
import { READ, WRITE } from '../memory/memory.ts';
import type { HookName } from '../spec/program-types.ts';
import type { RegionNumber } from '../spec/units.ts';
import { type Frames, frameOf } from './batch-frames.ts';
import { type BatchHook, batchHook, WRITING_HELPERS } from './batch-hooks.ts';
import { outcomeOf, packetBehind, type RunOutcome } from './outcome.ts';
import { MOST_SLOTS, pointerUsesOf } from './pointer-uses.ts';
import { runnableSession, type Session, type Work } from './session.ts';

/** How a packet's run ended. */
export const ENDED = { returned: 0, faulted: 1, bypassed: 2 } as const;

/**
 * What came of packets, by their place among those that were given: r0 in halves and steps, both 0
 * where there are none. Valid until more packets are run.
 */
export interface Judged {
  /** How many of them were run: the first ones. */
  readonly count: number;
  readonly r0Low: Uint32Array;
  readonly r0High: Uint32Array;
  readonly steps: Uint32Array;
  /** ENDED */
  readonly ended: Uint8Array;
  /**
   * Whether compiled code ran it to its end alone and its packet goes on as it came: then its
   * verdict follows from r0.
   */
  isUsual(index: number): boolean;
  /** All that came of one. */
  outcome(index: number): RunOutcome;
}

/** What of a machine is another's while a packet is lent to it. */
interface Held {
  /** The packet that was lent, and its regions. */
  readonly index: number;
  readonly lent: readonly RegionNumber[];
  readonly machine: Pick<Machine, (typeof HELD)[number]>;
}

/** Where a run stands, in which function. */
const PLACE = ['pc', 'steps', 'readable', 'frames', 'programDepth', 'loops', 'tailCalls'] as const;
/** That, and what it has put out so far. */
const DONE = [...PLACE, 'printk', 'records'] as const;
/** And what else would not be that of a lent packet. */
const HELD = [...DONE, 'packet', 'contextRegion', 'status', 'fault'] as const;

/** Some of what a machine holds, to be given back to it. */
const partOf = <Name extends keyof Machine>(machine: Machine, names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, machine[name]])) as Pick<Machine, Name>;

/** Packets that are put into memory at once: few, since all of them are read again right after. */
const PIECE = 2048;

/** Steps that compiled code takes before it gives back. */
const STEPS_OF_A_CALL = 50_000_000;

/**
 * Judges the packets of a session many at a time, as `Session.runFrame` would one after the other:
 * the same outcomes, and the same state behind the last of them. Compiled code goes through them by
 * itself where it can; a packet that something else has to look at is brought into the machine
 * first. The session is loaded with room for frames of a stream.
 */
export class PacketBatch implements BatchWatcher {
  private readonly session: Session;
  private readonly machine: Machine;
  private readonly layout: BatchLayout;
  private readonly hook: BatchHook | undefined;
  /** The program may change packets. */
  private readonly changesPackets: boolean;
  /** Cannot be compiled. */
  private isRefused = false;
  private frames: Frames = {
    bytes: new Uint8Array(),
    starts: new Uint32Array(),
    lengths: new Uint32Array(),
  };
  /** Number of the first of them in the session. */
  private first = 0;
  /** Where the first byte of `frames` would lie in linear memory. */
  private origin = 0;
  /** How many of them are there. */
  private placed = 0;
  /** The packet that the machine holds; region ids of the call, and how many were taken of them. */
  private stands = -1;
  /** What the machine held before a packet was lent to it. */
  private held: Held | undefined;
  private ids: readonly RegionNumber[] = [];
  private taken = 0;
  /** Packets that were in the machine in this run, with what came of them. */
  private readonly looked = new Map<number, RunOutcome>();
  /** The same as flags: asked for each packet. */
  private readonly isLooked = new Uint8Array(MOST_PACKETS);
  private readonly r0Low = new Uint32Array(MOST_PACKETS);
  private readonly r0High = new Uint32Array(MOST_PACKETS);
  private readonly steps = new Uint32Array(MOST_PACKETS);
  private readonly ended = new Uint8Array(MOST_PACKETS);
  /** Regions that packets take, where they do not all take as many, and the most of them. */
  private readonly regions = new Uint8Array(MOST_PACKETS);
  private mostRegions = 0;

  /** Number of the packet in the session that is looked at by something else than compiled code. */
  packet = 0;
  /** Told of each packet that was in the machine while that stands behind it. */
  onLooked: ((index: number, outcome: RunOutcome) => void) | undefined;

  constructor(session: Session) {
    const { machine } = runnableSession(session);
    this.session = session;
    this.machine = machine;
    this.layout = new BatchLayout(machine.memory.scratch.start);
    const hasRoom =
      machine.memory.scratch.size > 0 && session.build!.longest <= this.layout.frameBytes;
    const canBatch = machine.engine === JIT && hasRoom;
    // Of packets that all go one by one nobody asks.
    this.changesPackets = canBatch && mayChangePackets(machine, session.hook);
    const rights = this.changesPackets ? READ | WRITE : READ;
    this.hook = canBatch ? batchHook(session, this.layout, rights) : undefined;
    if (this.hook) compiledCodeOf(machine).prepareBatch(this.hook.entry);
  }

  /**
   * Runs as many of the packets as there is room for, the first of which is the session's packet
   * `first`; at least one, where there is one.
   */
  *run(first: number, frames: Frames): Work<Judged> {
    this.frames = frames;
    this.first = first;
    this.looked.clear();
    this.isLooked.fill(0);
    const count = this.countOf();
    this.countRegions(count);
    this.placed = 0;
    this.ended.fill(ENDED.returned, 0, count);
    try {
      yield* this.session.unrecorded(this.runAll(count));
    } finally {
      this.takeBack();
    }
    const ended = this.ended.subarray(0, count);
    // The program of filter-ubpf works on a copy of its own.
    const keepsPackets = !this.changesPackets || this.session.hook === 'filter-ubpf';
    // What a socket filter keeps of a packet depends on its length.
    const isCut = this.session.hook === 'socket_filter';
    return {
      count,
      r0Low: this.r0Low.subarray(0, count),
      r0High: this.r0High.subarray(0, count),
      steps: this.steps.subarray(0, count),
      ended,
      isUsual: (index) =>
        keepsPackets &&
        ended[index] === ENDED.returned &&
        this.isLooked[index] === 0 &&
        (!isCut || this.r0Low[index] === 0),
      outcome: (index) => this.looked.get(index) ?? this.outcomeUnlooked(index),
    };
  }

  private *runAll(count: number): Work<void> {
    const ran = this.behindLastRun(count);
    for (let at = 0; at < count; ) {
      // The bytes of the last packet that the program ran on stay where they lie behind it.
      if (this.canBatch(at)) at = yield* this.call(at, at < ran ? ran : count);
      else {
        yield* this.runOne(at);
        at += 1;
      }
      yield { what: `running packet ${this.first + at}`, done: this.first + at };
    }
  }

  /** Behind the last packet that the hook does not pass by; 0 where it passes by all. */
  private behindLastRun(count: number): number {
    const bypass = this.hook?.bypass;
    let end = count;
    if (bypass) while (end > 0 && bypass(this.frame(end - 1)) !== undefined) end--;
    return end;
  }

  /** How many packets fit into memory, and do not share bytes that may change. */
  private countOf(): number {
    const { starts } = this.frames;
    const { layout, hook } = this;
    if (starts.length === 0 || hook === undefined) return Math.min(starts.length, MOST_PACKETS);
    this.origin = layout.frames - starts[0];
    return this.changesPackets
      ? apart(this.frames, layout.frameBytes)
      : fitting(this.frames, layout.frameBytes);
  }

  private countRegions(count: number): void {
    const { hook, regions } = this;
    if (hook === undefined) return;
    if (hook.regionsOf === undefined) {
      this.mostRegions = hook.entry.regions as number;
      return;
    }
    this.mostRegions = 0;
    for (let index = 0; index < count; index++) {
      const frame = this.frame(index);
      regions[index] = hook.bypass?.(frame) === undefined ? hook.regionsOf(frame) : 0;
      this.mostRegions = Math.max(this.mostRegions, regions[index]);
    }
  }

  /** Regions that a packet takes on which the program runs. */
  private regionsAt(index: number): number {
    const { regions } = this.hook!.entry;
    return regions === 'column' ? this.regions[index] : regions;
  }

  /** Puts packets into memory, those in front of them too. */
  private placeUpTo(to: number): void {
    const { placed, layout, hook } = this;
    if (to <= placed) return;
    const { bytes, starts, lengths } = this.frames;
    const { memory } = this.machine;
    memory.words.set(starts.subarray(placed, to), (layout.column('start') >> 2) + placed);
    memory.words.set(lengths.subarray(placed, to), (layout.column('length') >> 2) + placed);
    const [start, end] = [starts[placed], starts[to - 1] + lengths[to - 1]];
    if (start < end) memory.bytes.set(bytes.subarray(start, end), this.origin + start);
    if (hook!.entry.regions === 'column') {
      const column = layout.column('regions') >> 2;
      for (let index = placed; index < to; index++)
        memory.words[column + index] = 4 * this.regions[index];
    }
    hook!.place(placed, to, this.frames);
    this.placed = to;
  }

  private frame(index: number): Uint8Array {
    return frameOf(this.frames, index);
  }

  private columnOf(field: 'length' | 'r0Low' | 'r0High' | 'steps', count: number): Int32Array {
    const at = this.layout.column(field) >> 2;
    return this.machine.memory.words.subarray(at, at + count);
  }

  /** Whether compiled code can go through packets by itself from here on. */
  private canBatch(at: number): boolean {
    const { hook, isRefused, first, session, machine } = this;
    if (hook === undefined || isRefused || first + at === 0) return false;
    if (session.inputs.settings.each === 'fresh') return false;
    if ((session.inputs.edits?.length ?? 0) > 0 || machine.timers.length > 0) return false;
    if (machine.maps.some((map) => map.keepsFor !== undefined)) return false;
    if (machine.mappedSockets.length > 0) return false;
    const ids = machine.memory.idsToCome(this.mostRegions);
    if (ids === undefined || ids.length > MOST_IDS) return false;
    this.ids = ids;
    return true;
  }

  /** One packet as any other way: it becomes the one that the machine holds. */
  private *runOne(index: number): Work<void> {
    this.packet = this.first + index;
    this.note(index, yield* this.session.runFrame(this.first + index, this.frame(index)));
  }

  private keep(index: number, outcome: RunOutcome): void {
    this.looked.set(index, outcome);
    this.isLooked[index] = 1;
    this.onLooked?.(index, outcome);
  }

  private note(index: number, outcome: RunOutcome): void {
    this.keep(index, outcome);
    if (!outcome.ran) this.ended[index] = ENDED.bypassed;
    else if (outcome.fault) this.ended[index] = ENDED.faulted;
    const { r0 = 0n, steps } = outcome;
    this.r0Low[index] = Number(BigInt.asUintN(32, r0));
    this.r0High[index] = Number(r0 >> 32n);
    this.steps[index] = steps;
  }

  /** Compiled code from a packet on; answers the packet where it is to be called again. */
  private *call(at: number, count: number): Work<number> {
    const { machine, session, ids } = this;
    this.stands = at - 1;
    this.taken = 0;
    this.beginCall(at, ids);
    let why: number | undefined;
    let stopped = at;
    for (let from = at; ; from = stopped) {
      const to = Math.min(count, from + PIECE);
      const isLast = to === count;
      this.placeUpTo(to);
      this.tell(CONTROL.to, this.frames.starts[to - 1] + this.frames.lengths[to - 1]);
      // The last one is run as any other, so that the machine stands behind it.
      this.tell(CONTROL.end, 4 * (isLast ? to - 1 : to));
      why = compiledCodeOf(machine).runBatch(this.hook!.entry, this);
      if (why === undefined) {
        this.isRefused = true;
        return at;
      }
      stopped = this.running;
      this.gather(from, stopped);
      if (why !== LEFT.packet || isLast || stopped < to) break;
    }
    if (why === LEFT.packet) {
      this.standBehind(stopped);
      yield* this.runOne(stopped);
    } else {
      const outcome = yield* session.completeFrame(this.first + stopped, this.frame(stopped));
      this.note(stopped, outcome);
    }
    return stopped + 1;
  }

  private tell(word: number, value: number): void {
    this.machine.memory.words[(this.layout.control + word) >> 2] = value;
  }

  private beginCall(at: number, ids: readonly RegionNumber[]): void {
    const { machine, layout } = this;
    const { words } = machine.memory;
    words.set(ids, layout.ring >> 2);
    words[(layout.ring >> 2) + ids.length] = ids[0];
    this.tell(CONTROL.at, 4 * at);
    this.tell(CONTROL.budget, STEPS_OF_A_CALL);
    this.tell(CONTROL.ringAt, 0);
    this.tell(CONTROL.ringLength, 4 * ids.length);
    this.tell(CONTROL.origin, this.origin);
    this.tell(CONTROL.from, this.frames.starts[0]);
    this.tell(CONTROL.before, machine.packet.region);
    machine.enterFrame();
  }

  /** What came of packets that compiled code has run to their end. */
  private gather(from: number, to: number): void {
    for (const field of ['r0Low', 'r0High', 'steps'] as const)
      this[field].set(this.columnOf(field, to).subarray(from), from);
    if (this.hook!.bypass === undefined) return;
    const lengths = this.columnOf('length', to);
    for (let index = from; index < to; index++)
      if (lengths[index] === LENGTH.bypassed) this.ended[index] = ENDED.bypassed;
  }

  /** The packet that compiled code runs. */
  private get running(): number {
    return this.told(CONTROL.at) >> 2;
  }

  /** The machine is brought from the packet it holds to the one that compiled code runs. */
  arrive(): void {
    const { machine, session, running } = this;
    this.packet = this.first + running;
    if (running === this.stands) return;
    const registers = machine.registers.slice();
    const isWithin = this.held?.index === running;
    const done = isWithin && partOf(machine, DONE);
    machine.isWithinRun = isWithin;
    this.standBehind(running);
    const frame = this.frame(running);
    session.beginFrame(this.first + running, frame);
    machine.isWithinRun = false;
    // It may be in the middle of a function.
    if (done) Object.assign(machine, done);
    this.taken += this.regionsAt(running);
    if (this.changesPackets) {
      const { bytes } = machine.memory;
      const now = this.origin + this.frames.starts[running];
      const { data, hidden } = machine.packet;
      bytes.copyWithin(data - hidden, now, now + frame.length);
    }
    machine.registers.set(registers);
    this.stands = running;
  }

  /** The packet that compiled code runs is the machine's for a helper that reads it. */
  lend(): void {
    const { machine, running, hook } = this;
    if (running === this.stands || this.held?.index === running) return;
    const { memory } = machine;
    if (this.held) this.giveBack(this.held.lent);
    else memory.hidePassing();
    const lent = [CONTROL.packetRegion, CONTROL.contextRegion].map((word) => this.told(word));
    this.packet = this.first + running;
    this.held = { index: running, lent, machine: this.held?.machine ?? partOf(machine, HELD) };
    machine.standAtStart();
    machine.printk = [];
    machine.records = [];
    machine.beginMaps();
    const { hidden, entry } = hook!;
    const at = this.origin + this.frames.starts[running] + hidden;
    const length = this.frames.lengths[running] - hidden;
    hook!.lend(lent[0], lent[1], at, length, entry.packetRights);
  }

  private giveBack(lent: readonly RegionNumber[]): void {
    const { memory, typed } = this.machine;
    for (const id of lent) {
      memory.takeBack(id);
      typed.delete(id);
    }
  }

  /** The context too, for loads of what a packet came with. */
  lendContext(): boolean {
    const { running, hook, machine } = this;
    if (running === this.stands) return true;
    if (hook?.lendContext === undefined) return false;
    this.lend();
    const region = this.told(CONTROL.contextRegion);
    if (!machine.typed.has(region)) hook.lendContext(region, this.frame(running));
    return true;
  }

  /** Where a program that was tail-called is in front of its exit. */
  end(): boolean {
    const { running, machine, layout } = this;
    if (this.held?.index !== running) return false;
    const r0 = machine.registers[0];
    const note = (field: 'r0Low' | 'r0High' | 'steps', value: number): void => {
      machine.memory.words[(layout.column(field) >> 2) + running] = value;
    };
    note('r0Low', Number(BigInt.asUintN(32, r0)));
    note('r0High', Number(r0 >> 32n));
    note('steps', machine.steps + 1);
    return true;
  }

  /** The machine as it was before a packet was lent to it. */
  private takeBack(): void {
    const { held, machine } = this;
    if (held === undefined) return;
    this.giveBack(held.lent);
    Object.assign(machine, held.machine);
    this.held = undefined;
  }

  private told(word: number): number {
    return this.machine.memory.words[(this.layout.control + word) >> 2];
  }

  /**
   * Where packets to come would not be as they were told to compiled code, this one is the last.
   */
  goOn(): void {
    const { memory, timers, mappedSockets } = this.machine;
    const { running } = this;
    if (running !== this.stands) return;
    const isOther = memory.passingRegions !== this.regionsAt(running) || mappedSockets.length > 0;
    if (timers.length > 0 || isOther) this.tell(CONTROL.end, 4 * running);
  }

  /**
   * The machine as behind the packet in front of `index`, which compiled code has run to its end.
   */
  private standBehind(index: number): void {
    this.takeBack();
    const { machine, stands } = this;
    if (stands >= 0 && !this.looked.has(stands)) this.noteStanding(stands);
    if (stands === index - 1) return;
    const { memory } = machine;
    const steps = this.columnOf('steps', index);
    const lengths = this.columnOf('length', index);
    if (machine.surroundings.gap > 0n)
      for (let packet = stands + 1; packet < index; packet++) {
        machine.passTime();
        machine.steps = steps[packet];
      }
    machine.beginRun();
    // What the next packet's time begins at.
    machine.steps = steps[index - 1];
    const taken = this.retireAll(stands + 1, index);
    const isOpen = lengths[index - 1] !== LENGTH.bypassed;
    memory.takeIds(this.ids, taken % this.ids.length, isOpen ? this.regionsAt(index - 1) : 0);
    this.taken = taken;
  }

  /**
   * Notes what packets that are over have left of their regions; answers how many ids were taken
   * then. What was left in front of the last round of the ids is no more.
   */
  private retireAll(from: number, to: number): number {
    const { ids, hook } = this;
    const lengths = this.columnOf('length', to);
    const isRun = (packet: number): boolean => lengths[packet] !== LENGTH.bypassed;
    const end = this.taken + this.takenBy(from, to, isRun);
    let at = end;
    let first = to;
    // Forward then: a later packet may have had an id of an earlier one's.
    while (first > from && end - at < ids.length) if (isRun(--first)) at -= this.regionsAt(first);
    for (let packet = first; packet < to; packet++) {
      if (!isRun(packet)) continue;
      const regions = this.regionsAt(packet);
      hook!.retire(ids, at % ids.length, regions, lengths[packet]);
      at += regions;
    }
    return end;
  }

  /** How many regions packets took together. */
  private takenBy(from: number, to: number, isRun: (packet: number) => boolean): number {
    const { bypass, entry } = this.hook!;
    if (entry.regions !== 'column' && bypass === undefined) return (to - from) * entry.regions;
    let taken = 0;
    for (let packet = from; packet < to; packet++)
      if (isRun(packet)) taken += this.regionsAt(packet);
    return taken;
  }

  /** What came of the packet that the machine holds, which compiled code has run to its end. */
  private noteStanding(index: number): void {
    const { machine, session } = this;
    const [low] = this.columnOf('r0Low', index + 1).subarray(index);
    const [high] = this.columnOf('r0High', index + 1).subarray(index);
    machine.registers[0] = BigInt.asUintN(64, (BigInt(high) << 32n) | BigInt(low >>> 0));
    [machine.steps] = this.columnOf('steps', index + 1).subarray(index);
    const { hook, options } = session;
    this.keep(index, outcomeOf(machine, hook, options, this.frame(index), undefined));
  }

  /** Of one that was never in the machine: nothing but its registers and bytes can be special. */
  private outcomeUnlooked(index: number): RunOutcome {
    const { hook, options } = this.session;
    const frame = this.frame(index);
    const reason = this.ended[index] === ENDED.bypassed ? this.hook!.bypass?.(frame) : undefined;
    if (reason !== undefined) {
      const verdict = verdictOf(hook, { how: 'bypassed', reason }, options);
      return { ran: false, verdict, r0: undefined, steps: 0, fault: undefined, packetOut: frame };
    }
    const r0 = (BigInt(this.r0High[index]) << 32n) | BigInt(this.r0Low[index]);
    const ending = {
      how: 'returned',
      r0,
      packetLength: frame.length - this.hook!.hidden,
      redirect: undefined,
    } as const;
    const start = this.origin + this.frames.starts[index];
    const isKept = !this.changesPackets || hook === 'filter-ubpf';
    const seen = isKept ? frame : this.machine.memory.bytes.slice(start, start + frame.length);
    const verdict = verdictOf(hook, ending, options);
    return {
      ran: true,
      verdict,
      r0,
      steps: this.steps[index],
      fault: undefined,
      packetOut: packetBehind(seen, verdict, ending.packetLength),
    };
  }
}

/** How many packets do not share bytes, and take no more than so many together; at least one. */
function apart({ starts, lengths }: Frames, most: number): number {
  const count = Math.min(starts.length, MOST_PACKETS);
  const limit = starts[0] + most;
  let end = starts[0];
  let fits = 0;
  for (; fits < count; fits++) {
    const start = starts[fits];
    if (start < end) break;
    end = start + lengths[fits];
    if (end > limit) break;
  }
  return Math.max(1, fits);
}

/** The same of packets that nobody changes: how many fit where they lie in their order. */
function fitting({ starts, lengths }: Frames, most: number): number {
  const limit = starts[0] + most;
  const fits = (index: number): boolean => starts[index] + lengths[index] <= limit;
  let low = 1;
  for (let high = Math.min(starts.length, MOST_PACKETS); low < high; ) {
    const middle = (low + high + 1) >> 1;
    if (fits(middle - 1)) low = middle;
    else high = middle - 1;
  }
  return low;
}

const FRAME = 10;

/**
 * Whether a program may change packets that compiled code, or a helper for it, has as they lie
 * there. Where it turns out to do so although it may not, it has no right to it, so that the packet
 * is brought into the machine first.
 */
function mayChangePackets(machine: Machine, hook: HookName): boolean {
  const { code } = machine;
  const rows = code.instructions.filter((one) => one?.row !== undefined) as Instruction[];
  if (rows.some(callsWriter)) return true;
  if (!rows.some(storesAnywhere)) return false;
  if (code.slots > MOST_SLOTS) return true;
  const { packet, unknown } = pointerUsesOf(machine, hook);
  return packet || unknown !== undefined;
}

const callsWriter = ({ row, slot }: Instruction): boolean =>
  row.kind === 'call' && row.op === 'call' && WRITING_HELPERS.has(slot.imm);

const storesAnywhere = ({ row, slot }: Instruction): boolean =>
  (row.kind === 'store' || row.kind === 'atomic') && slot.dst !== FRAME;
