import { assemble } from '../asm/assemble.ts';
import { baseName } from '../bytes/base-name.ts';
import { fromBase64 } from '../bytes/base64.ts';
import { isPacked, unpackChunks } from '../bytes/compression.ts';
import { fromHex } from '../bytes/hex.ts';
import { parseInteger } from '../bytes/integer.ts';
import { visible } from '../bytes/visible.ts';
import { cover } from '../cover/cover.ts';
import { coverView } from '../cover/cover-view.ts';
import { coveringInputs } from '../cover/inputs.ts';
import { flowOf } from '../coverage/flow.ts';
import { marksOf } from '../coverage/marks.ts';
import { traceFile } from '../coverage/trace-file.ts';
import { InputError, unreachable } from '../errors.ts';
import { DEFAULT_NETWORK } from '../machine/network.ts';
import { type MapSizeField, mapSize } from '../maps/completion.ts';
import { idOfRegion, locate, READ, REGION_START, REGION_TAG } from '../memory/memory.ts';
import { changedChain } from '../netdev/edit-chain.ts';
import { hookListInputs } from '../netdev/hook-list.ts';
import { chainInputs, chainOfSession } from '../netdev/session-chain.ts';
import { noTypes, unpacked } from '../object/btf/kernel-types.ts';
import type { LoadedObject } from '../object/types.ts';
import { isCapture } from '../packet/capture/capture.ts';
import { completeFilter } from '../packet/filter/filter.ts';
import { MAX_PACKETS } from '../packet/limits.ts';
import { readPacketText } from '../packet/text/text.ts';
import { pluralOf } from '../packet/text/text-place.ts';
import type { Packet } from '../packet/types.ts';
import type {
  ChainChange,
  ChainView,
  DroppedPacket,
  HookChange,
  HookListView,
  HookPlace,
  KeptSession,
  LinkKeeps,
  Reply,
  SessionParts,
  SetUpPart,
  ShareResult,
  SnapshotFile,
  TrafficOrder,
  TrafficView,
  Wish,
} from '../protocol/messages.ts';
import { applyEdit } from '../session/edits.ts';
import { withVariable } from '../session/global-values.ts';
import { inputsFor } from '../session/inputs.ts';
import { notesOfFirst } from '../session/notes.ts';
import { openObject } from '../session/open-object.ts';
import { withFilledSlots } from '../session/presets.ts';
import { keepForRebuilt, moveBreakpoints, stepWords } from '../session/rebuilt.ts';
import { runnableSession, Session, type Work } from '../session/session.ts';
import { countBreakpoints } from '../session/travel/breakpoint-counts.ts';
import type { Edit, EditTarget, MapPreset, SessionInputs } from '../session/types.ts';
import { decodeFile, decodeLink, encodeFile, encodeLink, type Shared } from '../share/container.ts';
import { decodeKept, keptNews } from '../share/kept.ts';
import { portableTypes } from '../share/kernel-types.ts';
import { type RecognisedText, recognise, recogniseText } from '../share/recognise.ts';
import { shareable, withOnePacket } from '../share/slim.ts';
import { helperByName } from '../spec/helpers.ts';
import type { ListHook } from '../spec/hook-lists.ts';
import { type RegionId, regionName } from '../spec/regions.ts';
import type { Step } from '../spec/units.ts';
import type { CoresThere } from '../traffic/cores.ts';
import { sessionPacket } from '../traffic/open-packet.ts';
import { assignment } from '../view/assign.ts';
import { compiledView } from '../view/compiled-view.ts';
import { expectedEntries, withExpectedEntry } from '../view/expected-entries.ts';
import { packetStatistics } from '../view/packet-statistics.ts';
import { nextPacket, packetTable, SOUGHT, type Sought } from '../view/packet-table.ts';
import { snapshotOf } from '../view/snapshot.ts';
import { evaluate, variablesOf } from '../view/variables-view.ts';
import { SentParts } from '../view/view.ts';
import { explainResult } from '../why/why.ts';
import { nameOfChange } from './change-names.ts';
import { HookDesk } from './hook-desk.ts';
import {
  editInBytes,
  entryWithField,
  exportedMap,
  mapDefinition,
  typedFields,
  withEntry,
  withImported,
} from './map-changes.ts';
import { NetdevDesk } from './netdev-desk.ts';
import { existingPacket, packetChange } from './packet-changes.ts';
import { type StopWish, stopChange } from './stop-changes.ts';
import {
  type ExpectationWish,
  expectationChange,
  readTestsFor,
  savedTests,
} from './test-changes.ts';
import { driveOf, TrafficDesk } from './traffic-desk.ts';
import { isSameSession, type Standing, UndoList } from './undo-list.ts';

/**
 * What a wish comes to: the new set-up and place where they changed, a word for the user, a value
 * that was asked for.
 */
type Done = Omit<Extract<Reply, { kind: 'done' }>, 'id' | 'kind'>;
/** The same but for the set-up, which is compared with what was sent before. */
type Result = Omit<Done, 'view'>;

/**
 * Drives long work: calls it on, lets other messages in between, reports. `stopped`: it was asked
 * to stop; `hurried`: by a wish that waits and will have to do the same.
 */
export type Driver = <T>(work: Work<T>) => Promise<{ stopped: boolean; hurried?: boolean }>;

const EMPTY: Result = {};
const NO_ALTERNATIVES: Pasted['alternatives'] = [];

/**
 * Steps of packets that are run before the selected one is shown, and in a part of the others: a
 * blink of an eye each.
 */
const AT_ONCE = 1_000_000;
const A_TIME = 2_000_000;

/** How long a capture is worked on before its page is told how far it is, unless it asks; ms. */
const A_WHILE = 200;

/** Rows of the list of packets that are sent at once: more than a page shows, less than is many. */
const ROWS_SENT = 200;
/** Inputs that a run does not depend on. */
const RUNLESS: ReadonlySet<string> = new Set<keyof SessionInputs>(['sources', 'step']);

/** A pasted text: how it got in, the packets before and after, and what else it could be. */
interface Pasted {
  readonly text: string;
  readonly add: boolean;
  readonly before: { readonly packets: SessionInputs['packets']; readonly packet: number };
  readonly packets: SessionInputs['packets'];
  readonly alternatives: SetUpPart['packetAlternatives'];
}

/** Wishes about a capture: the session's machine need not be there for them. */
const TRAFFIC: ReadonlySet<Wish['type']> = new Set<Wish['type']>([
  'traffic-work',
  'traffic-order',
  'traffic-query',
  'traffic-rows',
  'traffic-place',
  'traffic-statistics',
  'traffic-open',
  'traffic-seek',
  'traffic-maps',
  'traffic-errand',
  'traffic-result',
]);
/** Of them those that only look. */
const LOOKS: ReadonlySet<Wish['type']> = new Set<Wish['type']>([
  'traffic-rows',
  'traffic-place',
  'traffic-statistics',
  'traffic-seek',
  'traffic-maps',
]);

