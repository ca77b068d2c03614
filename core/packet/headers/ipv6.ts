import { byteAt } from '../../bytes/byte-at.ts';
import { IPV6 } from '../../spec/protocols.ts';
import { formatIpv6 } from '../address.ts';
import { word } from '../words.ts';
import { headerOfProtocol, unknownProtocol } from './ip-protocols.ts';
import {
  cutShort,
  groupNode,
  type Layer,
  type Place,
  readFields,
  sizeOf,
  withProblem,
} from './layer.ts';

const HEADER = sizeOf(IPV6);
const HOP_BY_HOP = 0;

/** An IPv6 header (RFC 8200 section 3). */
export function ipv6Layer(place: Place): Layer {
  const short = cutShort(place, 'ipv6', 'IPv6', IPV6);
  if (short) return short;
  const { bytes, start, end, quoted } = place;
  const version = byteAt(bytes, start) >> 4;
  const stop = start + HEADER;
  const { carriedEnd, problem } = lengthOf(place, stop);
  const fields = withProblem(readFields(bytes, IPV6, start, stop), 'ipv6.plen', problem);
  const nextHeader = byteAt(bytes, start + 6);
  const text =
    `${formatIpv6(bytes.subarray(start + 8, start + 24))} -> ` +
    `${formatIpv6(bytes.subarray(start + 24, stop))}`;
  const badVersion = version === 6 ? undefined : `version is ${version}, should be 6`;
  return {
    node: groupNode(
      'ipv6',
      'IPv6',
      { start, end: stop },
      withProblem(fields, 'ipv6.version', badVersion),
      { text },
    ),
    summary: badVersion ? 'IPv6, malformed' : `IPv6 ${text}${unknownProtocol(nextHeader)}`,
    checksums: [],
    ...(problem === undefined && { frameEnd: carriedEnd }),
    next: {
      header: badVersion ? 'data' : headerOfProtocol(nextHeader),
      start: stop,
      end: badVersion ? end : carriedEnd,
      network: {
        version: 6,
        addresses: [
          { start: start + 8, end: start + 24 },
          { start: start + 24, end: stop },
        ],
        whole: problem === undefined && !quoted,
      },
      ...(quoted && { quoted }),
    },
  };
}

/**
 * Where the payload ends; RFC 2675: a payload length of 0 with hop-by-hop options is a jumbogram,
 * which goes to the end.
 */
function lengthOf(
  { bytes, start, end, quoted }: Place,
  stop: number,
): { carriedEnd: number; problem?: string } {
  const length = word(bytes, start + 4);
  if (length === 0 && bytes[start + 6] === HOP_BY_HOP) return { carriedEnd: end };
  if (stop + length <= end) return { carriedEnd: stop + length };
  return quoted
    ? { carriedEnd: end }
    : { carriedEnd: end, problem: `header says ${length} bytes, ${end - stop} are there` };
}
