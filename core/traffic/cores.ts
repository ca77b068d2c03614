import type { Batch } from './batch.ts';
import { dependenceWords } from './dependence.ts';
import type { FrameChunk } from './frames.ts';
import { type MakeCore, Spread } from './spread.ts';
import { coresWithRoom, type Trial } from './spread-pays.ts';
import { FIRST_PACKETS, nextBorder, stretchStart } from './stretches.ts';

/** Workers that there can be beside the one that reads a capture. */
export interface CoresThere {
  readonly count: number;
  readonly make: MakeCore;
  /** Whether it is worth it (spreadPays). */
  readonly pays: (cores: number, trial: Trial, left: number) => boolean | undefined;
}

/** Packets whose time is taken first; then twice as many, until that tells enough. */
const TRIED_FIRST = 64;

/**
 * Whether the packets of a batch are run by one core or by several. The first ones run one behind
 * the other in any case: what they leave is what stretches begin with, and how long they take tells
 * whether more cores would be quicker.
 */
export class Cores {
  private readonly batch: Batch;
  private readonly there: CoresThere;
  /** How many of them are used. */
  private readonly count: number;
  private readonly trial = { packets: 0, ms: 0 };
  private isDecided = false;
  private spread: Spread | undefined;
  /** Packets go to it; they did. */
  private isOn = false;
  private wasOn = false;
  private whyOne: string | undefined;

  constructor(batch: Batch, there: CoresThere) {
    this.batch = batch;
    this.there = there;
    const [dependence] = batch.machine.dependences;
    if (dependence) this.whyOne = dependenceWords(dependence);
    else if (there.count < 2) this.whyOne = 'this machine has no other';
    const { bytes } = batch.machine.start.memory;
    this.count = coresWithRoom(there.count, bytes.length);
    if (this.count < 2)
      this.whyOne ??= `each would need ${Math.round(bytes.length / 1e6)} MB for the maps`;
  }

  /** How many run it, and why it is no more than one; undefined: that is not known yet. */
  get words(): { readonly count: number; readonly why?: string } | undefined {
    if (this.whyOne !== undefined) return { count: 1, why: this.whyOne };
    return this.wasOn ? { count: this.count } : undefined;
  }

  /** Up to where packets are run one behind the other. */
  limit(runnable: number): number {
    if (this.whyOne !== undefined) return runnable;
    const { done } = this.batch;
    const end = this.spread?.isWarm ? this.borderFrom(done) : this.trialEnd(done);
    return Math.min(runnable, end);
  }

  /** Starts the workers once they are wanted: packets run here until they are there. */
  async prepare(): Promise<void> {
    if (!this.isDecided || this.whyOne !== undefined || this.spread) return;
    const { batch, there } = this;
    const { machine, inputs, engine } = batch;
    const set = { inputs, engine: engine.name, stretch: machine.stretch ?? 1 };
    const warmUp = await batch.pieces(machine.isFresh ? 1 : FIRST_PACKETS);
    try {
      this.spread = new Spread(there.make, this.count, set, warmUp);
    } catch (error) {
      this.giveUp(`no other worker could be started: ${(error as Error).message}`);
    }
  }

  /** Packets have run one behind the other, the last of so many; `left`: there may be as many. */
  note(packets: number, ms: number, left: number): void {
    const { trial, batch } = this;
    if (this.isDecided || this.whyOne !== undefined || batch.done - packets < this.untimed) return;
    trial.packets += packets;
    trial.ms += ms;
    const pays = this.there.pays(this.count, trial, left);
    this.isDecided = pays !== undefined;
    if (pays === false) this.whyOne = 'others would not make it quicker';
  }

  /** Whether several run it from here on. */
  get isSpread(): boolean {
    const { spread } = this;
    if (spread === undefined || this.isOn) return spread !== undefined;
    const { done } = this.batch;
    this.isOn = spread.isWarm && this.borderFrom(done) === done;
    if (this.isOn) spread.startAt(done);
    this.wasOn ||= this.isOn;
    return this.isOn;
  }

  /**
   * Takes what has become of pieces and hands out others; answers whether there was anything of
   * the one or the other.
   */
  async work(runnable: number, found: readonly FrameChunk[]): Promise<boolean> {
    const { spread } = this;
    if (spread === undefined) return true;
    let isAny = false;
    for (let piece = spread.take(); piece; piece = spread.take()) {
      this.batch.takeJudged(piece);
      isAny = true;
    }
    while (spread.hasRoom && spread.next < runnable) {
      spread.handOut(await this.batch.framesAt(spread.next, runnable, found), runnable);
      isAny = true;
    }
    if (spread.problem !== undefined) this.giveUp(`another worker broke: ${spread.problem}`);
    return isAny;
  }

  /** Whether further packets are wanted: somebody has nothing to do. */
  wantsMore(runnable: number): boolean {
    const { spread } = this;
    return spread?.hasRoom === true && spread.next >= runnable;
  }

  /** Whether something has become of the next piece. */
  get hasNews(): boolean {
    return this.spread?.hasNews ?? false;
  }

  /** Until something has become of a piece, at most so many ms. */
  async wait(ms: number): Promise<void> {
    await this.spread?.wait(ms);
  }

  /** Gives the workers up, with what they have under way. */
  stop(): void {
    this.spread?.end();
    this.spread = undefined;
    this.isOn = false;
  }

  private giveUp(why: string): void {
    this.stop();
    this.whyOne = why;
  }

  /** Packets in front of those whose time is taken. */
  private get untimed(): number {
    return this.batch.machine.isFresh ? 0 : FIRST_PACKETS;
  }

  private trialEnd(done: number): number {
    const { untimed, trial } = this;
    return done < untimed ? untimed : done + Math.max(TRIED_FIRST, trial.packets);
  }

  /** The first border that is not in front of a packet. */
  private borderFrom(packet: number): number {
    const { stretch = 1, isFresh } = this.batch.machine;
    if (isFresh || stretchStart(packet, stretch) === packet) return packet;
    return nextBorder(packet, stretch);
  }
}
