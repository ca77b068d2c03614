import { expect, test } from 'vitest';
import { cookedFrame } from './link-types.ts';

/** LINKTYPE_LINUX_SLL2: protocol, reserved, interface, ARPHRD_, packet type, length, address. */
const cooked = (protocol: number, first: number[], reserved = 0): Uint8Array =>
  Uint8Array.from([
    ...[protocol >> 8, protocol & 0xff, reserved >> 8, reserved & 0xff],
    ...[0, 0, 0, 3, 0, 1, 4, 6],
    ...[2, 0, 0, 0, 0, 9, 0, 0],
    ...first,
  ]);

test.each<[string, Uint8Array, number | undefined]>([
  ['of IPv4, with one byte of it', cooked(0x0800, [0x45]), 15],
  ['of IPv6', cooked(0x86dd, [0x60, 0]), 16],
  ['of IPv4 behind the number of IPv6', cooked(0x86dd, [0x45, 0]), undefined],
  ['of IPv6 behind the number of IPv4', cooked(0x0800, [0x60, 0]), undefined],
  ['of something else', cooked(0x0806, [0x45, 0]), undefined],
  ['with reserved bits', cooked(0x0800, [0x45, 0], 1), undefined],
  ['with others of them', cooked(0x0800, [0x45, 0], 0x100), undefined],
  ['with nothing behind it', cooked(0x0800, []), undefined],
  ['that is cut', cooked(0x0800, []).subarray(0, 19), undefined],
])('a cooked v2 header %s', (_title, bytes, size) => expect(cookedFrame(bytes)?.length).toBe(size));
