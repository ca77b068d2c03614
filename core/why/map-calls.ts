import { toHex } from '../bytes/hex.ts';
import type { Machine } from '../machine/machine.ts';
import { type GuestMap, wordBytes } from '../maps/map.ts';
import { locate, READ } from '../memory/memory.ts';

const NONE = -1;

/** Of helpers that are told an entry: the register with the key, or with a pointer to it. */
const KEY_AT: Readonly<Record<string, { readonly register: 2 | 3; readonly pointer: boolean }>> = {
  map_lookup_elem: { register: 2, pointer: true },
  map_lookup_percpu_elem: { register: 2, pointer: true },
  map_update_elem: { register: 2, pointer: true },
  map_delete_elem: { register: 2, pointer: true },
  redirect_map: { register: 2, pointer: false },
  tail_call: { register: 3, pointer: false },
  sk_redirect_map: { register: 3, pointer: false },
  msg_redirect_map: { register: 3, pointer: false },
  sk_redirect_hash: { register: 3, pointer: true },
  msg_redirect_hash: { register: 3, pointer: true },
  sk_select_reuseport: { register: 3, pointer: true },
};

/** The map that a call is about to hand to a helper. */
export function calledMap({ maps, registers }: Machine): number {
  for (let register = 1; register <= 2; register++) {
    const handle = registers[register];
    const map = maps.findIndex((candidate) => candidate.handle === handle);
    if (map >= 0) return map;
  }
  return NONE;
}

/** The key of the entry that a call is about, hex; undefined where it is about the whole map. */
export function keyOfCall(machine: Machine, map: GuestMap, helper: string): string | undefined {
  const at = Object.hasOwn(KEY_AT, helper) ? KEY_AT[helper] : undefined;
  const { memory, registers } = machine;
  const { keySize } = map.definition;
  if (at === undefined || keySize === 0) return undefined;
  const value = registers[at.register];
  if (!at.pointer) return toHex(wordBytes(Number(value & 0xffff_ffffn), memory.littleEndian));
  const place = placeOfKey(machine, helper, keySize);
  return place === undefined ? undefined : toHex(memory.bytes.subarray(place, place + keySize));
}

/** Linear address of the key that a call is given a pointer to. */
export function placeOfKey(
  { memory, registers }: Machine,
  helper: string,
  size: number,
): number | undefined {
  const at = Object.hasOwn(KEY_AT, helper) ? KEY_AT[helper] : undefined;
  if (!at?.pointer) return undefined;
  const pointer = registers[at.register];
  const place = locate(memory, Number(pointer >> 32n), Number(pointer & 0xffff_ffffn), size, READ);
  return place < 0 ? undefined : place;
}
