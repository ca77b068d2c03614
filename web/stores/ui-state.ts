import type {
  CodeView,
  ErrorView,
  Explanation,
  MarkKind,
  TimelineMarks,
  TrafficCoverage,
  TrafficQuery,
  WatchTarget,
} from '../../core/protocol/messages.ts';
import { isTrue, listOf, oneOf, recall } from '../browser/storage.ts';
import type { Bytes } from '../ui/byte-range.ts';

export type Theme = 'system' | 'dark' | 'light' | 'contrast';
/** What the page is arranged for; web/app/layouts.tsx has a row for each. */
export type LayoutName = 'debug' | 'capture' | 'network';
/** What packets go past in the Network layout. */
export type NetworkView = 'netdev' | 'tc' | 'xdp' | 'cgroup_skb';
/** What is seen of the program. */
export type ProgramView = 'source' | 'both' | 'instructions' | 'flow' | 'compiled';
export const DATA_TABS = ['packet', 'events', 'memory'] as const;
export const INSPECT_SECTIONS = [
  'variables',
  'watches',
  'registers',
  'stack',
  'breakpoints',
  'changes',
] as const;
export type InspectName = (typeof INSPECT_SECTIONS)[number];
/** Names to find one by, or all that the object holds. */
export type ExplorerView = 'names' | 'details';
export const FLOW_ZOOMS: readonly number[] = [1, 0.75, 0.5, 0.35];
export type FlowAs = 'graph' | 'list';
export type StepBy = 'instruction' | 'line';
export type DataTab = (typeof DATA_TABS)[number];
/** What the narrow, one-column page shows. */
export const NARROW_TABS = ['program', 'inspect', ...DATA_TABS, 'why', 'explorer'] as const;
export type NarrowTab = (typeof NARROW_TABS)[number];
/** What can be asked for by name, wherever it stands; web/app/places.ts has a row for each. */
export const PLACES = [
  'packet',
  'variables',
  'why',
  'hook',
  'maps',
  'memory',
  'output',
  'object',
  'breakpoints',
  'flow',
] as const;
export type PagePlace = (typeof PLACES)[number];
export type DialogName = 'share' | 'examples' | 'open' | 'keys' | 'reference' | 'palette';

/**
 * Kinds of marks on the timeline; calls and branches are many, so they show when they are asked
 * for.
 */
const FIRST_KINDS: MarkKind[] = [
  'packet-write',
  'map-write',
  'output',
  'breakpoint',
  'watchpoint',
  'edit',
];
const EVERY_KIND: MarkKind[] = ['call', 'jump', ...FIRST_KINDS];

/** A line of a file as the page shows it. */
export interface SourcePlace {
  file: string;
  line: number;
}

/** Where a breakpoint can stand: at an instruction, or at a line. */
export type BreakpointPlace = { pc: number } | SourcePlace;

/** What was asked: a verdict, or a register or bytes at a step. */
export interface Question {
  target?: WatchTarget;
  /** Of the target, for people. */
  name: string;
  step: number;
}

export interface Answer {
  question: Question;
  why: Explanation;
}

export interface Banner {
  id: number;
  error: ErrorView;
  advice: string;
}

/** Something to know that stays until it is dismissed, with what can be done about it. */
export interface Notice {
  /** What it is about: a newer one of the same takes its place. */
  topic: 'core' | 'kept' | 'keeping' | 'rebuilt' | 'tests' | 'version';
  text: string;
  /** More of it, a line each. */
  lines?: readonly string[];
  actions?: readonly { label: string; act: () => unknown }[];
}

/** A note that is being written; it stays until it is saved or given up. */
export interface NoteDraft {
  packet: number;
  step: number;
  text: string;
}

export interface Toast {
  id: number;
  text: string;
}

/** What the page itself knows: looks, focus and messages. Nothing here is sent to the worker. */
/** What Ctrl+F looks through. */
export type FindPlace = 'listing' | 'fields';

