import { Panel, Separator } from 'react-resizable-panels';
import { FlowPane } from '../panes/flow/FlowPane.tsx';
import { ProgramPane } from '../panes/program/ProgramPane.tsx';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';
import { useMedia } from '../ui/useMedia.ts';
import { DataPane } from './DataPane.tsx';
import { InspectColumn } from './InspectColumn.tsx';
import { Panels } from './Panels.tsx';
import { panelRef } from './panes.ts';

const [LEFT, INSPECT, DATA] = (['left', 'inspect', 'data'] as const).map(panelRef);

const Program = (
  <ErrorBoundary name="Program">
    <ProgramPane flow={<FlowPane />} />
  </ErrorBoundary>
);

/**
 * The program, what the machine holds, what it works on: three columns, or where they would be too
 * narrow the last two one above the other.
 */
export function DebugLayout() {
  const beside = useMedia('(width >= 75rem)');
  if (beside)
    return (
      <Panels key="beside" name="columns" orientation="horizontal">
        <Panel id="left" minSize="20rem" defaultSize="37" collapsible panelRef={LEFT}>
          {Program}
        </Panel>
        <Separator aria-label="Width of the program" className="separator" />
        <Panel id="inspect" minSize="14rem" defaultSize="19" collapsible panelRef={INSPECT}>
          <InspectColumn />
        </Panel>
        <Separator aria-label="Width of Inspect" className="separator" />
        <Panel id="data" minSize="20rem" collapsible panelRef={DATA}>
          <DataPane />
        </Panel>
      </Panels>
    );
  return (
    <Panels key="stacked" name="main" orientation="horizontal">
      <Panel id="left" minSize="20rem" defaultSize="47" collapsible panelRef={LEFT}>
        {Program}
      </Panel>
      <Separator aria-label="Width of the program" className="separator" />
      <Panel id="right" minSize="22rem">
        <Panels name="right" orientation="vertical">
          <Panel id="inspect" minSize="6rem" defaultSize="50" collapsible panelRef={INSPECT}>
            <InspectColumn />
          </Panel>
          <Separator aria-label="Height of Inspect" className="separator" />
          <Panel id="data" minSize="7rem" collapsible panelRef={DATA}>
            <DataPane />
          </Panel>
        </Panels>
      </Panel>
    </Panels>
  );
}
