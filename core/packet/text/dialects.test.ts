import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toHex } from '../../bytes/hex.ts';
import { readPacketText } from './text.ts';

/** Recorded by core/testdata/packets/record-dialects.mjs from the tools themselves. */
interface Recorded {
  tool: string;
  title: string;
  dialect: string;
  text: string;
  /** Hex; of a frame whose Ethernet header the tool leaves out, from the EtherType on. */
  packets: string[];
}

const RECORDED: Recorded[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../testdata/packets/dialects.json'), 'utf8'),
);

const TOOLS = [...new Set(RECORDED.map(({ tool }) => tool))];

test.each(TOOLS)('what "%s" prints reads back to the same bytes', (tool) => {
  for (const { title, dialect, text, packets } of RECORDED.filter((entry) => entry.tool === tool)) {
    const read = readPacketText(text);
    const rebuilt = dialect === 'tcpdump -x' || dialect === 'tcpdump -X';
    expect(
      read.packets.map(({ bytes }) => toHex(bytes).slice(rebuilt ? 24 : 0)),
      title,
    ).toEqual(packets);
    expect(read.dialect.startsWith(dialect), `${title}: read as ${read.dialect}`).toBe(true);
  }
});

test.each(TOOLS)(
  'what "%s" prints reads back with the line ends of Windows and spaces in front',
  (tool) => {
    for (const { title, text, packets, dialect } of RECORDED.filter(
      (entry) => entry.tool === tool,
    )) {
      const bytesFrom = dialect === 'tcpdump -x' || dialect === 'tcpdump -X' ? 24 : 0;
      const read = readPacketText(text.replace(/^(?=.)/gm, '  ').replaceAll('\n', '\r\n'));
      expect(
        read.packets.map(({ bytes }) => toHex(bytes).slice(bytesFrom)),
        title,
      ).toEqual(packets);
    }
  },
);
