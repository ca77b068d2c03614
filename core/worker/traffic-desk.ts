import { InputError, unreachable } from '../errors.ts';
import { ENGINES } from '../jit/engines.ts';
import { JIT } from '../jit/jit.ts';
import type { Engine } from '../machine/engine.ts';
import type { MachineImage } from '../machine/machine.ts';
import { MAX_PACKETS } from '../packet/limits.ts';
import type { Packet } from '../packet/types.ts';
import type { TrafficErrand, TrafficView } from '../protocol/traffic.ts';
import type { Session, SessionOrigin } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { CaptureFile } from '../traffic/capture-file.ts';
import { CompareErrand } from '../traffic/compare-errand.ts';
import { compareWith, type Memories } from '../traffic/compare-with.ts';
import type { CoresThere } from '../traffic/cores.ts';
import { coverage } from '../traffic/coverage.ts';
import { type Drive, type Errand, RerunErrand } from '../traffic/errand.ts';
import { packetExport } from '../traffic/export-packets.ts';
import { ResultExport } from '../traffic/export-results.ts';
import { keyHistory } from '../traffic/key-history.ts';
import type { OpenedPacket } from '../traffic/open-packet.ts';
import { Traffic, type TrafficSetUp } from '../traffic/traffic.ts';
import { isSameSession } from './undo-list.ts';

/** Packets that were opened last: undo goes back to any of them, at its state. */
const MOST_ORIGINS = 8;
const MOST_BYTES = 64 * 1024 * 1024;

/** What of a session a run over a capture does not depend on. */
const BESIDE_RUN = {
  packets: [],
  packet: 0,
  step: 0,
  sources: [],
  breakpoints: [],
  rules: undefined,
  expressions: undefined,
  watchpoints: undefined,
  edits: undefined,
  notes: undefined,
  capture: undefined,
  chain: undefined,
  chainObjects: undefined,
  hookLists: undefined,
  hookObjects: undefined,
} as const;
const runInputs = (inputs: SessionInputs): SessionInputs =>
  ({ ...inputs, ...BESIDE_RUN }) as unknown as SessionInputs;

/**
 * The capture that is open beside a session, if there is one too large for that. Both use the one
 * linear memory in turns: while the capture has it, the session's machine is put aside.
 */
export class TrafficDesk {
  private readonly linear: WebAssembly.Memory;
  private readonly cores: CoresThere | undefined;
  private open: Traffic | undefined;
  private engine: Engine = JIT;
  /** Made when two programs are first compared: a browser's process has room for few. */
  private sides: Memories | undefined;
  /** The last first. */
  private origins: OpenedPacket[] = [];
  private aside: { readonly session: Session; readonly image: MachineImage } | undefined;

  constructor(linear: WebAssembly.Memory, cores?: CoresThere) {
    this.linear = linear;
    this.cores = cores;
  }

  /** The capture that is open. */
  get there(): Traffic | undefined {
    return this.open;
  }

  /** The same for a wish that needs one. */
  get traffic(): Traffic {
    if (this.open === undefined)
      throw new InputError('capture', 'is no longer here: open the file again');
    return this.open;
  }

  /** Puts the session's machine aside: the capture is about to use the memory. */
  take(session: Session | undefined): void {
    if (this.aside?.session === session || !session?.machine) return;
    this.aside = { session, image: session.machine.save() };
  }

  /** Gives the memory back to the session. */
  giveBack(): void {
    this.open?.leave();
    if (this.aside) this.aside.session.machine?.restore(this.aside.image);
    this.aside = undefined;
  }

  /** The session that was put aside is not shown any more. */
  forget(): void {
    this.open?.leave();
    this.aside = undefined;
  }

  close(): void {
    this.giveBack();
    this.open?.end();
    this.open = undefined;
    this.origins = [];
  }

  /**
   * Opens a capture: the packets themselves where a session holds so many, else the capture is open
   * from here on, with its first packets found.
   */
  async openFile(
    name: string,
    blob: Blob,
    isPacked: boolean,
  ): Promise<{ packets?: Packet[]; notes: string[] }> {
    const traffic = new Traffic(new CaptureFile(name, blob, isPacked), this.linear, this.cores);
    while (!traffic.isFound && traffic.index.length <= MAX_PACKETS) await traffic.find();
    this.close();
    if (traffic.index.length > MAX_PACKETS) {
      this.open = traffic;
      return { notes: traffic.notes };
    }
    const packets: Packet[] = [];
    for (let place = 0; place < traffic.index.length; place++)
      packets.push(await traffic.packet(place));
    return { packets, notes: traffic.notes };
  }

  /**
   * Runs the capture with the set-up of a session from its first packet on; `shown`: whose machine
   * has the memory now.
   */
  begin(session: Session, shown: Session | undefined, engine?: string): void {
    if (engine !== undefined) this.engine = engineNamed(engine);
    this.take(shown);
    this.traffic.begin({ ...this.setUpOf(session), engine: this.engine });
  }

  /** Notes a packet that was opened: where sessions of it begin. */
  noteOpened(opened: OpenedPacket): void {
    this.origins.unshift(opened);
    let bytes = 0;
    this.origins = this.origins.slice(0, MOST_ORIGINS).filter(({ origin }, i) => {
      bytes += origin.image.memory.bytes.length;
      return i === 0 || bytes <= MOST_BYTES;
    });
  }

