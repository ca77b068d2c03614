import { headerAt } from '../../spec/layers.ts';
import type { HeaderName } from '../../spec/protocol-row.ts';
import { UDP } from '../../spec/protocols.ts';
import type { Checksum } from '../checksum.ts';
import { word } from '../words.ts';
import {
  cutShort,
  groupNode,
  type Layer,
  type Place,
  readFields,
  sizeOf,
  withChecksum,
  withProblem,
} from './layer.ts';
import { pseudoHeader } from './pseudo-header.ts';

const PROTOCOL = 17;
const HEADER = sizeOf(UDP);

/** A UDP header (RFC 768). */
export function udp(place: Place): Layer {
  const short = cutShort(place, 'udp', 'UDP', UDP);
  if (short) return short;
  const { bytes, start, end } = place;
  const length = word(bytes, start + 4);
  const problem = lengthProblem(place, length);
  const stop = problem === undefined && start + length <= end ? start + length : end;
  const checksum = problem === undefined ? checksumOf(place, stop) : undefined;
  const read = withProblem(readFields(bytes, UDP, start, end), 'udp.length', problem);
  const missing = checksum !== undefined && word(bytes, checksum.offset) === 0;
  const fields = missing
    ? withProblem(read, 'udp.checksum', 'checksum is 0x0000, IPv6 needs one')
    : checksum
      ? withChecksum(read, 'udp.checksum', bytes, checksum)
      : read;
  const ports = `${word(bytes, start)} -> ${word(bytes, start + 2)}`;
  return {
    node: groupNode('udp', 'UDP', { start, end: start + HEADER }, fields, { text: ports }),
    summary: `UDP ${ports}`,
    checksums: checksum ? [checksum] : [],
    next: {
      header:
        start + HEADER < stop ? headerOfPorts(word(bytes, start), word(bytes, start + 2)) : 'data',
      start: start + HEADER,
      end: stop,
      ...((place.quoted || place.network?.whole === false) && { quoted: true }),
    },
  };
}

/** The lower port says it, else the higher one: servers have the low ones. */
export const headerOfPorts = (source: number, destination: number): HeaderName =>
  headerAt('udp', Math.min(source, destination)) ??
  headerAt('udp', Math.max(source, destination)) ??
  'data';

function lengthProblem({ start, end, network, quoted }: Place, length: number): string | undefined {
  if (length < HEADER) return `header says ${length} bytes, at least ${HEADER} are needed`;
  const fragment = network !== undefined && !network.whole;
  return length > end - start && !quoted && !fragment
    ? `header says ${length} bytes, ${end - start} are there`
    : undefined;
}

/**
 * Over IPv4 a checksum of 0 means there is none; over IPv6 there has to be one (RFC 8200 section
 * 8.1).
 */
function checksumOf({ bytes, start, network }: Place, end: number): Checksum | undefined {
  if (network?.whole !== true || (network.version === 4 && word(bytes, start + 6) === 0))
    return undefined;
  return {
    offset: start + 6,
    covers: { start, end },
    pseudo: pseudoHeader(bytes, network, PROTOCOL, end - start),
    zeroMeansNone: true,
  };
}
