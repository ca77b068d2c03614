/** What makes one chain of another: as QEMU is told it while its guest is running. */
import { isLiveProperty, propertyOf, withFilter, withProperty } from './chain.ts';
import type { ChainFilter, ChainStep, FilterPosition } from './types.ts';

/** What a filter is told, by name, status and queue with the others. */
const told = ({ status, queue, properties }: ChainFilter): [string, string][] => [
  ['status', status],
  ['queue', queue],
  ...properties.map(([name, value]): [string, string] => [name, value]),
];

/** Properties that are others; undefined: the filter has to be made anew for them. */
function liveChanges(before: ChainFilter, after: ChainFilter): [string, string][] | undefined {
  const isSame =
    before.kind === after.kind &&
    before.object === after.object &&
    before.program === after.program;
  if (!isSame) return undefined;
  const was = new Map(told(before));
  const is = new Map(told(after));
  const changed: [string, string][] = [];
  for (const name of new Set([...was.keys(), ...is.keys()])) {
    if (was.get(name) === is.get(name)) continue;
    if (!isLiveProperty(after.kind, name)) return undefined;
    changed.push([name, is.get(name) ?? propertyOf(after, name) ?? '']);
  }
  return changed;
}

/**
 * The steps from one list of filters to another. A filter that stays is left alone, or told what is
 * new of it; one that is another, or stands elsewhere, is taken out and put in anew, since QEMU can
 * neither load another program into a filter nor move one.
 */
export function stepsBetween(
  before: readonly ChainFilter[],
  after: readonly ChainFilter[],
): ChainStep[] {
  const changes = new Map(
    before.map((filter): [string, [string, string][] | undefined] => {
      const now = after.find(({ id }) => id === filter.id);
      return [filter.id, now && liveChanges(filter, now)];
    }),
  );
  const stay = inOrder(
    before.filter(({ id }) => changes.get(id) !== undefined).map(({ id }) => id),
    after.map(({ id }) => id),
  );
  const steps: ChainStep[] = before
    .filter(({ id }) => !stay.has(id))
    .map(({ id }) => ({ kind: 'remove', id }));
  for (const [at, filter] of after.entries()) {
    if (stay.has(filter.id)) {
      const changed = changes.get(filter.id) ?? [];
      for (const [property, value] of changed)
        steps.push({ kind: 'set', id: filter.id, property, value });
    } else steps.push({ kind: 'add', filter, ...positionOf(after, at, stay) });
  }
  return steps;
}

/** The longest part of a list that has its order in another one, too. */
function inOrder(ids: readonly string[], order: readonly string[]): Set<string> {
  const places = ids.map((id) => order.indexOf(id));
  const best: number[][] = [];
  for (const [at, place] of places.entries()) {
    const front = best.slice(0, at).filter((run) => places[run.at(-1)!] < place);
    const longest = front.reduce<number[]>(
      (most, run) => (run.length > most.length ? run : most),
      [],
    );
    best.push([...longest, at]);
  }
  const longest = best.reduce((most, run) => (run.length > most.length ? run : most), []);
  return new Set(longest.map((at) => ids[at]));
}

/** Where a filter goes, said by those that are there when it is put in. */
function positionOf(
  after: readonly ChainFilter[],
  at: number,
  stay: ReadonlySet<string>,
): FilterPosition {
  const behind = after.slice(at + 1).some(({ id }) => stay.has(id));
  if (!behind) return { position: 'tail', insert: 'behind' };
  if (at === 0) return { position: 'head', insert: 'behind' };
  return { position: `id=${after[at - 1].id}`, insert: 'behind' };
}

/** A list behind a step; an InputError where QEMU would refuse it. */
export function withStep(filters: readonly ChainFilter[], step: ChainStep): ChainFilter[] {
  if (step.kind === 'remove') return filters.filter(({ id }) => id !== step.id);
  if (step.kind === 'add') return withFilter(filters, step.filter, step);
  return filters.map((filter) =>
    filter.id === step.id ? withProperty(filter, step.property, step.value) : filter,
  );
}

/** Ids that are taken out and put in again at once: another program, or another place. */
export function swappedBy(steps: readonly ChainStep[]): Set<string> {
  const removed = new Set(steps.flatMap((step) => (step.kind === 'remove' ? [step.id] : [])));
  return new Set(
    steps.flatMap((step) =>
      step.kind === 'add' && removed.has(step.filter.id) ? [step.filter.id] : [],
    ),
  );
}
