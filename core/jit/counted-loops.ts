/** How many rounds loops of a unit have at most, by registers that grow in each of them. */
import type { Pc } from '../spec/units.ts';
import { growth, type LinkedValues } from './register-links.ts';
import type { UnitShape } from './shape.ts';
import type { Known, RegionKey } from './values.ts';

/** As many rounds as a region, where there is one, has bytes, and so many more. */
export interface MostRounds {
  readonly region: RegionKey | undefined;
  readonly more: number;
}

/** By the head of a loop, and by register: how much more it holds in the last round at most. */
export type Growths = ReadonlyMap<Pc, ReadonlyMap<number, number>>;

/** A loop that nothing but the code has a part in, and how many rounds it has at most. */
interface CountedLoop {
  readonly head: Pc;
  readonly rounds: MostRounds;
  /** What each round adds to registers, where that is the same on all ways. */
  readonly growths: ReadonlyMap<number, number>;
}

/** Steps of all rounds together, where their number is known: of more it is asked in each. */
const MOST_STEPS_OF_ROUNDS = 50_000;

/**
 * Loops in which a register grows by every round that has an upper bound at their head, or room:
 * a region is as long at their end as where they began. `before` and `behind`: what is known in
 * front of blocks, and on the ways out of each; `isOfCodeAlone`: of instructions that nothing else
 * has a part in.
 */
export function countedLoops(
  shape: UnitShape,
  before: ReadonlyMap<Pc, LinkedValues>,
  behind: (start: Pc) => Iterable<readonly [to: Pc, behind: LinkedValues]>,
  isOfCodeAlone: (pc: Pc) => boolean,
): CountedLoop[] {
  return [...shape.heads].flatMap((head) => {
    const blocks = loopOf(shape, head);
    const at = before.get(head)!;
    if ([...blocks].some((start) => start !== head && shape.heads.has(start))) return [];
    const pcs = [...blocks].flatMap((start) => shape.blocks.get(start)!.pcs);
    if (!pcs.every(isOfCodeAlone)) return [];
    const backs = [...blocks].flatMap((start) =>
      [...behind(start)].flatMap(([to, state]) => (to === head ? [state] : [])),
    );
    const growths = new Map<number, number>();
    let rounds: MostRounds | undefined;
    for (const [register, value] of at.registers.entries()) {
      const [least, most] = growthIn(at, backs, register);
      if (least === most) growths.set(register, least);
      if (least > 0) rounds = fewer(rounds, roundsBy(value, least, pcs.length));
    }
    return rounds ? [{ head, rounds, growths }] : [];
  });
}

/** By how much a register grows in a round, at least and at most; nothing is known: 0 and more. */
function growthIn(
  at: LinkedValues,
  backs: readonly LinkedValues[],
  register: number,
): [number, number] {
  const all = backs.map(({ links }) => growth(at.links, links, register));
  if (!all.every((more) => more !== undefined)) return [0, Number.POSITIVE_INFINITY];
  return [Math.min(...all), Math.max(...all)];
}

/** Rounds that a register allows which grows by each of them, of so many steps at most. */
function roundsBy(value: Known, growth: number, steps: number): MostRounds | undefined {
  if (value?.kind === 'number') {
    const rounds = Math.floor((value.high - value.low) / growth) + 1;
    if (rounds * steps <= MOST_STEPS_OF_ROUNDS) return { region: undefined, more: rounds };
  }
  const room = value && 'room' in value && value.low >= 0 ? value.room : undefined;
  return room && { region: room.region, more: 1 - room.bytes };
}

/** A number of rounds is better than one that a region's length has a part in. */
function fewer(a: MostRounds | undefined, b: MostRounds | undefined): MostRounds | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.region !== b.region) return a.region === undefined ? a : b;
  return b.more < a.more ? b : a;
}

/** Of loops whose number of rounds is known. */
export function growthsOf(loops: readonly CountedLoop[]): Growths {
  const numbered = loops.filter(({ rounds }) => rounds.region === undefined);
  return new Map(
    numbered.map(({ head, rounds, growths }) => [
      head,
      new Map([...growths].map(([register, more]) => [register, more * (rounds.more - 1)])),
    ]),
  );
}

/** The blocks of the loop of a head. */
function loopOf(shape: UnitShape, head: Pc): Set<Pc> {
  const found = new Set([head]);
  const from = (to: Pc): Pc[] =>
    [...shape.blocks.values()].flatMap(({ start, leadsTo }) =>
      leadsTo.includes(to) && shape.leads(start, to) ? [start] : [],
    );
  const waiting = from(head).filter((start) => shape.goesBack(start, head));
  for (let start = waiting.pop(); start !== undefined; start = waiting.pop()) {
    if (found.has(start)) continue;
    found.add(start);
    waiting.push(...from(start));
  }
  return found;
}
