/**
 * A drawer of the browser's database for work that is under way: a record has a small head,
 * written often, and large parts, written when they change. Storage may be full, forbidden or
 * damaged: every promise may be refused, and what is read is whatever stands there.
 */
const DATABASE = 'ebpf-playground';
const HEADS = 'heads';
const PARTS = 'parts';

export interface RecordHead {
  /** When it was written last, ms. */
  readonly at: number;
  /** Bytes of all of it. */
  readonly size: number;
  readonly [name: string]: unknown;
}

export type RecordParts = Readonly<Record<string, Uint8Array>>;

let opened: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(HEADS);
      request.result.createObjectStore(PARTS);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('another tab keeps the database'));
  });
  // Refused now, it may be granted the next time.
  opened.catch(() => {
    opened = undefined;
  });
  return opened;
}

async function within(
  mode: IDBTransactionMode,
  work: (heads: IDBObjectStore, parts: IDBObjectStore) => void,
): Promise<void> {
  const transaction = (await database()).transaction([HEADS, PARTS], mode);
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
    work(transaction.objectStore(HEADS), transaction.objectStore(PARTS));
  });
}

/** Writes the head of a record, and those parts that are given; the others stay as they are. */
export const writeRecord = (id: string, head: RecordHead, changed: RecordParts): Promise<void> =>
  within('readwrite', (heads, parts) => {
    heads.put(head, id);
    for (const [name, bytes] of Object.entries(changed)) parts.put(bytes, [id, name]);
  });

/** A record with the parts of these names, as far as they are there. */
export async function readRecord(
  id: string,
  names: readonly string[],
): Promise<{ head: unknown; parts: Record<string, unknown> } | undefined> {
  let head: IDBRequest | undefined;
  const found: [string, IDBRequest][] = [];
  await within('readonly', (heads, parts) => {
    head = heads.get(id);
    for (const name of names) found.push([name, parts.get([id, name])]);
  });
  if (head?.result === undefined) return undefined;
  const parts = Object.fromEntries(found.map(([name, { result }]) => [name, result as unknown]));
  return { head: head.result, parts };
}

/** The heads of all records. */
export async function listRecords(): Promise<{ id: string; head: unknown }[]> {
  let ids: IDBRequest<IDBValidKey[]> | undefined;
  let all: IDBRequest<unknown[]> | undefined;
  await within('readonly', (heads) => {
    ids = heads.getAllKeys();
    all = heads.getAll();
  });
  return ids!.result.map((id, i) => ({ id: String(id), head: all!.result[i] }));
}

export const removeRecords = (ids: readonly string[]): Promise<void> =>
  within('readwrite', (heads, parts) => {
    for (const id of ids) {
      heads.delete(id);
      parts.delete(IDBKeyRange.bound([id], [id, []]));
    }
  });
