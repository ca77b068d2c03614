import type { Pc, Step } from '../spec/units.ts';
/**
 * What the page and the worker say to each other: one union of wishes, one of replies. Plain data
 * only, so that it passes structured cloning; a reply carries its wish's id. Numbers that may need
 * 64 bits travel as text.
 */

import type { Verdict } from '../hooks/verdict.ts';
import type { Device, Neighbour, Network, Route, Socket } from '../machine/network.ts';
import type { MapSizeField } from '../maps/completion.ts';
import type { Dissection, StackItem, StackRow } from '../packet/types.ts';
import type { NotesHere } from '../session/notes.ts';
import type { Stop } from '../session/stop.ts';
import type {
  BreakpointRule,
  CapturePlace,
  Edit,
  EditTarget,
  Go,
  Note,
  SessionInputs,
  Settings,
  WatchTarget,
} from '../session/types.ts';
import type { ListHook } from '../spec/hook-lists.ts';
import type { HookName, OptionRow } from '../spec/program-types.ts';
import type { RegionId } from '../spec/regions.ts';
import type { HookChange, HookListView, HookOrder, HookPlace } from './hook-lists.ts';
import type { ChainChange, ChainOrder, ChainSpeed, ChainView, DroppedPacket } from './netdev.ts';
import type {
  BlobFile,
  KeyHistory,
  TrafficComparison,
  TrafficCoverage,
  TrafficErrand,
  TrafficMaps,
  TrafficOrder,
  TrafficPlace,
  TrafficQuery,
  TrafficRows,
  TrafficStatistics,
  TrafficView,
} from './traffic.ts';

export type * from '../session/types.ts';
export type * from './hook-lists.ts';
export type * from './netdev.ts';
export type * from './traffic.ts';
export type { Device, Neighbour, Network, NotesHere, Route, Socket };

// ---------------------------------------------------------------- wishes

