import type { Machine } from '../machine/machine.ts';
import { MAX_PACKET } from '../packet/limits.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { PacketBatch } from '../session/packet-batch.ts';
import { finish, runnableSession, type Session } from '../session/session.ts';
import { warningsOf } from '../session/warnings.ts';
import { LibraryMap } from './maps.ts';
import type { Filter, FilterMap, LoadOptions, Result } from './types.ts';

/** A session of no packets of its own: those that run come from outside, one behind the other. */
export class LibraryFilter implements Filter {
  readonly engine: NonNullable<LoadOptions['engine']>;
  readonly session: Session & { readonly machine: Machine };
  readonly maps: ReadonlyMap<string, FilterMap>;
  readonly warnings: readonly string[];
  private ran = 0;
  /** User space has changed maps since the machine in front of the first packet was noted. */
  private isChanged = false;
  private judging: PacketBatch | undefined;

  /** Throws an InputError where the program cannot be run. */
  constructor(session: Session, engine: NonNullable<LoadOptions['engine']>) {
    session.load(MAX_PACKET);
    this.session = runnableSession(session);
    this.engine = engine;
    this.warnings = warningsOf(session);
    const changed = (): void => {
      this.isChanged ||= this.ran === 0;
    };
    this.maps = new Map(
      this.session.machine.maps.map(({ definition }, i) => [
        definition.name,
        new LibraryMap(this.session.machine, i, changed),
      ]),
    );
  }

  get program(): string {
    return this.session.program!.name;
  }

  get hook(): string {
    return this.session.hook;
  }

  get programs(): Filter['programs'] {
    return this.session.object.programs.map(({ name, section }) => ({ name, section }));
  }

  get packets(): number {
    return this.ran;
  }

  /** Many at a time. */
  get batch(): PacketBatch {
    this.judging ??= new PacketBatch(this.session);
    return this.judging;
  }

  /** The number of the first of so many packets, which are about to run. */
  take(count: number): number {
    if (this.isChanged) this.session.startHere();
    this.isChanged = false;
    this.ran += count;
    return this.ran - count;
  }

  run(packet: Uint8Array): Result {
    const outcome = finish(this.session.runFrame(this.take(1), packet));
    return resultOf(
      outcome,
      this.session.machine.printk.map(({ text }) => text),
    );
  }

  /** As it was in front of the first packet. */
  reset(): void {
    if (this.ran > 0) this.session.backToStart();
    this.ran = 0;
  }
}

/** What came of a run, in the words of the library. */
export const resultOf = (
  { verdict, r0, steps, fault, packetOut }: RunOutcome,
  printk: readonly string[],
): Result => ({
  verdict: verdict.name,
  action: verdict.action,
  code: verdict.code,
  r0,
  text: verdict.text,
  reason: verdict.reason,
  warning: verdict.warning,
  steps,
  fault: fault && { kind: fault.kind, pc: fault.pc, message: fault.message },
  packet: packetOut.slice(),
  printk,
});
