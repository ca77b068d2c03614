import type { SessionInputs } from '../session/types.ts';

/** Changes that can be taken back, and the bytes that they may hold beside the session itself. */
const MOST_CHANGES = 100;
const MOST_BYTES = 64 * 1024 * 1024;

/** What a session is made of at one time, with its step, and what is said of its packets. */
export interface Standing {
  readonly inputs: SessionInputs;
  readonly packetNotes: readonly string[];
}

interface Change {
  /** `edit of ip.dst` */
  readonly name: string;
  /** What its undo goes back to; of one that was undone, what its redo goes on to. */
  readonly other: Standing;
  /** That `other` holds and its neighbour does not. */
  readonly bytes: number;
}

/**
 * Changes of a session that can be undone and redone. Each holds the inputs on its other side:
 * inputs are never changed in place, so neighbours share what is the same in both.
 */
export class UndoList {
  /** Both end with what comes next. */
  private done: Change[] = [];
  private undone: Change[] = [];
  private hasForgotten = false;

  /** What undo would take back, and redo would make again. */
  get names(): { undo?: string; redo?: string } {
    const undo = this.done.at(-1)?.name;
    const redo = this.undone.at(-1)?.name;
    return { ...(undo !== undefined && { undo }), ...(redo !== undefined && { redo }) };
  }

  /** Notes a change that was made; a word the first time that an old one has to go for it. */
  note(name: string, before: Standing, now: SessionInputs): string | undefined {
    this.undone = [];
    const bytes = ownBytes(before.inputs, now);
    this.done.push({ name, other: before, bytes });
    return this.forget();
  }

  private forget(): string | undefined {
    let held = this.done.reduce((sum, change) => sum + change.bytes, 0);
    const most = this.done.length;
    while (this.done.length > MOST_CHANGES || (held > MOST_BYTES && this.done.length > 1))
      held -= this.done.shift()!.bytes;
    if (most === this.done.length || this.hasForgotten) return undefined;
    this.hasForgotten = true;
    const left = this.done.length;
    return `Undo goes ${left} changes back: what was changed before them stays as it is`;
  }

  /** Where undo, or redo, leads. */
  next(way: 'undo' | 'redo'): Standing | undefined {
    return (way === 'undo' ? this.done : this.undone).at(-1)?.other;
  }

  /** That is where the session stands now; `from` is where it stood. */
  move(way: 'undo' | 'redo', from: Standing): void {
    const [left, entered] = way === 'undo' ? [this.done, this.undone] : [this.undone, this.done];
    const { name, bytes } = left.pop()!;
    entered.push({ name, bytes, other: from });
  }
}

/** Inputs that say where a person is, not what the session is made of. */
const PLACE: ReadonlySet<string> = new Set<keyof SessionInputs>(['packet', 'step']);
const FILES: ReadonlySet<string> = new Set<keyof SessionInputs>([
  'object',
  'kernelTypes',
  'chainObjects',
  'hookObjects',
]);

/** Whether two sessions are made of the same, wherever they stand. */
export function isSameSession(one: SessionInputs, other: SessionInputs): boolean {
  const names = [
    ...new Set([...Object.keys(one), ...Object.keys(other)]),
  ] as (keyof SessionInputs)[];
  return names.every((name) => {
    if (PLACE.has(name) || one[name] === other[name]) return true;
    if (FILES.has(name)) return false;
    if (name === 'packets') return arePackets(one.packets, other.packets);
    return JSON.stringify(one[name] ?? []) === JSON.stringify(other[name] ?? []);
  });
}

const arePackets = (one: SessionInputs['packets'], other: SessionInputs['packets']): boolean =>
  one.length === other.length &&
  one.every(
    ({ name, bytes, handed }, i) =>
      name === other[i].name && bytes === other[i].bytes && handed === other[i].handed,
  );

/** Bytes of files and packets that only the one of two sessions has. */
function ownBytes(one: SessionInputs, other: SessionInputs): number {
  const shared = new Set(blobsOf(other));
  return blobsOf(one)
    .filter((blob) => !shared.has(blob))
    .reduce((sum, blob) => sum + blob.length, 0);
}

function blobsOf({
  object,
  packets,
  sources,
  kernelTypes,
  chainObjects = [],
  hookObjects = [],
}: SessionInputs): (Uint8Array | string)[] {
  const types =
    typeof kernelTypes === 'object' && 'bytes' in kernelTypes ? [kernelTypes.bytes] : [];
  return [
    object.bytes,
    ...[...chainObjects, ...hookObjects].map(({ bytes }) => bytes),
    ...packets.map(({ bytes }) => bytes),
    ...sources.map(({ text }) => text),
    ...types,
  ];
}
