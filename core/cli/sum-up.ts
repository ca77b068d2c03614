import { isEqualBytes } from '../bytes/equal.ts';
import { type FrameRun, NO_TIME } from '../packet/capture/packet-run.ts';
import type { WrittenPacket } from '../packet/capture/pcapng-write.ts';
import type { CaptureStream } from '../packet/capture/stream.ts';
import type { Packet } from '../packet/types.ts';
import { AlikeOutcomes } from '../session/alike-outcomes.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { type Judged, PacketBatch } from '../session/packet-batch.ts';
import { finish, type Session } from '../session/session.ts';
import type { Action } from '../spec/program-types.ts';
import type { Nanoseconds } from '../spec/units.ts';
import { faultView } from '../view/snapshot.ts';
import type { CaptureWriter } from './capture-files.ts';
import { RunSummary } from './summary.ts';

/**
 * Name of a packet of a capture, with its number there: it differs from the packet's own where some
 * were left out.
 */
export const CAPTURED = / #\d+$/;

/** The packet in words: its number, and that in its file where it is another. */
export function packetWords(index: number, name: string | undefined): string {
  const leftOut = name !== undefined && CAPTURED.test(name) && !name.endsWith(` #${index + 1}`);
  return `packet ${index}${leftOut ? ` (${name})` : ''}`;
}

/** Verdicts behind which a packet goes on. */
const GOES_ON: ReadonlySet<Action> = new Set(['pass', 'tx', 'redirect', 'truncate']);

/** The packet as it goes on, with its verdict as comment; undefined where it does not. */
export function goneOn(
  {
    bytes,
    timestamp = 0n,
    originalLength = bytes.length,
  }: Pick<Packet, 'bytes'> & Partial<Pick<Packet, 'timestamp' | 'originalLength'>>,
  { verdict, packetOut }: RunOutcome,
): WrittenPacket | undefined {
  if (!GOES_ON.has(verdict.action)) return undefined;
  const isChanged = !isEqualBytes(bytes, packetOut);
  return {
    bytes: packetOut,
    time: timestamp,
    // What was cut off the end of it when it was captured goes on, too.
    wireLength: packetOut.length + Math.max(0, originalLength - bytes.length),
    comment: isChanged ? `${verdict.text}, changed` : verdict.text,
  };
}

/** One packet of a run, with bytes of its own. */
const alone = (run: FrameRun, at: number): FrameRun => ({
  count: 1,
  bytes: run.bytes.slice(run.starts[at], run.starts[at] + run.lengths[at]),
  starts: new Uint32Array(1),
  lengths: run.lengths.slice(at, at + 1),
  originals: run.originals.slice(at, at + 1),
  times: run.times.slice(at, at + 1),
  numberOf: () => run.numberOf(at),
});

/** All packets of a capture as they come, in columns; what they come to in a few lines. */
class CaptureSum {
  private readonly summary = new RunSummary();
  faulted = false;
  count = 0;
  private firstTime: Nanoseconds | undefined;
  private waiting: { readonly run: FrameRun; readonly at: number } | undefined;
  private readonly session: Session;
  private readonly name: string;
  private readonly batch: PacketBatch;
  private readonly out: CaptureWriter | null;
  private readonly alike = new AlikeOutcomes();
  /** Packets beside the first that came to such an outcome, which are added at the end. */
  private readonly more = new Map<RunOutcome, { packets: number; steps: number }>();

  constructor(session: Session, name: string, out: CaptureWriter | null) {
    this.session = session;
    this.name = name;
    this.out = out;
    this.batch = new PacketBatch(session);
  }

  add(run: FrameRun): void {
    const { clock, each } = this.session.inputs.settings;
    if (clock === 'capture' || each === 'fresh') {
      for (let at = 0; at < run.count; at++) this.addTimed(run, at);
      // The run's bytes are the file's window, which goes on.
      if (this.waiting) this.waiting = { run: alone(run, this.waiting.at), at: 0 };
      return;
    }
    const { bytes, starts, lengths } = run;
    for (let at = 0; at < run.count; ) {
      const frames = { bytes, starts: starts.subarray(at), lengths: lengths.subarray(at) };
      const judged = finish(this.batch.run(this.count, frames));
      for (let i = 0; i < judged.count; i++) this.addPacket(run, at + i, judged, i);
      at += judged.count;
    }
  }

  /** A packet is run when it is known when the next one comes. */
  private addTimed(run: FrameRun, at: number): void {
    const time = run.times[at] === NO_TIME ? undefined : run.times[at];
    this.firstTime ??= time;
    this.runWaiting(time);
    this.waiting = { run, at };
  }

  /** The last one, behind which none comes. */
  end(): void {
    this.runWaiting(undefined);
  }

  private runWaiting(next: Nanoseconds | undefined): void {
    if (this.waiting === undefined) return;
    const { run, at } = this.waiting;
    this.waiting = undefined;
    const index = this.count++;
    const { bytes, starts, lengths } = run;
    const frame = bytes.subarray(starts[at], starts[at] + lengths[at]);
    const arrival = this.session.arrivalOf(next, this.firstTime);
    const outcome = finish(this.session.runFrame(index, frame, arrival));
    this.addOne(run, at, index, outcome, outcome.steps);
  }

  private addPacket(run: FrameRun, at: number, judged: Judged, i: number): void {
    const index = this.count++;
    const alike = this.out ? undefined : this.alike.of(judged, i);
    const more = alike && this.more.get(alike);
    const steps = judged.steps[i];
    if (more && steps <= this.summary.mostSteps) {
      more.packets += 1;
      more.steps += steps;
      return;
    }
    this.addOne(run, at, index, alike ?? judged.outcome(i), steps);
    if (alike && !more) this.more.set(alike, { packets: 0, steps: 0 });
  }

  private addOne(run: FrameRun, at: number, index: number, outcome: RunOutcome, steps: number) {
    const { fault } = outcome;
    const named = () => packetWords(index, `${this.name} #${run.numberOf(at)}`);
    const view = fault && faultView(this.session.machine!.code, fault);
    this.summary.add(named, outcome, view, steps);
    if (fault) this.faulted = true;
    if (this.out) this.write(run, at, outcome);
  }

  /** What all of them came to. */
  lines(): string[] {
    for (const [outcome, { packets, steps }] of this.more)
      this.summary.addMore(outcome, packets, steps);
    return this.summary.lines();
  }

  private write(
    { bytes, starts, lengths, originals, times }: FrameRun,
    at: number,
    outcome: RunOutcome,
  ) {
    const frame = bytes.subarray(starts[at], starts[at] + lengths[at]);
    const timestamp = times[at] === NO_TIME ? undefined : times[at];
    const gone = goneOn({ bytes: frame, timestamp, originalLength: originals[at] }, outcome);
    if (gone) this.out?.write(gone);
  }
}

/** What a capture comes to, in few lines; those that go on are written to `out`. */
export async function sumUp(
  session: Session,
  stream: CaptureStream,
  write: (line: string) => void,
  out: CaptureWriter | null,
): Promise<{ count: number; faulted: boolean }> {
  const sum = new CaptureSum(session, stream.name, out);
  for await (const run of stream.runs()) sum.add(run);
  sum.end();
  for (const line of sum.lines()) write(line);
  return sum;
}
