import { fromHex, toHex } from '../bytes/hex.ts';
import { InputError, present } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import type { KeyHistory } from '../protocol/traffic.ts';
import { entryValue } from '../session/outcome.ts';
import type { Session } from '../session/session.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { valueText } from '../view/map-view.ts';
import type { Batch } from './batch.ts';
import { CaptureMachine } from './capture-machine.ts';
import type { Rerun } from './errand.ts';

/** Changes of a key that are kept. */
const MOST_CHANGES = 2000;

/** What a key of a map holds behind each packet, as often as that is another than before. */
export function keyHistory({ machine }: Batch, map: string, key: string): Rerun {
  const { session } = machine;
  const index = session.machine.maps.findIndex(({ definition }) => definition.name === map);
  if (index < 0) throw new InputError(`map "${map}"`, 'is not there');
  machine.stand(CaptureMachine.placeAt(0, machine.start));
  const watch = new WatchedKey(session.machine, index, key);
  const changes: KeyHistory['changes'] = [];
  let before = watch.value();
  let isCut = false;
  const note = (packet: number): void => {
    if (changes.length >= MOST_CHANGES) isCut = true;
    else changes.push({ packet, ...(before !== undefined && words(session, index, key, before)) });
  };
  note(-1);
  return {
    what: `history of ${map}`,
    // One by one: the machine is looked at behind each of them.
    complete: function* () {},
    visit: (packet) => {
      const value = isCut ? before : watch.value();
      if (value === before) return;
      before = value;
      note(packet);
    },
    isOver: () => isCut,
    result: (packets, isWhole) => {
      return { kind: 'key-history', map, key, changes, packets, isCut, isWhole: isWhole && !isCut };
    },
  };
}

/** The value of a key, looked at from outside: a lookup would leave traces in the map. */
class WatchedKey {
  private readonly machine: Machine;
  private readonly map: number;
  private readonly key: string;
  private known: number | undefined;

  constructor(machine: Machine, map: number, key: string) {
    this.machine = machine;
    this.map = map;
    this.key = key;
  }

  /** hex; undefined where there is no such entry. */
  value(): string | undefined {
    const { machine, map } = this;
    const { definition } = machine.maps[map];
    if (this.known !== undefined) {
      const bytes = machine.memory.bytes.subarray(this.known, this.known + definition.valueSize);
      return toHex(bytes);
    }
    for (const entry of machine.maps[map].entries()) {
      if (toHex(entry.key) !== this.key) continue;
      // An array's elements never move.
      if (definition.type === MAP_TYPE_ID.array) this.known = entry.value;
      return toHex(entryValue(machine, map, entry));
    }
    return undefined;
  }
}

function words(
  { object, machine }: Session,
  index: number,
  key: string,
  value: string,
): { value: string; text?: string } {
  const [keyBytes, valueBytes] = [key, value].map((hex) => present(fromHex(hex), 'bytes in hex'));
  const { definition } = present(machine, 'the machine of a capture').maps[index];
  const text = valueText(object, machine!, definition, keyBytes, valueBytes);
  return { value, ...(text !== '' && { text }) };
}
