import { byteAt } from '../../bytes/byte-at.ts';
import { fromHex } from '../../bytes/hex.ts';
import { InputError } from '../../errors.ts';
import { checkSize } from '../limits.ts';
import type { Broken, Reading } from './reading.ts';

/** A line of a file for a programmer of memories: an address, bytes and a sum over all. */
interface RecordFormat {
  readonly dialect: string;
  readonly line: RegExp;
  /** Where data stands in a record's bytes; undefined where the record has none. */
  data(
    bytes: Uint8Array,
    type: string,
  ): { start: number; end: number; address: number } | undefined;
  /** What all bytes add up to. */
  readonly sum: number;
}

const INTEL: RecordFormat = {
  dialect: 'Intel HEX',
  line: /(?:^|\s):()((?:[0-9a-f]{2}){5,260})\s*$/i,
  data: ([size = 0, high = 0, low = 0, type]) =>
    type === 0 ? { start: 4, end: 4 + size, address: (high << 8) | low } : undefined,
  sum: 0,
};

const MOTOROLA: RecordFormat = {
  dialect: 'Motorola S-record',
  line: /(?:^|\s)S([0-9])((?:[0-9a-f]{2}){4,260})\s*$/i,
  data(bytes, type) {
    const width = Number(type) + 1;
    if (type < '1' || type > '3') return undefined;
    const address = bytes.subarray(1, 1 + width).reduce((sum, byte) => sum * 256 + byte, 0);
    return { start: 1 + width, end: byteAt(bytes, 0), address };
  },
  sum: 0xff,
};

/** Share of the lines that are records, where a text is made of them. */
const MOST = 0.5;

/**
 * Records with addresses and sums, as objcopy and loaders write them; rows that follow each other
 * are one packet.
 */
export function readRecords(lines: readonly string[]): (Reading | Broken)[] {
  const all = lines.map((text, line) => ({ text, line })).filter(({ text }) => text.trim() !== '');
  const format = [INTEL, MOTOROLA].find(
    ({ line }) => all.filter(({ text }) => line.test(text)).length > all.length * MOST,
  );
  if (format === undefined) return [];
  const filled = all.filter(({ text }) => format.line.test(text));
  const packets: number[][] = [];
  let next: number | undefined;
  for (const { text, line } of filled) {
    const [, type = '', digits = ''] = format.line.exec(text) ?? [];
    const bytes = fromHex(digits) ?? new Uint8Array();
    const sum = bytes.reduce((all, byte) => (all + byte) & 0xff, 0);
    if (sum !== format.sum) {
      const error = new InputError(
        `line ${line + 1}`,
        `is a record of ${format.dialect} whose sum is wrong: copy the line again`,
      );
      return [{ name: 'records', form: 80, error }];
    }
    const data = format.data(bytes, type);
    if (data === undefined) continue;
    const before = data.address === next ? packets.at(-1) : undefined;
    const packet = before ?? [];
    if (before === undefined) packets.push(packet);
    for (const byte of bytes.subarray(data.start, data.end)) packet.push(byte);
    checkSize(() => `line ${line + 1}`, packet.length);
    next = data.address + data.end - data.start;
  }
  if (packets.length === 0) return [];
  return [
    {
      name: 'records',
      dialect: format.dialect,
      packets: packets.map((packet) => Uint8Array.from(packet)),
      notes: [],
      form: 80,
      read: new Set(filled.map(({ line }) => line)),
    },
  ];
}
