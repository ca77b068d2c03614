import { present } from '../errors.ts';

/**
 * Protocol headers as rows, one row a field: what dissection, field editing and the page's packet
 * tree read. Names are Wireshark's display filter names. Rows of a header follow each other without
 * gaps, most significant bit first.
 */
export interface HeaderField {
  readonly name: string;
  /** For people. */
  readonly label: string;
  readonly bits: number;
  /**
   * How its value is written; `flags` lists the names of the one-bit parts that are set; `bytes` is
   * only shown.
   */
  readonly kind: 'decimal' | 'hex' | 'flag' | 'flags' | 'mac' | 'ipv4' | 'ipv6' | 'bytes';
  /** Names of values. */
  readonly names?: ReadonlyMap<number, string>;
  /** The field counts in units of this many bytes; it is shown and edited in bytes. */
  readonly unit?: number;
  /**
   * Shown and edited as this many times what it holds: 1/256, where it counts such parts of a
   * second.
   */
  readonly scale?: number;
  /**
   * One byte that from 128 on is a mantissa of 4 bits and an exponent of 3 (RFC 3376 section
   * 4.1.1).
   */
  readonly floating?: boolean;
  /** Fields inside this one; their bits add up to its own. */
  readonly parts?: readonly HeaderField[];
  /** A flag's name in the text of its `flags` field. */
  readonly short?: string;
  /** Its low byte stands first; a whole number of bytes. */
  readonly little?: boolean;
}

type More = Pick<
  HeaderField,
  'names' | 'unit' | 'scale' | 'floating' | 'parts' | 'short' | 'little'
>;

const byName = new Map<string, HeaderField>();
/**
 * Every row by name, the last where versions of a header write a field in two ways; `rowOf` knows
 * which was read.
 */
export const FIELDS: ReadonlyMap<string, HeaderField> = byName;

/** A row by its name, of rows that have it. */
export const fieldNamed = (rows: readonly HeaderField[], name: string): HeaderField =>
  present(
    rows.find((field) => field.name === name),
    name,
  );

const row =
  (kind: HeaderField['kind']) =>
  (name: string, label: string, bits: number, more: More = {}): HeaderField => {
    const field = { name, label, bits, kind, ...more };
    byName.set(name, field);
    return field;
  };

export const decimal = row('decimal');
export const hex = row('hex');
export const bytes = row('bytes');
export const flag = (name: string, label: string, short?: string): HeaderField =>
  row('flag')(name, label, 1, short === undefined ? {} : { short });
export const mac = (name: string, label: string): HeaderField => row('mac')(name, label, 48);
export const ipv4 = (name: string, label: string): HeaderField => row('ipv4')(name, label, 32);
export const ipv6 = (name: string, label: string): HeaderField => row('ipv6')(name, label, 128);
/** Flags side by side, each with its short name in the text. */
export const flags = (name: string, label: string, parts: readonly HeaderField[]): HeaderField =>
  row('flags')(
    name,
    label,
    parts.reduce((sum, part) => sum + part.bits, 0),
    { parts },
  );
/** A number made of parts, which are shown below it. */
export const parted = (
  name: string,
  label: string,
  parts: readonly HeaderField[],
  more: More = {},
): HeaderField =>
  hex(
    name,
    label,
    parts.reduce((sum, part) => sum + part.bits, 0),
    { parts, ...more },
  );
