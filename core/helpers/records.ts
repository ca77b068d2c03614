import { readGuest, writeGuest } from '../machine/access.ts';
import { GuestFault } from '../machine/fault.ts';
import type { HelperFunction, Machine, OutputRecord } from '../machine/machine.ts';
import type { GuestMap } from '../maps/map.ts';
import type { PerfEventArray } from '../maps/perf-events.ts';
import { RingBuffer } from '../maps/ringbuf.ts';
import { nameAddress } from '../memory/memory.ts';
import { failure } from '../spec/errno.ts';
import { mapArgument } from './arguments.ts';

/** Records of a run that are kept to be shown. */
const RECORDS_KEPT = 4096;

const BPF_RB_NO_WAKEUP = 1n;
const BPF_RB_FORCE_WAKEUP = 2n;

function keep(
  machine: Machine,
  source: OutputRecord['source'],
  map: GuestMap,
  bytes: Uint8Array,
  note: string,
): void {
  if (machine.records.length < RECORDS_KEPT)
    machine.records.push({
      step: machine.steps + 1,
      source,
      map: map.definition.name,
      bytes,
      note,
    });
}

/** Whether a reader that waits for the ring buffer is woken. */
const wakeup = (flags: bigint, caughtUp: boolean): string =>
  flags & BPF_RB_FORCE_WAKEUP || (caughtUp && !(flags & BPF_RB_NO_WAKEUP))
    ? 'wakes the reader'
    : '';

const sizeArgument = (machine: Machine, register: 2 | 3): number =>
  Number(BigInt.asUintN(32, machine.argument(register)));

/** r2 size, r3 flags, which have to be 0. */
export const ringbufReserve: HelperFunction = (machine) => {
  const ring = mapArgument(machine) as RingBuffer;
  return machine.argument(3) === 0n ? ring.reserve(sizeArgument(machine, 2)) : 0n;
};

/** Ends a reserved record; false where the pointer is none. */
export function submitRecord(
  machine: Machine,
  pointer: bigint,
  state: 'ready' | 'discarded',
  flags: bigint,
): boolean {
  for (const map of machine.maps) {
    const done = map instanceof RingBuffer ? map.commit(pointer, state) : undefined;
    if (done === undefined) continue;
    if (state === 'ready') keep(machine, 'ringbuf', map, done.bytes, wakeup(flags, done.wakes));
    return true;
  }
  return false;
}

/** bpf_ringbuf_submit and _discard: r1 record, r2 flags. */
const commit =
  (helper: string, state: 'ready' | 'discarded'): HelperFunction =>
  (machine) => {
    const pointer = machine.argument(1);
    if (submitRecord(machine, pointer, state, machine.argument(2))) return 0n;
    throw new GuestFault(
      'bad-argument',
      `${helper} wants a record of bpf_ringbuf_reserve in r1, ` +
        `which is ${nameAddress(machine.memory, pointer) ?? `0x${pointer.toString(16)}`}`,
    );
  };

export const ringbufSubmit = commit('bpf_ringbuf_submit', 'ready');
export const ringbufDiscard = commit('bpf_ringbuf_discard', 'discarded');

/** r2 data, r3 size, r4 flags. */
export const ringbufOutput: HelperFunction = (machine) => {
  const ring = mapArgument(machine) as RingBuffer;
  const flags = machine.argument(4);
  if (flags & ~(BPF_RB_NO_WAKEUP | BPF_RB_FORCE_WAKEUP)) return failure('EINVAL');
  const bytes = readGuest(
    machine,
    'bpf_ringbuf_output',
    machine.argument(2),
    sizeArgument(machine, 3),
  );
  const record = ring.reserve(bytes.length);
  if (record === 0n) return failure('EAGAIN');
  writeGuest(machine, 'bpf_ringbuf_output', record, bytes);
  const done = ring.commit(record, 'ready')!;
  keep(machine, 'ringbuf', ring, bytes, wakeup(flags, done.wakes));
  return 0n;
};

/** r2: what is asked. */
export const ringbufQuery: HelperFunction = (machine) =>
  BigInt((mapArgument(machine) as RingBuffer).query(machine.argument(2)));

const BPF_F_INDEX_MASK = 0xffff_ffffn;
const BPF_F_CTXLEN_MASK = 0xfffffn << 32n;

/**
 * bpf_perf_event_output of packet programs (net/core/filter.c, bpf_skb_event_output and
 * bpf_xdp_event_output): r1 context, r2 map, r3 flags, r4 data, r5 size. Bits 32 to 51 of the
 * flags: how many bytes of the packet follow the data. A reader gets the record padded, so that it
 * and the word of its length fill whole 8 bytes (kernel/events/core.c).
 */
export const perfEventOutput: HelperFunction = (machine) => {
  const map = mapArgument(machine, 2) as PerfEventArray;
  const flags = machine.argument(3);
  if (flags & ~(BPF_F_CTXLEN_MASK | BPF_F_INDEX_MASK)) return failure('EINVAL');
  const { data, end } = machine.packet;
  const length = Number((flags & BPF_F_CTXLEN_MASK) >> 32n);
  if (length > end - data) return failure('EFAULT');
  const size = Number(BigInt.asUintN(32, machine.argument(5)));
  const bytes = readGuest(machine, 'bpf_perf_event_output', machine.argument(4), size);
  const { cpu } = machine.surroundings;
  const wanted = flags & BPF_F_INDEX_MASK;
  const index = wanted === BPF_F_INDEX_MASK ? cpu : Number(wanted);
  if (index >= map.definition.maxEntries) return failure('E2BIG');
  const event = map.eventCpu(index);
  if (event === undefined) return failure('ENOENT');
  if (event !== cpu) return failure('EOPNOTSUPP');
  const record = new Uint8Array(((size + length + 4 + 7) & ~7) - 4);
  record.set(bytes);
  record.set(machine.memory.bytes.subarray(data, data + length), size);
  keep(
    machine,
    'perf',
    map,
    record,
    length > 0 ? `${size} of the program, ${length} of the packet` : '',
  );
  return 0n;
};
