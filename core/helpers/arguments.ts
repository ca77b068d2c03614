import { GuestFault } from '../machine/fault.ts';
import type { Machine } from '../machine/machine.ts';
import { address, nameAddress } from '../memory/memory.ts';

type Register = 1 | 2 | 3 | 4 | 5;

/** An argument as an unsigned and as a signed 32-bit number: what C's u32 and s32 parameters take of a register. */
export const u32 = (value: bigint): number => Number(BigInt.asUintN(32, value));
export const i32 = (value: bigint): number => Number(BigInt.asIntN(32, value));

/** Helpers that take the context fault where r1 is something else: the verifier would refuse the program. */
export function contextArgument(machine: Machine, helper: string, register: Register = 1): void {
  const value = machine.argument(register);
  if (machine.contextRegion !== 0 && value === address(machine.contextRegion)) return;
  const found = nameAddress(machine.memory, value) ?? `0x${value.toString(16)}`;
  throw new GuestFault('bad-argument', `${helper} wants the context in r${register}, which is ${found}`);
}
