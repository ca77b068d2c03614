/**
 * Which registers hold the same value but for a number more: what a jump tells of one of them it
 * tells of the others.
 */
import type { Known } from './values.ts';

/** A value by a name that registers share, and how much more a register holds, modulo 2^64. */
export interface RegisterLink {
  readonly name: string;
  readonly more: number;
}

/** By register; undefined: it has nothing in common with another one. */
export type RegisterLinks = readonly (RegisterLink | undefined)[];

export const NO_LINKS: RegisterLinks = [];

/** Differences that are followed. */
const MOST = 2 ** 40;

/** The name of nothing: what constants are more than. */
const ZERO = '0';

const withLink = (
  links: RegisterLinks,
  register: number,
  link: RegisterLink | undefined,
): (RegisterLink | undefined)[] => {
  const made = links.slice();
  made[register] = link;
  return made;
};

/** By how much more a register is than at a place where it had a link; undefined: not known. */
export function growth(
  before: RegisterLinks,
  behind: RegisterLinks,
  register: number,
): number | undefined {
  const [from, to] = [before[register], behind[register]];
  return from !== undefined && from.name === to?.name ? to.more - from.more : undefined;
}

/** Behind an instruction that gives a register a value that nobody else has. */
export const unlinked = (links: RegisterLinks, register: number): RegisterLinks =>
  links[register] === undefined ? links : withLink(links, register, undefined);

/**
 * Behind a copy; `name`: of the value, where it has none. It is that of the place, so whatever has
 * it from the last time that control was there has it no more.
 */
export function copied(
  links: RegisterLinks,
  from: number,
  to: number,
  name: string,
): RegisterLinks {
  const link = links[from];
  if (link !== undefined) return withLink(links, to, link);
  const others = links.map((other) => (other?.name === name ? undefined : other));
  return withLink(withLink(others, from, { name, more: 0 }), to, { name, more: 0 });
}

/** Behind an addition to a register. */
export function added(links: RegisterLinks, register: number, more: number): RegisterLinks {
  const link = links[register];
  const sum = (link?.more ?? 0) + more;
  const isFollowed = link !== undefined && Math.abs(sum) <= MOST;
  return isFollowed ? withLink(links, register, { ...link, more: sum }) : unlinked(links, register);
}

/** The others that share a value with a register, and how much more they hold. */
export function* linkedTo(
  links: RegisterLinks,
  register: number,
): Iterable<[other: number, more: number]> {
  const link = links[register];
  if (link === undefined) return;
  for (const [other, its] of links.entries())
    if (other !== register && its?.name === link.name) yield [other, its.more - link.more];
}

function linkOf(link: RegisterLink | undefined, value: Known): RegisterLink | undefined {
  const constant = constantOf(value);
  return constant === undefined ? link : { name: ZERO, more: constant };
}

/** Registers by one of the ways that lead to a place. */
export interface LinkedValues {
  readonly links: RegisterLinks;
  readonly registers: readonly Known[];
}

/**
 * Where ways meet at a place: what a register has by all of them stays, but for names of the place
 * itself, which stood for values of the last time. Registers that differ by the same number on
 * every way have a value of the place in common; every other one has one of its own. By a single
 * way it is as it was.
 */
export function metLinks(
  [first, ...others]: readonly LinkedValues[],
  place: string,
): RegisterLinks {
  let met = first;
  for (const other of others)
    met = {
      links: linksOfTwo(met, other, place),
      // Constants alone are asked for.
      registers: met.registers.map((value, i) =>
        constantOf(value) === constantOf(other.registers[i]) ? value : undefined,
      ),
    };
  return met.links;
}

function linksOfTwo(a: LinkedValues, b: LinkedValues, place: string): RegisterLinks {
  const met: RegisterLink[] = [];
  const groups = new Map<string, { readonly first: number; readonly more: number }>();
  for (const [register, value] of a.registers.entries()) {
    const [own, its] = [a.links[register], b.links[register]];
    if (own !== undefined && isSame(own, its) && !own.name.startsWith(`${place}:`)) {
      met[register] = own;
      continue;
    }
    const link = linkOf(own, value);
    const other = linkOf(its, b.registers[register]);
    const key =
      link && other ? `${link.name}|${other.name}|${link.more - other.more}` : `${register}`;
    const group = groups.get(key) ?? { first: register, more: link?.more ?? 0 };
    groups.set(key, group);
    met[register] = { name: `${place}:${group.first}`, more: (link?.more ?? 0) - group.more };
  }
  return met;
}

const constantOf = (value: Known): number | undefined =>
  value?.kind === 'number' && value.low === value.high ? value.low : undefined;

const isSame = (a: RegisterLink | undefined, b: RegisterLink | undefined): boolean =>
  a?.name === b?.name && a?.more === b?.more;

export function isSameLinks(a: RegisterLinks, b: RegisterLinks): boolean {
  const length = Math.max(a.length, b.length);
  for (let register = 0; register < length; register++)
    if (!isSame(a[register], b[register])) return false;
  return true;
}
