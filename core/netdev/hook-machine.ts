/** A program of a list with its machine, whose maps are its own: each was loaded by itself. */
import type { Engine } from '../machine/engine.ts';
import type { LoadedObject } from '../object/types.ts';
import { MAX_PACKET } from '../packet/limits.ts';
import type { Frames } from '../session/batch-frames.ts';
import { type GivenPacket, handedBehind, handedByBytes } from '../session/handed-on.ts';
import { inputsFor } from '../session/inputs.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { PacketBatch } from '../session/packet-batch.ts';
import { runnableSession, Session, type Work } from '../session/session.ts';
import type { HandedOn, SessionInputs } from '../session/types.ts';
import { MOST_TCX } from '../spec/hook-lists.ts';
import { isOwnObject, type SettledProgram } from './hook-list.ts';
import { packed } from './source.ts';
import type { HookList } from './types.ts';

/** What the programs of a list are run by. */
export interface HookMachineParts {
  readonly loaded: LoadedObject;
  readonly engine: Engine;
  readonly memory: WebAssembly.Memory;
}

/**
 * What decides the runs of a program: of the session's own object what was set up of it, of any
 * other what stands around it.
 */
export function inputsOfHookProgram(
  { entry, object, program }: SettledProgram,
  { hook, direction }: HookList,
  session: SessionInputs,
): SessionInputs {
  const { maps, mapSizes, externs, kernelTypes, context, settings, network } = session;
  const isOwn = isOwnObject(object, session);
  const others = session.options.filter(([name]) => name !== 'direction');
  const isSameHook = session.hook === undefined || session.hook === hook;
  return {
    ...inputsFor(object.name, object.bytes),
    hook,
    program: entry.program ?? program.name,
    options: [
      ...(isOwn && isSameHook ? others : []),
      ...(direction ? [['direction', direction] as [string, string]] : []),
    ],
    settings,
    ...(network && { network }),
    ...(isSameHook && { context }),
    ...(isOwn && {
      maps,
      ...(mapSizes && { mapSizes }),
      ...(externs && { externs }),
      ...(kernelTypes && { kernelTypes }),
    }),
  };
}

/** A packet grows by so much at most in one program. */
const GROWTH = 4096;
/** The longest that may come to a program behind others. */
const MOST_BYTES = MAX_PACKET + MOST_TCX * GROWTH;

/** What came of a packet that a program was given. */
export interface PassedPacket {
  readonly outcome: RunOutcome;
  /** What it leaves beside the bytes. */
  readonly handed: HandedOn | undefined;
}

export class HookMachine {
  readonly settled: SettledProgram;
  readonly session: ReturnType<typeof runnableSession>;
  private readonly batch: PacketBatch;
  private ran = 0;
  private steps = 0;

  /** Throws InputError where the program cannot be run. */
  constructor(settled: SettledProgram, inputs: SessionInputs, parts: HookMachineParts) {
    const { loaded, engine, memory } = parts;
    const session = new Session(inputs, memory, loaded);
    session.runBy(engine);
    session.load(MOST_BYTES);
    this.settled = settled;
    this.session = runnableSession(session);
    this.batch = new PacketBatch(session);
  }

  get memory(): WebAssembly.Memory {
    return this.session.machine.memory.linear;
  }

  /**
   * Packets in their order. Those that come as they are in a capture, compiled code goes through by
   * itself; any other is put into the machine with what was handed on.
   */
  *pass(packets: readonly GivenPacket[]): Work<PassedPacket[]> {
    const passed: PassedPacket[] = [];
    while (passed.length < packets.length) {
      const from = passed.length;
      const plain = plainFrom(packets, from, this.most);
      if (plain.length < FEW && plain.length < packets.length)
        for (const given of packets.slice(from, from + Math.max(1, plain.length)))
          passed.push(yield* this.passOne(given));
      else {
        const frames = packed(plain.map(({ bytes }) => bytes));
        passed.push(...(yield* this.passPlain(plain, frames)));
      }
    }
    return passed;
  }

  /** How many packets have not too many steps together, going by those before them. */
  private get most(): number {
    if (this.ran < FIRST_ONES) return FIRST_ONES;
    return Math.max(1, Math.floor((STEPS_AT_ONCE * this.ran) / Math.max(1, this.steps)));
  }

  private *passOne(given: GivenPacket): Work<PassedPacket> {
    const { session } = this;
    const { bytes, handed } = given;
    session.beginFrame(this.ran, bytes, undefined, session.inputs.context, handed);
    const outcome = yield* session.unrecorded(session.completeFrame(this.ran, bytes));
    this.ran += 1;
    this.steps += outcome.steps;
    return { outcome, handed: handedBehind(session, given, outcome.packetOut) };
  }

  private *passPlain(plain: readonly GivenPacket[], frames: Frames): Work<PassedPacket[]> {
    const { session, ran } = this;
    /** Of packets that were in the machine: compiled code alone changes nothing but bytes. */
    const left = new Map<number, HandedOn | undefined>();
    this.batch.onLooked = (index, outcome) =>
      left.set(index, handedBehind(session, plain[index], outcome.packetOut));
    const judged = yield* this.batch.run(ran, frames);
    const passed: PassedPacket[] = [];
    for (let index = 0; index < judged.count; index++) {
      const outcome = judged.outcome(index);
      this.steps += outcome.steps;
      const handed = left.has(index)
        ? left.get(index)
        : handedByBytes(session, plain[index], outcome.packetOut);
      passed.push({ outcome, handed });
    }
    this.ran += judged.count;
    return passed;
  }
}

/** Packets, and steps of them, that are run before others may want something. */
const PACKETS_AT_ONCE = 4096;
const STEPS_AT_ONCE = 4_000_000;
const FIRST_ONES = 64;
/** Fewer in a row than these are not worth a call of compiled code for all of them. */
const FEW = 16;

/** Packets from one on with which nothing is handed on. */
function plainFrom(
  packets: readonly GivenPacket[],
  from: number,
  most: number,
): readonly GivenPacket[] {
  const limit = Math.min(packets.length, from + Math.min(most, PACKETS_AT_ONCE));
  let end = from;
  while (end < limit && packets[end].handed === undefined) end++;
  return packets.slice(from, end);
}
