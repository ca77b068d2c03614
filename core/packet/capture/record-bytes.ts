import { MAX_PACKET } from '../limits.ts';
import { LARGEST_RECORD } from './capture-file.ts';
import { type CaptureWindow, passOver } from './window.ts';

/** The bytes of a packet whose header says how many they are; what is left out is noted. */
export function* recordBytes(
  file: CaptureWindow,
  number: number,
  size: number,
  notes: string[],
): Generator<number, Uint8Array | 'ended' | 'too large'> {
  const isTooLarge = size > LARGEST_RECORD;
  if (!isTooLarge && file.left < size) yield size;
  const there = isTooLarge ? yield* passOver(file, size) : file.left;
  if (there < size) {
    notes.push(`Packet ${number} says ${size} bytes, the file ends after ${there}: left out.`);
    return 'ended';
  }
  if (!isTooLarge) return file.take(size);
  notes.push(`Packet ${number} has ${size} bytes, at most ${MAX_PACKET} are read: left out.`);
  return 'too large';
}
