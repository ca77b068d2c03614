import { noteRead } from '../machine/access.ts';
import type { Machine } from '../machine/machine.ts';
import { locate, READ } from '../memory/memory.ts';

/**
 * Where an address that need not be one lies (copy_from_kernel_nofault); undefined where nothing
 * can be read.
 */
export function tryPlace(machine: Machine, pointer: bigint, size: number): number | undefined {
  const at = locate(
    machine.memory,
    Number(pointer >> 32n),
    Number(pointer & 0xffff_ffffn),
    size,
    READ,
  );
  return at < 0 ? undefined : at;
}

/** The bytes there. */
export function tryRead(machine: Machine, pointer: bigint, size: number): Uint8Array | undefined {
  const at = tryPlace(machine, pointer, size);
  if (at === undefined) return undefined;
  noteRead(machine, at, size);
  return machine.memory.bytes.slice(at, at + size);
}

/**
 * Characters of a string in memory, at most `room` bytes with its NUL
 * (strncpy_from_kernel_nofault): one that does not fit is cut, and none is left where a byte before
 * its end cannot be read.
 */
export function tryReadString(machine: Machine, pointer: bigint, room: number): string | undefined {
  let text = '';
  for (let i = 0; i < room; i++) {
    const byte = tryRead(machine, pointer + BigInt(i), 1)?.[0];
    if (byte === undefined) return undefined;
    if (byte === 0) return text;
    text += String.fromCharCode(byte);
  }
  return text.slice(0, room - 1);
}
