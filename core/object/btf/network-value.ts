import {
  formatIpv4,
  formatIpv6,
  formatMac,
  parseIpv4,
  parseIpv6,
  parseMac,
} from '../../packet/address.ts';
import { ETHERTYPES, IP_PROTOCOLS } from '../../spec/protocols.ts';
import type { TypeTable } from './type-table.ts';
import type { BtfType } from './types.ts';

/** A value whose type or name says that it went over a wire. */
export interface NetworkValue {
  readonly types: TypeTable;
  readonly type: number;
  /** Of the member or variable. */
  readonly name: string;
  /** In memory order, all known. */
  readonly bytes: Uint8Array;
}

const MAX_CHAIN = 8;
const MAC_BYTES = 6;

/**
 * A number, decimal or 0x, whose name in parentheses behind it is left out, in network byte order.
 */
function numberBytes(text: string, size: number): Uint8Array | undefined {
  const typed = text.replace(/\s*\([^()]*\)$/, '');
  const value = /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(typed) ? Number(typed) : Number.NaN;
  if (!(value < 2 ** (8 * size))) return undefined;
  return Uint8Array.from(
    { length: size },
    (_, i) => Math.floor(value / 2 ** (8 * (size - 1 - i))) & 0xff,
  );
}

const number = (bytes: Uint8Array): number => bytes.reduce((value, byte) => value * 256 + byte, 0);
const hex = (bytes: Uint8Array): string =>
  `0x${number(bytes)
    .toString(16)
    .padStart(bytes.length * 2, '0')}`;
const decimal = (bytes: Uint8Array): string => String(number(bytes));
const named = (text: string, name: string | undefined): string =>
  name === undefined ? text : `${text} (${name})`;
const ethertype = (bytes: Uint8Array): string => named(hex(bytes), ETHERTYPES.get(number(bytes)));
const protocol = (bytes: Uint8Array): string =>
  named(decimal(bytes), IP_PROTOCOLS.get(number(bytes)));

interface Rule {
  /**
   * The typedef or structure that says so (include/uapi/linux/types.h, in.h, in6.h); undefined: any
   * one-byte number.
   */
  readonly type: string | undefined;
  readonly size: number;
  /** Of the member or variable; undefined: any. */
  readonly name?: RegExp;
  readonly text: (bytes: Uint8Array) => string;
  /** Undefined where a text is none; without it, numbers are read. */
  readonly parse?: (text: string) => Uint8Array | undefined;
}

/**
 * The first that fits counts: what stands in network byte order is told by its typedef, what it is
 * by its name.
 */
const RULES: readonly Rule[] = [
  { type: 'in6_addr', size: 16, text: formatIpv6, parse: parseIpv6 },
  { type: 'in_addr', size: 4, text: formatIpv4, parse: parseIpv4 },
  { type: '__sum16', size: 2, text: hex },
  { type: '__be16', size: 2, name: /proto|ethertype|etype|eth_type/i, text: ethertype },
  { type: '__be16', size: 2, name: /frag|check|csum|flags/i, text: hex },
  { type: '__be16', size: 2, text: decimal },
  {
    type: '__be32',
    size: 4,
    name: /seq|ack|spi|flow|(^|_)id|len|mark|label|vni|mtu/i,
    text: decimal,
  },
  { type: '__be32', size: 4, text: formatIpv4, parse: parseIpv4 },
  {
    type: undefined,
    size: 1,
    name: /^(ip_?|l4_?)?(protocol|proto|nexthdr|next_hdr)$/i,
    text: protocol,
  },
];

/** Names of the typedefs a type goes through, and of the structure it ends at. */
function typeNames(types: TypeTable, id: number): string[] {
  const names: string[] = [];
  let type = types.byId(id);
  for (let steps = 0; type !== undefined && steps < MAX_CHAIN; steps++) {
    if (type.kind === 'typedef' || 'members' in type) names.push(type.name);
    const isReference = ['typedef', 'const', 'volatile', 'restrict', 'type_tag'].includes(
      type.kind,
    );
    type = isReference && 'type' in type ? types.byId(type.type as number) : undefined;
  }
  return names;
}

function isMac(types: TypeTable, type: BtfType | undefined): boolean {
  if (type?.kind !== 'array' || type.count !== MAC_BYTES) return false;
  const element = types.resolve(type.type);
  return element?.kind === 'int' && element.size === 1 && !element.signed;
}

/**
 * As people read it: `1.1.1.1`, `443`, `0x0800 (IPv4)`, `02:00:00:00:00:01`; undefined where
 * nothing says what it is.
 */
export function networkText({ types, type, name, bytes }: NetworkValue): string | undefined {
  const resolved = types.resolve(type);
  if (isMac(types, resolved) && bytes.length === MAC_BYTES) return formatMac(bytes);
  return ruleOf(types, type, name, bytes.length)?.text(bytes);
}

function ruleOf(types: TypeTable, type: number, name: string, size: number): Rule | undefined {
  const resolved = types.resolve(type);
  const names = typeNames(types, type);
  const isByte = resolved?.kind === 'int' && resolved.size === 1;
  return RULES.find(
    (row) =>
      row.size === size &&
      (row.type === undefined ? isByte : names.includes(row.type)) &&
      (row.name?.test(name) ?? true),
  );
}

/** The bytes of a text as `networkText` writes it; undefined where it is none. */
export function networkBytes(
  { types, type, name }: Omit<NetworkValue, 'bytes'>,
  text: string,
  size: number,
): Uint8Array | undefined {
  if (isMac(types, types.resolve(type)) && size === MAC_BYTES) return parseMac(text);
  const rule = ruleOf(types, type, name, size);
  return rule && (rule.parse ? rule.parse(text) : numberBytes(text, size));
}
