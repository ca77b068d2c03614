import { byteAt } from '../../bytes/byte-at.ts';
import { TCP, TCP_OPTION_UNKNOWN, TCP_OPTIONS } from '../../spec/protocols.ts';
import type { FieldNode } from '../types.ts';
import { word } from '../words.ts';
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
import { pseudoHeader } from './pseudo-header.ts';

const PROTOCOL = 6;
const HEADER = sizeOf(TCP);
const OPTIONS = {
  options: TCP_OPTIONS,
  unknown: TCP_OPTION_UNKNOWN,
  lengthOf: (length: number) => length,
  single: [0, 1],
  last: 0,
  padding: 'tcp.options.padding',
};

/** A TCP header (RFC 9293 section 3.1). */
export function tcp(place: Place): Layer {
  const short = cutShort(place, 'tcp', 'TCP', TCP);
  if (short) return short;
  const { bytes, start, end, network, quoted } = place;
  const size = (byteAt(bytes, start + 12) >> 4) * 4;
  const problem = quoted ? undefined : headerProblem(size, end - start);
  const stop = Math.min(end, start + Math.max(size, HEADER));
  const checksum =
    network?.whole === true
      ? {
          offset: start + 16,
          covers: { start, end },
          pseudo: pseudoHeader(bytes, network, PROTOCOL, end - start),
        }
      : undefined;
  const read = withProblem(readFields(bytes, TCP, start, end), 'tcp.hdr_len', problem);
  const fields = checksum ? withChecksum(read, 'tcp.checksum', bytes, checksum) : read;
  const flags = fields.find(({ name }) => name === 'tcp.flags')?.text.replace(/ ?\(.*/, '') ?? '';
  const ports = `${word(bytes, start)} -> ${word(bytes, start + 2)}`;
  return {
    node: groupNode(
      'tcp',
      'TCP',
      { start, end: stop },
      [...fields, ...optionsOf(bytes, start + HEADER, stop)],
      {
        text: ports,
      },
    ),
    summary: `TCP ${ports} [${flags}]`,
    checksums: checksum ? [checksum] : [],
    next: { header: 'data', start: stop, end },
  };
}

function headerProblem(size: number, room: number): string | undefined {
  if (size < HEADER) return `header says ${size} bytes, at least ${HEADER} are needed`;
  return size > room ? `header says ${size} bytes, ${room} are there` : undefined;
}

function optionsOf(bytes: Uint8Array, start: number, end: number): FieldNode[] {
  if (start >= end) return [];
  return [
    groupNode(
      'tcp.options',
      'Options',
      { start, end },
      readOptions(bytes, { start, end }, OPTIONS),
    ),
  ];
}
