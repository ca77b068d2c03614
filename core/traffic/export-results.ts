import type { CaptureIndex } from '../packet/capture/capture-index.ts';
import type { BlobFile } from '../protocol/traffic.ts';
import type { Work } from '../session/session.ts';
import { BlobWriter } from './blob-writer.ts';
import type { Drive, Errand } from './errand.ts';
import { CHANGED, type Outcomes, RAN } from './outcomes.ts';

/** Packets that are written in a piece. */
const AT_ONCE = 65_536;

/** What is written of a packet: the order of the columns. */
interface ResultRow {
  readonly packet: number;
  /** Seconds since the epoch. */
  readonly time: string | null;
  readonly bytes: number;
  readonly verdict: string;
  readonly action: string;
  readonly ran: boolean;
  readonly r0: string | null;
  readonly steps: number;
  readonly changed: boolean;
  readonly fault: string | null;
}
const COLUMNS: readonly (keyof ResultRow)[] = [
  ...(['packet', 'time', 'bytes', 'verdict', 'action'] as const),
  ...(['ran', 'r0', 'steps', 'changed', 'fault'] as const),
];

function resultRow(packet: number, index: CaptureIndex, outcomes: Outcomes): ResultRow {
  const { name, action } = outcomes.verdicts[outcomes.verdictOf(packet)];
  const fault = outcomes.faultOf(packet);
  const ran = outcomes.has(packet, RAN);
  return {
    packet: packet + 1,
    time: secondsText(index.timeOf(packet)),
    bytes: index.sizeOf(packet),
    verdict: name,
    action,
    ran,
    r0: ran && fault === undefined ? `0x${outcomes.r0Of(packet).toString(16)}` : null,
    steps: outcomes.stepsOf(packet),
    changed: outcomes.has(packet, CHANGED),
    fault: fault === undefined ? null : outcomes.faults[fault].message,
  };
}

/** A number of nanoseconds as seconds, all digits of it. */
function secondsText(time: bigint | undefined): string | null {
  if (time === undefined) return null;
  const digits = (time < 0n ? -time : time).toString().padStart(10, '0');
  return `${time < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

/** A cell of RFC 4180. */
const cell = (value: ResultRow[keyof ResultRow]): string => {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

interface Writer {
  readonly head: string;
  readonly row: (row: ResultRow, isFirst: boolean) => string;
  readonly tail: string;
}
const WRITERS: Readonly<Record<'csv' | 'json', Writer>> = {
  csv: {
    head: `${COLUMNS.join(',')}\r\n`,
    row: (row) => `${COLUMNS.map((column) => cell(row[column])).join(',')}\r\n`,
    tail: '',
  },
  json: {
    head: '[',
    row: (row, isFirst) => `${isFirst ? '' : ','}\n${JSON.stringify(row)}`,
    tail: '\n]\n',
  },
};

/** What became of each packet, as a table: nothing is run again for it. */
export class ResultExport implements Errand {
  readonly what: string;
  readonly total: number;
  done = 0;
  private readonly index: CaptureIndex;
  private readonly outcomes: Outcomes;
  private readonly name: string;
  private readonly writer: Writer;
  private readonly file = new BlobWriter();

  constructor(index: CaptureIndex, outcomes: Outcomes, format: 'csv' | 'json', name: string) {
    this.what = `export as ${format.toUpperCase()}`;
    this.total = outcomes.length;
    this.index = index;
    this.outcomes = outcomes;
    this.name = name;
    this.writer = WRITERS[format];
    this.write(this.writer.head);
  }

  get isDone(): boolean {
    return this.done >= this.total;
  }

  async piece(drive: Drive): Promise<void> {
    await drive(this.rows());
  }

  result(): BlobFile {
    this.write(this.writer.tail);
    return { kind: 'blob-file', name: this.name, blob: this.file.blob, packets: this.done };
  }

  private *rows(): Work<void> {
    const end = Math.min(this.total, this.done + AT_ONCE);
    while (this.done < end) {
      const row = resultRow(this.done, this.index, this.outcomes);
      this.write(this.writer.row(row, this.done === 0));
      this.done++;
      if (this.done % 4096 === 0) yield { what: this.what, done: this.done, total: this.total };
    }
  }

  private write(text: string): void {
    this.file.write(new TextEncoder().encode(text));
  }
}