/** Wishes about what flows through a chain: the session stays where it is. */
const FLOW: ReadonlySet<Wish['type']> = new Set<Wish['type']>([
  'chain-work',
  'chain-order',
  'chain-speed',
  'chain-dump',
]);
/** The same about packets past the programs of a hook. */
const HOOKS: ReadonlySet<Wish['type']> = new Set<Wish['type']>(['hook-work', 'hook-order']);

const STOPPED: Result = { notice: 'Stopped before it was done' };

/** Carries out wishes on one session; the worker and the tests both drive it. */
export class Controller {
  private session: Session | undefined;
  private packetNotes: string[] = [];
  private pasted: Pasted | undefined;
  private readonly desk: TrafficDesk;
  private readonly netdev = new NetdevDesk();
  private shownChain: ChainView | undefined;
  private readonly hooks = new HookDesk();
  private shownHooks: HookListView[] = [];
  /** As it was told last. */
  private shownTraffic: TrafficView | undefined;
  private readonly changes = new UndoList();
  /** The session that is shown was left half way for a wish that waited. */
  private unfinished = false;
  /** Of variables when they were last asked for. */
  private readonly shownTexts = new Map<string, string>();
  private readonly sent = new SentParts();
  /** Rows of the list of packets that the page shows. */
  private rows = { from: 0, count: ROWS_SENT };
  private run = 0;
  private readonly linear: WebAssembly.Memory;
  /** For work beside the session's machine. */
  private spare: WebAssembly.Memory | undefined;
  private readonly drive: Driver;

  /** `cores`: workers that may run packets of a capture, too. */
  constructor(linear: WebAssembly.Memory, drive: Driver, cores?: CoresThere) {
    this.linear = linear;
    this.drive = drive;
    this.desk = new TrafficDesk(linear, cores);
  }

  async carryOut(wish: Wish): Promise<Done> {
    const isBeside = [TRAFFIC, FLOW, HOOKS].some((types) => types.has(wish.type));
    if (!isBeside) this.desk.giveBack();
    const before = this.session && { session: this.session, standing: this.standing };
    const { rows } = this;
    const ran = this.session?.ranPackets;
    let result: Result;
    try {
      result = await this.resultOf(wish);
    } catch (error) {
      // Parts may have been made for a reply that is not sent.
      this.sent.forget();
      throw error;
    }
    const forgotten = before && this.noteChange(wish, before.standing);
    const traffic = this.lookAtTraffic(wish, before?.standing.made);
    const chain = await this.lookAtChain(wish, before?.standing.made);
    const hooks = await this.lookAtHooks(wish, before?.standing.made, traffic);
    const isNews =
      traffic ||
      chain ||
      hooks ||
      this.session !== before?.session ||
      this.session?.inputs !== before?.standing.made ||
      this.session?.ranPackets !== ran ||
      this.rows !== rows;
    const words = [result.notice, forgotten].filter(Boolean).join(' ');
    return {
      ...result,
      ...(isNews && this.session && { view: this.view(this.session) }),
      ...(words && { notice: words }),
    };
  }

  /** Whether there is news of the capture; another program of the session runs on it, too. */
  private lookAtTraffic(wish: Wish, before: SessionInputs | undefined): boolean {
    const { session, desk, shownTraffic } = this;
    if (session === undefined || LOOKS.has(wish.type)) return false;
    const isSame = session.inputs === before;
    const isThere = desk.there !== undefined;
    const isAsShown = isSame && isThere === (shownTraffic !== undefined);
    if (!TRAFFIC.has(wish.type) && isAsShown) return false;
    if (!isSame && desk.hasOtherProgram(session)) desk.begin(session, session);
    this.shownTraffic = desk.view(session);
    return true;
  }

  /** Whether there is news of the chain: of what it is made of, or of what flows. */
  private async lookAtChain(wish: Wish, before: SessionInputs | undefined): Promise<boolean> {
    const { session, netdev } = this;
    const isSame = session?.inputs === before;
    if (isSame && !FLOW.has(wish.type)) return false;
    if (!isSame) await netdev.look(session);
    const shown = session && (await netdev.view(session, this.desk.there));
    const isNews = shown !== undefined || this.shownChain !== undefined;
    this.shownChain = shown;
    return isNews;
  }

  /** Whether there is news of lists of programs: of what is in them, or of packets past them. */
  private async lookAtHooks(
    wish: Wish,
    before: SessionInputs | undefined,
    isOtherCapture: boolean,
  ): Promise<boolean> {
    const { session, hooks, desk } = this;
    const isSame = session?.inputs === before && !isOtherCapture;
    if (isSame && !HOOKS.has(wish.type)) return false;
    if (!isSame) await hooks.look(session, desk);
    const shown = session ? hooks.view(session, desk.there) : [];
    if (JSON.stringify(shown) === JSON.stringify(this.shownHooks)) return false;
    this.shownHooks = shown;
    return true;
  }

  /** What was left to a wish that could not be carried out. */
  async finish(): Promise<Done> {
    if (!this.unfinished) return EMPTY;
    const result = await this.show(this.opened, undefined, true);
    return { ...result, view: this.view(this.opened) };
  }

  /** Every change of a session comes by here, whatever wish made it. */
  private noteChange(wish: Wish, before: Standing & { made: SessionInputs }): string | undefined {
    const now = this.inputs;
    if (wish.type === 'undo' || wish.type === 'redo' || before.made === now) return undefined;
    if (isSameSession(before.made, now)) return undefined;
    const name = nameOfChange(wish, { before: before.made, after: now });
    return name === undefined ? undefined : this.changes.note(name, before, now);
  }

  /** The session as it stands now; `made`: its inputs themselves. */
  private get standing(): Standing & { made: SessionInputs } {
    const { inputs, machine } = this.opened;
    return {
      made: inputs,
      inputs: { ...inputs, step: machine?.steps ?? 0 },
      packetNotes: this.packetNotes,
    };
  }