export type Wish =
  /**
   * A dropped or chosen file, or bytes from anywhere: object, raw bytecode, capture, hex text, C
   * source or snapshot.
   */
  | { type: 'open-file'; name: string; bytes: Uint8Array }
  /** The same by reference: of a capture of any size no more is read than is looked at. */
  | { type: 'open-blob'; name: string; blob: Blob }
  /** A piece of the work on a capture: TrafficView says whether there is more. */
  | { type: 'traffic-work' }
  /** again: from the first packet on, with the set-up as it is now, and by this engine. */
  | { type: 'traffic-order'; order: TrafficOrder; engine?: string }
  /** Which packets of the capture the list shows. */
  | { type: 'traffic-query'; query: TrafficQuery }
  | { type: 'traffic-rows'; from: number; count: number }
  /** Row of a packet in the list. */
  | { type: 'traffic-place'; packet: number }
  | { type: 'traffic-statistics' }
  /** The session becomes this packet of the capture, at the state that all in front of it left. */
  | { type: 'traffic-open'; packet: number }
  /** The next packet behind one that is dropped, faults, or is judged otherwise. */
  | { type: 'traffic-seek'; behind: number; what: 'drop' | 'fault' | 'change' | 'difference' }
  /** Maps as they were behind so many packets. */
  | { type: 'traffic-maps'; packets: number }
  /** Work along the capture, in the background; `traffic-result` asks for what came of it. */
  | { type: 'traffic-errand'; errand: TrafficErrand }
  | { type: 'traffic-result' }
  /** The capture is put away; the session stays. */
  | { type: 'traffic-close' }
  /** Another chain of filters, or other traffic through it; packets that flow go on. */
  | { type: 'chain-change'; change: ChainChange }
  /** start: also anew, where all packets have passed; stop: what was counted goes. */
  | { type: 'chain-order'; order: ChainOrder }
  | { type: 'chain-speed'; speed: ChainSpeed }
  /** A piece of what flows: ChainRunView says whether there is more. */
  | { type: 'chain-work' }
  /** The session becomes a packet that was dropped, with the program that dropped it. */
  | { type: 'chain-open'; drop: DroppedPacket }
  /** What a filter-dump has written. */
  | { type: 'chain-dump'; filter: string }
  /** Other programs on a hook. */
  | { type: 'hook-change'; hook: ListHook; change: HookChange }
  /** start: from the first packet on; stop: what was counted stays. */
  | { type: 'hook-order'; hook: ListHook; order: HookOrder }
  /** A piece of the packets past the programs: HookRunView says whether there is more. */
  | { type: 'hook-work' }
  /** The session becomes a packet at a program of a list, as those in front of it left it. */
  | { type: 'hook-open'; place: HookPlace }
  /**
   * Pasted text: a link, an object in hex or base64, a packet in any dialect, or assembly. `as`
   * settles a doubt.
   */
  | { type: 'open-text'; text: string; as?: 'object' | 'packet' | 'assembly' }
  | { type: 'open-inputs'; inputs: SessionInputs }
  | { type: 'open-link'; fragment: string }
  /** What was kept of a session, after a reload or in a new worker; at this step. */
  | { type: 'open-kept'; kept: KeptSession; step: Step }
  | { type: 'select-program'; name: string }
  | { type: 'set-hook'; hook: HookName }
  | { type: 'set-option'; name: string; value: string }
  | { type: 'set-settings'; settings: Partial<Settings> }
  /** Undefined: as the object asks. A file's types come by 'open-file'. */
  | { type: 'set-kernel-types'; kernelTypes: 'own' | 'bundled' | undefined }
  /** Undefined: DEFAULT_NETWORK again. */
  | { type: 'set-network'; network: Network | undefined }
  /**
   * A value of a `__kconfig` or `__ksym` variable, or an address of one without a type; '' gives
   * back what it is without.
   */
  | { type: 'set-extern'; name: string; value: string }
  /**
   * A map's size as user space would set it before loading; '': as the object and the loader have
   * it.
   */
  | { type: 'set-map-size'; map: string; field: MapSizeField; value: string }
  /**
   * What a global variable holds before the run, by its type; '' gives back what the object has.
   */
  | { type: 'set-variable'; map: string; variable: string; value: string }
  | { type: 'select-packet'; index: number }
  /** Goes on with the packets that have no verdict yet: a part of them, RowsPart says how far. */
  | { type: 'run-packets' }
  /** Rows of the list of packets that come into sight. */
  | { type: 'show-packets'; from: number; count: number }
  /** The packets as a table: those of a kind, in an order, and of them the rows in sight. */
  | { type: 'list-packets'; query: PacketQuery; from: number; count: number }
  /** All packets summed up. */
  | { type: 'packet-statistics' }
  /** Names of fields that a filter of packets may go on with at the caret. */
  | { type: 'complete-filter'; text: string; caret: number }
  /** Selects the next packet that is dropped, faults, or is judged otherwise than the selected. */
  | { type: 'seek-packet'; what: 'drop' | 'fault' | 'change' }
  | { type: 'add-packet'; text: string }
  /** Reads the last pasted text in another way that was offered. */
  | { type: 'read-packet-as'; dialect: string }
  | { type: 'remove-packet'; index: number }
  /** To the place of another; the selected one stays selected. */
  | { type: 'move-packet'; index: number; to: number }
  | { type: 'rename-packet'; index: number; name: string }
  /** The same packet once more behind it, and selected; with a change, as that makes it. */
  | { type: 'duplicate-packet'; index: number; change?: PacketChange }
  /** A packet of `core/spec/packet-templates.ts` behind the selected one. */
  | { type: 'add-template'; name: string }
  /** The selected packet of these headers; `settle`: with lengths and the like made right. */
  | { type: 'build-packet'; stack: readonly StackItem[]; settle: boolean }
  /** Replaces the selected packet by what the text says. */
  | { type: 'set-packet-text'; text: string }
  /** Writes bytes over the selected packet, or changes its length. */
  | { type: 'edit-packet'; offset: number; bytes: Uint8Array }
  | { type: 'resize-packet'; length: number }
  /** Sets a field of the dissection from text, `ip.dst` to `8.8.8.8`. */
  | { type: 'edit-field'; name: string; offset: number; text: string; fixChecksums: boolean }
  | { type: 'fix-checksums' }
  | { type: 'set-context'; field: string; value: string }
  /**
   * Key and value as hex bytes, or as a number where they are 1, 2, 4 or 8 bytes wide; a program or
   * a map by its name.
   */
  | { type: 'set-map-entry'; map: string; key: string; value: string; cpu?: number }
  /**
   * One member of an entry's value, in C (`value.hits`): before the run, else at this step. What
   * else is in the value stays as it is then.
   */
  | {
      type: 'set-map-field';
      map: string;
      key: string;
      cpu?: number;
      expression: string;
      text: string;
      before: boolean;
    }
  /** A key or value that is being typed, as its members, with one of them changed. */
  | {
      type: 'map-fields';
      map: string;
      part: MapPart;
      typed: string;
      change?: { expression: string; text: string };
    }
  /** All slots of a prog array, programs in the order of their sections. */
  | { type: 'fill-prog-array'; map: string }
  | { type: 'delete-map-entry'; map: string; key: string }
  /**
   * A map's contents at this step in the JSON of `bpftool map dump`; and such text as what it holds
   * before the run.
   */
  | { type: 'export-map'; map: string }
  | { type: 'import-map'; map: string; text: string }
  | { type: 'toggle-breakpoint'; pc: Pc }
  /**
   * At every place where the line begins; of a line without code, at the next one that has some.
   */
  | { type: 'toggle-line'; file: string; line: number }
  /** How often the selected packet's run reaches each breakpoint. */
  | { type: 'count-breakpoints' }
  /** Of a breakpoint that is set; empty text takes a part away. */
  | { type: 'set-rule'; rule: BreakpointRule }
  /** Sets a watchpoint, or takes it away. */
  | { type: 'toggle-watchpoint'; target: WatchTarget }
  /** Changes something at this step; the change belongs to the session and its link. */
  | { type: 'edit'; target: EditTarget; value: string }
  /** Takes the last change of the session back; makes it again. */
  | { type: 'undo' }
  | { type: 'redo' }
  /** Why the verdict is what it is; or why a register or bytes hold at this step what they hold. */
  | { type: 'explain'; target?: WatchTarget }
  /**
   * Blocks of every function with how often they ran, over the selected packet or over all; as
   * graphs of these sizes.
   */
  | { type: 'flow'; all: boolean; sizes: FlowSizes }
  /** Adds packets that take the ways which those of the session leave out, where there are any. */
  | { type: 'cover' }
  /** The WebAssembly that the code from this slot on is compiled to, as text. */
  | { type: 'compiled'; entry: Pc }
  /** C variables of a frame, index into Snapshot.frames. */
  | { type: 'variables'; frame: number }
  /** What an expression comes to in a frame. */
  | { type: 'evaluate'; expression: string; frame: number }
  /**
   * Changes what an expression names, at this step; the change belongs to the session and its link.
   */
  | { type: 'assign'; expression: string; value: string; frame: number }
  /** Expressions that are watched, in C (source/expression.ts). */
  | { type: 'set-expressions'; expressions: string[] }
  /** Words at a step of a packet, in the place of those that stand there; '' takes them away. */
  | { type: 'set-note'; packet: number; step: Step; text: string }
  /** To the packet and the step of a note, index into NotesPart. */
  | { type: 'go-to-note'; index: number }
  /**
   * What every packet has come to becomes what it must come to, in the place of what was expected;
   * beside its verdict, as chosen, the packet that goes on and entries of maps it changed.
   */
  | { type: 'keep-expectations'; packetOut: boolean; maps: boolean }
  /** Of one packet the verdict by its word; '' takes away all that is expected of it. */
  | { type: 'set-expectation'; packet: number; verdict: string }
  /** The entries of maps that a packet must come to. */
  | { type: 'expected-entries'; packet: number }
  /** Key or value of one of them as a person writes it; '': it is not expected any more. */
  | { type: 'set-expected-entry'; packet: number; index: number; part: MapPart; text: string }
  | { type: 'drop-expectations' }
  /** Packets and expectations as a test file. */
  | { type: 'save-tests' }
  /** What happened where in the run of the selected packet, for the timeline. */
  | { type: 'marks' }
  /** Every step of the selected packet, as a file. */
  | { type: 'export-trace'; format: TraceFormat }
  | { type: 'go'; go: Go }
  /** Stops a run that is under way; the run's own reply comes with the place it reached. */
  | { type: 'pause' }
  /** `only`: of the packets the selected one. */
  | { type: 'share'; keeps: LinkKeeps; only?: boolean }
  | { type: 'save-snapshot' }
  /** The same of a kept session that is not opened: it may be what stops the worker. */
  | { type: 'pack-kept'; kept: KeptSession; step: Step }
  /** Bytes of a region, for the memory pane. */
  | { type: 'read-memory'; region: RegionId; offset: number; length: number };

