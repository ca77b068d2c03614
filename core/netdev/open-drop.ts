import type { NumberColumn } from '../bytes/number-column.ts';
import { InputError, present } from '../errors.ts';
import type { Engine } from '../machine/engine.ts';
import type { LoadedObject } from '../object/types.ts';
import { MAX_PACKET } from '../packet/limits.ts';
import { PacketBatch } from '../session/packet-batch.ts';
import { runnableSession, Session, type SessionOrigin } from '../session/session.ts';
import type { MapPreset, SessionInputs } from '../session/types.ts';
import type { Drive } from '../traffic/errand.ts';
import { MapStart } from '../view/map-changes.ts';
import type { Drop } from './drop-log.ts';
import { flowCount, flowFrame, someOf } from './flow.ts';
import type { ChainObjects, LiveChain } from './live-chain.ts';
import { type FilterSession, inputsOfFilter, UbpfFilter } from './ubpf-filter.ts';

/** A session of a packet that was dropped, and where it begins where that is not the start. */
export interface OpenedDrop {
  readonly inputs: SessionInputs;
  readonly loaded: LoadedObject;
  readonly origin?: SessionOrigin;
}

/** A packet, from 0 on, and which version of a filter dropped it. */
export type DropPlace = Pick<Drop, 'packet' | 'id' | 'version' | 'direction'>;

export interface DropParts {
  readonly live: LiveChain;
  readonly objects: ChainObjects;
  readonly loadedOf: (object: SessionInputs['object']) => LoadedObject;
  readonly session: FilterSession;
  readonly engine: Engine;
  readonly linear: WebAssembly.Memory;
  readonly drive: Drive;
}

/**
 * The session of a drop: the program that dropped the packet, in the version that did, with what
 * the packets that it judged before left in its variables. Undefined where the way there was
 * stopped; an InputError where no program dropped it.
 */
export async function openedDrop(
  drop: DropPlace,
  parts: DropParts,
): Promise<OpenedDrop | undefined> {
  const { live, objects, loadedOf } = parts;
  const { run } = live;
  const filter = [...run.filters, ...run.ended].find(
    ({ filter: { id }, version }) => id === drop.id && version === drop.version,
  );
  if (!(filter instanceof UbpfFilter))
    throw new InputError(
      `packet ${drop.packet + 1}`,
      filter ? `filter ${drop.id} has no program: its queue was full` : 'is too long ago',
    );
  const object = objects.list[present(filter.filter.object, 'the object of a filter')];
  const own = inputsOfFilter(filter.filter, object, parts.session);
  const inputs: SessionInputs = {
    ...own,
    object,
    options: [...own.options, ['direction', drop.direction]],
    ...(await packetsOf(live, drop, filter.judged !== undefined)),
  };
  const loaded = loadedOf(object);
  if (filter.judged === undefined) return { inputs, loaded };
  const state = await stateBefore(filter.judged, drop, { ...parts, inputs, loaded });
  return state && { loaded, ...state };
}

/**
 * The packet, among those it came with where they are the session's; `isAlone`: what the others
 * leave behind is not what came to the filter.
 */
async function packetsOf({ source }: LiveChain, { packet }: DropPlace, isAlone: boolean) {
  if (source.packets && !isAlone) return { packets: source.packets, packet };
  const bytes = flowFrame(await source.read(packet, packet + 1), 0).slice();
  return {
    packets: [{ name: `${source.name} #${packet + 1}`, bytes }],
    ...(source.isCapture && { capture: { name: source.name, packet: packet + 1 } }),
  };
}

interface StateParts extends DropParts {
  readonly inputs: SessionInputs;
  readonly loaded: LoadedObject;
}

/** Runs what the filter judged in front of the packet once more. */
async function stateBefore(judged: NumberColumn, { packet }: DropPlace, parts: StateParts) {
  const { inputs, loaded, engine, linear, live, drive } = parts;
  const session = new Session({ ...inputs, packets: [], packet: 0 }, linear, loaded);
  session.runBy(engine);
  session.load(MAX_PACKET);
  const running = runnableSession(session);
  const { machine } = running;
  const start = new MapStart(machine, session.startMemory);
  const batch = new PacketBatch(running);
  for (let at = 0; at < judged.length && judged.at(at) !== packet; ) {
    const { frames, count } = await framesFrom(live, judged, at, packet);
    for (let done = 0; done < count; ) {
      const rest = {
        bytes: frames.bytes,
        starts: frames.starts.subarray(done),
        lengths: frames.lengths.subarray(done),
      };
      const work = batch.run(at + done, rest);
      let ran = 0;
      const all = (function* () {
        ran = (yield* work).count;
      })();
      if (await drive(all)) return undefined;
      done += ran;
    }
    at += count;
  }
  const maps = machine.maps.flatMap((map, index): MapPreset[] =>
    start.listed(index, 'changed').entries.map(({ key, value }) => ({
      map: map.definition.name,
      key,
      ...(value !== null && { value }),
    })),
  );
  const build = present(session.build, 'the machine of a filter');
  const all = [...inputs.maps, ...maps];
  return { inputs: { ...inputs, maps: all }, origin: { build, image: machine.save(), maps: all } };
}

/** Packets that are read at once. */
const READ = 4096;

/** Frames of the packets that were judged from a place on, as many as are read together. */
async function framesFrom({ source }: LiveChain, judged: NumberColumn, at: number, packet: number) {
  const first = judged.at(at);
  const flow = await source.read(first, first + READ);
  const places: number[] = [];
  // Numbers rise, but for packets that a buffer held: those are read anew.
  for (let next = at; next < judged.length; next++) {
    const place = judged.at(next) - first;
    const before = places.at(-1) ?? -1;
    if (judged.at(next) === packet || place <= before || place >= flowCount(flow)) break;
    places.push(place);
  }
  return { frames: someOf(flow, places).frames, count: places.length };
}