  private async resultOf(wish: Wish): Promise<Result> {
    switch (wish.type) {
      case 'open-file':
        return this.openFile(visible(wish.name), wish.bytes);
      case 'open-text':
        return this.openText(wish.text, wish.as);
      case 'open-blob':
        return this.openBlob(visible(wish.name), wish.blob);
      case 'open-inputs':
        return this.openOthers(wish.inputs);
      case 'traffic-work':
        return this.workOnTraffic();
      case 'traffic-order':
        return this.orderTraffic(wish.order, wish.engine);
      case 'traffic-query':
        this.desk.traffic.ask(wish.query);
        return EMPTY;
      case 'traffic-rows': {
        const rows = await this.desk.traffic.rows(wish.from, Math.min(wish.count, ROWS_SENT));
        return { value: { kind: 'traffic-rows', from: wish.from, ...rows } };
      }
      case 'traffic-place':
        return this.trafficPlace(wish.packet);
      case 'traffic-statistics': {
        const value = this.desk.traffic.statistics();
        return value ? { value } : EMPTY;
      }
      case 'traffic-open':
        return this.openTrafficPacket(wish.packet);
      case 'traffic-seek':
        return this.trafficPlace(this.desk.traffic.seek(wish.behind, wish.what));
      case 'traffic-maps':
        return this.trafficMaps(wish.packets);
      case 'traffic-errand':
        this.desk.take(this.session);
        this.desk.traffic.send(await this.desk.errand(wish.errand));
        return EMPTY;
      case 'traffic-result': {
        const value = this.desk.traffic.result();
        return value ? { value } : EMPTY;
      }
      case 'traffic-close':
        this.desk.close();
        return EMPTY;
      case 'chain-change':
        return this.changeChain(wish.change);
      case 'chain-order':
        this.netdev.order(wish.order, this.opened, this.desk.there);
        return EMPTY;
      case 'chain-speed':
        this.netdev.setSpeed(wish.speed);
        return EMPTY;
      case 'chain-work':
        await this.netdev.work(driveOf(this.drive));
        return EMPTY;
      case 'chain-open':
        return this.openDrop(wish.drop);
      case 'chain-dump':
        return { value: this.netdev.dump(wish.filter) };
      case 'hook-change':
        return this.changeHook(wish.hook, wish.change);
      case 'hook-order':
        this.hooks.order(wish.hook, wish.order, this.opened, this.desk);
        return EMPTY;
      case 'hook-work':
        await this.hooks.work(driveOf(this.drive));
        return EMPTY;
      case 'hook-open':
        return this.openAtHook(wish.place);
      case 'open-link':
        return this.openShared(await decodeLink(wish.fragment));
      case 'open-kept':
        return this.openShared(decodeKept(wish.kept, wish.step));
      case 'select-program':
        return this.change({
          program: wish.name,
          hook: undefined,
          options: [],
          context: [],
          breakpoints: [],
          rules: [],
          watchpoints: [],
        });
      case 'set-hook':
        return this.change({ hook: wish.hook, options: [], context: [] });
      case 'set-option':
        return this.change({
          options: [
            ...this.inputs.options.filter(([name]) => name !== wish.name),
            [wish.name, wish.value],
          ],
        });
      case 'set-settings':
        return this.change({ settings: { ...this.inputs.settings, ...wish.settings } });
      case 'set-network':
        return this.change({ network: wish.network ?? DEFAULT_NETWORK });
      case 'set-kernel-types':
        return this.reload({ kernelTypes: wish.kernelTypes });
      case 'set-extern':
        return this.setExtern(wish.name, wish.value);
      case 'set-map-size':
        return this.setMapSize(wish.map, wish.field, wish.value);
      case 'set-variable':
        return this.setPresets(withVariable(this.opened, wish.map, wish.variable, wish.value));
      case 'select-packet':
        return this.selectPacket(existingPacket(this.inputs, wish.index));
      case 'run-packets':
        return this.runPackets();
      case 'show-packets':
        return this.showPackets(wish.from, wish.count);
      case 'list-packets':
        return { value: packetTable(this.opened, wish.query, wish.from, wish.count) };
      case 'packet-statistics':
        return { value: packetStatistics(this.opened) };
      case 'complete-filter':
        return {
          value: { kind: 'filter-names', ...completeFilter(wish.text, wish.caret) },
        };
      case 'seek-packet':
        return this.seekPacket(wish.what);
      case 'add-packet':
        return this.paste(wish.text, true, this.inputs);
      case 'read-packet-as':
        return this.readPacketAs(wish.dialect);
      case 'set-packet-text':
        return this.setPacketText(wish.text);
      case 'remove-packet':
      case 'move-packet':
      case 'rename-packet':
      case 'duplicate-packet':
      case 'add-template':
      case 'build-packet':
      case 'edit-packet':
      case 'resize-packet':
      case 'edit-field':
      case 'fix-checksums':
        return this.change(packetChange(this.opened, wish));
      case 'set-context':
        return this.setContext(wish.field, wish.value);
      case 'set-map-entry':
        return this.setPresets(withEntry(this.opened, wish));
      case 'delete-map-entry':
        return this.setPresets(withEntry(this.opened, { map: wish.map, key: wish.key }));
      case 'set-map-field':
        return this.setMapField(wish);
      case 'map-fields':
        return { value: typedFields(this.opened, wish) };
      case 'fill-prog-array':
        return this.setPresets(withFilledSlots(this.running.machine, this.inputs.maps, wish.map));
      case 'export-map':
        return { value: exportedMap(this.opened, wish.map) };
      case 'import-map':
        return this.setPresets(withImported(this.opened, wish.map, wish.text));
      case 'toggle-breakpoint':
      case 'toggle-watchpoint':
      case 'toggle-line':
      case 'set-rule':
      case 'set-expressions':
      case 'set-note':
        return this.setStops(wish);
      case 'keep-expectations':
      case 'set-expectation':
      case 'drop-expectations':
        return this.setExpectations(wish);
      case 'expected-entries':
        return { value: expectedEntries(this.opened, wish.packet) };
      case 'set-expected-entry': {
        const { packet, index, part, text } = wish;
        // What maps held behind a packet is not known any more: all of it runs once more.
        return this.change({
          expectations: withExpectedEntry(this.opened, packet, index, part, text),
        });
      }
      case 'save-tests':
        return savedTests(this.opened);
      case 'count-breakpoints':
        return this.found(countBreakpoints(this.running));
      case 'explain':
        return this.found(explainResult(this.opened, wish.target));
      case 'flow':
        return this.found(flowOf(this.running, wish.all, wish.sizes));
      case 'cover':
        return this.cover();
      case 'compiled':
        return { value: compiledView(this.running, wish.entry) };
      case 'variables':
        return { value: variablesOf(this.opened, wish.frame, this.shownTexts) };
      case 'assign': {
        const { target, value } = assignment(this.opened, wish.frame, wish.expression, wish.value);
        return this.edit(target, value);
      }
      case 'evaluate':
        return { value: evaluate(this.opened, wish.frame, wish.expression) };
      case 'go-to-note':
        return this.goToNote(wish.index);
      case 'marks':
        return this.found(marksOf(this.running));
      case 'export-trace':
        return this.found(traceFile(this.running, wish.format));
      case 'edit':
        return this.edit(wish.target, wish.value);
      case 'undo':
      case 'redo':
        return this.takeBack(wish.type);
      case 'go': {
        const { stopped } = await this.drive(this.opened.go(wish.go));
        if (stopped) this.opened.stopAt({ kind: 'paused', step: this.opened.machine?.steps ?? 0 });
        return { snapshot: snapshotOf(this.opened) };
      }
      case 'pause':
        return EMPTY;
      case 'share':
        return { value: await this.share(wish.keeps, wish.only ?? false) };
      case 'save-snapshot':
        return { value: await this.saveSnapshot() };
      case 'pack-kept':
        return { value: await snapshotOfKept(wish.kept, wish.step) };
      case 'read-memory':
        return this.readMemory(wish.region, wish.offset, wish.length);
      default:
        return unreachable(wish);
    }
  }