/**
 * ping: whether the worker is there; it answers between two breaths of its work. hurry: a wish of
 * the same kind waits behind the one under way, which leaves to it what takes long.
 */
export type Request = (Wish | { type: 'ping' } | { type: 'hurry' }) & { id: number };

export type Reply =
  | {
      id: number;
      kind: 'done';
      view?: Partial<SessionParts>;
      /**
       * With the view: of what is to be kept of the session, what changed; for a worker that has to
       * begin anew, and for the next time.
       */
      kept?: Partial<KeptSession>;
      snapshot?: Snapshot;
      notice?: string;
      /** An object was built anew: what goes on with it. */
      rebuilt?: Rebuilt;
      value?:
        | Explanation
        | PacketTable
        | PacketStatistics
        | FilterNames
        | FlowView
        | CompiledView
        | CoverView
        | TimelineMarks
        | BreakpointCounts
        | VariablesView
        | Evaluated
        | MapFields
        | ExpectedEntries
        | TextFile
        | ShareResult
        | MemoryBytes
        | SnapshotFile
        | MapFile
        | TrafficRows
        | TrafficPlace
        | TrafficStatistics
        | TrafficMaps
        | TrafficComparison
        | TrafficCoverage
        | KeyHistory
        | BlobFile;
    }
  /** With what earlier wishes left to this one. */
  | {
      id: number;
      kind: 'error';
      error: ErrorView;
      view?: Partial<SessionParts>;
      snapshot?: Snapshot;
    }
  | { id: number; kind: 'pong' }
  /** The worker is there, and holds the lock of its name until its end. */
  | { id: number; kind: 'alive' }
  /** Long work is under way; `total` is unknown while a run has no end in sight. */
  | { id: number; kind: 'progress'; what: string; done: number; total?: number };

export interface ErrorView {
  /** input: what the user gave cannot be used; bug: our own mistake. */
  kind: 'input' | 'bug';
  place: string;
  message: string;
}

/** A session's inputs but for the step, as core/share/kept.ts writes them. */
export interface KeptSession {
  /** Of the link format. */
  version: number;
  /** All but bytes, as JSON. */
  description: string;
  object: Uint8Array;
  /** One after the other. */
  packets: Uint8Array;
  /** Of a chain, one after the other; what was kept before there were chains has none. */
  objects?: Uint8Array;
}

/** What of a session goes on with its object built anew, and what cannot, each in words. */
export interface Rebuilt {
  name: string;
  size: number;
  kept: string[];
  lost: string[];
}

/**
 * What of an object's debug information a link takes along: places of C variables too, types and
 * lines, or no more than it runs by.
 */
export type LinkKeeps = 'variables' | 'lines' | 'program';

export interface ShareResult {
  kind: 'share';
  /** The part after `#`. */
  fragment: string;
  /** What was left out to make it short: `debug info (.debug_*)`. */
  dropped: string[];
}

export interface SnapshotFile {
  kind: 'snapshot-file';
  name: string;
  bytes: Uint8Array;
}

export interface MapFile {
  kind: 'map-file';
  name: string;
  text: string;
}

/** What the table of packets can be sorted by. */
export type PacketColumn =
  | 'number'
  | 'time'
  | 'name'
  | 'summary'
  | 'protocol'
  | 'length'
  | 'verdict'
  | 'steps';

/** How a copy of a packet differs from it; the length is changed first. */
export interface PacketChange {
  readonly name?: string;
  readonly length?: number;
  readonly offset: number;
  readonly bytes?: Uint8Array;
}

