import { IP_PROTOCOLS } from '../spec/protocols.ts';
import type { HeaderName } from './layer.ts';

/** Headers that can be read, by IP protocol number. */
const HEADERS: ReadonlyMap<number, HeaderName> = new Map<number, HeaderName>([
  [0, 'hop-by-hop options'],
  [1, 'icmp'],
  [4, 'ipv4'],
  [6, 'tcp'],
  [17, 'udp'],
  [41, 'ipv6'],
  [43, 'ipv6 routing'],
  [44, 'ipv6 fragment'],
  [58, 'icmpv6'],
  [60, 'destination options'],
]);

export const headerOfProtocol = (protocol: number): HeaderName => HEADERS.get(protocol) ?? 'data';

/** A protocol without a header here, as the summary names it, with a space in front. */
export const unknownProtocol = (protocol: number): string =>
  HEADERS.has(protocol) ? '' : ` ${IP_PROTOCOLS.get(protocol) ?? `protocol ${protocol}`}`;
