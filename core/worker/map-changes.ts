import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { MapDefinition } from '../object/types.ts';
import type { MapFields, MapFile, Wish } from '../protocol/messages.ts';
import { withPreset } from '../session/presets.ts';
import { runnableSession, type Session } from '../session/session.ts';
import type { EditTarget, MapPreset } from '../session/types.ts';
import { isMapInMap, MAP_TYPE_ID } from '../spec/map-types.ts';
import { entryBefore, entryNow, mapFields, withField } from '../view/map-fields.ts';
import { exportMap, importMap } from '../view/map-json.ts';
import { mapBytes } from '../view/map-text.ts';

type MapWish<Type extends Wish['type']> = Omit<Extract<Wish, { type: Type }>, 'type'>;

/** A map of the object, or one that a preset made. */
export function mapDefinition({ machine, object }: Session, name: string): MapDefinition {
  const made = machine?.maps.map((map) => map.definition) ?? object.maps;
  const map = made.find((candidate) => candidate.name === name);
  if (map === undefined) throw new InputError(`map "${name}"`, 'does not exist');
  return map;
}

/** The key and value of a map's entry in hex, whatever a person typed. */
export function editInBytes(
  session: Session,
  target: EditTarget,
  value: string,
): { target: EditTarget; value: string } {
  if (target.kind !== 'map') return { target, value };
  const { type, keySize, valueSize } = mapDefinition(session, target.map);
  const little = session.object.endian === 'little';
  const place = (what: string): string => `${what} of map "${target.map}"`;
  return {
    target: { ...target, key: mapBytes(target.key, keySize, little, place('key')) },
    value:
      value === '' || type === MAP_TYPE_ID.prog_array
        ? value
        : mapBytes(value, valueSize, little, place('value')),
  };
}

/** Entries before the run with one more, or without a value one less. */
export function withEntry(
  session: Session,
  { map: name, key, value, cpu }: Partial<MapWish<'set-map-entry'>> & { map: string; key: string },
): MapPreset[] {
  const map = mapDefinition(session, name);
  const little = session.object.endian === 'little';
  const isName = map.type === MAP_TYPE_ID.prog_array || isMapInMap(map.type);
  const valueHex =
    value === undefined || isName
      ? value
      : mapBytes(value, map.valueSize, little, `value of map "${name}"`);
  return withPreset(session.inputs.maps, {
    map: name,
    key: mapBytes(key, map.keySize, little, `key of map "${name}"`),
    ...(valueHex !== undefined && { value: valueHex }),
    ...(cpu !== undefined && { cpu }),
  });
}

/** An entry as a change of one member makes it; the value in hex. */
export function entryWithField(
  session: Session,
  { map, key: typed, cpu, expression, text, before }: MapWish<'set-map-field'>,
): { map: string; key: string; cpu?: number; value: string } {
  const { machine, object } = runnableSession(session);
  const definition = mapDefinition(session, map);
  const little = object.endian === 'little';
  const key = mapBytes(typed, definition.keySize, little, `key of map "${map}"`);
  const entry = { map, key, ...(cpu !== undefined && { cpu }) };
  const bytes = before ? entryBefore(session, entry) : entryNow(session, entry);
  const value = withField(machine, object, definition, 'value', bytes, { expression, text });
  return { ...entry, value: toHex(value) };
}

/** Members of a key or value that is being put together. */
export function typedFields(session: Session, wish: MapWish<'map-fields'>): MapFields {
  const { machine, object } = runnableSession(session);
  const definition = mapDefinition(session, wish.map);
  return mapFields(machine, object, definition, wish.part, wish.typed, wish.change);
}

export function exportedMap({ machine, object }: Session, name: string): MapFile {
  const index = machine?.maps.findIndex((map) => map.definition.name === name) ?? -1;
  if (machine === undefined || index < 0) throw new InputError(`map "${name}"`, 'does not exist');
  return { kind: 'map-file', name: `${name}.json`, text: exportMap(object, machine, index) };
}

/** In place of what was set for the map before. */
export const withImported = (session: Session, name: string, text: string): MapPreset[] => [
  ...session.inputs.maps.filter((preset) => preset.map !== name),
  ...importMap(mapDefinition(session, name), text),
];