/** What became of the packets of a session, summed up. */
export interface PacketStatistics {
  readonly kind: 'packet-statistics';
  readonly total: number;
  /** Those that have a verdict. */
  readonly judged: number;
  /** Packets in a part of the chart, in the order of the capture. */
  readonly partSize: number;
  /** The most frequent first. */
  readonly outcomes: readonly OutcomeRow[];
  readonly protocols: readonly {
    readonly protocol: string;
    readonly count: number;
    readonly outcomes: readonly { readonly name: string; readonly count: number }[];
  }[];
  /** Packets of protocols that are not in the table. */
  readonly otherProtocols: number;
  readonly faults: readonly {
    readonly place: string;
    readonly message: string;
    readonly count: number;
    /** Index of the first packet that faulted there. */
    readonly first: number;
  }[];
}

/** Packets that came to one verdict. */
export interface OutcomeRow {
  readonly name: string;
  readonly action: VerdictView['action'];
  readonly count: number;
  /** Index of the first, and of the one that took most instructions. */
  readonly first: number;
  readonly slowest: { readonly index: number; readonly steps: Step };
  /** How many there are in each part of the capture. */
  readonly parts: readonly number[];
}

export interface PacketQuery {
  /** A display filter, or words that a packet's row must have, each; in any case. */
  text: string;
  /** Name of a verdict. */
  verdict?: string;
  sort: PacketColumn;
  descending: boolean;
}

/** Packets of a query: all of them counted, those in sight with what is known of them. */
export interface PacketTable {
  kind: 'packet-table';
  /** How many there are, and how many of them the query leaves. */
  total: number;
  matching: number;
  /** Of the first row, among those that the query leaves. */
  from: number;
  rows: PacketTableRow[];
  /** Verdicts of all packets that the text leaves, the most frequent first. */
  counts: { name: string; action: VerdictView['action']; count: number }[];
  /** Packets that were not run: what all may take together was used up. */
  unjudged: number;
  /** What the text of the query was taken for; undefined where there is none. */
  takenFor?: 'filter' | 'words';
  /** Whether any of them has a time. */
  timed: boolean;
}

/** Names of fields that go on from what stands in a filter, in place of these characters of it. */
export interface FilterNames {
  kind: 'filter-names';
  from: number;
  to: number;
  names: { name: string; label: string }[];
}

export interface PacketTableRow extends PacketRow {
  index: number;
  /** Seconds since the first packet that has a time. */
  time?: number;
  /** The innermost header that is known. */
  protocol: string;
  /** Instructions that ran on it. */
  steps?: number;
  faulted: boolean;
}

export type TraceFormat = 'text' | 'json' | 'csv';

export interface TextFile {
  kind: 'text-file';
  name: string;
  text: string;
}

/** What the timeline can show. */
export type MarkKind =
  | 'call'
  | 'jump'
  | 'packet-write'
  | 'map-write'
  | 'output'
  | 'breakpoint'
  | 'watchpoint'
  | 'edit';

/** The first of a kind in a stretch of the run, and how many there are in it. */
export interface TimelineMark {
  step: Step;
  count: number;
}

export interface TimelineMarks {
  kind: 'marks';
  /** Steps of the run. */
  total: number;
  /** Ascending by step. */
  marks: Record<MarkKind, TimelineMark[]>;
}

/** How often the whole run of the selected packet comes by each breakpoint. */
export interface BreakpointCounts {
  kind: 'breakpoint-counts';
  /**
   * `held`: how often its condition was true; as often as it was reached where it has none.
   * `untold`: how often it could not be told, and why the first time: `qe has no value here`.
   */
  counts: { pc: Pc; reached: number; held: number; untold?: number; why?: string }[];
  /** Steps that were looked at. */
  steps: Step;
  /** To the end of the run: false where that is too long to look at. */
  isWhole: boolean;
}

/** Ways out of conditional jumps, two each: which packets take them, and which no packet takes. */
export interface CoverView {
  kind: 'cover';
  /** Packets that were there, and that were made. */
  given: number;
  made: number;
  ways: number;
  before: number;
  after: number;
  /** Lines of C with such jumps: all, and those of which every way is taken. */
  lines?: { all: number; before: number; after: number };
  /** The packets have times now, and the clock goes by them: the program asks for it. */
  isTimed: boolean;
  missing: CoverMissing[];
}

export interface CoverMissing {
  pc: Pc;
  taken: boolean;
  text: string;
  line?: LineOfCode;
  why: string;
}

/** A unit of compiled code (core/jit) in the text format of WebAssembly. */
export interface CompiledView {
  kind: 'compiled';
  entry: Pc;
  /** What the lines are about; none: no compiled code begins at the slot. */
  lines: CompiledLine[];
  /** Size of the module. */
  bytes: number;
  instructions: number;
  /** Slots outside of it that it leads to, each the beginning of another unit. */
  leadsTo: Pc[];
  /** The same of what only the interpreter does: exits, tail calls. */
  interpreted: Pc[];
}

export interface CompiledLine {
  text: string;
  /** How many blocks it stands in. */
  depth: number;
  /** The instruction that it does a part of; none: it is around them. */
  pc?: Pc;
}

/** Where control went. */
export interface FlowView {
  kind: 'flow';
  /** Those that ran, and the entry. */
  functions: FlowFunction[];
  /** Lines of the C source with how often their busiest instruction ran. */
  lines: { file: string; line: number; text: string; count: number; instructions: number }[];
  steps: Step;
  /**
   * Functions, helpers and programs with who calls them, as a graph; undefined where there are too
   * many.
   */
  calls: {
    nodes: CallNode[];
    edges: { from: number; to: number; count: number }[];
    graph?: GraphView;
  };
}

