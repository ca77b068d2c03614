import { fromHex, toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { MapDefinition } from '../object/types.ts';
import type { ExpectedEntries, MapPart, ValueView } from '../protocol/messages.ts';
import { typedWords } from '../session/expected.ts';
import type { Session } from '../session/session.ts';
import { bytesOfTyped, keyPart, valuePart } from '../session/typed-bytes.ts';
import type { Expectation, ExpectedEntry, TypedBytes } from '../session/types.ts';
import { mapFields } from './map-fields.ts';

/** What is written where there must be no entry. */
export const NO_ENTRY = 'none';
/** Members of one key or value that are written one by one. */
const MOST_MEMBERS = 32;

type Members = Readonly<Record<string, string | number>>;

/** The entries of maps that a packet must come to, as a person writes them. */
export function expectedEntries(session: Session, packet: number): ExpectedEntries {
  const entries = (expectationOf(session, packet)?.maps ?? []).map(({ map, key, value }) => ({
    map,
    key: textOf(session, map, 'key', key),
    value: value === null ? NO_ENTRY : textOf(session, map, 'value', value),
  }));
  return { kind: 'expected-entries', packet, entries };
}

const expectationOf = ({ inputs }: Session, packet: number): Expectation | undefined =>
  inputs.expectations?.find((one) => one.packet === packet);

const definitionOf = ({ object }: Session, name: string): MapDefinition | undefined =>
  object.maps.find((map) => map.name === name);

const partOf = (definition: MapDefinition, part: MapPart) =>
  part === 'key' ? keyPart(definition) : valuePart(definition);

/** By members where the type has some, else as it is in a test file. */
function textOf(session: Session, map: string, part: MapPart, typed: TypedBytes): string {
  const definition = definitionOf(session, map);
  if (typeof typed === 'object' || definition === undefined) return typedWords(typed);
  const members = membersOf(session, definition, part, typed);
  if (members) return typedWords(members);
  const { size } = partOf(definition, part);
  // Digits that would be read as bytes in hex.
  const isHex = typeof typed === 'number' && isHexOf(String(typed), size);
  return isHex ? `0x${typed.toString(16)}` : typedWords(typed);
}

const isHexOf = (text: string, size: number): boolean => fromHex(text)?.length === size;

/** All members of a structure, where they say every byte of it. */
function membersOf(
  { object, machine }: Session,
  definition: MapDefinition,
  part: MapPart,
  typed: string | number,
): Members | undefined {
  if (machine === undefined) return undefined;
  try {
    const place = partOf(definition, part);
    const bytes = bytesOfTyped({ object, machine }, place, typed);
    const { tree } = mapFields(machine, object, definition, part, toHex(bytes), undefined);
    const leaves = leavesOf(tree);
    if (tree.children === undefined || leaves.length > MOST_MEMBERS) return undefined;
    const members = Object.fromEntries(
      leaves.map(({ expression, text }) => [
        expression.slice(part.length).replace(/^\./, ''),
        text,
      ]),
    );
    const again = bytesOfTyped({ object, machine }, place, members);
    return toHex(again) === toHex(bytes) ? members : undefined;
  } catch (error) {
    // No type, or a value that has no text which could be typed.
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

const leavesOf = (view: ValueView): ValueView[] =>
  view.children ? view.children.flatMap(leavesOf) : [view];

/**
 * The expectations with a key or value of an entry as a text says it: bytes in hex, a number, or
 * members in C (`hits = 3, ports[1] = 53`), of which those count that are named. A value of `none`:
 * there must be no entry; an empty text takes the entry out of what is expected. InputError where
 * it does not fit the map.
 */
export function withExpectedEntry(
  session: Session,
  packet: number,
  index: number,
  part: MapPart,
  text: string,
): Expectation[] {
  const { expectations = [] } = session.inputs;
  const expectation = expectationOf(session, packet);
  const entry = expectation?.maps?.[index];
  if (expectation === undefined || entry === undefined)
    throw new InputError(`packet ${packet + 1}`, `has no entry ${index + 1} that is expected`);
  const changed = text.trim() === '' ? undefined : changedEntry(session, entry, part, text.trim());
  const maps = (expectation.maps ?? []).flatMap((one, i) =>
    i !== index ? [one] : changed ? [changed] : [],
  );
  const { maps: _maps, ...others } = expectation;
  const isEmpty = maps.length === 0 && Object.keys(others).length === 1;
  const next = { ...others, ...(maps.length > 0 && { maps }) };
  return expectations.flatMap((one) => (one !== expectation ? [one] : isEmpty ? [] : [next]));
}

function changedEntry(
  session: Session,
  entry: ExpectedEntry,
  part: MapPart,
  text: string,
): ExpectedEntry {
  if (part === 'value' && text === NO_ENTRY) return { ...entry, value: null };
  const definition = definitionOf(session, entry.map);
  if (definition === undefined)
    throw new InputError(`map "${entry.map}"`, 'the object has no map of that name');
  const { object, machine } = session;
  const place = partOf(definition, part);
  const typed = readTyped(text, place.size);
  // What does not fit is refused here, not when a packet has run.
  bytesOfTyped({ object, ...(machine && { machine }) }, place, typed);
  return { ...entry, [part]: typed };
}

/** A comma belongs to a text where no other member begins behind it. */
const BETWEEN_MEMBERS = /,\s*(?=[\w.[\]]+\s*=)/;

function readTyped(text: string, size: number): TypedBytes {
  if (text.includes('='))
    return Object.fromEntries(
      text.split(BETWEEN_MEMBERS).map((member) => {
        const at = member.indexOf('=');
        return [member.slice(0, at).trim(), member.slice(at + 1).trim()];
      }),
    );
  const hex = text.replaceAll(' ', '').toLowerCase();
  if (isHexOf(hex, size)) return hex;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : hex;
}
