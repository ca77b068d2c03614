import { type ReactNode, useRef } from 'react';
import { Group, type Layout, Panel, Separator } from 'react-resizable-panels';
import { recall, remember } from '../browser/storage.ts';
import { ProgramPane } from '../panes/program/ProgramPane.tsx';
import { StatePane } from '../panes/state/StatePane.tsx';
import { setDataTab, useUi } from '../stores/ui.ts';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';
import { Tabs } from '../ui/Tabs.tsx';
import { DataPane, useDataTabs } from './DataTabs.tsx';
import { groupRef, layoutKey, panelRef } from './panes.ts';

const isLayout = (value: unknown): value is Layout =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((size) => typeof size === 'number' && size >= 0 && size <= 100);

/** A group of panels that remembers its sizes. */
export function Panels({
  name,
  orientation,
  children,
}: {
  name: string;
  orientation: 'horizontal' | 'vertical';
  children: ReactNode;
}) {
  const layout = useRef(
    recall<Layout | undefined>(
      layoutKey(name),
      (value): value is Layout => isLayout(value),
      undefined,
    ),
  );
  const ref = useRef(groupRef(name));
  return (
    <Group
      id={name}
      orientation={orientation}
      defaultLayout={layout.current}
      onLayoutChanged={(sizes, { isUserInteraction }) =>
        isUserInteraction && remember(layoutKey(name), sizes)
      }
      groupRef={ref.current}
    >
      {children}
    </Group>
  );
}

/** All eleven registers under their heads, in pixels: what is left over belongs to the data. */
const REGISTERS = 238;

const [LEFT, STATE, DATA] = (['left', 'state', 'data'] as const).map(panelRef);

/** From 900 pixels on: the program on the left, the machine and the data on the right. */
export function WideLayout() {
  return (
    <Panels name="main" orientation="horizontal">
      <Panel id="left" minSize={320} defaultSize="47" collapsible panelRef={LEFT}>
        <ErrorBoundary name="Program">
          <ProgramPane />
        </ErrorBoundary>
      </Panel>
      <Separator aria-label="Width of the program" className="separator" />
      <Panel id="right" minSize={360}>
        <Panels name="right" orientation="vertical">
          <Panel id="state" minSize={90} defaultSize={REGISTERS} collapsible panelRef={STATE}>
            <ErrorBoundary name="State">
              <StatePane />
            </ErrorBoundary>
          </Panel>
          <Separator aria-label="Height of the registers" className="separator" />
          <Panel id="data" minSize={120} collapsible panelRef={DATA}>
            <DataSection />
          </Panel>
        </Panels>
      </Panel>
    </Panels>
  );
}

function DataSection() {
  const tab = useUi((state) => state.dataTab);
  const tabs = useDataTabs();
  return (
    <section className="pane" aria-label="Data" data-pane="data">
      <Tabs label="Data" tabs={tabs} selected={tab} onSelect={setDataTab}>
        <DataPane tab={tab} />
      </Tabs>
    </section>
  );
}
