import { toHex } from '../bytes/hex.ts';
import type { Machine } from '../machine/machine.ts';
import { nameAddress, nearestRegion, signedOffset } from '../memory/memory.ts';
import { type FormattedValue, formatValue } from '../object/btf/format.ts';
import type { ValueView } from '../protocol/messages.ts';
import type { GuestAddress } from '../spec/units.ts';
import { type CValue, endianOf, numberOf, pointee, readBytes } from './c-value.ts';

/** Pointers behind pointers that are followed. */
const MAX_POINTERS = 3;
/** Rows of all values that are asked for at once. */
export const MOST_ROWS = 4000;
/** Longer values are not written in hex. */
const MOST_HEX = 16;
const MOST_TEXT = 64;

export interface ShownValue {
  readonly machine: Machine;
  /** Rows that may still be made. */
  left: number;
}

/** The name of a guest address; undefined where nothing is there. */
const placeName = (machine: Machine, address: GuestAddress | undefined): string =>
  address === undefined ? '' : (nameAddress(machine.memory, BigInt.asUintN(64, address)) ?? '');

/** Where in the packet an address is; undefined elsewhere. */
function packetOffset({ memory }: Machine, address: GuestAddress | undefined): number | undefined {
  const near =
    address === undefined ? undefined : nearestRegion(memory, BigInt.asUintN(64, address));
  if (near === undefined) return undefined;
  const { kind, origin } = memory.info[near.id];
  const offset = near.offset + origin;
  return kind === 'packet' && offset >= 0 ? offset : undefined;
}

/** What is shown of a value beside itself. */
interface Row {
  readonly name: string;
  /** How an expression names it. */
  readonly expression: string;
  /** Where it lies if not in memory. */
  readonly register: string;
  /** Pointers that were followed to it. */
  readonly pointers: number;
}

const grouped = (expression: string): string =>
  /^[\w.[\]]+$|^\w[\w.[\]]*(->[\w.[\]]+)*$/.test(expression) ? expression : `(${expression})`;

/**
 * A member or element of what an expression names; members of what has no name belong to what is
 * around it.
 */
function partExpression(outer: string, name: string): string {
  if (name === '') return outer;
  return name.startsWith('[') ? `${grouped(outer)}${name}` : `${grouped(outer)}.${name}`;
}

/**
 * A value as a tree of rows, pointers followed. `expression` names it; `register`: where it lies if
 * not in memory.
 */
export function valueView(
  shown: ShownValue,
  name: string,
  expression: string,
  value: CValue,
  register = '',
): ValueView {
  return view(shown, value, { name, expression, register, pointers: 0 });
}

function view(shown: ShownValue, value: CValue, row: Row): ValueView {
  if (value.structure || value.number !== undefined) return fieldView(shown, value, row);
  const { types, type, bytes, known, bits } = value;
  const tree = formatValue(types, type, bytes, endianOf(shown.machine), {
    name: row.name,
    ...(known && { known }),
    ...(bits && { bits }),
    pointer: (address) => addressText(shown.machine, address),
  });
  return treeView(shown, tree, value, row);
}

/** `base`: the value that the tree's offsets count from. */
function treeView(shown: ShownValue, tree: FormattedValue, base: CValue, row: Row): ValueView {
  const { machine } = shown;
  shown.left -= 1;
  const at = base.address === undefined ? undefined : base.address + BigInt(tree.offset);
  const part = partOf(base, tree);
  const pointer =
    base.types.resolve(tree.typeId)?.kind === 'ptr' ? numberOf(machine, part) : undefined;
  const inner = (child: FormattedValue): ValueView => {
    const name = child.name ?? '';
    return treeView(shown, child, base, {
      ...row,
      name,
      expression: partExpression(row.expression, name),
    });
  };
  const children =
    pointer === undefined
      ? tree.children?.filter(() => shown.left > 0).map(inner)
      : pointed(shown, part, row);
  const bytes = base.bytes.subarray(tree.offset, tree.offset + tree.size);
  const held = tree.text !== '?';
  const packet = row.register === '' ? packetOffset(machine, at) : undefined;
  const hasPlace = base.address !== undefined || base.register !== undefined;
  return {
    name: row.name,
    type: tree.type,
    text: pointer === undefined ? tree.text : pointerText(machine, part, pointer),
    held,
    parameter: false,
    place: row.register || placeName(machine, at),
    ...(packet !== undefined && { packet }),
    size: tree.size,
    bytes: bytes.length <= MOST_HEX && held ? toHex(bytes) : '',
    expression: row.expression,
    editable: held && hasPlace && row.expression !== '' && tree.children === undefined,
    changed: false,
    ...(children && children.length > 0 && { children }),
  };
}

