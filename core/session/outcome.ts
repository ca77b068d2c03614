import { toHex } from '../bytes/hex.ts';
import type { Options } from '../hooks/options.ts';
import { type Ending, type Verdict, verdictOf } from '../hooks/verdict.ts';
import type { Fault } from '../machine/fault.ts';
import type { Machine } from '../machine/machine.ts';
import { type GuestMap, type MapEntry, roundUp8 } from '../maps/map.ts';
import { regionOf } from '../memory/memory.ts';
import { mapType } from '../spec/map-types.ts';
import type { HookName } from '../spec/program-types.ts';
import type { Step } from '../spec/units.ts';

/** What one packet's whole run came to. */
export interface RunOutcome {
  readonly ran: boolean;
  readonly verdict: Verdict;
  readonly r0: bigint | undefined;
  readonly steps: Step;
  readonly fault: Fault | undefined;
  /** The packet that goes on, from its first byte. */
  readonly packetOut: Uint8Array;
}

export interface MapContents {
  readonly name: string;
  readonly entries: readonly {
    readonly key: Uint8Array;
    readonly value: Uint8Array;
    readonly perCpu: readonly Uint8Array[] | undefined;
  }[];
}

/** Every entry of a map, at most `limit`, with the value that the running CPU sees. */
export function mapContents(
  machine: Machine,
  index: number,
  limit = Number.POSITIVE_INFINITY,
): MapContents {
  const map = machine.maps[index];
  const { definition } = map;
  const { cpus } = machine.surroundings;
  const stride = roundUp8(definition.valueSize);
  const perCpu = mapType(definition.type)?.perCpu ?? false;
  const entries: MapContents['entries'][number][] = [];
  for (const entry of map.entries()) {
    if (entries.length >= limit) break;
    const { key, value } = entry;
    const at = (start: number) => machine.memory.bytes.slice(start, start + definition.valueSize);
    const values = perCpu
      ? Array.from({ length: cpus }, (_, n) => at(value + n * stride))
      : undefined;
    entries.push({ key, value: entryValue(machine, index, entry), perCpu: values });
  }
  return { name: definition.name, entries };
}

/** The value of an entry that the running CPU sees. */
export function entryValue(machine: Machine, index: number, { value, size }: MapEntry): Uint8Array {
  const { type, valueSize } = machine.maps[index].definition;
  const start = mapType(type)?.perCpu
    ? value + machine.surroundings.cpu * roundUp8(valueSize)
    : value;
  return machine.memory.bytes.slice(start, start + (size ?? valueSize));
}

/** The value that a look-up finds for the running CPU; undefined where it finds none. */
export function lookedUpValue(
  { memory, surroundings }: Machine,
  map: GuestMap,
  key: Uint8Array,
): Uint8Array | undefined {
  const region = regionOf(memory, Number(map.lookup(key, surroundings.cpu) >> 32n));
  const start = memory.base[region];
  return region === 0 ? undefined : memory.bytes.slice(start, start + map.definition.valueSize);
}

/**
 * The frame as it is now, with the bytes in front of the data that the program does not see (a link
 * header).
 */
export function frameBytes(machine: Machine, frame: Uint8Array): Uint8Array {
  const { data, end, region, hidden } = machine.packet;
  return region === 0 ? frame : machine.memory.bytes.slice(data - hidden, end);
}

/** 64-bit FNV-1a, a fingerprint, not a secret. */
export function fingerprint(text: string): string {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let i = 0; i < text.length; i++) {
    low = (low ^ text.charCodeAt(i)) >>> 0;
    // Times the prime 2^40 + 0x1b3, in halves: a product of 41 bits is exact in a double.
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return [high, low].map((half) => half.toString(16).padStart(8, '0')).join('');
}

export function endingOf(machine: Machine, bypass: string | undefined): Ending {
  if (bypass !== undefined) return { how: 'bypassed', reason: bypass };
  if (machine.fault) return { how: 'faulted', fault: machine.fault };
  const { data, end } = machine.packet;
  return {
    how: 'returned',
    r0: machine.registers[0],
    packetLength: end - data,
    redirect: machine.redirect,
  };
}

/** What goes on of a frame, of which the program saw the last so many bytes. */
export const packetBehind = (frame: Uint8Array, { action, code = 0 }: Verdict, seen: number) =>
  action === 'truncate' ? frame.slice(0, frame.length - seen + code) : frame;

/**
 * The outcome of a machine that has come to its end, or of a packet the hook did not give to the
 * program.
 */
export function outcomeOf(
  machine: Machine,
  hook: HookName,
  options: Options,
  frame: Uint8Array,
  bypass: string | undefined,
): RunOutcome {
  const { data, end } = machine.packet;
  const ending = endingOf(machine, bypass);
  const verdict = verdictOf(hook, ending, options);
  // filter-ubpf's program works on a private copy: what goes on is the frame as it came.
  const seen = hook === 'filter-ubpf' || bypass !== undefined ? frame : frameBytes(machine, frame);
  const packetOut = packetBehind(seen, verdict, end - data);
  const r0 = ending.how === 'returned' ? ending.r0 : undefined;
  return {
    ran: bypass === undefined,
    verdict,
    r0,
    steps: machine.steps,
    fault: machine.fault,
    packetOut,
  };
}

/** Entries of a map that a fingerprint goes by. */
const HASHED_ENTRIES = 1024;

/**
 * A fingerprint of an outcome and of what the maps hold at its end. Links carry it: its parts and
 * their order are for ever.
 */
export function outcomeHash(
  { verdict, r0, steps, fault, packetOut }: RunOutcome,
  machine: Machine,
): string {
  const maps = machine.maps.map((_, i) =>
    mapContents(machine, i, HASHED_ENTRIES).entries.map(
      ({ key, value }) => `${toHex(key)}=${toHex(value)}`,
    ),
  );
  const parts = [verdict.name, verdict.code, r0?.toString(), steps, fault?.message];
  return fingerprint(JSON.stringify([...parts, toHex(packetOut), maps]));
}
