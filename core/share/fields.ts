import * as v from 'valibot';
import type { MapSize } from '../maps/completion.ts';
import { CHAIN } from '../session/chain-schema.ts';
import { changedSettings, DEFAULT_SETTINGS } from '../session/defaults.ts';
import { EXPECTATION } from '../session/expectation-schemas.ts';
import { HOOK_LISTS } from '../session/hook-list-schema.ts';
import {
  cpu,
  hexText,
  list,
  MAP_SIZE,
  NETWORK,
  name,
  SETTINGS,
  uint32,
} from '../session/input-schemas.ts';
import { MOST_NOTE_TEXT, MOST_NOTES } from '../session/notes.ts';
import { MOST_WATCHED, MOST_WATCHPOINTS } from '../session/travel/watch.ts';
import type { MapPreset, SessionInputs } from '../session/types.ts';
import { PROGRAM_TYPES } from '../spec/program-types.ts';
import { KERNEL_TYPES, readKernelTypes, writeKernelTypes } from './kernel-types.ts';

const register = v.pipe(uint32, v.maxValue(10));
const onCpu = v.exactOptional(cpu);
/** spec/regions.ts */
const REGION = v.variant('kind', [
  v.strictObject({ kind: v.picklist(['packet', 'memory', 'flow-keys']) }),
  v.strictObject({ kind: v.literal('stack'), depth: uint32 }),
  v.strictObject({ kind: v.picklist(['global', 'storage']), map: name, cpu: onCpu }),
  v.strictObject({ kind: v.literal('value'), map: name, at: name, cpu: onCpu }),
  v.strictObject({ kind: v.literal('key'), map: name, at: name }),
  v.strictObject({ kind: v.literal('index'), map: name }),
  v.strictObject({ kind: v.literal('record'), map: name, position: uint32 }),
  v.strictObject({ kind: v.literal('other'), name }),
]);
const offset = v.pipe(v.number(), v.integer());
const WATCHPOINT = v.variant('kind', [
  v.strictObject({ kind: v.literal('register'), index: register }),
  v.strictObject({
    kind: v.literal('memory'),
    region: REGION,
    offset,
    length: v.pipe(uint32, v.minValue(1), v.maxValue(MOST_WATCHED)),
    field: v.exactOptional(name),
  }),
  v.strictObject({ kind: v.literal('map'), map: name, key: hexText }),
]);

const EDIT = v.strictObject({
  packet: uint32,
  step: uint32,
  target: v.variant('kind', [
    v.strictObject({ kind: v.literal('register'), index: register }),
    v.strictObject({ kind: v.literal('memory'), region: REGION, offset }),
    v.strictObject({ kind: v.literal('context'), field: name }),
    v.strictObject({ kind: v.literal('map'), map: name, key: name, cpu: onCpu }),
    v.strictObject({ kind: v.literal('fill'), map: name }),
  ]),
  value: v.pipe(v.string(), v.maxLength(131_072)),
});

const RULE = v.strictObject({
  pc: uint32,
  condition: v.exactOptional(name),
  hits: v.exactOptional(uint32),
  log: v.exactOptional(name),
});

const NOTE = v.strictObject({
  packet: uint32,
  step: uint32,
  text: v.pipe(v.string(), v.maxLength(MOST_NOTE_TEXT)),
});

/** Version 2 has lists of fields instead of names where there may be many. */
const SOURCES = v.pipe(
  v.array(v.strictTuple([name, v.pipe(v.string(), v.maxLength(4 * 1024 * 1024))])),
  v.maxLength(64),
);
const PRESET = v.union([
  v.strictTuple([name, v.string()]),
  v.strictTuple([name, v.string(), v.string()]),
  v.strictTuple([name, v.string(), v.string(), cpu]),
]);
/** A whole map may have been read from a file. */
const PRESETS = v.pipe(v.array(PRESET), v.maxLength(65_536));
const CAPTURE = v.strictObject({
  name,
  packet: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  partial: v.exactOptional(v.literal(true)),
});
const PAIR = v.strictTuple([name, name]);

