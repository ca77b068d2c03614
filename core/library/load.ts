import { InputError } from '../errors.ts';
import { JIT } from '../jit/jit.ts';
import { INTERPRETER } from '../machine/engine.ts';
import { findKernelTypes, unpacked } from '../object/btf/kernel-types.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';
import { Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { type HookName, PROGRAM_TYPES } from '../spec/program-types.ts';
import { LibraryFilter } from './filter.ts';
import type { LoadOptions, Settings } from './types.ts';

const ENGINE = { jit: JIT, interpreter: INTERPRETER };

/** Throws an InputError where the object or its program cannot be run. */
export async function loaded(bytes: Uint8Array, options: LoadOptions): Promise<LibraryFilter> {
  const { engine = 'jit' } = options;
  const inputs = await inputsOf(bytes, options);
  // The program's memory lies in it: each filter has one of its own.
  const linear = new WebAssembly.Memory({ initial: 1 });
  const session = new Session(inputs, linear, await openObject(inputs));
  for (const map of Object.keys(options.mapSizes ?? {}))
    if (!session.object.maps.some((known) => known.name === map))
      throw new InputError('mapSizes', `the object has no map "${map}"`);
  session.runBy(ENGINE[engine] ?? refuse('engine', engine, Object.keys(ENGINE)));
  return new LibraryFilter(session, engine);
}

async function inputsOf(
  bytes: Uint8Array,
  { name = 'program.o', program, hook, mapSizes, kernelTypes, externs, ...others }: LoadOptions,
): Promise<SessionInputs> {
  const { options = {}, context = {}, settings = {} } = others;
  const inputs = inputsFor(name, await unpacked(name, bytes));
  return {
    ...inputs,
    options: Object.entries(options),
    context: Object.entries(context).map(([field, value]) => [field, value.toString()]),
    settings: { ...inputs.settings, ...asSettings(settings) },
    ...(program !== undefined && { program }),
    ...(hook !== undefined && { hook: hookNamed(hook) }),
    ...(mapSizes && { mapSizes: asMapSizes(mapSizes) }),
    ...(externs && { externs: Object.entries(externs) }),
    ...(kernelTypes !== undefined && { kernelTypes: await typesOf(kernelTypes) }),
  };
}

function asSettings({ time, gap, ...others }: Settings): Partial<SessionInputs['settings']> {
  return {
    ...others,
    ...(time !== undefined && { time: time.toString() }),
    ...(gap !== undefined && { gap: gap.toString() }),
  };
}

const asMapSizes = (sizes: Readonly<Record<string, number>>): SessionInputs['mapSizes'] =>
  Object.entries(sizes).map(([map, value]) => ({ map, field: 'max_entries', value }));

async function typesOf(
  types: NonNullable<LoadOptions['kernelTypes']>,
): Promise<NonNullable<SessionInputs['kernelTypes']>> {
  if (typeof types === 'string') return types;
  const bytes = findKernelTypes('kernelTypes', await unpacked('kernelTypes', types));
  if (bytes === undefined)
    throw new InputError('kernelTypes', 'is neither BTF nor a vmlinux with a .BTF section');
  return { name: 'kernelTypes', bytes };
}

const hookNamed = (name: string): HookName =>
  PROGRAM_TYPES.find((row) => row.name === name)?.name ??
  refuse(
    'hook',
    name,
    PROGRAM_TYPES.map((row) => row.name),
  );

function refuse(what: string, name: string, known: readonly string[]): never {
  throw new InputError(what, `there is none called "${name}", there are ${known.join(', ')}`);
}
