import { baseName } from '../bytes/base-name.ts';
import { InputError, present } from '../errors.ts';
import { JIT } from '../jit/jit.ts';
import { checkNetdev, propertyOf, withFilter } from '../netdev/chain.ts';
import { stepsBetween } from '../netdev/changes.ts';
import type { Drop } from '../netdev/drop-log.ts';
import { DumpFilter } from '../netdev/dump-filter.ts';
import type { RunningFilter } from '../netdev/filter.ts';
import { mapNotes, vnetNotes } from '../netdev/filter-notes.ts';
import { flowFrame } from '../netdev/flow.ts';
import { sourceOfGenerator } from '../netdev/generator.ts';
import { ChainObjects, LiveChain, MachineMemories } from '../netdev/live-chain.ts';
import { type OpenedDrop, openedDrop } from '../netdev/open-drop.ts';
import { qemuLines, qmpOfChain, qmpOfSteps, type WholeChain } from '../netdev/qemu-text.ts';
import { chainOfSession } from '../netdev/session-chain.ts';
import { type ChainSource, sourceOfCapture, sourceOfPackets } from '../netdev/source.ts';
import type { ChainFilter, NetChain } from '../netdev/types.ts';
import { inputsOfFilter } from '../netdev/ubpf-filter.ts';
import { wordsOfSteps } from '../netdev/words.ts';
import type { LoadedObject } from '../object/types.ts';
import { dissect } from '../packet/dissect.ts';
import type {
  BlobFile,
  ChainFilterView,
  ChainOrder,
  ChainRunView,
  ChainSpeed,
  ChainView,
  DroppedPacket,
  DropRow,
  FilterRunView,
} from '../protocol/messages.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';
import { Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { filterKind, GUEST_MAC } from '../spec/net-filters.ts';
import type { Drive } from '../traffic/errand.ts';
import type { Traffic } from '../traffic/traffic.ts';

/** Drops, and events, that are sent to the page. */
const DROPS_SENT = 40;
const EVENTS_SENT = 100;
/** How long it is worked on before its page is told; and waited for packets to come; ms. */
const A_WHILE = 120;
const A_REST = 20;

const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, A_REST));

/** The chain of the session that is open, and what flows through it. */
export class NetdevDesk {
  private readonly memories = new MachineMemories();
  private readonly loaded = new Map<Uint8Array, LoadedObject>();
  private objects = new ChainObjects();
  private live: LiveChain | undefined;
  /** As it was shown last, with objects by their places in `objects`. */
  private chain: NetChain | undefined;
  private change: ChainView['change'];
  /** Why the chain cannot be run, and why what flowed through it stopped. */
  private refusal: string | undefined;
  private problem: string | undefined;
  private speed: ChainSpeed = { kind: 'max' };
  private rows: DropRow[] = [];

  /** Whether there is something to do. */
  get hasWork(): boolean {
    return this.live?.hasWork ?? false;
  }

  /** An InputError says why a chain cannot be run. */
  async check({ chain, objects }: WholeChain, { inputs, object }: Session): Promise<void> {
    // A link may say any: each filter is put in as QEMU would have it.
    checkNetdev(chain.netdev);
    chain.filters.reduce<readonly ChainFilter[]>((list, filter) => withFilter(list, filter), []);
    this.loaded.set(inputs.object.bytes, object);
    for (const { name, bytes } of objects)
      if (!this.loaded.has(bytes)) this.loaded.set(bytes, await openObject(inputsFor(name, bytes)));
    const memory = this.memories.take();
    try {
      for (const filter of chain.filters) {
        if (filter.object === undefined) continue;
        const own = objects[filter.object];
        const trial = new Session(inputsOfFilter(filter, own, inputs), memory, this.loadedOf(own));
        trial.load();
        if (trial.problem !== undefined)
          throw new InputError(`filter ${filter.id}, ${own.name}`, trial.problem);
      }
    } finally {
      this.memories.free(memory);
    }
  }