/** Boxes and lines in pixels, from the upper left corner. */
export interface GraphView {
  width: number;
  height: number;
  boxes: { id: number; x: number; y: number; width: number; height: number }[];
  edges: { from: number; to: number; points: [number, number][] }[];
}

/** A function of the object by its first slot, or a helper by a number below 0. */
export interface CallNode {
  id: number;
  name: string;
  kind: 'function' | 'helper';
  /** Calls of it; of the entry function its runs. */
  count: number;
}

/**
 * Sizes of a block as the page draws it, pixels: a row of code, its head, a character, the room at
 * both sides together.
 */
export interface FlowSizes {
  row: number;
  head: number;
  character: number;
  side: number;
}

export interface FlowFunction {
  name: string;
  start: number;
  /** Its blocks by their first slots, drawn; undefined where there are too many. */
  graph?: GraphView;
  blocks: FlowBlock[];
  instructions: number;
  /** Instructions that ran. */
  ran: number;
}

/** Instructions that run one after the other, `end` exclusive. */
export interface FlowBlock {
  start: number;
  end: number;
  pcs: Pc[];
  count: number;
  /** Where it goes on, and how often it did. */
  ways: { to: number; count: number }[];
}

/** What made a result, in words and places. */
export interface Explanation {
  kind: 'why';
  /** What came out and what decided it: `XDP: XDP_DROP (1): ip.dst is 1.1.1.1, compared at …` */
  text: string;
  /** What else took part, each with its place, the nearest to the end first. */
  more: string[];
  /** An option of the hook that decided it, and what another value comes to, tried by running. */
  option?: { name: string; value: string; verdict: string };
  /** Instructions that matter, ascending, of how many that ran. */
  pcs: Pc[];
  steps: Step;
  totalSteps: number;
  /** Ranges of packet bytes that went into it. */
  decided: [number, number][];
  /**
   * All that went into it and comes from outside the program, whatever the sentence has room for.
   */
  causes: Cause[];
  branches: DecisiveBranch[];
  /** Of the verdict: what its value itself was made of, whatever was compared. */
  value?: ValueCauses;
  /** Maps that went into it, in the order they were asked. */
  lookups: MapLookup[];
  /** Why it is not the whole story, where it is not. */
  note?: string;
}

/**
 * Something outside the program that a result depends on: with another value it could be another.
 */
export interface Cause {
  /**
   * packet: bits of a byte of the frame; entry: of a map, without `key` all of it; global: bytes of
   * a variable; setting: of the session, or a part of its network; edit: what a person did in
   * mid-run.
   */
  kind: 'packet' | 'length' | 'context' | 'setting' | 'global' | 'entry' | 'edit';
  name: string;
  /** In two parts that make a sentence: `ingress_ifindex`, `is 1`; `tick (global)`, `was 0`. */
  what: string;
  says: string;
  map?: string;
  key?: string;
  /** Of a packet's byte or a variable. */
  offset?: number;
  length?: number;
  /** Of a packet's byte: which of its bits. */
  bits?: number;
  /** It says whether the hook runs the program on the packet, or from where on. */
  atEntry?: true;
  /** It counts only because each instruction takes time, and the program asked for the time. */
  throughTime?: true;
}

export interface FieldFact {
  name: string;
  label: string;
  text: string;
  offset: number;
  length: number;
  /** Of the part that counts: `ip.src (bytes 26 to 29)`, `is in 10.0.0.0/8`. */
  what: string;
  says: string;
}

export interface ValueCauses {
  fields: FieldFact[];
  /** What of it is not the packet's. */
  others: Cause[];
  change?: TurningChange;
}

/** A line of the C source that an instruction comes from. */
export interface LineOfCode {
  file: string;
  line: number;
  text: string;
}

export interface DecisiveBranch {
  pc: Pc;
  step: Step;
  /** `if r1 == 0x1010101 goto +1` */
  text: string;
  taken: boolean;
  /** `0x1010101 == 0x1010101` with the values it compared. */
  compared: string;
  line?: LineOfCode;
  /** What it compared, `ip.dst (bytes 30 to 33) is 1.1.1.1`, and what only said where that is. */
  facts: string[];
  foundBy: string[];
  /** Fields of the packet that it compared, as they were. */
  fields: FieldFact[];
  /** What else it compared. */
  others: Cause[];
  /** Helpers whose answer it compared: `bpf_skb_store_bytes gave -14 (EFAULT)`. */
  answers: string[];
  /** It compared the packet's length, which is this. */
  length?: number;
  /**
   * It asked only whether the packet is long enough, and every longer one passes too; whether a
   * call could be done; or whether an entry is there that always is.
   */
  passes?: true;
  change?: TurningChange;
}

/**
 * A change of the packet that makes a branch go the other way, tried by running; what comes of it.
 */
export interface TurningChange {
  /** `ip.dst other than 1.1.1.1`, `ip.proto UDP (17)`, `a packet of 34 bytes`. */
  needed: string;
  /** Bytes to write, in hex; empty where only the length changes. */
  offset: number;
  bytes: string;
  /** The new length of the packet, where it changes. */
  length?: number;
  verdict: string;
}

/**
 * Why a tail call did not leave: its slot is empty, there is none of that number, or it was one
 * more than the kernel allows in a run.
 */
export type MissedTailCall = 'empty' | 'past-end' | 'limit';

