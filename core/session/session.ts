import { toHex } from '../bytes/hex.ts';
import { parseInteger } from '../bytes/integer.ts';
import { InputError } from '../errors.ts';
import { enterHook, frontedLength, isOutgoing } from '../hooks/enter.ts';
import { entryBytes, headerBytes, initialBytes, tupleBytes } from '../hooks/initial.ts';
import type { Options } from '../hooks/options.ts';
import { BATCH_BYTES } from '../jit/batch.ts';
import { TIERED } from '../jit/tiered.ts';
import { fault } from '../machine/access.ts';
import type { Engine } from '../machine/engine.ts';
import type { Machine, MachineImage } from '../machine/machine.ts';
import { run, type Stops } from '../machine/run.ts';
import type { CompletedMap } from '../maps/completion.ts';
import { loadObject } from '../object/load.ts';
import type { LoadedObject, Program } from '../object/types.ts';
import { namesOf } from '../source/names.ts';
import type { ContextField } from '../spec/contexts.ts';
import type { HookName } from '../spec/program-types.ts';
import { hookOfSection } from '../spec/sections.ts';
import type { Nanoseconds, Step } from '../spec/units.ts';
import { type Build, buildMachine, completedMaps } from './build.ts';
import { firstProgram, optionValues } from './choose.ts';
import { Edits } from './edits.ts';
import { type Unmet, unmetByMaps, unmetByOutcome } from './expected.ts';
import { frontOf, giveHanded } from './handed-on.ts';
import { History } from './history.ts';
import { mapContents, outcomeHash, outcomeOf, type RunOutcome } from './outcome.ts';
import { type Checkpoint, PacketCheckpoints } from './packet-checkpoints.ts';
import { applyPresets, presetsOver } from './presets.ts';
import { type Stop, stopText } from './stop.ts';
import { BreakpointStops } from './travel/breakpoints.ts';
import { breakpointRows } from './travel/line-breakpoints.ts';
import { SLICE } from './travel/stops.ts';
import { travel } from './travel/travel.ts';
import { Watches } from './travel/watch.ts';
import type {
  BreakpointRule,
  Edit,
  Expectation,
  Go,
  HandedOn,
  MapPreset,
  SessionInputs,
} from './types.ts';

/** Steps all packets together may take while their verdicts are worked out. */
const ALL_PACKETS_STEPS = 1_000_000_000;
/** Lines of logpoints that are kept. */
const MOST_LOGGED = 4096;
/** Entries of a map remembered to show what a run changed; more than a page shows. */
const INITIAL_ENTRIES = 1024;

const NOTHING_HANDED: HandedOn = {};

/** Said by long work between slices; `total` where an end is known. */
export interface Progress {
  readonly what: string;
  readonly done: number;
  readonly total?: number;
}

export type Work<T> = Generator<Progress, T>;

/** Does all of the work at once: for the command line and tests. */
export function finish<T>(work: Work<T>): T {
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}

/**
 * Where a session begins that is one packet of a capture: the machine as the packets in front
 * of it left it, which other sessions use, too.
 */
export interface SessionOrigin {
  readonly build: Build;
  readonly image: MachineImage;
  /** Presets that say of this state what presets can: any others are put in beside it. */
  readonly maps: readonly MapPreset[];
}

/**
 * What stops a run, is watched in it, said of it or stands beside it, and so may change in the
 * middle of one.
 */
export type StopInputs = Partial<
  Pick<
    SessionInputs,
    | 'breakpoints'
    | 'rules'
    | 'watchpoints'
    | 'expressions'
    | 'notes'
    | 'chain'
    | 'chainObjects'
    | 'hookLists'
    | 'hookObjects'
  >
>;

/**
 * One debugging session: an object, a program of it, a hook, packets, and a place (packet, step).
 * All long work is a generator that stops to breathe every SLICE steps, so that the caller can
 * report, pause or give up.
 */
