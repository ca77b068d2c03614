import { toHex } from '../bytes/hex.ts';
import { InputError, placedAt } from '../errors.ts';
import type { LoadedObject, MapDefinition } from '../object/types.ts';
import { DEFAULT_SETTINGS } from '../session/defaults.ts';
import { withVariable } from '../session/global-values.ts';
import { runnableSession, Session } from '../session/session.ts';
import { bytesOfTyped, keyPart, type Typing, valuePart } from '../session/typed-bytes.ts';
import type { MapPreset, SessionInputs, TypedBytes } from '../session/types.ts';
import { checkVerdictWord } from '../session/verdict-words.ts';
import { contextFields } from '../spec/contexts.ts';
import { isMapInMap, MAP_TYPE_ID } from '../spec/map-types.ts';
import { programType } from '../spec/program-types.ts';
import type { TestFile } from './file.ts';

/**
 * The inputs of a session that runs the packets of a test file on an object; `base` has the object,
 * and what a test file says nothing of. An InputError where the file asks for what the object does
 * not have.
 */
export function testInputs(
  file: TestFile,
  base: SessionInputs,
  object: LoadedObject,
): SessionInputs {
  const { name } = file;
  const inputs = withGlobals(file, plainInputs(file, base), object);
  const maps = [...inputs.maps, ...presetsOf(file, inputs, object)];
  const session = new Session({ ...inputs, maps }, scratch(), object);
  for (const { packet, verdict } of file.expectations)
    if (verdict !== undefined)
      checkVerdictWord(session.hook, verdict, `${name}: packets[${packet}].expect.verdict`);
  checkNames(name, session);
  return session.inputs;
}

/** Nothing of these sessions is shown: the memory of the page stays with the one that is. */
const scratch = () => new WebAssembly.Memory({ initial: 1 });

/** What stands in the file as it stands in a session. */
function plainInputs(file: TestFile, base: SessionInputs): SessionInputs {
  const { program, hook, network, externs, kernelTypes, settings, each } = file;
  const { object, sources, breakpoints, rules, expressions, watchpoints } = base;
  const types = kernelTypes ?? base.kernelTypes;
  const notes = file.packets.flatMap(({ note }, packet) =>
    note === undefined ? [] : [{ packet, step: 0, text: note }],
  );
  return {
    object,
    sources,
    options: file.options ?? [],
    context: file.context ?? [],
    packets: file.packets.map(({ name, bytes, time }) => ({
      name,
      bytes,
      ...(time !== undefined && { time }),
    })),
    packet: 0,
    step: 0,
    maps: [],
    mapSizes: file.mapSizes ?? [],
    settings: { ...DEFAULT_SETTINGS, ...settings, ...(each === 'fresh' && { each }) },
    breakpoints,
    expectations: [...file.expectations],
    ...(rules && { rules }),
    ...(expressions && { expressions }),
    ...(watchpoints && { watchpoints }),
    ...(notes.length > 0 && { notes }),
    ...(program !== undefined && { program }),
    ...(hook && { hook }),
    ...(network && { network }),
    ...(externs && { externs }),
    ...(types && { kernelTypes: types }),
  };
}

function withGlobals(file: TestFile, inputs: SessionInputs, object: LoadedObject): SessionInputs {
  let { maps } = inputs;
  for (const [variable, text] of file.globals ?? []) {
    const place = `${file.name}: globals.${variable}`;
    const of = object.maps.filter(({ variables }) =>
      variables?.some((one) => one.name === variable),
    );
    const [map, other] = of;
    if (map === undefined) throw new InputError(place, `${object.name} has no such variable`);
    if (other) throw new InputError(place, `is in ${map.name} and in ${other.name}`);
    maps = placedAt(place, () =>
      withVariable({ object, inputs: { ...inputs, maps } }, map.name, variable, text),
    );
  }
  return { ...inputs, maps };
}

/** Values of maps of programs and of maps are names. */
const holdsNames = ({ type }: MapDefinition): boolean =>
  type === MAP_TYPE_ID.prog_array || isMapInMap(type);

function presetsOf(file: TestFile, inputs: SessionInputs, object: LoadedObject): MapPreset[] {
  let typing: Typing | undefined;
  // Members are read by a machine, which is made where there are some.
  const typed = (): Typing => {
    const session = new Session(inputs, scratch(), object);
    session.load();
    typing ??= { object, machine: runnableSession(session).machine };
    return typing;
  };
  return (file.maps ?? []).map(({ map, key, value, cpu }, index) =>
    placedAt(`${file.name}: maps[${index}]`, () => {
      const definition = object.maps.find(({ name }) => name === map);
      const hexOf = (what: 'key' | 'value', bytes: TypedBytes): string => {
        if (definition === undefined) return hexAlone(map, bytes);
        if (what === 'value' && holdsNames(definition)) return String(bytes);
        const part = what === 'key' ? keyPart(definition) : valuePart(definition);
        const by = typeof bytes === 'object' ? typed() : { object };
        return toHex(bytesOfTyped(by, part, bytes));
      };
      return {
        map,
        key: hexOf('key', key),
        ...(value !== null && { value: hexOf('value', value) }),
        ...(cpu !== undefined && { cpu }),
      };
    }),
  );
}

/** Of a map that is made when another one needs it, nothing is known yet. */
function hexAlone(map: string, bytes: TypedBytes): string {
  if (typeof bytes === 'string') return bytes;
  throw new InputError(`map "${map}"`, 'is none of the object: its keys and values are hex');
}

/** Names that a run would not miss. */
function checkNames(file: string, { hook, inputs, object }: Session): void {
  const { context } = programType(hook);
  const fields = context ? contextFields(context).filter(({ editable }) => editable) : [];
  const known = { context: fields, externs: object.externs };
  for (const what of ['context', 'externs'] as const)
    for (const [name] of inputs[what] ?? [])
      if (!known[what].some((one) => one.name === name))
        throw new InputError(
          `${file}: ${what}.${name}`,
          `there is none; there are ${known[what].map((one) => one.name).join(', ') || 'none'}`,
        );
}
