import type { Engine } from '../machine/engine.ts';
import type { LoadedObject } from '../object/types.ts';
import type { ChainOrder, ChainSpeed, RatePart } from '../protocol/netdev.ts';
import type { Drive } from '../traffic/errand.ts';
import { ChainRun } from './chain-run.ts';
import { directionBy } from './direction.ts';
import type { WholeChain } from './qemu-text.ts';
import type { ChainSource } from './source.ts';
import type { ChainObject, NetChain } from './types.ts';
import type { FilterSession } from './ubpf-filter.ts';

/** What traffic through a chain is run by. */
export interface LiveParts {
  readonly whole: WholeChain;
  readonly source: ChainSource;
  readonly session: FilterSession;
  readonly engine: Engine;
  readonly objects: ChainObjects;
  readonly loadedOf: (object: ChainObject) => LoadedObject;
  readonly memories: MachineMemories;
}

/** Packets that are taken at once. */
const PIECE = 8192;
/** Parts of the time that are told, and how long one is at least; ms. */
const MOST_PARTS = 120;
const PART = 250;
const MILLISECOND = 1e6;

/** Linear memories for machines: a browser's process has room for few, so they are used again. */
export class MachineMemories {
  private readonly unused: WebAssembly.Memory[] = [];

  take(): WebAssembly.Memory {
    return this.unused.pop() ?? new WebAssembly.Memory({ initial: 1 });
  }

  free(memory: WebAssembly.Memory): void {
    this.unused.push(memory);
  }
}

/**
 * Objects of a chain and of all those before it. A session has no more than its chain needs; here
 * each keeps its place, by which filters of different times can be compared.
 */
export class ChainObjects {
  readonly list: ChainObject[] = [];

  /** The chain with objects by their places here. */
  registered({ chain, objects }: WholeChain): NetChain {
    const place = (object: ChainObject): number => {
      const known = this.list.findIndex(({ bytes }) => bytes === object.bytes);
      return known >= 0 ? known : this.list.push(object) - 1;
    };
    const filters = chain.filters.map((filter) =>
      filter.object === undefined ? filter : { ...filter, object: place(objects[filter.object]) },
    );
    return { ...chain, filters };
  }
}

/**
 * Traffic that flows through a chain at a chosen speed, piece by piece as its caller asks. The
 * clock is handed in: how fast packets are let in is all that depends on it.
 */
export class LiveChain {
  readonly run: ChainRun;
  readonly source: ChainSource;
  private readonly objects: ChainObjects;
  private stands: 'running' | 'paused' | 'done' = 'running';
  private pace: ChainSpeed = { kind: 'max' };
  /** Since when packets are let in at this speed: by the clock outside and by theirs. */
  private since: { readonly at: number; readonly time: number; readonly entered: number };
  private isEnding = false;
  private readonly begun: number;
  private rates: RatePart[] = [];
  private told = { entered: 0, dropped: 0, events: 0 };

  /** `now`: ms. Throws InputError where a program cannot be run, or an address is none. */
  constructor(parts: LiveParts, now: number) {
    this.objects = parts.objects;
    this.source = parts.source;
    this.begun = now;
    this.since = { at: now, time: 0, entered: 0 };
    const { whole, source, session, engine, objects, loadedOf, memories } = parts;
    this.run = new ChainRun({
      chain: objects.registered(whole),
      directionOf: directionBy(whole.chain.traffic.direction),
      start: source.start,
      keepsDumps: true,
      partsOf: ({ object = 0 }) => ({
        object: objects.list[object],
        loaded: loadedOf(objects.list[object]),
        session,
        engine,
        memory: memories.take(),
      }),
      free: ({ memory }) => memories.free(memory),
    });
  }

  get state(): 'running' | 'paused' | 'done' {
    return this.stands;
  }

  get rate(): readonly RatePart[] {
    return this.rates;
  }

  get hasWork(): boolean {
    if (this.stands !== 'running') return false;
    return this.run.isBusy || this.source.isWhole || this.run.entered < this.source.length;
  }

  change(whole: WholeChain): void {
    this.run.change(this.objects.registered(whole));
  }

  order(order: Exclude<ChainOrder, 'stop'>, now: number): void {
    if (this.stands === 'done') return;
    this.stands = order === 'start' ? 'running' : 'paused';
    this.from(now);
  }

  setSpeed(speed: ChainSpeed, now: number): void {
    this.pace = speed;
    this.from(now);
  }

  /** Machines are not needed any more. */
  close(): void {
    this.run.close();
  }

  private from(now: number): void {
    this.since = { at: now, time: this.run.time, entered: this.run.entered };
  }

  /**
   * A piece of what is to be done at `now`; answers whether there was anything: packets to come may
   * not be due yet.
   */
  async work(drive: Drive, now: number): Promise<boolean> {
    const { run, source } = this;
    if (!run.isBusy) {
      const from = run.entered;
      const behind = Math.min(source.length, from + PIECE, this.dueAt(now));
      if (behind > from) run.take(await source.read(from, behind));
      else if (from < source.length || !source.isWhole) return false;
      else this.finish();
    }
    await drive(run.advance());
    if (this.isEnding && !run.isBusy) this.stands = 'done';
    return true;
  }

  private finish(): void {
    this.isEnding = true;
    this.run.end();
  }

  /** The first packet that is not due at a time. */
  private dueAt(now: number): number {
    const { pace, since, source, run } = this;
    if (pace.kind === 'max') return Number.POSITIVE_INFINITY;
    const passed = now - since.at;
    if (pace.kind === 'rate')
      return since.entered + Math.floor((passed / 1000) * pace.perSecond) + 1;
    const until = since.time + passed * MILLISECOND * pace.factor;
    const most = Math.min(source.length, run.entered + PIECE);
    let behind = run.entered;
    while (behind < most && source.timeOf(behind) <= until) behind++;
    return behind;
  }

  /** Notes how many packets there were since the last time. */
  sample(now: number): void {
    const { run, rates, told } = this;
    const at = now - this.begun;
    const last = rates.at(-1);
    const began = last ? last.at + last.length : 0;
    if (at - began < PART && this.stands === 'running') return;
    const dropped = run.drops.count;
    const events = run.events.length + run.earlierEvents;
    const part: RatePart = {
      at: began,
      length: Math.max(1, at - began),
      packets: run.entered - told.entered,
      dropped: dropped - told.dropped,
      changes: events - told.events,
    };
    this.told = { entered: run.entered, dropped, events };
    if (part.packets === 0 && part.changes === 0 && this.stands !== 'running') return;
    this.rates = [...rates, part].slice(-MOST_PARTS);
  }
}