export class Session {
  readonly object: LoadedObject;
  readonly program: Program | undefined;
  readonly hook: HookName;
  readonly options: Options;
  /** Checkpoints of the selected packet's run. */
  readonly history = new History();
  private engine: Engine = TIERED;
  private given: SessionInputs;
  private built: Build | undefined;
  private whyNot: string | undefined;
  private whyBypassed: string | undefined;
  private readonly found: (RunOutcome | undefined)[] = [];
  private readonly missedInMaps: (readonly Unmet[])[] = [];
  private stands: Stop = { kind: 'start' };
  private mapsBefore: readonly ReadonlyMap<string, string>[] = [];
  private edits = new Edits([], 0);
  private readonly lines = new Map<number, string>();
  private readonly linear: WebAssembly.Memory;
  private origin: SessionOrigin | undefined;
  private base: MachineImage | undefined;
  private checkpoints: PacketCheckpoints | undefined;
  /** Behind the last packet that was ever run. */
  private reached: Checkpoint | undefined;

  /**
   * Throws InputError where the object cannot be read. `object`: as openObject reads it; without
   * it, with its own types.
   */
  constructor(inputs: SessionInputs, linear: WebAssembly.Memory, object?: LoadedObject) {
    this.given = inputs;
    this.linear = linear;
    this.object = object ?? loadObject(inputs.object.name, inputs.object.bytes);
    this.program = selectedProgram(this.object, inputs.program);
    this.hook = inputs.hook ?? hookOfSection(this.program?.section ?? '').hook;
    this.options = optionValues(this.hook, inputs.options, this.program?.section ?? '');
  }

  get inputs(): SessionInputs {
    return this.given;
  }

  get build(): Build | undefined {
    return this.built;
  }

  get machine(): Machine | undefined {
    return this.built?.machine;
  }

  /** Why the selected program cannot be run. */
  get problem(): string | undefined {
    return this.whyNot;
  }

  /** Why the hook does not give the packet to the program. */
  get bypass(): string | undefined {
    return this.whyBypassed;
  }

  /** Of each packet, as far as they were run. */
  get outcomes(): readonly (RunOutcome | undefined)[] {
    return this.found;
  }

  /**
   * What an expectation's packet was to come to and did not; undefined where it was not run yet.
   */
  unmet(expectation: Expectation): readonly Unmet[] | undefined {
    const { packet } = expectation;
    const outcome = this.found[packet];
    if (outcome === undefined) return undefined;
    const inMaps = this.missedInMaps[packet] ?? [];
    return [...unmetByOutcome(this.hook, expectation, outcome), ...inMaps];
  }

  /** Why the machine stands where it stands. */
  get stop(): Stop {
    return this.stands;
  }

  /** The same in words. */
  get stopped(): string {
    return stopText(this.stands);
  }

  /** What each map held before the run of the selected packet: key to value, hex. */
  get initialMaps(): readonly ReadonlyMap<string, string>[] {
    return this.mapsBefore;
  }

  /** The object's maps as the loader makes them. */
  get maps(): CompletedMap[] {
    const { settings, mapSizes = [] } = this.inputs;
    return completedMaps(this.object, { cpus: settings.cpus, mapSizes });
  }

  /** Linear memory before the first packet. */
  get startMemory(): Uint8Array {
    return this.base!.memory.bytes;
  }

  get frame(): Uint8Array {
    return this.inputs.packets[this.inputs.packet]?.bytes ?? new Uint8Array();
  }

  get outcome(): RunOutcome | undefined {
    return this.found[this.inputs.packet];
  }

  /** What runs it; to be said before the machine is made. */
  runBy(engine: Engine): void {
    this.engine = engine;
  }

  /** Where it begins, in place of a machine of its own; to be said before that is made. */
  startFrom(origin: SessionOrigin): void {
    this.origin = origin;
  }

  /** Other breakpoints, watchpoints, expressions, notes, chain or lists: the run stays. */
  setStops(changed: StopInputs): void {
    this.given = { ...this.given, ...changed };
  }

