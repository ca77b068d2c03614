import { isEqualBytes } from '../bytes/equal.ts';
import { visible } from '../bytes/visible.ts';
import { InputError } from '../errors.ts';
import { MAX_PACKETS } from '../packet/limits.ts';
import { byPlace } from './notes.ts';
import type { Expectation, SessionInputs } from './types.ts';

/** Characters of a packet's name. */
const MAX_NAME = 200;

/** Stands for a packet that was not there before. */
const NEW = -1;

/** What of a session speaks of packets by their numbers. */
type Arranged = Pick<SessionInputs, 'packets' | 'packet' | 'edits' | 'notes' | 'expectations'>;

/** Packets of a session in another order: `order` has their numbers as they are now. */
const arranged = (inputs: SessionInputs, order: readonly number[], packet: number): Arranged => ({
  packets: order.map((index) => inputs.packets[index]),
  packet,
  ...arrangedPlaces(inputs, order),
});

/**
 * What was changed in the middle of a packet's run, its notes, and what it is expected to come to
 * stay with it and go with it.
 */
const arrangedPlaces = (
  { edits = [], notes, expectations }: SessionInputs,
  order: readonly number[],
): Omit<Arranged, 'packets' | 'packet'> => ({
  edits: inOrder(edits, order),
  ...(notes && { notes: inOrder(notes, order).sort(byPlace) }),
  ...(expectations && { expectations: inOrder(expectations, order).sort(byPacket) }),
});

const inOrder = <Placed extends { readonly packet: number }>(
  all: readonly Placed[],
  order: readonly number[],
): Placed[] =>
  all.flatMap((one) => {
    const now = order.indexOf(one.packet);
    return now < 0 ? [] : [{ ...one, packet: now }];
  });

const byPacket = (one: Expectation, other: Expectation): number => one.packet - other.packet;

const numbersOf = ({ packets }: SessionInputs): number[] => packets.map((_, index) => index);

/** The session without one of its packets; of those after it, the next is selected. */
export function withoutPacket(inputs: SessionInputs, index: number): Arranged {
  const order = numbersOf(inputs).filter((other) => other !== index);
  const isBefore = index < inputs.packet;
  return arranged(
    inputs,
    order,
    Math.max(0, Math.min(inputs.packet - (isBefore ? 1 : 0), order.length - 1)),
  );
}

/** One packet at another place; the selected one stays selected. */
export function withPacketAt(inputs: SessionInputs, index: number, to: number): Arranged {
  if (to < 0 || to >= inputs.packets.length)
    throw new InputError(`packet ${to + 1}`, `is no place, there are ${inputs.packets.length}`);
  const order = numbersOf(inputs).filter((other) => other !== index);
  order.splice(to, 0, index);
  return arranged(inputs, order, order.indexOf(inputs.packet));
}

/** A packet more, right behind the one it was made from; it is selected. */
export function withPacketBehind(
  inputs: SessionInputs,
  index: number,
  packet: SessionInputs['packets'][number],
): Arranged {
  const { packets } = inputs;
  if (packets.length >= MAX_PACKETS)
    throw new InputError('packets', `there are ${MAX_PACKETS}, the most there may be`);
  const at = Math.min(index + 1, packets.length);
  return {
    packets: packets.toSpliced(at, 0, packet),
    packet: at,
    ...arrangedPlaces(inputs, numbersOf(inputs).toSpliced(at, 0, NEW)),
  };
}

/** A packet under another name; an InputError where there is none, or it is too long. */
export function withPacketName(
  { packets }: SessionInputs,
  index: number,
  text: string,
): Pick<SessionInputs, 'packets'> {
  const name = visible(text.trim());
  if (name === '') throw new InputError(`packet ${index + 1}`, 'needs a name');
  if (name.length > MAX_NAME)
    throw new InputError(
      `packet ${index + 1}`,
      `a name has up to ${MAX_NAME} characters, not ${name.length}`,
    );
  return { packets: packets.map((packet, i) => (i === index ? { ...packet, name } : packet)) };
}

const EDITED = ', edited';

/**
 * The selected packet with other bytes. Its name says so: what it told of the old bytes may be
 * wrong now.
 */
export function withPacketBytes(
  { packets, packet }: SessionInputs,
  bytes: Uint8Array,
): Pick<SessionInputs, 'packets'> {
  if (packets.length === 0) return { packets: [{ name: 'packet', bytes }] };
  const { name, bytes: before, time, handed } = packets[packet];
  if (isEqualBytes(before, bytes)) return { packets };
  const isSaid = name.endsWith(EDITED);
  const edited = {
    name: isSaid ? name : `${name}${EDITED}`,
    bytes,
    ...(time !== undefined && { time }),
    ...(handed && { handed }),
  };
  return { packets: packets.map((entry, i) => (i === packet ? edited : entry)) };
}
