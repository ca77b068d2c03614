import { type ReactNode, useMemo } from 'react';
import { FlowPane } from '../panes/flow/FlowPane.tsx';
import { HookPane } from '../panes/hook/HookPane.tsx';
import { MapsPane } from '../panes/maps/MapsPane.tsx';
import { MemoryPane } from '../panes/memory/MemoryPane.tsx';
import { ObjectPane } from '../panes/object/ObjectPane.tsx';
import { OutputPane } from '../panes/output/OutputPane.tsx';
import { PacketPane } from '../panes/packet/PacketPane.tsx';
import { StepPane } from '../panes/step/StepPane.tsx';
import { VariablesPane } from '../panes/variables/VariablesPane.tsx';
import { WhyPane } from '../panes/why/WhyPane.tsx';
import { useSession } from '../stores/session.ts';
import type { DataTab } from '../stores/ui.ts';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';
import type { TabRow } from '../ui/Tabs.tsx';

export const DATA_PANES: Record<DataTab, { label: string; pane: ReactNode }> = {
  packet: { label: 'Packet', pane: <PacketPane /> },
  variables: { label: 'Variables', pane: <VariablesPane /> },
  why: { label: 'Why', pane: <WhyPane /> },
  hook: { label: 'Hook', pane: <HookPane /> },
  maps: { label: 'Maps', pane: <MapsPane /> },
  memory: { label: 'Memory', pane: <MemoryPane /> },
  output: { label: 'Output', pane: <OutputPane /> },
  object: { label: 'Object', pane: <ObjectPane /> },
  step: { label: 'Step', pane: <StepPane /> },
  flow: { label: 'Flow', pane: <FlowPane /> },
};

export function DataPane({ tab }: { tab: DataTab }) {
  const { label, pane } = DATA_PANES[tab];
  return (
    <ErrorBoundary key={tab} name={label}>
      {pane}
    </ErrorBoundary>
  );
}

/** The tabs of the data panes, with counts where a pane holds something to see. */
export function useDataTabs(): TabRow<DataTab>[] {
  const packets = useSession((state) => state.view?.packets.length ?? 0);
  const maps = useSession((state) => state.snapshot?.maps.length ?? 0);
  const lines = useSession((state) => state.snapshot?.output.length ?? 0);
  return useMemo(() => {
    const counts: Partial<Record<DataTab, number>> = { packet: packets > 1 ? packets : 0, maps, output: lines };
    return (Object.keys(DATA_PANES) as DataTab[]).map((name) => ({
      name,
      label: DATA_PANES[name].label,
      badge: counts[name] ? String(counts[name]) : undefined,
    }));
  }, [packets, maps, lines]);
}
