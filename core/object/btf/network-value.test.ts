import { expect, test } from 'vitest';
import { fromHex } from '../../bytes/hex.ts';
import { intType } from '../../testing/btf-types.ts';
import { networkText } from './network-value.ts';
import { TypeTable } from './type-table.ts';
import type { BtfType } from './types.ts';

const int = (id: number, size: number) => intType(id, 'unsigned', size);

const TYPES: readonly BtfType[] = [
  { id: 0, kind: 'void', name: 'void' },
  int(1, 1),
  int(2, 2),
  int(3, 4),
  { id: 4, kind: 'typedef', name: '__be16', type: 2 },
  { id: 5, kind: 'typedef', name: '__be32', type: 3 },
  { id: 6, kind: 'array', name: '', type: 1, indexType: 3, count: 6 },
  { id: 7, kind: 'struct', name: 'in6_addr', size: 16, members: [] },
  { id: 8, kind: 'const', name: '', type: 5 },
  { id: 9, kind: 'typedef', name: '__sum16', type: 2 },
  // Names of names: the last of them is __be32.
  ...Array.from(
    { length: 8 },
    (_, i): BtfType => ({
      id: 10 + i,
      kind: 'typedef',
      name: `name${i}`,
      type: i < 7 ? 11 + i : 5,
    }),
  ),
];

class Table extends TypeTable {
  readonly pointerSize = 8;
  byId = (id: number) => TYPES[id];
}

test.each([
  ['an address in network order', 5, 'daddr', '01010101', '1.1.1.1'],
  ['also behind const', 8, 'saddr', 'c0a80001', '192.168.0.1'],
  ['behind eight names in all', 11, 'daddr', '01010101', '1.1.1.1'],
  ['not behind more', 10, 'daddr', '01010101', undefined],
  ['a sequence number is no address', 5, 'ack_seq', '00000100', '256'],
  ['a port', 4, 'dest', '01bb', '443'],
  ['an ethertype', 4, 'h_proto', '0800', '0x0800 (IPv4)'],
  ['fragment bits', 4, 'frag_off', '4000', '0x4000'],
  ['a checksum', 9, 'check', 'beef', '0xbeef'],
  ['six bytes are a hardware address', 6, 'h_dest', '020000000001', '02:00:00:00:00:01'],
  ['an IPv6 address', 7, 'saddr', '20010db8000000000000000000000001', '2001:db8::1'],
  ['a protocol by its name', 1, 'protocol', '06', '6 (TCP)'],
  ['any other byte is a number', 1, 'ttl', '06', undefined],
  ['a number in the order of the host says nothing', 3, 'daddr', '01010101', undefined],
])('%s', (_title, type, name, bytes, text) =>
  expect(networkText({ types: new Table(), type, name, bytes: fromHex(bytes)! })).toBe(text),
);
