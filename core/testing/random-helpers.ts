// Random programs whose state lies in helpers: pointers kept over updates and deletions, formats
// with their values, and loops with callbacks. What each step answers goes into a map, so that one
// wrong answer is seen.
import { assemble } from '../asm/assemble.ts';
import { readSlot, SLOT_BYTES, writeSlot } from '../asm/encoding.ts';
import { toHex } from '../bytes/hex.ts';
import { helperByName } from '../spec/helpers.ts';
import { LDDW_OPCODE, LDDW_SOURCE } from '../spec/isa.ts';
import { MAP_FLAGS, MAP_TYPE_ID } from '../spec/map-types.ts';
import { programType } from '../spec/program-types.ts';
import type { KernelJob, KernelMap } from './kernel.ts';
import { Random } from './random.ts';

const STEPS = 24;
/** Results of 8 bytes: one a step, and what a step wrote besides. */
const RESULTS = STEPS * 9;
const FORMAT_BYTES = 48;
const FORMATS = 8;
const PACKET = new Uint8Array(64);

/** Numbers of the maps. */
const MAP = { results: 0, formats: 1, hash: 2, loose: 3, trie: 4, array: 5 } as const;
/** Maps whose elements come and go. */
const CHANGING = [MAP.hash, MAP.hash, MAP.loose, MAP.trie, MAP.array];

export interface HelperProgram {
  readonly seed: number;
  readonly bytes: Uint8Array;
  /** The value of the map of formats, in which a program may not write. */
  readonly formats: Uint8Array;
  /** Slots at which functions begin: the program's own, then the two callbacks. */
  readonly functions: readonly number[];
  /** What each result is of, in words: for those who look at one that differs. */
  readonly steps: readonly string[];
}

/** Stack of a program, from r10 down. */
const TEXT_BYTES = 192;
const STACK = {
  key: -8,
  value: -16,
  loop: -24,
  bytes: -64,
  data: -112,
  text: -112 - TEXT_BYTES,
  format: -112 - TEXT_BYTES - FORMAT_BYTES,
} as const;

const WIDTHS = ['', '', '', '5', '-5', '05', '+', ' ', '+6', '0-7', '-08', '-+4', '12'];
/** Conversions and what their value is: a number, bytes on the stack, or none. */
const CONVERSIONS: readonly (readonly [text: string, value: 'number' | 'bytes'])[] = [
  ...(['d', 'i', 'u', 'x', 'X', 'ld', 'lu', 'lx', 'lld', 'llX', 'c'] as const).map(
    (text) => [text, 'number'] as const,
  ),
  ...(['s', 'pks', 'pI4', 'pi4', 'pI6', 'pi6', 'pI4h'] as const).map(
    (text) => [text, 'bytes'] as const,
  ),
];
/**
 * What the kernel refuses, or what is read otherwise than it looks; no `%` alone, with which the
 * next would be `%%`.
 */
const ODD = [
  '% ',
  '%-%',
  '%10%',
  '%hd',
  '%hhu',
  '%zu',
  '%pM',
  '%pX',
  '%p4',
  '%ls',
  '%#x',
  '%.3d',
  '%*d',
  '%q',
];
const LITERALS = ['', ' ', ',', '|', 'x', '(', '%%', '\n', '\t', 'é', '\x1b', 'a1'];

class Writer {
  readonly random: Random;
  readonly lines: string[] = [];
  readonly formats: string[] = [];
  readonly steps: string[] = [];
  private label = 0;

  constructor(random: Random) {
    this.random = random;
  }

  emit(...lines: string[]): void {
    this.lines.push(...lines);
  }

  /** Puts a register into the next place of the results. */
  note(what: string, register = 'r0'): void {
    if (this.steps.length === RESULTS) return;
    this.emit(`*(u64 *)(r9 + ${8 * this.steps.length}) = ${register}`);
    this.steps.push(what);
  }

  newLabel = (): string => `l${this.label++}`;

  private call(name: string): void {
    this.emit(`call ${helperByName(name)!.id}`);
  }

  private map = (register: string, number: number): void =>
    this.emit(`ld_pseudo ${register}, 0x1, ${number}`);
  private stack = (register: string, offset: number): void =>
    this.emit(`${register} = r10`, `${register} += ${offset}`);

  private key(map: number): void {
    const { random } = this;
    // A prefix length stands in front of the trie's data.
    const low = map === MAP.trie ? random.pick([0, 8, 32]) : random.below(5);
    const high = map === MAP.trie ? random.below(2) : 0;
    this.emit(`*(u32 *)(r10 ${STACK.key}) = ${low}`, `*(u32 *)(r10 ${STACK.key + 4}) = ${high}`);
    this.stack('r2', STACK.key);
    this.map('r1', map);
  }

