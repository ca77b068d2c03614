/** A network device that programs may name by its number. */
export interface Device {
  readonly ifindex: number;
  readonly name: string;
  /** Bytes of a packet behind the link header at most. */
  readonly mtu: number;
  /** Bytes of its link header. */
  readonly headerLength: number;
}

/** What helpers look up around the packet: handed in, so that a run is the same everywhere. */
export interface Network {
  readonly devices: readonly Device[];
}

export const DEFAULT_NETWORK: Network = {
  devices: [
    { ifindex: 1, name: 'lo', mtu: 65536, headerLength: 14 },
    { ifindex: 2, name: 'eth0', mtu: 1500, headerLength: 14 },
    { ifindex: 3, name: 'eth1', mtu: 1500, headerLength: 14 },
  ],
};

export const deviceOf = (network: Network, ifindex: number): Device | undefined =>
  network.devices.find((device) => device.ifindex === ifindex);
