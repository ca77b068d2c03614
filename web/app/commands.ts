/**
 * Everything the page can be told to do, once: the keyboard, the buttons with their tooltips and
 * the `?` sheet read this table. Keys as in VS Code; letters because some desktops keep F-keys for
 * themselves.
 */
import { askBreakpoint, runToCursor, toggleAtCursor } from '../actions/breakpoints.ts';
import { goToMark } from '../actions/marks.ts';
import { goToNote, toggleNotes, writeNote } from '../actions/notes.ts';
import { goToPacket, nextDrop } from '../actions/packets.ts';
import { copyLink } from '../actions/share.ts';
import { keepTests, nextBroken, saveTests } from '../actions/tests.ts';
import { takeBack } from '../actions/undo.ts';
import { go } from '../actions/wish.ts';
import { type SessionState, useSession } from '../stores/session.ts';
import { announce, openDialog, setStepBy, setTheme, showInspect, useUi } from '../stores/ui.ts';
import { THEME_AFTER } from '../stores/ui-state.ts';
import type { Command, CommandName } from './command.ts';
import { findHere } from './find-here.ts';
import { focusNextPane, focusWhenThere } from './focus.ts';
import { LAYOUT_COMMANDS } from './layout-commands.ts';
import { hasPane, togglePane } from './panes.ts';
import { PLACE_COMMANDS } from './places.ts';

const hasNext = ({ snapshot }: SessionState) =>
  snapshot?.pc !== undefined && snapshot.status === 'paused';
const hasBefore = ({ snapshot }: SessionState) => (snapshot?.step ?? 0) > 0;
const hasCode = ({ view }: SessionState) => (view?.code.rows.length ?? 0) > 0;
const hasNextPacket = ({ view }: SessionState) => {
  const { open, packets = 0 } = view?.traffic ?? {};
  if (open !== undefined) return open + 1 < packets;
  return view !== undefined && view.packet + 1 < view.packetNames.length;
};
const always = () => true;

async function editCondition(): Promise<void> {
  const at = await askBreakpoint();
  if (at >= 0) focusWhenThere(`.breakpoints tbody:nth-of-type(${at + 1}) input`);
}

function watchExpression(): void {
  showInspect('watches');
  focusWhenThere('.watch-input');
}

function switchStepBy(): void {
  const stepBy = byLine() ? 'instruction' : 'line';
  setStepBy(stepBy);
  announce(stepBy === 'line' ? 'Steps are C lines' : 'Steps are instructions');
}

const hasLines = ({ view }: SessionState) => (view?.code.lines.length ?? 0) > 0;

/**
 * Whether steps are lines of the C source: a person chose so, and the object says where lines
 * begin.
 */
const byLine = (): boolean => useUi.getState().stepBy === 'line' && hasLines(useSession.getState());

