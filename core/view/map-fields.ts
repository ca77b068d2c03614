import { fromHex, toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import type { LoadedObject, MapDefinition } from '../object/types.ts';
import type { MapFields, MapPart, ValueView } from '../protocol/messages.ts';
import { mapContents } from '../session/outcome.ts';
import { finish, type Session, type Work } from '../session/session.ts';
import type { CValue } from '../source/c-value.ts';
import { changedBytes } from '../source/changed-bytes.ts';
import { parseExpression } from '../source/expression.ts';
import { MOST_ROWS, valueView } from '../source/value-view.ts';
import { mapBytes } from './map-text.ts';

/** One member or element, in C: `value.hits`, `key.ports[1]`; and what a person typed for it. */
export interface FieldChange {
  readonly expression: string;
  readonly text: string;
}

const typeOf = ({ keyType, valueType }: MapDefinition, part: MapPart): number | undefined =>
  part === 'key' ? keyType : valueType;

/** A key or a value as C sees it, known by the part's own name. */
function partValue(
  { btf }: LoadedObject,
  definition: MapDefinition,
  part: MapPart,
  bytes: Uint8Array,
): CValue {
  const type = typeOf(definition, part);
  if (btf === undefined || type === undefined)
    throw new InputError(
      `${part} of map "${definition.name}"`,
      'has no type in the BTF of the object: compile with -g',
    );
  return { types: btf, type, bytes };
}

/** Members that lie in the bytes themselves, not behind a pointer in them. */
const isInside = (expression: string): boolean => /^[\w.[\]]+$/.test(expression);

const withEditing = (view: ValueView): ValueView => ({
  ...view,
  editable: view.held && view.children === undefined && isInside(view.expression),
  ...(view.children && { children: view.children.map(withEditing) }),
});

/** The bytes of a part with one of its members changed; InputError where that cannot be. */
export function withField(
  machine: Machine,
  object: LoadedObject,
  definition: MapDefinition,
  part: MapPart,
  bytes: Uint8Array,
  { expression, text }: FieldChange,
): Uint8Array {
  const whole = partValue(object, definition, part, bytes.slice());
  const field = parseExpression(expression).value?.(machine, (name) =>
    name === part ? whole : undefined,
  );
  if (field === undefined || !isInside(expression))
    throw new InputError(expression, `is no member of the ${part} of map "${definition.name}"`);
  whole.bytes.set(
    changedBytes(machine, field, expression, text),
    field.bytes.byteOffset - whole.bytes.byteOffset,
  );
  return whole.bytes;
}

/**
 * A key or value that is being typed, as its members; `typed` is what stands in its field, nothing
 * for zeros. With a change, that is made first.
 */
export function mapFields(
  machine: Machine,
  object: LoadedObject,
  definition: MapDefinition,
  part: MapPart,
  typed: string,
  change: FieldChange | undefined,
): MapFields {
  const size = part === 'key' ? definition.keySize : definition.valueSize;
  const place = `${part} of map "${definition.name}"`;
  const hex =
    typed.trim() === ''
      ? '00'.repeat(size)
      : mapBytes(typed, size, object.endian === 'little', place);
  const before = fromHex(hex)!;
  const bytes = change ? withField(machine, object, definition, part, before, change) : before;
  const value = partValue(object, definition, part, bytes);
  const tree = valueView({ machine, left: MOST_ROWS }, part, part, value);
  return { kind: 'map-fields', bytes: toHex(bytes), tree: withEditing(tree) };
}

/** Which value of an entry: that of a CPU, else the one the running CPU sees. */
export interface EntryOf {
  readonly map: string;
  readonly key: string;
  readonly cpu?: number;
}

/** The value of an entry at this step. */
export function entryNow({ machine }: Session, { map, key, cpu }: EntryOf): Uint8Array {
  const index = machine?.maps.findIndex(({ definition }) => definition.name === map) ?? -1;
  const entry =
    index < 0
      ? undefined
      : mapContents(machine!, index).entries.find((one) => toHex(one.key) === key);
  const value = cpu === undefined ? entry?.value : entry?.perCpu?.[cpu];
  if (value === undefined) throw new InputError(`${map}[${key}]`, 'is not there at this step');
  return value;
}

/**
 * The value of an entry before the run: what a person set, so that members which the program has
 * changed since are not set with it.
 */
export function entryBefore(session: Session, entry: EntryOf): Uint8Array {
  const { cpu: running } = session.inputs.settings;
  const cpuOf = ({ cpu = running }: { readonly cpu?: number }): number => cpu;
  const preset = session.inputs.maps.findLast(
    (one) => one.map === entry.map && one.key === entry.key && cpuOf(one) === cpuOf(entry),
  );
  const set = preset?.value === undefined ? undefined : fromHex(preset.value);
  return set ?? finish(session.replay(readBefore(session, entry)));
}

// biome-ignore lint/correctness/useYield: replay takes work, and this is short
function* readBefore(session: Session, entry: EntryOf): Work<Uint8Array> {
  return entryNow(session, entry);
}
