import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FIELDS } from '../spec/header-fields.ts';
import { readCapture } from './capture.ts';
import { dissect } from './dissect.ts';
import type { FieldNode } from './types.ts';

/** Recorded by core/testdata/packets/record.mjs. */
const FOLDER = join(import.meta.dirname, '../testdata/packets');

interface Recorded {
  title: string;
  /** Bits count from the start of the packet; values are as Wireshark shows them. */
  fields: [name: string, firstBit: number, bits: number, value: string][];
}

const recorded = (name: string): Recorded[] => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
const packetsOf = (name: string) =>
  readCapture(name, new Uint8Array(readFileSync(join(FOLDER, `${name}.pcap`)))).packets;

const flatten = (nodes: readonly FieldNode[]): FieldNode[] =>
  nodes.flatMap((node) => [node, ...flatten(node.children)]);

const firstBit = ({ offset, bits }: FieldNode) => offset * 8 + (bits?.start ?? 0);
const bitCount = ({ length, bits }: FieldNode) => bits?.count ?? length * 8;

/** Same bits; Wireshark does not mask what is alone in its byte but for a neighbour (ip.hdr_len), and says the byte. */
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

/** A shown value as both programs agree on it: numbers as numbers, without the words around them. */
function comparable(name: string, text: string): string {
  const kind = FIELDS.get(name)?.kind;
  if (kind === 'flag') return /^(set|1|True)$/.test(text) ? '1' : '0';
  if (kind !== 'decimal' && kind !== 'hex' && kind !== 'flags') return text.replace(/[ :]/g, '');
  const digits = /\((0x[0-9a-f]+|\d+)\)$/.exec(text)?.[1] ?? text.replace(/ bytes$/, '');
  return String(Number(/^(..:)+..$/.test(digits) ? `0x${digits.replaceAll(':', '')}` : digits));
}

/** Wireshark shows some lengths in their unit, where here all are bytes, and says of three reserved bits only whether any is set. */
function sameValue(name: string, ours: string, theirs: string): boolean {
  if (theirs === '' || !FIELDS.has(name)) return true;
  const unit = FIELDS.get(name)?.unit ?? 1;
  const [mine, other] = [comparable(name, ours), comparable(name, theirs)];
  if (name === 'tcp.flags.res') return (mine === '0') === (other === '0');
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
const EXCEPTIONS: { why: string; applies: (name: string, value: string, title: string) => boolean }[] = [
  {
    why: 'RFC 9293: nothing is an option behind the end',
    applies: (name, value) => name === 'tcp.option_kind' && value === '0',
  },
  {
    why: "a source route's last address, which is no field",
    applies: (name, value) => name === 'ip.dst' && value !== '1.1.1.1',
  },
  {
    why: 'RFC 4884 length, which splits the unused bytes',
    applies: (name, value) => name === 'icmp.unused' && /^00(:00)?$/.test(value),
  },
  {
    why: 'SNAP behind a control that is not 3 (RFC 1042)',
    applies: (_, __, title) => title === '802.3 with SNAP, mutation 3',
  },
];

interface Comparison {
  differs: string[];
  compared: number;
  checksums: number;
  excepted: number;
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
      names.includes(other.name) && (ours === 'eth.padding' ? firstBit(other) === first : sameBits(other, first, bits)),
  );
  if (node === undefined) return `${title}: no ${ours} at bit ${first}, ${bits} bits, there ${value}`;
  return sameValue(ours, node.text, value)
    ? undefined
    : `${title}: ${ours} at ${node.offset} is ${node.text}, there ${value}`;
}

function compareChecksum(
  nodes: readonly FieldNode[],
  { title }: Recorded,
  [name, first, , value]: Recorded['fields'][number],
): string | undefined {
  const node = nodes.find((other) => `${other.name}.status` === name && other.offset * 8 === first);
  const problem = node?.problem?.includes('checksum is') ? node.problem : undefined;
  if (node === undefined || (value === '0') === (problem !== undefined)) return undefined;
  return `${title}: ${node.name} at ${node.offset}: ${problem ?? 'right'}, there ${value === '0' ? 'bad' : 'good'}`;
}

/** What a wrong checksum should be. */
function compareExpected(
  nodes: readonly FieldNode[],
  { title }: Recorded,
  [name, first, , value]: Recorded['fields'][number],
): string | undefined {
  const node = nodes.find((other) => `${other.name}_calculated` === name && other.offset * 8 === first);
  const expected = /should be (0x[0-9a-f]{4})/.exec(node?.problem ?? '')?.[1];
  return expected === undefined || expected === value ? undefined : `${title}: ${name} is ${expected}, there ${value}`;
}

/** Lines of what differs, and how much was compared. */
function compare(entry: Recorded, bytes: Uint8Array): Comparison {
  const nodes = flatten(dissect(bytes, 'ethernet').layers);
  // Where a length is wrong, Wireshark sums the bytes that are there; here a checksum over missing bytes is not judged.
  const cut = nodes.some(({ name, problem }) => (name === 'ip.len' || name === 'ipv6.plen') && problem !== undefined);
  const result: Comparison = { differs: [], compared: 0, checksums: 0, excepted: 0 };
  for (const field of entry.fields) {
    const [name, , , value] = field;
    const status = /^(ip|tcp|udp|icmp|icmpv6)\.checksum\.status$/.test(name);
    const expected = name.endsWith('.checksum_calculated') ? compareExpected(nodes, entry, field) : undefined;
    if (expected !== undefined) result.differs.push(expected);
    const judged = status && (value === '0' || value === '1') && (!cut || name.startsWith('ip.'));
    if (!judged && !FIELDS.has(name) && OUR_NAMES[name] === undefined) continue;
    const difference = judged ? compareChecksum(nodes, entry, field) : compareField(nodes, entry, field);
    if (difference !== undefined && EXCEPTIONS.some(({ applies }) => applies(name, value, entry.title)))
      result.excepted++;
    else if (difference !== undefined) result.differs.push(difference);
    if (judged) result.checksums++;
    else result.compared++;
  }
  return result;
}

describe('every field Wireshark and we both know has the same bits, value and checksum verdict', () => {
  test.each(['designed', 'mutated'])('%s packets', (file) => {
    const packets = packetsOf(file);
    const results = recorded(file).map((entry, i) => compare(entry, packets[i].bytes));
    const total = (key: 'compared' | 'checksums' | 'excepted') => results.reduce((sum, result) => sum + result[key], 0);
    console.log(
      `${file}: ${results.length} packets, ${total('compared')} fields, ${total('checksums')} checksums, ${total('excepted')} exceptions`,
    );
    expect(results.flatMap(({ differs }) => differs)).toEqual([]);
    expect(total('compared')).toBeGreaterThan(1500);
  });
});

test('every name of a field is one of Wireshark, or a group or rest that has none there', () => {
  const theirs = new Set(
    ['designed', 'mutated'].flatMap((file) => recorded(file).flatMap(({ fields }) => fields.map(([name]) => name))),
  );
  const used = packetsOf('designed').flatMap(({ bytes }) => flatten(dissect(bytes, 'ethernet').layers));
  const fields = used.filter(({ name, editable }) => editable && !theirs.has(name)).map(({ name }) => name);
  expect(new Set(fields)).toEqual(new Set(['ip.opt.addr']));
});
