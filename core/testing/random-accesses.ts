// Random programs that are all about pointers and how far they reach: what is known of them where
// they are compiled is used, and has to hold. Offsets that are masked, shifted, bounded by jumps
// and by loops; comparisons with the end or the length; pointers that are kept on the stack; values
// of maps, looked up again and again; stores that may go anywhere.
import { assemble } from '../asm/assemble.ts';
import type { HookName } from '../spec/program-types.ts';
import { Random } from './random.ts';

const LINES = 26;
/** Registers for pointers and for numbers; r1 to r5 are lost in calls. */
const POINTERS = [6, 7, 8, 3];
const NUMBERS = [0, 2, 4, 5, 9];
const SIZES = ['u8', 'u16', 'u32', 'u64'];
const ORDERS = ['<', '<=', '>', '>=', '==', '!=', 's<', 's>='];
const ODD = [0, 1, 2, 3, 7, 8, 13, 14, 20, 34, 60, 63, 64, 255, 512, -1, -8, -14, 65536];

export interface AccessProgram {
  readonly hook: HookName;
  readonly bytes: Uint8Array;
}

/**
 * Of maps that the program may use: `ld_pseudo r1, 0x1, N`, and one global variable in the last.
 */
export function randomAccesses(seed: number, maps: number): AccessProgram {
  const random = new Random(seed);
  const hook = random.pick<HookName>(['ubpf', 'xdp', 'xdp', 'tc', 'filter-ubpf']);
  const isPlain = hook === 'ubpf' || hook === 'filter-ubpf';
  const calls = isPlain ? 0 : maps;
  const pointer = (): string => `r${random.pick(POINTERS)}`;
  const number = (): string => `r${random.pick(NUMBERS)}`;
  const constant = (): number => random.pick(ODD);
  const small = (): string => {
    const offset = random.pick([0, 0, 1, 2, 4, 8, 12, 16, 30, -1, -4, -16]);
    return offset < 0 ? `- ${-offset}` : `+ ${offset}`;
  };
  const slot = (): number => -8 * random.between(1, 6);
  let labels = 0;

  const load = (): string => `${number()} = *(${random.pick(SIZES)} *)(${pointer()} ${small()})`;
  const store = (): string => `*(${random.pick(SIZES)} *)(${pointer()} ${small()}) = ${number()}`;
  const spill = (): string => `*(u64 *)(r10 - ${-slot()}) = ${random.pick([pointer(), number()])}`;
  const fill = (): string => `${random.pick([pointer(), number()])} = *(u64 *)(r10 - ${-slot()})`;
  const move = (): string =>
    random.pick([
      () => `${pointer()} = ${pointer()}`,
      () => `${number()} = ${number()}`,
      () => `${number()} = ${constant()}`,
      () => `${pointer()} = r10`,
      () => `${number()} = ${pointer()}`,
    ])();
  const shift = (): string =>
    random.pick([
      () => `${pointer()} += ${constant()}`,
      () => `${pointer()} += ${number()}`,
      () => `${pointer()} -= ${number()}`,
      () => `${number()} += ${pointer()}`,
    ])();
  const compute = (): string => {
    const [left, right] = [number(), number()];
    return random.pick([
      () => `${left} &= ${random.pick([1, 3, 7, 15, 31, 63, 255])}`,
      () => `${left} <<= ${random.below(5)}`,
      () => `${left} >>= ${random.below(70)}`,
      () => `w${left.slice(1)} &= ${constant()}`,
      () => `w${left.slice(1)} += ${constant()}`,
      () => `w${left.slice(1)} >>= ${random.below(34)}`,
      () => `${left} += ${constant()}`,
      () => `${left} += ${right}`,
      () => `${left} -= ${right}`,
      () => `${left} *= ${random.below(5)}`,
      () => `${left} %= ${random.pick([1, 3, 16, 40])}`,
      () => `${left} /= ${random.pick([1, 2, 3])}`,
      () => `${left} |= ${right}`,
      () => `${left} ^= ${random.below(40)}`,
      () => `${left} = be16 ${left}`,
    ])();
  };
  const side = (): string => random.pick([number, pointer])();
  const condition = (): string => {
    const right = random.chance(2) ? side() : String(constant());
    const [left, wide] = [side(), random.chance(4)];
    const short = (name: string): string => (name.startsWith('r') ? `w${name.slice(1)}` : name);
    const order = random.pick(ORDERS);
    return wide
      ? `if ${short(left)} ${order} ${short(right)} goto`
      : `if ${left} ${order} ${right} goto`;
  };
  const lookUp = (): string => {
    const map = random.below(calls);
    const end = `found${labels++}`;
    const key = random.pick([`r2 = ${random.below(5)}; *(u64 *)(r10 - 64) = r2; `, '']);
    const check = random.chance(4) ? '' : `if r0 == 0 goto ${end}; `;
    return (
      `${key}r2 = r10; r2 += -64; ld_pseudo r1, 0x1, ${map}; call bpf_map_lookup_elem; ${check}` +
      `${pointer()} = r0; *(u64 *)(r0 + ${random.pick([0, 0, 0, 4, 8])}) = r9; ${end}: r0 = 1; ` +
      `r2 = 0; r3 = r6; r4 = 3; r5 = 4`
    );
  };
  const update = (): string => {
    const map = random.below(calls);
    return (
      `*(u64 *)(r10 - 72) = r9; r2 = r10; r2 += -64; r3 = r10; r3 += -72; r4 = 0; ` +
      `ld_pseudo r1, 0x1, ${map}; call bpf_map_${random.chance(3) ? 'delete' : 'update'}_elem; ` +
      `r2 = 0; r3 = r6; r4 = 3; r5 = 4`
    );
  };
  /** An access below a pointer that stands at the stack's end on one way, farther on another. */
  const edge = (): string => {
    const [end, at] = [`edge${labels++}`, pointer()];
    const access = `*(${random.pick(SIZES)} *)(${at} - ${random.pick([1, 2, 4, 8, 12, 16])})`;
    const moved = `${at} ${random.pick(['+=', '-='])} ${random.pick([1, 2, 4, 8, 16, 500, 512])}`;
    const done = random.chance(2) ? `${access} = ${number()}` : `${number()} = ${access}`;
    return `${at} = r10; ${condition()} ${end}; ${moved}; ${end}: ${done}`;
  };
  const global = (): string => `ld_pseudo ${pointer()}, 0x2, ${maps}`;

  const simple = (): string =>
    random.pick([
      load,
      load,
      load,
      store,
      spill,
      fill,
      move,
      shift,
      shift,
      compute,
      compute,
      compute,
      ...(isPlain ? [] : [global]),
    ])();
  const piece = (): string => {
    const kind = random.below(10);
    if (kind < 2) {
      const label = `out${labels++}`;
      const inside = Array.from({ length: random.between(1, 5) }, simple).join('; ');
      return `${condition()} ${label}; ${inside}; ${label}: r0 += 0`;
    }
    if (kind === 2) {
      const label = `again${labels++}`;
      const inside = Array.from({ length: random.between(1, 5) }, simple).join('; ');
      const lookup = calls > 0 && random.chance(2) ? `${lookUp()}; ` : '';
      const times = random.between(2, 20);
      return `${label}: ${lookup}${inside}; r9 += 1; if r9 < ${times} goto ${label}`;
    }
    if (kind === 3) return `${condition()} end`;
    if (kind === 4 && calls > 0) return random.chance(3) ? update() : lookUp();
    if (kind === 5 && random.chance(3)) return edge();
    return simple();
  };
  const start = isPlain
    ? 'r6 = r1; r7 = r1; r7 += r2; r8 = r1; r3 = r1; r9 = r2; r4 = 1; r5 = 2; r0 = 0'
    : 'r6 = *(u32 *)(r1 + X); r7 = *(u32 *)(r1 + Y); r8 = r6; r3 = r6; r9 = r7; r9 -= r6; ' +
      'r2 = 14; r4 = 1; r5 = 2; r0 = 0';
  const [data, end] = hook === 'tc' ? [76, 80] : [0, 4];
  const head =
    `r0 = 0; *(u64 *)(r10 - 64) = r0; ` +
    start.replace('X', String(data)).replace('Y', String(end));
  const pieces = Array.from({ length: LINES }, piece);
  const source = `${head}; ${pieces.join('; ')}; end: r0 += r9; exit`;
  return { hook, bytes: assemble(source, { helper: (name) => HELPERS[name] }) };
}

const HELPERS: Readonly<Record<string, number>> = {
  bpf_map_lookup_elem: 1,
  bpf_map_update_elem: 2,
  bpf_map_delete_elem: 3,
};
