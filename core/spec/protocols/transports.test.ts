import { expect, test } from 'vitest';
import { fromHex } from '../../bytes/hex.ts';
import { dissect } from '../../packet/dissect.ts';
import type { FieldNode } from '../../packet/types.ts';

const word = (value: number): string => value.toString(16).padStart(4, '0');

/** Fields of an INIT chunk with such parameters, in hex, by name: what they read like. */
function initFields(parameters: string): [string, string][] {
  const size = word(20 + parameters.length / 2);
  const init = `0100${size}${'00000001'}${'0000ffff'}00010001${'00000001'}`;
  const sctp = `00010002${'00'.repeat(8)}${init}${parameters}`;
  const total = word(20 + sctp.length / 2);
  const ip = `4500${total}0001000040840000${'0a000001'}${'0a000002'}`;
  const all = (nodes: readonly FieldNode[]): FieldNode[] =>
    nodes.flatMap((node) => [node, ...all(node.children)]);
  return all(dissect(fromHex(`${'02'.repeat(12)}0800${ip}${sctp}`)!, 'ethernet').layers)
    .filter(({ name }) => /^sctp\.parameter_(ipv|value)/.test(name))
    .map(({ name, text }) => [name, text]);
}

// RFC 9260 sections 3.3.2.1.1 and 3.3.2.1.2: an IPv4 address is parameter 5, an IPv6 one 6.
test.each<[string, string, string, string | undefined]>([
  ['an IPv4 address', '000500080a000009', 'sctp.parameter_ipv4_address', '10.0.0.9'],
  [
    'an IPv6 address',
    `0006001420010db8${'00'.repeat(11)}09`,
    'sctp.parameter_ipv6_address',
    '2001:db8::9',
  ],
  ['one of another length', '0005000c0a00000900000000', 'sctp.parameter_value', undefined],
  ['an IPv6 address of four bytes', '000600080a000009', 'sctp.parameter_value', undefined],
  ['another of four bytes', '000900080a000009', 'sctp.parameter_value', undefined],
])('a parameter of SCTP: %s', (_title, hex, name, text) => {
  const [field] = initFields(hex);
  expect(field[0]).toBe(name);
  if (text !== undefined) expect(field[1]).toBe(text);
});
