import { ProgramPane } from '../panes/program/ProgramPane.tsx';
import { StatePane } from '../panes/state/StatePane.tsx';
import { setNarrowTab, useUi } from '../stores/ui.ts';
import type { NarrowTab } from '../stores/ui-state.ts';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';
import { type TabRow, Tabs } from '../ui/Tabs.tsx';
import { DataPane, useDataTabs } from './DataTabs.tsx';

const FIRST: readonly TabRow<NarrowTab>[] = [
  { name: 'program', label: 'Program' },
  { name: 'state', label: 'State' },
];

/** Below 900 pixels: one pane at a time. */
export function NarrowLayout() {
  const tab = useUi((state) => state.narrowTab);
  const dataTabs = useDataTabs();
  return (
    <section className="pane" aria-label="Workbench" data-pane="workbench">
      <Tabs<NarrowTab>
        label="Panes"
        tabs={[...FIRST, ...dataTabs]}
        selected={tab}
        onSelect={setNarrowTab}
      >
        {tab === 'program' && (
          <ErrorBoundary name="Program">
            <ProgramPane />
          </ErrorBoundary>
        )}
        {tab === 'state' && (
          <ErrorBoundary name="State">
            <StatePane />
          </ErrorBoundary>
        )}
        {tab !== 'program' && tab !== 'state' && <DataPane tab={tab} />}
      </Tabs>
    </section>
  );
}
