import { findInListing, setFinding, showPlace, useUi } from '../stores/ui.ts';
import { focusWhenThere } from './focus.ts';

/**
 * Looks for a text where the focus is: among the packets, in the fields of the packet, else in the
 * instructions. The C source has a search of its own.
 */
export function findHere(): void {
  const { layout, narrowTab, finding } = useUi.getState();
  const focused = document.activeElement;
  const isIn = (pane: string): boolean => focused?.closest(`[data-pane=${pane}]`) != null;
  if (layout === 'capture' && !isIn('data')) {
    focusWhenThere('.capture-bar input');
    return;
  }
  const isNarrow = isIn('workbench') || document.querySelector('[data-pane=workbench]') !== null;
  if (isIn('data') || (isNarrow && narrowTab === 'packet')) {
    showPlace('packet');
    setFinding('fields');
  } else findInListing();
  focusWhenThere('.find-bar input');
  // Already out: what was typed is looked at again.
  if (finding !== undefined) document.querySelector<HTMLInputElement>('.find-bar input')?.select();
}
