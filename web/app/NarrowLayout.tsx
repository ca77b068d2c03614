import type { ReactNode } from 'react';
import { Explorer } from '../panes/explorer/Explorer.tsx';
import { FlowPane } from '../panes/flow/FlowPane.tsx';
import { ProgramPane } from '../panes/program/ProgramPane.tsx';
import { WhyPane } from '../panes/why/WhyPane.tsx';
import { useSession } from '../stores/session.ts';
import { setNarrowTab, useUi } from '../stores/ui.ts';
import type { NarrowTab } from '../stores/ui-state.ts';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';
import { type TabRow, Tabs } from '../ui/Tabs.tsx';
import { DataTabContent, useDataTabs } from './DataPane.tsx';
import { InspectColumn } from './InspectColumn.tsx';
import { layoutFor } from './layouts.tsx';

const FIRST: readonly TabRow<NarrowTab>[] = [
  { name: 'program', label: 'Program' },
  { name: 'inspect', label: 'Inspect' },
];
const LAST: readonly TabRow<NarrowTab>[] = [
  { name: 'why', label: 'Why' },
  { name: 'explorer', label: 'Explorer' },
];

const CONTENT: Record<NarrowTab, ReactNode> = {
  program: <ProgramPane flow={<FlowPane />} />,
  inspect: <InspectColumn />,
  packet: <DataTabContent tab="packet" />,
  events: <DataTabContent tab="events" />,
  memory: <DataTabContent tab="memory" />,
  why: <WhyPane />,
  explorer: <Explorer />,
};

/** Below 900 pixels: one part at a time, chosen at the thumb; another layout as it is. */
export function NarrowLayout() {
  const tab = useUi((state) => state.narrowTab);
  const chosen = useUi((state) => state.layout);
  const name = useSession((state) => layoutFor(state, chosen).name);
  const tabs = [...FIRST, ...useDataTabs(), ...LAST];
  if (name !== 'debug') return layoutFor(useSession.getState(), name).main;
  return (
    <section className="pane" aria-label="Workbench" data-pane="workbench">
      <Tabs<NarrowTab> label="Parts" tabs={tabs} selected={tab} onSelect={setNarrowTab}>
        <ErrorBoundary key={tab} name={tabs.find((row) => row.name === tab)?.label ?? tab}>
          {CONTENT[tab]}
        </ErrorBoundary>
      </Tabs>
    </section>
  );
}
