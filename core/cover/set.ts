import type { Machine, MachineImage } from '../machine/machine.ts';
import { now } from '../machine/timers.ts';
import type { LoadedObject } from '../object/types.ts';
import { MAX_PACKET, MAX_PACKETS } from '../packet/limits.ts';
import { fillMap } from '../session/fill-map.ts';
import { nextPacketSession } from '../session/next-packet.ts';
import { runnableSession, Session, type Work } from '../session/session.ts';
import type { SessionInputs, SessionPacket } from '../session/types.ts';
import type { Nanoseconds } from '../spec/units.ts';
import { type EntryChange, EntryChanges, isTaken, type MadeChange } from './changes.ts';
import { asksForTime } from './clock.ts';
import { type JumpWay, keyOfWay, Ways, waysOfRun } from './ways.ts';

/** Timers that are waited for behind a packet. */
const MOST_TIMERS = 3;
/** How often each of them may be due meanwhile. */
const TIMES_DUE = [1n, 2n, 3n, 8n];
/** Steps that all packets of a row may take together. */
const MOST_ROW_STEPS = 2_000_000;

/** A session whose machine is made. */
export type RunnableSession = Session & { readonly machine: Machine };

/** A packet that may come next, with what is done in front of it. */
export interface Candidate {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly entries: readonly EntryChange[];
  /** A map that user space fills to its last entry behind these changes; it stays full. */
  readonly fill?: string;
  /** From the start of the packet in front of it to its own; without: as soon as it may come. */
  readonly wait?: Nanoseconds;
}

/** One that is kept. */
export interface KeptPacket extends Candidate {
  /** What is done in front of it in whole values: its entries, and what puts others back. */
  readonly done: readonly MadeChange[];
  /** When it comes, by the clock that programs see. */
  readonly time: Nanoseconds;
}

/** A packet that was run behind others. */
interface Run {
  readonly packet: KeptPacket;
  readonly taken: readonly JumpWay[];
  readonly changes: EntryChanges;
}

/** Where the next packet is run: behind so many others. */
interface Place {
  readonly number: number;
  readonly changes: EntryChanges;
}

/**
 * Packets that run in their order, each at the state that those in front of it have left: what is
 * kept of candidates takes a way that none in front of it took.
 */
export class PacketSet {
  readonly ways: Ways;
  readonly kept: KeptPacket[] = [];
  /** The program asks what time it is: when packets come is a part of the set. */
  readonly isTimed: boolean;
  private readonly session: RunnableSession;
  /** Behind the last of them, and in front of it. */
  private end: MachineImage;
  private start: MachineImage;
  private changes = new EntryChanges();
  /** The first packet that took a way. */
  private readonly takers = new Map<number, number>();

  /** Throws an InputError where the program cannot be run. */
  constructor(inputs: SessionInputs, linear: WebAssembly.Memory, object: LoadedObject) {
    const { capture: _capture, ...others } = inputs;
    const session = new Session({ ...others, packets: [], packet: 0, step: 0 }, linear, object);
    session.load(MAX_PACKET);
    this.session = runnableSession(session);
    this.ways = new Ways(this.session.machine);
    this.isTimed = asksForTime(this.session);
    this.end = this.session.machine.save();
    this.start = this.end;
  }

  get machine(): Machine {
    return this.session.machine;
  }

  /** The packets of the session, as it runs them. */
  *addGiven(packets: readonly SessionPacket[]): Work<void> {
    for (const [k, { name, bytes }] of packets.entries()) {
      const next = this.session.arrivalOf(packets[k + 1]?.time, packets[0].time);
      this.machine.restore(this.end);
      const run = yield* this.session.unrecorded(
        this.run({ name, bytes, entries: [] }, { number: k, changes: this.changes }, next),
      );
      if (run) this.keep([run], this.end);
    }
  }

  /** Runs a packet behind all others; keeps it where it takes a new way. */
  add(candidate: Candidate): Work<boolean> {
    return this.session.unrecorded(this.tryOne(candidate));
  }

