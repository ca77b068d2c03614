import { NumberColumn } from '../bytes/number-column.ts';
import { present } from '../errors.ts';
import type { Engine } from '../machine/engine.ts';
import type { LoadedObject } from '../object/types.ts';
import { MAX_PACKET } from '../packet/limits.ts';
import { inputsFor } from '../session/inputs.ts';
import { ENDED, PacketBatch } from '../session/packet-batch.ts';
import { runnableSession, Session, type SessionOrigin, type Work } from '../session/session.ts';
import type { SessionInputs, Settings } from '../session/types.ts';
import type { FlowDirection } from '../spec/net-filters.ts';
import { propertyOf } from './chain.ts';
import { type FilterCounts, noCounts } from './counters.ts';
import type { Passed, RunningFilter } from './filter.ts';
import { flowCount, type PacketFlow, partOf, someOf } from './flow.ts';
import type { ChainFilter, ChainObject } from './types.ts';

/** What a filter's program is run by. */
export interface UbpfParts {
  readonly object: ChainObject;
  readonly loaded: LoadedObject;
  readonly settings: Settings;
  readonly engine: Engine;
  /** Its own: each filter has a machine. */
  readonly memory: WebAssembly.Memory;
}

/** What decides each run of a filter's program; packets and the rest are not in it. */
export function inputsOfFilter(
  filter: ChainFilter,
  { name, bytes }: ChainObject,
  settings: Settings,
): SessionInputs {
  return {
    ...inputsFor(name, bytes),
    hook: 'filter-ubpf',
    ...(filter.program !== undefined && { program: filter.program }),
    options: [['ip-mode', propertyOf(filter, 'ip-mode') ?? 'on']],
    settings,
  };
}

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
      maps: [],
    };
    const { session, batch } = machineOf(filter, this.parts, origin);
    this.session = session;
    this.batch = batch;
  }

  *pass(flow: PacketFlow, direction: FlowDirection): Work<Passed> {
    const places: { on: number[]; dropped: number[] } = { on: [], dropped: [] };
    for (let at = 0; at < flowCount(flow); ) {
      const part = partOf(flow, at, Math.min(flowCount(flow), at + this.most));
      at += yield* this.judge(part, at, direction, places);
    }
    for (const number of flow.numbers) this.judged?.push(number);
    const { counts } = this;
    counts.passed[direction] += places.on.length;
    counts.dropped[direction] += places.dropped.length;
    if (places.dropped.length === 0) return { on: flow };
    return { on: someOf(flow, places.on), dropped: someOf(flow, places.dropped) };
  }

  /** How many packets have not too many steps together, going by those before them. */
  private get most(): number {
    if (this.ran < FIRST_ONES) return FIRST_ONES;
    const likely = Math.floor((STEPS_AT_ONCE * this.ran) / Math.max(1, this.steps));
    return Math.min(PACKETS_AT_ONCE, Math.max(1, likely));
  }

  /** Answers how many of them were run. */
  private *judge(
    part: PacketFlow,
    first: number,
    direction: FlowDirection,
    places: { on: number[]; dropped: number[] },
  ): Work<number> {
    const { r0Low, r0High, ended, steps, count } = yield* this.batch.run(this.ran, part.frames);
    const { counts } = this;
    for (let i = 0; i < count; i++) {
      const isFault = ended[i] === ENDED.faulted;
      this.steps += steps[i];
      if (isFault) counts.faulted[direction] += 1;
      if (ended[i] === ENDED.bypassed) counts.bypassed[direction] += 1;
      const isDrop = isFault || (ended[i] === ENDED.returned && (r0Low[i] | r0High[i]) !== 0);
      (isDrop ? places.dropped : places.on).push(first + i);
    }
    this.ran += count;
    return count;
  }
}

function machineOf(filter: ChainFilter, parts: UbpfParts, origin?: SessionOrigin) {
  const { object, loaded, settings, engine, memory } = parts;
  const session = new Session(inputsOfFilter(filter, object, settings), memory, loaded);
  session.runBy(engine);
  if (origin) session.startFrom(origin);
  session.load(MAX_PACKET);
  return { session: runnableSession(session), batch: new PacketBatch(session) };
}
