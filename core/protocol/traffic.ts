import type { Action } from '../spec/program-types.ts';
import type { Step } from '../spec/units.ts';
import type { MapView } from './messages.ts';

/** How far the program is on a capture. */
export type TrafficState = 'running' | 'paused' | 'cancelled' | 'done';

/** What of a capture a person can ask to be done. */
export type TrafficOrder = 'go-on' | 'pause' | 'cancel' | 'again' | 'drop-errand';

/** What the list of packets can be sorted by. */
export type TrafficColumn = 'number' | 'time' | 'length' | 'verdict' | 'steps';

export interface TrafficQuery {
  /** A display filter, or words that a packet's summary must have, each; in any case. */
  text: string;
  /** Name of a verdict. */
  verdict?: string;
  sort: TrafficColumn;
  descending: boolean;
}

/** Which packets are written into a file. */
export type TrafficChoice = 'passed' | 'dropped' | 'redirected' | 'changed' | 'all';

/** What can be worked out along a capture beside its verdicts. */
export type TrafficErrand =
  | { kind: 'packets'; choice: TrafficChoice }
  | { kind: 'results'; format: 'csv' | 'json' }
  | { kind: 'coverage' }
  /** Key in hex. */
  | { kind: 'key-history'; map: string; key: string }
  /** The other side of a comparison, as far as it differs from this one. */
  | { kind: 'compare'; file?: { name: string; bytes: Uint8Array }; engine?: string };

/** A capture as it stands. */
export interface TrafficView {
  name: string;
  /** Bytes of the file, and how many of them were gone through. */
  size: number;
  read: number;
  /** Packets that were found so far; `isWhole`: there are no others. */
  packets: number;
  isWhole: boolean;
  /** Packets that have a verdict. */
  judged: number;
  /** Packets whose rows say what they come to on the other side of a comparison. */
  compared: number;
  state: TrafficState;
  engine: string;
  /** How many run it, and in words why it is no more than one; undefined: not known yet. */
  cores?: { count: number; why?: string };
  /** In a sentence: why the program cannot be run on it, or the file cannot be read. */
  problem?: string;
  /** The session is this packet of it, from 0 on. */
  open?: number;
  /** The set-up is another now than the one that the verdicts are of. */
  isStale: boolean;
  /** What was changed and what was left out. */
  notes: string[];
  /** Verdicts, the most frequent first. */
  counts: { name: string; action: Action; count: number }[];
  query: TrafficQueryState;
  /** Whether its packets have times, and which clock programs see. */
  isTimed: boolean;
  clock: 'gap' | 'capture';
  /** Work that was asked for beside the run, until its result is fetched. */
  errand?: { what: string; done: number; total: number; isDone: boolean };
  /** There is work to do. */
  hasWork: boolean;
}

/** How far the query is. */
export interface TrafficQueryState {
  /** Another one when another was asked. */
  id: number;
  scanned: number;
  matching: number;
  /** Rows that the list has: of a sorted list those whose order is known. */
  shown: number;
  isDone: boolean;
  takenFor?: 'filter' | 'words';
}

/** Rows of the list, with what is known of each packet. */
export interface TrafficRows {
  kind: 'traffic-rows';
  /** TrafficQueryState.id */
  query: number;
  from: number;
  rows: TrafficRow[];
}

export interface TrafficRow {
  /** Place in the capture, from 0 on. */
  index: number;
  /** Seconds since the first packet that has a time. */
  time?: number;
  source: string;
  destination: string;
  /** The innermost header that is known. */
  protocol: string;
  /** Bytes on the wire. */
  length: number;
  info: string;
  verdict?: { name: string; action: Action };
  steps?: Step;
  faulted: boolean;
  changed: boolean;
  /** What it came to on the other side, where it was compared. */
  other?: { name: string; action: Action; differs: boolean };
}

/** A packet, and its row in the list: undefined where the query leaves it out. */
export interface TrafficPlace {
  kind: 'traffic-place';
  /** Undefined: there is none that was sought. */
  packet?: number;
  row?: number;
}

/** Maps as they were behind so many packets. */
export interface TrafficMaps {
  kind: 'traffic-maps';
  packets: number;
  maps: MapView[];
}

/** What became of the packets that have run, summed up. */
export interface TrafficStatistics {
  kind: 'traffic-statistics';
  judged: number;
  steps: number;
  /** Packets that go on as others than they came. */
  changed: number;
  /** Packets in a part of the chart, in the order of the capture. */
  partSize: number;
  /** The most frequent first. */
  outcomes: TrafficOutcome[];
  protocols: {
    label: string;
    /** The display filter that leaves them. */
    filter: string;
    count: number;
    outcomes: { name: string; count: number }[];
  }[];
  otherProtocols: number;
  flows: { name: string; filter: string; count: number; stopped: number; first: number }[];
  /** Flows that are told apart, and packets of those for which there was no room. */
  flowCount: number;
  otherFlows: number;
  faults: { place: string; message: string; count: number; first: number }[];
  /** Why packets were not given to the program. */
  bypassed: { reason: string; count: number; first: number }[];
  warnings: { text: string; count: number; first: number }[];
}

export interface TrafficOutcome {
  name: string;
  action: Action;
  count: number;
  /** Places of the first packet, and of the one that took most instructions. */
  first: number;
  slowest: { index: number; steps: Step };
  /** How many there are in each part. */
  parts: number[];
}

/** What of the program ran on any packet. */
export interface TrafficCoverage {
  kind: 'traffic-coverage';
  /** Packets that were looked at. */
  packets: number;
  isWhole: boolean;
  instructions: number;
  ran: number;
  /** By instruction slot: the place of the first packet that reached it, and how often it ran. */
  slots: { pc: number; first: number; count: number }[];
  /**
   * Lines of C with code: the first packet that reached any of it (undefined: none did), and how
   * often the instruction of it ran that ran most.
   */
  lines: { file: string; line: number; text: string; first?: number; count: number }[];
}

/** What one key of a map held along a capture. */
export interface KeyHistory {
  kind: 'key-history';
  map: string;
  /** hex */
  key: string;
  /** Behind which packet it changed, -1: before the first; undefined: the entry is gone. */
  changes: { packet: number; value?: string; text?: string }[];
  /** Packets that were looked at. */
  packets: number;
  /** There are more changes than are kept. */
  isCut: boolean;
  /** All packets that have a verdict were looked at. */
  isWhole: boolean;
}

/** What two programs, versions or engines make of the same packets. */
export interface TrafficComparison {
  kind: 'traffic-comparison';
  left: string;
  right: string;
  /** Packets that were compared, and on how many the two differ. */
  packets: number;
  isWhole: boolean;
  differing: number;
  /** Places of the first of them. */
  differences: number[];
  /** All that was found, as Markdown. */
  report: string;
}

/** A file that is handed on by reference. */
export interface BlobFile {
  kind: 'blob-file';
  name: string;
  blob: Blob;
  /** Packets in it. */
  packets: number;
}
