import * as v from 'valibot';
import { FAULT_KINDS } from '../machine/fault.ts';
import { MAX_PACKET } from '../packet/limits.ts';
import { list, name, uint32 } from './input-schemas.ts';

/** Bytes of the longest key or value that is expected, and members that one is written with. */
const MOST_BYTES = 65_536;
const MOST_MEMBERS = 256;

const bytesIn = (most: number) =>
  v.pipe(v.string(), v.maxLength(2 * most), v.regex(/^([0-9a-f]{2})*$/, 'is no hex of bytes'));
const memberValue = v.union([name, v.pipe(v.number(), v.safeInteger())]);
const members = v.pipe(
  v.record(name, memberValue),
  v.check((written) => Object.keys(written).length <= MOST_MEMBERS, 'has too many members'),
);

/** TypedBytes (types.ts). */
export const TYPED_BYTES = v.union([
  bytesIn(MOST_BYTES),
  v.pipe(v.number(), v.safeInteger()),
  members,
]);

const EXPECTED_ENTRY = v.strictObject({
  map: name,
  key: TYPED_BYTES,
  value: v.nullable(TYPED_BYTES),
});

/** Decimal or 0x, as bytes/integer.ts reads it. */
export const INTEGER = v.pipe(
  v.string(),
  v.regex(/^-?(?:0x[0-9a-fA-F]{1,16}|\d{1,20})$/, 'is no number, decimal or with 0x'),
);

/** What of an Expectation is written the same way in links and in test files. */
export const EXPECTED = {
  verdict: v.exactOptional(name),
  r0: v.exactOptional(INTEGER),
  maps: v.exactOptional(list(EXPECTED_ENTRY)),
  fault: v.exactOptional(v.picklist(FAULT_KINDS)),
};

/** An Expectation (types.ts). */
export const EXPECTATION = v.strictObject({
  packet: uint32,
  ...EXPECTED,
  packetOut: v.exactOptional(bytesIn(MAX_PACKET)),
});
