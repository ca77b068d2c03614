import { fromHex, toHex } from '../bytes/hex.ts';
import { type Json, type JsonObject, jsonObject, jsonText } from '../bytes/json.ts';
import { InputError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { valueJson } from '../object/btf/json.ts';
import type { LoadedObject, MapDefinition } from '../object/types.ts';
import { type MapContents, mapContents } from '../session/outcome.ts';
import type { MapPreset } from '../session/types.ts';
import { isMapInMap, MAP_TYPE_ID, mapTypeName } from '../spec/map-types.ts';
import { nameInValue } from './map-names.ts';

/**
 * Types that libbpf creates without BTF, so that bpftool has nothing to format by (libbpf.c,
 * bpf_object__create_map).
 */
const WITHOUT_BTF = new Set([
  'perf_event_array',
  'cgroup_array',
  'stack_trace',
  'array_of_maps',
  'hash_of_maps',
  'devmap',
  'devmap_hash',
  'cpumap',
  'xskmap',
  'sockmap',
  'sockhash',
  'queue',
  'stack',
  'arena',
]);

const byteList = (bytes: Uint8Array): Json =>
  Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, '0')}`);
const perCpuList = (values: readonly Uint8Array[], json: (value: Uint8Array) => Json): Json =>
  values.map((value, cpu) => jsonObject(['cpu', cpu], ['value', json(value)]));

/**
 * A map's contents as `bpftool -j map dump` writes them: bytes, and `formatted` where the types are
 * known. What has no keys is a list of values; programs and maps in maps stand there by name, as a
 * kernel's ids mean nothing here.
 */
export function exportMap(object: LoadedObject, machine: Machine, index: number): string {
  const { definition } = machine.maps[index];
  return jsonText(
    mapContents(machine, index).entries.map((entry) =>
      entryJson(object, machine, definition, entry),
    ),
  );
}

type Entry = MapContents['entries'][number];

function entryJson(
  object: LoadedObject,
  machine: Machine,
  definition: MapDefinition,
  entry: Entry,
): JsonObject {
  const { key, value, perCpu } = entry;
  const fields: [string, Json][] = [];
  if (definition.keySize > 0) fields.push(['key', byteList(key)]);
  if (perCpu) fields.push(['values', perCpuList(perCpu, byteList)]);
  else if (holdsNames(definition))
    fields.push(['value', nameInValue(machine, definition, key, value) ?? '']);
  else fields.push(['value', byteList(value)]);
  const formatted = formattedEntry(object, definition, entry);
  if (formatted) fields.push(['formatted', formatted]);
  return jsonObject(...fields);
}

const holdsNames = ({ type }: MapDefinition): boolean =>
  type === MAP_TYPE_ID.prog_array || isMapInMap(type);

function formattedEntry(
  { btf, endian }: LoadedObject,
  definition: MapDefinition,
  { key, value, perCpu }: Entry,
): JsonObject | undefined {
  if (btf === undefined || WITHOUT_BTF.has(mapTypeName(definition.type))) return undefined;
  const json = (type: number, bytes: Uint8Array): Json => valueJson(btf, type, bytes, endian);
  if (definition.origin === 'global') {
    const variables = (definition.variables ?? []).flatMap(({ name, offset, size, type }) =>
      type === undefined
        ? []
        : [jsonObject([name, json(type, value.subarray(offset, offset + size))])],
    );
    return variables.length > 0
      ? jsonObject(['value', jsonObject([definition.section, variables])])
      : undefined;
  }
  const { keyType, valueType } = definition;
  if (keyType === undefined || valueType === undefined) return undefined;
  const values: [string, Json] = perCpu
    ? ['values', perCpuList(perCpu, (bytes) => json(valueType, bytes))]
    : ['value', json(valueType, value)];
  return jsonObject(['key', json(keyType, key)], values);
}

/**
 * The presets that give a map the contents of a dump. `formatted` is not looked at: bytes say it
 * exactly.
 */
export function importMap(definition: MapDefinition, text: string): MapPreset[] {
  const place = `contents of map "${definition.name}"`;
  let dump: unknown;
  try {
    dump = JSON.parse(text);
  } catch {
    throw new InputError(place, 'is not JSON as `bpftool -j map dump` writes it');
  }
  if (!Array.isArray(dump))
    throw new InputError(place, 'is not a list of entries as `bpftool -j map dump` writes it');
  return dump.flatMap((entry: unknown, i) => presetsOf(definition, entry, `${place}, entry ${i}`));
}

function presetsOf({ name, keySize }: MapDefinition, entry: unknown, place: string): MapPreset[] {
  const { key, value, values } = fieldsOf(entry, place);
  const base = { map: name, key: keySize === 0 ? '' : hexOf(key, `${place}, key`) };
  if (Array.isArray(values)) {
    return values.map((one: unknown) => {
      const { cpu, value: bytes } = fieldsOf(one, place);
      if (typeof cpu !== 'number' || !Number.isInteger(cpu) || cpu < 0)
        throw new InputError(place, 'a value has no "cpu"');
      return { ...base, value: hexOf(bytes, `${place}, value of CPU ${cpu}`), cpu };
    });
  }
  if (typeof value === 'string' && fromHex(value) === undefined) return [{ ...base, value }];
  // bpftool says so of slots that are empty.
  if (value !== null && typeof value === 'object' && 'error' in value) return [];
  return [{ ...base, value: hexOf(value, `${place}, value`) }];
}

function fieldsOf(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (value === null || typeof value !== 'object') throw new InputError(place, 'is not an object');
  return value as Readonly<Record<string, unknown>>;
}

/** Bytes as bpftool lists them, `["0x01","0x00"]`; numbers and plain hex are taken too. */
function hexOf(value: unknown, place: string): string {
  if (typeof value === 'string') {
    const bytes = fromHex(value);
    if (bytes) return toHex(bytes);
  }
  if (!Array.isArray(value))
    throw new InputError(place, 'is not a list of bytes such as ["0x01","0x00"]');
  return toHex(
    Uint8Array.from(value, (item: unknown) => {
      const byte = Number(item);
      if (!Number.isInteger(byte) || byte < 0 || byte > 255 || item === '')
        throw new InputError(place, `${JSON.stringify(item)} is not a byte`);
      return byte;
    }),
  );
}
