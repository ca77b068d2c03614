import { AlikeOutcomes } from '../session/alike-outcomes.ts';
import type { Frames } from '../session/batch-frames.ts';
import type { Judged } from '../session/packet-batch.ts';
import { finish } from '../session/session.ts';
import type { Action } from '../spec/program-types.ts';
import type { LibraryFilter } from './filter.ts';
import type { Packets, Results } from './types.ts';

/** The columns that are filled. */
interface Columns extends Results {
  readonly actions: Action[];
}

const columnsFor = (count: number): Columns => ({
  count,
  r0Low: new Uint32Array(count),
  r0High: new Uint32Array(count),
  steps: new Uint32Array(count),
  action: new Uint8Array(count),
  actions: [],
});

/** Runs packets one behind the other, thousands in one call of compiled code. */
export function judged(filter: LibraryFilter, packets: Packets): Results {
  const count = packets.lengths.length;
  const columns = columnsFor(count);
  const actions = new ActionNumbers(columns.actions);
  const first = filter.take(count);
  for (let at = 0; at < count; ) {
    const some = finish(filter.batch.run(first + at, framesFrom(packets, at)));
    columns.r0Low.set(some.r0Low, at);
    columns.r0High.set(some.r0High, at);
    columns.steps.set(some.steps, at);
    for (let i = 0; i < some.count; i++) columns.action[at + i] = actions.of(some, i);
    at += some.count;
  }
  return columns;
}

/** What becomes of packets, as numbers: most have the r0 of the one in front of them. */
class ActionNumbers {
  private readonly actions: Action[];
  private readonly alike = new AlikeOutcomes();
  /** Of the last usual packet. */
  private r0 = -1;
  private number = 0;

  constructor(actions: Action[]) {
    this.actions = actions;
  }

  of(judged: Judged, index: number): number {
    const isUsual = judged.r0High[index] === 0 && judged.isUsual(index);
    if (isUsual && judged.r0Low[index] === this.r0) return this.number;
    const outcome = this.alike.of(judged, index) ?? judged.outcome(index);
    const known = this.actions.indexOf(outcome.verdict.action);
    const number = known < 0 ? this.actions.push(outcome.verdict.action) - 1 : known;
    if (isUsual) [this.r0, this.number] = [judged.r0Low[index], number];
    return number;
  }
}

const framesFrom = ({ bytes, starts, lengths }: Packets, at: number): Frames => ({
  bytes,
  starts: starts.subarray(at),
  lengths: lengths.subarray(at),
});