/** A helper that was given a map, and what it found. */
export interface MapLookup {
  step: Step;
  pc: Pc;
  map: string;
  helper: string;
  key: string;
  keyText: string;
  /** `byte 7 of the key is padding nobody wrote here`: keys that look alike may differ in it. */
  padding?: string;
  line?: LineOfCode;
  /** Of a lookup: what is in it; undefined where the key is not there. */
  value?: string;
  found?: boolean;
  /** Of a tail call that went on behind itself, why it did. */
  missed?: MissedTailCall;
  /**
   * What in its place before the run, hex, the name of a program or nothing, gives another verdict,
   * tried by running.
   */
  change?: { value: string; verdict: string };
}

/** The C variables of a frame as they are at this step, and the expressions that are watched. */
export interface VariablesView {
  kind: 'variables';
  /** Innermost first: inlined calls, the function; then the global variables. */
  scopes: VariableScope[];
  expressions: WatchedExpression[];
  /** What is missing and what a person can do about it. */
  note?: string;
  /** Where some are optimised out: how to build so that they are kept. */
  advice?: string;
}

export interface VariableScope {
  /** Of the function; empty for the global variables. */
  name: string;
  kind: 'function' | 'inlined' | 'global';
  variables: ValueView[];
}

export interface ValueView {
  /** Of an element `[3]`; of what a pointer points at `*`. */
  name: string;
  /** As C declares it. */
  type: string;
  /** As its type reads, `XDP_DROP (1)`; where it is not held, why. */
  text: string;
  /** It has a value now. */
  held: boolean;
  /** Why the value may be another variable's. */
  doubt?: string;
  parameter: boolean;
  /** `r2`, `stack-8`, `packet+14`; empty where it has no place of its own. */
  place: string;
  /** Of one that lies in the packet, the offset of its first byte there. */
  packet?: number;
  /** Bytes of it. */
  size: number;
  /** Bytes in hex, where they are few. */
  bytes: string;
  /** How an expression names it; empty where none does. */
  expression: string;
  /** It has a place, and a text that can be typed. */
  editable: boolean;
  /** Other than when variables were asked for before. */
  changed: boolean;
  children?: ValueView[];
}

export type Evaluated = { kind: 'evaluated' } & WatchedExpression;

/** Of an entry of a map. */
export type MapPart = 'key' | 'value';

/** A key or value that is being typed. */
export interface MapFields {
  kind: 'map-fields';
  /** All of it, in hex. */
  bytes: string;
  tree: ValueView;
}

/** Entries that must be there behind a packet, in words that can be typed over. */
export interface ExpectedEntries {
  kind: 'expected-entries';
  packet: number;
  /** `hits = 3`, or bytes in hex, or a number; value `none`: there must be none. */
  entries: { map: string; key: string; value: string }[];
}

export interface WatchedExpression {
  text: string;
  value?: ValueView;
  /** Why it has none. */
  error?: string;
}

export interface MemoryBytes {
  kind: 'memory';
  region: RegionId;
  offset: number;
  bytes: Uint8Array;
}

// -------------------------------------------------- the set-up: changes when inputs change

/**
 * The set-up in parts that change at different times: a reply carries those that changed, each
 * whole, and the page puts them together.
 */
export interface SessionParts {
  object: ObjectPart;
  code: CodePart;
  setUp: SetUpPart;
  packets: PacketsPart;
  rows: RowsPart;
  stops: StopsPart;
  notes: NotesPart;
  expectations: ExpectationsPart;
  changes: ChangesPart;
  traffic: TrafficPart;
  chain: ChainPart;
  hooks: HooksPart;
}

/** All parts side by side, as panes read them. */
export type SessionView = ObjectPart &
  CodePart &
  SetUpPart &
  PacketsPart &
  RowsPart &
  StopsPart &
  NotesPart &
  ExpectationsPart &
  ChangesPart &
  TrafficPart &
  ChainPart &
  HooksPart;

/** Changes with the object and what decides how it is read. */
export interface ObjectPart {
  object: ObjectView;
  kernelTypes: KernelTypesView;
}

/** Changes with the program. */
export interface CodePart {
  code: CodeView;
  /** partial: the file is not there, of its lines those are known that code comes from. */
  sources: { file: string; text: string; partial?: true }[];
}

/** Changes with every input that a run depends on. */
export interface SetUpPart {
  /** Another one wherever the run may be another. */
  run: number;
  /** Name of the program that is stepped. */
  program: string;
  /** Why the selected program cannot be run, where it cannot. */
  programError?: string;
  hook: HookName;
  /** The hook the section name asks for. */
  hookRecognised: boolean;
  /** What was assumed of the hook, in a sentence; '' where the section name or the user says it. */
  hookNote: string;
  options: (OptionRow & { value: string })[];
  settings: Settings;
  network: Network;
  variables: VariableView[];
  packet: number;
  /** The selected packet as it goes in. */
  packetBytes: Uint8Array;
  dissection: Dissection;
  /** The headers it is made of, as far as it is a packet: what the builder works on. */
  packetStack: readonly StackRow[];
  /** How pasted text was read, with what was skipped or guessed. */
  packetNotes: string[];
  /** Other ways in which the last pasted text could be read. */
  packetAlternatives: { dialect: string; label: string; packets: number }[];
  context: ContextInput[];
  /** filter-ubpf: the present set-up for QEMU. */
  qemu?: { commandLine: string; qmp: string; note: string };
  /** Hooks of Linux: command lines that attach the program. */
  commands: { label: string; text: string }[];
  /** Settings, and parts of the network, that a program of this hook can see. */
  surroundings: Exclude<keyof Settings | keyof Network, 'maxSteps'>[];
  /** The verdict of the whole run of the selected packet; undefined while it is being computed. */
  outcome?: Outcome;
  /** `name`: of what was changed, `stack-8`. */
  edits: (Edit & { name: string })[];
  warnings: string[];
}

