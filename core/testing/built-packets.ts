import { buildPacket } from '../packet/build.ts';
import type { StackItem } from '../packet/types.ts';
import { canFollow, MADE_HEADERS, PROTOCOLS } from '../spec/layers.ts';
import { headersOf, PACKET_TEMPLATES } from '../spec/packet-templates.ts';
import type { HeaderName } from '../spec/protocol-row.ts';

/** A stack for the packet builder, and what to call it. */
export interface BuiltStack {
  readonly name: string;
  readonly stack: readonly StackItem[];
}

/** Data behind the last header. */
const PAYLOAD = Uint8Array.from({ length: 12 }, (_, i) => 0xa0 + i);
/** What these carry has to come in a form that names them. */
const CARRIED: Partial<Record<HeaderName, Partial<Record<HeaderName, number>>>> = {
  // ERSPAN of type I has no header: a sequence number tells that there is one.
  gre: { erspan: 2 },
};
/** Echoes carry no packet, and errors are not made. */
const QUOTING: readonly HeaderName[] = ['icmp', 'icmpv6'];

const pairs = MADE_HEADERS.flatMap((front) =>
  QUOTING.includes(front)
    ? []
    : MADE_HEADERS.filter((behind) => canFollow(front, behind)).map(
        (behind) => [front, behind] as const,
      ),
);

/** The shortest way to each header from Ethernet on. */
const ways = new Map<HeaderName, readonly HeaderName[]>([['ethernet', ['ethernet']]]);
for (let before = -1; before < ways.size; ) {
  before = ways.size;
  for (const [front, behind] of pairs) {
    const way = ways.get(front);
    if (way && !ways.has(behind)) ways.set(behind, [...way, behind]);
  }
}

/** Headers behind which bytes are data, whatever they are. */
const DATA_CARRIERS: readonly HeaderName[] = ['tcp', 'udp', 'udp-lite', 'esp', 'l2tpv3', 'icmp'];

/** With what a header has to carry behind it: a tunnel is none without a frame in it. */
function completed(way: readonly HeaderName[]): readonly HeaderName[] {
  const last = way.at(-1) ?? 'ethernet';
  const { follows } = PROTOCOLS[last];
  if (follows === undefined || QUOTING.includes(last)) return way;
  if ('by' in follows && ['ethertype', 'ip', 'udp'].includes(follows.by)) return way;
  const first = 'only' in follows ? (follows.only[0] ?? 'data') : 'ipv4';
  return completed([...way, canFollow(last, 'ipv4') ? 'ipv4' : first]);
}

const stackOf = (way: readonly HeaderName[]): StackItem[] => {
  const whole = completed(way);
  const payload = DATA_CARRIERS.includes(whole.at(-1) ?? 'data') ? [{ payload: PAYLOAD }] : [];
  return [...itemsOf(whole), ...payload];
};

const itemsOf = (headers: readonly HeaderName[]): StackItem[] =>
  headers.map((header, i) => {
    const behind = headers[i + 1];
    const variant = behind && CARRIED[header]?.[behind];
    return { header, ...(variant !== undefined && { variant }) };
  });

const named = (stack: readonly StackItem[]): BuiltStack => ({
  name: stack
    .map((item) =>
      'header' in item
        ? [PROTOCOLS[item.header].label, PROTOCOLS[item.header].fresh?.[item.variant ?? 0]?.label]
            .filter(Boolean)
            .join(' ')
        : 'data',
    )
    .join(' / '),
  stack,
});

/** Every header in every form, and every two that may follow each other. */
export const BUILT_STACKS: readonly BuiltStack[] = [
  ...[...ways.values()].flatMap((way) => {
    const last = way.at(-1) ?? 'ethernet';
    return (PROTOCOLS[last].fresh ?? []).map((_, variant) =>
      named(stackOf(way).with(way.length - 1, { header: last, variant })),
    );
  }),
  ...pairs.flatMap(([front, behind]) => {
    const way = ways.get(front);
    return way ? [named(stackOf([...way, behind]))] : [];
  }),
];

/** The packets of them, then those of the templates' headers. */
export const builtPackets = (): Uint8Array[] =>
  [...BUILT_STACKS.map(({ stack }) => stack), ...PACKET_TEMPLATES.map(headersOf)].map((stack) =>
    buildPacket(new Uint8Array(), stack, true),
  );
