import { isEqualBytes } from '../bytes/equal.ts';
import { InputError } from '../errors.ts';
import { networkProtocol } from '../hooks/link-layer.ts';
import { parseIpv4, parseIpv6, parseMac } from '../packet/address.ts';
import type { FlowDirection } from '../spec/net-filters.ts';
import type { DirectionRule } from './types.ts';

/** Which way a frame goes. */
export type DirectionOf = (frame: Uint8Array) => FlowDirection;

/** Of an Ethernet frame, and of IP headers from their first byte on. */
const SOURCE_MAC = 6;
const SOURCE_IP = { 4: 12, 6: 8 } as const;

/**
 * A capture does not say which way its packets went. They all go one way, or those that have the
 * guest's address as their source come from the guest, and all others go to it. Throws InputError
 * where the address is none.
 */
export function directionBy(rule: DirectionRule): DirectionOf {
  if (rule.rule !== 'guest') return () => (rule.rule === 'from-guest' ? 'from-guest' : 'to-guest');
  const { address } = rule;
  const mac = parseMac(address);
  if (mac) {
    return (frame) => {
      for (let i = 0; i < mac.length; i++) if (frame[SOURCE_MAC + i] !== mac[i]) return 'to-guest';
      return 'from-guest';
    };
  }
  const ip = parseIpv4(address) ?? parseIpv6(address);
  if (ip === undefined)
    throw new InputError(
      'guest',
      `"${address}" is no address of one: give a MAC, IPv4 or IPv6 address`,
    );
  return (frame) => {
    const header = networkProtocol(frame);
    if (header === undefined) return 'to-guest';
    const start = header.offset + SOURCE_IP[header.version];
    const source = frame.subarray(start, start + (header.version === 4 ? 4 : 16));
    return isEqualBytes(source, ip) ? 'from-guest' : 'to-guest';
  };
}