  /** What the session that is shown is made of. */
  get made(): SessionInputs | undefined {
    return this.session?.inputs;
  }

  /** What a page has to keep of it, as far as it is news to one that knows `told`. */
  keptNews(told: SessionInputs | undefined): Partial<KeptSession> {
    return keptNews(this.opened, told);
  }

  private get opened(): Session {
    if (this.session === undefined) throw new InputError('', 'open an object first');
    return this.session;
  }

  private get inputs(): SessionInputs {
    return this.opened.inputs;
  }

  /** What the page does not have yet. */
  private view(session: Session): Partial<SessionParts> {
    return this.sent.changed({
      session,
      run: this.run,
      packetNotes: this.packetNotes,
      packetAlternatives: this.pastedAgain()?.alternatives ?? NO_ALTERNATIVES,
      traffic: this.shownTraffic,
      chain: this.shownChain,
      hookLists: this.shownHooks,
      changes: this.changes.names,
      rows: this.rows,
    });
  }

  private async seekPacket(what: Sought): Promise<Result> {
    const session = this.opened;
    let index = nextPacket(session, what);
    // It may be among those that have no verdict yet.
    for (let stopped = false; index === undefined && session.canRunMore && !stopped; ) {
      ({ stopped } = await this.drive(session.runOthers(session.ranSteps + A_TIME)));
      index = nextPacket(session, what);
    }
    if (index !== undefined) return this.selectPacket(index);
    const { ranPackets, inputs } = session;
    const others = inputs.packets.length - ranPackets;
    const notRun = others > 0 ? `; ${others} packets were not run` : '';
    return { notice: `${SOUGHT[what].missing}${notRun}` };
  }

  private showPackets(from: number, count: number): Result {
    this.rows = { from: Math.max(0, Math.trunc(from)), count: Math.min(count, ROWS_SENT) };
    return EMPTY;
  }

  /** The selected packet is among the rows that are sent. */
  private showSelected({ packet }: SessionInputs): void {
    const { from, count } = this.rows;
    if (packet < from || packet >= from + count)
      this.rows = { from: Math.max(0, packet - ROWS_SENT / 2), count: ROWS_SENT };
  }

  /** The last pasted text, as long as the packets are what it made of them. */
  private pastedAgain(): Pasted | undefined {
    return this.pasted?.packets === this.session?.inputs.packets ? this.pasted : undefined;
  }

  /** Makes `session` the one that is shown, at its start or at the step its inputs name. */
  private async show(session: Session, notice?: string, isSameRun = false): Promise<Result> {
    const { step } = session.inputs;
    this.unfinished = false;
    try {
      const { stopped, hurried = false } = await this.drive(session.prepareSelected());
      this.unfinished = hurried;
      const isMissing = stopped && !hurried && session.outcome === undefined;
      if (isMissing) notice = stoppedBefore(session.inputs);
      if (step > 0 && session.machine) await this.drive(session.seek(step));
      await this.drive(session.runOthers(AT_ONCE));
    } catch (error) {
      await this.standAgain();
      throw error;
    }
    this.session = session;
    if (!isSameRun) this.run += 1;
    this.showSelected(session.inputs);
    return {
      snapshot: snapshotOf(session),
      ...(notice !== undefined && { notice }),
    };
  }

  /** What could not be shown has used the one linear memory: the session that stays is run anew. */
  private async standAgain(): Promise<void> {
    const { session } = this;
    if (!session?.machine) return;
    const { steps } = session.machine;
    await this.drive(session.prepareSelected());
    await this.drive(session.seek(steps));
  }

  /** Only what lies between is run: what the other packets came to stays true. */
  private async selectPacket(index: number): Promise<Result> {
    const session = this.opened;
    const { stopped } = await this.drive(session.select(index));
    this.run += 1;
    this.showSelected(session.inputs);
    const isMissing = stopped && session.outcome === undefined;
    return {
      snapshot: snapshotOf(session),
      ...(isMissing && { notice: stoppedBefore(session.inputs) }),
    };
  }

  /** A part of the packets that have no verdict yet. */
  private async runPackets(): Promise<Result> {
    const session = this.opened;
    await this.drive(session.runOthers(session.ranSteps + A_TIME));
    return EMPTY;
  }

  /** The same object with other inputs, from its start. */
  private change(changed: Partial<SessionInputs>, notice?: string): Promise<Result> {
    const session = this.opened;
    return this.show(
      this.sessionOf({ ...session.inputs, step: 0, ...changed }, session.object),
      notice,
      Object.keys(changed).every((name) => RUNLESS.has(name)),
    );
  }

  /** Changes something at the present step; the run goes on from there. */
  private edit(wanted: EditTarget, text: string): Promise<Result> {
    const { target, value } = editInBytes(this.opened, wanted, text);
    const { machine, inputs, bypass } = this.opened;
    if (bypass !== undefined)
      throw new InputError('edit', `the program does not run on this packet: ${bypass}`);
    if (machine === undefined || machine.status !== 'running')
      throw new InputError('edit', 'the program is not in the middle of a run: step back first');
    const edit: Edit = { packet: inputs.packet, step: machine.steps, target, value };
    applyEdit(machine, edit);
    const name = JSON.stringify(target);
    const others = (inputs.edits ?? []).filter(
      (other) =>
        other.packet !== edit.packet ||
        other.step !== edit.step ||
        JSON.stringify(other.target) !== name,
    );
    return this.change({ edits: [...others, edit], step: edit.step });
  }

  /** Takes the last change back, or makes it again, where the session stood then. */
  private async takeBack(way: 'undo' | 'redo'): Promise<Result> {
    const there = this.changes.next(way);
    if (there === undefined) return { notice: `There is nothing to ${way}` };
    const from = this.standing;
    const object = await this.objectFor(there.inputs);
    const result = await this.show(this.sessionOf(there.inputs, object));
    this.packetNotes = [...there.packetNotes];
    this.changes.move(way, from);
    return result;
  }