  /** The session may have another chain now: what flows goes on through that one. */
  async look(session: Session | undefined): Promise<void> {
    const whole = session && chainOfSession(session);
    if (session === undefined || whole === undefined) {
      this.close();
      return;
    }
    const chain = this.objects.registered(whole);
    const before = this.chain;
    if (before && JSON.stringify(before) === JSON.stringify(chain)) return;
    try {
      await this.check(whole, session);
      this.refusal = undefined;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.close();
      this.refusal = error.message;
      this.chain = this.objects.registered(whole);
      return;
    }
    this.chain = chain;
    if (before === undefined) return;
    const steps = stepsBetween(before.filters, chain.filters);
    if (steps.length > 0)
      this.change = {
        name: wordsOfSteps(steps, this.objects.list).join('; '),
        qmp: qmpOfSteps({ chain: before, objects: this.objects.list }, steps),
      };
    const isOtherTraffic = JSON.stringify(before.traffic) !== JSON.stringify(chain.traffic);
    if (isOtherTraffic) this.stop();
    else this.live?.change(whole);
  }

  /** No chain is open any more. */
  close(): void {
    this.stop();
    this.chain = undefined;
    this.change = undefined;
    this.refusal = undefined;
    this.objects = new ChainObjects();
    this.loaded.clear();
  }

  private stop(): void {
    this.live?.close();
    this.live = undefined;
    this.problem = undefined;
    this.rows = [];
  }

  order(order: ChainOrder, session: Session, traffic: Traffic | undefined): void {
    const now = performance.now();
    if (order === 'stop') this.stop();
    else if (this.live && this.live.state !== 'done') this.live.order(order, now);
    else if (order === 'start') {
      this.stop();
      this.live = this.begun(session, traffic, now);
      this.live.setSpeed(this.speed, now);
    }
  }

  setSpeed(speed: ChainSpeed): void {
    const isWrong =
      (speed.kind === 'times' && !(speed.factor > 0)) ||
      (speed.kind === 'rate' && !(speed.perSecond > 0));
    if (isWrong) throw new InputError('speed', 'has to be more than 0');
    this.speed = speed;
    this.live?.setSpeed(speed, performance.now());
  }

  private begun(session: Session, traffic: Traffic | undefined, now: number): LiveChain {
    const whole = chainOfSession(session);
    if (whole === undefined) throw new InputError('chain', 'there is none to start');
    if (this.refusal !== undefined) throw new InputError('chain', this.refusal);
    const source = sourceOf(whole.chain, session.inputs, traffic);
    if (source.length === 0) throw new InputError('traffic', 'there is no packet to flow');
    return new LiveChain(
      {
        whole,
        source,
        session: session.inputs,
        engine: JIT,
        objects: this.objects,
        loadedOf: (object) => this.loadedOf(object),
        memories: this.memories,
      },
      now,
    );
  }

  private loadedOf = ({ bytes }: { readonly bytes: Uint8Array }): LoadedObject =>
    present(this.loaded.get(bytes), 'an object of the chain');

  /** A piece of what there is to do. */
  async work(drive: Drive): Promise<void> {
    const { live } = this;
    if (!live?.hasWork) return;
    const end = performance.now() + A_WHILE;
    let isStopped = false;
    const watched: Drive = async (work) => {
      isStopped = await drive(work);
      return isStopped;
    };
    try {
      while (live.hasWork && !isStopped && performance.now() < end)
        if (!(await live.work(watched, performance.now()))) await rest();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      // A file that was moved: what has flowed stays to be seen.
      this.problem = error.message;
      live.order('pause', performance.now());
    }
    live.sample(performance.now());
  }

  /** The session of a drop. */
  async open(
    drop: DroppedPacket,
    { inputs }: Session,
    linear: WebAssembly.Memory,
    drive: Drive,
  ): Promise<OpenedDrop | undefined> {
    if (this.live === undefined)
      throw new InputError('traffic', 'does not flow any more: start it again');
    const { live, objects, loadedOf } = this;
    return openedDrop(
      { ...drop, packet: drop.packet - 1 },
      { live, objects, loadedOf, session: inputs, engine: JIT, linear, drive },
    );
  }

  /** What a dump has written so far. */
  dump(id: string): BlobFile {
    const running = this.live?.run.filters.find(({ filter }) => filter.id === id);
    if (!(running instanceof DumpFilter))
      throw new InputError(`filter ${id}`, 'has written nothing: let packets flow first');
    const { name, blob, packets } = running.written;
    return { kind: 'blob-file', name: baseName(name), blob, packets };
  }

