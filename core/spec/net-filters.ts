/**
 * Filters of a QEMU netdev and what each is told, by QEMU's own names: qapi/net.json and qom.json,
 * net/filter.c, net/dump.c, net/filter-buffer.c, net/filter-mirror.c; filter-ubpf by the series
 * "Introduce QEMU userspace ebpf support" (June 2022), patches 7, 8 and 10.
 */

export type FilterKind =
  | 'filter-ubpf'
  | 'filter-dump'
  | 'filter-buffer'
  | 'filter-mirror'
  | 'filter-redirector';

export interface FilterProperty {
  readonly name: string;
  readonly kind: 'text' | 'number' | 'switch';
  /** What it is where nothing is said; undefined: nothing. */
  readonly initial: string | undefined;
  /** Setting it (`qom-set`) changes a filter that is there; else the filter has to be made anew. */
  readonly isLive: boolean;
  /** Written on a command line even where it is as it is initially. */
  readonly isWritten?: true;
  readonly doc: string;
}

export interface FilterKindRow {
  readonly kind: FilterKind;
  readonly label: string;
  readonly doc: string;
  /** Beside id, netdev, queue, status, position and insert, which all filters have. */
  readonly properties: readonly FilterProperty[];
}

/** Property of filter-mirror and -redirector that says how packets are framed in their device. */
export const VNET_HEADER_SUPPORT = 'vnet_hdr_support';

const VNET_HEADER: FilterProperty = {
  name: VNET_HEADER_SUPPORT,
  kind: 'switch',
  initial: 'off',
  isLive: true,
  doc:
    'on: each packet is sent with the length of its vnet header, which frames here do not have: ' +
    'nothing that is seen here changes.',
};

/** Property of filter-ubpf that names its file; in a chain the object itself stands for it. */
export const UBPF_HANDLER = 'ubpf-handler';

export const FILTER_KINDS: readonly FilterKindRow[] = [
  {
    kind: 'filter-ubpf',
    label: 'program',
    doc: 'Runs a program on a copy of each IPv4 packet: 0 lets the packet pass, all else drops it.',
    properties: [
      {
        name: 'ip-mode',
        kind: 'switch',
        initial: 'on',
        isLive: true,
        isWritten: true,
        doc:
          'on: r1 points at the IP header and r2 is 20. off: ' +
          'r1 points at the Ethernet header and r2 is the length of the frame.',
      },
    ],
  },
  {
    kind: 'filter-dump',
    label: 'dump',
    doc: 'Writes each packet into a pcap file; none is held up.',
    properties: [
      { name: 'file', kind: 'text', initial: undefined, isLive: false, doc: 'Name of the file.' },
      {
        name: 'maxlen',
        kind: 'number',
        initial: '65536',
        isLive: false,
        doc: 'Bytes of a packet that are written at most.',
      },
    ],
  },
  {
    kind: 'filter-buffer',
    label: 'buffer',
    doc: 'Holds packets and lets all of them go each interval.',
    properties: [
      {
        name: 'interval',
        kind: 'number',
        initial: undefined,
        isLive: true,
        doc: 'Microseconds from one release to the next.',
      },
    ],
  },
  {
    kind: 'filter-mirror',
    label: 'mirror',
    doc: 'Sends a copy of each packet to a character device; the packet itself goes on.',
    properties: [
      {
        name: 'outdev',
        kind: 'text',
        initial: undefined,
        isLive: false,
        doc: 'Id of the character device that copies go to.',
      },
      VNET_HEADER,
    ],
  },
  {
    kind: 'filter-redirector',
    label: 'redirector',
    doc: 'Takes packets out to a character device, or lets in what comes from one.',
    properties: [
      {
        name: 'indev',
        kind: 'text',
        initial: undefined,
        isLive: false,
        doc: 'Id of the character device whose packets are let in.',
      },
      {
        name: 'outdev',
        kind: 'text',
        initial: undefined,
        isLive: false,
        doc: 'Id of the character device that packets are taken to.',
      },
      VNET_HEADER,
    ],
  },
];

export const filterKind = (kind: FilterKind): FilterKindRow =>
  FILTER_KINDS.find((row) => row.kind === kind)!;

/** NetFilterDirection, named from the netdev: tx is what it sends, so what the guest receives. */
export const FILTER_QUEUES = ['all', 'rx', 'tx'] as const;
export type FilterQueue = (typeof FILTER_QUEUES)[number];

/** How a packet travels, and the queue of the netdev that it is on. */
export const FLOW_DIRECTIONS = ['to-guest', 'from-guest'] as const;
export type FlowDirection = (typeof FLOW_DIRECTIONS)[number];
export const QUEUE_OF: Readonly<Record<FlowDirection, Exclude<FilterQueue, 'all'>>> = {
  'to-guest': 'tx',
  'from-guest': 'rx',
};

/** Packets that a filter-buffer holds at most (nq_maxlen, net/queue.c): others are dropped. */
export const MOST_HELD = 10_000;

/** The address that QEMU gives to the first network card of a guest. */
export const GUEST_MAC = '52:54:00:12:34:56';

/** Filters that a chain may have here; QEMU knows no limit. */
export const MOST_FILTERS = 32;