/** Changes when packets come, go or change. */
export interface PacketsPart {
  packetNames: string[];
  /** The session is one packet of a capture, which need not be here any more. */
  capture?: CapturePlace;
}

/** The packets that the page shows: of thousands, those in sight. */
export interface RowsPart {
  packetRows: {
    /** Index of the first. */
    from: number;
    rows: PacketRow[];
  };
  /** Packets that have a verdict, the first ones; and whether more are to be run. */
  packetsRun: { done: number; more: boolean };
}

/** Changes as the work on a capture goes on. */
export interface ChainPart {
  /** Of a netdev: filters that packets flow through. */
  chain?: ChainView;
}

/** Changes as the programs of a hook do, and as packets go past them. */
export interface HooksPart {
  /** Programs on hooks of Linux, a list a hook; none where there is nothing to list. */
  hookLists: HookListView[];
}

export interface TrafficPart {
  /** A capture with more packets than a session holds. */
  traffic?: TrafficView;
}

/** What stops a run and what is watched: none of it changes the run. */
export interface StopsPart {
  breakpoints: Pc[];
  breakpointRows: BreakpointRow[];
  rules: BreakpointRule[];
  /** Watched beside the variables. */
  expressions: string[];
  watchpoints: { name: string; target: WatchTarget }[];
}

/** What is said at steps. */
export interface NotesPart {
  notes: Note[];
}

/** What packets must come to, and whether they do. */
export interface ExpectationsPart {
  /** By packet; of packets of which nothing is expected there is none. */
  expectations: ExpectationRow[];
  /** What is asked beside verdicts, of any packet. */
  expected: { packetOut: boolean; maps: boolean };
}

export interface ExpectationRow {
  packet: number;
  /** As it was written; '' where none is asked. */
  verdict: string;
  /** All that is expected, in words. */
  text: string;
  /** How many entries of maps are. */
  entries: number;
  /** Undefined: it was not run yet. */
  met?: boolean;
  /** What was not met, a line each. */
  unmet: string[];
}

/** What undo would take back and redo make again: `edit of ip.dst`; undefined: there is none. */
export interface ChangesPart {
  undo?: string;
  redo?: string;
}

/**
 * A breakpoint as a person set it: at an instruction, or at every place where the code of a C line
 * begins.
 */
export interface BreakpointRow {
  pcs: Pc[];
  line?: { file: string; line: number };
}

/** What CO-RE relocations are resolved against. */
export interface KernelTypesView {
  /** automatic: nothing was chosen. */
  choice: 'automatic' | 'own' | 'bundled' | 'file';
  /** `Linux 6.18, bundled`, a file's name; undefined for the object's own. */
  used?: string;
}

export interface ObjectView {
  name: string;
  format: 'elf' | 'raw';
  endian: 'little' | 'big';
  size: number;
  license: string | undefined;
  sections: {
    index: number;
    name: string;
    type: string;
    flags: string;
    offset: number;
    size: number;
  }[];
  symbols: {
    name: string;
    type: string;
    binding: string;
    section: string;
    value: number;
    size: number;
  }[];
  relocations: { section: string; offset: number; type: string; symbol: string; addend: string }[];
  programs: {
    name: string;
    section: string;
    instructions: number;
    hook: HookName;
    recognised: boolean;
    /** What was assumed of the section's name; '' where libbpf knows it. */
    note: string;
    error?: string;
  }[];
  maps: {
    name: string;
    type: string;
    keySize: number;
    valueSize: number;
    maxEntries: number;
    origin: string;
    section: string;
    declaration: string;
    /** What a loader or the user filled in, in words; '' where the object says all. */
    filledIn: string;
    /** The kernel makes no map of its type with max_entries 0. */
    needsEntries: boolean;
  }[];
  externs: ExternView[];
  coreRelocations: CoreRelocationView[];
  warnings: string[];
}

/** A symbol the object does not define. */
export interface ExternView {
  name: string;
  kind: string;
  weak: boolean;
  /** As C declares it; empty where the object does not say. */
  declaration: string;
  /** What it holds, or its address; undefined where no kernel here has it. */
  value?: string;
  given: 'set' | 'default' | 'zero' | 'missing';
  editable: boolean;
}

/** A global variable before the run. */
export interface VariableView {
  /** `.rodata` */
  map: string;
  name: string;
  declaration: string;
  value: string;
  /** The same as it is typed in; undefined where it is too long for that. */
  input?: string;
  /** The program only reads it. */
  readOnly: boolean;
  /** By the user. */
  changed: boolean;
}

export interface CoreRelocationView {
  section: string;
  offset: number;
  kind: string;
  /** `struct sk_buff.len` */
  subject: string;
  /** As compiled, decimal; undefined where the object's types are broken. */
  local?: string;
  how: 'patched' | 'poisoned' | 'failed';
  /** The value patched in, or why there is none. */
  result: string;
  doc: string;
}

export interface CodeView {
  functions: { name: string; start: number; end: number; section: string }[];
  /** One row an instruction, ascending; a 64-bit immediate load is one row of two slots. */
  rows: CodeRow[];
  /** Lines rows point at. */
  lines: { file: string; line: number; text: string }[];
}