  /** A session of the object; of a packet of the capture, at the state that it is opened with. */
  private sessionOf(inputs: SessionInputs, object: LoadedObject): Session {
    const session = new Session(inputs, this.linear, object);
    const origin = this.desk.originOf(inputs);
    if (origin) session.startFrom(origin);
    return session;
  }

  /** The object of these inputs: the one that is open, where it would be read the same way. */
  private async objectFor(inputs: SessionInputs): Promise<LoadedObject> {
    const { object, kernelTypes, externs } = this.inputs;
    const isSame =
      object === inputs.object && kernelTypes === inputs.kernelTypes && externs === inputs.externs;
    return isSame ? this.opened.object : openObject(inputs);
  }

  /** The same inputs but for those that decide how the object is read. */
  private async reload(changed: Partial<SessionInputs>, notice?: string): Promise<Result> {
    const inputs = { ...this.inputs, step: 0, ...changed };
    return this.show(new Session(inputs, this.linear, await openObject(inputs)), notice);
  }

  private async openInputs(inputs: SessionInputs, notice?: string): Promise<Result> {
    const object = await openObject(inputs);
    this.packetNotes = [];
    return this.show(new Session(inputs, this.linear, object), notice);
  }

  /** Nothing of what was open goes on. */
  private openOthers(inputs: SessionInputs): Promise<Result> {
    this.desk.close();
    this.netdev.close();
    return this.openInputs(inputs);
  }

  private async openShared({ inputs, hash }: Shared): Promise<Result> {
    const result = await this.openOthers(inputs);
    const now = hash === '' ? '' : await this.hash();
    if (now === '' || hash === now) return result;
    return {
      ...result,
      notice:
        'This build of the playground comes to another result than the one that made the link.',
    };
  }

  /** Session.hash; empty where the work was stopped. */
  private async hash(): Promise<string> {
    let hash = '';
    const { opened } = this;
    await this.drive(
      (function* () {
        hash = yield* opened.hash();
      })(),
    );
    return hash;
  }

  /** A new object keeps packets, C files and settings; what named things of the old one goes. */
  private async openObject(name: string, bytes: Uint8Array, notice?: string): Promise<Result> {
    if (this.session?.object.name === name) return this.openRebuilt(this.session, bytes);
    // A chain that was set up goes on; one that was the program alone is another now.
    if (!this.session?.inputs.chain) this.netdev.close();
    const fresh = inputsFor(name, bytes);
    const kept = this.session && {
      packets: this.inputs.packets,
      packet: this.inputs.packet,
      settings: this.inputs.settings,
      ...(this.inputs.chain && { chain: this.inputs.chain }),
      ...(this.inputs.chainObjects && { chainObjects: this.inputs.chainObjects }),
      ...(this.inputs.hookLists && { hookLists: this.inputs.hookLists }),
      ...(this.inputs.hookObjects && { hookObjects: this.inputs.hookObjects }),
      ...(isFileOfTypes(this.inputs.kernelTypes) && { kernelTypes: this.inputs.kernelTypes }),
    };
    return this.openInputs(
      { ...fresh, ...kept },
      notice ?? `Opened ${name}, ${bytes.length} bytes.`,
    );
  }

  /**
   * The object that is open, built anew: all that was set up goes on with it, and what cannot is
   * said.
   */
  private async openRebuilt(before: Session, bytes: Uint8Array): Promise<Result> {
    const { name } = before.object;
    const { kernelTypes, externs } = before.inputs;
    const fresh = {
      ...inputsFor(name, bytes),
      ...(kernelTypes && { kernelTypes }),
      ...(externs && { externs }),
    };
    const object = await openObject(fresh);
    const carried = keepForRebuilt(before, object);
    const wanted = before.machine?.steps ?? 0;
    const session = new Session({ ...fresh, ...carried.inputs }, this.linear, object);
    session.load();
    const moved = moveBreakpoints(before, session);
    session.setStops(moved.inputs);
    const result = await this.show(session);
    const step = stepWords(wanted, session.machine?.steps ?? 0);
    const parts = [step, moved, carried];
    return {
      ...result,
      rebuilt: {
        name,
        size: bytes.length,
        kept: parts.flatMap(({ kept }) => kept),
        lost: parts.flatMap(({ lost }) => lost),
      },
    };
  }

  private async openFile(name: string, bytes: Uint8Array): Promise<Result> {
    const file = recognise(name, bytes);
    switch (file.kind) {
      case 'packed':
        return this.openFile(name.replace(/\.(gz|zst)$/i, ''), await unpacked(name, bytes));
      case 'kernel-types':
        return this.setKernelTypes(name, file.types);
      case 'foreign':
        throw noTypes(name);
      case 'object':
        return this.openObject(name, bytes);
      case 'session-file':
        return this.openShared(await decodeFile(name, bytes));
      case 'capture':
        return this.openCapture(name, new Blob([bytes as BlobPart]));
      case 'empty':
        throw new InputError(name, 'is empty');
      case 'source':
        return this.addSource(name, bytes);
      case 'bytecode':
        return this.openObject(
          name,
          bytes,
          `Opened ${name} as raw bytecode, ${bytes.length / 8} instruction slots.`,
        );
      default:
        return this.openRecognised(file, name);
    }
  }

  /** A file by reference: all of it is read where it is no capture. */
  private async openBlob(name: string, blob: Blob): Promise<Result> {
    const head = new Uint8Array(await blob.slice(0, HEAD).arrayBuffer());
    if (isCapture(head)) return this.openCapture(name, blob);
    if (isPacked(head) && isCapture(await unpackedHead(head, name)))
      return this.openCapture(name.replace(/\.(gz|zst)$/i, ''), blob, true);
    return this.openFile(name, new Uint8Array(await blob.arrayBuffer()));
  }

  /**
   * The packets of a capture, as those of the session; of one that holds more the first, and the
   * program runs over all of it.
   */
  private async openCapture(name: string, blob: Blob, packed = false): Promise<Result> {
    const { inputs, object } = this.opened;
    this.desk.take(this.session);
    const { packets, notes } = await this.desk.openFile(name, blob, packed);
    if (packets) {
      this.packetNotes = [`Read ${pluralOf(packets.length, 'packet')} from ${name}.`, ...notes];
      return this.replacePackets(packets);
    }
    this.desk.begin(new Session(withoutPlace(inputs), this.linear, object), this.session);
    return this.openTrafficPacket(0);
  }