  /**
   * Other expectations: the run stays as it is. Entries of maps that are news in them are those
   * that the packets have come to, since what others held then is not known any more.
   */
  setExpectations(expectations: Expectation[]): void {
    const mapsOf = (list: readonly Expectation[] = [], wanted: number) =>
      list.find(({ packet }) => packet === wanted)?.maps;
    for (const packet of this.missedInMaps.keys())
      if (mapsOf(this.inputs.expectations, packet) !== mapsOf(expectations, packet))
        delete this.missedInMaps[packet];
    this.given = { ...this.given, expectations };
  }

  /** Lines of logpoints by step. */
  get logged(): ReadonlyMap<number, string> {
    return this.lines;
  }

  /** Keeps what a logpoint wrote at this step; of very many the first. */
  log(line: string): void {
    if (this.lines.size < MOST_LOGGED) this.lines.set(this.machine!.steps, line);
  }

  /** Says why the machine stands where it stands now. */
  stopAt(stop: Stop): void {
    this.stands = stop;
  }

  /**
   * Makes the machine, runs every packet to its end for the verdicts, and stands before the
   * selected packet's first step.
   */
  *prepare(): Work<void> {
    yield* this.prepareSelected();
    yield* this.runOthers();
  }

  /** The same with the verdicts up to the selected packet alone: `runOthers` adds the others. */
  *prepareSelected(): Work<void> {
    this.load();
    if (this.built) yield* this.standBefore(this.inputs.packet);
  }

  /**
   * Another packet of the same session: stands before its first step. Runs what lies between it and
   * the nearest checkpoint in front of it.
   */
  *select(packet: number): Work<void> {
    this.given = { ...this.given, packet, step: 0 };
    if (this.built) yield* this.standBefore(packet);
  }

  /** Packets that have a verdict; all in front of the last of them have one too. */
  get ranPackets(): number {
    return this.reached?.packet ?? 0;
  }

  /**
   * Makes the machine and its maps; where that cannot be done, `problem` says why and there is no
   * machine. `streamed`: bytes of the longest frame that is none of the inputs (`beginFrame`).
   */
  load(streamed = 0): void {
    this.found.length = 0;
    this.missedInMaps.length = 0;
    this.built = undefined;
    this.reached = undefined;
    this.whyNot = undefined;
    const { program, inputs } = this;
    if (program === undefined) {
      this.whyNot = `${this.object.name} has no program`;
      return;
    }
    try {
      const build = this.origin
        ? standingAt(this.origin, inputs)
        : this.newBuild(program, streamed);
      this.built = build;
      this.startHere();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.whyNot = error.message;
    }
  }

  /** The machine as it is now is the one in front of the first packet. */
  startHere(): void {
    this.base = this.machine!.save();
    this.checkpoints = new PacketCheckpoints(this.base);
    this.reached = this.checkpoints.before(0);
  }

  /** The machine as it was in front of the first packet. */
  backToStart(): void {
    this.machine!.restore(this.base!);
  }

  private newBuild(program: Program, streamed: number): Build {
    const { packets, network, mapSizes, settings } = this.inputs;
    const { cpus, perfReader } = settings;
    const longest = packets.reduce(
      (most, { bytes, handed }) =>
        Math.max(most, frontedLength(bytes.length, handed && frontOf(handed))),
      streamed,
    );
    const surrounds = {
      cpus,
      perfReader,
      engine: this.engine,
      scratch: streamed > 0 ? BATCH_BYTES : 0,
      ...(network && { network }),
      ...(mapSizes && { mapSizes }),
    };
    const build = buildMachine(this.object, program, this.hook, longest, this.linear, surrounds);
    applyPresets(build, this.inputs);
    return build;
  }

  /** Whether others are left, and steps for them. */
  get canRunMore(): boolean {
    return (
      this.outcome !== undefined &&
      this.ranPackets < this.inputs.packets.length &&
      this.ranSteps < ALL_PACKETS_STEPS
    );
  }

  /** Steps of those together. */
  get ranSteps(): number {
    return this.reached?.steps ?? 0;
  }

