/** What a person changes of a chain. */
import { InputError, unreachable } from '../errors.ts';
import { type FilterKind, filterKind, MOST_FILTERS } from '../spec/net-filters.ts';
import { chainFilter, propertyOf, withFilter, withProperty } from './chain.ts';
import { directionBy } from './direction.ts';
import { checkGenerator } from './generator.ts';
import type { WholeChain } from './qemu-text.ts';
import type { ChainFilter, ChainObject, ChainTraffic, NetChain } from './types.ts';

/** A program: of the object that is open, or of a file. */
export type ProgramFile = 'open' | ChainObject;

export type ChainChange =
  /** Goes to the tail of the list. */
  | { readonly kind: 'add'; readonly filter: FilterKind; readonly object?: ProgramFile }
  | { readonly kind: 'remove'; readonly id: string }
  /** To a place in the list, from 0 on. */
  | { readonly kind: 'move'; readonly id: string; readonly to: number }
  /** Another program in the place of the one that runs. */
  | { readonly kind: 'swap'; readonly id: string; readonly object: ProgramFile }
  /** Of the object that it runs already. */
  | { readonly kind: 'program'; readonly id: string; readonly program: string }
  /** status, queue, or a property of its kind. */
  | {
      readonly kind: 'set';
      readonly id: string;
      readonly property: string;
      readonly value: string;
    }
  | { readonly kind: 'traffic'; readonly traffic: ChainTraffic };

/** What a change is called behind `Undo: `. */
export function nameOfChainChange(change: ChainChange): string {
  switch (change.kind) {
    case 'add':
      return `${change.filter} added`;
    case 'remove':
      return `removal of filter ${change.id}`;
    case 'move':
      return `filter ${change.id} moved to place ${change.to + 1}`;
    case 'swap':
      return `swap of filter ${change.id}`;
    case 'program':
      return `program ${change.program} of filter ${change.id}`;
    case 'set':
      return `${change.property} of filter ${change.id}`;
    case 'traffic':
      return 'change of the traffic';
    default:
      return unreachable(change);
  }
}

/** What an id begins with that is made up. */
const ID_OF: Readonly<Record<FilterKind, string>> = {
  'filter-ubpf': 'f',
  'filter-dump': 'dump',
  'filter-buffer': 'buffer',
  'filter-mirror': 'mirror',
  'filter-redirector': 'redirect',
};

/** What a new filter is told that QEMU would not take without. */
const TOLD: Readonly<Record<FilterKind, (id: string) => ChainFilter['properties']>> = {
  'filter-ubpf': () => [],
  'filter-dump': (id) => [['file', `${id}.pcap`]],
  'filter-buffer': () => [['interval', '1000']],
  'filter-mirror': (id) => [['outdev', `${id}-out`]],
  'filter-redirector': (id) => [['outdev', `${id}-out`]],
};

/**
 * A chain behind a change, `open`: the object that is open in the session. An InputError says why
 * QEMU would refuse it.
 */
export function changedChain(
  { chain, objects }: WholeChain,
  change: ChainChange,
  open: ChainObject,
): WholeChain {
  const { filters } = chain;
  const list = [...objects];
  /** Place of an object in the list, where it is put unless it is there. */
  const placeOf = (file: ProgramFile): number => {
    const wanted = file === 'open' ? open : file;
    const known = list.findIndex(({ bytes }) => bytes === wanted.bytes);
    return known >= 0 ? known : list.push({ name: wanted.name, bytes: wanted.bytes }) - 1;
  };
  const with_ = (id: string, changed: (filter: ChainFilter) => ChainFilter): ChainFilter[] => {
    chainFilter(filters, id);
    return filters.map((filter) => (filter.id === id ? changed(filter) : filter));
  };
  const made = (now: readonly ChainFilter[]): WholeChain =>
    tidied({ chain: withDevices({ ...chain, filters: now }), objects: list });
  switch (change.kind) {
    case 'add': {
      const id = freeId(filters, ID_OF[change.filter]);
      const filter: ChainFilter = {
        id,
        kind: change.filter,
        queue: 'all',
        status: 'on',
        ...(change.object && { object: placeOf(change.object) }),
        properties: TOLD[change.filter](id),
      };
      return made(withFilter(filters, filter));
    }
    case 'remove':
      chainFilter(filters, change.id);
      return made(filters.filter(({ id }) => id !== change.id));
    case 'move': {
      const filter = chainFilter(filters, change.id);
      const to = Math.max(0, Math.min(filters.length - 1, Math.trunc(change.to)));
      return made(filters.filter((other) => other !== filter).toSpliced(to, 0, filter));
    }
    case 'swap': {
      const object = placeOf(change.object);
      return made(with_(change.id, ({ program: _program, ...filter }) => ({ ...filter, object })));
    }
    case 'program':
      return made(with_(change.id, (filter) => ({ ...filter, program: change.program })));
    case 'set':
      return made(
        with_(change.id, (filter) => withProperty(filter, change.property, change.value.trim())),
      );
    case 'traffic':
      directionBy(change.traffic.direction);
      checkGenerator(change.traffic.generator);
      return { chain: { ...chain, traffic: change.traffic }, objects };
    default:
      return unreachable(change);
  }
}

function freeId(filters: readonly ChainFilter[], start: string): string {
  for (let number = 1; number <= MOST_FILTERS + 1; number++) {
    const id = `${start}${number}`;
    if (!filters.some((filter) => filter.id === id)) return id;
  }
  throw new InputError('filter', `a chain has ${MOST_FILTERS} filters at most here`);
}

/** Filters name character devices: those that are not there yet are added, unused ones go. */
function withDevices(chain: NetChain): NetChain {
  const named = new Set(
    chain.filters.flatMap((filter) =>
      ['indev', 'outdev'].flatMap((name) =>
        filterKind(filter.kind).properties.some((property) => property.name === name)
          ? (propertyOf(filter, name) ?? [])
          : [],
      ),
    ),
  );
  const there = chain.chardevs.filter(({ id }) => named.has(id));
  const missing = [...named].filter((id) => !there.some((device) => device.id === id));
  return {
    ...chain,
    chardevs: [
      ...there,
      ...missing.map((id) => ({
        id,
        options: `socket,id=${id},path=${id}.sock,server=on,wait=off`,
      })),
    ],
  };
}

/** Objects that no filter runs any more are none of the chain. */
function tidied({ chain, objects }: WholeChain): WholeChain {
  const used = objects.flatMap((_, place) =>
    chain.filters.some(({ object }) => object === place) ? [place] : [],
  );
  const filters = chain.filters.map((filter) =>
    filter.object === undefined ? filter : { ...filter, object: used.indexOf(filter.object) },
  );
  return { chain: { ...chain, filters }, objects: used.map((place) => objects[place]) };
}
