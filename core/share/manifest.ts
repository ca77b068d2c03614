import * as v from 'valibot';
import { InputError } from '../errors.ts';
import type { ChainObject } from '../netdev/types.ts';
import { HANDED_ON, MOST_HOOK_OBJECTS } from '../session/hook-list-schema.ts';
import { list, name, nanoseconds, uint32 } from '../session/input-schemas.ts';
import type { SessionInputs } from '../session/types.ts';
import { MOST_FILTERS } from '../spec/net-filters.ts';
import { INPUT_FIELDS, type InputField } from './fields.ts';
import { upgraded } from './upgrade.ts';

type FieldName = keyof typeof INPUT_FIELDS;
const ROWS = Object.entries(INPUT_FIELDS) as [FieldName, InputField<unknown>][];

/** What is said of a packet beside its bytes; left out where nothing is. */
const BESIDE = v.strictObject({
  time: v.exactOptional(nanoseconds),
  wireLength: v.exactOptional(uint32),
  handed: v.exactOptional(HANDED_ON),
});

/** Objects beside the session's own; without a length it is that one. */
const objectList = (most: number) =>
  v.optional(
    v.pipe(
      v.array(v.union([v.strictTuple([name]), v.strictTuple([name, uint32])])),
      v.maxLength(most),
    ),
  );

/** The description in a link, of the version that is written. */
const MANIFEST = v.strictObject({
  /** Name and length of bytes. */
  object: v.strictTuple([name, uint32]),
  packets: list(v.union([v.strictTuple([name, uint32]), v.strictTuple([name, uint32, BESIDE])])),
  ...Object.fromEntries(ROWS.map(([input, { schema }]) => [input, v.optional(schema)])),
  /** Of a chain, and of the lists of hooks. */
  objects: objectList(MOST_FILTERS),
  hookObjects: objectList(MOST_HOOK_OBJECTS),
  hash: v.optional(name),
});

type ObjectName = readonly [name: string, length?: number];

export interface Manifest {
  readonly object: readonly [name: string, length: number];
  readonly packets: readonly (readonly [
    name: string,
    length: number,
    beside?: v.InferOutput<typeof BESIDE>,
  ])[];
  readonly objects: readonly ObjectName[];
  readonly hookObjects: readonly ObjectName[];
  /** The other inputs, as their fields write them. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly hash: string;
}

/** The description of a session's inputs; what is as without it is left out. */
export function manifestText(inputs: SessionInputs, hash: string): string {
  const { object, packets } = inputs;
  const written = ROWS.flatMap(([input, { write }]) => {
    const value = inputs[input] === undefined ? undefined : write(inputs[input]);
    return value === undefined ? [] : [[input, value] as const];
  });
  return JSON.stringify({
    object: [object.name, object.bytes.length],
    packets: packets.map(({ name: packet, bytes, ...beside }) =>
      Object.keys(beside).length === 0 ? [packet, bytes.length] : [packet, bytes.length, beside],
    ),
    ...Object.fromEntries(written),
    ...(inputs.chainObjects && { objects: objectNames(inputs.chainObjects, object) }),
    ...(inputs.hookObjects && { hookObjects: objectNames(inputs.hookObjects, object) }),
    ...(hash !== '' && { hash }),
  });
}

const objectNames = (
  objects: readonly ChainObject[],
  own: SessionInputs['object'],
): readonly ObjectName[] =>
  objects.map(({ name: called, bytes }) =>
    bytes === own.bytes ? [called] : [called, bytes.length],
  );

/** Checks a description of any version that is readable. */
export function parseManifest(text: string, version: number, place: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InputError(place, 'is damaged: its description is not JSON');
  }
  const result = v.safeParse(MANIFEST, upgraded(json, version));
  if (result.success) {
    const { objects = [], hookObjects = [], hash = '', ...others } = result.output;
    const { object, packets, ...inputs } = others;
    return { object, packets, objects, hookObjects, inputs, hash };
  }
  const issue = result.issues[0];
  throw new InputError(
    place,
    `is damaged: ${v.getDotPath(issue) ?? 'its description'} is not as expected`,
  );
}

/** The inputs that a description has, but those whose bytes stand behind it. */
export const readInputs = ({ inputs }: Manifest): Partial<SessionInputs> =>
  Object.fromEntries(
    ROWS.filter(([input]) => inputs[input] !== undefined).map(([input, { read }]) => [
      input,
      read(inputs[input]),
    ]),
  );
