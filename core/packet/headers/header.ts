import { byteAt } from '../../bytes/byte-at.ts';
import type { HeaderField } from '../../spec/header-fields.ts';
import { headerAt } from '../../spec/layers.ts';
import type {
  ChecksumRule,
  FoundBy,
  HeaderCursor,
  HeaderName,
  NextRule,
  ProtocolRow,
} from '../../spec/protocol-row.ts';
import { readBits } from '../bits.ts';
import { type Checksum, checksumProblem, sumWords } from '../checksum.ts';
import type { FieldNode } from '../types.ts';
import { formatNtpTime, formatText, readNumber } from '../value.ts';
import { word } from '../words.ts';
import { domainNameAt } from './domain-name.ts';
import { bytesNode, fieldNode, groupNode, type Layer, marked, type Place } from './layer.ts';
import { pseudoHeader } from './pseudo-header.ts';

/** Entries of one list; no packet has as many, hostile bytes do. */
const MOST_ENTRIES = 1024;
/** Groups inside groups. */
const MOST_GROUPS = 16;

/** Ends the header, or the group, whose bytes ended early: what was read of it stays. */
class CutShort {}

/** A list of nodes that is being read, and where it ends. */
interface Level {
  readonly nodes: FieldNode[];
  readonly end: number;
  problem?: string;
}

/** Reads the header of a protocol by its row. */
export function readHeader(place: Place, row: ProtocolRow): Layer {
  const header = new Header(place, row);
  header.inside(() => row.read?.(header));
  return header.layer();
}

class Header implements HeaderCursor {
  private readonly place: Place;
  private readonly row: ProtocolRow;
  private readonly outermost: Level;
  private readonly levels: Level[];
  /** Bits from the start of the packet. */
  private bit: number;
  private readonly values = new Map<string, number>();
  private readonly checksums: Checksum[] = [];
  private following: Layer['next'];
  private frameEnd: number | undefined;
  private shown = '';
  private summary: string | undefined;

  constructor(place: Place, row: ProtocolRow) {
    this.place = place;
    this.row = row;
    this.outermost = { nodes: [], end: place.end };
    this.levels = [this.outermost];
    this.bit = place.start * 8;
  }

  private get level(): Level {
    return this.levels.at(-1) ?? this.outermost;
  }

  private get at(): number {
    return this.bit >> 3;
  }

  get left(): number {
    return this.level.end - this.at;
  }

  get read(): number {
    return this.at - this.place.start;
  }

  get total(): number {
    return this.place.end - this.place.start;
  }

  get ipVersion(): 4 | 6 | undefined {
    return this.place.network?.version;
  }

  byte(ahead = 0): number {
    return ahead < this.left ? byteAt(this.place.bytes, this.at + ahead) : 0;
  }

  word(ahead = 0): number {
    return this.byte(ahead) * 256 + this.byte(ahead + 1);
  }

  fields(...rows: readonly HeaderField[]): number {
    const { bytes } = this.place;
    let last = 0;
    for (const row of rows) {
      if (this.bit + row.bits > this.level.end * 8) this.cutShort(row.label);
      const at = { start: this.bit, count: row.bits };
      this.level.nodes.push(fieldNode(bytes, row, at));
      this.note(row, this.bit);
      last = this.values.get(row.name) ?? 0;
      this.bit += row.bits;
    }
    return last;
  }

  private note(row: HeaderField, start: number): void {
    const { bytes } = this.place;
    const at = { start, count: row.bits };
    if (row.bits <= 32)
      this.values.set(row.name, row.little ? readNumber(bytes, row, at) : readBits(bytes, at));
    let bit = start;
    for (const part of row.parts ?? []) {
      this.note(part, bit);
      bit += part.bits;
    }
  }

  private cutShort(what: string): never {
    if (!this.place.quoted) this.level.problem ??= `ends in front of or inside "${what}"`;
    throw new CutShort();
  }

  value(name: string): number {
    return this.values.get(name) ?? 0;
  }

  /** Bytes from here on, as many as said or all. */
  private take(label: string, size: number): { start: number; end: number } {
    if (size > this.left) this.cutShort(label);
    const start = this.at;
    this.bit += size * 8;
    return { start, end: start + size };
  }

  bytes(name: string, label: string, size = this.left): void {
    if (size <= 0) return;
    this.level.nodes.push(bytesNode(name, label, this.place.bytes, this.take(label, size)));
  }

  string(name: string, label: string, size = this.left): void {
    if (size <= 0) return;
    const range = this.take(label, size);
    const text = formatText(this.place.bytes.subarray(range.start, range.end));
    this.level.nodes.push(groupNode(name, label, range, [], { text }));
  }

  ntpTime(name: string, label: string): void {
    const range = this.take(label, 8);
    const half = (at: number) =>
      readBits(this.place.bytes, { start: (range.start + at) * 8, count: 32 });
    const [seconds, fraction] = [half(0), half(4)];
    const text = seconds === 0 && fraction === 0 ? 'none' : formatNtpTime(seconds, fraction);
    this.level.nodes.push(groupNode(name, label, range, [], { text }));
  }

  domainName(name: string, label: string): string {
    const { bytes, start } = this.place;
    const found = domainNameAt(bytes, { start, end: this.level.end }, this.at);
    if (found === undefined) this.cutShort(label);
    const range = this.take(label, found.size);
    const { text, problem } = found;
    this.level.nodes.push(groupNode(name, label, range, [], { text, ...(problem && { problem }) }));
    return text;
  }