  main(): void {
    this.emit('r6 = r1', `*(u32 *)(r10 ${STACK.key}) = 0`);
    this.stack('r2', STACK.key);
    this.map('r1', MAP.results);
    this.call('map_lookup_elem');
    this.emit('if r0 == 0 goto out', 'r9 = r0');
    // Both callbacks are functions of the program, whether a loop calls them or not.
    this.emit('ld_pseudo r2, 0x4, 1', 'ld_pseudo r2, 0x4, 2');
    for (let at = STACK.format; at < 0; at += 8)
      this.emit(`*(u64 *)(r10 ${at}) = ${this.random.immediate()}`);
    for (let i = 0; i < STEPS; i++)
      this.random.pick([this.change, this.keep, this.keep, this.print, this.text, this.loop])();
    this.emit('out: r0 = 2', 'exit');
  }

  /** One update or deletion. */
  private change = (map: number = this.random.pick(CHANGING)): void => {
    const { random } = this;
    this.key(map);
    if (map !== MAP.array && random.chance(3)) this.call('map_delete_elem');
    else {
      this.emit(`*(u64 *)(r10 ${STACK.value}) = ${random.immediate()}`);
      this.stack('r3', STACK.value);
      this.emit(`r4 = ${random.pick([0, 0, 0, 1, 2, 3])}`);
      this.call('map_update_elem');
    }
    this.note(`change of map ${map}`);
  };

  /** A pointer that is kept over changes of its map, read before and behind them, and written. */
  private keep = (): void => {
    const { random } = this;
    const map = random.pick(CHANGING);
    const register = random.pick(['r7', 'r8']);
    const skip = this.newLabel();
    this.key(map);
    this.call('map_lookup_elem');
    this.emit(`if r0 == 0 goto ${skip}`, `${register} = r0`);
    if (random.chance(2)) this.emit(`*(u64 *)(${register} + 0) = ${random.immediate()}`);
    for (let i = random.between(1, 4); i > 0; i--) this.change(map);
    this.emit(`r1 = *(u64 *)(${register} + 0)`);
    this.note(`kept pointer into map ${map}`, 'r1');
    if (random.chance(3)) {
      this.emit(`*(u64 *)(${register} + 0) = ${random.immediate()}`);
      this.change(map);
      this.emit(`r1 = *(u64 *)(${register} + 0)`);
      this.note(`kept pointer into map ${map}, written`, 'r1');
    }
    this.emit(`${skip}:`);
  };

  /**
   * A format, and for each of its conversions what its value is; `odd`: it may be one that the
   * kernel refuses.
   */
  private format(most: number, odd: boolean): { text: string; values: ('number' | 'bytes')[] } {
    const { random } = this;
    const values: ('number' | 'bytes')[] = [];
    let text = '';
    for (let i = random.between(0, most); i > 0; i--) {
      text += random.pick(odd ? LITERALS : LITERALS.filter((one) => one !== '\x1b'));
      if (odd && random.chance(8)) {
        text += random.pick(ODD);
        values.push('number');
        continue;
      }
      const [conversion, value] = random.pick(CONVERSIONS);
      const letter = odd || !/s$/.test(conversion) ? 'z' : '';
      text += `%${random.pick(WIDTHS)}${conversion}${random.pick(['', ' ', '|', '.', letter])}`;
      values.push(value);
    }
    // Whole conversions: a format that is cut in one has other values.
    return text.length > FORMAT_BYTES - 10 ? this.format(most, odd) : { text, values };
  }

  private value(register: string, kind: 'number' | 'bytes' | undefined): void {
    if (kind === 'bytes' && !this.random.chance(6)) this.stack(register, STACK.bytes);
    else if (kind === 'bytes') this.emit(`${register} = ${this.random.pick([0, 1, 4096])}`);
    else this.emit(`${register} = ${this.random.immediate()}`);
  }

  /** What %s and addresses read: a few characters, then zeros. */
  private fillBytes(): void {
    const letters = this.random.pick(['abc', '', '0123456789', '\x0a\0\0\x0b', 'é']);
    const bytes = new Uint8Array(16);
    bytes.set(new TextEncoder().encode(letters));
    this.store(STACK.bytes, bytes);
  }

