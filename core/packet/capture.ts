import { InputError } from '../errors.ts';
import type { LinkType, Packet } from './types.ts';

export const isCapture = (_bytes: Uint8Array): boolean => false;

export function readCapture(name: string, _bytes: Uint8Array): { packets: Packet[]; link: LinkType; notes: string[] } {
  throw new InputError(name, 'is not a capture');
}
