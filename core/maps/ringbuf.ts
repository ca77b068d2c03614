import { address, type Memory, READ, regionInfo, WRITE } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import {
  checkCreation,
  type GuestMap,
  type MapEntry,
  mapHandle,
  refuse,
  wordBytes,
} from './map.ts';

/** Bytes of the header in front of a record (struct bpf_ringbuf_hdr); the biggest record. */
const HEADER = 8;
const MAX_RECORD = Math.floor(0xffff_ffff / 4);
const PAGE = 4096;

interface RingRecord {
  /** Position of its header, counted on from the start of the run. */
  readonly position: number;
  readonly size: number;
  /** Linear address of its bytes, and the region a program writes them through. */
  readonly at: number;
  readonly region: number;
  state: 'busy' | 'ready' | 'discarded';
}

const whole = (size: number): number => (size + HEADER + 7) & ~7;

/**
 * ringbuf (kernel/bpf/ringbuf.c): records one after the other, each with a header, in a ring of
 * max_entries bytes. Nobody reads it during a session, as while a program is run by
 * BPF_PROG_TEST_RUN: it fills up.
 */
export class RingBuffer implements GuestMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  private readonly memory: Memory;
  private records: RingRecord[] = [];
  private producer = 0;

  constructor(memory: Memory, definition: MapDefinition) {
    checkCreation(definition, { key: [0], value: [0], flags: ['BPF_F_NUMA_NODE'] });
    const { maxEntries } = definition;
    if ((maxEntries & (maxEntries - 1)) !== 0 || maxEntries % PAGE !== 0)
      refuse(
        definition,
        `max_entries is ${maxEntries}, of a ringbuf it is a power of 2 and whole pages ` +
          `of ${PAGE}: the kernel refuses the map with EINVAL`,
      );
    this.definition = definition;
    this.memory = memory;
    this.handle = mapHandle(memory, definition);
  }

  /**
   * Guest address of a new record's bytes; 0n where there is no room. The ring never fills to its
   * last byte.
   */
  reserve(size: number): bigint {
    const length = whole(size);
    if (size > MAX_RECORD || this.producer + length > this.definition.maxEntries - 1) return 0n;
    const position = this.producer;
    const { name } = this.definition;
    const at = this.memory.allocate(size, `map "${name}"`);
    const region = this.memory.addPassing(
      regionInfo('map-value', () => ({ kind: 'record', map: name, position })),
      at,
      size,
      READ | WRITE,
    );
    this.records.push({ position, size, at, region, state: 'busy' });
    this.producer += length;
    return address(region);
  }

  /**
   * Ends a reservation; answers the record, or undefined where the address is no record being
   * written.
   */
  commit(
    pointer: bigint,
    state: 'ready' | 'discarded',
  ): { bytes: Uint8Array; wakes: boolean } | undefined {
    // A record that no run ended may have lost its id to another region: its bytes are its own.
    const index = this.records.findIndex(
      ({ state, region, at }) =>
        state === 'busy' && address(region) === pointer && this.memory.base[region] === at,
    );
    if (index < 0) return undefined;
    const record = this.records[index];
    this.records[index] = { ...record, state };
    this.memory.retire(record.region, 'a record that was submitted or discarded');
    // The reader is woken when it has caught up with this record: it stands at position 0.
    return {
      bytes: this.memory.bytes.slice(record.at, record.at + record.size),
      wakes: record.position === 0,
    };
  }

  /** bpf_ringbuf_query: BPF_RB_AVAIL_DATA, _RING_SIZE, _CONS_POS, _PROD_POS. */
  query(what: bigint): number {
    return [this.producer, this.definition.maxEntries, 0, this.producer][Number(what)] ?? 0;
  }

  lookup(): bigint {
    return 0n;
  }

  update(): number {
    return -ERRNO.ENOTSUPP;
  }

  delete(): number {
    return -ERRNO.ENOTSUPP;
  }

  /** What a reader would get: every record but those discarded, by the position of its header. */
  *entries(): Iterable<MapEntry> {
    for (const { position, size, at, state } of this.records)
      if (state !== 'discarded')
        yield { key: wordBytes(position, this.memory.littleEndian), value: at, size };
  }

  save() {
    return { records: this.records.slice(), producer: this.producer };
  }

  restore(image: ReturnType<RingBuffer['save']>): void {
    this.records = image.records.slice();
    this.producer = image.producer;
  }
}
