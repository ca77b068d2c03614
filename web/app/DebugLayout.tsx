import { useRef } from 'react';
import { Panel, Separator } from 'react-resizable-panels';
import { FlowPane } from '../panes/flow/FlowPane.tsx';
import { ProgramPane } from '../panes/program/ProgramPane.tsx';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';
import { scaled } from '../ui/rem.ts';
import { useMedia } from '../ui/useMedia.ts';
import { useWidth } from '../ui/useWidth.ts';
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

/** What three columns take. */
const COLUMNS = 960;

/**
 * The program, what the machine holds, what it works on: three columns, or where they would be too
 * narrow the last two one above the other.
 */
export function DebugLayout() {
  const area = useRef<HTMLDivElement>(null);
  const hasWindow = useMedia('(width >= 75rem)');
  const width = useWidth(area);
  // Beside an Explorer with tables in it a wide window may have too little left.
  const beside = hasWindow && (width === 0 || width >= scaled(COLUMNS));
  return (
    <div ref={area} className="layout">
      {beside ? <Columns /> : <Stacked />}
    </div>
  );
}

function Columns() {
  return (
    <Panels name="columns" orientation="horizontal">
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
}

function Stacked() {
  return (
    <Panels name="main" orientation="horizontal">
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
