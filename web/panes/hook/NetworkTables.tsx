import type {
  Device,
  Neighbour,
  Network,
  Route,
  SessionView,
  Socket,
} from '../../../core/protocol/messages.ts';
import { wish } from '../../actions/wish.ts';
import { type Column, RowsTable } from './RowsTable.tsx';

const DEVICES: readonly Column<Device>[] = [
  { name: 'ifindex', label: 'Number', kind: 'number' },
  { name: 'name', label: 'Name', kind: 'text' },
  { name: 'mtu', label: 'MTU', kind: 'number' },
  { name: 'mac', label: 'MAC', kind: 'text' },
  { name: 'forwarding', label: 'Forwards', kind: 'yes-no' },
];
const ROUTES: readonly Column<Route>[] = [
  { name: 'prefix', label: 'To', kind: 'text' },
  {
    name: 'kind',
    label: 'Kind',
    kind: ['unicast', 'local', 'blackhole', 'unreachable', 'prohibit'],
  },
  { name: 'ifindex', label: 'Interface', kind: 'number' },
  { name: 'gateway', label: 'Gateway', kind: 'text', optional: true },
  { name: 'source', label: 'Source', kind: 'text', optional: true },
  { name: 'mtu', label: 'MTU', kind: 'number', optional: true },
];
const NEIGHBOURS: readonly Column<Neighbour>[] = [
  { name: 'address', label: 'Address', kind: 'text' },
  { name: 'ifindex', label: 'Interface', kind: 'number' },
  { name: 'mac', label: 'MAC', kind: 'text' },
];
const SOCKETS: readonly Column<Socket>[] = [
  { name: 'protocol', label: 'Protocol', kind: ['tcp', 'udp'] },
  {
    name: 'state',
    label: 'State',
    kind: ['listen', 'established', 'syn_sent', 'syn_recv', 'time_wait', 'close'],
  },
  { name: 'local', label: 'Local', kind: 'text' },
  { name: 'localPort', label: 'Port', kind: 'number' },
  { name: 'remote', label: 'Remote', kind: 'text', optional: true },
  { name: 'remotePort', label: 'Port', kind: 'number', optional: true },
  { name: 'mark', label: 'Mark', kind: 'number', optional: true },
];

/**
 * What bpf_fib_lookup, bpf_sk_lookup_*, redirects and MTU checks look up; of that what a program of
 * this hook can.
 */
export function NetworkTables({
  network,
  visible,
}: {
  network: Network;
  visible: SessionView['surroundings'];
}) {
  const set = (change: Partial<Network>) =>
    wish({ type: 'set-network', network: { ...network, ...change } });
  if (
    !(['devices', 'routes', 'neighbours', 'sockets'] as const).some((name) =>
      visible.includes(name),
    )
  )
    return null;
  return (
    <section>
      <h2>Network</h2>
      {visible.includes('devices') && (
        <RowsTable
          caption="Interfaces"
          doc="for redirects and MTU checks"
          columns={DEVICES}
          rows={network.devices}
          fresh={{
            ifindex: network.devices.length + 1,
            name: 'eth2',
            mtu: 1500,
            mac: '02:00:00:00:00:04',
            forwarding: true,
          }}
          onChange={(devices) => set({ devices })}
        />
      )}
      {visible.includes('routes') && (
        <RowsTable
          caption="Routes"
          doc="for bpf_fib_lookup"
          columns={ROUTES}
          rows={network.routes}
          fresh={{ prefix: '0.0.0.0/0', kind: 'unicast', ifindex: 2 }}
          onChange={(routes) => set({ routes })}
        />
      )}
      {visible.includes('neighbours') && (
        <RowsTable
          caption="Neighbours"
          doc="their link addresses"
          columns={NEIGHBOURS}
          rows={network.neighbours}
          fresh={{ address: '10.0.0.1', ifindex: 2, mac: '02:00:00:00:01:01' }}
          onChange={(neighbours) => set({ neighbours })}
        />
      )}
      {visible.includes('sockets') && (
        <RowsTable
          caption="Sockets"
          doc="for socket lookups and sockmaps, which name them 1, 2, …"
          columns={SOCKETS}
          rows={network.sockets}
          fresh={{ protocol: 'tcp', state: 'listen', local: '0.0.0.0', localPort: 80 }}
          onChange={(sockets) => set({ sockets })}
        />
      )}
    </section>
  );
}