  /**
   * Packets one after the other, since maps keep what earlier ones left in them, up to the selected
   * one's end; then back to its start.
   */
  private *standBefore(selected: number): Work<void> {
    const machine = this.machine!;
    let start: MachineImage | undefined;
    let bypass: string | undefined;
    try {
      const steps = yield* this.unrecorded(this.runUpTo(selected));
      this.begin(selected);
      bypass = this.bypass;
      start = machine.save();
      this.mapsBefore = machine.maps.map((_, i) => hexContents(machine, i));
      yield* this.complete(selected, true);
      this.reach(selected + 1, steps + machine.steps);
    } finally {
      // Also when the caller gives up half way: then later packets have no verdict, but the session
      // stands at its start.
      this.whyBypassed = bypass;
      this.edits = new Edits(this.inputs.edits ?? [], selected);
      if (start) machine.restore(start);
      else this.begin(selected);
      this.stands =
        this.bypass === undefined ? { kind: 'start' } : { kind: 'bypassed', reason: this.bypass };
    }
  }

  /** From the nearest checkpoint to the end of the packet in front; answers the steps of all. */
  private *runUpTo(packet: number): Work<number> {
    const from = this.checkpoints!.before(packet);
    this.machine!.restore(from.image);
    let { steps } = from;
    for (let k = from.packet; k < packet; k++) steps += yield* this.runPacket(k, steps);
    return steps;
  }

  /** A packet that nobody looks at; answers its steps. */
  private *runPacket(k: number, steps: number): Work<number> {
    const machine = this.machine!;
    if (this.checkpoints!.isDue(k, steps)) this.checkpoints!.add(k, steps, machine.save());
    this.begin(k);
    yield* this.complete(k, false);
    return machine.steps;
  }

  private reach(packet: number, steps: number): void {
    if (packet > this.ranPackets) this.reached = { packet, steps, image: this.machine!.save() };
  }

  /**
   * Runs packets that have no verdict yet, in their order, until about `most` steps of all packets
   * since the first are done; the session stands where it stood.
   */
  *runOthers(most = ALL_PACKETS_STEPS): Work<void> {
    if (this.canRunMore && this.ranSteps < most)
      // Unrecorded outermost: what the last step touched stays noted, replay would let it go.
      yield* this.unrecorded(this.replay(this.goOn(most)));
  }

  private *goOn(most: number): Work<void> {
    const { packets } = this.inputs;
    let { packet, steps } = this.reached!;
    this.machine!.restore(this.reached!.image);
    try {
      for (; packet < packets.length && steps < most; packet++)
        steps += yield* this.runPacket(packet, steps);
      this.reach(packet, steps);
    } finally {
      // Given up in the middle of a packet, it goes on from the last checkpoint in front of that.
      const last = this.checkpoints!.before(packet);
      if (last.packet > this.ranPackets) this.reached = last;
    }
  }

  /**
   * Stands before the first instruction of packet `k`, behind what earlier packets left in maps.
   * `context`: fields in the place of those of the inputs.
   */
  begin(k: number, context = this.inputs.context): void {
    const { packets } = this.inputs;
    const next = this.isFresh ? undefined : this.arrivalOf(packets[k + 1]?.time, packets[0]?.time);
    const { bytes = new Uint8Array(), handed } = packets[k] ?? {};
    this.beginFrame(k, bytes, next, context, handed);
  }

  /**
   * The same with a frame that need not be one of the inputs: of a stream of any length. `next`:
   * when the packet behind it comes, where the clock goes by that; `handed`: what programs in front
   * of this one have left of the packet.
   */
  beginFrame(
    k: number,
    frame: Uint8Array,
    next?: Nanoseconds,
    context = this.inputs.context,
    handed?: HandedOn,
  ): void {
    const { machine } = this.built!;
    const isFirst = k === 0 || this.isFresh;
    if (isFirst) machine.restore(this.base!);
    else machine.passTime();
    if (next !== undefined || !isFirst) machine.surroundings.next = next;
    this.enter(k, frame, context, this.options, handed);
  }

