import type { SessionState } from '../stores/session.ts';
import type { LayoutName, PagePlace } from '../stores/ui-state.ts';
import type { IconName } from '../ui/icons.tsx';

export type CommandName =
  | 'run'
  | 'reset'
  | 'into'
  | 'over'
  | 'out'
  | 'back'
  | 'back-run'
  | 'back-over'
  | 'back-out'
  | 'end'
  | 'breakpoint'
  | 'condition'
  | 'watch'
  | 'run-to-cursor'
  | 'step-by'
  | 'mark-before'
  | 'mark-next'
  | 'share'
  | 'share-dialog'
  | 'open'
  | 'examples'
  | 'keys'
  | 'reference'
  | 'palette'
  | 'find-here'
  | 'undo'
  | 'redo'
  | 'next-pane'
  | 'fold-program'
  | 'fold-inspect'
  | 'fold-data'
  | 'packet-before'
  | 'packet-next'
  | 'next-drop'
  | 'keep-tests'
  | 'save-tests'
  | 'next-broken'
  | 'note'
  | 'notes'
  | 'note-before'
  | 'note-next'
  | 'theme'
  | `layout-${LayoutName}`
  | `open-${PagePlace}`;

export interface Command {
  readonly name: CommandName;
  /** On its button. */
  readonly label: string;
  readonly doc: string;
  readonly group: 'Run' | 'Page' | 'Places';
  readonly icon: IconName;
  /** Taken everywhere, also in a text field and in the editor. */
  readonly keys: readonly string[];
  /** A text field that has the focus takes the keys for itself. */
  readonly isOfFields?: true;
  /** The code editor that has the focus takes the keys for itself. */
  readonly isOfEditor?: true;
  /** Taken where no text field has the focus. */
  readonly letter?: string;
  readonly available: (state: SessionState) => boolean;
  readonly act: () => unknown;
}

/** `One instruction, into calls (F11 or s)`. */
export function tooltip({ doc, keys, letter }: Command): string {
  const ways = letter ? [...keys, letter] : keys;
  return ways.length > 0 ? `${doc} (${ways.join(' or ')})` : doc;
}
