import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '../testing/random.ts';
import { readCapture } from './capture/capture.ts';
import { dissect } from './dissect.ts';
import type { FieldNode } from './types.ts';

const FOLDER = join(import.meta.dirname, '../testdata/packets');
const packetsOf = (name: string): Uint8Array[] =>
  readCapture(name, new Uint8Array(readFileSync(join(FOLDER, `${name}.pcap`)))).packets.map(
    ({ bytes }) => bytes,
  );

/** The packet, and three like it that are damaged: a byte is another, the end is missing. */
function damaged(bytes: Uint8Array, random: Random): Uint8Array[] {
  const changed = Array.from({ length: 2 }, () => {
    const other = bytes.slice();
    other[14 + random.below(Math.max(1, bytes.length - 14))] = random.below(256);
    return other;
  });
  return [bytes, ...changed, bytes.slice(0, 14 + random.below(Math.max(1, bytes.length - 14)))];
}

/** What is said, whatever numbers, addresses and bytes it is said of. */
const form = (text: string): string =>
  text
    .replace(/\b[0-9a-f]{2}(?:[ :][0-9a-f]{2})*\b(?!\w)/g, 'N')
    .replace(/\b[0-9a-f]*(?:\d|::)[0-9a-f:.x]*/g, 'N')
    .replace(/(?:N[ ,.…]*)+/g, 'N ');

/**
 * Every form in which something is said of a layer or a field, each with the first field that says
 * it.
 */
function wordsOf(packets: readonly Uint8Array[]): string[] {
  const lines = new Map<string, string>();
  const visit = (node: FieldNode): void => {
    const { name, label, text, problem, offset, length, bits, editable } = node;
    const key = [name, label, form(text), form(problem ?? '')].join(' | ');
    const place = bits ? `${offset}+${length}:${bits.start}+${bits.count}` : `${offset}+${length}`;
    const line = [name, label, text, place, editable ? 'editable' : 'shown', problem ?? ''];
    if (!lines.has(key)) lines.set(key, line.join(' | ').trimEnd());
    node.children.forEach(visit);
  };
  for (const bytes of packets) dissect(bytes, 'ethernet').layers.forEach(visit);
  return [...lines.values()].sort();
}

/**
 * Bits, values and verdicts of these packets are compared with Wireshark in wireshark.test.ts; this
 * keeps what is said of them. The golden file was read when it was made.
 */
test('what is said of headers and fields, of damaged ones too', async () => {
  const random = new Random(9);
  const packets = ['designed', 'cases', 'random'].flatMap(packetsOf);
  const words = wordsOf(packets.flatMap((bytes) => damaged(bytes, random)));
  expect(words.length).toBeGreaterThan(1000);
  await expect(`${words.join('\n')}\n`).toMatchFileSnapshot(join(FOLDER, 'words.txt'));
});
