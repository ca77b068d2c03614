import { present } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { isMapOfMaps } from '../maps/map-in-map.ts';
import { ProgArray } from '../maps/prog-array.ts';
import { SocketMap } from '../maps/sockets.ts';
import type { Packet } from '../packet/types.ts';
import { finish, Session, type SessionOrigin } from '../session/session.ts';
import type { CapturePlace, MapPreset, SessionInputs } from '../session/types.ts';
import { MapStart } from '../view/map-changes.ts';
import type { Batch } from './batch.ts';
import { CaptureMachine } from './capture-machine.ts';

/** A packet as an input: what a capture said of it beside its bytes goes along. */
export const sessionPacket = ({
  name,
  bytes,
  timestamp,
  originalLength,
}: Packet): SessionInputs['packets'][number] => ({
  name,
  bytes: bytes.slice(),
  ...(timestamp !== undefined && isTime(timestamp) && { time: String(timestamp) }),
  ...(originalLength !== undefined && { wireLength: originalLength }),
});

/** A damaged capture may say any time; one behind the year 2286 is none. */
const isTime = (nanoseconds: bigint): boolean => nanoseconds >= 0n && nanoseconds < 10n ** 19n;

/** A session of one packet of a capture, and where it begins. */
export interface OpenedPacket {
  readonly inputs: SessionInputs;
  readonly origin: SessionOrigin;
}

/**
 * The session of one packet: its inputs say, as far as inputs can, what the packets in front of it
 * left in maps, clock and chance; its origin is just that. `place`: the machine in front of it.
 */
export function openedPacket(
  batch: Batch,
  place: ReturnType<Batch['near']>,
  packet: Packet,
  name: string,
): OpenedPacket {
  const { machine, inputs } = batch;
  const image = machine.arriveAt(place);
  const { time, random } = image.surroundings;
  const { edits: _edits, notes: _notes, expectations: _expectations, ...others } = inputs;
  const maps = [...inputs.maps, ...changedEntries(batch, place)];
  const at: CapturePlace = { name, packet: place.packet + 1 };
  const whole: SessionInputs = {
    ...others,
    maps,
    packets: [sessionPacket(packet)],
    packet: 0,
    step: 0,
    settings: { ...inputs.settings, time: time.toString(), seed: random },
    capture: at,
  };
  machine.leave();
  const origin = { build: present(machine.session.build, 'the machine of a batch'), image, maps };
  const isWhole = hashOf(batch, whole) === hashOf(batch, whole, origin);
  return { inputs: { ...whole, capture: isWhole ? at : { ...at, partial: true } }, origin };
}

/** What the packet comes to: with presets alone, or from its origin. */
function hashOf({ machine, engine }: Batch, inputs: SessionInputs, origin?: SessionOrigin): string {
  const {
    object,
    machine: { memory },
  } = machine.session;
  const session = new Session(inputs, memory.linear, object);
  session.runBy(engine);
  if (origin) session.startFrom(origin);
  finish(session.prepareSelected());
  return session.problem ?? finish(session.hash());
}

/** Entries that are not as at the start, as presets; of very many none. */
function changedEntries(batch: Batch, place: ReturnType<Batch['near']>): MapPreset[] {
  const { machine } = batch;
  const start = CaptureMachine.placeAt(0, machine.start);
  machine.stand(start);
  const before = new MapStart(machine.session.machine, machine.session.startMemory);
  machine.stand(place);
  return machine.session.machine.maps.flatMap((map, index) => {
    if (!canBePreset(map)) return [];
    const { entries } = before.listed(index, 'changed');
    return entries.map(({ key, value }) => ({
      map: map.definition.name,
      key,
      ...(value !== null && { value }),
    }));
  });
}

/** Not where a value stands for something of this machine, or there are no keys. */
const canBePreset = (map: Machine['maps'][number]): boolean =>
  map.definition.keySize > 0 &&
  map.problem === undefined &&
  !(map instanceof ProgArray || map instanceof SocketMap || isMapOfMaps(map));