  /** What there is to do on the capture, for a while. */
  private async workOnTraffic(): Promise<Result> {
    const end = performance.now() + A_WHILE;
    while (performance.now() < end && (await this.workAhead()));
    return EMPTY;
  }

  /**
   * A piece of that work, which may also be done while the page draws what came of the last wish;
   * answers whether it is to go on.
   */
  async workAhead(): Promise<boolean> {
    const { there } = this.desk;
    if (!there?.hasWork) return false;
    this.desk.take(this.session);
    try {
      return !(await there.work(driveOf(this.drive)));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      there.fail(error);
      return false;
    }
  }

  private orderTraffic(order: TrafficOrder, engine: string | undefined): Result {
    if (order === 'again') this.desk.begin(this.opened, this.session, engine);
    else this.desk.traffic.order(order);
    return EMPTY;
  }

  private trafficPlace(packet: number | undefined): Result {
    if (packet === undefined) return { value: { kind: 'traffic-place' } };
    const row = this.desk.traffic.rowOf(packet);
    return { value: { kind: 'traffic-place', packet, ...(row !== undefined && { row }) } };
  }

  /** The session becomes a packet of the capture. */
  private async openTrafficPacket(place: number): Promise<Result> {
    const { traffic } = this.desk;
    const { object } = traffic.runs ?? this.opened;
    this.desk.take(this.session);
    const opened = await traffic.open(place, driveOf(this.drive));
    if (opened === undefined && traffic.batch)
      return { notice: `Stopped on the way to packet ${place + 1}.` };
    if (opened) this.desk.noteOpened(opened);
    const inputs = opened?.inputs ?? {
      ...withoutPlace(this.inputs),
      packets: [sessionPacket(await traffic.packet(place))],
    };
    this.desk.forget();
    this.packetNotes = [wordsOfOpened(inputs, traffic.file.name)];
    const kept = stopsOf(this.inputs);
    return this.show(this.sessionOf({ ...inputs, ...kept }, object));
  }

  /** What flows through the chain goes on through the changed one. */
  private async changeChain(change: ChainChange): Promise<Result> {
    const session = this.opened;
    const whole = chainOfSession(session);
    if (whole === undefined)
      throw new InputError('chain', 'is for programs of filter-ubpf: choose that hook first');
    const changed = changedChain(whole, change, session.inputs.object);
    await this.netdev.check(changed, session);
    session.setStops(chainInputs(changed));
    return EMPTY;
  }

  private async openDrop(drop: DroppedPacket): Promise<Result> {
    const session = this.opened;
    this.desk.take(session);
    const opened = await this.netdev.open(drop, session, this.linear, driveOf(this.drive));
    this.desk.forget();
    if (opened === undefined) return { notice: 'Stopped on the way to the packet.' };
    const { loaded, origin } = opened;
    const { sources } = session.inputs;
    const inputs = { ...opened.inputs, sources, ...chainInputs(chainOfSession(session)!) };
    if (origin) this.desk.noteOpened({ inputs, origin });
    this.packetNotes = [];
    return this.show(this.sessionOf(inputs, loaded));
  }

  private async changeHook(hook: ListHook, change: HookChange): Promise<Result> {
    const session = this.opened;
    session.setStops(hookListInputs(await this.hooks.changed(session, hook, change)));
    return EMPTY;
  }

  private async openAtHook(place: HookPlace): Promise<Result> {
    const session = this.opened;
    const { desk, hooks, linear } = this;
    desk.take(session);
    const drive = driveOf(this.drive);
    const opened = await hooks.open(place, session, desk, linear, drive);
    desk.forget();
    if (opened === undefined) return { notice: 'Stopped on the way to the packet.' };
    const { loaded, origin } = opened;
    const { sources, chain, chainObjects, hookLists, hookObjects } = session.inputs;
    const inputs: SessionInputs = {
      ...opened.inputs,
      sources,
      ...(chain && { chain }),
      ...(chainObjects && { chainObjects }),
      ...(hookLists && { hookLists }),
      ...(hookObjects && { hookObjects }),
    };
    if (origin) desk.noteOpened({ inputs, origin });
    const isHanded = inputs.packets.some(({ handed }) => handed);
    this.packetNotes = [`Packets as they come to program ${place.id} of the list.`];
    return this.show(
      this.sessionOf(inputs, loaded),
      isHanded ? 'Undo goes back to the packets as they came in.' : undefined,
    );
  }

  private async trafficMaps(packets: number): Promise<Result> {
    this.desk.take(this.session);
    const maps = await this.desk.traffic.mapsBehind(packets, driveOf(this.drive));
    if (maps === undefined) return { notice: `Stopped on the way to packet ${packets}.` };
    return { value: { kind: 'traffic-maps', packets, maps } };
  }

  private setExtern(name: string, value: string): Promise<Result> {
    if (!this.opened.object.externs.some((extern) => extern.name === name))
      throw new InputError(`extern "${name}"`, 'is not named by the object');
    const others = (this.inputs.externs ?? []).filter(([other]) => other !== name);
    return this.reload({
      externs: value.trim() === '' ? others : [...others, [name, value.trim()]],
    });
  }

  private setMapSize(map: string, field: MapSizeField, text: string): Promise<Result> {
    mapDefinition(this.opened, map);
    const value = text.trim() === '' ? undefined : mapSize(text, `map "${map}"`, field);
    const others = (this.inputs.mapSizes ?? []).filter(
      (size) => size.map !== map || size.field !== field,
    );
    return this.change({
      mapSizes: value === undefined ? others : [...others, { map, field, value }],
    });
  }

  private setKernelTypes(name: string, bytes: Uint8Array): Promise<Result> {
    const count = this.opened.object.coreRelocations.length;
    const what =
      count > 0 ? `${count} CO-RE relocations use it` : 'this object has no CO-RE relocations';
    return this.reload({ kernelTypes: { name, bytes } }, `Kernel types from ${name}: ${what}.`);
  }

  private addSource(name: string, bytes: Uint8Array): Promise<Result> {
    const text = new TextDecoder().decode(bytes);
    const others = this.inputs.sources.filter((source) => baseName(source.file) !== baseName(name));
    const { object, machine } = this.opened;
    const isOf = isBuiltFrom(object, baseName(name));
    return this.change(
      { sources: [...others, { file: name, text }], step: machine?.steps ?? 0 },
      isOf === false
        ? `${object.name} was not built from ${name}: it is kept for an object that was.`
        : `Showing ${name} beside the instructions.`,
    );
  }