  group(
    name: string,
    label: string,
    size: number | undefined,
    read: () => string | undefined,
  ): void {
    const start = this.at;
    const there = Math.max(0, Math.min(size ?? this.left, this.left));
    const level: Level = { nodes: [], end: start + there };
    const missing = size !== undefined && size > there;
    if (missing && !this.place.quoted) level.problem = `says ${size} bytes, ${there} are there`;
    this.levels.push(level);
    let text: string | undefined = '';
    const whole =
      this.levels.length < MOST_GROUPS &&
      this.inside(() => {
        text = read();
      });
    if (size !== undefined) this.bytes(`${name}.rest`, 'Data', Math.max(0, level.end - this.at));
    this.levels.pop();
    const node = { start, end: this.at };
    this.level.nodes.push(
      groupNode(name, label, node, level.nodes, { text: text ?? '', problem: level.problem }),
    );
    // Where its end is known, what stands behind it can be read.
    if (missing || (size === undefined && !whole)) throw new CutShort();
  }

  within(size: number, read: () => void): void {
    const end = Math.min(this.level.end, this.at + size);
    const outer = this.level;
    const inner: Level = { nodes: outer.nodes, end };
    this.levels.push(inner);
    this.inside(read);
    this.levels.pop();
    if (inner.problem) outer.problem ??= inner.problem;
    this.bit = Math.max(this.bit, end * 8);
  }

  each(name: string, read: () => boolean | undefined): void {
    for (let count = 0; this.left > 0; count++) {
      if (count === MOST_ENTRIES) {
        const more = this.take(name, this.left);
        const problem = `more than ${MOST_ENTRIES} entries: the rest is not read`;
        this.level.nodes.push(groupNode(`${name}.more`, 'More', more, [], { problem }));
        return;
      }
      const before = this.bit;
      if (read() === false || this.bit === before) return;
    }
  }

  /** Runs `read` up to where it ends, or the bytes do; answers whether it ended by itself. */
  inside(read: () => void): boolean {
    const depth = this.levels.length;
    try {
      read();
      return true;
    } catch (error) {
      if (!(error instanceof CutShort)) throw error;
      this.levels.length = depth;
      // A row that did not fit may have left off in the middle of a byte.
      this.bit = (this.bit + 7) & ~7;
      return false;
    }
  }

  wrong(problem: string, name?: string): void {
    if (this.place.quoted) return;
    const { nodes } = this.level;
    const i = nodes.findLastIndex((node) => node.name === name);
    const node = nodes[i];
    if (node !== undefined) nodes[i] = marked(node, problem);
    else this.level.problem ??= problem;
  }

  text(text: string, summary?: string): void {
    this.shown = text;
    this.summary = summary;
  }

  checksum(name: string, rule: ChecksumRule = {}): void {
    const { bytes, start, end, network, quoted } = this.place;
    const { nodes } = this.outermost;
    const i = nodes.findIndex((node) => node.name === name);
    const node = nodes[i];
    const size = rule.size ?? end - start;
    if (node === undefined || quoted || network?.whole === false || size > end - start) return;
    if (rule.zeroMeansNone && word(bytes, node.offset) === 0) return;
    const { without: [from, to] = [0, 0] } = rule;
    const left = to > from ? sumWords(bytes, { start: start + from, end: start + to }) : 0;
    const length = rule.pseudoLength ?? end - start;
    const checksum: Checksum = {
      offset: node.offset,
      covers: { start, end: start + size },
      pseudo:
        (rule.pseudo !== undefined && network
          ? pseudoHeader(bytes, network, rule.pseudo, length)
          : 0) - left,
      ...(rule.crc32c && { crc32c: true }),
      ...(rule.zeroMeansNone && { zeroMeansNone: true }),
    };
    this.checksums.push(checksum);
    const problem = checksumProblem(bytes, checksum);
    if (problem) nodes[i] = marked(node, problem);
  }

  next(header: HeaderName, rule: NextRule = {}): void {
    const { place } = this;
    const { size, network = false, frame = false } = rule;
    const start = rule.at === undefined ? this.at : Math.min(place.end, place.start + rule.at);
    const cut = place.quoted || place.network?.whole === false;
    this.following = {
      header,
      start,
      end: size === undefined ? place.end : Math.min(place.end, start + Math.max(0, size)),
      ...(network && place.network && { network: place.network }),
      ...(cut && { quoted: true }),
    };
    if (frame) this.frameEnd = this.following.end;
  }

  nextBy(by: FoundBy, number: number, rule?: NextRule): boolean {
    const header = headerAt(by, number);
    this.next(header ?? 'data', rule);
    return header !== undefined;
  }

  layer(): Layer {
    const { start } = this.place;
    const { nodes, problem } = this.outermost;
    const { name, label } = this.row;
    const node = groupNode(name, label, { start, end: this.at }, nodes, {
      text: this.shown,
      problem,
    });
    const summary =
      problem === undefined
        ? (this.summary ?? `${label} ${this.shown}`.trim())
        : `${label}, malformed`;
    const rest = { header: 'data' as const, start: this.at, end: this.place.end };
    const end = this.frameEnd !== undefined && { frameEnd: this.frameEnd };
    return { node, summary, checksums: this.checksums, ...end, next: this.following ?? rest };
  }
}
