import { fromHex, toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { Machine, Surroundings } from '../machine/machine.ts';
import { type GuestMap, wordBytes } from '../maps/map.ts';
import { isMapOfMaps, type MapOfMaps } from '../maps/map-in-map.ts';
import { ProgArray } from '../maps/prog-array.ts';
import { ERRNO } from '../spec/errno.ts';
import { type Build, checkInner } from './build.ts';
import type { MapPreset, SessionInputs } from './types.ts';

/** Hands a machine its surroundings, and puts the user's entries into its maps. */
export function applyPresets(build: Build, inputs: SessionInputs): void {
  build.machine.surroundings = machineSurroundings(inputs);
  for (const preset of inputs.maps) applyPreset(build, preset);
}

/**
 * The same over a state that packets have left: of the entries those that are not `known` to say
 * what is there. The secret of what a kernel makes at random when it starts is that of its start.
 */
export function presetsOver(
  build: Build,
  inputs: SessionInputs,
  known: readonly MapPreset[],
): void {
  const { seed, next } = build.machine.surroundings;
  build.machine.surroundings = { ...machineSurroundings(inputs), seed, next };
  const isKnown = new Set(known);
  for (const preset of inputs.maps) if (!isKnown.has(preset)) applyPreset(build, preset);
}

function machineSurroundings({ settings }: SessionInputs): Surroundings {
  const { time, seed, cpu, cpus, gap, task, cgroup } = settings;
  if (cpu >= cpus)
    throw new InputError('settings', `there is no CPU ${cpu}, the machine has ${cpus}`);
  return {
    time: BigInt(time),
    random: seed >>> 0 || 1,
    seed,
    cpu,
    cpus,
    gap: BigInt(gap),
    task,
    cgroup: { ids: cgroup.ids.map(BigInt), classid: cgroup.classid },
  };
}

function applyPreset(build: Build, preset: MapPreset): void {
  const { machine } = build;
  const place = `map "${preset.map}"`;
  const map = machine.mapNamed(preset.map);
  if (map === undefined) throw new InputError(place, 'the object has no map of that name');
  if (map.problem !== undefined) throw new InputError(place, `cannot be made: ${map.problem}`);
  const value = preset.value === undefined ? undefined : presetValue(build, map, preset.value);
  putEntry(machine, map, preset, value);
}

/**
 * Puts an entry into a map, without `value` takes it out; InputError where the map does not take
 * it.
 */
export function putEntry(
  machine: Machine,
  map: GuestMap,
  entry: Pick<MapPreset, 'key' | 'cpu'>,
  value: Uint8Array | undefined,
): void {
  const place = `map "${map.definition.name}"`;
  const { cpus } = machine.surroundings;
  const { cpu = machine.surroundings.cpu } = entry;
  if (cpu >= cpus) throw new InputError(place, `there is no CPU ${cpu}, the machine has ${cpus}`);
  const key = exactBytes(entry.key, map.definition.keySize, place, 'key');
  const result = value === undefined ? map.delete(key) : map.update(key, value, 0n, cpu);
  if (result === -ERRNO.E2BIG || result === -ERRNO.ENOSPC)
    throw new InputError(
      place,
      `has no room for ${entry.key === '' ? 'more' : `key ${entry.key}`}`,
    );
  if (result < 0 && result !== -ERRNO.ENOENT)
    throw new InputError(
      place,
      `key ${entry.key} cannot be ${value === undefined ? 'taken out' : 'put in'}`,
    );
}

/**
 * Presets with one more: it takes the place of the one for its key, so that maps that others need
 * stay before them.
 */
export function withPreset(presets: readonly MapPreset[], added: MapPreset): MapPreset[] {
  const replaces = ({ map, key, cpu }: MapPreset): boolean =>
    map === added.map && key === added.key && (cpu === added.cpu || added.value === undefined);
  const at = added.key === '' ? -1 : presets.findIndex(replaces);
  if (at < 0) return [...presets, added];
  return presets.flatMap((preset, i) => (i === at ? [added] : replaces(preset) ? [] : [preset]));
}

/**
 * What maps hold with the slots of one filled, programs in the order of their sections. Where there
 * is one program too many, the selected one is left out: it begins the chain.
 */
export function withFilledSlots(
  machine: Machine,
  presets: readonly MapPreset[],
  name: string,
): MapPreset[] {
  const map = machine.mapNamed(name);
  if (!(map instanceof ProgArray)) throw new InputError(`map "${name}"`, 'holds no programs');
  const { maxEntries } = map.definition;
  const isTight = map.takes.length === maxEntries + 1;
  const programs = isTight ? map.takes.filter((number) => number !== 0) : map.takes;
  return programs.slice(0, maxEntries).reduce<MapPreset[]>(
    (filled, number, index) =>
      withPreset(filled, {
        map: name,
        key: toHex(wordBytes(index, machine.memory.littleEndian)),
        value: machine.code.programs[number].name,
      }),
    [...presets],
  );
}

/** Bytes of just that width. */
export function exactBytes(hex: string, size: number, place: string, what: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new InputError(place, `${what} "${hex.slice(0, 40)}" is not hex`);
  if (bytes.length !== size)
    throw new InputError(
      place,
      `${what} has ${size} bytes, "${hex.slice(0, 40)}" has ${bytes.length}`,
    );
  return bytes;
}

/** A preset's value; in a map of programs or of maps it is a name. */
function presetValue(build: Build, map: GuestMap, text: string): Uint8Array {
  const { name, valueSize } = map.definition;
  const { littleEndian } = build.machine.memory;
  if (isMapOfMaps(map)) return wordBytes(innerMap(build, map, text) + 1, littleEndian);
  if (map instanceof ProgArray) return programValue(build.machine, map, text);
  return exactBytes(text, valueSize, `map "${name}"`, 'value');
}

/** What a prog array holds for the program of that name. */
export function programValue(machine: Machine, map: ProgArray, text: string): Uint8Array {
  const place = `map "${map.definition.name}"`;
  const number = machine.code.programs.findIndex(({ name }) => name === text);
  if (number < 0)
    throw new InputError(place, `there is no program "${text}" that could be called from here`);
  if (!map.takes.includes(number))
    throw new InputError(
      place,
      `program "${text}" is of another type than the programs that call through the map`,
    );
  return wordBytes(number + 1, machine.memory.littleEndian);
}

/** Number of the map of that name; one that is not there is made like the outer map's template. */
function innerMap(build: Build, outer: MapOfMaps, name: string): number {
  const { maps } = build.machine;
  const known = maps.findIndex((map) => map.definition.name === name);
  if (known < 0) {
    build.addMap({ ...outer.inner, name });
    return maps.length - 1;
  }
  checkInner(outer, maps[known]);
  return known;
}
