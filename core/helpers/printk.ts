import { readGuest } from '../machine/access.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { failure } from '../spec/errno.ts';
import { formatLine } from './bprintf.ts';

/** Bytes of a line (kernel/trace/bpf_trace.c, BPF_TRACE_PRINTK_SIZE), and lines kept of a run. */
const LINE_BYTES = 1024;
const LINES_KEPT = 4096;
/** MAX_BPRINTF_VARARGS. */
const MOST_VALUES = 12;

function formatArgument(machine: Machine, helper: string): string | undefined {
  const bytes = readGuest(
    machine,
    helper,
    machine.argument(1),
    Number(BigInt.asUintN(32, machine.argument(2))),
  );
  const end = bytes.indexOf(0);
  return end < 0 ? undefined : new TextDecoder('latin1').decode(bytes.subarray(0, end));
}

function print(machine: Machine, format: string | undefined, values: readonly bigint[]): bigint {
  if (format === undefined) return failure('EINVAL');
  const line = formatLine(machine, format, values, LINE_BYTES);
  if (typeof line === 'bigint') return line;
  // What is behind a NUL that %c printed nobody sees.
  const text = line.text.replace(/\0.*/s, '').replace(/\n$/, '');
  if (machine.printk.length < LINES_KEPT) machine.printk.push({ step: machine.steps + 1, text });
  return BigInt(line.length);
}

/** bpf_trace_printk: r1 format, r2 its size, r3 to r5 values; answers the number of characters. */
export const tracePrintk: HelperFunction = (machine) =>
  print(machine, formatArgument(machine, 'bpf_trace_printk'), [
    machine.argument(3),
    machine.argument(4),
    machine.argument(5),
  ]);

/** Values of a format as an array of 64-bit words; undefined for EINVAL. */
export function formatValues(
  machine: Machine,
  helper: string,
  pointer: bigint,
  size: number,
): bigint[] | undefined {
  if (size % 8 !== 0 || size > MOST_VALUES * 8) return undefined;
  const data = size === 0 ? new Uint8Array() : readGuest(machine, helper, pointer, size);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: size / 8 }, (_, i) =>
    view.getBigUint64(i * 8, machine.memory.littleEndian),
  );
}

/** bpf_trace_vprintk: r1 format, r2 its size, r3 array of 64-bit values, r4 its bytes. */
export const traceVprintk: HelperFunction = (machine) => {
  const size = Number(BigInt.asUintN(32, machine.argument(4)));
  const values = formatValues(machine, 'bpf_trace_vprintk', machine.argument(3), size);
  return values
    ? print(machine, formatArgument(machine, 'bpf_trace_vprintk'), values)
    : failure('EINVAL');
};
