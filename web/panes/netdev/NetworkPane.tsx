import type { ChainView } from '../../../core/protocol/messages.ts';
import { useSession } from '../../stores/session.ts';
import { setNetworkView, useUi } from '../../stores/ui.ts';
import type { NetworkView } from '../../stores/ui-state.ts';
import { Tabs } from '../../ui/Tabs.tsx';
import { Copyable } from '../shared/Copyable.tsx';
import { ChainPicture } from './ChainPicture.tsx';
import { DropTable } from './DropTable.tsx';
import { FlowBar } from './FlowBar.tsx';
import { HookListPane } from './HookListPane.tsx';
import { LIST_WORDS } from './hook-words.ts';
import { Changes, RatePlot } from './RatePlot.tsx';
import './netdev.css';

const LABELS: Readonly<Record<NetworkView, string>> = {
  netdev: 'netdev',
  tc: LIST_WORDS.tc.label,
  xdp: LIST_WORDS.xdp.label,
  cgroup_skb: LIST_WORDS.cgroup_skb.label,
};

/** Where packets go past several programs: the netdev of a virtual machine, a hook of Linux. */
export function NetworkPane() {
  const chain = useSession(({ view }) => view?.chain);
  const lists = useSession(({ view }) => view?.hookLists) ?? [];
  const hook = useSession(({ view }) => view?.hook);
  const chosen = useUi((state) => state.networkView);
  const views: NetworkView[] = [
    ...(chain ? (['netdev'] as const) : []),
    ...lists.map((list) => list.hook),
  ];
  if (views.length === 0) return null;
  // As chosen, else by the session's hook, as long as there is something for it.
  const shown =
    [chosen, hook === 'filter-ubpf' ? 'netdev' : hook].find((name): name is NetworkView =>
      views.some((view) => view === name),
    ) ?? views[0];
  const list = lists.find((one) => one.hook === shown);
  const body = list ? <HookListPane list={list} /> : chain && <Netdev chain={chain} />;
  return (
    <section className="pane network" aria-label="Network" data-pane="network">
      {views.length === 1 ? (
        body
      ) : (
        <Tabs
          label="What packets go past"
          tabs={views.map((name) => ({ name, label: LABELS[name] }))}
          selected={shown}
          onSelect={setNetworkView}
        >
          {body}
        </Tabs>
      )}
    </section>
  );
}

/** A netdev of a virtual machine: filters between it and the guest, and packets that flow. */
function Netdev({ chain }: { chain: ChainView }) {
  const { run } = chain;
  return (
    <>
      <FlowBar chain={chain} />
      <div className="network-scroll">
        <ChainPicture chain={chain} />
        <div className="network-lower">
          {run && (
            <div>
              <RatePlot run={run} />
              <Changes run={run} />
            </div>
          )}
          {run && <DropTable run={run} />}
          <QemuText chain={chain} />
        </div>
      </div>
    </>
  );
}

/** The chain in QEMU's words, and its last change. */
function QemuText({ chain: { lines, qmp, change } }: { chain: ChainView }) {
  return (
    <section className="network-qemu" aria-label="The same in QEMU">
      <h2>The same in QEMU</h2>
      {change && (
        <Copyable label={`QMP of the last change: ${change.name}`} text={change.qmp.join('\n')} />
      )}
      <Copyable label="QEMU command line" text={lines.join(' \\\n')} />
      {qmp.length > 0 && (
        <Copyable label="QMP: all filters into a guest that runs" text={qmp.join('\n')} />
      )}
      <p className="note">
        tx and rx are named from the netdev: tx is what the guest receives, rx what it sends.
      </p>
    </section>
  );
}