  private store(offset: number, bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < bytes.length; at += 8)
      this.emit(
        `r1 = 0x${view.getBigUint64(at, true).toString(16)} ll`,
        `*(u64 *)(r10 ${offset + at}) = r1`,
      );
  }

  /** bpf_trace_printk or bpf_trace_vprintk, with the format on the stack. */
  private print = (): void => {
    const wide = this.random.chance(2);
    const { text, values } = this.format(wide ? 5 : 3, true);
    this.fillBytes();
    const bytes = new Uint8Array(FORMAT_BYTES);
    bytes.set(
      new TextEncoder().encode(text).subarray(0, FORMAT_BYTES - (this.random.chance(20) ? 0 : 1)),
    );
    this.store(STACK.format, bytes);
    if (wide) this.data(values, this.random.pick([0, 0, 0, 0, 1, -1]), 'r3', 'r4');
    else for (const [i, register] of ['r3', 'r4', 'r5'].entries()) this.value(register, values[i]);
    this.stack('r1', STACK.format);
    this.emit(`r2 = ${FORMAT_BYTES}`);
    this.call(wide ? 'trace_vprintk' : 'trace_printk');
    this.note(JSON.stringify(text));
  };

  /** Values as an array of 64-bit words, its address and its bytes in two registers. */
  private data(
    values: readonly ('number' | 'bytes')[],
    more: number,
    address: string,
    size: string,
  ): void {
    const count = Math.max(0, Math.min(6, values.length + more));
    for (let i = 0; i < count; i++) {
      this.value('r1', values[i]);
      this.emit(`*(u64 *)(r10 ${STACK.data + 8 * i}) = r1`);
    }
    this.stack(address, STACK.data);
    this.emit(`${size} = ${8 * count}`);
  }

  /** bpf_snprintf, whose text is compared too. */
  private text = (): void => {
    if (this.formats.length === FORMATS) {
      this.print();
      return;
    }
    const { text, values } = this.format(4, false);
    this.fillBytes();
    for (let at = 0; at < 64; at += 8) this.emit(`*(u64 *)(r10 ${STACK.text + at}) = 0`);
    this.data(values, 0, 'r4', 'r5');
    this.stack('r1', STACK.text);
    // A pointer that finds no room leaves what comes behind it to bytes of an earlier call: there
    // is always room for those.
    this.emit(`r2 = ${text.includes('p') ? TEXT_BYTES : this.random.pick([64, 64, 64, 1, 5, 16])}`);
    this.emit(`ld_pseudo r3, 0x2, ${MAP.formats}, ${FORMAT_BYTES * this.formats.length}`);
    this.formats.push(text);
    this.call('snprintf');
    this.note(JSON.stringify(text));
    for (let at = 0; at < 64; at += 8) {
      this.emit(`r1 = *(u64 *)(r10 ${STACK.text + at})`);
      this.note(`${JSON.stringify(text)} from character ${at} on`, 'r1');
    }
  };

  /**
   * bpf_loop: with flags or callbacks that the verifier knows, and such that it does not, which
   * decides whether it inlines it.
   */
  private loop = (): void => {
    const { random } = this;
    const count = random.pick([
      '0',
      '1',
      '3',
      '7',
      '8388609',
      '0x200000002',
      '0xffffffffffffffff',
      '0x800001',
    ]);
    this.emit(`*(u64 *)(r10 ${STACK.loop}) = 0`, `r1 = ${count} ll`);
    const unknown = 'r5 = *(u64 *)(r9 + 0)';
    if (random.chance(4)) {
      const other = this.newLabel();
      this.emit(unknown, 'ld_pseudo r2, 0x4, 1', `if r5 == ${random.immediate()} goto ${other}`);
      this.emit('ld_pseudo r2, 0x4, 2', `${other}:`);
    } else this.emit(`ld_pseudo r2, 0x4, ${random.pick([1, 2])}`);
    this.stack('r3', STACK.loop);
    const flags = random.below(8);
    if (flags === 0) this.emit('r4 = 1');
    else if (flags === 1) this.emit(unknown, 'r4 = r5', 'r4 &= 1');
    else
      this.emit(
        random.pick([
          'r4 = 0',
          'w4 = 0',
          `*(u64 *)(r10 ${STACK.value}) = 0\nr4 = *(u64 *)(r10 ${STACK.value})`,
        ]),
      );
    this.call('loop');
    this.note(`bpf_loop of ${count}`);
    this.emit(`r1 = *(u64 *)(r10 ${STACK.loop})`);
    this.note(`what bpf_loop of ${count} counted`, 'r1');
  };
}

/** Two callbacks: one that goes on, one that ends the loop at its fourth call. */
const CALLBACKS = [
  'r3 = *(u64 *)(r2 + 0)\nr3 += r1\nr3 += 3\n*(u64 *)(r2 + 0) = r3\nr0 = 0\nexit',
  'r3 = *(u64 *)(r2 + 0)\nr3 += 5\n*(u64 *)(r2 + 0) = r3\n' +
    'r0 = 0\nif r1 < 3 goto +0x1\nr0 = 1\nexit',
];

