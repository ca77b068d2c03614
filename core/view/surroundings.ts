import type { SetUpPart } from '../protocol/messages.ts';
import { HELPER_EFFECTS, type Surrounding } from '../spec/helper-effects.ts';
import { type BuiltHelperName, HELPERS } from '../spec/helpers.ts';
import type { HookName } from '../spec/program-types.ts';

/** What a helper needs beside what it asks for: a reader of its records, packets behind this. */
const ALSO: Readonly<Partial<Record<BuiltHelperName, SetUpPart['surroundings'][number]>>> = {
  perf_event_output: 'perfReader',
  timer_start: 'gap',
};

const named = (asked: Surrounding): SetUpPart['surroundings'][number] =>
  asked === 'socket' ? 'sockets' : asked;

/**
 * What of its surroundings a program of this hook can see: all that some helper asks for which it
 * may call. filter-ubpf's own helpers ask for nothing.
 */
export function surroundingsOf(hook: HookName): SetUpPart['surroundings'] {
  const seen = new Set<SetUpPart['surroundings'][number]>();
  for (const { name, hooks, doc } of HELPERS) {
    if (doc === undefined || !hooks.includes(hook)) continue;
    const built = name as BuiltHelperName;
    for (const asked of HELPER_EFFECTS[built].asks ?? []) seen.add(named(asked));
    const also = ALSO[built];
    if (also) seen.add(also);
  }
  return [...seen];
}
