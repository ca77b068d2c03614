import { InputError, present } from '../errors.ts';
import type { Engine } from '../machine/engine.ts';
import type { LoadedObject } from '../object/types.ts';
import { CaptureIndex } from '../packet/capture/capture-index.ts';
import { CaptureStream } from '../packet/capture/stream.ts';
import type { LinkType, Packet } from '../packet/types.ts';
import type { MapView } from '../protocol/messages.ts';
import type {
  TrafficOrder,
  TrafficQuery,
  TrafficRow,
  TrafficState,
  TrafficStatistics,
  TrafficView,
} from '../protocol/traffic.ts';
import type { SessionInputs } from '../session/types.ts';
import { mapView } from '../view/map-view.ts';
import { Batch } from './batch.ts';
import type { CaptureFile } from './capture-file.ts';
import { CompareErrand } from './compare-errand.ts';
import { Cores, type CoresThere } from './cores.ts';
import type { Drive, Errand } from './errand.ts';
import { type FrameChunk, frameAt, readFrames } from './frames.ts';
import { type OpenedPacket, openedPacket } from './open-packet.ts';
import type { OtherOutcomes } from './other-outcomes.ts';
import type { Outcomes } from './outcomes.ts';
import { Query } from './query.ts';
import { isStop } from './summary.ts';
import { trafficRow } from './traffic-rows.ts';
import { trafficStatistics } from './traffic-statistics.ts';

const EVERY: TrafficQuery = { text: '', sort: 'number', descending: false };
const STATE_AFTER = { 'go-on': 'running', pause: 'paused', cancel: 'cancelled' } as const;
/** Fewer that stand together are read again with others, since each piece of work has its price. */
const FEWEST_FOUND = 1024;
/** Milliseconds. */
const SLOW_MS = 100;
const WAIT_MS = 10;
const NO_MAPS: ReadonlyMap<string, string> = new Map();

/** What runs on a capture. */
export interface TrafficSetUp {
  readonly inputs: SessionInputs;
  readonly object: LoadedObject;
  readonly engine: Engine;
}

/**
 * A capture of any size with a program over all of it. What takes long is done a piece at a time,
 * whenever the caller has time for it: packets are found, run in their order, and looked at for
 * what a person asked for. So the first verdicts are there before the file is read to its end.
 */
export class Traffic {
  readonly file: CaptureFile;
  readonly index: CaptureIndex;
  private readonly linear: WebAssembly.Memory;
  private readonly coresThere: CoresThere | undefined;
  private readonly stream: CaptureStream;
  private readonly finding: ReturnType<CaptureStream['places']>;
  /** Packets that were found last, whose bytes are still in memory. */
  private found: readonly FrameChunk[] = [];
  private isWhole = false;
  private setUp: TrafficSetUp | undefined;
  private ran: Batch | undefined;
  private cores: Cores | undefined;
  private problem: string | undefined;
  private isBroken = false;
  /** The last packets took long. */
  private isSlow = false;
  private state: TrafficState = 'running';
  private query: Query | undefined;
  /** Frames that a query looks at next. */
  private ahead: { readonly first: number; readonly frames: Promise<FrameChunk> } | undefined;
  private queries = 0;
  private errand: Errand | undefined;
  /** Of the comparison that was last asked for. */
  private others: OtherOutcomes | undefined;

  /** `cores`: workers that may run packets, too. */
  constructor(file: CaptureFile, linear: WebAssembly.Memory, cores?: CoresThere) {
    this.file = file;
    this.linear = linear;
    this.coresThere = cores;
    this.index = new CaptureIndex(file.name);
    this.stream = new CaptureStream(file.name, file.chunks());
    this.finding = this.stream.places(this.index);
  }

  /** The run that gives the verdicts; undefined where the program cannot be run. */
  get batch(): Batch | undefined {
    return this.ran;
  }

  /** Whether all packets have been found. */
  get isFound(): boolean {
    return this.isWhole;
  }

  /** What was changed and what was left out, so far. */
  get notes(): string[] {
    const { note } = this.file;
    return [...this.stream.notes, ...(note === undefined ? [] : [note])];
  }

  /** What runs on it now. */
  get runs(): TrafficSetUp | undefined {
    return this.setUp;
  }

  /** Finds packets in the next bytes of the file; an InputError where it holds none. */
  async find(): Promise<void> {
    if (this.isWhole) return;
    const found = await this.finding.next();
    this.isWhole = found.done === true;
    // Of the last one in front of them the last packet has not run yet.
    const before = this.found.slice(-1);
    const some = found.done ? [] : found.value.filter(({ count }) => count >= FEWEST_FOUND);
    this.found = [...before, ...some];
  }

  /** Runs from the first packet on with this set-up; what cannot be run is said in the view. */
  begin(setUp: TrafficSetUp): void {
    this.leave();
    this.end();
    this.isBroken = false;
    this.setUp = setUp;
    this.problem = undefined;
    this.ran = undefined;
    this.cores = undefined;
    this.errand = undefined;
    this.others = undefined;
    this.state = 'running';
    const { index, file, linear } = this;
    try {
      this.ran = new Batch({ ...setUp, linear, index, read: file.read, name: file.name });
      if (this.coresThere) this.cores = new Cores(this.ran, this.coresThere);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.problem = `The program cannot be run on it: ${error.message}.`;
    }
    this.ask(this.query?.asked ?? EVERY);
  }