export const COMMANDS: readonly Command[] = [
  {
    name: 'reset',
    label: 'Reset',
    doc: 'Back to step 0',
    group: 'Run',
    icon: 'reset',
    keys: ['Shift+F5'],
    letter: 'r',
    available: hasBefore,
    act: () => go({ how: 'reset' }),
  },
  {
    name: 'back-run',
    label: 'Run back',
    doc: 'Back to the breakpoint before, or to step 0',
    group: 'Run',
    icon: 'back-run',
    keys: ['Alt+F5'],
    letter: 'Shift+C',
    available: hasBefore,
    act: () => go({ how: 'back-run' }),
  },
  {
    name: 'back',
    label: 'Back',
    doc: 'One instruction, or C line, back',
    group: 'Run',
    icon: 'back',
    keys: ['Alt+F10'],
    letter: 'Shift+S',
    available: hasBefore,
    act: () => go({ how: byLine() ? 'line-back' : 'back' }),
  },
  {
    name: 'back-over',
    label: 'Back over',
    doc: 'One instruction, or C line, back, over calls',
    group: 'Run',
    icon: 'back',
    keys: ['Alt+Shift+F10'],
    letter: 'Shift+N',
    available: hasBefore,
    act: () => go({ how: byLine() ? 'line-back' : 'back-over' }),
  },
  {
    name: 'back-out',
    label: 'Back out',
    doc: 'Back to the call of this function, or inlined one',
    group: 'Run',
    icon: 'back',
    keys: ['Alt+Shift+F11'],
    letter: 'Shift+O',
    available: hasBefore,
    act: () => go({ how: byLine() ? 'line-back-out' : 'back-out' }),
  },
  {
    name: 'into',
    label: 'Step',
    doc: 'One instruction, or C line, into calls',
    group: 'Run',
    icon: 'into',
    keys: ['F11'],
    letter: 's',
    available: hasNext,
    act: () => go({ how: byLine() ? 'line-into' : 'into' }),
  },
  {
    name: 'over',
    label: 'Over',
    doc: 'One instruction, or C line, over calls',
    group: 'Run',
    icon: 'over',
    keys: ['F10'],
    letter: 'n',
    available: hasNext,
    act: () => go({ how: byLine() ? 'line-over' : 'over' }),
  },
  {
    name: 'out',
    label: 'Out',
    doc: 'Out of this function, or by line an inlined one',
    group: 'Run',
    icon: 'out',
    keys: ['Shift+F11'],
    letter: 'o',
    available: hasNext,
    act: () => go({ how: byLine() ? 'line-out' : 'out' }),
  },
  {
    name: 'run',
    label: 'Run',
    doc: 'On to the next breakpoint, or to the end',
    group: 'Run',
    icon: 'run',
    keys: ['F5', 'Ctrl+Enter'],
    letter: 'c',
    available: hasNext,
    act: () => go({ how: 'run' }),
  },
  {
    name: 'end',
    label: 'To the end',
    doc: 'To the end, past every breakpoint',
    group: 'Run',
    icon: 'pass',
    keys: [],
    letter: 'e',
    available: hasNext,
    act: () => go({ how: 'end' }),
  },
  {
    name: 'step-by',
    label: 'By line',
    doc: 'Steps are lines of the C source, or instructions',
    group: 'Run',
    icon: 'lines',
    keys: [],
    letter: 'l',
    available: hasLines,
    act: switchStepBy,
  },
  {
    name: 'mark-before',
    label: 'Mark before',
    doc: 'Back to the mark of the timeline before',
    group: 'Run',
    icon: 'back',
    keys: [],
    letter: '[',
    available: hasBefore,
    act: () => goToMark(-1),
  },
  {
    name: 'mark-next',
    label: 'Next mark',
    doc: 'On to the next mark of the timeline',
    group: 'Run',
    icon: 'right',
    keys: [],
    letter: ']',
    available: hasNext,
    act: () => goToMark(1),
  },
  {
    name: 'run-to-cursor',
    label: 'Run to here',
    doc: 'On to the focused instruction',
    group: 'Run',
    icon: 'right',
    keys: ['Ctrl+F10'],
    available: hasNext,
    act: () => runToCursor(),
  },
  {
    name: 'breakpoint',
    label: 'Breakpoint',
    doc: 'Set or taken away at the focused row',
    group: 'Run',
    icon: 'breakpoint',
    keys: ['F9'],
    letter: 'b',
    available: hasCode,
    act: toggleAtCursor,
  },
  {
    name: 'condition',
    label: 'Condition',
    doc: 'When the breakpoint at the focus stops; sets one',
    group: 'Run',
    icon: 'edit',
    keys: ['Shift+F9'],
    available: hasCode,
    act: editCondition,
  },
  {
    name: 'watch',
    label: 'Watch',
    doc: 'Watches an expression in C, by its names',
    group: 'Run',
    icon: 'watch',
    keys: [],
    letter: 'w',
    available: hasCode,
    act: watchExpression,
  },
  {
    name: 'packet-before',
    label: 'Packet before',
    doc: 'Selects the packet before',
    group: 'Run',
    icon: 'left',
    keys: [],
    letter: ',',
    available: ({ view }) => (view?.traffic?.open ?? view?.packet ?? 0) > 0,
    act: () => goToPacket(-1),
  },
  {
    name: 'packet-next',
    label: 'Next packet',
    doc: 'Selects the next packet',
    group: 'Run',
    icon: 'right',
    keys: [],
    letter: '.',
    available: hasNextPacket,
    act: () => goToPacket(1),
  },
  {
    name: 'next-drop',
    label: 'Next drop',
    doc: 'Selects the next packet that is dropped',
    group: 'Run',
    icon: 'drop',
    keys: [],
    letter: ';',
    available: ({ view }) =>
      view?.traffic?.open !== undefined || (view?.packetNames.length ?? 0) > 1,
    act: nextDrop,
  },
  {
    name: 'keep-tests',
    label: 'Keep tests',
    doc: 'Expects what comes out now',
    group: 'Run',
    icon: 'test',
    keys: [],
    letter: 'Shift+T',
    available: ({ view }) => view?.outcome !== undefined,
    act: () => keepTests(),
  },
  {
    name: 'next-broken',
    label: 'Next broken',
    doc: 'Next packet that broke',
    group: 'Run',
    icon: 'right',
    keys: [],
    letter: 'g',
    available: ({ view }) => (view?.expectations.length ?? 0) > 0,
    act: nextBroken,
  },
  {
    name: 'save-tests',
    label: 'Save tests',
    doc: 'Expectations as a file',
    group: 'Page',
    icon: 'download',
    keys: [],
    letter: 'Shift+F',
    available: ({ view }) => view !== undefined,
    act: saveTests,
  },
  {
    name: 'note-before',
    label: 'Note before',
    doc: 'Back to the note before',
    group: 'Run',
    icon: 'left',
    keys: [],
    letter: '<',
    available: ({ snapshot }) => snapshot?.notesHere?.before !== undefined,
    act: () => goToNote('before'),
  },
  {
    name: 'note-next',
    label: 'Next note',
    doc: 'On to the next note',
    group: 'Run',
    icon: 'right',
    keys: [],
    letter: '>',
    available: ({ snapshot }) => snapshot?.notesHere?.after !== undefined,
    act: () => goToNote('after'),
  },
  {
    name: 'note',
    label: 'Add a note',
    doc: 'Writes or edits one here',
    group: 'Page',
    icon: 'note',
    keys: [],
    letter: 'm',
    available: hasCode,
    act: writeNote,
  },
  {
    name: 'notes',
    label: 'Notes',
    doc: 'Shows notes or hides them',
    group: 'Page',
    icon: 'note',
    keys: [],
    letter: 'Shift+M',
    available: hasCode,
    act: toggleNotes,
  },
  {
    name: 'share',
    label: 'Copy link',
    doc: 'Copies a link to exactly this, at this step',
    group: 'Page',
    icon: 'share',
    keys: ['Ctrl+S'],
    available: ({ view }) => view !== undefined,
    act: () => copyLink(),
  },
  {
    name: 'share-dialog',
    label: 'Share',
    doc: 'Links, how long they are, and the snapshot file',
    group: 'Page',
    icon: 'share',
    keys: ['Ctrl+Shift+S'],
    available: ({ view }) => view !== undefined,
    act: () => openDialog('share'),
  },
  {
    name: 'open',
    label: 'Open',
    doc: 'A file or pasted text',
    group: 'Page',
    icon: 'open',
    keys: ['Ctrl+O'],
    available: always,
    act: () => openDialog('open'),
  },
  {
    name: 'examples',
    label: 'Examples',
    doc: 'Shows the examples',
    group: 'Page',
    icon: 'examples',
    keys: [],
    letter: 'x',
    available: always,
    act: () => openDialog('examples'),
  },
  {
    name: 'next-pane',
    label: 'Next pane',
    doc: 'Moves the focus to the next part of the page',
    group: 'Page',
    icon: 'right',
    keys: ['F6'],
    available: always,
    act: focusNextPane,
  },
  {
    name: 'fold-program',
    label: 'Fold program',
    doc: 'The program away, or back',
    group: 'Page',
    icon: 'right',
    keys: [],
    letter: 'Shift+P',
    available: () => hasPane('left'),
    act: () => togglePane('left'),
  },
  {
    name: 'fold-inspect',
    label: 'Fold inspect',
    doc: 'Variables, registers, call stack away, or back',
    group: 'Page',
    icon: 'right',
    keys: [],
    letter: 'Shift+R',
    available: () => hasPane('inspect'),
    act: () => togglePane('inspect'),
  },
  {
    name: 'fold-data',
    label: 'Fold data',
    doc: 'Packet, maps and memory away, or back',
    group: 'Page',
    icon: 'right',
    keys: [],
    letter: 'Shift+D',
    available: () => hasPane('data'),
    act: () => togglePane('data'),
  },
  {
    name: 'theme',
    label: 'Theme',
    doc: 'As the system, dark, light or high contrast',
    group: 'Page',
    icon: 'contrast',
    keys: [],
    letter: 't',
    available: always,
    act: () => setTheme(THEME_AFTER[useUi.getState().theme]),
  },
  {
    name: 'undo',
    label: 'Undo',
    doc: 'Takes the last change of the session back',
    group: 'Page',
    icon: 'undo',
    keys: ['Ctrl+Z'],
    isOfFields: true,
    letter: 'u',
    available: ({ view }) => view?.undo !== undefined,
    act: () => takeBack('undo'),
  },
  {
    name: 'redo',
    label: 'Redo',
    doc: 'Makes the change again that was taken back',
    group: 'Page',
    icon: 'redo',
    keys: ['Ctrl+Shift+Z', 'Ctrl+Y'],
    isOfFields: true,
    letter: 'Shift+U',
    available: ({ view }) => view?.redo !== undefined,
    act: () => takeBack('redo'),
  },
  {
    name: 'palette',
    label: 'Find',
    doc: 'Finds commands, names, fields, packets, lines',
    group: 'Page',
    icon: 'find',
    keys: ['Ctrl+K'],
    available: always,
    act: () => openDialog('palette'),
  },
  {
    name: 'find-here',
    label: 'Find here',
    doc: 'Finds a text in instructions, packet or packets',
    group: 'Page',
    icon: 'find',
    keys: ['Ctrl+F'],
    isOfEditor: true,
    available: hasCode,
    act: findHere,
  },
  {
    name: 'reference',
    label: 'Reference',
    doc: 'Every hook, helper, map type and context field',
    group: 'Page',
    icon: 'reference',
    keys: ['F1'],
    available: always,
    act: () => openDialog('reference'),
  },
  {
    name: 'keys',
    label: 'Keys',
    doc: 'Shows this sheet',
    group: 'Page',
    icon: 'help',
    keys: [],
    letter: '?',
    available: always,
    act: () => openDialog('keys'),
  },
  ...LAYOUT_COMMANDS,
  ...PLACE_COMMANDS,
];

export const command = (name: CommandName): Command => COMMANDS.find((row) => row.name === name)!;
