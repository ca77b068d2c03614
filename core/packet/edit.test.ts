import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { readCapture } from './capture/capture.ts';
import { checksumsOf, dissect } from './dissect.ts';
import { editField, fixChecksums } from './edit.ts';
import type { FieldNode } from './types.ts';

const FOLDER = join(import.meta.dirname, '../testdata/packets');
const read = (name: string) =>
  readCapture(name, new Uint8Array(readFileSync(join(FOLDER, name)))).packets.map(
    ({ bytes }) => bytes,
  );
const DESIGNED = read('designed.pcap');
const SYN = DESIGNED[0];
const RANDOM = read('random.pcap');

const flatten = (nodes: readonly FieldNode[]): FieldNode[] =>
  nodes.flatMap((node) => [node, ...flatten(node.children)]);
const fields = (bytes: Uint8Array) => flatten(dissect(bytes, 'ethernet').layers);
const find = (bytes: Uint8Array, name: string) => fields(bytes).find((node) => node.name === name)!;
const edit = (name: string, text: string, fix = false) =>
  editField(SYN, name, find(SYN, name).offset, text, fix);

test.each([
  ['eth.dst', '11-22-33-44-55-66', '11:22:33:44:55:66'],
  ['eth.src', '1122.3344.5566', '11:22:33:44:55:66'],
  ['eth.type', 'IPv4', 'IPv4 (0x0800)'],
  ['ip.dst', ' 8.8.8.8 ', '8.8.8.8'],
  ['ip.proto', 'udp', 'UDP (17)'],
  ['ip.proto', '0x2f', 'GRE (47)'],
  ['ip.ttl', '1', '1'],
  ['ip.len', '61 bytes', '61 bytes'],
  ['ip.dsfield.dscp', 'EF', 'EF (46)'],
  ['ip.flags.df', 'off', 'not set'],
  ['ip.flags', 'MF', 'MF (0x1)'],
  ['tcp.dstport', '443', '443'],
  ['tcp.seq', '0xffffffff', '4294967295'],
  ['tcp.flags', 'SYN, ACK', 'ACK SYN (0x012)'],
  ['tcp.flags', '0x018', 'ACK PSH (0x018)'],
  ['tcp.flags.fin', '1', 'set'],
  ['tcp.options.mss_val', '1400', '1400'],
])('%s set to "%s" shows as %s', (name, text, shown) =>
  expect(find(edit(name, text), name).text).toBe(shown),
);

test('a fragment offset counts bytes, in steps of 8', () => {
  expect(find(edit('ip.frag_offset', '1480'), 'ip.frag_offset').text).toBe('1480 bytes');
  expect(() => edit('ip.frag_offset', '1481')).toThrow(
    'ip.frag_offset: takes a multiple of 8, not "1481"',
  );
});

test.each([
  ['ip.dst', '1.1.1', 'ip.dst: takes an IPv4 address like 10.0.0.1, not "1.1.1"'],
  ['ip.dst', '1.1.1.01', 'takes an IPv4 address'],
  ['eth.dst', '11:22', 'eth.dst: takes a MAC address like 02:00:00:00:00:01, not "11:22"'],
  ['ip.frag_offset', '65536', 'ip.frag_offset: takes a number from 0 to 65528, not "65536"'],
  ['ip.ttl', '256', 'ip.ttl: takes a number from 0 to 255, not "256"'],
  ['ip.ttl', '-1', 'takes a number from 0 to 255'],
  ['ip.ttl', '', 'takes a number from 0 to 255'],
  ['tcp.dstport', 'http', 'tcp.dstport: takes a number from 0 to 65535, not "http"'],
  [
    'ip.proto',
    'nothing',
    'ip.proto: takes a number from 0 to 255 or a name like IPv6 hop-by-hop, ICMP, IGMP',
  ],
  ['ip.flags.df', '2', 'ip.flags.df: takes 0, 1, on or off, not "2"'],
  [
    'tcp.flags',
    'SYN BAD',
    'tcp.flags: takes AE, CWR, ECE, URG, ACK, PSH, RST, SYN, FIN or a number',
  ],
  ['ip', '1', 'ip: is edited in the bytes'],
])('%s refuses "%s"', (name, text, message) => {
  expect(() => edit(name, text)).toThrow(InputError);
  expect(() => edit(name, text)).toThrow(message);
});

test('a field that is not there is refused by its place', () => {
  expect(() => editField(SYN, 'udp.length', 38, '8', false)).toThrow(
    'packet+38: has no field udp.length',
  );
  expect(() => editField(SYN, '__proto__', 0, '8', false)).toThrow(
    'packet+0: has no field __proto__',
  );
});

test('checksums follow an edit, but not one that is itself the edit', () => {
  expect(dissect(edit('ip.dst', '1.1.1.2', true), 'ethernet').problems).toEqual([]);
  expect(dissect(edit('ip.dst', '1.1.1.2'), 'ethernet').problems.length).toBe(2);
  const edited = edit('tcp.checksum', '0x1234', true);
  expect(find(edited, 'tcp.checksum').text).toBe('0x1234');
});

describe('every field of every packet', () => {
  test.each([...DESIGNED, ...RANDOM].map((bytes, i) => [i, bytes] as const))(
    'packet %i set to the text it shows stays as it is',
    (_i, bytes) => {
      for (const node of fields(bytes).filter(({ editable }) => editable)) {
        expect(toHex(editField(bytes, node.name, node.offset, node.text, false)), node.name).toBe(
          toHex(bytes),
        );
      }
    },
  );

  test('edited, changes no bit but its own', () => {
    const text = fc.oneof(
      fc.nat(0xffff_ffff).map(String),
      fc.constantFrom('on', 'off', '1.2.3.4', '::1', '02:00:00:00:00:09', 'SYN', 'MF'),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...DESIGNED, ...RANDOM),
        fc.nat(500),
        text,
        (bytes, pick, value) => {
          const editable = fields(bytes).filter((node) => node.editable);
          const node = editable[pick % editable.length];
          const edited = editOrRefuse(bytes, node, value);
          const first = node.offset * 8 + (node.bits?.start ?? 0);
          const last = first + (node.bits?.count ?? node.length * 8);
          for (let bit = 0; bit < bytes.length * 8; bit++) {
            if (bit < first || bit >= last)
              expect((edited[bit >> 3] ^ bytes[bit >> 3]) & (0x80 >> (bit % 8)), `bit ${bit}`).toBe(
                0,
              );
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

function editOrRefuse(bytes: Uint8Array, node: FieldNode, text: string): Uint8Array {
  try {
    return editField(bytes, node.name, node.offset, text, false);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return bytes;
  }
}

test('fixed checksums are right, and nothing else changed', () => {
  for (const bytes of [...DESIGNED, ...read('mutated.pcap'), ...RANDOM]) {
    const fixed = fixChecksums(bytes);
    expect(
      dissect(fixed, 'ethernet').problems.filter((problem) => problem.includes('checksum is')),
    ).toEqual([]);
    const places = new Set(
      checksumsOf(bytes, 'ethernet').flatMap(({ offset, crc32c }) =>
        crc32c ? [offset, offset + 1, offset + 2, offset + 3] : [offset, offset + 1],
      ),
    );
    expect([...bytes].every((byte, i) => byte === fixed[i] || places.has(i))).toBe(true);
  }
});
