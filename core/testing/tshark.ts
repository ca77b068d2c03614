// What tshark says of the fields of packets, and what of it the dissection here says otherwise.
import { execFileSync } from 'node:child_process';
import { dissect } from '../packet/dissect.ts';
import type { FieldNode } from '../packet/types.ts';
import { FIELDS } from '../spec/header-fields.ts';

export interface Recorded {
  title: string;
  /** Bits count from the start of the packet; values are as Wireshark shows them. */
  fields: [name: string, firstBit: number, bits: number, value: string][];
}

/** Checksums verified, and nothing that depends on other packets. */
const OPTIONS = [
  ...[
    'ip.check_checksum',
    'tcp.check_checksum',
    'udp.check_checksum',
    'udplite.ignore_checksum_coverage',
  ].map((name) => `${name}:TRUE`),
  'sctp.checksum:CRC 32c',
  ...[
    'ip.defragment',
    'ipv6.defragment',
    'tcp.relative_sequence_numbers',
    'tcp.analyze_sequence_numbers',
    'tcp.desegment_tcp_streams',
    'sctp.relative_tsns',
    'dccp.relative_sequence_numbers',
  ].map((name) => `${name}:FALSE`),
].flatMap((option) => ['-o', option]);

const run = (args: readonly string[]): string =>
  execFileSync('tshark', args, {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'ignore'],
  });

/**
 * First bit in the packet and number of bits: PDML does not say them, but the line for people draws
 * them, `..0. .... = Poll`. Drawings are as wide as the field's type, which may be more or less
 * than its bytes, and end where these do.
 */
function bitsOf(position: number, size: number, showname: string): [number, number] {
  const drawing = /^([.01]{1,4}(?: [.01]{1,4})*) = /.exec(showname)?.[1].replaceAll(' ', '');
  const [, before, bits] = /^(\.*)([01]+)\.*$/.exec(drawing ?? '') ?? [];
  if (drawing === undefined || bits === undefined) return [position * 8, size * 8];
  const first = position * 8 + size * 8 - drawing.length + before.length;
  // TCP's flags are drawn as 12 bits, and those in the first byte are said to take that byte.
  return [first < position * 8 ? first + 8 : first, bits.length];
}

const decode = (text: string): string =>
  text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&');

function fieldsOf(xml: string): Recorded['fields'] {
  const fields: Recorded['fields'] = [];
  for (const [, attributes] of xml.matchAll(/<field ([^>]*?)\/?>/g)) {
    const get = (key: string) =>
      decode(new RegExp(`\\b${key}="([^"]*)"`).exec(attributes)?.[1] ?? '');
    const [name, size] = [get('name'), Number(get('size'))];
    const status = name.endsWith('.status');
    if (
      !status &&
      (size === 0 ||
        /^(frame|fake-field-wrapper|_ws)\b/.test(name) ||
        name === '' ||
        name === 'data')
    )
      continue;
    // The length of an option is that of its type's field, which spans it.
    const length = name === 'dhcp.option.type' ? 1 : size;
    fields.push([name, ...bitsOf(Number(get('pos')), length, get('showname')), get('show')]);
  }
  return fields;
}

/** What tshark says of the packets of a capture. */
export function askTshark(path: string): Recorded[] {
  const parts = run(['-r', path, '-T', 'pdml', ...OPTIONS])
    .split('<packet>')
    .slice(1);
  return parts.map((xml, i) => ({
    title: `packet ${i + 1}`,
    fields: fieldsOf(xml.slice(Math.max(0, xml.indexOf('<proto name="eth"')))),
  }));
}

const lines = (args: readonly string[]): string[] => run(args).split('\n').slice(0, -1);

/** Numbers of the packets of a capture that a display filter leaves. */
export const filterByTshark = (path: string, filter: string): number[] =>
  lines(['-r', path, '-Y', filter, '-T', 'fields', '-e', 'frame.number', ...OPTIONS]).map(Number);

/** Of every packet the headers that tshark finds in it, outermost first: `eth:ethertype:ip:tcp`. */
export const headersByTshark = (path: string): string[] =>
  lines(['-r', path, '-T', 'fields', '-e', 'frame.protocols', ...OPTIONS]);

export const tsharkVersion = (): string => run(['--version']).split('\n')[0];

/** The nodes of a tree, each in front of its children. */
export const flatten = (nodes: readonly FieldNode[]): FieldNode[] =>
  nodes.flatMap((node) => [node, ...flatten(node.children)]);

const firstBit = ({ offset, bits }: FieldNode) => offset * 8 + (bits?.start ?? 0);
const bitCount = ({ length, bits }: FieldNode) => bits?.count ?? length * 8;

/**
 * Same bits; Wireshark does not mask what is alone in its byte but for a neighbour (ip.hdr_len),
 * and says the byte.
 */
function sameBits(node: FieldNode, first: number, bits: number): boolean {
  if (firstBit(node) === first && bitCount(node) === bits) return true;
  return (
    bits % 8 === 0 &&
    first % 8 === 0 &&
    node.bits !== undefined &&
    node.offset * 8 === first &&
    node.length * 8 === bits
  );
}

