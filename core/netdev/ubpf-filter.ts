import { NumberColumn } from '../bytes/number-column.ts';
import { present } from '../errors.ts';
import type { Engine } from '../machine/engine.ts';
import type { LoadedObject } from '../object/types.ts';
import { MAX_PACKET } from '../packet/limits.ts';
import { inputsFor } from '../session/inputs.ts';
import { ENDED, PacketBatch } from '../session/packet-batch.ts';
import { runnableSession, Session, type SessionOrigin, type Work } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import type { FlowDirection } from '../spec/net-filters.ts';
import { propertyOf } from './chain.ts';
import { type FilterCounts, noCounts } from './counters.ts';
import type { Passed, RunningFilter } from './filter.ts';
import { flowCount, type PacketFlow, partOf, someOf } from './flow.ts';
import type { ChainFilter, ChainObject } from './types.ts';

/** What filters take over from the session: of those that run its object its maps, too. */
export type FilterSession = Pick<SessionInputs, 'settings'> &
  Partial<Pick<SessionInputs, 'object' | 'maps' | 'mapSizes'>>;

/** What a filter's program is run by. */
export interface UbpfParts {
  readonly object: ChainObject;
  readonly loaded: LoadedObject;
  readonly session: FilterSession;
  readonly engine: Engine;
  /** Its own: each filter has a machine. */
  readonly memory: WebAssembly.Memory;
}

/** What decides each run of a filter's program; packets and the rest are not in it. */
export function inputsOfFilter(
  filter: ChainFilter,
  { name, bytes }: ChainObject,
  { settings, object, maps = [], mapSizes }: FilterSession,
): SessionInputs {
  return {
    ...inputsFor(name, bytes),
    ...(object?.bytes === bytes && { maps, ...(mapSizes && { mapSizes }) }),
    hook: 'filter-ubpf',
    ...(filter.program !== undefined && { program: filter.program }),
    options: [['ip-mode', propertyOf(filter, 'ip-mode') ?? 'on']],
    settings,
  };
}

/** What came of a packet. */
const [PASSED, DROPPED, BYPASSED, FAULTED] = [0, 1, 2, 3];

/** Packets, and steps of them, that are run before others may want something. */
const PACKETS_AT_ONCE = 8192;
const STEPS_AT_ONCE = 4_000_000;
const FIRST_ONES = 64;

/**
 * filter-ubpf: the program runs on a copy of each packet, 64 bits of 0 let it pass. Throws
 * InputError where the program cannot be run.
 */
export class UbpfFilter implements RunningFilter {
  filter: ChainFilter;
  readonly version: number;
  readonly counts: FilterCounts = noCounts();
  /** What packets leave in maps, the next one finds: of both directions, in their order. */
  readonly isOrdered: boolean;
  /** Where it is: numbers of the packets that it has judged, in their order. */
  readonly judged: NumberColumn | undefined;
  private readonly parts: UbpfParts;
  private session: ReturnType<typeof machineOf>['session'];
  private batch: PacketBatch;
  private ran = 0;
  private steps = 0;

  constructor(filter: ChainFilter, version: number, parts: UbpfParts) {
    this.filter = filter;
    this.version = version;
    this.parts = parts;
    const { session, batch } = machineOf(filter, parts);
    this.session = session;
    this.batch = batch;
    this.isOrdered = session.machine.maps.length > 0;
    this.judged = this.isOrdered ? new NumberColumn() : undefined;
  }

  get memory(): WebAssembly.Memory {
    return this.parts.memory;
  }

  /** Told to look at packets in another way: the copy that programs see is another from here on. */
  retell(filter: ChainFilter): void {
    const isOther = propertyOf(filter, 'ip-mode') !== propertyOf(this.filter, 'ip-mode');
    this.filter = filter;
    if (!isOther) return;
    const { build, machine } = this.session;
    // What its maps hold goes on: the machine stays.
    const origin = {
      build: present(build, 'the machine of a filter'),
      image: machine.save(),
      maps: this.parts.session.maps ?? [],
    };
    const { session, batch } = machineOf(filter, this.parts, origin);
    this.session = session;
    this.batch = batch;
  }

  *pass(flow: PacketFlow, direction: FlowDirection): Work<Passed> {
    const verdicts = yield* this.verdictsOn(flow);
    return this.sorted(flow, verdicts, () => direction, direction);
  }

  /** The same of packets of both directions in their order; what came of those of each. */
  *passBoth(
    flow: PacketFlow,
    directions: readonly FlowDirection[],
  ): Work<Record<FlowDirection, Passed>> {
    const verdicts = yield* this.verdictsOn(flow);
    const of = (place: number): FlowDirection => directions[place];
    return {
      'to-guest': this.sorted(flow, verdicts, of, 'to-guest'),
      'from-guest': this.sorted(flow, verdicts, of, 'from-guest'),
    };
  }

  /** Counts packets of a direction, and puts apart those that go on. */
  private sorted(
    flow: PacketFlow,
    verdicts: Uint8Array,
    directionAt: (place: number) => FlowDirection,
    direction: FlowDirection,
  ): Passed {
    const { counts } = this;
    const on: number[] = [];
    const dropped: number[] = [];
    for (let place = 0; place < verdicts.length; place++) {
      if (directionAt(place) !== direction) continue;
      const verdict = verdicts[place];
      if (verdict === FAULTED) counts.faulted[direction] += 1;
      if (verdict === BYPASSED) counts.bypassed[direction] += 1;
      (verdict === DROPPED || verdict === FAULTED ? dropped : on).push(place);
    }
    counts.seen[direction] += on.length + dropped.length;
    counts.passed[direction] += on.length;
    counts.dropped[direction] += dropped.length;
    if (on.length === verdicts.length) return { on: flow };
    return { on: someOf(flow, on), dropped: someOf(flow, dropped) };
  }

  /** What the program says of each packet. */
  private *verdictsOn(flow: PacketFlow): Work<Uint8Array> {
    const count = flowCount(flow);
    const verdicts = new Uint8Array(count);
    for (let at = 0; at < count; )
      at += yield* this.judge(partOf(flow, at, Math.min(count, at + this.most)), at, verdicts);
    for (const number of flow.numbers) this.judged?.push(number);
    return verdicts;
  }

  /** How many packets have not too many steps together, going by those before them. */
  private get most(): number {
    if (this.ran < FIRST_ONES) return FIRST_ONES;
    const likely = Math.floor((STEPS_AT_ONCE * this.ran) / Math.max(1, this.steps));
    return Math.min(PACKETS_AT_ONCE, Math.max(1, likely));
  }

  /** Answers how many of them were run. */
  private *judge(part: PacketFlow, first: number, verdicts: Uint8Array): Work<number> {
    const { r0Low, r0High, ended, steps, count } = yield* this.batch.run(this.ran, part.frames);
    for (let i = 0; i < count; i++) {
      this.steps += steps[i];
      if (ended[i] === ENDED.faulted) verdicts[first + i] = FAULTED;
      else if (ended[i] === ENDED.bypassed) verdicts[first + i] = BYPASSED;
      else verdicts[first + i] = (r0Low[i] | r0High[i]) === 0 ? PASSED : DROPPED;
    }
    this.ran += count;
    return count;
  }
}

function machineOf(filter: ChainFilter, parts: UbpfParts, origin?: SessionOrigin) {
  const { object, loaded, engine, memory } = parts;
  const session = new Session(inputsOfFilter(filter, object, parts.session), memory, loaded);
  session.runBy(engine);
  if (origin) session.startFrom(origin);
  session.load(MAX_PACKET);
  return { session: runnableSession(session), batch: new PacketBatch(session) };
}
