import type { HookName } from '../spec/program-types.ts';

/** A program that is measured against what gcc makes of the same source, over many packets. */
export interface Filter {
  readonly name: string;
  /** From the project's root: the object, and the C it was made from. */
  readonly object: string;
  readonly source: string;
  readonly program: string;
  readonly hook: HookName;
  packets(): Uint8Array[];
  /** What its maps hold before, in hex. */
  readonly maps: readonly { readonly map: string; readonly key: string; readonly value: string }[];
}

/** Numbers that only look like chance: the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const bytes = (length: number, byte: (index: number) => number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => byte(index));

const many = (count: number, make: (index: number) => Uint8Array): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** IPv4 headers, some of them for 1.1.1.1. */
function headers(): Uint8Array[] {
  const below = numbers(1);
  return many(16_384, () => {
    const header = bytes(20, () => below(256));
    header[0] = 0x45;
    if (below(4) === 0) header.fill(1, 16);
    return header;
  });
}

/** Ethernet with IPv4, a VLAN tag or IPv6, TCP or UDP, to ports that rules know and others. */
function mixed(): Uint8Array[] {
  const below = numbers(2);
  const ports = [22, 25, 53, 80, 443, 8080, 9999, 40_000];
  return many(16_384, () => {
    const tag = below(8) === 0 ? 4 : 0;
    const packet = bytes(60 + tag, () => below(256));
    packet.set(tag ? [0x81, 0, 0, 5] : [], 12);
    packet.set(below(10) === 0 ? [0x86, 0xdd, 0x60] : [8, 0, 0x45], 12 + tag);
    packet[23 + tag] = below(3) === 0 ? 17 : 6;
    packet.set([10, 0, 0, below(20)], 30 + tag);
    const port = ports[below(ports.length)];
    packet.set([port >> 8, port & 255], 36 + tag);
    return packet;
  });
}

/** From 64 addresses, of which the map knows half. */
function fromAddresses(): Uint8Array[] {
  const below = numbers(3);
  return many(16_384, () => {
    const packet = bytes(60, () => below(256));
    packet.set([8, 0, 0x45], 12);
    packet.set([10, 0, 0, below(64)], 26);
    return packet;
  });
}

const workload = (program: string, packets: () => Uint8Array[]): Filter => ({
  name: program,
  object: 'core/testdata/bench/workloads.o',
  source: 'core/testdata/bench/workloads.c',
  program,
  hook: 'ubpf',
  packets,
  maps: [],
});

export const FILTERS: readonly Filter[] = [
  workload('seed', headers),
  workload('parser', mixed),
  workload('checksum', () => many(64, (i) => bytes(1500, (at) => (at * 7 + i) & 255))),
  workload('siphash', () => many(4, (i) => bytes(64, (at) => at + i))),
  workload('histogram', () => many(32, (i) => bytes(2048, (at) => (at * 31 + i) & 255))),
  {
    name: 'xdp-firewall',
    object: 'public/examples/xdp-firewall/program.o',
    source: 'public/examples/xdp-firewall/program.c',
    program: 'firewall',
    hook: 'xdp',
    packets: fromAddresses,
    maps: Array.from({ length: 32 }, (_, i) => ({
      map: 'blocked',
      key: `0a0000${(2 * i).toString(16).padStart(2, '0')}`,
      value: '00'.repeat(16),
    })),
  },
];