/** An input as the description in a link has it. */
export interface InputField<Value> {
  /** What a link may say. */
  readonly schema: v.GenericSchema;
  /** Undefined: it is as without it, and left out. */
  readonly write: (value: Value) => unknown;
  /** Of what the schema has let through. */
  readonly read: (written: unknown) => Value;
}

const field = <Value, Schema extends v.GenericSchema>(
  schema: Schema,
  write: (value: Value) => v.InferOutput<Schema> | undefined,
  read: (written: v.InferOutput<Schema>) => Value,
): InputField<Value> => ({
  schema,
  write,
  read: (written) => read(written as v.InferOutput<Schema>),
});

/** Written as it is, unless it is `usual`. */
const plain = <Value>(schema: v.GenericSchema<unknown, Value>, usual?: Value): InputField<Value> =>
  field(
    schema,
    (value) => (value === usual ? undefined : value),
    (written) => written,
  );

/** A list that is left out where it is empty, of elements as they are. */
const many = <Element>(schema: v.GenericSchema<unknown, Element[]>): InputField<Element[]> =>
  field(
    schema,
    (elements) => (elements.length === 0 ? undefined : elements),
    (written) => written,
  );

/** The same of elements that are written in another form. */
const written = <Element, Written>(
  schema: v.GenericSchema<unknown, Written[]>,
  write: (element: Element) => Written,
  read: (element: Written) => Element,
): InputField<Element[]> =>
  field(
    schema,
    (elements) => (elements.length === 0 ? undefined : elements.map(write)),
    (elements) => elements.map(read),
  );

type Source = SessionInputs['sources'][number];
type Written<Schema extends v.GenericSchema> = v.InferOutput<Schema>;

const writePreset = ({ map, key, value, cpu: on }: MapPreset): Written<typeof PRESET> => {
  if (value === undefined) return [map, key];
  return on === undefined ? [map, key, value] : [map, key, value, on];
};

const readPreset = ([map, key, value, on]: Written<typeof PRESET>): MapPreset => ({
  map,
  key,
  ...(value !== undefined && { value }),
  ...(on !== undefined && { cpu: on }),
});

type Inputs = Omit<SessionInputs, 'object' | 'packets' | 'chainObjects' | 'hookObjects'>;

/**
 * Every input but objects and packets, whose bytes stand behind the description. A new input
 * is a row here; the order is the one in a link.
 */
export const INPUT_FIELDS: {
  readonly [Name in keyof Inputs]-?: InputField<NonNullable<Inputs[Name]>>;
} = {
  sources: written(
    SOURCES,
    ({ file, text }: Source): [string, string] => [file, text],
    ([file, text]) => ({ file, text }),
  ),
  program: plain(name),
  hook: plain(v.picklist(PROGRAM_TYPES.map((row) => row.name))),
  options: many(list(PAIR)),
  packet: plain(uint32, 0),
  context: many(list(PAIR)),
  maps: written(PRESETS, writePreset, readPreset),
  mapSizes: written(
    list(MAP_SIZE),
    ({ map, field: size, value }: MapSize): Written<typeof MAP_SIZE> => [map, size, value],
    ([map, size, value]) => ({ map, field: size, value }),
  ),
  breakpoints: many(list(uint32)),
  rules: many(list(RULE)),
  expressions: many(list(name)),
  watchpoints: many(v.pipe(v.array(WATCHPOINT), v.maxLength(MOST_WATCHPOINTS))),
  edits: many(list(EDIT)),
  notes: many(v.pipe(v.array(NOTE), v.maxLength(MOST_NOTES))),
  expectations: many(list(EXPECTATION)),
  step: plain(uint32, 0),
  settings: field(SETTINGS, changedSettings, (changed) => ({ ...DEFAULT_SETTINGS, ...changed })),
  network: plain(NETWORK),
  kernelTypes: field(KERNEL_TYPES, writeKernelTypes, readKernelTypes),
  externs: many(list(PAIR)),
  capture: plain(CAPTURE),
  chain: plain(CHAIN),
  hookLists: plain(HOOK_LISTS),
};
