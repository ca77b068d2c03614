import { InputError, unreachable } from '../errors.ts';
import { buildPacket } from '../packet/build.ts';
import { editField, fixChecksums } from '../packet/edit.ts';
import { MAX_PACKET } from '../packet/limits.ts';
import { templatePacket } from '../packet/template-packet.ts';
import type { Wish } from '../protocol/messages.ts';
import {
  withoutPacket,
  withPacketAt,
  withPacketBehind,
  withPacketBytes,
  withPacketName,
} from '../session/arrange-packets.ts';
import type { Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { PACKET_TEMPLATES } from '../spec/packet-templates.ts';
import { linkTypeOf } from '../view/packet-table.ts';

type PacketWishType =
  | 'remove-packet'
  | 'move-packet'
  | 'rename-packet'
  | 'duplicate-packet'
  | 'add-template'
  | 'build-packet'
  | 'edit-packet'
  | 'resize-packet'
  | 'edit-field'
  | 'fix-checksums';
/** Wishes that change which packets a session has, or the bytes of the selected one. */
export type PacketWish = Extract<Wish, { type: PacketWishType }>;

/** What a wish makes of the packets; an InputError says why it cannot. */
export function packetChange(session: Session, wish: PacketWish): Partial<SessionInputs> {
  const { inputs, frame } = session;
  const link = linkTypeOf(session);
  switch (wish.type) {
    case 'remove-packet':
      return withoutPacket(inputs, existingPacket(inputs, wish.index));
    case 'move-packet':
      return withPacketAt(inputs, existingPacket(inputs, wish.index), wish.to);
    case 'rename-packet':
      return withPacketName(inputs, existingPacket(inputs, wish.index), wish.name);
    case 'duplicate-packet':
      return duplicate(inputs, wish);
    case 'add-template':
      return withPacketBehind(inputs, inputs.packet, packetOfTemplate(wish.name));
    case 'build-packet':
      return withPacketBytes(inputs, buildPacket(frame, wish.stack, wish.settle, link));
    case 'edit-packet':
      return withPacketBytes(inputs, overwritten(frame, wish.offset, wish.bytes));
    case 'resize-packet':
      return withPacketBytes(inputs, resized(frame, wish.length));
    case 'edit-field':
      return withPacketBytes(
        inputs,
        editField(frame, wish.name, wish.offset, wish.text, wish.fixChecksums, link),
      );
    case 'fix-checksums':
      return withPacketBytes(inputs, fixChecksums(frame, link));
    default:
      return unreachable(wish);
  }
}

/** The index of a packet that is there. */
export function existingPacket({ packets }: SessionInputs, index: number): number {
  if (packets[index] === undefined)
    throw new InputError(`packet ${index}`, `does not exist, there are ${packets.length}`);
  return index;
}

function duplicate(
  inputs: SessionInputs,
  { index, change }: Extract<PacketWish, { type: 'duplicate-packet' }>,
): Partial<SessionInputs> {
  const { name, bytes, handed } = inputs.packets[existingPacket(inputs, index)];
  const changed = change?.length === undefined ? bytes.slice() : resized(bytes, change.length);
  const made = change?.bytes ? overwritten(changed, change.offset, change.bytes) : changed;
  return withPacketBehind(inputs, index, {
    name: change?.name ?? `${name}, copy`,
    bytes: made,
    ...(handed && { handed }),
  });
}

function packetOfTemplate(wanted: string): SessionInputs['packets'][number] {
  const template = PACKET_TEMPLATES.find(({ name }) => name === wanted);
  if (template === undefined) throw new InputError('template', `"${wanted}" is not one`);
  return { name: template.name, bytes: templatePacket(template) };
}

function overwritten(frame: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array {
  if (!Number.isInteger(offset) || offset < 0 || offset + bytes.length > frame.length)
    throw new InputError(
      `packet+${offset}`,
      `${bytes.length} bytes do not fit, the packet has ${frame.length}`,
    );
  const edited = frame.slice();
  edited.set(bytes, offset);
  return edited;
}

function resized(frame: Uint8Array, length: number): Uint8Array {
  if (!Number.isInteger(length) || length < 0 || length > MAX_PACKET)
    throw new InputError('packet length', `${length} is not a length from 0 to ${MAX_PACKET}`);
  const bytes = new Uint8Array(length);
  bytes.set(frame.subarray(0, length));
  return bytes;
}