  /** The file cannot be read any further: what is known of it stays. */
  fail({ message }: InputError): void {
    this.isBroken = true;
    this.problem = `${message}.`;
  }

  /** Of the run that is under way. */
  order(order: Exclude<TrafficOrder, 'again'>): void {
    if (order === 'drop-errand') this.errand = undefined;
    else if (this.state !== 'done') this.state = STATE_AFTER[order];
    if (order === 'cancel') this.end();
  }

  /** Other workers are not needed any more. */
  end(): void {
    this.cores?.stop();
  }

  /** Others may use the linear memory. */
  leave(): void {
    this.ran?.machine.leave();
  }

  /** Which packets the list shows; an InputError where that cannot be understood. */
  ask(query: TrafficQuery): void {
    const { index, outcomes, link } = this;
    this.query = new Query(query, { index, outcomes, link });
    this.queries++;
  }

  /** Takes on work beside the run; the one before it is given up. */
  send(errand: Errand): void {
    this.errand = errand;
    if (!(errand instanceof CompareErrand)) return;
    this.others = errand.comparison.others;
    // Rows say what packets come to on the other side: those that were sent are old.
    this.queries++;
  }

  /** What the last errand came to; undefined where there is none. */
  result() {
    const result = this.errand?.result();
    this.errand = undefined;
    return result;
  }

  /** Whether there is something to do. */
  get hasWork(): boolean {
    if (this.isBroken) return false;
    return (
      !this.isWhole ||
      this.canRun ||
      this.there.canScan ||
      this.there.canSort(this.isSettled) ||
      (this.errand !== undefined && !this.errand.isDone)
    );
  }

  /** A piece of all that there is to do; answers whether it was stopped. */
  async work(drive: Drive): Promise<boolean> {
    if (await this.workOnQuery(drive)) return true;
    if (this.errand && !this.errand.isDone) await this.errand.piece(drive);
    const isStopped =
      this.canRun && this.cores?.isSpread
        ? await this.workOnCores(this.cores)
        : await this.workInOrder(drive);
    if (this.isWhole && this.judged === this.index.length) {
      this.state = 'done';
      this.end();
    }
    return isStopped;
  }

  /** Packets are run one behind the other; answers whether that was stopped. */
  private async workInOrder(drive: Drive): Promise<boolean> {
    // What is found is run while its bytes are there; if that is slow, the list does not wait.
    if (!this.canRun || this.isSlow) await this.find();
    const { ran, cores } = this;
    if (!this.canRun || ran === undefined) return false;
    await cores?.prepare();
    if (await ran.catchUp(drive)) return true;
    const behind = cores?.limit(this.runnable) ?? this.runnable;
    const chunk = await ran.next(behind, this.found);
    const began = performance.now();
    const before = this.judged;
    const isStopped = chunk ? await drive(ran.run(chunk, behind)) : false;
    const took = performance.now() - began;
    this.isSlow = took > SLOW_MS;
    cores?.note(this.judged - before, took, this.expected - this.judged);
    return isStopped;
  }

  private async workOnCores(cores: Cores): Promise<false> {
    if (await cores.work(this.runnable, this.found)) return false;
    const wanted = !this.isWhole && cores.wantsMore(this.runnable);
    if (!wanted) await cores.wait(WAIT_MS);
    // While others work there is time to find packets, too.
    if (wanted || !cores.hasNews) await this.find();
    return false;
  }

  /** Rows of the list. */
  async rows(from: number, count: number): Promise<{ query: number; rows: TrafficRow[] }> {
    const query = this.there;
    const rows: TrafficRow[] = [];
    for (const place of query.places(from, count)) {
      const chunk = await readFrames(this.index, this.file.read, this.file.name, place, place + 1);
      const frame = frameAt(chunk, place);
      rows.push(trafficRow(place, frame, this.link, this.index, this.outcomes, this.others));
    }
    return { query: this.queries, rows };
  }

  /** Row of a packet in the list; undefined where it is not there. */
  rowOf(packet: number): number | undefined {
    return this.there.rowOf(packet);
  }

  /** The next packet behind one that is what is sought. */
  seek(behind: number, what: 'drop' | 'fault' | 'change' | 'difference'): number | undefined {
    if (what === 'difference') return this.others?.next(behind);
    const { outcomes } = this;
    if (outcomes === undefined) return undefined;
    const own = behind < outcomes.length && behind >= 0 ? outcomes.verdictOf(behind) : -1;
    for (let packet = behind + 1; packet < outcomes.length; packet++) {
      const verdict = outcomes.verdictOf(packet);
      if (what === 'drop' && isStop(outcomes.verdicts[verdict])) return packet;
      if (what === 'fault' && outcomes.faultOf(packet) !== undefined) return packet;
      if (what === 'change' && verdict !== own) return packet;
    }
    return undefined;
  }

