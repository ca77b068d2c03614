import type { ChainView } from '../../../core/protocol/messages.ts';
import { useSession } from '../../stores/session.ts';
import { Copyable } from '../shared/Copyable.tsx';
import { ChainPicture } from './ChainPicture.tsx';
import { DropTable } from './DropTable.tsx';
import { FlowBar } from './FlowBar.tsx';
import { Changes, RatePlot } from './RatePlot.tsx';
import './netdev.css';

/** A netdev of a virtual machine: filters between it and the guest, and packets that flow. */
export function NetworkPane() {
  const chain = useSession(({ view }) => view?.chain);
  if (chain === undefined) return null;
  const { run } = chain;
  return (
    <section className="pane network" aria-label="Network" data-pane="network">
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
    </section>
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
