import { AT, ATE, OPERATIONS, type Operand } from '../../spec/dwarf.ts';
import type { DebugEntries, DebugEntry, Unit } from './entries.ts';
import {
  type Address,
  addressIn,
  Cursor,
  type DebugSection,
  offsetOf,
  sectionOf,
} from './sections.ts';

const MAX_OPERATIONS = 1 << 10;

/** end: exclusive */
export interface Range {
  readonly start: Address;
  readonly end: Address;
}

export interface Operation {
  /** `fbreg`, `reg6`. */
  readonly name: string;
  readonly number: number;
  readonly operands: readonly (bigint | Uint8Array)[];
  /** Of `addr` and `addrx`. */
  readonly address?: Address;
  /** Of `convert` to a number: bits and sign of its type. */
  readonly to?: { readonly bits: number; readonly signed: boolean };
}

/** Where something lies while the program is in a range; everywhere where there is none. */
export interface Location {
  readonly range?: Range;
  readonly operations: readonly Operation[];
}

/** Decodes an expression; an operation that is not known is an InputError. */
export function readExpression(
  entries: DebugEntries,
  unit: Unit,
  bytes: Uint8Array,
  section: DebugSection,
): Operation[] {
  // The expression lies inside its section: read there, its addresses find their relocations.
  const cursor = new Cursor(section, bytes.byteOffset - section.reader.bytes.byteOffset);
  const end = cursor.offset + bytes.length;
  const operations: Operation[] = [];
  while (cursor.offset < end) {
    if (operations.length >= MAX_OPERATIONS) cursor.fail(`more than ${MAX_OPERATIONS} operations`);
    entries.spend(cursor, 1);
    const number = cursor.u8();
    const row = OPERATIONS.get(number);
    if (row === undefined) return cursor.fail(`operation 0x${number.toString(16)} is not known`);
    const at = cursor.offset;
    const operands = row.operands.map((operand) => readOperand(cursor, operand, unit));
    if (cursor.offset > end) cursor.fail('an expression that goes on behind its end');
    const address = addressOf(entries, unit, section, row.name, at, operands[0]);
    const to = row.name === 'convert' ? numberType(entries, unit, Number(operands[0])) : undefined;
    operations.push({
      name: row.name,
      number,
      operands,
      ...(address !== undefined && { address }),
      ...(to && { to }),
    });
  }
  return operations;
}

/** The base type at an offset of the unit; undefined for the generic type, 0. */
function numberType(entries: DebugEntries, unit: Unit, offset: number): Operation['to'] {
  const entry = offset === 0 ? undefined : entries.entryAt(unit.offset + offset);
  if (entry === undefined) return undefined;
  const encoding = entries.count(entry, AT.encoding);
  return {
    bits: Math.min(64, entries.count(entry, AT.byte_size) * 8),
    signed: encoding === ATE.signed || encoding === ATE.signed_char,
  };
}

function addressOf(
  entries: DebugEntries,
  unit: Unit,
  section: DebugSection,
  name: string,
  at: number,
  operand: bigint | Uint8Array | undefined,
): Address | undefined {
  if (name === 'addr') return new Cursor(section, at).address(unit.addressBytes);
  return name === 'addrx' ? entries.addressAt(unit, Number(operand)) : undefined;
}

function readOperand(cursor: Cursor, operand: Operand, unit: Unit): bigint | Uint8Array {
  switch (operand) {
    case 'uleb':
      return cursor.uleb();
    case 'sleb':
      return cursor.sleb();
    case 'block':
      return cursor.bytes(cursor.count());
    case 'address':
      return cursor.unsigned(unit.addressBytes);
    default: {
      const bits = Number(operand.slice(1));
      const value = cursor.unsigned(bits / 8);
      return operand.startsWith('s') ? BigInt.asIntN(bits, value) : value;
    }
  }
}

/**
 * Where a variable lies: one expression, or a list of ranges with one each; empty where it has no
 * place.
 */
export function locationsOf(entries: DebugEntries, entry: DebugEntry): Location[] {
  const { unit } = entry;
  const block = entries.block(entry, AT.location);
  if (block)
    return [{ operations: readExpression(entries, unit, block, entries.section('.debug_info')) }];
  const name = unit.version >= 5 ? '.debug_loclists' : '.debug_loc';
  const offset = entries.list(entry, AT.location, name, AT.loclists_base);
  if (offset === undefined) return [];
  const found: Location[] = [];
  const section = entries.section(name);
  readList(entries, unit, new Cursor(section, offset), (cursor, range) => {
    const size = unit.version >= 5 ? cursor.count() : cursor.u16();
    const bytes = cursor.bytes(size);
    found.push({ range, operations: readExpression(entries, unit, bytes, section) });
  });
  return found;
}