/** Every name a program of assembly may use: distances of callbacks are put in behind. */
export function randomHelperProgram(seed: number): HelperProgram {
  const writer = new Writer(new Random(seed));
  writer.main();
  const main = assemble(writer.lines.join('\n'), {});
  const callbacks = CALLBACKS.map((source) => assemble(source, {}));
  const functions = [0, main.length / SLOT_BYTES, (main.length + callbacks[0].length) / SLOT_BYTES];
  const bytes = new Uint8Array([...main, ...callbacks[0], ...callbacks[1]]);
  for (const { pc, src, imm } of longLoads(bytes)) {
    if (src !== LDDW_SOURCE.function) continue;
    const slot = readSlot(bytes, pc * SLOT_BYTES, 'little');
    writeSlot(bytes, pc * SLOT_BYTES, { ...slot, imm: functions[imm] - pc - 1 }, 'little');
  }
  const formats = new Uint8Array(FORMATS * FORMAT_BYTES);
  for (const [i, text] of writer.formats.entries())
    formats.set(new TextEncoder().encode(text).subarray(0, FORMAT_BYTES - 1), i * FORMAT_BYTES);
  return { seed, bytes, formats, functions, steps: writer.steps };
}

function longLoads(bytes: Uint8Array): { pc: number; src: number; imm: number }[] {
  const found: { pc: number; src: number; imm: number }[] = [];
  for (let pc = 0; pc < bytes.length / SLOT_BYTES; pc++) {
    const { opcode, src, imm } = readSlot(bytes, pc * SLOT_BYTES, 'little');
    if (opcode !== LDDW_OPCODE) continue;
    found.push({ pc, src, imm });
    pc += 1;
  }
  return found;
}

/** Maps in their order; that of formats holds what the program is given. */
export function helperMaps({
  formats,
}: HelperProgram): (KernelMap & { readonly freeze?: boolean })[] {
  const { array, hash, lpm_trie: trie } = MAP_TYPE_ID;
  return [
    { type: array, key: 4, value: 8 * RESULTS, entries: 1 },
    {
      type: array,
      key: 4,
      value: formats.length,
      entries: 1,
      flags: MAP_FLAGS.BPF_F_RDONLY_PROG,
      init: [['00000000', toHex(formats)]],
      freeze: true,
    },
    { type: hash, key: 8, value: 8, entries: 3 },
    { type: hash, key: 8, value: 8, entries: 3, flags: MAP_FLAGS.BPF_F_NO_PREALLOC },
    { type: trie, key: 8, value: 8, entries: 4, flags: MAP_FLAGS.BPF_F_NO_PREALLOC },
    { type: array, key: 4, value: 8, entries: 3 },
  ];
}

/**
 * A .BTF section with three functions that take nothing and answer an int, the last two static:
 * what the verifier wants to know of callbacks (Documentation/bpf/btf.rst).
 */
function functionTypes(): Uint8Array {
  const strings = '\0int\0main\0first\0second\0';
  const at = (name: string): number => strings.indexOf(`\0${name}\0`) + 1;
  const INT = 1 << 24;
  const FUNC_PROTO = 13 << 24;
  const FUNC = 12 << 24;
  const types = [at('int'), INT, 4, (1 << 24) | 32, 0, FUNC_PROTO, 1];
  types.push(at('main'), FUNC | 1, 2, at('first'), FUNC, 2, at('second'), FUNC, 2);
  const bytes = new Uint8Array(24 + types.length * 4 + strings.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, true);
  view.setUint8(2, 1);
  for (const [i, word] of [24, 0, types.length * 4, types.length * 4, strings.length].entries())
    view.setUint32(4 + i * 4, word, true);
  for (const [i, word] of types.entries()) view.setUint32(24 + i * 4, word, true);
  bytes.set(new TextEncoder().encode(strings), 24 + types.length * 4);
  return bytes;
}

export function helperJob(program: HelperProgram): KernelJob {
  const { id, attach } = programType('xdp');
  const loads = longLoads(program.bytes);
  const of = (source: number) =>
    loads.filter(({ src }) => src === source).map(({ pc, imm }) => [pc, imm] as const);
  return {
    type: id!,
    attach,
    insns: toHex(program.bytes),
    maps: helperMaps(program),
    refs: of(LDDW_SOURCE.map),
    values: of(LDDW_SOURCE['map-value']),
    btf: toHex(functionTypes()),
    funcInfo: program.functions.map((slot, i) => [slot, 3 + i] as const),
    runs: [{ packet: toHex(PACKET) }],
    dump: true,
  };
}

export const HELPER_PACKET = PACKET;