  statistics(): TrafficStatistics | undefined {
    return this.ran && trafficStatistics(this.ran.summary, this.ran.machine.session.machine.code);
  }

  /** A packet of it, as the file has it. */
  packet(place: number): Promise<Packet> {
    return this.index.packet(place, this.file.read);
  }

  /**
   * The session of a packet at the state that all in front of it left; undefined where the way
   * there was stopped, or the program cannot be run.
   */
  async open(packet: number, drive: Drive): Promise<OpenedPacket | undefined> {
    const bytes = await this.packet(packet);
    const batch = this.ran;
    const place = batch?.near(packet);
    if (!batch || !place || !(await batch.again(place, packet, drive))) return undefined;
    return openedPacket(batch, place, bytes, this.file.name);
  }

  /** Maps as they were behind so many packets; undefined where the way there was stopped. */
  async mapsBehind(packets: number, drive: Drive): Promise<MapView[] | undefined> {
    const batch = this.ran;
    if (batch === undefined) return [];
    const place = batch.near(packets);
    if (!(await batch.again(place, packets, drive))) return undefined;
    batch.machine.stand(place);
    const { object, machine } = batch.machine.session;
    return machine.maps.map((_, i) => mapView(object, machine, i, NO_MAPS));
  }

  /** What the page shows of it; what only the session's owner knows is added there. */
  get view(): Omit<TrafficView, 'open' | 'isStale'> {
    const { file, index, problem, errand } = this;
    const query = this.there;
    const sums = [...(this.ran?.summary.sums ?? [])].sort((a, b) => b.count - a.count);
    return {
      name: file.name,
      size: file.size,
      read: file.done,
      packets: index.length,
      isWhole: this.isWhole,
      judged: this.judged,
      compared: this.others?.length ?? 0,
      state: this.state,
      engine: this.setUp?.engine.name ?? '',
      ...(this.cores?.words && { cores: this.cores.words }),
      ...(problem !== undefined && { problem }),
      notes: this.notes,
      counts: sums.map(({ name, action, count }) => ({ name, action, count })),
      query: {
        id: this.queries,
        scanned: query.scanned,
        matching: query.matching,
        shown: query.shown,
        isDone: !query.canScan && !query.canSort(this.isSettled),
        ...(query.takenFor && { takenFor: query.takenFor }),
      },
      isTimed: index.firstTime !== undefined,
      clock: this.setUp?.inputs.settings.clock ?? 'gap',
      ...(errand && {
        errand: {
          what: errand.what,
          done: errand.done,
          total: errand.total,
          isDone: errand.isDone,
        },
      }),
      hasWork: this.hasWork,
    };
  }

  private get there(): Query {
    return present(this.query, 'a query of the capture');
  }

  private get outcomes(): Outcomes | undefined {
    return this.ran?.summary.outcomes;
  }

  private get judged(): number {
    return this.outcomes?.length ?? 0;
  }

  /** filter-ubpf and the rest see frames; uBPF sees bytes. */
  private get link(): LinkType {
    return this.ran?.machine.session.hook === 'ubpf' ? 'raw' : 'ethernet';
  }

  /** Packets that can be run now: of the last one that was found nobody knows what follows. */
  private get runnable(): number {
    return this.isWhole ? this.index.length : Math.max(0, this.index.length - 1);
  }

  /** Packets that there are, by the part of the file that was read. */
  private get expected(): number {
    const { index, file, isWhole } = this;
    return isWhole || file.done === 0 ? index.length : (index.length * file.size) / file.done;
  }

  private get canRun(): boolean {
    return this.ran !== undefined && this.state === 'running' && this.judged < this.runnable;
  }

  /** Nothing changes any more of what rows are sorted by. */
  private get isSettled(): boolean {
    return this.isWhole && !this.canRun;
  }

  /** Frames from a place on, those that were read ahead where that is theirs. */
  private async framesFrom(first: number, behind: number): Promise<FrameChunk> {
    const { index, file, ahead } = this;
    this.ahead = undefined;
    if (ahead?.first === first) return ahead.frames;
    return readFrames(index, file.read, file.name, first, behind);
  }

  private framesAhead(first: number, behind: number): typeof this.ahead {
    if (first >= behind) return undefined;
    const { index, file } = this;
    const frames = readFrames(index, file.read, file.name, first, behind);
    // What is wrong with the file is said where they are asked for.
    frames.catch(() => {});
    return { first, frames };
  }

  /** Answers whether it was stopped. */
  private async workOnQuery(drive: Drive): Promise<boolean> {
    const query = this.there;
    if (query.canScan) {
      if (!query.needsFrames) return drive(query.scanColumns());
      const chunk = await this.framesFrom(query.scanned, query.reach);
      // Read while this one is looked at.
      this.ahead = this.framesAhead(chunk.first + chunk.count, query.reach);
      return drive(query.scan(chunk));
    }
    return query.canSort(this.isSettled) && (await drive(query.sort()));
  }
}
