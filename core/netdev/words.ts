import { baseName } from '../bytes/base-name.ts';
import { swappedBy } from './changes.ts';
import type { ChainObject, ChainStep } from './types.ts';

/** What a change of a chain does, a sentence a filter; objects by their place in the list. */
export function wordsOfSteps(
  steps: readonly ChainStep[],
  objects: readonly ChainObject[],
): string[] {
  const swapped = swappedBy(steps);
  return steps.flatMap((step) => {
    if (step.kind === 'set') return `${step.id}: ${step.property}=${step.value}`;
    if (step.kind === 'remove') return swapped.has(step.id) ? [] : `${step.id} taken out`;
    const { id, object } = step.filter;
    const what = object === undefined ? '' : ` ${baseName(objects[object].name)}`;
    return swapped.has(id)
      ? `${id} swapped:${what || ' made anew'}`
      : `${id} put in:${what || ` ${step.filter.kind}`}`;
  });
}
