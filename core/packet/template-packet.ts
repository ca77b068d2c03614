import { fromHex } from '../bytes/hex.ts';
import { present } from '../errors.ts';
import { headersOf, type PacketTemplate } from '../spec/packet-templates.ts';
import { buildPacket } from './build.ts';
import type { StackItem } from './types.ts';

/** The packet of a template: what its headers say of each other is right. */
export function templatePacket(template: PacketTemplate): Uint8Array {
  const stack: StackItem[] = headersOf(template);
  const { payload } = template;
  if (payload !== undefined) stack.push({ payload: present(fromHex(payload), payload) });
  return buildPacket(new Uint8Array(), stack, true);
}
