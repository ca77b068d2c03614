import { disassemble } from '../asm/disassemble.ts';
import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import type { LoadedObject } from '../object/types.ts';
import { templatePacket } from '../packet/template-packet.ts';
import { lineAt } from '../program/lines.ts';
import type { Work } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { PACKET_TEMPLATES } from '../spec/packet-templates.ts';
import type { Pc } from '../spec/units.ts';
import { withChange } from './changes.ts';
import type { Fill } from './fills.ts';
import { coveredLines, type LineCount } from './lines.ts';
import { type Candidate, type KeptPacket, PacketSet } from './set.ts';
import { reasonAt, turnsOf, variantsOf } from './turn.ts';
import { type JumpWay, keyOfWay, otherWay } from './ways.ts';

/** Rounds over all of the set. */
const MOST_ROUNDS = 16;
/** Packets that are looked at in vain for one branch. */
const MOST_TRIES = 6;
/** Packets that others are parted from to come to a branch in another way: at once, and in all. */
const MOST_PARTED = 48;
const MOST_PARTED_EVER = 120;
/** How often rows of packets are tried; and how many packets of a branch in a row. */
const MOST_ROWS = 4;
const MOST_OF_ROW = 3;
/** Packets of a branch that are tried with a full map. */
const MOST_OF_FILL = 4;

/** A way that no packet of the set takes. */
export interface MissingWay extends JumpWay {
  readonly text: string;
  readonly line?: { readonly file: string; readonly line: number; readonly text: string };
  readonly why: string;
}

export interface CoverResult {
  /** Those that were there, then those that were made; each runs behind all in front of it. */
  readonly packets: readonly KeptPacket[];
  /** When they come counts: the program asks for the time. */
  readonly isTimed: boolean;
  /** How many of them were there. */
  readonly given: number;
  /** Ways out of conditional jumps: all, those taken by the packets given, and by all. */
  readonly ways: number;
  readonly before: number;
  readonly after: number;
  /** The same of lines of C; undefined where the object names none. */
  readonly lines: LineCount | undefined;
  readonly missing: readonly MissingWay[];
}

/** The packets that others are made from: those given, and the usual ones. */
const usual = (): Candidate[] =>
  PACKET_TEMPLATES.map((template) => ({
    name: template.name,
    bytes: templatePacket(template),
    entries: [],
  }));

/**
 * Packets behind those of a session with which each conditional jump goes both ways, as far as they
 * are found: from what a branch compared, packets and map entries are worked out that turn it, and
 * what a packet leaves in maps is there for the next. `linear`: where it runs, taken for good.
 */
export function* cover(
  inputs: SessionInputs,
  linear: WebAssembly.Memory,
  object: LoadedObject,
): Work<CoverResult> {
  if (inputs.settings.each === 'fresh')
    throw new InputError(
      'packets',
      'each is run as if it were the first: let them run in order to make a set of them',
    );
  const set = new PacketSet(inputs, linear, object);
  const given = inputs.packets;
  yield* set.addGiven(given);
  const missedBefore = set.ways.missing;
  const search = new Search(set);
  yield* search.run();
  const { all, missing } = set.ways;
  const reasons: string[] = [];
  for (const way of missing) reasons.push(yield* search.reasonFor(way));
  return {
    packets: set.kept,
    isTimed: set.isTimed,
    given: given.length,
    ways: all.length,
    before: all.length - missedBefore.length,
    after: all.length - missing.length,
    lines: coveredLines(set.machine.code, all, missedBefore, missing),
    missing: missing.map((way, i) => missingWay(set.machine, way, reasons[i])),
  };
}

class Search {
  private readonly set: PacketSet;
  private readonly reasons = new Map<Pc, string>();
  private readonly tries = new Map<Pc, number>();
  private readonly templates = usual();
  private parted = 0;
  /** Branches of which it is known why nothing turns them. */
  private readonly closed = new Set<Pc>();
  /** By branch: packets of which several in a row may turn it, and how many. */
  private readonly rows = new Map<Pc, { readonly packet: Candidate; readonly most: number }[]>();
  /** By branch: packets that may turn it where a map is full. */
  private readonly fills = new Map<Pc, Candidate[]>();

  constructor(set: PacketSet) {
    this.set = set;
  }

  *run(): Work<void> {
    for (const candidate of this.templates) yield* this.set.add(candidate);
    for (let rows = 0; rows <= MOST_ROWS && this.missing > 0; rows++) {
      // What is left behind by a row is there for all.
      this.tries.clear();
      yield* this.rounds();
      const brought = (yield* this.deepen()) || (yield* this.addRows()) || (yield* this.addFills());
      if (!brought) return;
    }
  }

  private get missing(): number {
    return this.set.ways.missing.length;
  }

  private *rounds(): Work<void> {
    for (let round = 0; round < MOST_ROUNDS && this.missing > 0; round++) {
      const before = this.missing;
      yield* this.round([...this.set.kept, ...this.templates]);
      if (this.missing === before) return;
    }
  }

