import { InputError } from '../errors.ts';
import { type Chunk, chunksOf, type Shape, shapeOf } from './dump-lines.ts';
import { baseOf, distance, offsetOf } from './dump-offsets.ts';
import { bytesOfCells, countCells, type DumpRow, hasColumn, isAsciiColumn } from './dump-row.ts';
import { checkSize, MAX_PACKETS, MAX_PASTED } from './limits.ts';
import { plural, type ReadBytes } from './text-place.ts';

/** Rows looked at for the order of bytes: one with letters tells. */
const TELLING_ROWS = 64;

export const isHexDump = (text: string): boolean => shapeOf(text.split('\n')) !== undefined;

/** Words without a colon behind the offset are numbers of a little-endian machine (hexdump, od -x); with one, xxd -e may have written them. */
function isSwapped({ colon, prefixed, cell }: Shape, chunks: readonly Chunk[]): boolean {
  if (cell === 2 || prefixed) return false;
  if (!colon) return true;
  const fits = (row: DumpRow, swapped: boolean) => row.cells.some((_, i) => isAsciiColumn(row, i + 1, swapped));
  return chunks[0].rows.slice(0, TELLING_ROWS).some((row) => !fits(row, false) && fits(row, true));
}

/** A dump with offsets: xxd, hexdump, od, tcpdump, Wireshark, several packets where the offset starts again at 0. */
export function readHexDump(text: string): ReadBytes {
  const lines = text.split('\n');
  const shape = shapeOf(lines)!;
  const { chunks, more, skipped, left } = chunksOf(lines, shape);
  if (chunks.length === 0)
    throw new InputError('line 1', 'has no frame, only bytes that were put together from several: copy the frame');
  const swapped = isSwapped(shape, chunks);
  const base = baseOf(shape, chunks);
  const read = readChunks(chunks, base, swapped);
  const notes = left.map((source) => `Bytes of ${source} left out: they are not of a frame.`);
  if (more) notes.push(`Only the first ${MAX_PACKETS} packets were read.`);
  if (swapped)
    notes.push(`Bytes of each ${shape.cell / 2}-byte word swapped: this dump shows them as little-endian numbers.`);
  if (read.columns) notes.push('ASCII column skipped.');
  if (skipped > 0) notes.push(`${plural(skipped, 'line')} without bytes skipped.`);
  if (read.first > 0) notes.push(`The first offset is ${read.first}, not 0: what is in front of it is missing.`);
  return { dialect: nameOf(shape, swapped, base, read.columns, chunks), packets: read.packets, notes };
}

interface ReadChunks {
  readonly packets: readonly Uint8Array[];
  /** Some row has an ASCII column. */
  readonly columns: boolean;
  /** Offset of the first row. */
  readonly first: number;
}

function readChunks(chunks: readonly Chunk[], base: number, swapped: boolean): ReadChunks {
  const full = fullRow(chunks, base, swapped);
  let columns = false;
  let total = 0;
  const packets = chunks.map(({ rows, repeated }) => {
    const packet: number[] = [];
    const first = offsetOf(rows[0], base);
    for (const [i, row] of rows.entries()) {
      const next = rows[i + 1];
      const size = next && distance(row, next, base);
      if (row.cells.length === 0) break;
      const repeats = repeated.has(row);
      const count = countCells(row, { ...full, swapped, ...(size !== undefined && !repeats && { size }) });
      const bytes = bytesOfCells(row.cells.slice(0, count), swapped).slice(0, repeats ? undefined : size);
      packet.push(...bytes);
      if (repeats) repeat(packet, bytes, row, next && offsetOf(next, base) - first);
      columns ||= hasColumn(row, count);
      checkSize(() => `line ${row.line}`, packet.length);
    }
    total += packet.length;
    if (total > MAX_PASTED)
      throw new InputError(
        `line ${rows[0].line}`,
        `packets up to here have ${total} bytes, at most ${MAX_PASTED} are read`,
      );
    return Uint8Array.from(packet);
  });
  return { packets, columns, first: offsetOf(chunks[0].rows[0], base) };
}

/** Width of the rows, and where the hex of a full row ends: what the last row of a packet is read by. */
function fullRow(chunks: readonly Chunk[], base: number, swapped: boolean): { width?: number; hexEnd?: number } {
  for (const { rows, repeated } of chunks) {
    const [row, next] = rows;
    if (next === undefined || repeated.has(row) || next.cells.length === 0) continue;
    const size = distance(row, next, base);
    const count = countCells(row, { size, swapped });
    return { width: size, hexEnd: row.cells[count - 1].end - row.from };
  }
  return {};
}

/** `*`: the row's bytes again up to the next offset. */
function repeat(packet: number[], bytes: readonly number[], row: DumpRow, until: number | undefined): void {
  if (until === undefined)
    throw new InputError(`line ${row.line + 1}`, '"*" needs the offset behind it: copy the dump to its end');
  checkSize(() => `line ${row.line + 1}`, until);
  if ((until - packet.length) % bytes.length !== 0 || until < packet.length) {
    throw new InputError(
      `line ${row.line + 1}`,
      `"*" stands for ${until - packet.length} bytes, the line in front has ${bytes.length}`,
    );
  }
  while (packet.length < until) packet.push(...bytes);
}

function nameOf(
  { prefixed, colon, digits, cell }: Shape,
  swapped: boolean,
  base: number,
  columns: boolean,
  chunks: readonly Chunk[],
): string {
  if (prefixed) return columns ? 'tcpdump -X' : 'tcpdump -x';
  if (colon) return swapped ? 'xxd -e' : digits === 8 ? 'xxd' : 'hex dump';
  if (swapped) return base === 16 && digits === 7 ? 'hexdump' : 'od -x';
  if (chunks[0].rows[0].text.includes('|') && columns) return 'hexdump -C';
  if (digits === 4) return 'Wireshark hex dump';
  return cell === 2 && digits >= 6 ? (digits === 8 ? 'hexdump -C' : 'od -t x1') : 'hex dump';
}