export interface CodeRow {
  pc: Pc;
  /** hex */
  bytes: string;
  /** LLVM's spelling. */
  text: string;
  /** What a symbol, map or helper in it is called: `map hits`, `bpf_map_lookup_elem`. */
  comment: string;
  /** Index into CodeView.lines. */
  line?: number;
  /** Where a jump or call goes. */
  target?: number;
  /** It may also go on behind itself: a jump with a condition. */
  conditional?: true;
  /** One sentence on what it does. */
  doc: string;
}

export interface PacketRow {
  name: string;
  length: number;
  summary: string;
  verdict?: VerdictView;
}

export interface ContextInput {
  field: string;
  /** The width of the field in bytes. */
  size: number;
  value: string;
  /** A user may set it before the run. */
  editable: boolean;
  doc: string;
}

export type VerdictView = Verdict;

export interface Outcome {
  ran: boolean;
  verdict: VerdictView;
  r0?: string;
  steps: Step;
  fault?: FaultView;
}

export interface FaultView {
  kind: string;
  pc: Pc;
  /** `instruction 12 reads 4 bytes at packet+14, the packet has 14 bytes`. */
  message: string;
  /** Of a memory access: `0x0000100900010024`, and the region nearest to it. */
  address?: string;
  region?: string;
  /** What a person can do about it. */
  advice?: string;
}

// ---------------------------------------------------------------- the machine at one step

export interface Snapshot {
  packet: number;
  /** Instructions executed so far. */
  step: Step;
  /** Instructions of the whole run, where it has been seen to its end. */
  totalSteps?: number;
  /** bypassed: the hook did not run the program; unrunnable: the program could not be linked. */
  status: 'paused' | 'finished' | 'faulted' | 'bypassed' | 'unrunnable';
  /** Why it stands here; and the same in words. */
  stop: Stop;
  stopped: string;
  /** The instruction that runs next; undefined when there is none. */
  pc?: Pc;
  registers: RegisterView[];
  /** Outermost first; the last one is running. */
  frames: FrameView[];
  context: ContextValue[];
  packetMemory: PacketMemory;
  regions: RegionView[];
  maps: MapView[];
  output: OutputLine[];
  /** Where the session's notes are, where it has some. */
  notesHere?: NotesHere;
  /** What the instruction just executed did; undefined at step 0. */
  last?: StepView;
  /** What the next instruction comes to, where more can be told than what such ones do. */
  next?: string;
  /** Set when the run is over. */
  verdict?: VerdictView;
  fault?: FaultView;
}

export interface RegisterView {
  /** r0..r10 */
  name: string;
  /** `0x0000000000000001` */
  hex: string;
  signed: string;
  /** `packet+14`, `map hits[0]+0`, `context`, or empty. */
  meaning: string;
  /** Never written so far. */
  unset: boolean;
  /** By the last step. */
  written: boolean;
  before?: string;
  read: boolean;
}

export interface FrameView {
  function: string;
  /** Where it goes on after a call returns; for the running frame the next instruction. */
  pc: Pc;
  line?: number;
  /**
   * Calls that were inlined into it and run now, outermost first, each with the line it stands on.
   */
  inlined: { function: string; callLine?: number }[];
  /** The region of its stack. */
  region: RegionId;
  /** The 512 bytes below r10, lowest address first. */
  stack: Uint8Array;
  /** Ranges of the stack bytes touched by the last step, and ever written. */
  read: [number, number][];
  written: [number, number][];
  initialised: [number, number][];
}

export interface ContextValue {
  field: string;
  offset: number;
  size: number;
  /** `packet+0`, `7`. */
  text: string;
  read: boolean;
  written: boolean;
}

export interface PacketMemory {
  bytes: Uint8Array;
  dissection?: Dissection;
  /** Bytes that differ from the packet that went in (same offset). */
  changed: [number, number][];
  read: [number, number][];
  written: [number, number][];
  /** Bytes read since step 0. */
  everRead: [number, number][];
  everWritten: [number, number][];
  /** Registers that point into it. */
  carets: { register: string; offset: number }[];
}

export interface RegionView {
  id: RegionId;
  name: string;
  address: string;
  /** What its first byte is counted as: `stack-512`. */
  origin: number;
  length: number;
  writable: boolean;
}

export interface MapView {
  name: string;
  type: string;
  keyDeclaration: string;
  valueDeclaration: string;
  keySize: number;
  valueSize: number;
  maxEntries: number;
  /** Why the kernel would not make it: it is here by name only. */
  problem?: string;
  entries: MapEntryView[];
  /** Entries in the map; `entries` holds the first 256. */
  total: number;
  editable: boolean;
  /** A person may fill all of its room at once. */
  fillable: boolean;
  /** Of a prog array, names of the programs it takes. */
  programs?: string[];
  /** Parts whose members BTF knows by name. */
  typed: MapPart[];
}

export interface MapEntryView {
  key: string;
  keyText: string;
  value: string;
  valueText: string;
  /** One value a CPU, hex; only for per-CPU maps. */
  perCpu?: string[];
  /** Differs from before the run. */
  changed: boolean;
  /** By the last step. */
  read: boolean;
  written: boolean;
}

export interface OutputLine {
  step: Step;
  source: 'printk' | 'ringbuf' | 'perf' | 'clone' | 'log';
  text: string;
  /** Of a record: the map it went through, and its bytes in hex. */
  map?: string;
  bytes?: string;
}

export interface StepView {
  pc: Pc;
  /** `r1 = 0x1010101`, `read 4 bytes at packet+30`, `jump taken to 7`. */
  text: string;
  accesses: {
    kind: 'read' | 'write';
    place: string;
    size: number;
    before: string;
    after: string;
  }[];
  branch?: 'taken' | 'not taken';
}