export interface UiState {
  theme: Theme;
  layout: LayoutName;
  /** Undefined: by the session's hook. */
  networkView?: NetworkView;
  programView: ProgramView;
  /** What a step is, where the object says which C line its instructions come from. */
  stepBy: StepBy;
  dataTab: DataTab;
  narrowTab: NarrowTab;
  /** Sections of the Inspect column that are not folded. */
  inspect: InspectName[];
  /** Whether the drawer on the left is out, and what is in it. */
  explorer: boolean;
  explorerView: ExplorerView;
  /** Whether the drawer under everything is out. */
  whyOpen: boolean;
  /** Whether the panel of the hook is out. */
  attachOpen: boolean;
  /** The C file that is looked at; undefined: that of the line which runs next. */
  sourceFile?: string;
  /** Which packets of a capture the list shows, as long as it is that capture. */
  trafficQuery?: { of: string; query: TrafficQuery };
  /** The map that was asked for by name last, and those that are folded against the rule. */
  map?: string;
  toggledMaps: string[];
  /** The menu of a breakpoint's place, and where it is to stand. */
  gutterMenu?: { x: number; y: number; place: BreakpointPlace };
  /** Whether the notes of the session are in sight, and the one that is being written. */
  notesOpen: boolean;
  noteDraft?: NoteDraft;
  dialog?: DialogName;
  /** Where a text is looked for: a line over its rows. */
  finding?: FindPlace;
  /** How the blocks of a function are drawn. */
  flowAs: FlowAs;
  /** Of graphs; 1 is life-size. */
  flowZoom: number;
  /** When a change of a map's entry is made, in the middle of a run. */
  mapEdits: 'before' | 'now';
  /** The focused row of the listing, as an instruction slot. */
  cursor?: number;
  /** Where the cursor of the C source stands while that has the focus. */
  sourceCursor?: SourcePlace;
  /** Index into CodeView.lines: the C line under the pointer, in either pane. */
  hoverLine?: number;
  hoverBytes?: Bytes;
  selectedBytes?: Bytes;
  /**
   * What the Why pane was asked last, the answer, and whether it is marked in the program and the
   * packet.
   */
  question?: Question;
  answer?: Answer;
  answerMarked: boolean;
  /** How often instructions ran along a capture, and the code that they are of. */
  ran?: { found: TrafficCoverage; code: CodeView };
  /** Marks of the timeline with what they belong to, and the kinds that are shown. */
  marks?: { of: string; found: TimelineMarks };
  markKinds: MarkKind[];
  /** Index into Snapshot.frames; undefined: the running frame. */
  frame?: number;
  hintSeen: boolean;
  banners: Banner[];
  notices: readonly Notice[];
  toasts: Toast[];
  /** What a screen reader is told next. */
  announcement: string;
}

/** Where the drawer is out from the start: beside three columns that keep their width. */
const hasRoom = (): boolean =>
  typeof window !== 'undefined' && window.matchMedia('(width >= 112rem)').matches;

const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';

/** What a page begins with: as it was looked at before, where that is remembered. */
export const firstUi = (): UiState => ({
  theme: recall('theme', oneOf<Theme>('system', 'dark', 'light', 'contrast'), 'system'),
  layout: 'debug',
  programView: recall(
    'program-view',
    oneOf<ProgramView>('source', 'both', 'instructions', 'flow', 'compiled'),
    'both',
  ),
  inspect: recall('inspect', listOf<InspectName>(...INSPECT_SECTIONS), [...INSPECT_SECTIONS]),
  explorer: recall('explorer', isFlag, hasRoom()),
  explorerView: 'names',
  whyOpen: false,
  attachOpen: false,
  toggledMaps: [],
  notesOpen: true,
  stepBy: recall('step-by', oneOf<StepBy>('instruction', 'line'), 'instruction'),
  flowZoom: recall('flow-zoom', oneOf<number>(...FLOW_ZOOMS), 1),
  flowAs: recall('flow-as', oneOf<FlowAs>('graph', 'list'), 'graph'),
  dataTab: 'packet',
  mapEdits: 'before',
  narrowTab: 'program',
  answerMarked: true,
  markKinds: recall('timeline-marks', listOf<MarkKind>(...EVERY_KIND), FIRST_KINDS),
  hintSeen: recall('hint-seen', isTrue, false),
  banners: [],
  notices: [],
  toasts: [],
  announcement: '',
});

/** What the theme button and its key go to. */
export const THEME_AFTER: Record<Theme, Theme> = {
  system: 'dark',
  dark: 'light',
  light: 'contrast',
  contrast: 'system',
};
