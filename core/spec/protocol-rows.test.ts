import { expect, test } from 'vitest';
import type { HeaderField } from './header-fields.ts';
import * as protocols from './protocols.ts';

const isField = (value: unknown): value is HeaderField =>
  typeof value === 'object' && value !== null && 'bits' in value && 'kind' in value;

/** Every row of every table, those inside options and parts too. */
function rowsOf(value: unknown): HeaderField[] {
  if (isField(value)) return [value, ...(value.parts ?? []).flatMap(rowsOf)];
  if (value instanceof Map || Array.isArray(value)) return [...value.values()].flatMap(rowsOf);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(rowsOf);
  return [];
}
/** Names with labels of everything, options of headers among it. */
function namedOf(value: unknown): { name: string; label: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = (value instanceof Map ? [...value.values()] : Object.values(value)).flatMap(
    namedOf,
  );
  return 'name' in value && 'label' in value
    ? [value as { name: string; label: string }, ...inner]
    : inner;
}
const ROWS = rowsOf({ ...protocols });
const NAMED = namedOf({ ...protocols });

test('names are filter names, labels are words', () => {
  expect(ROWS.length).toBeGreaterThan(100);
  expect(NAMED.filter(({ name }) => !/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name))).toEqual([]);
  expect(
    NAMED.filter(
      ({ label }) => !/^[A-Z0-9]/.test(label) || /^[a-z0-9_]+\.[a-z0-9_.]+$/.test(label),
    ),
  ).toEqual([]);
});

test('parts of a field fill it, and flags have a name for its text', () => {
  for (const { name, bits, kind, parts, short } of ROWS) {
    if (parts)
      expect([name, parts.reduce((sum, part) => sum + part.bits, 0)]).toEqual([name, bits]);
    if (kind === 'flag')
      expect([name, bits, /^[A-Za-z0-9]+$/.test(short ?? '')]).toEqual([name, 1, true]);
    if (kind === 'flags') expect([name, parts !== undefined]).toEqual([name, true]);
    if (kind === 'mac') expect(bits).toBe(48);
    if (kind === 'ipv4') expect(bits).toBe(32);
    if (kind === 'ipv6') expect(bits).toBe(128);
  }
});

/**
 * Bits of each field in the order of the header (RFC 791, 8200, 9293, 768, 826; IEEE 802.3,
 * 802.1Q).
 */
test.each<[string, readonly HeaderField[], number[]]>([
  ['Ethernet', [...protocols.ETHERNET, ...protocols.ETHERNET_TYPE], [48, 48, 16]],
  ['802.1Q', [...protocols.VLAN, ...protocols.VLAN_TYPE], [3, 1, 12, 16]],
  ['ARP', [...protocols.ARP, ...protocols.ARP_ADDRESSES], [16, 16, 8, 8, 16, 48, 32, 48, 32]],
  ['IPv4', protocols.IPV4, [4, 4, 8, 16, 16, 3, 13, 8, 8, 16, 32, 32]],
  ['IPv6', protocols.IPV6, [4, 8, 20, 16, 8, 8, 128, 128]],
])('%s', (_title, rows, bits) => expect(rows.map((row) => row.bits)).toEqual(bits));
