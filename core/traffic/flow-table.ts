import { formatIpv4, formatIpv6 } from '../packet/address.ts';
import { type Flow, kindWords } from './flow-of.ts';

/** Flows that are told apart; packets of others are counted together. */
export const MOST_FLOWS = 32_768;
const SLOT_BITS = 16;
const SLOTS = 1 << SLOT_BITS;
/** Words of a key: version and kind, ports, source and destination of one or of four each. */
const WORDS = 10;
const ADDRESSES = 2;
const addressWords = (version: number): number => (version === 4 ? 1 : 4);

/** One flow of a capture. */
export interface FlowRow {
  /** `10.0.0.1:4000 -> 10.0.0.2:53 UDP` */
  readonly name: string;
  /** The display filter that leaves its packets. */
  readonly filter: string;
  readonly count: number;
  /** Of them those that do not go on. */
  readonly stopped: number;
  /** Place of the first in the capture. */
  readonly first: number;
}

/**
 * Packets by flow (addresses, ports and protocol, one way): a hash table of as many flows as there
 * is room for, so that each packet of millions costs a few memory accesses.
 */
export class FlowTable {
  private readonly slots = new Uint16Array(SLOTS);
  private readonly keys = new Uint32Array(MOST_FLOWS * WORDS);
  /** Of keys: most rows that are not the one are told by it alone. */
  private readonly hashes = new Int32Array(MOST_FLOWS);
  private readonly counts = new Uint32Array(MOST_FLOWS);
  private readonly stopped = new Uint32Array(MOST_FLOWS);
  private readonly firsts = new Float64Array(MOST_FLOWS);
  private readonly key = new Uint32Array(WORDS);
  private used = 0;
  /** Packets of flows for which there was no room any more. */
  others = 0;

  /** Flows that are told apart. */
  get size(): number {
    return this.used;
  }

  /** One more packet of a flow; `bytes`: those that its frame lies in. */
  add(packet: number, bytes: Uint8Array, flow: Flow, isStopped: boolean): void {
    if (flow.version === 0) return;
    const row = this.rowOf(packet, this.setKey(bytes, flow));
    if (row < 0) {
      this.others++;
      return;
    }
    this.counts[row]++;
    if (isStopped) this.stopped[row]++;
  }

  /** The largest, at most so many. */
  largest(most: number): FlowRow[] {
    const rows = Array.from({ length: this.used }, (_, row) => row)
      .sort((a, b) => this.counts[b] - this.counts[a] || this.firsts[a] - this.firsts[b])
      .slice(0, most);
    return rows.map((row) => ({
      ...this.words(row),
      count: this.counts[row],
      stopped: this.stopped[row],
      first: this.firsts[row],
    }));
  }

  /** Answers how many words it has. */
  private setKey(bytes: Uint8Array, { version, kind, source, destination, ports }: Flow): number {
    const { key } = this;
    const words = addressWords(version);
    key[0] = (version << 16) | -kind;
    key[1] = ports >= 0 ? long(bytes, ports) : 0;
    for (let i = 0; i < words; i++) {
      key[ADDRESSES + i] = long(bytes, source + 4 * i);
      key[ADDRESSES + words + i] = long(bytes, destination + 4 * i);
    }
    return ADDRESSES + 2 * words;
  }

  /** Row of the flow whose key is set, a new one where it has none; -1 where there is no room. */
  private rowOf(packet: number, words: number): number {
    const { slots, key, hashes } = this;
    let hash = 0;
    for (let i = 0; i < words; i++) hash = Math.imul(hash ^ key[i], 0x9e37_79b1) ^ (hash >>> 15);
    // The upper bits are those that all bits of the words have had a part in.
    for (let slot = hash >>> (32 - SLOT_BITS); ; slot = (slot + 1) & (SLOTS - 1)) {
      const row = slots[slot] - 1;
      if (row >= 0 && hashes[row] === hash && this.isKey(row, words)) return row;
      if (row >= 0) continue;
      if (this.used === MOST_FLOWS) return -1;
      slots[slot] = this.used + 1;
      this.keys.set(key.subarray(0, words), this.used * WORDS);
      this.hashes[this.used] = hash;
      this.firsts[this.used] = packet;
      return this.used++;
    }
  }

  private isKey(row: number, words: number): boolean {
    const { keys, key } = this;
    const at = row * WORDS;
    for (let i = 0; i < words; i++) if (keys[at + i] !== key[i]) return false;
    return true;
  }

  private words(row: number): Pick<FlowRow, 'name' | 'filter'> {
    const key = this.keys.subarray(row * WORDS, (row + 1) * WORDS);
    const version = key[0] >>> 16;
    const { label, filter } = kindWords(-(key[0] & 0xffff));
    const [field, format] =
      version === 4 ? (['ip', formatIpv4] as const) : (['ipv6', formatIpv6] as const);
    const words = addressWords(version);
    const [source, destination] = [ADDRESSES, ADDRESSES + words].map((at) =>
      format(bytesOf(key.subarray(at, at + words))),
    );
    const ends = `${field}.src == ${source} and ${field}.dst == ${destination}`;
    const transport = filter.includes(' or ') ? `(${filter})` : filter;
    const ports = key[1];
    if (ports === 0)
      return {
        name: `${source} -> ${destination} ${label}`,
        filter: `${ends} and ${transport}`,
      };
    const [from, to] = [ports >>> 16, ports & 0xffff];
    const bracket = (address: string) => (version === 6 ? `[${address}]` : address);
    return {
      name: `${bracket(source)}:${from} -> ${bracket(destination)}:${to} ${label}`,
      filter: `${ends} and ${transport}.srcport == ${from} and ${transport}.dstport == ${to}`,
    };
  }
}

const long = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;

function bytesOf(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word);
  return bytes;
}
