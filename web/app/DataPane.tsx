import { type ReactNode, useMemo } from 'react';
import type { Snapshot } from '../../core/protocol/messages.ts';
import { MapsPane } from '../panes/maps/MapsPane.tsx';
import { MemoryPane } from '../panes/memory/MemoryPane.tsx';
import { OutputPane } from '../panes/output/OutputPane.tsx';
import { PacketPane } from '../panes/packet/PacketPane.tsx';
import { useSession } from '../stores/session.ts';
import { setDataTab, useUi } from '../stores/ui.ts';
import { DATA_TABS, type DataTab, type PagePlace, PLACES } from '../stores/ui-state.ts';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';
import { type TabRow, Tabs } from '../ui/Tabs.tsx';
import { tooltip } from './command.ts';
import { PLACE_COMMANDS } from './places.ts';

const ROWS: Record<DataTab, { label: string; place: PagePlace; content: ReactNode }> = {
  packet: { label: 'Packet', place: 'packet', content: <PacketPane /> },
  events: {
    label: 'Maps & events',
    place: 'maps',
    content: (
      <div className="events">
        <MapsPane />
        <OutputPane />
      </div>
    ),
  },
  memory: { label: 'Memory', place: 'memory', content: <MemoryPane /> },
};

/** What the program works on: the packet, its maps and what it says, any memory. */
export function DataPane() {
  const tab = useUi((state) => state.dataTab);
  const tabs = useDataTabs();
  return (
    <section className="pane" aria-label="Data" data-pane="data">
      <Tabs label="Data" tabs={tabs} selected={tab} onSelect={setDataTab}>
        <DataTabContent tab={tab} />
      </Tabs>
    </section>
  );
}

export function DataTabContent({ tab }: { tab: DataTab }) {
  const { label, content } = ROWS[tab];
  return (
    <ErrorBoundary key={tab} name={label}>
      {content}
    </ErrorBoundary>
  );
}

/** What the last step did to maps, printed or sent; undefined where it did nothing of it. */
function newsOf({ maps, output, step }: Snapshot): string | undefined {
  if (step === 0) return undefined;
  if (maps.some(({ entries }) => entries.some(({ written }) => written)))
    return 'a map was written';
  return output.some((line) => line.step === step) ? 'something was sent' : undefined;
}

/** The tabs of the data: how much there is, and a mark where something has just happened. */
export function useDataTabs(): TabRow<DataTab>[] {
  const maps = useSession((state) => state.snapshot?.maps.length ?? 0);
  const lines = useSession((state) => state.snapshot?.output.length ?? 0);
  const news = useSession(({ snapshot }) => snapshot && newsOf(snapshot));
  return useMemo(
    () =>
      DATA_TABS.map((name) => ({
        name,
        label: ROWS[name].label,
        title: tooltip(PLACE_COMMANDS[PLACES.indexOf(ROWS[name].place)]),
        ...(name === 'events' && {
          ...(maps + lines > 0 && { badge: [maps, lines].filter(Boolean).join(' + ') }),
          ...(news !== undefined && { news }),
        }),
      })),
    [maps, lines, news],
  );
}
