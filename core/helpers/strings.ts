import { moveToGuest, noteRead, readGuest, writeGuest } from '../machine/access.ts';
import { GuestFault } from '../machine/fault.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { nearestRegion } from '../memory/memory.ts';
import { failure } from '../spec/errno.ts';
import { u32 } from './arguments.ts';
import { formatLine } from './bprintf.ts';
import { tryPlace } from './nofault.ts';
import { formatValues } from './printk.ts';

const BASES = [0n, 8n, 10n, 16n];
/** Digits that are looked at (kernel/bpf/helpers.c, __bpf_strtoull). */
const MOST_DIGITS = 63;
const SPACE = /^[\t\n\v\f\r \xa0]+/;

interface Number64 {
  readonly value: bigint;
  readonly negative: boolean;
  readonly used: number;
}

/**
 * Base and digits as the kernel's parser takes them (lib/kstrtox.c): 0x for 16, a leading 0 for 8.
 */
function radix(text: string, asked: number): { base: number; skip: number } {
  const guessed = /^0x[0-9a-f]/i.test(text) ? 16 : text.startsWith('0') ? 8 : 10;
  const base = asked === 0 ? guessed : asked;
  return { base, skip: base === 16 && /^0x/i.test(text) ? 2 : 0 };
}

/** A number at the start of a buffer, or why there is none. */
function parseNumber(machine: Machine, helper: string): Number64 | bigint {
  const text = new TextDecoder('latin1').decode(
    readGuest(machine, helper, machine.argument(1), u32(machine.argument(2))),
  );
  const flags = machine.argument(3);
  if (text === '' || !BASES.includes(flags)) return failure('EINVAL');
  let used = SPACE.exec(text)?.[0].length ?? 0;
  const negative = text[used] === '-';
  if (negative) used += 1;
  const rest = text.slice(used, used + MOST_DIGITS);
  if (rest === '') return failure('EINVAL');
  const { base, skip } = radix(rest, Number(flags));
  let value = 0n;
  let at = skip;
  for (; at < rest.length; at++) {
    const digit = /[0-9a-f]/i.test(rest[at]) ? Number.parseInt(rest[at], 16) : base;
    if (digit >= base) break;
    value = value * BigInt(base) + BigInt(digit);
  }
  if (value > 0xffff_ffff_ffff_ffffn) return failure('ERANGE');
  if (at === skip) return failure('EINVAL');
  return { value, negative, used: used + at };
}

/** r1 text, r2 its length, r3 base, r4 the result; answers how many characters it took. */
const convert =
  (helper: string, signed: boolean): HelperFunction =>
  (machine) => {
    const store = (value: bigint): void => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(
        0,
        BigInt.asUintN(64, value),
        machine.memory.littleEndian,
      );
      writeGuest(machine, helper, machine.argument(4), bytes);
    };
    store(0n);
    const found = parseNumber(machine, helper);
    if (typeof found === 'bigint') return found;
    const { value, negative, used } = found;
    if (!signed && negative) return failure('EINVAL');
    const limit = 1n << 63n;
    if (signed && (negative ? value > limit : value >= limit)) return failure('ERANGE');
    store(negative ? -value : value);
    return BigInt(used);
  };

export const strtol = convert('bpf_strtol', true);
export const strtoul = convert('bpf_strtoul', false);

/** bpf_strncmp: r1 text, r2 its size, r3 a constant string: below, at or above 0. */
export const strncmp: HelperFunction = (machine) => {
  const size = u32(machine.argument(2));
  const first = readGuest(machine, 'bpf_strncmp', machine.argument(1), size);
  for (let i = 0; i < size; i++) {
    const other = readGuest(machine, 'bpf_strncmp', machine.argument(3) + BigInt(i), 1)[0];
    if (first[i] !== other) return first[i] < other ? -1n : 1n;
    if (other === 0) return 0n;
  }
  return 0n;
};

const FORMAT_BYTES = 1024;
/** Where the kernel's half of the addresses begins. */
const KERNEL_HALF = 0xffff_8000_0000_0000n;

/** A constant string of the program, without its NUL. */
function constantString(machine: Machine, helper: string, pointer: bigint): string {
  let text = '';
  for (let i = 0; i < FORMAT_BYTES; i++) {
    const byte = readGuest(machine, helper, pointer + BigInt(i), 1)[0];
    if (byte === 0) return text;
    text += String.fromCharCode(byte);
  }
  throw new GuestFault(
    'bad-argument',
    `${helper}: the format does not end within ${FORMAT_BYTES} bytes`,
  );
}

/**
 * bpf_snprintf: r1 to, r2 its size, r3 format, r4 array of 64-bit values, r5 its bytes; answers the
 * length with NUL.
 */
export const snprintf: HelperFunction = (machine) => {
  const values = formatValues(
    machine,
    'bpf_snprintf',
    machine.argument(4),
    u32(machine.argument(5)),
  );
  if (values === undefined) return failure('EINVAL');
  const format = constantString(machine, 'bpf_snprintf', machine.argument(3));
  const size = u32(machine.argument(2));
  const line = formatLine(machine, format, values, size);
  if (typeof line === 'bigint') return line;
  const bytes = Uint8Array.from(`${line.text}\0`, (letter) => letter.charCodeAt(0));
  if (size > 0) writeGuest(machine, 'bpf_snprintf', machine.argument(1), bytes);
  return BigInt(line.length + 1);
};

/**
 * Why an address cannot be read: ERANGE where it is none of the kernel's (mm/maccess.c,
 * arch/x86/mm/maccess.c), EFAULT where nothing lies.
 */
const noMemory = (machine: Machine, pointer: bigint): bigint =>
  nearestRegion(machine.memory, pointer) !== undefined || pointer >= KERNEL_HALF
    ? failure('EFAULT')
    : failure('ERANGE');

/** bpf_probe_read_kernel: r1 to, r2 size, r3 from; zeros and an error where nothing can be read. */
export const probeReadKernel: HelperFunction = (machine) => {
  const name = 'bpf_probe_read_kernel';
  const size = u32(machine.argument(2));
  const from = tryPlace(machine, machine.argument(3), size);
  if (from === undefined) {
    writeGuest(machine, name, machine.argument(1), new Uint8Array(size));
    const problem = noMemory(machine, machine.argument(3));
    // Of no bytes only the address is looked at, and any of the kernel's will do.
    return size === 0 && problem === failure('EFAULT') ? 0n : problem;
  }
  moveToGuest(machine, name, from, machine.argument(1), size);
  return 0n;
};

/** bpf_probe_read_kernel_str: r1 to, r2 size, r3 from; answers the length with NUL. */
export const probeReadKernelStr: HelperFunction = (machine) => {
  const name = 'bpf_probe_read_kernel_str';
  const size = u32(machine.argument(2));
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    const at = tryPlace(machine, machine.argument(3) + BigInt(i), 1);
    if (at === undefined) {
      writeGuest(machine, name, machine.argument(1), new Uint8Array(size));
      return noMemory(machine, machine.argument(3) + BigInt(i));
    }
    noteRead(machine, at, 1);
    const byte = machine.memory.bytes[at];
    bytes[i] = i === size - 1 ? 0 : byte;
    if (byte === 0 || i === size - 1) {
      writeGuest(machine, name, machine.argument(1), bytes.subarray(0, i + 1));
      return BigInt(i + 1);
    }
  }
  return 0n;
};
