import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toHex } from '../../bytes/hex.ts';
import { readPacketText } from './text.ts';

/**
 * A sample of the corpus that `npm run corpus:text -- --record 400` reads: what tools print, and
 * what happens to text.
 */
interface Sampled {
  tool: string;
  title: string;
  mangle?: string;
  text: string;
  packets: string[];
  /** First byte that the text says: tcpdump -x leaves addresses out. */
  from: number;
}

const SAMPLE: Sampled[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../testdata/packets/corpus.json'), 'utf8'),
);
const TOOLS = [...new Set(SAMPLE.map(({ tool }) => tool))];

test('the sample is of many tools', () => expect(TOOLS.length).toBeGreaterThan(60));

test.each(TOOLS)('%s', (tool) => {
  for (const { title, mangle, text, packets, from } of SAMPLE.filter(
    (entry) => entry.tool === tool,
  )) {
    const read = readPacketText(text);
    expect(
      read.packets.map(({ bytes }) => toHex(bytes.subarray(from))),
      `${title}, ${mangle ?? 'as it is'}`,
    ).toEqual(packets.map((packet) => packet.slice(2 * from)));
  }
});
