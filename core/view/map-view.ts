import { toHex } from '../bytes/hex.ts';
import type { Endian } from '../bytes/reader.ts';
import type { Machine } from '../machine/machine.ts';
import { EVER_READ } from '../machine/recorder.ts';
import { isBuilt, whyNotBuilt } from '../maps/create.ts';
import { firstWord, roundUp8, valuesPerEntry } from '../maps/map.ts';
import { ProgArray } from '../maps/prog-array.ts';
import type { Btf } from '../object/btf/btf.ts';
import { formatValue } from '../object/btf/format.ts';
import type { LoadedObject, MapDefinition } from '../object/types.ts';
import type { MapEntryView, MapPart, MapView } from '../protocol/messages.ts';
import { whyNotFilled } from '../session/fill-map.ts';
import { mapContents } from '../session/outcome.ts';
import { isMapInMap, MAP_TYPE_ID, mapTypeName } from '../spec/map-types.ts';
import { nameInValue } from './map-names.ts';

/** Entries of a map that are sent to the page. */
const SHOWN = 256;

/**
 * Texts of keys and values that were shown: most are shown again after the next step, and a type
 * takes ten times as long to go through. Bounded in how many there are and how long.
 */
const texts = new WeakMap<Btf, Map<string, string>>();
const MOST_TEXTS = 4096;
const LONGEST_KEPT = 256;

function formatted(btf: Btf, type: number, bytes: Uint8Array, endian: Endian): string {
  if (bytes.length > LONGEST_KEPT) return formatValue(btf, type, bytes, endian).text;
  const known = texts.get(btf) ?? new Map<string, string>();
  texts.set(btf, known);
  const name = `${type} ${toHex(bytes)}`;
  const text = known.get(name) ?? formatValue(btf, type, bytes, endian).text;
  if (known.size >= MOST_TEXTS) known.clear();
  known.set(name, text);
  return text;
}

function typedText(
  btf: Btf | undefined,
  type: number | undefined,
  bytes: Uint8Array,
  endian: Endian,
): string {
  if (btf !== undefined && type !== undefined) return formatted(btf, type, bytes, endian);
  if (![1, 2, 4, 8].includes(bytes.length)) return '';
  const ordered = endian === 'little' ? bytes.slice().reverse() : bytes;
  return BigInt(`0x${toHex(ordered)}`).toString();
}

/** The C type of a map's keys or values, or how many bytes they have. */
export const typeOfPart = (btf: Btf | undefined, type: number | undefined, size: number): string =>
  btf !== undefined && type !== undefined
    ? btf.declaration(type)
    : `${size} ${size === 1 ? 'byte' : 'bytes'}`;

function globalText(
  definition: MapDefinition,
  btf: Btf | undefined,
  bytes: Uint8Array,
  endian: Endian,
): string {
  const parts = (definition.variables ?? []).map(({ name, offset, size, type }) => {
    const text = typedText(btf, type, bytes.subarray(offset, offset + size), endian);
    return `${name} = ${text || toHex(bytes.subarray(offset, offset + Math.min(size, 16)))}`;
  });
  return parts.join(', ');
}

/** A value as people read it: by its type, or what it names. */
export function valueText(
  { btf, endian }: LoadedObject,
  machine: Machine,
  definition: MapDefinition,
  key: Uint8Array,
  value: Uint8Array,
): string {
  if (definition.origin === 'global') return globalText(definition, btf, value, endian);
  return (
    nameInValue(machine, definition, key, value) ??
    typedText(btf, definition.valueType, value, endian)
  );
}

/** A map as it is now; `initial` is what it held before the run, key in hex to value in hex. */
export function mapView(
  object: LoadedObject,
  machine: Machine,
  index: number,
  initial: ReadonlyMap<string, string>,
): MapView {
  const map = machine.maps[index];
  const { definition } = map;
  const { btf, endian } = object;
  const contents = mapContents(machine, index, SHOWN);
  const touched = touchedValues(machine, index);
  const entries = contents.entries.map(({ key, value, perCpu }, position): MapEntryView => {
    const keyHex = toHex(key);
    const valueHex = toHex(value);
    return {
      key: keyHex,
      keyText: keyText(btf, definition, key, endian),
      value: valueHex,
      valueText: valueText(object, machine, definition, key, value),
      ...(perCpu && { perCpu: perCpu.map(toHex) }),
      changed: initial.get(keyHex) !== valueHex,
      read: touched.get(position) === 'read',
      written: touched.get(position) === 'write',
    };
  });
  return {
    name: definition.name,
    type:
      mapTypeName(definition.type) +
      (isBuilt(definition) ? '' : ` (known, not built here: ${whyNotBuilt(definition)})`),
    keyDeclaration: typeOfPart(btf, definition.keyType, definition.keySize),
    valueDeclaration: typeOfPart(btf, definition.valueType, definition.valueSize),
    keySize: definition.keySize,
    valueSize: definition.valueSize,
    maxEntries: definition.maxEntries,
    ...(map.problem !== undefined && { problem: map.problem }),
    entries,
    total: entries.length < SHOWN ? entries.length : countEntries(machine, index),
    typed: typedParts(object, definition),
    ...(map instanceof ProgArray && {
      programs: map.takes.map((number) => machine.code.programs[number].name),
    }),
    editable: isBuilt(definition) && map.problem === undefined && definition.keySize > 0,
    fillable: whyNotFilled(map, machine.surroundings.cpus) === undefined,
  };
}

/**
 * Global variables have names of their own, and what stands for a program or a map has no members.
 */
function typedParts({ btf }: LoadedObject, definition: MapDefinition): MapPart[] {
  const { origin, type, keyType, valueType } = definition;
  if (btf === undefined || origin === 'global' || type === MAP_TYPE_ID.prog_array) return [];
  const parts = { key: keyType, value: isMapInMap(type) ? undefined : valueType };
  return (['key', 'value'] as const).filter((part) => parts[part] !== undefined);
}

/** What has no key is known by its place. */
export function keyText(
  btf: Btf | undefined,
  definition: MapDefinition,
  key: Uint8Array,
  endian: Endian,
): string {
  if (definition.keySize > 0) return typedText(btf, definition.keyType, key, endian);
  return (
    `${definition.type === MAP_TYPE_ID.ringbuf ? 'at ' : '#'}` +
    `${firstWord(key, endian === 'little')}`
  );
}

function countEntries({ maps }: Machine, index: number): number {
  const { count } = maps[index];
  if (count !== undefined) return count;
  let counted = 0;
  for (const _ of maps[index].entries()) counted += 1;
  return counted;
}

/** Entries (by position) whose value the last step read or wrote. */
function touchedValues(machine: Machine, index: number): Map<number, 'read' | 'write'> {
  const found = new Map<number, 'read' | 'write'>();
  const { recorder } = machine;
  const map = machine.maps[index];
  if (!recorder || recorder.count === 0) return found;
  const values = valuesPerEntry(map.definition, machine.surroundings.cpus);
  let position = 0;
  for (const { value, size = map.definition.valueSize } of map.entries()) {
    const span = roundUp8(size) * values;
    for (let n = 0; n < recorder.count; n++) {
      const at = recorder.at[n];
      if (at >= value && at < value + span)
        found.set(position, recorder.kind[n] === EVER_READ ? 'read' : 'write');
    }
    position += 1;
    if (position >= SHOWN) break;
  }
  return found;
}