  /** Each packet is run as if it were the first one. */
  private get isFresh(): boolean {
    return this.inputs.settings.each === 'fresh';
  }

  /** Takes up the run of a frame that was left in the middle: others were begun since. */
  resumeFrame(): void {
    this.whyBypassed = undefined;
  }

  /**
   * When a packet comes by the machine's clock, of its time and that of the first one; undefined
   * where the clock goes by a fixed gap, or the capture does not say.
   */
  arrivalOf(time: Nanoseconds | string | undefined, first: Nanoseconds | string | undefined) {
    const { clock, time: start } = this.inputs.settings;
    if (clock !== 'capture' || time === undefined || first === undefined) return undefined;
    const since = BigInt(time) - BigInt(first);
    return BigInt(start) + (since > 0n ? since : 0n);
  }

  /**
   * As before the selected packet's first step, with another frame in its place; answers why the
   * hook does not run it.
   */
  beginWith(frame: Uint8Array, options = this.options): string | undefined {
    this.machine!.restore(this.history.before(0));
    const { packet, packets, context } = this.inputs;
    this.enter(packet, frame, context, options, packets[packet]?.handed);
    return this.bypass;
  }

  private enter(
    k: number,
    frame: Uint8Array,
    fields: SessionInputs['context'],
    options = this.options,
    handed: HandedOn = NOTHING_HANDED,
  ): void {
    const { machine, room } = this.built!;
    machine.beginRun();
    const context = new Map(
      [...fields, ...(handed.fields ?? [])].map(([field, value]) => [
        field,
        parseInteger(value, `context.${field}`),
      ]),
    );
    const front = frontOf(handed);
    this.whyBypassed = enterHook(this.hook, {
      machine,
      room,
      frame,
      options,
      context,
      ...(front && { front }),
    });
    giveHanded(machine, handed);
    this.edits = new Edits(this.inputs.edits ?? [], k);
    this.edits.apply(machine);
  }

  /**
   * Bytes of the selected packet that a field of the context tells of; none where the user has set
   * it.
   */
  fieldBytes({ name, initial }: ContextField): readonly (readonly [number, number])[] {
    const { context, packets, packet } = this.inputs;
    const handed = packets[packet]?.handed?.fields ?? [];
    if ([...context, ...handed].some(([field]) => field === name)) return [];
    return initialBytes(initial, this.frame, isOutgoing(this.hook, this.options));
  }

  protocolBytes(): readonly (readonly [number, number])[] {
    return headerBytes(this.frame);
  }

  socketBytes(): readonly (readonly [number, number])[] {
    return tupleBytes(this.frame);
  }

  /** Bytes of the packet by which the hook runs the program on it, and from where on it sees it. */
  entryBytes(): readonly (readonly [number, number])[] {
    return entryBytes(this.hook, this.options, this.frame);
  }

  /** Changes a person made after so many steps of the packet that runs. */
  editsAt(step: Step): readonly Edit[] {
    return this.edits.at(step);
  }

  /**
   * Does work that runs packets anew, from before the selected packet's first step; then the
   * session stands again where it stood, also where the work failed or was given up.
   */
  *replay<T>(work: Work<T>): Work<T> {
    const machine = this.machine!;
    const here = machine.save();
    const { bypass } = this;
    try {
      machine.restore(this.history.before(0));
      return yield* work;
    } finally {
      this.edits = new Edits(this.inputs.edits ?? [], this.inputs.packet);
      this.whyBypassed = bypass;
      machine.restore(here);
    }
  }

  /** Does work whose steps nobody looks at: faster, without the record of what they touch. */
  *unrecorded<T>(work: Work<T>): Work<T> {
    const machine = this.machine!;
    const { recorder } = machine;
    machine.recorder = null;
    try {
      return yield* work;
    } finally {
      machine.recorder = recorder;
    }
  }

