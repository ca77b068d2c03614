import { describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import {
  MOST_NOTE_TEXT,
  MOST_NOTES,
  notesOfFirst,
  notesOfPacket,
  notesSeenFrom,
  withNote,
} from './notes.ts';
import type { Note } from './types.ts';

const note = (packet: number, step: number, text = `${packet}.${step}`): Note => ({
  packet,
  step,
  text,
});
const NOTES = [note(0, 1), note(0, 4), note(2, 0), note(2, 9)];

describe('a note', () => {
  test('is read by packet and step, whenever it was written', () => {
    const written = [NOTES[3], NOTES[0], NOTES[2], NOTES[1]];
    expect(written.reduce<Note[]>(withNote, [])).toEqual(NOTES);
  });

  test('takes the place of the one at its step, and goes where nothing is written', () => {
    expect(withNote(NOTES, note(0, 4, ' other '))[1]).toEqual(note(0, 4, 'other'));
    expect(withNote(NOTES, note(0, 4, ' \n'))).toEqual([NOTES[0], NOTES[2], NOTES[3]]);
  });

  test('is one of so many, and of so many characters', () => {
    const all = Array.from({ length: MOST_NOTES }, (_, step) => note(0, step));
    expect(() => withNote(all, note(1, 0))).toThrow(InputError);
    expect(withNote(all, note(0, 3, 'other'))).toHaveLength(MOST_NOTES);
    expect(withNote([], note(0, 0, 'x'.repeat(MOST_NOTE_TEXT)))).toHaveLength(1);
    expect(() => withNote([], note(0, 0, 'x'.repeat(MOST_NOTE_TEXT + 1)))).toThrow(InputError);
  });
});

describe('where packets go', () => {
  test('a link with one packet has the notes on that', () => {
    expect(notesOfPacket(NOTES, 2)).toEqual([note(0, 0, '2.0'), note(0, 9, '2.9')]);
  });

  test('notes stay on those that are there; without a packet the program runs on none', () => {
    expect(notesOfFirst(NOTES, 2)).toEqual(NOTES.slice(0, 2));
    expect(notesOfFirst(NOTES, 0)).toEqual(NOTES.slice(0, 2));
  });
});

describe('seen from a step', () => {
  test.each([
    ['before all of them', 0, 0, { here: [], after: 0 }],
    ['at one', 0, 1, { here: [0], after: 1 }],
    ['between two', 0, 2, { here: [], before: 0, after: 1 }],
    ['at the last one of a packet', 0, 4, { here: [1], before: 0, after: 2 }],
    ['on a packet without any', 1, 3, { here: [], before: 1, after: 2 }],
    ['at the last one', 2, 9, { here: [3], before: 2 }],
  ])('%s', (_where, packet, step, seen) => {
    expect(notesSeenFrom(NOTES, { packet, step })).toEqual(seen);
  });

  test('a note behind the end of the run stands at the end', () => {
    expect(notesSeenFrom(NOTES, { packet: 2, step: 5 }, 5)).toEqual({ here: [3], before: 2 });
    expect(notesSeenFrom(NOTES, { packet: 2, step: 0 }, 0).here).toEqual([2, 3]);
  });
});
