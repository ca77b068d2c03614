import { baseName } from '../bytes/base-name.ts';
import { InputError, present } from '../errors.ts';
import { JIT } from '../jit/jit.ts';
import { changedHookLists, NO_ACTIONS } from '../netdev/edit-hook-list.ts';
import { hookCommands } from '../netdev/hook-commands.ts';
import {
  checkHookList,
  hookListOf,
  hookListsOfSession,
  inAskedOrder,
  isOwnObject,
  placeOfProgram,
  type SettledProgram,
  settledPrograms,
  type WholeHookList,
  type WholeHookLists,
} from '../netdev/hook-list.ts';
import { inputsOfHookProgram } from '../netdev/hook-machine.ts';
import type { HookCounts, HookRunParts } from '../netdev/hook-run.ts';
import { MachineMemories } from '../netdev/live-chain.ts';
import { type HookTrace, LiveHook } from '../netdev/live-hook.ts';
import type { OpenedDrop } from '../netdev/open-drop.ts';
import { openedHookPacket } from '../netdev/open-hook-packet.ts';
import { type ChainSource, sourceOfCapture, sourceOfPackets } from '../netdev/source.ts';
import type { ChainObject } from '../netdev/types.ts';
import type { LoadedObject } from '../object/types.ts';
import type {
  HookChange,
  HookListView,
  HookOrder,
  HookPacketView,
  HookPlace,
  HookProgramView,
  HookRunView,
} from '../protocol/messages.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';
import { Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import type { ListHook } from '../spec/hook-lists.ts';
import { programType } from '../spec/program-types.ts';
import type { Drive } from '../traffic/errand.ts';
import type { Traffic } from '../traffic/traffic.ts';
import type { TrafficDesk } from './traffic-desk.ts';

/** How long it is worked on before its page is told; ms. */
const A_WHILE = 120;

/** A list as it is run, and all that a run of it depends on, by identity. */
interface HookRunning {
  readonly of: readonly unknown[];
  live: LiveHook | undefined;
  memories: WebAssembly.Memory[];
  /** Why packets cannot be run, or why they stopped. */
  problem: string | undefined;
}

/** The lists of programs on hooks of the session that is open, and packets past them. */
export class HookDesk {
  private readonly memories = new MachineMemories();
  private readonly loaded = new Map<Uint8Array, LoadedObject>();
  private readonly desks = new Map<ListHook, HookRunning>();
  private whole: WholeHookLists = { lists: [], objects: [] };
  /** Why the lists cannot be shown: an object of a link cannot be read. */
  private refusal: string | undefined;

  /** The session may have other lists now, or other packets: what was run of others goes. */
  async look(session: Session | undefined, traffic: TrafficDesk): Promise<void> {
    this.whole = session ? hookListsOfSession(session) : { lists: [], objects: [] };
    this.refusal = undefined;
    if (session) await this.readObjects(session);
    for (const hook of this.desks.keys()) {
      const now = session && hookListOf(this.whole, hook);
      const { of } = present(this.desks.get(hook), 'a run of a list');
      if (now && isSameOf(of, madeOf(now, traffic.startOf(session), traffic.there))) continue;
      this.stop(hook);
      this.desks.delete(hook);
    }
  }

  private async readObjects({ inputs, object }: Session): Promise<void> {
    const named = new Set(this.whole.objects.map(({ bytes }) => bytes));
    for (const bytes of this.loaded.keys()) if (!named.has(bytes)) this.loaded.delete(bytes);
    this.loaded.set(inputs.object.bytes, object);
    try {
      for (const { name, bytes } of this.whole.objects) await this.read({ name, bytes });
      for (const list of this.whole.lists) {
        checkHookList(list);
        settledPrograms({ list, objects: this.whole.objects }, this.loadedOf);
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.refusal = error.message;
    }
  }

  private async read({ name, bytes }: ChainObject): Promise<void> {
    if (!this.loaded.has(bytes)) this.loaded.set(bytes, await openObject(inputsFor(name, bytes)));
  }

  private loadedOf = ({ bytes }: ChainObject): LoadedObject =>
    present(this.loaded.get(bytes), 'an object of a list');

  /** The lists behind a change; an InputError says why it cannot be. */
  async changed(session: Session, hook: ListHook, change: HookChange): Promise<WholeHookLists> {
    const { inputs } = session;
    if ((change.kind === 'add' || change.kind === 'swap') && change.object !== 'open')
      await this.read(change.object);
    this.loaded.set(inputs.object.bytes, session.object);
    const open = inputs.object;
    const whole = hookListsOfSession(session);
    const lists = changedHookLists(whole, hook, change, open, this.loadedOf);
    this.check(present(hookListOf(lists, hook), 'the list'), inputs);
    return lists;
  }

  /** An InputError says which program of a list cannot be run, and why. */
  private check(whole: WholeHookList, inputs: SessionInputs): void {
    const memory = this.memories.take();
    try {
      for (const settled of settledPrograms(whole, this.loadedOf)) {
        const own = inputsOfHookProgram(settled, whole.list, inputs);
        const trial = new Session(own, memory, this.loadedOf(settled.object));
        trial.load();
        if (trial.problem === undefined) continue;
        const { entry, object } = settled;
        throw new InputError(`${placeOfProgram(entry.id)}, ${object.name}`, trial.problem);
      }
    } finally {
      this.memories.free(memory);
    }
  }

  order(hook: ListHook, order: HookOrder, session: Session, traffic: TrafficDesk): void {
    if (order === 'stop') {
      this.desks.get(hook)?.live?.stop();
      return;
    }
    this.stop(hook);
    const whole = hookListOf(this.whole, hook);
    if (whole === undefined) throw new InputError(hook, 'has no list of programs to run');
    const { there } = traffic;
    const inputs = traffic.startOf(session);
    const desk: HookRunning = {
      of: madeOf(whole, inputs, there),
      live: undefined,
      memories: [],
      problem: this.refusal,
    };
    this.desks.set(hook, desk);
    if (this.refusal !== undefined) return;
    try {
      if (!there && inputs.packets.some(({ handed }) => handed))
        throw new InputError(
          '',
          'the packets of the session came past programs of the list already: ' +
            'undo goes back to those that came in',
        );
      const source = sourceOf(inputs, there);
      const watched = inputs.capture && inputs.capture.packet - 1;
      desk.live = new LiveHook(this.partsOf(whole, inputs, desk), source, watched);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      desk.problem = error.message;
    }
  }

  private partsOf(whole: WholeHookList, session: SessionInputs, desk: HookRunning): HookRunParts {
    return {
      whole,
      session,
      loadedOf: this.loadedOf,
      memory: () => {
        const memory = this.memories.take();
        desk.memories.push(memory);
        return memory;
      },
      engine: JIT,
    };
  }

  private stop(hook: ListHook): void {
    const desk = this.desks.get(hook);
    for (const memory of desk?.memories.splice(0) ?? []) this.memories.free(memory);
    if (desk) desk.live = undefined;
  }

  /** A piece of what there is to do. */
  async work(drive: Drive): Promise<void> {
    const end = performance.now() + A_WHILE;
    for (const desk of this.desks.values()) {
      try {
        let isLeft = false;
        while (desk.live?.hasWork && !isLeft && performance.now() < end)
          isLeft = await desk.live.work(drive);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        desk.live?.stop();
        desk.problem = error.message;
      }
    }
  }

  /** The session of a packet at a program of a list. */
  async open(
    { hook, id, packet }: HookPlace,
    session: Session,
    traffic: TrafficDesk,
    linear: WebAssembly.Memory,
    drive: Drive,
  ): Promise<OpenedDrop | undefined> {
    const whole = hookListOf(this.whole, hook);
    if (whole === undefined) throw new InputError(hook, 'has no list of programs');
    if (this.refusal !== undefined) throw new InputError(hook, this.refusal);
    const inputs = traffic.startOf(session);
    const taken: WebAssembly.Memory[] = [];
    const memory = (): WebAssembly.Memory => {
      taken.push(this.memories.take());
      return taken[taken.length - 1];
    };
    try {
      return await openedHookPacket(
        { id, packet: packet - 1 },
        {
          ...{ whole, session: inputs, loadedOf: this.loadedOf, memory, engine: JIT },
          ...{ source: sourceOf(inputs, traffic.there), linear, drive },
        },
      );
    } finally {
      for (const one of taken) this.memories.free(one);
    }
  }

  /** What the page shows of each list. */
  view(session: Session, traffic: Traffic | undefined): HookListView[] {
    return this.whole.lists.map((list) =>
      this.viewOf({ list, objects: this.whole.objects }, session, traffic),
    );
  }

  private viewOf(
    whole: WholeHookList,
    { inputs, object }: Session,
    traffic: Traffic | undefined,
  ): HookListView {
    const { list } = whole;
    const desk = this.desks.get(list.hook);
    const problem = this.refusal ?? desk?.problem;
    const isReadable = this.refusal === undefined;
    const programs = isReadable ? inAskedOrder(settledPrograms(whole, this.loadedOf)) : [];
    const { commands, notes } = hookCommands(list, programs, this.loadedOf);
    const live = desk?.live;
    return {
      hook: list.hook,
      ...(list.direction && { direction: list.direction }),
      programs: programs.map((settled) => this.programView(settled, inputs, live)),
      ownPrograms: object.programs.map(({ name }) => name),
      commands: commands.map((one) => ({ ...one })),
      notes: [...notes],
      packets: traffic
        ? { name: traffic.file.name, count: traffic.index.length }
        : { name: 'the session', count: inputs.packets.length },
      ...(problem !== undefined && { problem: `${problem}.` }),
      ...(live && { run: runView(live, inputs) }),
    };
  }

  private programView(
    { entry, object, program, xdp }: SettledProgram,
    inputs: SessionInputs,
    live: LiveHook | undefined,
  ): HookProgramView {
    const at = live?.run.machines.findIndex(({ settled }) => settled.entry.id === entry.id) ?? -1;
    const counts = live?.run.counts[at];
    return {
      id: entry.id,
      status: entry.status,
      object: { name: baseName(object.name), isOpen: isOwnObject(object, inputs) },
      program: program.name,
      programs: this.loadedOf(object).programs.map(({ name }) => name),
      ...(xdp && { xdp: { ...xdp, actions: actionWords(xdp.actions) } }),
      ...(entry.where && { where: entry.where }),
      ...(counts && { counts: countsView(counts) }),
    };
  }
}

/** `XDP_PASS, XDP_DROP` */
function actionWords(codes: readonly number[]): string {
  const names = new Map(programType('xdp').verdicts.map(({ code, name }) => [code, name]));
  return codes.map((code) => names.get(code) ?? String(code)).join(', ') || NO_ACTIONS;
}

const countsView = ({ seen, changed, codes }: HookCounts): HookProgramView['counts'] => ({
  seen,
  changed,
  codes: [...codes.values()]
    .map(({ name, action, after, packets }) => ({ name, action, after, packets }))
    .sort((one, other) => other.packets - one.packets),
});

/** The chosen packet, from 0 on. */
const chosenOf = ({ capture, packet }: SessionInputs): number =>
  capture ? capture.packet - 1 : packet;

function runView(live: LiveHook, inputs: SessionInputs): HookRunView {
  const { run, source, state, hasWork } = live;
  const chosen = source.packets ? inputs.packet : chosenOf(inputs);
  const trace = live.trace(chosen);
  const isRun = chosen < run.packets;
  return {
    state,
    done: run.packets,
    total: source.length,
    isWhole: source.isWhole,
    results: [...run.results]
      .map(([name, { action, packets }]) => ({ name, action, packets }))
      .sort((one, other) => other.packets - one.packets),
    ...(trace && { packet: packetView(chosen + 1, trace) }),
    ...(!trace && isRun && { missing: chosen + 1 }),
    hasWork,
  };
}

const packetView = (number: number, { steps, result }: HookTrace): HookPacketView => ({
  number,
  steps: steps.map(({ saw, ...step }) => ({
    ...step,
    saw: saw.map(([field, value]) => ({ field, value })),
  })),
  name: result.name,
  action: result.action,
  ...(result.by !== undefined && { by: result.by }),
});

/** The packets that go past a list: those of the capture that is open, else of the session. */
const sourceOf = ({ packets }: SessionInputs, traffic: Traffic | undefined): ChainSource =>
  traffic ? sourceOfCapture(traffic) : sourceOfPackets('the session', packets);

/** All that a run of a list depends on. */
const madeOf = (
  { list, objects }: WholeHookList,
  inputs: SessionInputs,
  traffic: Traffic | undefined,
): readonly unknown[] => [
  JSON.stringify(list),
  ...list.programs.map(({ object }) => objects[object].bytes),
  traffic ?? inputs.packets,
  ...[inputs.object, inputs.mapSizes, inputs.externs, inputs.kernelTypes, inputs.network],
  // Of a packet of a capture these are made anew each time.
  JSON.stringify([inputs.maps, inputs.settings, inputs.context, inputs.options]),
];

const isSameOf = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((part, i) => part === other[i]);
