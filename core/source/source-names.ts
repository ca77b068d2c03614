import { InputError } from '../errors.ts';
import type { BtfEnum } from '../object/btf/types.ts';
import type { DebugScope } from '../object/dwarf/scopes.ts';
import type { LoadedObject } from '../object/types.ts';
import type { CValue } from './c-value.ts';
import { debugInfoOf } from './debug-scopes.ts';

/**
 * The names of the C source that an object knows: variables of every function, global ones,
 * enumerators.
 */
interface SourceNames {
  readonly variables: ReadonlySet<string>;
  readonly enumerators: ReadonlyMap<string, CValue>;
}

const known = new WeakMap<LoadedObject, SourceNames>();

function addVariables({ variables, scopes }: DebugScope, names: Set<string>): void {
  for (const { name } of variables) names.add(name);
  for (const scope of scopes) addVariables(scope, names);
}

function readNames(object: LoadedObject): SourceNames {
  const info = debugInfoOf(object);
  const variables = new Set(info?.globals.map(({ name }) => name));
  for (const scope of info?.functions ?? []) addVariables(scope, variables);
  for (const { variables: ofMap = [] } of object.maps)
    for (const { name } of ofMap) variables.add(name);
  const enumerators = new Map<string, CValue>();
  const add = (types: CValue['types'], { id, values }: BtfEnum): void => {
    for (const { name, value } of values)
      if (!enumerators.has(name))
        enumerators.set(name, { types, type: id, bytes: new Uint8Array(), number: value });
  };
  for (const type of object.btf?.types ?? [])
    if (type.kind === 'enum' || type.kind === 'enum64') add(object.btf!, type);
  for (const type of info?.enums ?? []) add(info!.types, type);
  return { variables, enumerators };
}

function namesOf(object: LoadedObject): SourceNames {
  const made = known.get(object) ?? readNames(object);
  known.set(object, made);
  return made;
}

/** The value of an enumerator, with its enumeration as the type. */
export const enumeratorNamed = (object: LoadedObject, name: string): CValue | undefined =>
  namesOf(object).enumerators.get(name);

/** Throws InputError where an expression names what the source does not have anywhere. */
export function checkNames(
  { names }: { readonly names: readonly string[] },
  object: LoadedObject,
  place: string,
): void {
  const { variables, enumerators } = namesOf(object);
  const missing = names.find((name) => !variables.has(name) && !enumerators.has(name));
  if (missing === undefined) return;
  const none = variables.size + enumerators.size === 0;
  throw new InputError(
    place,
    none
      ? `there is no "${missing}": the object has no debug information that names variables`
      : `there is no "${missing}" in the source: no variable, and no enumerator`,
  );
}
