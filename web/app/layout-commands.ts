import { setLayout } from '../stores/ui.ts';
import type { Command } from './command.ts';
import { LAYOUTS } from './layouts.tsx';

/** A key for each arrangement of the page, where there is something for it. */
export const LAYOUT_COMMANDS: readonly Command[] = LAYOUTS.map(
  ({ name, label, doc, letter, isFor }) => ({
    name: `layout-${name}` as const,
    label,
    doc,
    group: 'Page',
    icon: 'right',
    keys: [],
    letter,
    available: isFor,
    act: () => setLayout(name),
  }),
);
