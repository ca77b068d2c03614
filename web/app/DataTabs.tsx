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
import { DATA_TABS, type DataTab } from '../stores/ui-state.ts';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';
import type { TabRow } from '../ui/Tabs.tsx';
import { command, tooltip } from './commands.ts';
import { TABS } from './tab-commands.ts';

const PANES: Record<DataTab, ReactNode> = {
  packet: <PacketPane />,
  variables: <VariablesPane />,
  why: <WhyPane />,
  hook: <HookPane />,
  maps: <MapsPane />,
  memory: <MemoryPane />,
  output: <OutputPane />,
  object: <ObjectPane />,
  step: <StepPane />,
  flow: <FlowPane />,
};

export function DataPane({ tab }: { tab: DataTab }) {
  return (
    <ErrorBoundary key={tab} name={TABS[tab].label}>
      {PANES[tab]}
    </ErrorBoundary>
  );
}

/** The tabs of the data panes, with counts where a pane holds something to see. */
export function useDataTabs(): TabRow<DataTab>[] {
  const packets = useSession((state) => state.view?.packetNames.length ?? 0);
  const maps = useSession((state) => state.snapshot?.maps.length ?? 0);
  const lines = useSession((state) => state.snapshot?.output.length ?? 0);
  return useMemo(() => {
    const counts: Partial<Record<DataTab, number>> = {
      packet: packets > 1 ? packets : 0,
      maps,
      output: lines,
    };
    return DATA_TABS.map((name) => ({
      name,
      label: TABS[name].label,
      title: tooltip(command(`tab-${name}`)),
      badge: counts[name] ? String(counts[name]) : undefined,
    }));
  }, [packets, maps, lines]);
}