  private async openText(text: string, as?: 'object' | 'packet' | 'assembly'): Promise<Result> {
    if (as === 'packet') return this.setPacketText(text);
    if (as === 'assembly') return this.openAssembly(text, 'pasted');
    if (as === undefined) return this.openRecognised(recogniseText(text), 'pasted');
    const bytes = fromHex(text) ?? fromBase64(text);
    if (bytes === undefined)
      throw new InputError('pasted', 'is neither hex nor base64 of an object or of bytecode');
    return this.openPasted('pasted', bytes);
  }

  private async openRecognised(found: RecognisedText, name: string): Promise<Result> {
    switch (found.kind) {
      case 'link':
        return this.openShared(await decodeLink(found.text));
      case 'tests':
        return this.openTests(found.text, name);
      case 'object-text':
        return this.openPasted(name, found.bytes);
      case 'assembly':
        return this.openAssembly(found.text, name);
      case 'packets':
        return this.setPacketText(found.text);
    }
  }

  /** Packets of a test file, and what they must come to, on the object that is open. */
  private async openTests(text: string, name: string): Promise<Result> {
    const before = this.opened;
    const { inputs, object, notice, notes } = await readTestsFor(before, text, name);
    this.packetNotes = [
      `Read ${pluralOf(inputs.packets.length, 'packet')} from ${name}.`,
      ...notes,
    ];
    const result = await this.show(new Session(inputs, this.linear, object), notice);
    const { problem } = this.opened;
    if (problem === undefined || before.problem !== undefined) {
      this.desk.close();
      return result;
    }
    // A map does not take what it asks for: everything as it was, and the reason to the user.
    await this.show(this.sessionOf(before.inputs, before.object));
    throw new InputError(name, problem);
  }

  private async setExpectations(wish: ExpectationWish): Promise<Result> {
    const session = this.opened;
    if (wish.type === 'keep-expectations') await this.drive(session.runOthers());
    const { drive } = this;
    const changed = await expectationChange(session, wish, drive);
    if (changed === undefined) return STOPPED;
    session.setExpectations(changed.expectations);
    return changed.notice === undefined ? EMPTY : { notice: changed.notice };
  }

  private openPasted(name: string, bytes: Uint8Array): Promise<Result> {
    return this.openObject(`${name}.o`, bytes, `Opened the pasted object, ${bytes.length} bytes.`);
  }

  private openAssembly(text: string, name: string): Promise<Result> {
    const code = assemble(text, { helper: (helper) => helperByName(helper)?.id });
    if (code.length === 0) throw new InputError(name, 'has no instructions');
    return this.openObject(`${name}.asm`, code, `Assembled ${code.length / 8} instruction slots.`);
  }

  private replacePackets(packets: readonly Packet[]): Promise<Result> {
    return this.change(
      {
        packets: bounded(packets),
        packet: 0,
        ...this.notesOfFirst(packets.length),
        ...this.nothingExpected(),
      },
      this.packetNotes.join(' '),
    );
  }

  /**
   * Packets of a text, beside the others or in place of the selected one; several take the place of
   * all.
   */
  private paste(
    text: string,
    add: boolean,
    before: Pasted['before'],
    as?: string,
  ): Promise<Result> {
    const { packets: read, dialect, notes, alternatives } = readPacketText(text, as);
    const size = read.length === 1 ? `${read[0].bytes.length} bytes` : `${read.length} packets`;
    this.packetNotes = [`Read as ${dialect}, ${size}.`, ...notes];
    const replacesAll = !add && (read.length > 1 || before.packets.length === 0);
    if (add) this.noteLeftOut(before.packets.length, read.length);
    const packets = add
      ? bounded([...before.packets, ...read])
      : replacesAll
        ? bounded(read)
        : // A name that says what the old bytes were would be wrong now.
          before.packets.map((entry, i) => (i === before.packet ? read[0] : entry));
    const packet = add ? before.packets.length : replacesAll ? 0 : before.packet;
    const others = alternatives.map((other) => ({ ...other, packets: other.packets.length }));
    this.pasted = { text, add, before, packets, alternatives: others };
    const place = add ? '' : placeTaken(before, replacesAll);
    return this.change(
      {
        packets,
        packet,
        ...this.notesOfFirst(packets.length),
        ...(replacesAll && this.nothingExpected()),
      },
      [place, ...this.packetNotes].join(' ').trim(),
    );
  }

  /** What was expected of packets that went goes with them; undo brings both back. */
  private nothingExpected(): Pick<SessionInputs, 'expectations'> {
    return this.inputs.expectations ? { expectations: [] } : {};
  }

  /** Notes on packets that are there. */
  private notesOfFirst(packets: number): Pick<SessionInputs, 'notes'> {
    const { notes } = this.inputs;
    return notes ? { notes: notesOfFirst(notes, packets) } : {};
  }

  private readPacketAs(dialect: string): Promise<Result> {
    const pasted = this.pastedAgain();
    if (pasted === undefined)
      throw new InputError('packet text', 'was changed since it was pasted: paste it again');
    return this.paste(pasted.text, pasted.add, pasted.before, dialect);
  }

  /** A session holds so many packets: of those that are added, the first go in. */
  private noteLeftOut(before: number, added: number): void {
    const over = before + added - MAX_PACKETS;
    if (over >= added)
      throw new InputError('packets', `there are ${MAX_PACKETS}, the most there may be`);
    if (over > 0)
      this.packetNotes.push(`${over} of them left out: a session holds ${MAX_PACKETS} packets.`);
  }

  private setPacketText(text: string): Promise<Result> {
    return this.paste(text, false, this.inputs);
  }

  private setContext(field: string, value: string): Promise<Result> {
    parseInteger(value, `context.${field}`);
    return this.change({
      context: [...this.inputs.context.filter(([name]) => name !== field), [field, value]],
    });
  }

  private setMapField(wish: Extract<Wish, { type: 'set-map-field' }>): Promise<Result> {
    const { value, ...entry } = entryWithField(this.opened, wish);
    return wish.before
      ? this.setPresets(withEntry(this.opened, { ...entry, value }))
      : this.edit({ kind: 'map', ...entry }, value);
  }

  private async setPresets(maps: MapPreset[]): Promise<Result> {
    const before = this.inputs;
    const result = await this.change({ maps });
    const { problem } = this.opened;
    if (problem === undefined) return result;
    // A map does not take it: everything as it was, and the reason to the user.
    await this.change(before);
    throw new InputError('', problem);
  }

  /** Work whose result is wanted; none where it was stopped. */
  private async found<T extends NonNullable<Result['value']>>(work: Work<T>): Promise<Result> {
    const value = await this.finished(work);
    return value ? { value } : STOPPED;
  }

  /** What work comes to; undefined where it was stopped. */
  private async finished<T>(work: Work<T>): Promise<T | undefined> {
    let value: T | undefined;
    await this.drive(
      (function* () {
        value = yield* work;
      })(),
    );
    return value;
  }

