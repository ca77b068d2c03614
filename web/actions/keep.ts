/**
 * Keeps the session that is open in the browser's database, a record for each tab, and gives it
 * back when the page is loaded again.
 */
import type { KeptSession } from '../../core/protocol/messages.ts';
import {
  listRecords,
  type RecordHead,
  type RecordParts,
  readRecord,
  removeRecords,
  writeRecord,
} from '../browser/drawer.ts';
import { nameOfTab, renameTab, tabsThere } from '../browser/tab.ts';
import { keptSession } from '../engine/engine.ts';
import { useSession } from '../stores/session.ts';
import { notify } from '../stores/ui.ts';

/** Between two writings: a key that is held down makes many steps. */
const REST_MS = 150;
/** Sessions of tabs that are gone are kept so long, and all of them together so large. */
const DAYS_KEPT = 14;
const MOST_BYTES = 256 * 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;
const PARTS = ['object', 'packets', 'objects'] as const;

/** A session and where it stood, as it was found: nothing in it is checked yet. */
export interface Found {
  readonly kept: KeptSession;
  readonly step: number;
  /** What stood behind `#` in the address while it was written. */
  readonly address: string;
}

/** What was written last, or need not be written. */
interface Written {
  readonly kept: KeptSession | undefined;
  readonly step: number;
}

let name: Promise<{ own: string; before: string | undefined }> | undefined;
let written: Written | undefined;
let writing: Promise<void> | undefined;
/** Ends the rest between two writings: a page that is left has no time for it. */
let endRest: () => void = () => undefined;
let hasFailed = false;

const present = (): Written => ({
  kept: keptSession(),
  step: useSession.getState().snapshot?.step ?? 0,
});

/** What was kept of this tab's session, where there is something. */
export async function findKept(): Promise<Found | undefined> {
  try {
    name = nameOfTab();
    const { before } = await name;
    const record = before === undefined ? undefined : await readRecord(before, PARTS);
    if (record === undefined) return undefined;
    const { description, version, step, address } = record.head as Record<string, unknown>;
    const kept = { description, version, ...record.parts } as unknown as KeptSession;
    return { kept, step: Number(step), address: String(address) };
  } catch {
    // It is said when there is something to keep.
    return undefined;
  }
}

/** What cannot be opened stays where it is, under a name that no tab has. */
export async function putAside(): Promise<void> {
  const own = await renameTab();
  name = Promise.resolve({ own, before: undefined });
}

/**
 * Keeps the session from now on, with each change and step. `isKept`: as it stands now it is
 * written, or can be had again by its address.
 */
export function beginKeeping(isKept: boolean): void {
  if (isKept) written = present();
  useSession.subscribe(() => void keepNow());
  document.addEventListener('visibilitychange', () => {
    endRest();
    void keepNow();
  });
  void keepNow();
  removeOld().catch(() => undefined);
}

/** Writes what is not written yet; the promise is there when it is. */
export function keepNow(): Promise<void> {
  writing ??= writeAll();
  return writing;
}

async function writeAll(): Promise<void> {
  try {
    // One change comes in several parts.
    await Promise.resolve();
    for (let now = present(); isNews(now); now = present()) {
      await write(now.kept!, now.step);
      written = now;
      await new Promise<void>((rest) => {
        endRest = rest;
        setTimeout(rest, REST_MS);
      });
    }
  } catch (error) {
    tellFailure(error);
  } finally {
    writing = undefined;
  }
}

const isNews = ({ kept, step }: Written): boolean =>
  kept !== undefined && (kept !== written?.kept || step !== written?.step);

let partsWritten: Partial<KeptSession> = {};

async function write(kept: KeptSession, step: number): Promise<void> {
  const { own } = await (name ?? Promise.reject(new Error('this tab has no name')));
  const { description, version } = kept;
  const { objects = new Uint8Array() } = kept;
  const size = description.length + kept.object.length + kept.packets.length + objects.length;
  const head: RecordHead = {
    at: Date.now(),
    size,
    description,
    version,
    step,
    address: location.hash,
  };
  const changed = PARTS.filter((part) => partsWritten[part] !== kept[part]);
  const parts: RecordParts = Object.fromEntries(
    changed.map((part) => [part, kept[part] ?? objects]),
  );
  await writeRecord(own, head, parts);
  partsWritten = kept;
}

/** Once: a person who was told needs no reminder with every step. */
function tellFailure(error: unknown): void {
  partsWritten = {};
  if (hasFailed) return;
  hasFailed = true;
  const isFull = error instanceof DOMException && error.name === 'QuotaExceededError';
  notify({
    topic: 'keeping',
    text:
      `The browser ${isFull ? 'has no more room' : 'keeps nothing'} for this page: ` +
      'after a reload this session will be gone.',
    lines: ['Share has a link to it and a snapshot file.'],
  });
}

/** Sessions of tabs that were closed long ago, or have no room beside newer ones. */
async function removeOld(): Promise<void> {
  const there = await tabsThere();
  const own = (await name)?.own;
  const closed = (await listRecords())
    .filter(({ id }) => id !== own && !there.has(id))
    .map(({ id, head }) => ({ id, ...sizeAndTime(head) }))
    .sort((one, other) => other.at - one.at);
  let held = 0;
  const old = closed.filter(({ at, size }) => {
    held += size;
    return Date.now() - at > DAYS_KEPT * DAY_MS || held > MOST_BYTES;
  });
  if (old.length > 0) await removeRecords(old.map(({ id }) => id));
}

function sizeAndTime(head: unknown): { at: number; size: number } {
  const { at, size } = (head ?? {}) as Partial<RecordHead>;
  const isWhole = typeof at === 'number' && typeof size === 'number';
  // What is no record is as old as can be.
  return isWhole ? { at, size } : { at: 0, size: 0 };
}