  /**
   * Runs packet `k`, which has begun, to its end; notes and answers what came of it. `keep` its
   * checkpoints for stepping.
   */
  *complete(k: number, keep: boolean): Work<RunOutcome> {
    const machine = this.machine!;
    if (keep) {
      this.history.reset(machine.save());
      this.lines.clear();
    }
    const outcome = yield* this.completeFrame(
      k,
      this.inputs.packets[k]?.bytes ?? new Uint8Array(),
      keep,
    );
    this.found[k] = outcome;
    const expectation = this.inputs.expectations?.find(({ packet }) => packet === k);
    // What maps hold at its end is known now alone.
    if (expectation?.maps) this.missedInMaps[k] = unmetByMaps(this, expectation);
    return outcome;
  }

  /** A frame from its beginning to its end, without a record of what its steps touch. */
  runFrame(k: number, frame: Uint8Array, next?: Nanoseconds): Work<RunOutcome> {
    return this.unrecorded(this.wholeFrame(k, frame, next));
  }

  private *wholeFrame(k: number, frame: Uint8Array, next?: Nanoseconds): Work<RunOutcome> {
    this.beginFrame(k, frame, next);
    return yield* this.completeFrame(k, frame);
  }

  /** The same of a frame that `beginFrame` was given; what came of it is kept by who asks. */
  *completeFrame(k: number, frame: Uint8Array, keep = false): Work<RunOutcome> {
    if (this.bypass === undefined) yield* this.runToEnd(keep, k, this.inputs.packets.length);
    return outcomeOf(this.machine!, this.hook, this.options, frame, this.bypass);
  }

  /**
   * A fingerprint of what the selected packet's run comes to and leaves in the maps, for links;
   * empty where it was not run to its end. Goes through the maps, so it is made when it is needed.
   */
  *hash(): Work<string> {
    return this.outcome === undefined ? '' : yield* this.replay(this.hashAtEnd(this.outcome));
  }

  private *hashAtEnd(outcome: RunOutcome): Work<string> {
    const machine = this.machine!;
    const { packet, packets } = this.inputs;
    machine.restore(this.history.before(outcome.steps));
    if (outcome.ran) yield* this.runToEnd(false, packet, packets.length);
    return outcomeHash(outcome, machine);
  }

  private *runToEnd(keep: boolean, packet: number, packets: number): Work<void> {
    const machine = this.machine!;
    while (machine.status === 'running' && machine.steps < this.inputs.settings.maxSteps) {
      this.slice(this.inputs.settings.maxSteps, keep);
      if (machine.status === 'running')
        yield {
          what: packets > 1 ? `running packet ${packet + 1} of ${packets}` : 'running',
          done: machine.steps,
        };
    }
    this.spendBudget();
  }

  /** Runs to a limit or a stop, making the edits of the packet on the way. */
  advance(limit: Step, stops: Stops | null = null, from: Step = -1): boolean {
    const machine = this.machine!;
    for (;;) {
      const due = this.edits.next(machine.steps);
      const stopped = run(machine, Math.min(limit, due), stops, from);
      if (machine.steps === due && machine.status === 'running') this.edits.apply(machine);
      if (stopped || machine.steps >= limit || machine.status !== 'running') return stopped;
    }
  }

  /**
   * One slice toward `limit`, with a checkpoint where one is due; answers whether it stopped at a
   * stop.
   */
  slice(limit: Step, keep: boolean, stops: Stops | null = null, from: Step = -1): boolean {
    const machine = this.machine!;
    const due = keep ? this.history.nextDue : 0;
    const bound = Math.min(
      limit,
      machine.steps + SLICE,
      due > machine.steps ? due : Number.POSITIVE_INFINITY,
    );
    const stopped = this.advance(bound, stops, from);
    if (keep && machine.status === 'running' && machine.steps === due)
      this.history.add(machine.save());
    return stopped;
  }

  /** Ends a run that has used up its steps. */
  spendBudget(): void {
    const machine = this.machine!;
    const { maxSteps } = this.inputs.settings;
    if (machine.status === 'running' && machine.steps >= maxSteps) {
      fault(
        machine,
        machine.pc,
        'step-budget',
        `the program ran ${maxSteps.toLocaleString('en')} instructions without ending, ` +
          `the most allowed here`,
      );
    }
  }

