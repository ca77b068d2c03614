import { isEqualBytes } from '../bytes/equal.ts';
import { toHex } from '../bytes/hex.ts';
import { parseInteger } from '../bytes/integer.ts';
import { InputError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import type { MapDefinition } from '../object/types.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import { entryValue, type RunOutcome } from './outcome.ts';
import type { Session } from './session.ts';
import { bytesOfTyped, keyPart, type Typing, typedText, valuePart } from './typed-bytes.ts';
import type { Expectation, ExpectedEntry, TypedBytes } from './types.ts';
import { isVerdictCalled } from './verdict-words.ts';

/** Something that a packet was expected to come to and did not, in words. */
export interface Unmet {
  /** `verdict`, `r0`, `packet`, `map hits[00000000]`, `fault`. */
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
}

/** What of an expectation did not come to pass, as far as the outcome of the run tells. */
export function unmetByOutcome(
  hook: HookName,
  expectation: Expectation,
  outcome: RunOutcome,
): Unmet[] {
  const { verdict, r0, packetOut } = expectation;
  const unmet: Unmet[] = [...unmetFault(expectation, outcome)];
  if (verdict !== undefined && !isVerdictCalled(outcome.verdict, verdict))
    unmet.push({ what: 'verdict', expected: verdict, seen: outcome.verdict.name });
  if (r0 !== undefined) unmet.push(...unmetR0(bitsOf(hook), r0, outcome));
  if (packetOut !== undefined) unmet.push(...unmetPacket(packetOut, outcome));
  return unmet;
}

/**
 * The same of what maps hold: the machine stands at the end of the packet's run, and nothing in it
 * changes.
 */
export const unmetByMaps = ({ object, machine }: Session, { maps = [] }: Expectation): Unmet[] =>
  maps.flatMap((entry) => unmetEntry({ object, machine: machine! }, entry));

/** A verdict that only comes of a fault is none that a test may rely on, unless it says so. */
function unmetFault({ fault: expected }: Expectation, { fault, ran }: RunOutcome): Unmet[] {
  if (fault?.kind === expected) return [];
  const nothing = ran ? 'no fault' : 'the program did not run';
  const seen = fault ? `${fault.kind}: ${fault.message}` : nothing;
  return [{ what: 'fault', expected: expected ?? 'no fault', seen }];
}

/** filter-ubpf and uBPF look at the whole register, hooks of Linux at an int. */
const bitsOf = (hook: HookName): number => (programType(hook).helpers === 'filter-ubpf' ? 64 : 32);

function unmetPacket(expected: string, { packetOut }: RunOutcome): Unmet[] {
  const seen = toHex(packetOut);
  return seen === expected ? [] : [{ what: 'packet', expected, seen }];
}

function unmetR0(bits: number, expected: string, { r0, ran }: RunOutcome): Unmet[] {
  const wanted = BigInt.asUintN(bits, parseInteger(expected, 'r0'));
  if (r0 !== undefined && BigInt.asUintN(bits, r0) === wanted) return [];
  const none = ran ? 'none: the program faulted' : 'none: the program did not run';
  const seen = r0 === undefined ? none : `0x${BigInt.asUintN(bits, r0).toString(16)}`;
  return [{ what: 'r0', expected, seen }];
}

/** As it is written in a test file, for people. */
export const typedWords = (typed: TypedBytes): string =>
  typeof typed === 'object'
    ? Object.entries(typed)
        .map(([member, value]) => `${member} = ${value}`)
        .join(', ')
    : String(typed);

/** What is written may not fit what an object built anew has: then it is not met, and says why. */
function unmetEntry(typing: Required<Typing>, entry: ExpectedEntry): Unmet[] {
  const what = `map ${entry.map}[${typedWords(entry.key)}]`;
  const expected = entry.value === null ? 'no entry' : typedWords(entry.value);
  try {
    const seen = differingEntry(typing, entry);
    return seen === undefined ? [] : [{ what, expected, seen }];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ what, expected, seen: error.message }];
  }
}

/** What an entry holds where that is not what is expected. */
function differingEntry(typing: Required<Typing>, { map: name, key, value }: ExpectedEntry) {
  const { machine } = typing;
  const index = machine.maps.findIndex(({ definition }) => definition.name === name);
  if (index < 0) throw new InputError('', 'the object has no map of that name');
  const { definition } = machine.maps[index];
  const found = valueOfKey(machine, index, bytesOfTyped(typing, placePart(definition), key));
  if (value === null) return found && toHex(found);
  if (found === undefined) return 'no entry';
  // A record of a ring buffer is as long as it was sent.
  const part = { ...valuePart(definition), size: found.length };
  const wanted = bytesOfTyped(typing, part, value, found);
  return isEqualBytes(wanted, found) ? undefined : typedText(typing, part, value, found);
}

/** Queues, ring buffers and bloom filters have no keys: what is in them goes by its place. */
const placePart = (definition: MapDefinition) => ({
  ...keyPart(definition),
  size: definition.keySize || PLACE_BYTES,
});
/** Of a place, as `GuestMap.entries` gives it. */
const PLACE_BYTES = 4;

/** The value that the running CPU sees, without a lookup: that would be a use of an LRU entry. */
function valueOfKey(machine: Machine, index: number, key: Uint8Array): Uint8Array | undefined {
  for (const entry of machine.maps[index].entries())
    if (isEqualBytes(entry.key, key)) return entryValue(machine, index, entry);
  return undefined;
}
