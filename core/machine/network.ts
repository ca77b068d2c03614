/**
 * What helpers look up around the packet: handed in as plain data, so that a run is the same
 * everywhere and a link can carry it. Addresses are text as people write them, IPv4 or IPv6; a MAC
 * address as `02:00:00:00:00:01`.
 */
export interface Network {
  readonly devices: readonly Device[];
  readonly sockets: readonly Socket[];
  readonly routes: readonly Route[];
  readonly neighbours: readonly Neighbour[];
}

/** A network device that programs name by its number. */
export interface Device {
  readonly ifindex: number;
  readonly name: string;
  /** Bytes of a packet behind the link header at most. */
  readonly mtu: number;
  readonly mac: string;
  /** It forwards packets that are not its own. */
  readonly forwarding: boolean;
}

/**
 * States of a socket that make a difference here, with their numbers (include/net/tcp_states.h).
 */
export const SOCKET_STATES = {
  established: 1,
  syn_sent: 2,
  syn_recv: 3,
  time_wait: 6,
  close: 7,
  listen: 10,
} as const;
export type SocketState = keyof typeof SOCKET_STATES;

/** A socket of this host; numbered from 1 in the order of the list, as sockmaps name it. */
export interface Socket {
  readonly protocol: 'tcp' | 'udp';
  /**
   * `0.0.0.0` or `::`: bound to any address. IPv6 sockets are IPV6_V6ONLY: one that takes both is
   * two.
   */
  readonly local: string;
  readonly localPort: number;
  /** Of a connected socket. */
  readonly remote?: string;
  readonly remotePort?: number;
  readonly state: SocketState;
  readonly mark?: number;
  readonly uid?: number;
}

export interface Route {
  /** `10.0.0.0/8`, `::/0`. */
  readonly prefix: string;
  /** None: the destination is on the link. */
  readonly gateway?: string;
  readonly ifindex: number;
  readonly kind: 'unicast' | 'local' | 'blackhole' | 'unreachable' | 'prohibit';
  /** Address that packets of this host take on that route. */
  readonly source?: string;
  /**
   * Bytes; none: the device's. IPv4: as of `mtu lock`, without which forwarding does not heed it.
   */
  readonly mtu?: number;
}

export interface Neighbour {
  readonly address: string;
  readonly ifindex: number;
  readonly mac: string;
}

/** Bytes of an Ethernet header, which every device here has. */
export const LINK_HEADER_BYTES = 14;

export const DEFAULT_NETWORK: Network = {
  devices: [
    { ifindex: 1, name: 'lo', mtu: 65536, mac: '00:00:00:00:00:00', forwarding: true },
    { ifindex: 2, name: 'eth0', mtu: 1500, mac: '02:00:00:00:00:02', forwarding: true },
    { ifindex: 3, name: 'eth1', mtu: 1500, mac: '02:00:00:00:00:03', forwarding: true },
  ],
  sockets: [],
  routes: [],
  neighbours: [],
};

export const deviceOf = (network: Network, ifindex: number): Device | undefined =>
  network.devices.find((device) => device.ifindex === ifindex);