/** The code of a function or block. */
export function rangesOf(entries: DebugEntries, entry: DebugEntry): Range[] {
  const { unit } = entry;
  const name = unit.version >= 5 ? '.debug_rnglists' : '.debug_ranges';
  const offset = entries.list(entry, AT.ranges, name, AT.rnglists_base);
  if (offset !== undefined) {
    const found: Range[] = [];
    readList(entries, unit, new Cursor(entries.section(name), offset), (_, range) =>
      found.push(range),
    );
    return found;
  }
  const start = entries.address(entry, AT.low_pc);
  if (start === undefined) return [];
  // A number counts from the start, an address stands for itself.
  const length = entries.number(entry, AT.high_pc);
  const end = length === undefined ? entries.address(entry, AT.high_pc) : start + Number(length);
  return end !== undefined && end > start ? [{ start, end }] : [];
}

type Found = (cursor: Cursor, range: Range) => void;

/**
 * Both kinds of lists are written alike, but that an entry of a location list has an expression
 * behind it.
 */
function readList(entries: DebugEntries, unit: Unit, cursor: Cursor, found: Found): void {
  if (unit.version >= 5) readTaggedList(entries, unit, cursor, found);
  else readPairs(entries, unit, cursor, found);
}

const baseOf = (entries: DebugEntries, unit: Unit): Address =>
  (unit.root && entries.address(unit.root, AT.low_pc)) ?? 0;

/**
 * DWARF 4: pairs of offsets from a base; (0, 0) ends, a start of all ones sets the base (2.6.2,
 * 2.17.3).
 */
function readPairs(entries: DebugEntries, unit: Unit, cursor: Cursor, found: Found): void {
  let base = baseOf(entries, unit);
  const ones = BigInt.asUintN(unit.addressBytes * 8, -1n);
  const { targets } = cursor.section;
  for (;;) {
    entries.spend(cursor, 1);
    const isWhole = targets.has(cursor.offset);
    const first = cursor.unsigned(unit.addressBytes);
    if (first === ones) {
      base = cursor.address(unit.addressBytes);
      continue;
    }
    const section = targets.get(cursor.offset) ?? 0;
    const last = cursor.unsigned(unit.addressBytes);
    if (!isWhole && first === 0n && last === 0n) return;
    const [start, end] = [Number(BigInt.asUintN(32, first)), Number(BigInt.asUintN(32, last))];
    found(
      cursor,
      isWhole
        ? { start: addressIn(section, start), end: addressIn(section, end) }
        : moved(base, start, end),
    );
  }
}

const moved = (base: Address, start: number, end: number): Range => ({
  start: addressIn(sectionOf(base), offsetOf(base) + start),
  end: addressIn(sectionOf(base), offsetOf(base) + end),
});

/**
 * DWARF 5, DW_LLE_* (7.7.3) and DW_RLE_* (7.25); the latter lack the default entry, so their
 * numbers above 4 are one less.
 */
const KINDS = [
  'end',
  'base-index',
  'index-index',
  'index-length',
  'offsets',
  'default',
  'base',
  'addresses',
  'length',
];

function readTaggedList(entries: DebugEntries, unit: Unit, cursor: Cursor, found: Found): void {
  let base = baseOf(entries, unit);
  const isLocations = cursor.section.name === '.debug_loclists';
  const address = (): Address => cursor.address(unit.addressBytes);
  const indexed = (): Address => entries.addressAt(unit, cursor.count());
  for (;;) {
    entries.spend(cursor, 1);
    const tag = cursor.u8();
    const kind = KINDS[isLocations || tag < 5 ? tag : tag + 1];
    switch (kind) {
      case 'end':
        return;
      case 'base-index':
        base = indexed();
        break;
      case 'base':
        base = address();
        break;
      case 'index-index': {
        const start = indexed();
        found(cursor, { start, end: indexed() });
        break;
      }
      case 'index-length':
      case 'length': {
        const start = kind === 'length' ? address() : indexed();
        found(cursor, { start, end: start + cursor.count() });
        break;
      }
      case 'offsets': {
        const start = cursor.count();
        found(cursor, moved(base, start, cursor.count()));
        break;
      }
      case 'addresses': {
        const start = address();
        found(cursor, { start, end: address() });
        break;
      }
      case 'default':
        found(cursor, { start: 0, end: Number.MAX_SAFE_INTEGER });
        break;
      default:
        cursor.fail(`entry ${tag} of a list is not known`);
    }
  }
}

function operationText({ name, operands: [operand] }: Operation): string {
  if (typeof operand !== 'bigint') return `DW_OP_${name}`;
  const isSigned = /^(breg|fbreg|consts)/.test(name);
  return (
    `DW_OP_${name} ` +
    `${isSigned ? (operand < 0n ? operand : `+${operand}`) : `0x${operand.toString(16)}`}`
  );
}

/** As llvm-dwarfdump writes expressions. */
export const expressionText = (operations: readonly Operation[]): string =>
  operations.map(operationText).join(', ');
