import { showTab } from '../stores/ui.ts';
import { DATA_TABS, type DataTab } from '../stores/ui-state.ts';
import type { Command } from './commands.ts';
import { focusWhenThere } from './focus.ts';

/** The tabs of the data, in their order, and what is in them. */
export const TABS: Record<DataTab, { label: string; doc: string }> = {
  packet: { label: 'Packet', doc: 'Packets, fields and bytes' },
  variables: { label: 'Variables', doc: 'C variables and what is watched' },
  why: { label: 'Why', doc: 'What made the verdict, and what would change it' },
  hook: { label: 'Hook', doc: 'The hook, its context and its verdicts' },
  maps: { label: 'Maps', doc: 'Maps and their entries' },
  memory: { label: 'Memory', doc: 'The bytes of every region' },
  output: { label: 'Output', doc: 'What the program printed and sent' },
  object: { label: 'Object', doc: 'Programs, sections, symbols and relocations' },
  step: { label: 'Step', doc: 'The last step, breakpoints and watchpoints' },
  flow: { label: 'Flow', doc: 'Which blocks ran, and who called whom' },
};

/** `1` to `9` and `0`, as they lie on the keyboard. */
const keyOf = (at: number): string => String((at + 1) % 10);

/** Shows a tab and puts the focus on its head: Tab goes on into it. */
function goToTab(tab: DataTab): void {
  showTab(tab);
  focusWhenThere('[role="tab"][aria-selected="true"]');
}

export const TAB_COMMANDS: readonly Command[] = DATA_TABS.map((tab, at) => ({
  name: `tab-${tab}` as const,
  label: TABS[tab].label,
  doc: TABS[tab].doc,
  group: 'Tabs',
  icon: 'right',
  keys: [],
  letter: keyOf(at),
  available: () => true,
  act: () => goToTab(tab),
}));
