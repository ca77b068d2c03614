import { Panel, Separator } from 'react-resizable-panels';
import { CapturePane } from '../panes/capture/CapturePane.tsx';
import { PacketPane } from '../panes/packet/PacketPane.tsx';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';
import { useMedia } from '../ui/useMedia.ts';
import { Panels } from './Panels.tsx';

/** All packets at full height, the selected one as fields and bytes beside them or below. */
export function CaptureLayout() {
  const beside = useMedia('(width >= 62.5rem)');
  return (
    <Panels
      key={beside ? 'beside' : 'below'}
      name={beside ? 'capture-beside' : 'capture-below'}
      orientation={beside ? 'horizontal' : 'vertical'}
    >
      <Panel id="packets" minSize="10rem" defaultSize="58">
        <ErrorBoundary name="Capture">
          <CapturePane />
        </ErrorBoundary>
      </Panel>
      <Separator
        aria-label={beside ? 'Width of the list' : 'Height of the list'}
        className="separator"
      />
      <Panel id="packet" minSize="10rem">
        <section className="pane" aria-label="Selected packet" data-pane="data">
          <ErrorBoundary name="Packet">
            <PacketPane />
          </ErrorBoundary>
        </section>
      </Panel>
    </Panels>
  );
}
