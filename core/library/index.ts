/**
 * The core as a library: `import { load, run } from 'ebpf-playground'`. Without a page, a worker or
 * Node: it needs WebAssembly alone. docs/library.md tells how it is used.
 */

import { InputError } from '../errors.ts';
import { readCapture as readCaptureFile } from '../packet/capture/capture.ts';
import { MAX_PACKETS } from '../packet/limits.ts';
import { readPacketText } from '../packet/text/text.ts';
import type { Packet } from '../packet/types.ts';
import { explained } from './explain.ts';
import { LibraryFilter } from './filter.ts';
import { judged } from './judge.ts';
import { loaded } from './load.ts';
import type {
  Explanation,
  Filter,
  LoadOptions,
  Packets,
  ReadPackets,
  Result,
  Results,
} from './types.ts';

export { InputError } from '../errors.ts';
export type * from './types.ts';

/**
 * An object as clang makes it (gzip'd and zstd'd ones too), or bare bytecode, ready to run packets.
 * Throws an InputError, with the place in its message, where it cannot be.
 */
export const load = (object: Uint8Array, options: LoadOptions = {}): Promise<Filter> =>
  loaded(object, options);

/** Runs a packet; what it leaves in maps is there for the next one. */
export const run = (filter: Filter, packet: Uint8Array): Result => own(filter).run(packet);

/** The same of many packets, as fast as compiled code goes: what came of them, in columns. */
export const judge = (filter: Filter, packets: Packets): Results => judged(own(filter), packets);

/** Why a packet would get its verdict, were it the next one; the filter stays as it is. */
export const explain = (filter: Filter, packet: Uint8Array): Explanation =>
  explained(own(filter), packet);

/** The filter as it was in front of its first packet, with what its maps were given then. */
export const reset = (filter: Filter): void => own(filter).reset();

/** Packets of a capture: pcap, pcapng, snoop; `most` of them. */
export const readCapture = (file: Uint8Array, most = MAX_PACKETS): ReadPackets =>
  asRead(readCaptureFile('capture', file, most));

/** Packets of a hex dump or another text; throws an InputError that says where it is none. */
export const readPackets = (text: string): ReadPackets => asRead(readPacketText(text));

const asRead = ({
  packets,
  notes,
}: {
  readonly packets: readonly Packet[];
  readonly notes: readonly string[];
}): ReadPackets => ({
  packets: packets.map(({ name, bytes, timestamp }) => ({ name, bytes, time: timestamp })),
  notes,
});

function own(filter: Filter): LibraryFilter {
  if (filter instanceof LibraryFilter) return filter;
  throw new InputError('filter', 'is none that load has made');
}
