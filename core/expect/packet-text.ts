import { fromHex, toHex } from '../bytes/hex.ts';
import { joined } from '../bytes/joined.ts';
import { InputError, placedAt } from '../errors.ts';
import { checkSize } from '../packet/limits.ts';
import { readPacketText } from '../packet/text/text.ts';

/** Bytes of a row, and of the longest packet that is written as one. */
const ROW = 16;

/** A packet as a test file has it: hex, or the lines of a dump. */
export type PacketLines = string | readonly string[];

/** `0010: 0028 0001 0000`: an offset, then nothing but bytes. */
const OWN_ROW = /^([0-9a-f]{4,8}):((?:\s[0-9a-f\s]*)?)$/i;

/**
 * The bytes of a packet. Rows as `writtenPacket` makes them are taken as they stand; any other
 * dump is read as a paste is, and may only be one packet. What was left out of it or made up goes
 * to `note`.
 */
export function packetOfLines(
  written: PacketLines,
  place: string,
  note: (line: string) => void,
): Uint8Array {
  const text = typeof written === 'string' ? written : written.join('\n');
  const hex = typeof written === 'string' ? fromHex(written) : undefined;
  const bytes =
    hex ?? (written === '' ? new Uint8Array() : (ownRows(text) ?? pasted(text, place, note)));
  checkSize(() => place, bytes.length);
  return bytes;
}

/** Undefined where it is another text than these rows, each beginning where the one before ends. */
function ownRows(text: string): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const line of text.split('\n')) {
    const [, offset, digits = ''] = OWN_ROW.exec(line.trim()) ?? [];
    const bytes = fromHex(digits.replace(/\s/g, ''));
    if (bytes === undefined || offset === undefined || Number.parseInt(offset, 16) !== length)
      return undefined;
    parts.push(bytes);
    length += bytes.length;
  }
  return joined(parts);
}

function pasted(text: string, place: string, note: (line: string) => void): Uint8Array {
  const { packets, notes } = placedAt(place, () => readPacketText(text));
  const [packet] = packets;
  if (packet === undefined || packets.length > 1)
    throw new InputError(place, `is ${packets.length} packets, each stands for itself`);
  for (const line of notes) note(`${place}: ${line}`);
  return packet.bytes;
}

/** Rows of 16 bytes, in groups of two as xxd has them; of few bytes just their hex. */
export function writtenPacket(bytes: Uint8Array): PacketLines {
  if (bytes.length <= ROW) return toHex(bytes);
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += ROW) {
    const groups = toHex(bytes.subarray(at, at + ROW)).replace(/....(?!$)/g, '$& ');
    rows.push(`${at.toString(16).padStart(4, '0')}: ${groups}`);
  }
  return rows;
}
