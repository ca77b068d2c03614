/** The session of a packet at one program of a list, as the programs in front of it left it. */
import { InputError, present } from '../errors.ts';
import type { GivenPacket } from '../session/handed-on.ts';
import { finish, type SessionOrigin } from '../session/session.ts';
import type { MapPreset, SessionInputs, SessionPacket } from '../session/types.ts';
import type { Drive } from '../traffic/errand.ts';
import { MapStart } from '../view/map-changes.ts';
import { flowCount, flowFrame } from './flow.ts';
import { inAskedOrder, isAttached, placeOfProgram, settledPrograms } from './hook-list.ts';
import { inputsOfHookProgram } from './hook-machine.ts';
import { HookRun, type HookRunParts } from './hook-run.ts';
import type { OpenedDrop } from './open-drop.ts';
import type { ChainSource } from './source.ts';

export interface HookPacketPlace {
  /** Id of the program. */
  readonly id: string;
  /** Of the source, from 0 on. */
  readonly packet: number;
}

export interface OpenHookParts extends HookRunParts {
  readonly source: ChainSource;
  /** Where the session's machine is. */
  readonly linear: WebAssembly.Memory;
  readonly drive: Drive;
}

/** Packets that are run at once. */
const PIECE = 512;

/**
 * Undefined where the way there was stopped; an InputError where the packet does not come to the
 * program. Of a session's packets all that come to it are those of the new one; of a capture's the
 * one alone, at the state that the others left.
 */
export async function openedHookPacket(
  place: HookPacketPlace,
  parts: OpenHookParts,
): Promise<OpenedDrop | undefined> {
  return parts.source.packets
    ? openedOfSession(place, parts.source.packets, parts)
    : openedOfCapture(place, parts);
}

/** Where a program is among those that are asked. */
function askedAt({ whole, loadedOf }: OpenHookParts, id: string): number {
  const at = inAskedOrder(settledPrograms(whole, loadedOf))
    .filter(isAttached)
    .findIndex(({ entry }) => entry.id === id);
  if (at < 0) throw new InputError(placeOfProgram(id), 'is not attached: switch it on first');
  return at;
}

const doesNotCome = (id: string, packet: number): InputError =>
  new InputError(`packet ${packet + 1}`, `does not come to program ${id}`);

const withHanded = (packet: SessionPacket, { bytes, handed }: GivenPacket): SessionPacket => ({
  ...packet,
  bytes: bytes.slice(),
  ...(handed && { handed }),
});

async function openedOfSession(
  { id, packet }: HookPacketPlace,
  packets: SessionInputs['packets'],
  parts: OpenHookParts,
): Promise<OpenedDrop | undefined> {
  const { drive, whole, session, loadedOf } = parts;
  const at = askedAt(parts, id);
  const run = new HookRun(parts);
  const coming: SessionPacket[] = [];
  let selected = -1;
  for (let from = 0; from < packets.length; from += PIECE) {
    const some = packets.slice(from, from + PIECE);
    const frames = some.map(({ bytes }) => bytes);
    const stopped = await drive(
      (function* () {
        for (const { place, given } of yield* run.comingTo(frames, at)) {
          if (from + place === packet) selected = coming.length;
          coming.push(withHanded(some[place], given));
        }
      })(),
    );
    if (stopped) return undefined;
  }
  if (selected < 0) throw doesNotCome(id, packet);
  const { settled } = run.machines[at];
  const own = inputsOfHookProgram(settled, whole.list, session);
  // The list's clock goes by the gap between packets.
  const isByCapture = session.settings.clock === 'capture';
  const inputs: SessionInputs = {
    ...own,
    packets: isByCapture ? coming.map(({ time: _time, ...one }) => one) : coming,
    packet: selected,
  };
  return { inputs, loaded: loadedOf(settled.object) };
}

async function openedOfCapture(
  { id, packet }: HookPacketPlace,
  parts: OpenHookParts,
): Promise<OpenedDrop | undefined> {
  const { source, drive, whole, session, loadedOf, linear } = parts;
  const at = askedAt(parts, id);
  let made = 0;
  const run = new HookRun({ ...parts, memory: () => (made++ === at ? linear : parts.memory()) });
  const { machine, build, startMemory } = run.machines[at].session;
  const start = new MapStart(machine, startMemory);
  for (let from = 0; from < packet; ) {
    const flow = await source.read(from, Math.min(packet, from + PIECE));
    const frames = Array.from({ length: flowCount(flow) }, (_, i) => flowFrame(flow, i));
    const stopped = await drive(
      (function* () {
        yield* run.take(frames);
      })(),
    );
    if (stopped) return undefined;
    from += frames.length;
  }
  const frame = flowFrame(await source.read(packet, packet + 1), 0);
  const image = machine.save();
  const [coming] = finish(run.comingTo([frame], at));
  if (coming === undefined) throw doesNotCome(id, packet);
  const { settled } = run.machines[at];
  const own = inputsOfHookProgram(settled, whole.list, session);
  const changed = machine.maps.flatMap((map, index): MapPreset[] =>
    start.listed(index, 'changed').entries.map(({ key, value }) => ({
      map: map.definition.name,
      key,
      ...(value !== null && { value }),
    })),
  );
  const maps = [...own.maps, ...changed];
  const inputs: SessionInputs = {
    ...own,
    packets: [withHanded({ name: `${source.name} #${packet + 1}`, bytes: frame }, coming.given)],
    capture: { name: source.name, packet: packet + 1 },
    maps,
  };
  const origin: SessionOrigin = { build: present(build, 'the machine of a program'), image, maps };
  return { inputs, loaded: loadedOf(settled.object), origin };
}
