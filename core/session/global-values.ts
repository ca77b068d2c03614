import { fromHex, toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { formatValue, readBitField } from '../object/btf/format.ts';
import { parseValue } from '../object/btf/value.ts';
import type { LoadedObject, MapDefinition } from '../object/types.ts';
import type { VariableView } from '../protocol/messages.ts';
import type { Session } from './session.ts';
import type { MapPreset, SessionInputs } from './types.ts';

type Variable = NonNullable<MapDefinition['variables']>[number];

/** The only key of a map of global data. */
const KEY = '00000000';
/** Longer values are for the contents of maps, in and out by files. */
const EDITABLE_BYTES = 256;
/** Values of the kernel are set by their names, so that they count for linking too. */
const OF_THE_KERNEL = new Set(['.kconfig', '.ksyms']);

/** The variables of `.rodata`, `.data` and `.bss` as they are before the run. */
export function variableViews({ object, inputs }: Session): VariableView[] {
  return variableMaps(object).flatMap((map) => {
    const now = valueBefore(map, inputs);
    return map.variables!.map((variable) => {
      const bytes = slice(now, variable);
      return {
        map: map.name,
        name: variable.name,
        declaration: declarationOf(object, variable),
        value: textOf(object, variable, bytes),
        ...(variable.size <= EDITABLE_BYTES && { input: inputOf(object, variable, bytes) }),
        readOnly: map.readOnly ?? false,
        changed: toHex(bytes) !== toHex(slice(map.initialValue!, variable)),
      };
    });
  });
}

/** Maps of the object's own variables. */
export const variableMaps = (object: LoadedObject): MapDefinition[] =>
  object.maps.filter(
    (map) => map.variables !== undefined && map.initialValue && !OF_THE_KERNEL.has(map.name),
  );

const slice = (value: Uint8Array, { offset, size }: Variable): Uint8Array =>
  value.subarray(offset, offset + size);

/** A map's whole value, as the object has it or as it was preset. */
function valueBefore({ name, initialValue }: MapDefinition, { maps }: SessionInputs): Uint8Array {
  const preset = maps.findLast((entry) => entry.map === name && entry.value !== undefined);
  const bytes = preset && fromHex(preset.value!);
  return bytes?.length === initialValue!.length ? bytes : initialValue!;
}

const declarationOf = ({ btf }: LoadedObject, { type, size }: Variable): string =>
  btf && type !== undefined ? btf.declaration(type) : `${size} bytes`;

const spacedHex = (bytes: Uint8Array): string => toHex(bytes).replace(/..(?!$)/g, '$& ');

const textOf = ({ btf, endian }: LoadedObject, { type }: Variable, bytes: Uint8Array): string =>
  btf && type !== undefined ? formatValue(btf, type, bytes, endian).text : spacedHex(bytes);

/** What has to be typed for a value: its text where that says it all, a number, or all bytes. */
function inputOf(object: LoadedObject, variable: Variable, bytes: Uint8Array): string {
  const bits = readBitField({ bytes, endian: object.endian }, 0, variable.size * 8);
  const words = [
    textOf(object, variable, bytes),
    ...(bits !== undefined && variable.size <= 8 ? [`${bits}`] : []),
  ];
  return words.find((text) => says(object, variable, text, bytes)) ?? spacedHex(bytes);
}

function says(
  { btf, endian }: LoadedObject,
  { type, size }: Variable,
  text: string,
  bytes: Uint8Array,
): boolean {
  try {
    return toHex(parseValue(text, { btf, type, size, endian }, '')) === toHex(bytes);
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** The entries set before the run, with a variable set to what `text` says. */
export function withVariable(
  session: Pick<Session, 'object' | 'inputs'>,
  mapName: string,
  variableName: string,
  text: string,
): MapPreset[] {
  const { object, inputs } = session;
  const map = variableMaps(object).find(({ name }) => name === mapName);
  const variable = map?.variables?.find(({ name }) => name === variableName);
  const place = `variable "${variableName}"`;
  if (map === undefined || variable === undefined)
    throw new InputError(place, `is not in ${mapName}`);
  const initial = map.initialValue!;
  const value = valueBefore(map, inputs).slice();
  const { offset, size, type } = variable;
  const { btf, endian } = object;
  const bytes =
    text === '' ? slice(initial, variable) : parseValue(text, { btf, type, size, endian }, place);
  value.set(bytes, offset);
  const others = inputs.maps.filter((preset) => preset.map !== mapName);
  const isInitial = toHex(value) === toHex(initial);
  return isInitial ? others : [...others, { map: mapName, key: KEY, value: toHex(value) }];
}