  private *tryOne(candidate: Candidate): Work<boolean> {
    if (!this.hasRoom(1)) return false;
    const waited = yield* this.standBehind(candidate.wait);
    const front = candidate.wait === undefined ? this.end : this.machine.save();
    const run = yield* this.run(candidate, this.place);
    if (run === undefined) return false;
    const isNews = this.ways.add([...waited, ...run.taken]) > 0;
    if (isNews) this.noteTaken(waited, this.kept.length - 1);
    // Entries are put in behind a first packet alone.
    if (isNews || this.kept.length === 0) this.keep([run], front);
    return isNews;
  }

  /** The ways that a packet takes as the next one; it is not kept. */
  waysOf(candidate: Candidate): Work<readonly JumpWay[]> {
    return this.session.unrecorded(this.followed(candidate));
  }

  private *followed(candidate: Candidate): Work<readonly JumpWay[]> {
    yield* this.standBehind(candidate.wait);
    return (yield* this.run(candidate, this.place))?.taken ?? [];
  }

  /**
   * Runs a packet many times in a row, up to the first one that takes a new way, by itself or,
   * where timers wait, when they are due; keeps all of them then.
   */
  addRow(candidate: Candidate, most: number): Work<boolean> {
    return this.session.unrecorded(this.tryRow(candidate, most));
  }

  private *tryRow(candidate: Candidate, most: number): Work<boolean> {
    const { machine } = this;
    const row: Run[] = [];
    let front = this.end;
    let steps = 0;
    machine.restore(front);
    while (row.length < most && steps < MOST_ROW_STEPS && this.hasRoom(row.length + 2)) {
      const place = this.placeBehind(row);
      const run = yield* this.run(candidate, place);
      if (run === undefined) return false;
      steps += machine.steps;
      row.push(run);
      yield { what: 'trying packets in a row', done: row.length, total: most };
      if (this.ways.add(run.taken) > 0) {
        this.keep(row, front);
        return true;
      }
      // Only where the clock counts a packet is ever run anew, and `front` asked for.
      if (!this.isTimed) continue;
      const end = machine.save();
      if (yield* this.waitForTimers(row, front, place)) return true;
      machine.restore(end);
      front = end;
    }
    return false;
  }

  /** Behind a row, which the packet closes that comes when one of its timers is due. */
  private *waitForTimers(row: readonly Run[], front: MachineImage, place: Place): Work<boolean> {
    const { machine } = this;
    const last = row[row.length - 1];
    for (const due of dueTimes(machine)) {
      machine.restore(front);
      const again = yield* this.run(last.packet, place, due);
      if (again === undefined) continue;
      const image = machine.save();
      const packet = { ...last.packet, entries: [], wait: due - last.packet.time };
      const closing = yield* this.run(packet, {
        number: place.number + 1,
        changes: again.changes,
      });
      if (closing === undefined || this.ways.add([...again.taken, ...closing.taken]) === 0)
        continue;
      this.keep([...row.slice(0, -1), again, closing], image);
      return true;
    }
    return false;
  }

  /**
   * Behind the last packet; where the next one is waited for, that is run anew, since timers are
   * due meanwhile: answers the ways it takes then.
   */
  private *standBehind(wait: Nanoseconds | undefined): Work<readonly JumpWay[]> {
    const last = this.kept.at(-1);
    if (wait === undefined || last === undefined) {
      this.machine.restore(this.end);
      return [];
    }
    this.machine.restore(this.start);
    const place = { number: this.kept.length - 1, changes: new EntryChanges() };
    return (yield* this.run(asDone(last), place, last.time + wait))?.taken ?? [];
  }

  private get place(): Place {
    return { number: this.kept.length, changes: this.changes };
  }

  private placeBehind(row: readonly Run[]): Place {
    const { number, changes } = this.place;
    return { number: number + row.length, changes: row.at(-1)?.changes ?? changes };
  }

  private hasRoom(more: number): boolean {
    return this.kept.length + more <= MAX_PACKETS;
  }

