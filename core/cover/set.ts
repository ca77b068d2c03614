import { fromHex } from '../bytes/hex.ts';
import { InputError, present } from '../errors.ts';
import type { Machine, MachineImage } from '../machine/machine.ts';
import type { LoadedObject } from '../object/types.ts';
import { MAX_PACKET } from '../packet/limits.ts';
import { nextPacketSession } from '../session/next-packet.ts';
import { putEntry } from '../session/presets.ts';
import { runnableSession, Session, type Work } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { Ways, waysOfRun } from './ways.ts';

/** An entry that user space puts into a map, or takes out, in front of a packet. */
export interface EntryChange {
  readonly map: string;
  /** Hex; without value the entry is taken out. */
  readonly key: string;
  readonly value?: string;
}

/** A packet that may come next, with what is done in front of it. */
export interface Candidate {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly entries: readonly EntryChange[];
}

/**
 * Packets that run in their order, each at the state that those in front of it have left: what is
 * kept of candidates takes a way that none in front of it took.
 */
export class PacketSet {
  readonly ways: Ways;
  readonly kept: Candidate[] = [];
  private readonly session: Session & { readonly machine: Machine };
  /** Behind the last of them. */
  private end: MachineImage;

  /** Throws an InputError where the program cannot be run. */
  constructor(inputs: SessionInputs, linear: WebAssembly.Memory, object: LoadedObject) {
    const { edits: _edits, capture: _capture, ...others } = inputs;
    const session = new Session({ ...others, packets: [], packet: 0, step: 0 }, linear, object);
    session.load(MAX_PACKET);
    this.session = runnableSession(session);
    this.ways = new Ways(this.session.machine);
    this.end = this.session.machine.save();
  }

  get machine(): Machine {
    return this.session.machine;
  }

  /** Runs a packet behind all others; keeps it where it takes a new way, or `always`. */
  *add(candidate: Candidate, always = false): Work<boolean> {
    const { session, machine } = this;
    machine.restore(this.end);
    const { recorder } = machine;
    machine.recorder = null;
    try {
      // The first packet begins with the maps as they are at the start.
      if (this.kept.length === 0 && candidate.entries.length > 0) return false;
      if (!putEntries(machine, candidate.entries)) return false;
      session.beginFrame(this.kept.length, candidate.bytes);
      const taken = session.bypass === undefined ? yield* waysOfRun(session) : [];
      const fresh = this.ways.add(taken);
      if (fresh === 0 && !always) return false;
      this.kept.push(candidate);
      this.end = machine.save();
      return fresh > 0;
    } finally {
      machine.recorder = recorder;
    }
  }

  /** The session of a packet as the next one, run to its end, at its start. */
  *asNext({
    bytes,
    entries,
  }: Candidate): Work<(Session & { readonly machine: Machine }) | undefined> {
    const { session, machine } = this;
    machine.restore(this.end);
    if (!putEntries(machine, entries)) return undefined;
    const alone = nextPacketSession(session, bytes, this.kept.length === 0);
    yield* alone.prepareSelected();
    return runnableSession(alone);
  }
}

/** Answers whether the maps take them. */
function putEntries(machine: Machine, entries: readonly EntryChange[]): boolean {
  try {
    for (const { map: name, key, value } of entries) {
      const map = machine.maps.find(({ definition }) => definition.name === name);
      if (map === undefined) return false;
      putEntry(
        machine,
        map,
        { key },
        value === undefined ? undefined : present(fromHex(value), value),
      );
    }
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
