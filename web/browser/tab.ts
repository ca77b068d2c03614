/**
 * What is this tab's own: a name that lives as long as the tab does, through reloads. A tab that is
 * duplicated has the same name at first, so a tab holds a lock of its name as long as it is there.
 */
const NAME = 'ebpf-playground:tab';
const LOCK = 'ebpf-playground:tab:';

const newName = (): string => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

/** Holds a lock to the end of the page; false where another tab has it. */
const hold = (name: string): Promise<boolean> =>
  new Promise((answer) => {
    navigator.locks
      .request(LOCK + name, { ifAvailable: true }, (lock) => {
        answer(lock !== null);
        return lock && new Promise(() => undefined);
      })
      .catch(() => answer(false));
  });

/**
 * The name to write under, and the one that was written under before the page was loaded: another
 * one, in a tab that is a copy. Throws where the browser keeps nothing for this page.
 */
export async function nameOfTab(): Promise<{ own: string; before: string | undefined }> {
  const before = sessionStorage.getItem(NAME) ?? undefined;
  const isFree = before !== undefined && navigator.locks !== undefined && (await hold(before));
  if (before !== undefined && isFree) return { own: before, before };
  return { own: await renameTab(), before };
}

/** A new name: what was written under the one before is left alone from now on. */
export async function renameTab(): Promise<string> {
  const own = newName();
  sessionStorage.setItem(NAME, own);
  if (navigator.locks) await hold(own);
  return own;
}

/** Names of all tabs that are there, as far as the browser tells. */
export async function tabsThere(): Promise<ReadonlySet<string>> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  const names = held.map(({ name = '' }) => name).filter((name) => name.startsWith(LOCK));
  return new Set(names.map((name) => name.slice(LOCK.length)));
}

const TRIES = 'ebpf-playground:tries';

/** Counts what may bring the page down, over reloads: how often it was begun and not ended. */
export function countTry(): number {
  const tries = Number(sessionStorage.getItem(TRIES) ?? 0) + 1;
  sessionStorage.setItem(TRIES, String(tries));
  return tries;
}

export const endTry = (): void => sessionStorage.removeItem(TRIES);
