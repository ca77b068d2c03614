import { showPlace } from '../stores/ui.ts';
import { type PagePlace, PLACES } from '../stores/ui-state.ts';
import type { Command } from './command.ts';
import { focusWhenThere } from './focus.ts';

interface PlaceRow {
  readonly label: string;
  readonly doc: string;
  /** What has the focus when it is opened: Tab goes on into it. */
  readonly focus: string;
}

const SELECTED_TAB = '[data-pane="data"] [role="tab"][aria-selected="true"]';
const NARROW_TAB = '[data-pane="workbench"] [role="tab"][aria-selected="true"]';
const foldOf = (section: string): string => `[data-section="${section}"] .fold-button`;

/** What can be opened by name, in the order of its keys. */
export const PLACE_ROWS: Record<PagePlace, PlaceRow> = {
  packet: { label: 'Packet', doc: 'Packet: fields and bytes', focus: SELECTED_TAB },
  variables: { label: 'Variables', doc: 'C variables', focus: foldOf('variables') },
  why: {
    label: 'Why',
    doc: 'What made the verdict, and what would change it',
    focus: '[data-pane="why"] [data-focus]',
  },
  hook: {
    label: 'Hook',
    doc: 'The hook: options, command lines, context, surroundings',
    focus: '.attach-panel [data-focus]',
  },
  maps: { label: 'Maps', doc: 'Maps and their entries', focus: SELECTED_TAB },
  memory: { label: 'Memory', doc: 'The bytes of every region', focus: SELECTED_TAB },
  output: { label: 'Events', doc: 'What the program printed and sent', focus: SELECTED_TAB },
  object: {
    label: 'Explorer',
    doc: 'Programs, functions, maps, sections, symbols, files',
    focus: '[data-pane="explorer"] [data-focus]',
  },
  breakpoints: {
    label: 'Breakpoints',
    doc: 'Breakpoints and watchpoints',
    focus: foldOf('breakpoints'),
  },
  flow: {
    label: 'Flow',
    doc: 'Which blocks ran, and who called whom',
    focus: '.program input[name="program-view"]:checked',
  },
};

/** `1` to `9` and `0`, as they lie on the keyboard. */
const keyOf = (at: number): string => String((at + 1) % 10);

function goTo(place: PagePlace): void {
  showPlace(place);
  focusWhenThere(`${PLACE_ROWS[place].focus}, ${NARROW_TAB}`);
}

export const PLACE_COMMANDS: readonly Command[] = PLACES.map((place, at) => ({
  name: `open-${place}` as const,
  label: PLACE_ROWS[place].label,
  doc: PLACE_ROWS[place].doc,
  group: 'Places',
  icon: 'right',
  keys: [],
  letter: keyOf(at),
  available: () => true,
  act: () => goTo(place),
}));
