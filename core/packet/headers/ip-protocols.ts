import { headerAt } from '../../spec/layers.ts';
import type { HeaderName } from '../../spec/protocol-row.ts';
import { IP_PROTOCOLS } from '../../spec/protocols.ts';

export const headerOfProtocol = (protocol: number): HeaderName =>
  headerAt('ip', protocol) ?? 'data';

/** A protocol without a header here, as the summary names it, with a space in front. */
export const unknownProtocol = (protocol: number): string =>
  headerAt('ip', protocol) !== undefined
    ? ''
    : ` ${IP_PROTOCOLS.get(protocol) ?? `protocol ${protocol}`}`;
