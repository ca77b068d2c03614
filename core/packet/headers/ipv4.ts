import { byteAt } from '../../bytes/byte-at.ts';
import { IPV4, IPV4_OPTION_UNKNOWN, IPV4_OPTIONS } from '../../spec/protocols.ts';
import { formatIpv4 } from '../address.ts';
import type { ByteRange, FieldNode } from '../types.ts';
import { word } from '../words.ts';
import { headerOfProtocol, unknownProtocol } from './ip-protocols.ts';
import {
  cutShort,
  groupNode,
  type Layer,
  type Place,
  readFields,
  readOptions,
  sizeOf,
  withChecksum,
  withProblem,
} from './layer.ts';

const HEADER = sizeOf(IPV4);
/** Loose and strict source route. */
const SOURCE_ROUTES = [131, 137];
const END_OF_OPTIONS = 0;
const OPTIONS = {
  options: IPV4_OPTIONS,
  unknown: IPV4_OPTION_UNKNOWN,
  lengthOf: (length: number) => length,
  single: [0, 1],
  last: END_OF_OPTIONS,
  padding: 'ip.opt.padding',
};

/**
 * An IPv4 header (RFC 791). A later fragment carries data, and no fragment's checksum of what it
 * carries can be checked.
 */
export function ipv4Layer(place: Place): Layer {
  const short = cutShort(place, 'ip', 'IPv4', IPV4);
  if (short) return short;
  const { bytes, start, end } = place;
  const size = (byteAt(bytes, start) & 0x0f) * 4;
  const fields = readFields(bytes, IPV4, start, end);
  const badHeader = headerProblem(byteAt(bytes, start) >> 4, size, end - start);
  if (badHeader) {
    return {
      node: groupNode(
        'ip',
        'IPv4',
        { start, end: start + HEADER },
        withProblem(fields, badHeader.field, badHeader.problem),
      ),
      summary: 'IPv4, malformed',
      checksums: [],
      next: { header: 'data', start: start + HEADER, end },
    };
  }
  const stop = start + size;
  const { carriedEnd, problem } = lengthOf(place, size);
  const checksum = { offset: start + 10, covers: { start, end: stop }, pseudo: 0 };
  const checked = withProblem(
    withChecksum(fields, 'ip.checksum', bytes, checksum),
    'ip.len',
    problem,
  );
  return {
    node: groupNode(
      'ip',
      'IPv4',
      { start, end: stop },
      [...checked, ...optionsOf(bytes, start + HEADER, stop)],
      {
        text: addresses(bytes, start),
      },
    ),
    summary: `IPv4 ${addresses(bytes, start)}${describeCarried(bytes, start)}`,
    checksums: [checksum],
    ...(problem === undefined && { frameEnd: carriedEnd }),
    next: carried(place, stop, carriedEnd, problem === undefined),
  };
}

function headerProblem(
  version: number,
  size: number,
  room: number,
): { field: string; problem: string } | undefined {
  if (version !== 4) return { field: 'ip.version', problem: `version is ${version}, should be 4` };
  if (size < HEADER)
    return {
      field: 'ip.hdr_len',
      problem: `header says ${size} bytes, at least ${HEADER} are needed`,
    };
  if (size > room)
    return { field: 'ip.hdr_len', problem: `header says ${size} bytes, ${room} are there` };
  return undefined;
}

/** Where the payload ends, by the total length where it can be true. */
function lengthOf(
  { bytes, start, end, quoted }: Place,
  size: number,
): { carriedEnd: number; problem?: string } {
  const total = word(bytes, start + 2);
  if (total < size)
    return {
      carriedEnd: end,
      problem: `total length is ${total} bytes, the header alone takes ${size}`,
    };
  if (start + total <= end) return { carriedEnd: start + total };
  return quoted
    ? { carriedEnd: end }
    : { carriedEnd: end, problem: `header says ${total} bytes, ${end - start} are there` };
}

function optionsOf(bytes: Uint8Array, start: number, end: number): FieldNode[] {
  if (start === end) return [];
  return [
    groupNode('ip.options', 'Options', { start, end }, readOptions(bytes, { start, end }, OPTIONS)),
  ];
}

const fragmentOffset = (bytes: Uint8Array, start: number): number =>
  (word(bytes, start + 6) & 0x1fff) * 8;
const moreFragments = (bytes: Uint8Array, start: number): boolean =>
  (byteAt(bytes, start + 6) & 0x20) !== 0;

function carried(
  { bytes, start, quoted }: Place,
  from: number,
  end: number,
  fits: boolean,
): Layer['next'] {
  const offset = fragmentOffset(bytes, start);
  const whole = fits && !quoted && offset === 0 && !moreFragments(bytes, start);
  return {
    header: offset > 0 ? 'data' : headerOfProtocol(byteAt(bytes, start + 9)),
    start: from,
    end,
    network: {
      version: 4,
      addresses: [{ start: start + 12, end: start + 16 }, finalDestination(bytes, start, from)],
      whole,
    },
    ...(quoted && { quoted }),
  };
}

/**
 * RFC 1122 section 3.2.1.8: while a source route lists addresses to come, its last one is where the
 * packet goes.
 */
function finalDestination(bytes: Uint8Array, start: number, headerEnd: number): ByteRange {
  let at = start + HEADER;
  while (at + 2 < headerEnd) {
    const type = byteAt(bytes, at);
    if (type === END_OF_OPTIONS) break;
    const length = OPTIONS.single.includes(type) ? 1 : byteAt(bytes, at + 1);
    const fits = byteAt(bytes, at + 2) + 3 <= length && at + length <= headerEnd;
    const routed = SOURCE_ROUTES.includes(type) && fits;
    if (routed) return { start: at + length - 4, end: at + length };
    at += Math.max(1, length);
  }
  return { start: start + 16, end: start + 20 };
}

const addresses = (bytes: Uint8Array, start: number): string =>
  `${formatIpv4(bytes.subarray(start + 12, start + 16))} -> ` +
  `${formatIpv4(bytes.subarray(start + 16, start + 20))}`;

function describeCarried(bytes: Uint8Array, start: number): string {
  const offset = fragmentOffset(bytes, start);
  const fragment = offset > 0 || moreFragments(bytes, start) ? ` fragment at ${offset}` : '';
  return `${fragment}${offset > 0 ? '' : unknownProtocol(byteAt(bytes, start + 9))}`;
}