const partOf = (
  { types, bytes, known, bits }: CValue,
  { typeId, offset, size }: FormattedValue,
): CValue => ({
  types,
  type: typeId,
  bytes: bytes.subarray(offset, offset + size),
  ...(known && { known: known.subarray(offset, offset + size) }),
  ...(bits && { bits }),
});

/** `packet+14`, `NULL`. */
const addressText = (machine: Machine, address: GuestAddress): string =>
  address === 0n
    ? 'NULL'
    : placeName(machine, address) || `0x${BigInt.asUintN(64, address).toString(16)}`;

/** The same; of text its first characters too. */
function pointerText(machine: Machine, pointer: CValue, address: GuestAddress): string {
  const name = addressText(machine, address);
  const type = pointer.types.resolve(pointer.type);
  const element = type?.kind === 'ptr' ? pointer.types.resolve(type.type) : undefined;
  const isText = element?.kind === 'int' && (element.char || element.name === 'char');
  const bytes = isText ? readBytes(machine, address, MOST_TEXT) : undefined;
  const end = bytes?.indexOf(0) ?? -1;
  const text = end > 0 ? String.fromCharCode(...bytes!.subarray(0, end)) : '';
  return /^[ -~\n\t]+$/.test(text) ? `${name} ${JSON.stringify(text)}` : name;
}

/** What a pointer points at: the members of a structure, anything else as one row. */
function pointed(shown: ShownValue, pointer: CValue, { expression, pointers }: Row): ValueView[] {
  if (pointers === MAX_POINTERS || shown.left <= 0) return [];
  const target = pointee(shown.machine, pointer);
  if (target === undefined) return [];
  const name = expression === '' ? '' : `*${grouped(expression)}`;
  const row = view(shown, target, {
    name: '*',
    expression: name,
    register: '',
    pointers: pointers + 1,
  });
  return row.children && (target.structure || target.types.members(target.type).length > 0)
    ? row.children
    : [row];
}

/** A structure that is no plain memory, or a field of one. */
function fieldView(
  shown: ShownValue,
  { structure, number, types, type, address }: CValue,
  row: Row,
): ValueView {
  const { machine } = shown;
  shown.left -= 1;
  const { name, expression } = row;
  const base = {
    name,
    held: true,
    parameter: false,
    place: '',
    size: 0,
    bytes: '',
    editable: false,
    changed: false,
  };
  if (structure === undefined) {
    const text = nameAddress(machine.memory, number!) ?? String(number);
    return { ...base, expression, type: types.declaration(type), text };
  }
  const fields = structure.fields.filter(() => shown.left > 0 && row.pointers <= MAX_POINTERS);
  const children = fields.map((field): ValueView => {
    shown.left -= 1;
    const held = structure.value(field);
    const isNumber = field.yields === 'number' || field.yields === 'length';
    return {
      ...base,
      name: field.name,
      expression: partExpression(expression, field.name),
      type: `${field.size} bytes`,
      text: isNumber ? String(held) : (nameAddress(machine.memory, held) ?? String(held)),
      place: `context${signedOffset(field.offset)}`,
    };
  });
  return {
    ...base,
    expression,
    type: types.declaration(type),
    text: placeName(machine, address),
    children,
  };
}