  /** What the page shows; undefined where there is no chain. */
  async view(session: Session, traffic: Traffic | undefined): Promise<ChainView | undefined> {
    const whole = chainOfSession(session);
    if (whole === undefined) return undefined;
    const { chain, objects } = whole;
    const { inputs } = session;
    const run = await this.runView();
    const problem = this.refusal ?? this.problem;
    return {
      netdev: chain.netdev.id,
      lines: qemuLines(whole),
      qmp: qmpOfChain(whole),
      ...(this.change && { change: this.change }),
      filters: chain.filters.map((filter) => this.filterView(filter, objects, inputs)),
      traffic: chain.traffic,
      speed: this.speed,
      guest: GUEST_MAC,
      packets: traffic
        ? { name: traffic.file.name, count: traffic.index.length }
        : { name: 'the session', count: inputs.packets.length },
      ...(problem !== undefined && { problem: `${problem}.` }),
      ...(run && { run }),
    };
  }

  private filterView(
    filter: NetChain['filters'][number],
    objects: WholeChain['objects'],
    { object: open }: SessionInputs,
  ): ChainFilterView {
    const { id, kind, queue, status, program } = filter;
    const object = filter.object === undefined ? undefined : objects[filter.object];
    const loaded = object && this.loaded.get(object.bytes);
    const names = (loaded?.programs ?? []).map(({ name }) => name);
    const isOpen = object?.bytes === open.bytes;
    return {
      id,
      kind,
      queue,
      status,
      ...(object && {
        object: { name: baseName(object.name), isOpen },
      }),
      ...(program !== undefined && { program }),
      programs: names.length > 1 ? names : [],
      notes: [...vnetNotes(filter), ...mapNotes(filter, loaded, isOpen)],
      properties: filterKind(kind).properties.map(({ name }) => ({
        name,
        value: propertyOf(filter, name) ?? '',
      })),
    };
  }

  private async runView(): Promise<ChainRunView | undefined> {
    const { live } = this;
    if (live === undefined) return undefined;
    const { run, source } = live;
    const viewOf = (running: RunningFilter): FilterRunView => {
      const { filter, version, counts } = running;
      const { object } = filter;
      return {
        id: filter.id,
        kind: filter.kind,
        version,
        ...(object !== undefined && { object: baseName(this.objects.list[object].name) }),
        counts,
        ...(running instanceof DumpFilter && { written: running.size }),
      };
    };
    return {
      state: live.state,
      source: source.name,
      packets: source.length,
      isWhole: source.isWhole,
      entered: run.entered,
      counts: run.counts,
      time: run.time,
      filters: run.filters.map(viewOf),
      ended: run.ended.map(viewOf).reverse(),
      events: run.events
        .slice(-EVENTS_SENT)
        .map(({ packet, time, steps }) => ({
          packet: packet + 1,
          time,
          words: wordsOfSteps(steps, this.objects.list),
        }))
        .reverse(),
      earlierEvents: run.earlierEvents,
      drops: {
        count: run.drops.count,
        notKept: run.drops.notKept,
        rows: await this.rowsOf(run.drops.last(DROPS_SENT), source),
      },
      rate: [...live.rate],
      circling: run.circling,
      hasWork: live.hasWork,
    };
  }

  /** Rows that were made before stay: their packets need not be read again. */
  private async rowsOf(drops: readonly Drop[], source: ChainSource): Promise<DropRow[]> {
    const known = new Map(this.rows.map((row) => [row.index, row]));
    const rows: DropRow[] = [];
    for (const drop of drops) {
      const { packet } = drop;
      const row = known.get(drop.index) ?? {
        ...drop,
        packet: packet + 1,
        summary: dissect(flowFrame(await source.read(packet, packet + 1), 0), 'ethernet').summary,
      };
      rows.push(row);
    }
    this.rows = rows;
    return rows;
  }
}

/** What flows through a chain. */
function sourceOf(
  { traffic }: NetChain,
  { packets }: SessionInputs,
  capture: Traffic | undefined,
): ChainSource {
  if (traffic.source === 'generator') return sourceOfGenerator(traffic.generator);
  return capture ? sourceOfCapture(capture) : sourceOfPackets('the session', packets);
}
