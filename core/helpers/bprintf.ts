import type { Machine } from '../machine/machine.ts';
import { failure } from '../spec/errno.ts';
import { tryRead, tryReadString } from './nofault.ts';

/** What a format comes to: its characters as far as they are kept, and how many there would be. */
export interface Formatted {
  readonly text: string;
  readonly length: number;
}

/** Bytes for all values of a format (kernel/bpf/helpers.c, MAX_BPRINTF_BIN_ARGS). */
const ROOM = 512;
/** Characters of the longest line (kernel/trace/bpf_trace.c, MAX_BPRINTF_BUF). */
const LINE = 1024;
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
  if (size === 4)
    return bytes
      .map((byte) => (kind === 'i' ? String(byte).padStart(3, '0') : String(byte)))
      .join('.');
  const words = Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i] << 8) | bytes[2 * i + 1]).toString(16).padStart(4, '0'),
  );
  return words.join(kind === 'i' ? '' : ':');
}

/**
 * The walk of bpf_bprintf_prepare (kernel/bpf/helpers.c) over a format: which conversions there may
 * be, and their values, packed one behind the other as bstr_printf reads them: words at multiples
 * of 4, text with its NUL.
 */
class Walk {
  readonly packed = new DataView(new ArrayBuffer(ROOM + 16));
  private count = 0;
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
    return this.values[this.count];
  }

  private conversion(): void {
    if (this.count >= this.values.length) refuse('EINVAL');
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
    this.text(
      (ofUser ? undefined : tryReadString(this.machine, this.value, ROOM - this.used)) ?? '',
    );
  }

  private character(): void {
    if (this.used === ROOM) refuse('ENOSPC');
    this.packed.setUint8(this.used++, Number(this.value & 0xffn));
    this.count += 1;
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
    if (size === 8) this.packed.setBigUint64(this.used, this.value, true);
    else this.packed.setUint32(this.used, Number(this.value & 0xffff_ffffn), true);
    this.used += size;
    this.count += 1;
  }

  private text(text: string): void {
    // What does not fit is cut, as snprintf does; its length counts all the same.
    for (let i = 0; i <= text.length && this.used + i < ROOM; i++)
      this.packed.setUint8(this.used + i, i < text.length ? text.charCodeAt(i) : 0);
    this.used = Math.min(ROOM, this.used + text.length + 1);
    this.count += 1;
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

/** Letters are those of Latin-1, as the kernel's table has them. */
const CONVERSION =
  /%%|%([-+ 0]*)(\d*)(l{0,2})([iduxXcs]|p([0-9A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\xff]*))/g;

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
  return padNumber(
    signed < 0n ? '-' : plus,
    (signed < 0n ? -signed : signed).toString(),
    flags,
    width,
  );
}

const padText = (text: string, flags: string, width = 0): string =>
  flags.includes('-') ? text.padEnd(width) : text.padStart(width);

/**
 * A pointer. The kernel hashes what %p prints, here it is the address itself, as long; %ps and %pS
 * would name a function.
 */
function pointerText({ flags, width, extra }: Conversion, value: bigint): string {
  const digits = value.toString(16);
  if (extra[0] === 's' || extra[0] === 'S') return padText(`0x${digits}`, flags, width);
  return width === undefined ? digits.padStart(16, '0') : padNumber('', digits, flags, width);
}

/** The packed values, taken one after the other. */
class Values {
  private readonly packed: DataView;
  private at = 0;

  constructor(packed: DataView) {
    this.packed = packed;
  }

  word(long: boolean): bigint {
    this.at = (this.at + 3) & ~3;
    const value = long
      ? this.packed.getBigUint64(this.at, true)
      : BigInt(this.packed.getUint32(this.at, true));
    this.at += long ? 8 : 4;
    return value;
  }

  character = (): string => String.fromCharCode(this.packed.getUint8(this.at++));

  text(): string {
    let text = '';
    for (
      let letter = this.character();
      letter !== '\0' && this.at < ROOM;
      letter = this.character()
    )
      text += letter;
    return text;
  }
}

/**
 * Behind `%p`: what is printed from the pointer itself; anything else the walk has made ready as
 * text.
 */
const isPlainPointer = (extra: string): boolean => extra === '' || /^[SsxKe]/.test(extra);

/**
 * One conversion. Text that is ready goes in as it is, whatever the width; where the room is used
 * up already, it is not even taken: the next conversion then reads from it (lib/vsprintf.c,
 * bstr_printf).
 */
function conversionText(conversion: Conversion, values: Values, isFull: boolean): string {
  const { letter, flags, width, extra, long } = conversion;
  if (letter.startsWith('p') && !isPlainPointer(extra)) return isFull ? '' : values.text();
  if (letter.startsWith('p')) return pointerText(conversion, values.word(true));
  if (letter === 's') return padText(values.text(), flags, width);
  return letter === 'c'
    ? padText(values.character(), flags, width)
    : numberText(conversion, values.word(long));
}

/**
 * A format with its values, as bpf_trace_printk and bpf_snprintf print it: first the walk that says
 * which conversions may be, then bstr_printf (lib/vsprintf.c). Answers a negative error number
 * where the kernel does. `kept`: characters that there is room for.
 */
export function formatLine(
  machine: Machine,
  format: string,
  values: readonly bigint[],
  room: number,
): Formatted | bigint {
  const kept = Math.max(0, room - 1);
  const walk = new Walk(machine, format, values);
  try {
    walk.run();
  } catch (error) {
    if (error instanceof Refused) return error.errno;
    throw error;
  }
  const packed = new Values(walk.packed);
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
    // No value has as many characters: of a wider one the rest is only counted.
    const width = asked === undefined ? undefined : Math.min(asked, LINE);
    const conversion = { flags, width, long: longs !== '', letter, extra };
    const part = conversionText(conversion, packed, length >= room);
    add(part, width === LINE && part.length === width ? asked : part.length);
  }
  add(format.slice(behind));
  return { text, length };
}
