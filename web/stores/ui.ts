/**
 * The page's own state, and all that ever changes it: outside of this file it can only be read, so
 * each change has a name.
 */
import { create, type StoreApi, type UseBoundStore } from 'zustand';
import type {
  CodeView,
  ErrorView,
  MarkKind,
  TimelineMarks,
  TrafficCoverage,
  TrafficQuery,
} from '../../core/protocol/messages.ts';
import { remember } from '../browser/storage.ts';
import type { Bytes } from '../ui/byte-range.ts';
import {
  type Answer,
  type DataTab,
  type DialogName,
  type ExplorerView,
  type FindPlace,
  type FlowAs,
  firstUi,
  type InspectName,
  type LayoutName,
  type NarrowTab,
  type NetworkView,
  type NoteDraft,
  type Notice,
  type PagePlace,
  type ProgramView,
  type Question,
  type SourcePlace,
  type StepBy,
  type Theme,
  type UiState,
} from './ui-state.ts';

const ui = create<UiState>(firstUi);
type Readable = Omit<StoreApi<UiState>, 'setState'>;
export const useUi: UseBoundStore<Readable> = ui;

export function setTheme(theme: Theme): void {
  remember('theme', theme);
  ui.setState({ theme });
}

export function setProgramView(programView: ProgramView): void {
  remember('program-view', programView);
  ui.setState({ programView });
}

export const setTrafficQuery = (of: string, query: TrafficQuery): void =>
  ui.setState({ trafficQuery: { of, query } });

export const setNetworkView = (networkView: NetworkView): void => ui.setState({ networkView });

export const setLayout = (layout: LayoutName): void => ui.setState({ layout });

/** A section of the Inspect column, folded away or back. */
export function setInspect(section: InspectName, open: boolean): void {
  const others = ui.getState().inspect.filter((other) => other !== section);
  const inspect = open ? [...others, section] : others;
  remember('inspect', inspect);
  ui.setState({ inspect });
}

export function setExplorer(explorer: boolean): void {
  remember('explorer', explorer);
  ui.setState({ explorer });
}

export const setExplorerView = (explorerView: ExplorerView): void => ui.setState({ explorerView });

export const setWhyOpen = (whyOpen: boolean): void => ui.setState({ whyOpen });

export const openGutterMenu = (gutterMenu: UiState['gutterMenu']): void =>
  ui.setState({ gutterMenu });

export const setNotesOpen = (notesOpen: boolean): void => ui.setState({ notesOpen });

export const draftNote = (noteDraft: NoteDraft | undefined): void => ui.setState({ noteDraft });

export const setAttachOpen = (attachOpen: boolean): void => ui.setState({ attachOpen });

/** The C file that the run is in. */
export const followFile = (sourceFile: string): void => ui.setState({ sourceFile });

/** A C file to look at, until the run goes on in another. */
export function lookAtFile(sourceFile: string): void {
  const { programView } = ui.getState();
  if (programView !== 'both' && programView !== 'source') setProgramView('source');
  ui.setState({ sourceFile, layout: 'debug', narrowTab: 'program' });
}

/** An instruction to look at, where instructions are shown. */
export function pointAtCode(cursor: number): void {
  showListing();
  ui.setState({ cursor });
}

/** Brings the instructions into sight. */
function showListing(): void {
  const { programView } = ui.getState();
  if (programView !== 'both' && programView !== 'instructions') setProgramView('both');
  ui.setState({ layout: 'debug', narrowTab: 'program' });
}

/** Of many maps one, which is opened and brought into sight. */
export const lookAtMap = (map: string): void => ui.setState({ map });

/** A map's entries, folded away or not as they are not from the start. */
export const toggleMap = (map: string): void =>
  ui.setState(({ toggledMaps, map: asked }) => {
    if (asked === map) return { map: undefined };
    const others = toggledMaps.filter((other) => other !== map);
    return { toggledMaps: others.length < toggledMaps.length ? others : [...others, map] };
  });

export function setStepBy(stepBy: StepBy): void {
  remember('step-by', stepBy);
  ui.setState({ stepBy });
}

export function setFlowZoom(flowZoom: number): void {
  remember('flow-zoom', flowZoom);
  ui.setState({ flowZoom });
}

export function setFlowAs(flowAs: FlowAs): void {
  remember('flow-as', flowAs);
  ui.setState({ flowAs });
}

export function setMarkKinds(markKinds: MarkKind[]): void {
  remember('timeline-marks', markKinds);
  ui.setState({ markKinds });
}

export const setMapEdits = (mapEdits: UiState['mapEdits']): void => ui.setState({ mapEdits });

export function dismissHint(): void {
  remember('hint-seen', true);
  ui.setState({ hintSeen: true });
}

/** Where the page has each place: in the wide page, and in the narrow one. */
const SHOWS: Record<PagePlace, () => void> = {
  packet: () => ui.setState({ dataTab: 'packet', narrowTab: 'packet' }),
  memory: () => ui.setState({ dataTab: 'memory', narrowTab: 'memory' }),
  maps: () => ui.setState({ dataTab: 'events', narrowTab: 'events' }),
  output: () => ui.setState({ dataTab: 'events', narrowTab: 'events' }),
  variables: () => showInspect('variables'),
  breakpoints: () => showInspect('breakpoints'),
  why: () => ui.setState({ whyOpen: true, narrowTab: 'why' }),
  hook: () => setAttachOpen(true),
  object: () => {
    setExplorer(true);
    ui.setState({ narrowTab: 'explorer' });
  },
  flow: () => {
    setProgramView('flow');
    ui.setState({ narrowTab: 'program' });
  },
};