  /** Runs a packet where the machine stands; undefined: a map does not take what goes before. */
  private *run(
    candidate: Candidate,
    { number, changes }: Place,
    next?: Nanoseconds,
  ): Work<Run | undefined> {
    const { name, bytes, entries, wait, fill } = candidate;
    const { session, machine } = this;
    // The first packet begins with the maps as they are at the start.
    if (number === 0 && (entries.length > 0 || fill !== undefined)) return undefined;
    const made = doInFront(machine, changes, candidate);
    if (made === undefined) return undefined;
    session.beginFrame(number, bytes, next ?? this.soon);
    const time = machine.surroundings.time;
    const taken = session.bypass === undefined ? yield* waysOfRun(session) : [];
    const before = { ...(wait !== undefined && { wait }), ...(fill !== undefined && { fill }) };
    const packet = { name, bytes, entries, done: made.done, time, ...before };
    return { packet, taken, changes: made.changes };
  }

  /**
   * When a packet comes that is not waited for: at once, by a clock that goes on. The clock of a
   * session without a gap stands still between packets, which no times of packets say.
   */
  private get soon(): Nanoseconds | undefined {
    return this.isTimed && this.machine.surroundings.gap === 0n ? 0n : undefined;
  }

  /** `front`: the machine in front of the last of them. */
  private keep(runs: readonly Run[], front: MachineImage): void {
    for (const { packet, taken } of runs) {
      this.noteTaken(taken, this.kept.length);
      this.kept.push(packet);
    }
    this.changes = runs[runs.length - 1].changes;
    this.start = front;
    this.end = this.machine.save();
  }

  private noteTaken(taken: readonly JumpWay[], packet: number): void {
    this.ways.add(taken);
    for (const way of taken)
      if (!this.takers.has(keyOfWay(way))) this.takers.set(keyOfWay(way), packet);
  }

  /** The first packet of the set that takes a way. */
  takerOf(way: JumpWay): number | undefined {
    return this.takers.get(keyOfWay(way));
  }

  /** The session of a packet as the next one, run to its end, at its start. */
  *asNext(candidate: Candidate): Work<RunnableSession | undefined> {
    yield* this.session.unrecorded(this.standBehind(candidate.wait));
    return yield* this.alone(candidate, this.place);
  }

  /** The same of one of the set, behind those in front of it. */
  *inPlace(index: number): Work<RunnableSession | undefined> {
    yield* this.session.unrecorded(this.runUpTo(index));
    // What goes before it is told as a whole.
    const place = { number: index, changes: new EntryChanges() };
    return yield* this.alone(asDone(this.kept[index]), place, this.timeBehind(index));
  }

  private *runUpTo(index: number): Work<void> {
    const { kept, session } = this;
    session.backToStart();
    for (let number = 0; number < index; number++) {
      const place = { number, changes: new EntryChanges() };
      yield* this.run(asDone(kept[number]), place, this.timeBehind(number));
    }
  }

  /** When the packet behind one of the set comes, where that counts. */
  private timeBehind(index: number): Nanoseconds | undefined {
    return this.isTimed ? this.kept[index + 1]?.time : undefined;
  }

  private *alone(
    candidate: Candidate,
    { number, changes }: Place,
    next?: Nanoseconds,
  ): Work<RunnableSession | undefined> {
    if (doInFront(this.machine, changes, candidate) === undefined) return undefined;
    const alone = nextPacketSession(this.session, candidate.bytes, number === 0, next);
    yield* alone.prepareSelected();
    return runnableSession(alone);
  }
}

/** What user space does in front of a packet; undefined: a map does not take it. */
function doInFront(
  machine: Machine,
  changes: EntryChanges,
  { entries, fill }: Candidate,
): ReturnType<EntryChanges['next']> {
  const made = changes.next(machine, entries);
  const map = fill === undefined ? undefined : machine.mapNamed(fill);
  return map === undefined || isTaken(() => fillMap(machine, map)) ? made : undefined;
}

/** A packet with all that is done in front of it, put back by nobody. */
const asDone = (packet: KeptPacket): Candidate => ({ ...packet, entries: packet.done });

/**
 * When timers that are armed are due, the first ones; and later, when those have been due several
 * times that start themselves anew.
 */
function dueTimes(machine: Machine): Nanoseconds[] {
  const times = machine.timers.flatMap(({ expiry, entry }) =>
    expiry !== undefined && entry !== undefined ? [expiry] : [],
  );
  const first = [...new Set(times)].sort((a, b) => (a < b ? -1 : 1)).slice(0, MOST_TIMERS);
  const since = now(machine);
  return first.flatMap((due) => TIMES_DUE.map((times) => since + times * (due - since)));
}
