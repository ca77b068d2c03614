import type { ChainCounts, FilterCounts } from '../netdev/counters.ts';
import type { ChainChange, ProgramFile } from '../netdev/edit-chain.ts';
import type { ChainFilter, ChainTraffic, DirectionRule } from '../netdev/types.ts';
import type { FilterKind, FilterQueue, FlowDirection } from '../spec/net-filters.ts';

export type { ChainChange, ChainCounts, ChainTraffic, DirectionRule, FilterCounts, ProgramFile };

/** How fast packets flow: so many times as fast as they came, so many a second, or as it goes. */
export type ChainSpeed =
  | { kind: 'times'; factor: number }
  | { kind: 'rate'; perSecond: number }
  | { kind: 'max' };

/** What of the traffic a person can ask to be done. */
export type ChainOrder = 'start' | 'pause' | 'stop';

/** A netdev with its filters, and what flows through them. */
export interface ChainView {
  netdev: string;
  /** Options of a QEMU command line, one each. */
  lines: string[];
  /** QMP commands that put all filters in. */
  qmp: string[];
  /** The last change: what it was, and the QMP commands of it. */
  change?: { name: string; qmp: string[] };
  /** The head of QEMU's list first. */
  filters: ChainFilterView[];
  traffic: ChainTraffic;
  speed: ChainSpeed;
  /** What the guest calls its card. */
  guest: string;
  /** Packets that there are to flow, beside those that can be made. */
  packets: { name: string; count: number };
  /** In a sentence: why nothing can flow. */
  problem?: string;
  run?: ChainRunView;
}

export interface ChainFilterView {
  id: string;
  kind: FilterKind;
  queue: FilterQueue;
  status: ChainFilter['status'];
  /** File of its program; the one that is open in the session or another. */
  object?: { name: string; isOpen: boolean };
  program?: string;
  /** Programs of the object, where there are several. */
  programs: string[];
  /** What its kind is told, each with its value; '': nothing. */
  /** What nothing else of it shows. */
  notes: string[];
  properties: { name: string; value: string }[];
}

/** Traffic through the chain as it stands. */
export interface ChainRunView {
  state: 'running' | 'paused' | 'done';
  source: string;
  /** Packets of the source that are known, and whether there are no others. */
  packets: number;
  isWhole: boolean;
  entered: number;
  counts: ChainCounts;
  /** Nanoseconds since the traffic began, by the packets' clock. */
  time: number;
  /** By id, of the version that is in the chain now. */
  filters: FilterRunView[];
  /** Versions that were taken out, the last first. */
  ended: FilterRunView[];
  /** The last first. */
  events: ChainEventView[];
  earlierEvents: number;
  drops: { count: number; notKept: number; rows: DropRow[] };
  /** Over time, as it passed here: packets in a part of it. */
  rate: RatePart[];
  /** Copies that went round in circles and were let go. */
  circling: number;
  hasWork: boolean;
}

/** One version of a filter. */
export interface FilterRunView {
  id: string;
  kind: FilterKind;
  version: number;
  object?: string;
  counts: FilterCounts;
  /** Of a dump: what it has written. */
  written?: { packets: number; bytes: number; leftOut: number };
}

export interface ChainEventView {
  /** The first packet that the changed chain judges, from 1 on. */
  packet: number;
  time: number;
  /** `f1 swapped: version 2` */
  words: string[];
}

/** A packet, and which version of a filter dropped it. */
export interface DroppedPacket {
  /** Of the traffic, from 1 on. */
  packet: number;
  id: string;
  version: number;
  direction: FlowDirection;
}

export interface DropRow extends DroppedPacket {
  /** Counts all drops. */
  index: number;
  /** Nanoseconds since the traffic began. */
  time: number;
  /** What the packet is. */
  summary: string;
}

/** A part of the time that a run takes. */
export interface RatePart {
  /** Milliseconds since it was started, and how many it has. */
  at: number;
  length: number;
  packets: number;
  dropped: number;
  /** Changes of the chain in it. */
  changes: number;
}
