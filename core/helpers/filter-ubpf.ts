import { helperMemory, readGuest } from '../machine/access.ts';
import type { HelperFunction } from '../machine/machine.ts';
import { WRITE } from '../memory/memory.ts';
import { FILTER_UBPF_HELPERS } from '../spec/helpers.ts';

const u32 = (value: bigint): bigint => BigInt.asUintN(32, value);
const byte = (value: bigint): bigint => value & 0xffn;

const gatherBytes: HelperFunction = (machine) =>
  (byte(machine.argument(1)) << 32n) |
  (byte(machine.argument(2)) << 24n) |
  (byte(machine.argument(3)) << 16n) |
  (byte(machine.argument(4)) << 8n) |
  byte(machine.argument(5));

/** r1 memory, r2 length; answers the memory. */
const memfrob: HelperFunction = (machine) => {
  const size = Number(BigInt.asUintN(32, machine.argument(2)));
  const at = helperMemory(machine, 'memfrob', machine.argument(1), size, WRITE);
  for (let i = at; i < at + size; i++) machine.memory.bytes[i] ^= 42;
  return machine.argument(1);
};

/** x86 assembly in the series: every register a call may overwrite gets this. */
const TRASH = 0xf0f0_f0f0_f0f0_f0f0n;
const trashRegisters: HelperFunction = (machine) => {
  for (let register = 1; register <= 5; register++) machine.registers[register] = TRASH;
  return TRASH;
};

const sqrti: HelperFunction = (machine) => {
  const value = u32(machine.argument(1));
  return BigInt(Math.floor(Math.sqrt(Number(value))));
};

/** As C's strcmp, from the sign of the first difference. */
const strcmpExt: HelperFunction = (machine) => {
  for (let i = 0n; ; i++) {
    const a = readGuest(machine, 'strcmp_ext', machine.argument(1) + i, 1)[0];
    const b = readGuest(machine, 'strcmp_ext', machine.argument(2) + i, 1)[0];
    if (a !== b) return BigInt(a < b ? -1 : 1);
    if (a === 0) return 0n;
  }
};

/** uBPF's unwind: the program ends with r0 = 0 where the helper answers 0. */
const unwind: HelperFunction = (machine) => {
  const value = machine.argument(1);
  if (value === 0n) {
    machine.status = 'finished';
    machine.pc = -1;
  }
  return value;
};

const BY_NAME = {
  gather_bytes: gatherBytes,
  memfrob,
  trash_registers: trashRegisters,
  sqrti,
  strcmp_ext: strcmpExt,
  unwind,
} satisfies Record<(typeof FILTER_UBPF_HELPERS)[number]['name'], HelperFunction>;

/** The six helpers of filter-ubpf by number. */
export const filterUbpfHelpers: ReadonlyMap<number, HelperFunction> = new Map(
  FILTER_UBPF_HELPERS.map(({ id, name }) => [id, BY_NAME[name]]),
);
