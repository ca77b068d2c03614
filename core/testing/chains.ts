// Chains of assembled programs, run to their end.
import { assemble } from '../asm/assemble.ts';
import { JIT } from '../jit/jit.ts';
import type { Engine } from '../machine/engine.ts';
import { emptyChain } from '../netdev/chain.ts';
import { ChainRun } from '../netdev/chain-run.ts';
import type { DirectionOf } from '../netdev/direction.ts';
import type { PacketFlow } from '../netdev/flow.ts';
import { packed } from '../netdev/source.ts';
import type { ChainFilter, NetChain } from '../netdev/types.ts';
import { loadObject } from '../object/load.ts';
import type { LoadedObject } from '../object/types.ts';
import { DEFAULT_SETTINGS } from '../session/defaults.ts';
import { finish } from '../session/session.ts';
import type { FilterKind } from '../spec/net-filters.ts';

/** A frame of an IPv4 packet to a guest or, by its first byte, from one; `tag` is its last byte. */
export function taggedFrame(tag: number, isFromGuest = false, length = 60): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes[0] = isFromGuest ? 1 : 0;
  bytes.set([0x08, 0x00, 0x45], 12);
  bytes[length - 1] = tag;
  return bytes;
}

/** Of frames by `taggedFrame`. */
export const byFirstByte: DirectionOf = (frame) => (frame[0] === 1 ? 'from-guest' : 'to-guest');

/** Frames that come one after the other, so many nanoseconds apart. */
export const flowOf = (frames: readonly Uint8Array[], gap = 1000, first = 0): PacketFlow => ({
  frames: packed(frames),
  numbers: Float64Array.from(frames, (_, i) => first + i),
  times: Float64Array.from(frames, (_, i) => gap * (first + i)),
  rounds: 0,
});

export type Told = Partial<ChainFilter> & { id: string };

/** A filter that runs a program of a test chain; the program sees whole frames. */
export const program = (id: string, object: number, told: Partial<ChainFilter> = {}) =>
  other('filter-ubpf', id, { object, properties: [['ip-mode', 'off']], ...told });

export const other = (
  kind: FilterKind,
  id: string,
  told: Partial<ChainFilter> = {},
): ChainFilter => ({
  id,
  kind,
  queue: 'all',
  status: 'on',
  properties: [],
  ...told,
});

/** A chain and its run; programs are assembly, or objects. */
export class TestChain {
  readonly run: ChainRun;
  chain: NetChain;

  constructor(
    programs: readonly (string | LoadedObject)[],
    filters: readonly ChainFilter[],
    given: { engine?: Engine; chain?: Partial<NetChain>; directionOf?: DirectionOf } = {},
  ) {
    const { engine = JIT, directionOf = byFirstByte } = given;
    const objects = programs.map((source, i) => {
      if (typeof source !== 'string') return { loaded: source, bytes: new Uint8Array(8) };
      const bytes = assemble(source);
      return { loaded: loadObject(`${i}.asm`, bytes), bytes };
    });
    this.chain = { ...emptyChain(), ...given.chain, filters };
    this.run = new ChainRun({
      chain: this.chain,
      directionOf,
      start: 0n,
      keepsDumps: true,
      partsOf: ({ object = 0 }) => ({
        object: { name: `${object}.asm`, bytes: objects[object].bytes },
        loaded: objects[object].loaded,
        session: { settings: DEFAULT_SETTINGS },
        engine,
        memory: new WebAssembly.Memory({ initial: 1 }),
      }),
      free: () => {},
    });
  }

  /** Other filters from the next packet on. */
  change(filters: readonly ChainFilter[]): void {
    this.chain = { ...this.chain, filters };
    this.run.change(this.chain);
  }

  take(flow: PacketFlow): void {
    this.run.take(flow);
    finish(this.run.advance());
  }

  end(): void {
    this.run.end();
    finish(this.run.advance());
  }

  /** What became of packets, by filter: `f1 to-guest: seen 3, passed 2, dropped 1`. */
  get said(): string[] {
    return [...this.run.ended, ...this.run.filters].flatMap(({ filter, version, counts }) =>
      (['to-guest', 'from-guest'] as const).flatMap((direction) => {
        const parts = Object.entries(counts).flatMap(([name, count]) =>
          count[direction] > 0 ? [`${name} ${count[direction]}`] : [],
        );
        const name = version > 1 ? `${filter.id}@${version}` : filter.id;
        return parts.length > 0 ? [`${name} ${direction}: ${parts.join(', ')}`] : [];
      }),
    );
  }
}