  /** From each packet on; then each once more, since maps have been changed. */
  private *round(packets: readonly Candidate[]): Work<void> {
    const { set } = this;
    for (const [i, from] of packets.entries()) {
      if (this.missing === 0) return;
      yield { what: 'looking for packets', done: i, total: packets.length };
      const { turns, slots } = yield* turnsOf(set, from, (pc) => this.isWorthIt(pc));
      for (const { pc, reason, isOpen, candidates, row, fills } of turns) {
        this.reasons.set(pc, reason);
        if (isOpen) this.closed.delete(pc);
        else this.closed.add(pc);
        if (row > 0) this.noteRow(pc, from, row);
        for (const fill of fills) this.noteFill(pc, from, fill);
        if (!(yield* this.addOne(candidates))) this.tries.set(pc, (this.tries.get(pc) ?? 0) + 1);
      }
      for (const candidate of slots) yield* set.add(candidate);
    }
    for (const packet of packets) yield* set.add({ ...packet, name: `${packet.name}, again` });
  }

  /**
   * From packets that come to a branch in another way than those of the set. Answers whether that
   * brought anything.
   */
  private *deepen(): Work<boolean> {
    const before = this.missing;
    const { ways } = this.set;
    const open = ways.missing.filter((way) => ways.has(otherWay(way)) && !this.closed.has(way.pc));
    if (open.length === 0) return false;
    const others = yield* this.partedTo(new Set(open.map(({ pc }) => pc)));
    this.tries.clear();
    yield* this.round(others);
    return this.missing < before;
  }

  /**
   * Packets that come to one of some branches, each by another way: those of the set parted at each
   * of their branches, then what that made.
   */
  private *partedTo(open: ReadonlySet<Pc>): Work<Candidate[]> {
    // The latest first: they come furthest.
    const waiting = differing(this.set.kept).reverse();
    const paths = new Set<string>();
    const others: Candidate[] = [];
    const most = Math.min(MOST_PARTED, MOST_PARTED_EVER - this.parted);
    for (let done = 0; done < Math.min(waiting.length, most); done++) {
      this.parted += 1;
      yield { what: 'looking for other ways to a branch', done, total: waiting.length };
      for (const variant of yield* variantsOf(this.set, waiting[done])) {
        const ways = yield* this.set.waysOf(variant);
        const path = ways.map(keyOfWay).sort().join();
        if (paths.has(path)) continue;
        paths.add(path);
        waiting.push(variant);
        if (ways.some(({ pc }) => open.has(pc))) others.push(variant);
      }
    }
    return others;
  }

  private noteRow(pc: Pc, packet: Candidate, most: number): void {
    const known = this.rows.get(pc) ?? [];
    this.rows.set(pc, known);
    if (known.length < MOST_OF_ROW) known.push({ packet, most });
  }

  /** Packets many times in a row; answers whether that brought anything. */
  private *addRows(): Work<boolean> {
    let brought = false;
    for (const [pc, rows] of this.rows)
      for (const { packet, most } of rows) {
        if (!this.goesOneWay(pc)) break;
        const name = `${packet.name}, in a row`;
        if (yield* this.set.addRow({ ...packet, name }, most)) brought = true;
      }
    this.rows.clear();
    return brought;
  }

  private noteFill(pc: Pc, from: Candidate, { map, without }: Fill): void {
    const known = this.fills.get(pc) ?? [];
    this.fills.set(pc, known);
    const entries = without ? withChange(from.entries, without) : from.entries;
    const name = `${from.name}, ${map} is full`;
    if (known.length < MOST_OF_FILL) known.push({ ...from, name, entries, fill: map });
  }

  /**
   * Packets that find a map full; answers whether that brought anything. After all else, since the
   * map stays full.
   */
  private *addFills(): Work<boolean> {
    let brought = false;
    for (const [pc, packets] of this.fills)
      for (const [i, packet] of packets.entries()) {
        if (!this.goesOneWay(pc)) break;
        yield { what: `filling map ${packet.fill}`, done: i, total: packets.length };
        if (yield* this.set.add(packet)) brought = true;
      }
    this.fills.clear();
    return brought;
  }

  /** Whether it goes only one way so far. */
  private goesOneWay(pc: Pc): boolean {
    const { ways } = this.set;
    return !(ways.has({ pc, taken: true }) && ways.has({ pc, taken: false }));
  }

  private *addOne(candidates: readonly Candidate[]): Work<boolean> {
    for (const candidate of candidates) if (yield* this.set.add(candidate)) return true;
    return false;
  }

  private isWorthIt(pc: Pc): boolean {
    return (this.tries.get(pc) ?? 0) < MOST_TRIES;
  }

  /** Where no packet comes there any more, as the first one found it that did. */
  *reasonFor(way: JumpWay): Work<string> {
    const taker = this.set.takerOf(otherWay(way));
    if (taker === undefined) return 'no packet comes here';
    const known = this.reasons.get(way.pc);
    if (known !== undefined) return known;
    const session = yield* this.set.inPlace(taker);
    return (session && (yield* reasonAt(session, way.pc))) ?? 'no other packet comes here';
  }
}

/** Packets with the same bytes once. */
const differing = (packets: readonly Candidate[]): Candidate[] => [
  ...new Map(packets.map((packet) => [toHex(packet.bytes), packet])).values(),
];

function missingWay({ code }: Machine, way: JumpWay, why: string): MissingWay {
  const instruction = code.instructions[way.pc];
  const line = lineAt(code, way.pc);
  return {
    ...way,
    text: instruction?.row ? disassemble(instruction) : '',
    ...(line && { line: { file: line.file, line: line.line, text: line.text.trim() } }),
    why,
  };
}
