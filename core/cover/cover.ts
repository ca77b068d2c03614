import { disassemble } from '../asm/disassemble.ts';
import type { Machine } from '../machine/machine.ts';
import type { LoadedObject } from '../object/types.ts';
import { templatePacket } from '../packet/template-packet.ts';
import { lineAt } from '../program/lines.ts';
import type { Work } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { PACKET_TEMPLATES } from '../spec/packet-templates.ts';
import type { Pc } from '../spec/units.ts';
import { type Candidate, PacketSet } from './set.ts';
import { turnsOf } from './turn.ts';
import { type JumpWay, otherWay } from './ways.ts';

/** Rounds over all of the set. */
const MOST_ROUNDS = 16;
/** Packets that are looked at in vain for one branch. */
const MOST_TRIES = 6;

/** A way that no packet of the set takes. */
export interface MissingWay extends JumpWay {
  readonly text: string;
  readonly line?: { readonly file: string; readonly line: number; readonly text: string };
  readonly why: string;
}

export interface CoverResult {
  /** Those that were there, then those that were made; each runs behind all in front of it. */
  readonly packets: readonly Candidate[];
  /** How many of them were there. */
  readonly given: number;
  /** Ways out of conditional jumps: all, those taken by the packets given, and by all. */
  readonly ways: number;
  readonly before: number;
  readonly after: number;
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
  const set = new PacketSet(inputs, linear, object);
  const given = inputs.packets;
  for (const { name, bytes } of given) yield* set.add({ name, bytes, entries: [] }, true);
  const before = set.ways.all.length - set.ways.missing.length;
  const search = new Search(set);
  yield* search.run();
  return {
    packets: set.kept,
    given: given.length,
    ways: set.ways.all.length,
    before,
    after: set.ways.all.length - set.ways.missing.length,
    missing: set.ways.missing.map((way) => missingWay(set.machine, way, search.reasonFor(way))),
  };
}

class Search {
  private readonly set: PacketSet;
  private readonly reasons = new Map<Pc, string>();
  private readonly tries = new Map<Pc, number>();

  constructor(set: PacketSet) {
    this.set = set;
  }

  *run(): Work<void> {
    const { set } = this;
    const templates = usual();
    for (const candidate of templates) yield* set.add(candidate);
    for (let round = 0; round < MOST_ROUNDS && set.ways.missing.length > 0; round++) {
      const before = set.ways.missing.length;
      yield* this.round([...set.kept, ...templates]);
      if (set.ways.missing.length === before) return;
    }
  }

  /** From each packet on; then each once more, since maps have been changed. */
  private *round(packets: readonly Candidate[]): Work<void> {
    const { set } = this;
    for (const [i, from] of packets.entries()) {
      if (set.ways.missing.length === 0) return;
      yield { what: 'looking for packets', done: i, total: packets.length };
      const turns = yield* turnsOf(set, from, (pc) => this.isWorthIt(pc));
      for (const { pc, reason, candidates } of turns) {
        this.reasons.set(pc, reason);
        if (!(yield* this.addOne(candidates))) this.tries.set(pc, (this.tries.get(pc) ?? 0) + 1);
      }
    }
    for (const packet of packets) yield* set.add({ ...packet, name: `${packet.name}, again` });
  }

  private *addOne(candidates: readonly Candidate[]): Work<boolean> {
    for (const candidate of candidates) if (yield* this.set.add(candidate)) return true;
    return false;
  }

  private isWorthIt(pc: Pc): boolean {
    return (this.tries.get(pc) ?? 0) < MOST_TRIES;
  }

  reasonFor(way: JumpWay): string {
    if (!this.set.ways.has(otherWay(way))) return 'no packet comes here';
    return this.reasons.get(way.pc) ?? 'no packet that was made comes here again';
  }
}

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
