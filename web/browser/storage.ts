/**
 * What the browser remembers of the page's looks. Storage may be full or forbidden: then nothing is
 * remembered.
 */
const PREFIX = 'ebpf-playground:';

export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Private windows and sandboxed frames refuse; the page works without.
  }
}

/**
 * The remembered value where `accepts` says it is one, else `fallback`: storage may hold what an
 * older build wrote.
 */
export function recall<T>(name: string, accepts: (value: unknown) => value is T, fallback: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name);
    const value: unknown = text === null ? undefined : JSON.parse(text);
    return accepts(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

/** A guard for one of a few words. */
export const oneOf =
  <T extends string | number>(...words: readonly T[]) =>
  (value: unknown): value is T =>
    words.includes(value as T);

export const isTrue = (value: unknown): value is boolean => value === true;

/** A guard for a list of such words. */
export const listOf =
  <T extends string>(...words: readonly T[]) =>
  (value: unknown): value is T[] =>
    Array.isArray(value) && value.every(oneOf(...words));