/** Places that every layout has around it. */
const EVERYWHERE: ReadonlySet<PagePlace> = new Set(['packet', 'why', 'hook', 'object']);

/** Brings a place into sight wherever the page has it. */
export function showPlace(place: PagePlace): void {
  if (!EVERYWHERE.has(place)) setLayout('debug');
  SHOWS[place]();
}

/** Brings a section of the Inspect column into sight. */
export function showInspect(section: InspectName): void {
  setInspect(section, true);
  ui.setState({ layout: 'debug', narrowTab: 'inspect' });
}

export const setDataTab = (dataTab: DataTab): void => ui.setState({ dataTab });

export const setNarrowTab = (narrowTab: NarrowTab): void => ui.setState({ narrowTab });

export const setFinding = (finding: FindPlace | undefined): void => ui.setState({ finding });

/** Looks for a text in the instructions, which are brought into sight. */
export function findInListing(): void {
  const { programView } = ui.getState();
  if (programView !== 'both' && programView !== 'instructions') setProgramView('both');
  ui.setState({ finding: 'listing', layout: 'debug', narrowTab: 'program' });
}

export const openDialog = (dialog: DialogName | undefined): void => ui.setState({ dialog });

/** The focused row of the listing. */
export const setCursor = (cursor: number | undefined): void => ui.setState({ cursor });

/** The same with its C line, which is pointed at in the source. */
export const setCursorAndLine = (cursor: number | undefined, hoverLine?: number): void =>
  ui.setState({ cursor, hoverLine });

/** Where the cursor of the C source stands; undefined when it has not the focus. */
export const setSourceCursor = (sourceCursor: SourcePlace | undefined): void =>
  ui.setState({ sourceCursor });

export const pointAtLine = (hoverLine: number | undefined): void => ui.setState({ hoverLine });

export const pointAtBytes = (hoverBytes: Bytes | undefined): void => ui.setState({ hoverBytes });

export const selectBytes = (selectedBytes: Bytes | undefined): void =>
  ui.setState({ selectedBytes });

/** Another frame than the running one, and where it goes on. */
export const selectFrame = (frame: number, cursor: number): void => ui.setState({ frame, cursor });

export const followRunningFrame = (): void => ui.setState({ frame: undefined });

/** Another program: what was pointed at in the one before is gone. */
export const moveToProgram = (cursor: number | undefined): void =>
  ui.setState({ cursor, hoverLine: undefined, frame: undefined });

/** Another packet, with bytes of its own. */
export const moveToPacket = (): void =>
  ui.setState({ selectedBytes: undefined, hoverBytes: undefined });

export const setQuestion = (question: Question | undefined): void =>
  ui.setState({ question, answer: undefined });

/** Shows an answer, and marks it in the program and the packet. */
export const setAnswer = (answer: Answer): void => ui.setState({ answer, answerMarked: true });

export const markAnswer = (answerMarked: boolean): void => ui.setState({ answerMarked });

/** Has the listing say how often each instruction of some code ran along a capture. */
export function markRan(found: TrafficCoverage, code: CodeView): void {
  showListing();
  ui.setState({ ran: { found, code } });
}

export const unmarkRan = (): void => ui.setState({ ran: undefined });

/** Marks of the timeline with what they belong to. */
export const setMarks = (of: string, found: TimelineMarks): void =>
  ui.setState({ marks: { of, found } });

/** Tells a screen reader. */
export const announce = (announcement: string): void => ui.setState({ announcement });

const TOAST_MS = 5000;
/** Of more the older ones go: they lie over the work. */
const TOASTS_AT_ONCE = 2;
let nextId = 1;

export function toast(text: string): void {
  const id = nextId++;
  ui.setState(({ toasts }) => ({
    // The same again takes the place of the one before.
    toasts: [...toasts.filter((other) => other.text !== text), { id, text }].slice(-TOASTS_AT_ONCE),
    announcement: text,
  }));
  setTimeout(
    () => ui.setState((state) => ({ toasts: state.toasts.filter((other) => other.id !== id) })),
    TOAST_MS,
  );
}

/** Shows what went wrong until it is dismissed or the next one comes. */
export function showError(error: ErrorView, advice: string): void {
  ui.setState({ banners: [{ id: nextId++, error, advice }] });
}

export const dismissBanner = (id: number): void =>
  ui.setState((state) => ({ banners: state.banners.filter((banner) => banner.id !== id) }));

/** What a person gave that could not be used is past, once something else could. */
export const dismissRefusals = (): void =>
  ui.setState(({ banners }) =>
    banners.some(({ error }) => error.kind === 'input')
      ? { banners: banners.filter(({ error }) => error.kind !== 'input') }
      : {},
  );

/** Says something that stays until it is dismissed. */
export function notify(notice: Notice): void {
  ui.setState(({ notices }) => ({
    notices: [...notices.filter(({ topic }) => topic !== notice.topic), notice],
    announcement: [notice.text, ...(notice.lines ?? [])].join(' '),
  }));
}

export const dismissNotice = (topic: Notice['topic']): void =>
  ui.setState(({ notices }) => ({ notices: notices.filter((other) => other.topic !== topic) }));
