import { InputError } from '../errors.ts';
import { hasArray, readArrays } from './byte-array.ts';
import { frameAround, looksLikeEthernet, packetType } from './frame.ts';
import { isHexDump, readHexDump } from './hex-dump.ts';
import { MAX_TEXT } from './limits.ts';
import { cookedFrame } from './link-types.ts';
import { isPlainHex, readBase64, readPlainHex } from './plain-hex.ts';
import { hasEscapes, readStrings } from './string-literal.ts';
import { blankComments, plural, type ReadBytes } from './text-place.ts';
import type { ReadText } from './types.ts';

/** Packets of pasted text in any hex dialect; an InputError names the line and says what to do. */
export function readPacketText(source: string): ReadText {
  if (source.length > MAX_TEXT)
    throw new InputError(
      'packet text',
      `has ${source.length} characters, at most ${MAX_TEXT} are read: open a capture file instead`,
    );
  const text = source
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[\u00a0\u2007\u202f]/g, ' ');
  if (text.trim() === '')
    throw new InputError('line 1', 'is empty: paste hex bytes, a hex dump, a C array, a string or base64');
  const { dialect, packets, notes } = withFrames(readBytes(text));
  if (packets.every(({ length }) => length === 0)) throw new InputError('line 1', `has no bytes, read as ${dialect}`);
  const named = packets.map((bytes, i) => ({ name: packets.length === 1 ? 'pasted' : `pasted #${i + 1}`, bytes }));
  return { packets: named, dialect, notes };
}

/** Whether text can be read as a packet. */
export function looksLikePacket(text: string): boolean {
  try {
    readPacketText(text);
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** From the most telling signs to the fewest: offsets, escapes, braces, only hex digits, only base64 digits. */
function readBytes(text: string): ReadBytes {
  if (isHexDump(text)) return readHexDump(text);
  if (hasEscapes(text)) return readStrings(text);
  if (isPlainHex(text)) return readPlainHex(text);
  // Base64 may have what looks like comments.
  const base64 = readBase64(text);
  if (base64) return base64;
  const code = blankComments(text);
  return hasArray(code) ? readArrays(code) : readPlainHex(code);
}

/** tcpdump -x and -X leave the Ethernet header out; of other text it is only said where it seems to be missing. */
function withFrames(read: ReadBytes): ReadBytes {
  const bare = read.packets.filter((bytes) => packetType(bytes) !== undefined).length;
  if (!read.dialect.startsWith('tcpdump')) {
    if (bare === 0) return read;
    return {
      ...read,
      notes: [...read.notes, 'Starts with a network header: there is no Ethernet header in front of it.'],
    };
  }
  const option = read.dialect.slice(-1);
  if (bare === 0) return withoutCooked({ ...read, dialect: `tcpdump -${option}${option}` });
  const note = `Ethernet header made up for ${plural(bare, 'packet')}: tcpdump -${option} does not show it.`;
  return { ...read, packets: read.packets.map((bytes) => frameAround(bytes) ?? bytes), notes: [...read.notes, note] };
}

/** Captured on all interfaces, frames have a cooked header in place of Ethernet's. */
function withoutCooked(read: ReadBytes): ReadBytes {
  const packets = read.packets.map((bytes) => (looksLikeEthernet(bytes) ? bytes : (cookedFrame(bytes) ?? bytes)));
  const rebuilt = packets.filter((bytes, i) => bytes !== read.packets[i]).length;
  if (rebuilt === 0) return read;
  return {
    ...read,
    packets,
    notes: [...read.notes, `Linux cooked header replaced by Ethernet's in ${plural(rebuilt, 'packet')}.`],
  };
}