  /** Goes somewhere; why it stands there is in `stop`. */
  *go(go: Go): Work<void> {
    if (this.machine !== undefined && this.bypass === undefined)
      yield* travel(this, this.machine, go);
  }

  /** Says why it stands: for `kind`, unless the run is over or has not begun. */
  stopHere(kind: 'step' | 'line' = 'step'): void {
    const { status, fault, steps } = this.machine!;
    if (status === 'finished') this.stands = { kind: 'end' };
    else if (status === 'faulted') this.stands = { kind: 'fault', message: fault!.message };
    else this.stands = steps === 0 ? { kind: 'start' } : { kind, step: steps };
  }

  /** On to a step, past every stop. */
  *forwardTo(limit: Step): Work<void> {
    const machine = this.machine!;
    const end = Math.min(limit, this.inputs.settings.maxSteps);
    while (machine.status === 'running' && machine.steps < end) {
      this.slice(end, true);
      if (machine.status === 'running' && machine.steps < end)
        yield { what: 'running', done: machine.steps, total: limit };
    }
    this.spendBudget();
    this.stopHere();
  }

  /**
   * To a step, in either direction: from the nearest checkpoint before it, so that the last
   * instruction is seen anew.
   */
  *seek(step: Step): Work<void> {
    const machine = this.machine!;
    const total = this.outcome?.steps ?? this.inputs.settings.maxSteps;
    const target = Math.min(Math.max(0, Math.trunc(step)), total);
    if (target <= machine.steps || this.history.before(target).steps > machine.steps)
      machine.restore(this.history.before(target));
    yield* this.forwardTo(target);
  }

  /** The watchpoints, looked at once. */
  watches(): Watches {
    return new Watches(this.machine!, this.inputs.watchpoints ?? []);
  }

  /**
   * What breakpoints ask for; `counting`: a run forward counts how often they are reached, one back
   * stops at each.
   */
  rules(counting = true): BreakpointStops {
    const { rules: asked = [], breakpoints } = this.inputs;
    const rules = counting ? asked : asked.map(withoutHits);
    const counts = rules.some(({ hits }) => hits !== undefined);
    const rows = counts ? breakpointRows(this.machine!.code, breakpoints) : [];
    return new BreakpointStops(
      rules,
      () => namesOf(this.machine!, this.object),
      rows.map(({ pcs }) => pcs),
    );
  }
}

/** The machine of an origin, with what the session sets beside the state that it had then. */
function standingAt({ build, image, maps }: SessionOrigin, inputs: SessionInputs): Build {
  const { machine } = build;
  machine.restore(image);
  presetsOver(build, inputs, maps);
  return build;
}

/** The program of that name, or the first that loads. Throws InputError where there is none. */
function selectedProgram(
  { name, programs }: LoadedObject,
  wanted: string | undefined,
): Program | undefined {
  if (wanted === undefined) return firstProgram(programs);
  const program = programs.find((candidate) => candidate.name === wanted);
  if (program !== undefined) return program;
  const names = programs.map((candidate) => candidate.name).join(', ') || 'none';
  throw new InputError(name, `has no program "${wanted}", it has ${names}`);
}

const withoutHits = ({ pc, condition, log }: BreakpointRule): BreakpointRule => ({
  pc,
  ...(condition && { condition }),
  ...(log && { log }),
});

const hexContents = (machine: Machine, index: number): Map<string, string> =>
  new Map(
    mapContents(machine, index, INITIAL_ENTRIES).entries.map(({ key, value }) => [
      toHex(key),
      toHex(value),
    ]),
  );

/** A session whose program is there to be run; an InputError says why it is not. */
export function runnableSession(session: Session): Session & { readonly machine: Machine } {
  if (session.machine === undefined)
    throw new InputError('program', session.problem ?? 'there is none to run');
  return session as Session & { readonly machine: Machine };
}
