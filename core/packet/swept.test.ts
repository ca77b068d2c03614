import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCapture } from './capture/capture.ts';
import { dissect } from './dissect.ts';
import type { FieldNode } from './types.ts';

const FOLDER = join(import.meta.dirname, '../testdata/packets');
const packetsOf = (name: string): Uint8Array[] =>
  readCapture(name, new Uint8Array(readFileSync(join(FOLDER, `${name}.pcap`)))).packets.map(
    ({ bytes }) => bytes,
  );

/** Types, codes, versions and flags stand here, so every value is tried. */
const ALL_VALUES = 4;
/** Bytes of a header that are changed at all. */
const REACH = 40;
const SOME = [0, 1, 2, 4, 5, 6, 8, 17, 40, 127, 128, 255];
const EVERY = Array.from({ length: 256 }, (_, value) => value);
/** Packets each header is looked at in. */
const PACKETS_EACH = 3;

/** Headers by name, each with the first packets that have it and where it lies in them. */
function headersOf(
  packets: readonly Uint8Array[],
): Map<string, { bytes: Uint8Array; at: number }[]> {
  const headers = new Map<string, { bytes: Uint8Array; at: number }[]>();
  for (const bytes of packets) {
    for (const { name, offset, length } of dissect(bytes, 'ethernet').layers) {
      const known = headers.get(name) ?? [];
      if (known.length < PACKETS_EACH && length > 1) known.push({ bytes, at: offset });
      headers.set(name, known);
    }
  }
  return headers;
}

/** What is read from the header on; what is in front of it does not change with it. */
function readingFrom(bytes: Uint8Array, at: number): string {
  const { layers, summary } = dissect(bytes, 'ethernet');
  const of = ({ name, text, offset, length, problem, children }: FieldNode): string =>
    `${name} ${text} ${offset}+${length} ${problem ?? ''}\n${children.map(of).join('')}`;
  return `${summary}\n${layers.map((layer) => (layer.offset < at ? '' : of(layer))).join('')}`;
}

/** One fingerprint a byte, of what is read with each value of it, and of the packet cut there. */
function swept(bytes: Uint8Array, at: number, first: boolean): string[] {
  const end = Math.min(bytes.length, at + REACH);
  const marks: string[] = [];
  for (let i = at; i < end; i++) {
    const hash = createHash('md5').update(readingFrom(bytes.slice(0, i), at));
    for (const value of first && i < at + ALL_VALUES ? EVERY : SOME)
      hash.update(readingFrom(bytes.with(i, value), at));
    marks.push(hash.digest('hex').slice(0, 6));
  }
  return marks;
}

/**
 * Fields are compared with Wireshark in wireshark.test.ts. This keeps what becomes of every header
 * when any of its bytes is another, as fingerprints: a rule for one value of one byte that changes
 * is seen here, whatever the random packets hold.
 */
test('every header, with every byte of it changed', async () => {
  const headers = headersOf(['designed', 'cases', 'random'].flatMap(packetsOf));
  const lines = [...headers]
    .sort()
    .flatMap(([name, places]) =>
      places.map(({ bytes, at }, i) => `${name} ${i + 1}: ${swept(bytes, at, i === 0).join(' ')}`),
    );
  expect(headers.size).toBeGreaterThan(45);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(FOLDER, 'swept.txt'));
});
