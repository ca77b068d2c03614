import { byteAt } from '../../bytes/byte-at.ts';
import type { ByteRange } from '../types.ts';

/** RFC 1035 section 2.3.4. */
const LONGEST_NAME = 255;
const POINTER = 0xc0;
/**
 * Names may point back to names that point back; each jump goes further back, so this many are
 * enough.
 */
const MOST_JUMPS = 64;

/** A name as read: how many bytes it takes in place, and its text. */
export interface DomainName {
  readonly size: number;
  readonly text: string;
  readonly problem?: string;
}

/**
 * Letters of a label; a dot or what is no printable ASCII is written as its number, as in zone
 * files (RFC 1035 section 5.1).
 */
function labelText(label: Uint8Array): string {
  let text = '';
  for (const byte of label) {
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x2e && byte !== 0x5c;
    text += plain ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`;
  }
  return text;
}

/**
 * The domain name at a byte of a DNS message (RFC 1035 section 4.1.4), `<Root>` where it is empty;
 * undefined where its bytes end early. Pointers go backwards only.
 */
export function domainNameAt(
  bytes: Uint8Array,
  message: ByteRange,
  from: number,
): DomainName | undefined {
  const labels: string[] = [];
  let at = from;
  let size: number | undefined;
  let length = 0;
  let lowest = from;
  const done = (problem?: string): DomainName => ({
    size: size ?? at - from,
    text: labels.join('.') || '<Root>',
    ...(problem && { problem }),
  });
  for (let jumps = 0; ; ) {
    if (at >= message.end)
      return size === undefined ? undefined : done('name runs past the end of the message');
    const first = byteAt(bytes, at);
    if (first === 0) {
      at++;
      size ??= at - from;
      return done();
    }
    if ((first & POINTER) === POINTER) {
      if (at + 2 > message.end)
        return size === undefined ? undefined : done('name ends inside a pointer');
      size ??= at + 2 - from;
      const target = message.start + ((first & 0x3f) << 8) + byteAt(bytes, at + 1);
      if (target >= lowest || ++jumps > MOST_JUMPS) return done('name points forwards');
      lowest = target;
      at = target;
      continue;
    }
    if ((first & POINTER) !== 0) {
      at++;
      return done(`label of type 0x${(first & POINTER).toString(16)}, which is not used`);
    }
    if (at + 1 + first > message.end)
      return size === undefined ? undefined : done('name runs past the end of the message');
    labels.push(labelText(bytes.subarray(at + 1, at + 1 + first)));
    at += 1 + first;
    length += 1 + first;
    if (length > LONGEST_NAME) return done(`name has more than ${LONGEST_NAME} bytes`);
  }
}
