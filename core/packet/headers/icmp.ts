import { byteAt } from '../../bytes/byte-at.ts';
import type { HeaderField } from '../../spec/header-fields.ts';
import type { HeaderName } from '../../spec/protocol-row.ts';
import {
  ICMP,
  ICMP_ECHO,
  ICMP_MASK,
  ICMP_PARAMETER,
  ICMP_REDIRECT,
  ICMP_ROUTERS,
  ICMP_TIMESTAMP,
  ICMP_TOO_BIG,
  ICMP_TYPES,
  ICMP_UNUSED,
} from '../../spec/protocols.ts';
import { word } from '../words.ts';
import {
  cutShort,
  groupNode,
  type Layer,
  type Place,
  readFields,
  sizeOf,
  withChecksum,
} from './layer.ts';

const UNREACHABLE = 3;
const TOO_BIG = 4;

interface Message {
  readonly rows: readonly HeaderField[];
  readonly carries: HeaderName;
}
const ECHO: Message = { rows: ICMP_ECHO, carries: 'data' };
const TIMESTAMP: Message = { rows: ICMP_TIMESTAMP, carries: 'data' };
const MASK: Message = { rows: ICMP_MASK, carries: 'data' };
const ERROR: Message = { rows: ICMP_UNUSED, carries: 'ipv4' };

/** What follows the first four bytes, by type (RFC 792). */
const MESSAGES: ReadonlyMap<number, Message> = new Map<number, Message>([
  [0, ECHO],
  [UNREACHABLE, ERROR],
  [4, ERROR],
  [5, { rows: ICMP_REDIRECT, carries: 'ipv4' }],
  [8, ECHO],
  [11, ERROR],
  [9, { rows: ICMP_ROUTERS, carries: 'data' }],
  [13, TIMESTAMP],
  [14, TIMESTAMP],
  [15, ECHO],
  [16, ECHO],
  [17, MASK],
  [18, MASK],
  [12, { rows: ICMP_PARAMETER, carries: 'ipv4' }],
]);
const OTHER: Message = { rows: [], carries: 'data' };

function messageOf(type: number, code: number): Message {
  if (type === UNREACHABLE && code === TOO_BIG) return { rows: ICMP_TOO_BIG, carries: 'ipv4' };
  return MESSAGES.get(type) ?? OTHER;
}

const echo = (bytes: Uint8Array, start: number): string =>
  ` id ${word(bytes, start + 4)} seq ${word(bytes, start + 6)}`;

/** An ICMP message (RFC 792); an error carries the start of the packet it is about. */
export function icmp(place: Place): Layer {
  const short = cutShort(place, 'icmp', 'ICMP', ICMP);
  if (short) return short;
  const { bytes, start, end, network } = place;
  const type = byteAt(bytes, start);
  const { rows, carries } = messageOf(type, byteAt(bytes, start + 1));
  const cut = cutShort(place, 'icmp', 'ICMP', [...ICMP, ...rows]);
  if (cut) return cut;
  const stop = start + sizeOf(ICMP) + sizeOf(rows);
  const checksum = { offset: start + 2, covers: { start, end }, pseudo: 0 };
  const checked = network?.whole === true;
  const fields = readFields(bytes, [...ICMP, ...rows], start, stop);
  const name = ICMP_TYPES.get(type) ?? `type ${type}`;
  return {
    node: groupNode(
      'icmp',
      'ICMP',
      { start, end: stop },
      checked ? withChecksum(fields, 'icmp.checksum', bytes, checksum) : fields,
      { text: name },
    ),
    summary: `ICMP ${name}${rows[0] === ICMP_ECHO[0] ? echo(bytes, start) : ''}`,
    checksums: checked ? [checksum] : [],
    next: { header: carries, start: stop, end, ...(carries !== 'data' && { quoted: true }) },
  };
}
