// What links say has to hold for the numbers that are in the registers.
import { describe, expect, test } from 'vitest';
import { Random } from '../testing/random.ts';
import {
  added,
  copied,
  growth,
  linkedTo,
  metLinks,
  NO_LINKS,
  type RegisterLinks,
  unlinked,
} from './register-links.ts';
import { type Known, numberBetween } from './values.ts';

const REGISTERS = 6;
const ROUNDS = 3000;
const random = new Random(Date.now() % 1_000_000_000);

/** Registers with numbers in them, and what is known of them. */
interface Run {
  readonly numbers: readonly number[];
  readonly links: RegisterLinks;
}

const unknown: readonly Known[] = Array.from({ length: REGISTERS }, () => undefined);

const put = ({ numbers }: Run, register: number, number: number): number[] => {
  const made = numbers.slice();
  made[register] = number;
  return made;
};

/** A few instructions at places of their own, the same for the same numbers drawn. */
function go(run: Run, draw: Random, place: number): Run {
  let now = run;
  for (let at = 0; at < 6; at++) {
    const [to, from] = [draw.below(REGISTERS), draw.below(REGISTERS)];
    const more = draw.below(7) - 3;
    const { links } = now;
    switch (draw.below(3)) {
      case 0:
        if (to !== from)
          now = {
            numbers: put(now, to, now.numbers[from]),
            links: copied(links, from, to, `copy ${place + at}`),
          };
        break;
      case 1:
        now = { numbers: put(now, to, now.numbers[to] + more), links: added(links, to, more) };
        break;
      default:
        now = { numbers: put(now, to, random.below(100)), links: unlinked(links, to) };
    }
  }
  return now;
}

function expectTrue({ numbers, links }: Run): void {
  for (let register = 0; register < REGISTERS; register++)
    for (const [other, more] of linkedTo(links, register))
      expect(numbers[other] - numbers[register]).toBe(more);
}

const begin = (): Run => ({
  numbers: Array.from({ length: REGISTERS }, () => random.below(4)),
  links: NO_LINKS,
});

/** Some are told to be what they are. */
const told = ({ numbers }: Run): Known[] =>
  numbers.map((number) => (random.chance(2) ? numberBetween(number, number) : undefined));

test('registers that are linked differ by as much as is said', () => {
  for (let round = 0; round < ROUNDS; round++) expectTrue(go(begin(), random, 0));
});

test('the same where ways meet, and in every round of a loop', () => {
  for (let round = 0; round < ROUNDS / 10; round++) {
    const seed = random.below(1_000_000);
    const entry = go(begin(), random, 0);
    // What is known at the head, once nothing changes by another round: as an analysis finds it.
    let { links } = entry;
    let rounds = [entry];
    for (let known = true; known; ) {
      const backs = rounds.map((run) => go({ ...run, links }, new Random(seed), 100));
      const met = metLinks(
        [entry, ...backs].map((run) => ({ links: run.links, registers: unknown })),
        'meet 4',
      );
      known = JSON.stringify(met) !== JSON.stringify(links);
      links = met;
      rounds = [entry, ...backs.map(({ numbers }) => ({ numbers, links }))];
    }
    let now: Run = { ...entry, links };
    for (let times = 0; times < 5; times++) {
      expectTrue(now);
      now = { ...go(now, new Random(seed), 100), links };
    }
  }
});

test('by constants, too', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const [a, b] = [go(begin(), random, 0), go(begin(), random, 0)];
    const links = metLinks(
      [a, b].map((run) => ({ links: run.links, registers: told(run) })),
      'meet 9',
    );
    expectTrue({ ...a, links });
    expectTrue({ ...b, links });
  }
});

describe('a copy names a value', () => {
  const one = copied(NO_LINKS, 1, 2, 'copy 1');
  const others = (links: RegisterLinks, register: number) =>
    [...linkedTo(links, register)].map(([other]) => other);
  test('others keep the names they have', () => {
    const two = copied(one, 3, 4, 'copy 2');
    expect([1, 2, 3, 4].map((register) => others(two, register))).toEqual([[2], [1], [4], [3]]);
  });
  test('whatever had its name from the last time that control was there has it no more', () => {
    const again = copied(one, 3, 4, 'copy 1');
    expect([1, 2, 3, 4].map((register) => others(again, register))).toEqual([[], [], [4], [3]]);
  });
});

describe('growth', () => {
  test('of a register by what is added, through copies', () => {
    const nothing = { links: NO_LINKS, registers: unknown };
    const before = metLinks([nothing, nothing], 'meet 1');
    const behind = copied(added(copied(before, 3, 4, 'copy 2'), 4, 5), 4, 3, 'copy 3');
    expect(growth(before, behind, 3)).toBe(5);
    expect(growth(before, behind, 2)).toBe(0);
    expect(growth(before, unlinked(behind, 3), 3)).toBeUndefined();
  });
  test('is not followed beyond what numbers hold', () => {
    const before = copied(NO_LINKS, 1, 2, 'copy 1');
    expect(growth(before, added(before, 2, 2 ** 40), 2)).toBe(2 ** 40);
    expect(growth(before, added(before, 2, 2 ** 40 + 1), 2)).toBeUndefined();
  });
});
