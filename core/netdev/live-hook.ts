/** Packets of a session, or of a capture, past the programs of a hook, piece by piece. */
import type { Verdict } from '../hooks/verdict.ts';
import type { Work } from '../session/session.ts';
import type { Drive } from '../traffic/errand.ts';
import { flowCount, flowFrame } from './flow.ts';
import {
  type HookPacket,
  type HookResult,
  HookRun,
  type HookRunParts,
  type HookStep,
} from './hook-run.ts';
import type { ChainSource } from './source.ts';

/** What a packet met, without its bytes. */
export interface HookTrace {
  readonly steps: readonly (Pick<Verdict, 'name' | 'code' | 'reason'> &
    Pick<HookStep, 'id' | 'steps' | 'isChanged' | 'after'> & {
      readonly saw: ReturnType<HookStep['saw']>;
    })[];
  readonly result: Omit<HookResult, 'packetOut' | 'handed'>;
}

/** Packets that are taken at once. */
const PIECE = 4096;

const traceOf = ({ steps, result: { code, name, action, by } }: HookPacket): HookTrace => ({
  steps: steps.map(({ id, verdict, steps: count, saw, isChanged, after }) => ({
    id,
    name: verdict.name,
    ...(verdict.code !== undefined && { code: verdict.code }),
    ...(verdict.reason !== undefined && { reason: verdict.reason }),
    steps: count,
    saw: saw(),
    isChanged,
    after,
  })),
  result: { code, name, action, by },
});

export class LiveHook {
  readonly run: HookRun;
  readonly source: ChainSource;
  /** Of all packets of a session; of a capture the one that is watched. */
  private readonly traces = new Map<number, HookTrace>();
  /** Packet of a capture, from 0 on, whose way is kept. */
  private readonly watched: number | undefined;
  private isStopped = false;
  private pending: Work<void> | undefined;

  /** Throws InputError where a program cannot be run. */
  constructor(parts: HookRunParts, source: ChainSource, watched: number | undefined) {
    this.source = source;
    this.watched = watched;
    this.run = new HookRun(parts);
  }

  get hasWork(): boolean {
    const { run, source } = this;
    if (this.isStopped) return false;
    return run.packets < source.length;
  }

  get state(): 'running' | 'stopped' | 'done' {
    const { run, source, isStopped } = this;
    if (isStopped) return 'stopped';
    return run.packets < source.length || !source.isWhole ? 'running' : 'done';
  }

  trace(packet: number): HookTrace | undefined {
    return this.traces.get(packet);
  }

  stop(): void {
    this.isStopped = this.state === 'running';
  }

  /** A piece; where it is left half way, the next call goes on with it. */
  async work(drive: Drive): Promise<boolean> {
    this.pending ??= this.taking(await this.frames());
    const { pending } = this;
    return drive(
      (function* () {
        // By itself, so that who leaves this leaves what is pending as it is.
        for (let next = pending.next(); !next.done; next = pending.next()) yield next.value;
      })(),
    );
  }

  private async frames(): Promise<Uint8Array[]> {
    const { run, source } = this;
    const from = run.packets;
    const flow = await source.read(from, Math.min(source.length, from + PIECE));
    return Array.from({ length: flowCount(flow) }, (_, place) => flowFrame(flow, place));
  }

  private *taking(frames: readonly Uint8Array[]): Work<void> {
    const { run, source, watched, traces } = this;
    const from = run.packets;
    const packets = yield* run.take(frames);
    for (const [i, packet] of packets.entries())
      if (source.packets || from + i === watched) traces.set(from + i, traceOf(packet));
    this.pending = undefined;
  }
}
