import { pluralOf } from '../packet/text/text-place.ts';
import type { RunOutcome } from '../session/outcome.ts';

/** Packets of one kind. */
interface Group {
  readonly name: string;
  /** The first of them, in words. */
  readonly first: string;
  count: number;
}

/** Kinds that are told apart: a program may return any number as its verdict. */
const MOST_GROUPS = 256;
const OTHERS = 'others';

/** Counts of kinds, in bounded memory. */
class Groups {
  private readonly groups = new Map<string, Group>();

  add(key: string, name: string, packet: () => string): void {
    const known = this.groups.get(key);
    if (known) known.count++;
    else if (this.groups.size < MOST_GROUPS || key === OTHERS)
      this.groups.set(key, { name, first: packet(), count: 1 });
    else this.add(OTHERS, OTHERS, packet);
  }

  /** More of a kind that is there. */
  more(key: string, count: number): void {
    const known = this.groups.get(key) ?? this.groups.get(OTHERS);
    if (known) known.count += count;
  }

  /** The most frequent first. */
  get inOrder(): Group[] {
    return [...this.groups.values()].sort((a, b) => b.count - a.count);
  }
}

/** What a capture came to, in few lines however long it is. */
export class RunSummary {
  private packets = 0;
  private steps = 0;
  private notRun = 0;
  private longest: { steps: number; packet: () => string } | undefined;
  private readonly verdicts = new Groups();
  private readonly warnings = new Groups();
  private readonly bypassed = new Groups();
  private readonly faults = new Groups();

  /**
   * `packet`: the packet in words, where they are needed; `steps`: how many it took, where another
   * one's outcome stands for it; `fault`: where and what, if any.
   */
  add(
    packet: () => string,
    { ran, verdict, ...outcome }: RunOutcome,
    fault?: { pc: number; message: string },
    steps = outcome.steps,
  ): void {
    this.packets++;
    this.steps += steps;
    this.verdicts.add(verdict.name, verdict.name, packet);
    if (verdict.warning) this.warnings.add(verdict.warning, verdict.warning, packet);
    if (!ran) {
      this.notRun++;
      const why = verdict.reason ?? 'the hook does not give it to the program';
      this.bypassed.add(why, why, packet);
    } else if (steps > (this.longest?.steps ?? -1)) this.longest = { steps, packet };
    if (fault) this.faults.add(`${fault.pc} ${kindOf(fault.message)}`, fault.message, packet);
  }

  /** Steps of the packet that took most. */
  get mostSteps(): number {
    return this.longest?.steps ?? -1;
  }

  /** More packets that the program ran on like on one that was added, with `steps` in all. */
  addMore({ verdict }: RunOutcome, packets: number, steps: number): void {
    this.packets += packets;
    this.steps += steps;
    this.verdicts.more(verdict.name, packets);
    if (verdict.warning) this.warnings.more(verdict.warning, packets);
  }

  lines(): string[] {
    const rows = this.verdicts.inOrder;
    const name = Math.max(...rows.map((row) => row.name.length));
    const count = Math.max(...rows.map((row) => String(row.count).length));
    return [
      `${pluralOf(this.packets, 'packet')}, ${pluralOf(this.steps, 'instruction')}`,
      ...rows.map(
        (row) =>
          `  ${row.name.padEnd(name)}  ${String(row.count).padStart(count)}  ` +
          `${((row.count / this.packets) * 100).toFixed(1).padStart(5)} %  first: ${row.first}`,
      ),
      ...(this.longest
        ? [`most instructions: ${this.longest.steps}, ${this.longest.packet()}`]
        : []),
      ...listed(`not given to the program: ${pluralOf(this.notRun, 'packet')}`, this.bypassed),
      ...listed('notes on verdicts', this.warnings),
      ...listed('faults', this.faults),
    ];
  }
}

/** A fault's words without its numbers: the same place may fault on packets of any length. */
const kindOf = (message: string): string => message.replace(/\d+/g, '#');

function listed(title: string, groups: Groups): string[] {
  const rows = groups.inOrder;
  if (rows.length === 0) return [];
  return [
    `${title}:`,
    ...rows.map(
      ({ name, first, count }) => `  ${pluralOf(count, 'packet')}, first: ${first}: ${name}`,
    ),
  ];
}
