import { InputError } from '../errors.ts';
import type { Step } from '../spec/units.ts';
import type { Note } from './types.ts';

/** Notes of a session, and characters of one: a tour, not a book. */
export const MOST_NOTES = 200;
export const MOST_NOTE_TEXT = 4000;

/** Where the notes of a session are, seen from the step that is shown: indexes into them. */
export interface NotesHere {
  /** At this step; those behind the end of the run stand at its end. */
  here: number[];
  /** The nearest ones on either side, in the order in which they are read. */
  before?: number;
  after?: number;
}

/** A step of a packet's run. */
type Place = Pick<Note, 'packet' | 'step'>;

/** The order in which notes are read: by packet, then by step. */
export const byPlace = (one: Place, other: Place): number =>
  one.packet - other.packet || one.step - other.step;

/** The notes with this one in the place of what stood at its step; without text it is gone. */
export function withNote(notes: readonly Note[], { packet, step, text }: Note): Note[] {
  const note = { packet, step, text: text.trim() };
  if (note.text.length > MOST_NOTE_TEXT)
    throw new InputError(
      'note',
      `has ${note.text.length} characters, a note has at most ${MOST_NOTE_TEXT}`,
    );
  const others = notes.filter((other) => byPlace(other, note) !== 0);
  if (note.text === '') return others;
  if (others.length >= MOST_NOTES)
    throw new InputError('note', `there are ${MOST_NOTES} notes, the most there may be`);
  return [...others, note].sort(byPlace);
}

/** The notes of one packet, as where it is the only one. */
export const notesOfPacket = (notes: readonly Note[], index: number): Note[] =>
  notes.filter(({ packet }) => packet === index).map((note) => ({ ...note, packet: 0 }));

/** The notes of packets that are there. */
export const notesOfFirst = (notes: readonly Note[], packets: number): Note[] =>
  notes.filter(({ packet }) => packet < Math.max(1, packets));

/** Where the notes are, seen from a step; `last`: of the run, where it is known. */
export function notesSeenFrom(
  notes: readonly Note[],
  place: Place,
  last: Step = Number.POSITIVE_INFINITY,
): NotesHere {
  const sides = notes.map(({ packet, step }) =>
    byPlace({ packet, step: packet === place.packet ? Math.min(step, last) : step }, place),
  );
  const before = sides.findLastIndex((side) => side < 0);
  const after = sides.findIndex((side) => side > 0);
  return {
    here: sides.flatMap((side, index) => (side === 0 ? [index] : [])),
    ...(before >= 0 && { before }),
    ...(after >= 0 && { after }),
  };
}