/**
 * A shown value as both programs agree on it: numbers as numbers, without the words around them.
 */
function comparable(name: string, text: string): string {
  const kind = FIELDS.get(name)?.kind;
  if (kind === 'flag') return /^(set|1|True)$/.test(text) ? '1' : '0';
  if (kind !== 'decimal' && kind !== 'hex' && kind !== 'flags') return text.replace(/[ :]/g, '');
  const digits = /\((0x[0-9a-f]+|\d+)\)$/.exec(text)?.[1] ?? text.replace(/ bytes$/, '');
  return String(Number(/^(..:)+..$/.test(digits) ? `0x${digits.replaceAll(':', '')}` : digits));
}

/**
 * Wireshark shows some lengths in their unit, where here all are bytes, and says of three reserved
 * bits only whether any is set.
 */
function sameValue(name: string, ours: string, theirs: string): boolean {
  if (theirs === '' || !FIELDS.has(name)) return true;
  const unit = FIELDS.get(name)?.unit ?? 1;
  const [mine, other] = [comparable(name, ours), comparable(name, theirs)];
  if (name === 'tcp.flags.res' || name === 'geneve.flags.reserved')
    return (mine === '0') === (/^(0|False)$/.test(theirs) || other === '0');
  return mine === other || (unit > 1 && Number(mine) === Number(other) * unit);
}

/** Their names of what has one name here. */
const OUR_NAMES: Record<string, string> = {
  'ieee8021ad.priority': 'vlan.priority',
  'ieee8021ad.dei': 'vlan.dei',
  'ieee8021ad.id': 'vlan.id',
  'ieee8021ah.etype': 'vlan.etype',
  'data.data': 'data',
  'eth.padding': 'eth.padding',
};

/** Where Wireshark goes another way on purpose; each says why ours is kept. */
const EXCEPTIONS: {
  why: string;
  applies: (name: string, value: string, entry: Recorded) => boolean;
}[] = [
  {
    why: 'RFC 9293: nothing is an option behind the end',
    applies: (name, value) => name === 'tcp.option_kind' && value === '0',
  },
  {
    why: "a source route's last address, which is no field",
    applies: (name, value, { title }) =>
      name === 'ip.dst' && value !== '1.1.1.1' && !/^packet \d/.test(title),
  },
  {
    why: 'RFC 4884 length, which splits the unused bytes',
    applies: (name, value) => name === 'icmp.unused' && /^00(:00)?$/.test(value),
  },
  {
    why:
      'the length of a Geneve option counts its data (RFC 8926 section 3.5); ' +
      'Wireshark adds the 4 bytes in front',
    applies: (name) => name === 'geneve.option.length',
  },
  {
    why:
      'padding of DHCP options is one field here, ' +
      'for Wireshark each byte of it is an option of type 0',
    applies: (name, value) => name === 'dhcp.option.type' && value === '0',
  },
  {
    why: 'Wireshark takes seconds of which the low byte is 0 for little endian',
    applies: (name, value) => name === 'dhcp.secs' && Number(value) < 256,
  },
  {
    why: 'Wireshark 4.0 does not know the VLAN tag 0x9200',
    applies: (name, _value, { fields }) =>
      name === 'data.data' &&
      fields.some(([other, , , type]) => other === 'eth.type' && type === '0x9200'),
  },
  {
    why: 'Wireshark 4.0 counts the last bytes of some LLDP frames twice: as LLDP and as padding',
    applies: (name, _value, { fields }) =>
      name === 'eth.padding' && fields.some(([other]) => other.startsWith('lldp.')),
  },
  {
    why: 'Wireshark 4.0 says of a long acknowledgment number the bytes of a short one',
    applies: (name) => name === 'dccp.ack_raw',
  },
  {
    why: 'SNAP behind a control that is not 3 (RFC 1042)',
    applies: (_, __, { title }) => title === '802.3 with SNAP, mutation 3',
  },
];

export interface Comparison {
  differs: string[];
  compared: number;
  checksums: number;
  excepted: number;
  /** Fields compared, by the protocol their name begins with. */
  readonly byProtocol: Map<string, number>;
  /** Names of fields that only tshark has, and only the dissection here. */
  readonly onlyTheirs: string[];
  readonly onlyOurs: string[];
}

