/** A chain, and each change of one, in the words that QEMU is told it in. */
import {
  filterLine,
  filterObjectAdd,
  filterObjectDel,
  filterPropertySet,
  optionWord,
  type ToldFilter,
} from '../view/qemu.ts';
import { chainFilter } from './chain.ts';
import { withStep } from './changes.ts';
import type { ChainFilter, ChainObject, ChainStep, FilterPosition, NetChain } from './types.ts';

/** A chain whose objects are there. */
export interface WholeChain {
  readonly chain: NetChain;
  readonly objects: readonly ChainObject[];
}

const toldOf = (
  { chain, objects }: WholeChain,
  filter: ChainFilter,
  at?: FilterPosition,
): ToldFilter => ({
  filter,
  netdev: chain.netdev.id,
  handler: filter.object === undefined ? undefined : objects[filter.object].name,
  ...(at && { at }),
});

/** Options of a command line that give a guest this netdev and chain, one a line. */
export function qemuLines(whole: WholeChain): string[] {
  const { netdev, device, chardevs, filters } = whole.chain;
  return [
    `-netdev ${optionWord(netdev.options)}`,
    ...(device === undefined ? [] : [`-device ${optionWord(device)}`]),
    ...chardevs.map(({ options }) => `-chardev ${optionWord(options)}`),
    ...filters.map((filter) => filterLine(toldOf(whole, filter))),
  ];
}

/** QMP commands that put the whole chain into a guest whose netdev has no filters yet. */
export const qmpOfChain = (whole: WholeChain): string[] =>
  whole.chain.filters.map((filter) => filterObjectAdd(toldOf(whole, filter)));

/** QMP commands of a change; `before`: the chain in front of it, with the objects of both. */
export function qmpOfSteps(before: WholeChain, steps: readonly ChainStep[]): string[] {
  let { filters } = before.chain;
  return steps.map((step) => {
    const there = filters;
    filters = withStep(filters, step);
    if (step.kind === 'remove') return filterObjectDel(step.id);
    if (step.kind === 'add') return filterObjectAdd(toldOf(before, step.filter, step));
    return filterPropertySet(chainFilter(there, step.id), step.property, step.value);
  });
}
