import { DEFAULT_SETTINGS } from './defaults.ts';
import type { SessionInputs } from './types.ts';

/** Inputs for an object, everything else as it is when nothing was chosen. */
export const inputsFor = (name: string, bytes: Uint8Array): SessionInputs => ({
  object: { name, bytes },
  sources: [],
  options: [],
  packets: [],
  packet: 0,
  context: [],
  maps: [],
  breakpoints: [],
  step: 0,
  settings: DEFAULT_SETTINGS,
});

/**
 * The inputs that are others than `before`, by identity: what has to be sent to whoever knows
 * `before`. One that is gone is there as undefined.
 */
export function changedInputs(
  before: SessionInputs | undefined,
  now: SessionInputs,
): Partial<SessionInputs> {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(now)]) as Set<
    keyof SessionInputs
  >;
  return Object.fromEntries(
    [...names].filter((name) => before?.[name] !== now[name]).map((name) => [name, now[name]]),
  );
}