function compareField(
  nodes: readonly FieldNode[],
  { title }: Recorded,
  [name, first, bits, value]: Recorded['fields'][number],
): string | undefined {
  const ours = OUR_NAMES[name] ?? name;
  const names = name === 'ip.version' ? ['ip.version', 'ipv6.version'] : [ours];
  // Wireshark cuts what is behind the packet in two at byte 60, the minimum of a frame.
  const node = nodes.find(
    (other) =>
      names.includes(other.name) &&
      (ours === 'eth.padding' ? firstBit(other) === first : sameBits(other, first, bits)),
  );
  if (node === undefined)
    return `${title}: no ${ours} at bit ${first}, ${bits} bits, there ${value}`;
  return sameValue(ours, node.text, value)
    ? undefined
    : `${title}: ${ours} at ${node.offset} is ${node.text}, there ${value}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Oct  2, 2024 07:35:44.952841002 UTC` as it is written here; undefined where it is no time. */
function asTime(text: string): string | undefined {
  if (text === 'NULL') return 'none';
  const [, month, day, year, time] = /^(\w{3}) +(\d+), (\d{4}) ([\d:.]+) UTC$/.exec(text) ?? [];
  if (time === undefined) return undefined;
  return (
    `${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-` +
    `${day.padStart(2, '0')} ${time}`
  );
}

/**
 * A field without a row, bytes or text: compared where both have it, and here it is not shortened.
 */
function compareText(
  nodes: readonly FieldNode[],
  { title }: Recorded,
  [name, first, bits, value]: Recorded['fields'][number],
): string | undefined | 'unknown' {
  const node = nodes.find(
    (other) => other.name === name && other.children.length === 0 && sameBits(other, first, bits),
  );
  if (node === undefined || node.text === '' || value === '' || /…|\\x/.test(node.text))
    return 'unknown';
  const plain = (text: string) => text.replace(/[ :]/g, '');
  return plain(node.text) === plain(asTime(value) ?? value)
    ? undefined
    : `${title}: ${name} at ${node.offset} is ${node.text}, there ${value}`;
}

function compareChecksum(
  nodes: readonly FieldNode[],
  { title }: Recorded,
  [name, first, , value]: Recorded['fields'][number],
): string | undefined {
  const node = nodes.find((other) => `${other.name}.status` === name && other.offset * 8 === first);
  const problem = node?.problem?.includes('checksum is') ? node.problem : undefined;
  if (node === undefined || (value === '0') === (problem !== undefined)) return undefined;
  return (
    `${title}: ${node.name} at ${node.offset}: ${problem ?? 'right'}, ` +
    `there ${value === '0' ? 'bad' : 'good'}`
  );
}

/** What a wrong checksum should be. */
function compareExpected(
  nodes: readonly FieldNode[],
  { title }: Recorded,
  [name, first, , value]: Recorded['fields'][number],
): string | undefined {
  const node = nodes.find(
    (other) => `${other.name}_calculated` === name && other.offset * 8 === first,
  );
  const expected = /should be (0x[0-9a-f]{4})/.exec(node?.problem ?? '')?.[1];
  return expected === undefined || expected === value
    ? undefined
    : `${title}: ${name} is ${expected}, there ${value}`;
}

const STATUS = /^(ip|tcp|udp|icmp|icmpv6|gre|igmp|sctp|vrrp|pim|dccp)\.(checksum|cksum)\.status$/;

/** Lines of what differs, and how much was compared. */
export function compareWithTshark(entry: Recorded, bytes: Uint8Array): Comparison {
  const nodes = flatten(dissect(bytes, 'ethernet').layers);
  // Where a length is wrong, Wireshark sums the bytes that are there; here a checksum over missing
  // bytes is not judged.
  const cut = nodes.some(
    ({ name, problem }) => (name === 'ip.len' || name === 'ipv6.plen') && problem !== undefined,
  );
  const result: Comparison = {
    differs: [],
    compared: 0,
    checksums: 0,
    excepted: 0,
    byProtocol: new Map(),
    onlyTheirs: [],
    onlyOurs: [],
  };
  const theirs = new Set<string>();
  for (const field of entry.fields) {
    const [name, first, , value] = field;
    theirs.add(`${OUR_NAMES[name] ?? name}@${first >> 3}`);
    const expected = name.endsWith('.checksum_calculated')
      ? compareExpected(nodes, entry, field)
      : undefined;
    if (expected !== undefined) result.differs.push(expected);
    const judged =
      STATUS.test(name) && (value === '0' || value === '1') && (!cut || name.startsWith('ip.'));
    if (!judged && !FIELDS.has(name) && OUR_NAMES[name] === undefined) {
      const text = compareText(nodes, entry, field);
      if (text === 'unknown') result.onlyTheirs.push(name);
      else result.compared++;
      if (text !== 'unknown' && text !== undefined) result.differs.push(text);
      continue;
    }
    const difference = judged
      ? compareChecksum(nodes, entry, field)
      : compareField(nodes, entry, field);
    if (difference !== undefined && EXCEPTIONS.some(({ applies }) => applies(name, value, entry)))
      result.excepted++;
    else if (difference !== undefined) result.differs.push(difference);
    const protocol = name.split('.', 1)[0];
    result.byProtocol.set(protocol, (result.byProtocol.get(protocol) ?? 0) + 1);
    if (judged) result.checksums++;
    else result.compared++;
  }
  for (const { name, offset, editable } of nodes)
    if (editable && !theirs.has(`${name}@${offset}`)) result.onlyOurs.push(name);
  return result;
}