  /** Packets that take what those of the session leave out, behind these. */
  private async cover(): Promise<Result> {
    const { inputs, object } = this.running;
    // The session's own machine stays where it stands.
    this.spare ??= new WebAssembly.Memory({ initial: 1 });
    const found = await this.finished(cover(inputs, this.spare, object));
    if (found === undefined) return STOPPED;
    const value = coverView(found);
    if (value.made === 0) return { value };
    return { ...(await this.change(coveringInputs(inputs, found))), value };
  }

  private get running() {
    return runnableSession(this.opened);
  }

  /** Where a run stops, and what is said there. */
  private setStops(wish: StopWish): Result {
    const session = this.opened;
    const { stops, notice } = stopChange(session, wish);
    if (stops) session.setStops(stops);
    return {
      ...(notice !== undefined && { notice }),
      ...(wish.type === 'set-note' && { snapshot: snapshotOf(session) }),
    };
  }

  private async goToNote(index: number): Promise<Result> {
    const note = this.inputs.notes?.[index];
    if (note === undefined) throw new InputError('note', `there is no note ${index + 1}`);
    const session = this.opened;
    const isOther = note.packet !== session.inputs.packet;
    const selected = isOther ? await this.selectPacket(note.packet) : EMPTY;
    await this.drive(session.go({ how: 'to-step', step: note.step }));
    return { ...selected, snapshot: snapshotOf(session) };
  }

  private async share(keeps: LinkKeeps, only: boolean): Promise<ShareResult> {
    const whole = shareable(this.opened, keeps, await this.hash());
    const { shared, dropped } = only ? withOnePacket(whole) : whole;
    return { kind: 'share', fragment: await encodeLink(shared), dropped };
  }

  private async saveSnapshot(): Promise<SnapshotFile> {
    const { inputs, machine } = this.opened;
    const { kernelTypes } = portableTypes(this.opened);
    const saved = { ...inputs, kernelTypes, step: machine?.steps ?? 0 };
    const bytes = await encodeFile({ inputs: saved, hash: await this.hash() });
    return { kind: 'snapshot-file', name: snapshotName(inputs), bytes };
  }

  private readMemory(region: RegionId, offset: number, length: number): Result {
    const { machine } = this.opened;
    if (machine === undefined) throw new InputError('memory', 'no program is loaded');
    const { memory } = machine;
    const id = idOfRegion(memory, region, (candidate) => memory.rights[candidate] !== 0);
    if (id === undefined) throw new InputError(regionName(region), 'is not a region');
    const size = Math.max(0, Math.min(length, memory.length[id] - offset, 1 << 20));
    const at = locate(memory, REGION_TAG + id, REGION_START + offset, size, READ);
    const bytes = at < 0 ? new Uint8Array() : memory.bytes.slice(at, at + size);
    return { value: { kind: 'memory', region, offset, bytes } };
  }
}

/** Bytes of a file that tell what it is. */
const HEAD = 256 * 1024;

/** What a packed file begins with, as far as its first bytes tell. */
async function unpackedHead(head: Uint8Array, name: string): Promise<Uint8Array> {
  const only = async function* () {
    yield head;
  };
  try {
    for await (const bytes of unpackChunks(only(), name)) if (bytes.length > 0) return bytes;
  } catch {
    // It ends in the middle of the stream, with nothing to tell by in front of that.
  }
  return new Uint8Array();
}

/** A session that is no packet of a capture any more, with no packets of its own. */
function withoutPlace({ capture: _capture, ...inputs }: SessionInputs): SessionInputs {
  const none = { packets: [], edits: [], notes: [], expectations: [] };
  return { ...inputs, ...none, packet: 0, step: 0 };
}

/** What stops a run and is watched stays from packet to packet. */
const stopsOf = ({
  breakpoints,
  rules,
  watchpoints,
  expressions,
  sources,
  chain,
  chainObjects,
  hookLists,
  hookObjects,
}: SessionInputs) => ({
  breakpoints,
  sources,
  ...(chain && { chain }),
  ...(chainObjects && { chainObjects }),
  ...(hookLists && { hookLists }),
  ...(hookObjects && { hookObjects }),
  ...(rules && { rules }),
  ...(watchpoints && { watchpoints }),
  ...(expressions && { expressions }),
});

function wordsOfOpened({ capture }: SessionInputs, name: string): string {
  if (capture === undefined) return `A packet of ${name}.`;
  const { packet, partial } = capture;
  const others = packet - 1;
  const state =
    others === 0
      ? 'the first that runs'
      : `with maps, clock and chance as ${pluralOf(others, 'packet')} in front of it left them`;
  const link = partial ? ' A link cannot carry all that maps held then.' : '';
  return `Packet ${packet} of ${name}, ${state}.${link}`;
}

/** What a pasted packet, or several, took the place of. */
function placeTaken({ packets, packet }: Pasted['before'], ofAll: boolean): string {
  if (packets.length === 0) return '';
  const which =
    ofAll && packets.length > 1
      ? `all ${packets.length} packets`
      : `packet ${packet + 1}, "${packets[packet].name}"`;
  return `In the place of ${which} (Ctrl+Z takes it back).`;
}

const snapshotName = ({ object }: SessionInputs): string =>
  `${baseName(object.name).replace(/\.o$/, '')}.ebpf-session`;

/** Nothing of it runs: what stops the worker can still be handed on. */
async function snapshotOfKept(kept: KeptSession, step: Step): Promise<SnapshotFile> {
  const shared = decodeKept(kept, step);
  return {
    kind: 'snapshot-file',
    name: snapshotName(shared.inputs),
    bytes: await encodeFile(shared),
  };
}

const stoppedBefore = ({ packet }: SessionInputs): string =>
  packet === 0
    ? 'Stopped before packet 1 had come to its end: it has no verdict.'
    : `Stopped on the way to packet ${packet + 1}: ` +
      'what packets before it leave in maps is missing.';

/** Whether an object names a C file; undefined where it names none at all. */
function isBuiltFrom({ programs }: LoadedObject, file: string): boolean | undefined {
  const files = programs.flatMap(({ linked }) =>
    'lines' in linked ? linked.lines.map((line) => line.file) : [],
  );
  return files.length === 0 ? undefined : files.some((named) => baseName(named) === file);
}

/** Types that can be asked anew: of a link's only the answers for its object are known. */
const isFileOfTypes = (types: SessionInputs['kernelTypes']): boolean =>
  typeof types === 'object' && 'bytes' in types;

/** Bytes of their own: a message would carry the whole file that views are of. */
const bounded = (packets: readonly Packet[]): SessionInputs['packets'] =>
  packets.slice(0, MAX_PACKETS).map(sessionPacket);
