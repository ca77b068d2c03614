import type { Machine } from '../machine/machine.ts';
import { failure } from '../spec/errno.ts';
import { tryRead, tryReadString } from './nofault.ts';

/** A value as the kernel's walk over a format leaves it for the printing: a number, or text that is ready. */
type Prepared = bigint | string;

/** What a format comes to: its characters as far as they are kept, and how many there would be. */
export interface Formatted {
  readonly text: string;
  readonly length: number;
}

/** Bytes for all values of a format (kernel/bpf/helpers.c, MAX_BPRINTF_BIN_ARGS). */
const ROOM = 512;
/** A width has 24 bits with a sign (lib/vsprintf.c, struct printf_spec). */
const WIDEST = 0x7f_ffff;

/** As the kernel's table has them, which is Latin-1 (lib/ctype.c). */
const isSpace = (letter: string): boolean => /[\t-\r \xa0]/.test(letter);
const isPunctuation = (letter: string): boolean => /[!-/:-@[-`{-~\xa1-\xbf\xd7\xf7]/.test(letter);
/** What may stand behind `%s` or `%p` alone. */
const ends = (letter: string): boolean => letter === '' || isSpace(letter) || isPunctuation(letter);

class Refused extends Error {
  readonly errno: bigint;
  constructor(errno: bigint) {
    super();
    this.errno = errno;
  }
}
const refuse = (name: 'EINVAL' | 'ENOSPC'): never => {
  throw new Refused(failure(name));
};

/** An IPv4 or IPv6 address as %pI4, %pi4, %pI6 and %pi6 print it; zeros where it cannot be read. */
function addressText(machine: Machine, kind: string, version: string, pointer: bigint): string {
  const size = version === '4' ? 4 : 16;
  const bytes = [...(tryRead(machine, pointer, size) ?? new Uint8Array(size))];
  if (size === 4) return bytes.map((byte) => (kind === 'i' ? String(byte).padStart(3, '0') : String(byte))).join('.');
  const words = Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i] << 8) | bytes[2 * i + 1]).toString(16).padStart(4, '0'),
  );
  return words.join(kind === 'i' ? '' : ':');
}

/** The walk of bpf_bprintf_prepare (kernel/bpf/helpers.c) over a format: which conversions there may be, and their values. */
class Walk {
  readonly prepared: Prepared[] = [];
  private readonly machine: Machine;
  private readonly format: string;
  private readonly values: readonly bigint[];
  private at = 0;
  /** Bytes of the 512 that are taken. */
  private used = 0;

  constructor(machine: Machine, format: string, values: readonly bigint[]) {
    this.machine = machine;
    this.format = format;
    this.values = values;
  }

  run(): void {
    for (; this.at < this.format.length; this.at++) {
      // Bytes above ASCII are let through, as of UTF-8.
      if (!/[\t-\r -~\x80-\xff]/.test(this.format[this.at])) refuse('EINVAL');
      if (this.format[this.at] !== '%') continue;
      this.at++;
      if (this.letter() !== '%') this.conversion();
    }
  }

  private letter = (ahead = 0): string => this.format[this.at + ahead] ?? '';

  private get value(): bigint {
    return this.values[this.prepared.length];
  }

  private conversion(): void {
    if (this.prepared.length >= this.values.length) refuse('EINVAL');
    while (/^[0+\- ]$/.test(this.letter())) this.at++;
    if (/^[1-9]$/.test(this.letter())) while (/^\d$/.test(this.letter())) this.at++;
    if (this.letter() === 'p') this.pointer();
    else if (this.letter() === 's') this.string();
    else if (this.letter() === 'c') this.character();
    else this.number();
  }

  private pointer(): void {
    const kind = this.letter(1);
    if (ends(kind)) this.word(8);
    else if ((kind === 'k' || kind === 'u') && this.letter(2) === 's') {
      this.at += 2;
      this.string(kind === 'u');
    } else {
      this.at++;
      this.kindOfPointer(kind);
    }
  }

  private kindOfPointer(kind: string): void {
    const version = this.letter(1);
    if (/^[KxsS]$/.test(kind)) this.word(8);
    else if (kind === 'B') this.text(`0x${this.value.toString(16)}`);
    else if (/^[iI]$/.test(kind) && /^[46]$/.test(version)) this.address(kind, version);
    else refuse('EINVAL');
  }

  private address(kind: string, version: string): void {
    this.at++;
    if (ROOM - this.used < (version === '4' ? 4 : 16)) refuse('ENOSPC');
    this.text(addressText(this.machine, kind, version, this.value));
  }

  private string(ofUser = false): void {
    if (!ends(this.letter(1))) refuse('EINVAL');
    if (this.used === ROOM) refuse('ENOSPC');
    // User space, which %pus means, has no memory here.
    this.text((ofUser ? undefined : tryReadString(this.machine, this.value, ROOM - this.used)) ?? '');
  }

  private character(): void {
    if (this.used === ROOM) refuse('ENOSPC');
    this.used += 1;
    this.prepared.push(this.value & 0xffn);
  }

  private number(): void {
    let size = 4;
    for (let longs = 0; longs < 2 && this.letter() === 'l'; longs++) {
      size = 8;
      this.at++;
    }
    if (!/^[iduxX]$/.test(this.letter())) refuse('EINVAL');
    this.word(size);
  }

  private word(size: number): void {
    this.used = (this.used + 3) & ~3;
    if (ROOM - this.used < size) refuse('ENOSPC');
    this.used += size;
    this.prepared.push(this.value);
  }

  private text(text: string): void {
    this.used += text.length + 1;
    this.prepared.push(text);
  }
}

/** One conversion of a format as lib/vsprintf.c reads it. */
interface Conversion {
  readonly flags: string;
  /** Undefined where there is none. */
  readonly width: number | undefined;
  readonly long: boolean;
  readonly letter: string;
  /** Behind `%p`: letters and digits, which are all skipped. */
  readonly extra: string;
}

const CONVERSION = /%%|%([-+ 0]*)(\d*)(l{0,2})([iduxXcs]|p([0-9A-Za-z]*))/g;

/** Signs, zeros and spaces around digits (lib/vsprintf.c, number). */
function padNumber(sign: string, digits: string, flags: string, width: number): string {
  if (flags.includes('-')) return (sign + digits).padEnd(width);
  if (flags.includes('0')) return sign + digits.padStart(width - sign.length, '0');
  return (sign + digits).padStart(width);
}

function numberText({ flags, width = 0, long, letter }: Conversion, value: bigint): string {
  const bits = long ? 64 : 32;
  if (letter === 'x' || letter === 'X') {
    const digits = BigInt.asUintN(bits, value).toString(16);
    return padNumber('', letter === 'X' ? digits.toUpperCase() : digits, flags, width);
  }
  if (letter === 'u') return padNumber('', BigInt.asUintN(bits, value).toString(), flags, width);
  const signed = BigInt.asIntN(bits, value);
  const plus = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  return padNumber(signed < 0n ? '-' : plus, (signed < 0n ? -signed : signed).toString(), flags, width);
}

const padText = (text: string, flags: string, width = 0): string =>
  flags.includes('-') ? text.padEnd(width) : text.padStart(width);

/**
 * A pointer. The kernel hashes what %p prints, here it is the address itself, as long; %ps and %pS would name a function.
 * What the walk made ready (addresses, strings) goes in as it is, whatever the width.
 */
function pointerText({ flags, width, extra }: Conversion, value: Prepared): string {
  if (typeof value === 'string') return value;
  if (extra[0] === 's' || extra[0] === 'S') return padText(`0x${value.toString(16)}`, flags, width);
  const digits = value.toString(16);
  return width === undefined ? digits.padStart(16, '0') : padNumber('', digits, flags, width);
}

function conversionText(conversion: Conversion, value: Prepared): string {
  const { letter, flags, width } = conversion;
  if (letter.startsWith('p')) return pointerText(conversion, value);
  if (typeof value === 'string') return padText(value, flags, width);
  return letter === 'c' ? padText(String.fromCharCode(Number(value)), flags, width) : numberText(conversion, value);
}

/**
 * A format with its values, as bpf_trace_printk and bpf_snprintf print it: first the walk that says which conversions
 * may be, then bstr_printf (lib/vsprintf.c). Answers a negative error number where the kernel does. `kept`: characters
 * of the text that are wanted.
 */
export function formatLine(
  machine: Machine,
  format: string,
  values: readonly bigint[],
  kept: number,
): Formatted | bigint {
  const walk = new Walk(machine, format, values);
  try {
    walk.run();
  } catch (error) {
    if (error instanceof Refused) return error.errno;
    throw error;
  }
  let next = 0;
  let length = 0;
  let text = '';
  const add = (part: string, size = part.length): void => {
    length += size;
    if (text.length < kept) text += part.slice(0, kept - text.length);
  };
  let behind = 0;
  for (const found of format.matchAll(CONVERSION)) {
    add(format.slice(behind, found.index));
    behind = found.index + found[0].length;
    if (found[0] === '%%') {
      add('%');
      continue;
    }
    const [, flags, digits, longs, letter, extra = ''] = found;
    const asked = digits === '' ? undefined : Math.min(Number(digits), WIDEST);
    // Only as much of a wide one is made as is kept.
    const width = asked === undefined ? undefined : Math.min(asked, kept + 1);
    const part = conversionText({ flags, width, long: longs !== '', letter, extra }, walk.prepared[next++]);
    const padded = asked !== undefined && asked > kept && part.length === width;
    add(part, padded ? asked : part.length);
  }
  add(format.slice(behind));
  return { text, length };
}
