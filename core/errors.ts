/**
 * The three kinds of going wrong, never mixed (ARCHITECTURE.md, laws): the user's input
 * (InputError, with a place), the guest program (a Fault value, see machine/fault.ts), and our own
 * mistake (Bug, which reaches the error boundary).
 */

/** Input that cannot be used. `place` says where: `.maps+0x40`, `packet 3, byte 14`, `line 7`. */
export class InputError extends Error {
  readonly place: string;
  readonly reason: string;
  constructor(place: string, reason: string) {
    super(place === '' ? reason : `${place}: ${reason}`);
    this.name = 'InputError';
    this.place = place;
    this.reason = reason;
  }
}

/** A broken promise of our own code: never the user's fault. */
export class Bug extends Error {
  constructor(what: string) {
    super(`${what} (a bug in the playground: please report it)`);
    this.name = 'Bug';
  }
}

/** What is done at a place that an InputError of it is to name first. */
export function placedAt<T>(place: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof InputError) throw new InputError(place, error.message);
    throw error;
  }
}

/** What our own code has put there, as the line before shows: a Bug where it is missing. */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Bug(`${what} is missing`);
  return value;
}

/** A place inside a section, as errors name it: `.maps+0x40`. */
export const at = (section: string, offset: number): string =>
  `${section}+0x${offset.toString(16)}`;

/** Closes a switch over a union: a forgotten case does not build. */
export function unreachable(value: never): never {
  throw new Bug(`unexpected ${String(value)}`);
}
