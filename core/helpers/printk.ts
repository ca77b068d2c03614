import { readGuest } from '../machine/access.ts';
import { GuestFault } from '../machine/fault.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { failure } from '../spec/errno.ts';

/** Bytes of a line (kernel/trace/bpf_trace.c, BPF_TRACE_PRINTK_SIZE), and lines kept of a run. */
const LINE_BYTES = 1024;
const LINES_KEPT = 4096;
/** MAX_BPRINTF_VARARGS. */
const MOST_VALUES = 12;

const CONVERSION = /%%|%(-?0?\d*)(l{0,2}|h{0,2}|z)([diuxXcs])|%p(I4|I6|i4|i6|K|x|B|s|S)?/g;

/** A NUL-terminated string at a guest address, `(null)` or `(efault)` as the kernel prints them. */
function guestString(machine: Machine, pointer: bigint): string {
  if (pointer === 0n) return '(null)';
  let text = '';
  for (let i = 0n; i < BigInt(LINE_BYTES); i++) {
    let byte: number;
    try {
      byte = readGuest(machine, 'bpf_trace_printk', pointer + i, 1)[0];
    } catch (error) {
      if (error instanceof GuestFault) return i === 0n ? '(efault)' : text;
      throw error;
    }
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}

const BITS: Record<string, number> = { '': 32, l: 64, ll: 64, z: 64, h: 16, hh: 8 };

function pad(text: string, flags: string): string {
  const width = Number(/[1-9]\d*$/.exec(flags)?.[0] ?? 0);
  if (flags.startsWith('-')) return text.padEnd(width);
  if (!flags.startsWith('0')) return text.padStart(width);
  return text.startsWith('-') ? `-${text.slice(1).padStart(width - 1, '0')}` : text.padStart(width, '0');
}

function convert(machine: Machine, flags: string, length: string, conversion: string, value: bigint): string {
  const bits = BITS[length];
  switch (conversion) {
    case 'd':
    case 'i':
      return pad(BigInt.asIntN(bits, value).toString(), flags);
    case 'u':
      return pad(BigInt.asUintN(bits, value).toString(), flags);
    case 'x':
      return pad(BigInt.asUintN(bits, value).toString(16), flags);
    case 'X':
      return pad(BigInt.asUintN(bits, value).toString(16).toUpperCase(), flags);
    case 'c':
      return pad(String.fromCharCode(Number(value & 0xffn)), flags);
    default:
      return pad(guestString(machine, value), flags);
  }
}

function convertPointer(machine: Machine, kind: string, value: bigint): string {
  if (kind === 'I4' || kind === 'i4') {
    const bytes = [...readGuest(machine, 'bpf_trace_printk', value, 4)];
    return bytes.map((byte) => (kind === 'i4' ? String(byte).padStart(3, '0') : String(byte))).join('.');
  }
  if (kind === 'I6' || kind === 'i6') {
    const bytes = readGuest(machine, 'bpf_trace_printk', value, 16);
    const words = Array.from({ length: 8 }, (_, i) =>
      ((bytes[2 * i] << 8) | bytes[2 * i + 1]).toString(16).padStart(4, '0'),
    );
    return words.join(kind === 'i6' ? '' : ':');
  }
  return value.toString(16).padStart(16, '0');
}

/** The text of a format with its values (kernel/bpf/helpers.c, bpf_bprintf_prepare); undefined where the kernel says EINVAL. */
export function formatLine(machine: Machine, format: string, values: readonly bigint[]): string | undefined {
  let used = 0;
  let missing = false;
  const next = (): bigint => {
    if (used >= values.length) missing = true;
    return values[used++] ?? 0n;
  };
  const text = format.replace(
    CONVERSION,
    (
      whole,
      flags: string | undefined,
      length: string | undefined,
      conversion: string | undefined,
      pointer: string | undefined,
    ) => {
      if (whole === '%%') return '%';
      if (conversion !== undefined) return convert(machine, flags ?? '', length ?? '', conversion, next());
      return convertPointer(machine, pointer ?? '', next());
    },
  );
  if (missing || /%(?!%)/.test(format.replace(CONVERSION, ''))) return undefined;
  return text.slice(0, LINE_BYTES - 1);
}

function formatArgument(machine: Machine, helper: string): string | undefined {
  const bytes = readGuest(machine, helper, machine.argument(1), Number(BigInt.asUintN(32, machine.argument(2))));
  const end = bytes.indexOf(0);
  return end < 0 ? undefined : new TextDecoder('latin1').decode(bytes.subarray(0, end));
}

function print(machine: Machine, format: string | undefined, values: readonly bigint[]): bigint {
  const text = format === undefined ? undefined : formatLine(machine, format, values);
  if (text === undefined) return failure('EINVAL');
  if (machine.printk.length < LINES_KEPT)
    machine.printk.push({ step: machine.steps + 1, text: text.replace(/\n$/, '') });
  return BigInt(text.length);
}

/** bpf_trace_printk: r1 format, r2 its size, r3 to r5 values; answers the number of characters. */
export const tracePrintk: HelperFunction = (machine) =>
  print(machine, formatArgument(machine, 'bpf_trace_printk'), [
    machine.argument(3),
    machine.argument(4),
    machine.argument(5),
  ]);

/** Values of a format as an array of 64-bit words; undefined for EINVAL. */
export function formatValues(machine: Machine, helper: string, pointer: bigint, size: number): bigint[] | undefined {
  if (size % 8 !== 0 || size > MOST_VALUES * 8) return undefined;
  const data = size === 0 ? new Uint8Array() : readGuest(machine, helper, pointer, size);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: size / 8 }, (_, i) => view.getBigUint64(i * 8, machine.memory.littleEndian));
}

/** bpf_trace_vprintk: r1 format, r2 its size, r3 array of 64-bit values, r4 its bytes. */
export const traceVprintk: HelperFunction = (machine) => {
  const size = Number(BigInt.asUintN(32, machine.argument(4)));
  const values = formatValues(machine, 'bpf_trace_vprintk', machine.argument(3), size);
  return values ? print(machine, formatArgument(machine, 'bpf_trace_vprintk'), values) : failure('EINVAL');
};