  /** Where a session of these inputs begins that is a packet of the capture. */
  originOf(inputs: SessionInputs): SessionOrigin | undefined {
    const opened = this.openedOf(inputs);
    return opened && isSameMachine(opened.inputs, inputs) ? opened.origin : undefined;
  }

  /** Work along the capture that a person asks for. */
  async errand(wanted: TrafficErrand): Promise<Errand> {
    const { traffic } = this;
    const { batch, index, file } = traffic;
    if (batch === undefined) throw new InputError('capture', 'the program cannot be run on it');
    const base = file.name.replace(/\.(?:gz|zst|pcap|pcapng|cap|snoop)+$/gi, '');
    switch (wanted.kind) {
      case 'packets': {
        const name = `${base}-${wanted.choice}.pcapng`;
        return new RerunErrand(batch, packetExport(index, wanted.choice, name));
      }
      case 'results': {
        const { format } = wanted;
        return new ResultExport(index, batch.summary.outcomes, format, `${base}-results.${format}`);
      }
      case 'coverage':
        return new RerunErrand(batch, coverage(batch));
      case 'key-history':
        return new RerunErrand(batch, keyHistory(batch, wanted.map, wanted.key));
      case 'compare': {
        const { file: other, engine } = wanted;
        this.sides ??= [
          new WebAssembly.Memory({ initial: 1 }),
          new WebAssembly.Memory({ initial: 1 }),
        ];
        const side = {
          ...(other && { file: other }),
          ...(engine && { engine: engineNamed(engine) }),
        };
        const comparison = await compareWith(batch, side, this.sides);
        const packets = { index, read: file.read, name: file.name, count: batch.done };
        return new CompareErrand(comparison, packets);
      }
      default:
        return unreachable(wanted);
    }
  }

  /** What the page shows; undefined where no capture is open. */
  view(session: Session): TrafficView | undefined {
    const { open } = this;
    if (open?.runs === undefined) return undefined;
    const opened = this.openedOf(session.inputs);
    return {
      ...open.view,
      ...(opened?.inputs.capture && { open: opened.inputs.capture.packet - 1 }),
      isStale: !isSameSession(this.setUpOf(session).inputs, runInputs(open.runs.inputs)),
    };
  }

  /** Another program has to be run, whatever it is that was opened. */
  hasOtherProgram(session: Session): boolean {
    const runs = this.open?.runs;
    if (runs === undefined) return false;
    const { object, program, hook } = session.inputs;
    return (
      runs.inputs.object !== object || runs.inputs.program !== program || runs.inputs.hook !== hook
    );
  }

  /**
   * The inputs of a session as they were in front of the first packet of the capture that it is one
   * of; any other's as they are.
   */
  startOf(session: Session): SessionInputs {
    const { inputs } = session;
    if (this.openedOf(inputs) === undefined) return inputs;
    const { settings, maps } = this.setUpOf(session).inputs;
    return { ...inputs, settings, maps };
  }

  /** What of a session runs on a capture: what a packet was opened with stands for its start. */
  private setUpOf({ inputs, object }: Session): Omit<TrafficSetUp, 'engine'> {
    const opened = this.openedOf(inputs);
    const start = this.open?.runs?.inputs;
    const own = runInputs(inputs);
    if (!opened || !start) return { inputs: own, object };
    const { time, seed } = inputs.settings;
    const was = opened.inputs;
    const settings = {
      ...inputs.settings,
      time: time === was.settings.time ? start.settings.time : time,
      seed: seed === was.settings.seed ? start.settings.seed : seed,
    };
    const added = inputs.maps.filter((preset) => !was.maps.includes(preset));
    // Of another object, that of a program of a list, nothing was set up.
    const before = start.object === inputs.object ? start.maps : [];
    return { inputs: { ...own, settings, maps: [...before, ...added] }, object };
  }

  private openedOf({ capture }: SessionInputs): OpenedPacket | undefined {
    return this.origins.find(({ inputs }) => capture && inputs.capture === capture);
  }
}

/** Whether two sessions have machines that are made alike, so that states of one fit the other. */
const isSameMachine = (one: SessionInputs, other: SessionInputs): boolean =>
  one.object === other.object &&
  one.program === other.program &&
  one.hook === other.hook &&
  one.network === other.network &&
  one.mapSizes === other.mapSizes &&
  one.kernelTypes === other.kernelTypes &&
  one.externs === other.externs &&
  one.settings.cpus === other.settings.cpus &&
  one.settings.perfReader === other.settings.perfReader;

export function engineNamed(name: string): Engine {
  const engine = ENGINES.find((candidate) => candidate.name === name);
  if (engine === undefined) throw new InputError('engine', `there is none called "${name}"`);
  return engine;
}

/** What stops the work on a capture stops it there: it goes on with the next piece. */
export const driveOf =
  (drive: (work: Parameters<Drive>[0]) => Promise<{ stopped: boolean }>): Drive =>
  async (work) =>
    (await drive(work)).stopped;
