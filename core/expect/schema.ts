import * as v from 'valibot';
import { MAP_SIZE_FIELDS } from '../maps/completion.ts';
import { MAX_PACKET, MAX_PACKETS } from '../packet/limits.ts';
import { EXPECTED, INTEGER, TYPED_BYTES } from '../session/expectation-schemas.ts';
import {
  cpu,
  list,
  NETWORK,
  name,
  nanoseconds,
  SETTINGS,
  uint32,
} from '../session/input-schemas.ts';
import { MOST_NOTE_TEXT } from '../session/notes.ts';
import { PROGRAM_TYPES } from '../spec/program-types.ts';
import { TEST_FILE, TEST_VERSION } from './upgrade.ts';

/** Lines of a dump, and characters of one: a byte has its own line in none of them. */
const MOST_LINES = MAX_PACKET;
const MOST_LINE = 4 * MAX_PACKET;

const number = v.pipe(v.number(), v.safeInteger(), v.transform(String));
/** What may be written as a number, too. */
const text = v.union([name, number]);
const time = v.union([v.pipe(number, nanoseconds), nanoseconds]);
const named = v.pipe(
  v.record(name, text),
  v.transform((values) => Object.entries(values) as [string, string][]),
);
const line = v.pipe(v.string(), v.maxLength(MOST_LINE));
const PACKET = v.union([line, v.pipe(v.array(line), v.maxLength(MOST_LINES))]);

const PRESET = v.strictObject({
  map: name,
  key: TYPED_BYTES,
  value: v.nullable(TYPED_BYTES),
  cpu: v.exactOptional(cpu),
});

const EXPECT = v.pipe(
  v.strictObject({
    ...EXPECTED,
    r0: v.exactOptional(v.union([INTEGER, v.pipe(number, INTEGER)])),
    packet: v.exactOptional(PACKET),
  }),
  v.check(
    (expect) => Object.keys(expect).length > 0,
    'names nothing: verdict, r0, packet, maps or fault; leave it out where nothing is expected',
  ),
);

/** Whether each packet is the first one stands beside the settings. */
const { each: EACH, ...OTHER_SETTINGS } = SETTINGS.entries;

/** A test file of the version that is written. */
export const TEST_SCHEMA = v.strictObject({
  [TEST_FILE]: v.literal(TEST_VERSION),
  object: v.exactOptional(name),
  program: v.exactOptional(name),
  hook: v.exactOptional(v.picklist(PROGRAM_TYPES.map((row) => row.name))),
  options: v.exactOptional(named),
  context: v.exactOptional(named),
  each: EACH,
  settings: v.exactOptional(
    v.strictObject({
      ...OTHER_SETTINGS,
      time: v.exactOptional(time),
      gap: v.exactOptional(time),
    }),
  ),
  network: v.exactOptional(NETWORK),
  kernelTypes: v.exactOptional(v.picklist(['own', 'bundled'])),
  externs: v.exactOptional(named),
  globals: v.exactOptional(named),
  mapSizes: v.exactOptional(
    list(v.strictObject({ map: name, field: v.picklist(MAP_SIZE_FIELDS), value: uint32 })),
  ),
  maps: v.exactOptional(v.pipe(v.array(PRESET), v.maxLength(65_536))),
  packets: v.pipe(
    v.array(
      v.strictObject({
        name: v.exactOptional(name),
        note: v.exactOptional(v.pipe(v.string(), v.maxLength(MOST_NOTE_TEXT))),
        packet: PACKET,
        time: v.exactOptional(time),
        expect: v.exactOptional(EXPECT),
      }),
    ),
    v.minLength(1, 'is empty: there is nothing to test'),
    v.maxLength(MAX_PACKETS),
  ),
});
