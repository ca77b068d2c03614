import { fromHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { SessionInputs } from '../protocol/messages.ts';
import { ERRNO } from '../spec/errno.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import type { Build } from './build.ts';

/** Hands a machine its surroundings, and puts the user's entries into its maps. */
export function applyPresets(build: Build, inputs: SessionInputs): void {
  const { machine } = build;
  machine.surroundings = {
    time: BigInt(inputs.settings.time),
    random: inputs.settings.seed >>> 0 || 1,
    cpu: inputs.settings.cpu,
  };
  for (const preset of inputs.maps) {
    const map = machine.maps.find((candidate) => candidate.definition.name === preset.map);
    if (map === undefined) throw new InputError(`map "${preset.map}"`, 'the object has no map of that name');
    const key = exactBytes(preset.key, map.definition.keySize, `map "${preset.map}"`, 'key');
    const value = preset.value === undefined ? undefined : presetValue(build, map.definition, preset.value);
    const result = value === undefined ? map.delete(key) : map.update(key, value, 0n, machine.surroundings.cpu);
    if (result === -ERRNO.E2BIG || result === -ERRNO.ENOSPC)
      throw new InputError(`map "${preset.map}"`, `has no room for key ${preset.key}`);
    if (result < 0 && result !== -ERRNO.ENOENT)
      throw new InputError(
        `map "${preset.map}"`,
        `key ${preset.key} cannot be ${value === undefined ? 'taken out' : 'put in'}`,
      );
  }
}

function exactBytes(hex: string, size: number, place: string, what: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new InputError(place, `${what} "${hex.slice(0, 40)}" is not hex`);
  if (bytes.length !== size)
    throw new InputError(place, `${what} has ${size} bytes, "${hex.slice(0, 40)}" has ${bytes.length}`);
  return bytes;
}

/** A preset's value; in a prog array it is a program's name. */
function presetValue(
  build: Build,
  definition: { name: string; type: number; valueSize: number },
  text: string,
): Uint8Array {
  if (definition.type !== MAP_TYPE_ID.prog_array)
    return exactBytes(text, definition.valueSize, `map "${definition.name}"`, 'value');
  const number = build.programNames.indexOf(text);
  if (number < 0) throw new InputError(`map "${definition.name}"`, `there is no program "${text}"`);
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number + 1, build.machine.memory.littleEndian);
  return bytes;
}
