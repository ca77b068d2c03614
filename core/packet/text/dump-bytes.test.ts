import { expect, test } from 'vitest';
import { isEqualBytes } from '../../bytes/equal.ts';
import { readDumps } from './dump.ts';
import { isBroken } from './reading.ts';

/** Lengths of the packets that the best reading of a dump has. */
function lengthsOf(text: string): number[] {
  const readings = readDumps(text.split('\n')).flatMap((one) => (isBroken(one) ? [] : [one]));
  const [best] = readings.sort((a, b) => b.form - a.form);
  for (const packet of best.packets)
    expect(isEqualBytes(packet, new Uint8Array(packet.length).fill(0x41))).toBe(true);
  return best.packets.map(({ length }) => length);
}

const BYTES = ' 41'.repeat(16);
const WORDS = ' 4141'.repeat(8);

// Each by `printf 'A%.0s' $(seq N) | od -A d -t x1` and its like (coreutils 9.1, util-linux 2.38).
test.each([
  ['od, octal', `0000000${BYTES}\n*\n0000100`, 64],
  ['od, octal, longer', `0000000${BYTES}\n*\n0001000`, 512],
  ['od -A d', `0000000${BYTES}\n*\n0000064`, 64],
  ['od -A d, in words', `0000000${WORDS}\n*\n0000064`, 64],
  ['od -A d, of a length that could be octal', `0000000${BYTES}\n*\n0000112`, 112],
  ['od -A d, and a rest', `0000000${BYTES}\n*\n0000064 41 41 41\n0000067`, 67],
  ['od -A x', `000000${BYTES}\n*\n000040`, 64],
  ['hexdump', `0000000${WORDS}\n*\n0000040`, 64],
])('the base of offsets is that in which a row that repeats comes out even: %s', (_tool, text, n) =>
  expect(lengthsOf(text)).toEqual([n]),
);
