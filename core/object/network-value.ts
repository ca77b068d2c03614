import { formatIpv4, formatIpv6, formatMac } from '../packet/address.ts';
import { ETHERTYPES, IP_PROTOCOLS } from '../spec/protocols.ts';
import type { BtfType } from './btf-types.ts';
import type { TypeTable } from './type-table.ts';

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

const number = (bytes: Uint8Array): number => bytes.reduce((value, byte) => value * 256 + byte, 0);
const hex = (bytes: Uint8Array): string =>
  `0x${number(bytes)
    .toString(16)
    .padStart(bytes.length * 2, '0')}`;
const decimal = (bytes: Uint8Array): string => String(number(bytes));
const named = (text: string, name: string | undefined): string => (name === undefined ? text : `${text} (${name})`);
const ethertype = (bytes: Uint8Array): string => named(hex(bytes), ETHERTYPES.get(number(bytes)));
const protocol = (bytes: Uint8Array): string => named(decimal(bytes), IP_PROTOCOLS.get(number(bytes)));

interface Rule {
  /** The typedef or structure that says so (include/uapi/linux/types.h, in.h, in6.h); undefined: any one-byte number. */
  readonly type: string | undefined;
  readonly size: number;
  /** Of the member or variable; undefined: any. */
  readonly name?: RegExp;
  readonly text: (bytes: Uint8Array) => string;
}

/** The first that fits counts: what stands in network byte order is told by its typedef, what it is by its name. */
const RULES: readonly Rule[] = [
  { type: 'in6_addr', size: 16, text: formatIpv6 },
  { type: 'in_addr', size: 4, text: formatIpv4 },
  { type: '__sum16', size: 2, text: hex },
  { type: '__be16', size: 2, name: /proto|ethertype|etype|eth_type/i, text: ethertype },
  { type: '__be16', size: 2, name: /frag|check|csum|flags/i, text: hex },
  { type: '__be16', size: 2, text: decimal },
  { type: '__be32', size: 4, name: /seq|ack|spi|flow|(^|_)id|len|mark|label|vni|mtu/i, text: decimal },
  { type: '__be32', size: 4, text: formatIpv4 },
  { type: undefined, size: 1, name: /^(ip_?|l4_?)?(protocol|proto|nexthdr|next_hdr)$/i, text: protocol },
];

/** Names of the typedefs a type goes through, and of the structure it ends at. */
function typeNames(types: TypeTable, id: number): string[] {
  const names: string[] = [];
  let type = types.byId(id);
  for (let steps = 0; type !== undefined && steps < MAX_CHAIN; steps++) {
    if (type.kind === 'typedef' || 'members' in type) names.push(type.name);
    const isReference = ['typedef', 'const', 'volatile', 'restrict', 'type_tag'].includes(type.kind);
    type = isReference && 'type' in type ? types.byId(type.type as number) : undefined;
  }
  return names;
}

function isMac(types: TypeTable, type: BtfType | undefined): boolean {
  if (type?.kind !== 'array' || type.count !== MAC_BYTES) return false;
  const element = types.resolve(type.type);
  return element?.kind === 'int' && element.size === 1 && !element.signed;
}

/** As people read it: `1.1.1.1`, `443`, `0x0800 (IPv4)`, `02:00:00:00:00:01`; undefined where nothing says what it is. */
export function networkText({ types, type, name, bytes }: NetworkValue): string | undefined {
  const resolved = types.resolve(type);
  if (isMac(types, resolved) && bytes.length === MAC_BYTES) return formatMac(bytes);
  const names = typeNames(types, type);
  const isByte = resolved?.kind === 'int' && resolved.size === 1;
  const rule = RULES.find(
    (row) =>
      row.size === bytes.length &&
      (row.type === undefined ? isByte : names.includes(row.type)) &&
      (row.name?.test(name) ?? true),
  );
  return rule?.text(bytes);
}
