import { describe, expect, test } from 'vitest';
import { decodeInstruction, type Instruction } from '../asm/decode.ts';
import { bytesOfSlots, encode } from '../asm/encode.ts';
import { Random } from '../testing/random.ts';
import { DemandedBits } from './demanded-bits.ts';

const instruction = (name: string, imm: number): Instruction =>
  decodeInstruction(
    bytesOfSlots(encode(name, { dst: 1, imm }), 'little'),
    0,
    'little',
  ) as Instruction;
const low = (value: bigint): number => Number(BigInt.asIntN(32, value));
const high = (value: bigint): number => low(value >> 32n);
const whole = (lower: number, upper: number): bigint =>
  (BigInt.asUintN(32, BigInt(upper)) << 32n) | BigInt.asUintN(32, BigInt(lower));
const hex = (value: bigint): string => value.toString(16);

/** RFC 9669 section 4.1: of a destination of `width` bits and an immediate. */
const ALU: Readonly<Record<string, (x: bigint, k: bigint, width: number) => bigint>> = {
  mov: (_, k) => k,
  and: (x, k) => x & k,
  or: (x, k) => x | k,
  xor: (x, k) => x ^ k,
  lsh: (x, k, width) => x << (k & BigInt(width - 1)),
  rsh: (x, k, width) => x >> (k & BigInt(width - 1)),
  arsh: (x, k, width) => BigInt.asIntN(width, x) >> (k & BigInt(width - 1)),
};
/** Values of the destination that tell which bits matter. */
const SAMPLES = [0n, (1n << 64n) - 1n, 0x0123_4567_89ab_cdefn, 0x5555_5555_aaaa_aaaan];

/** Bits of the destination a change of which changes a wanted bit of the result. */
function mattering(result: (x: bigint) => bigint, wanted: bigint): bigint {
  let bits = 0n;
  for (let bit = 1n; bit < 1n << 64n; bit <<= 1n)
    if (SAMPLES.some((x) => ((result(x) ^ result(x ^ bit)) & wanted) !== 0n)) bits |= bit;
  return bits;
}

function masks(random: Random): bigint[] {
  const word = () => whole(random.below(2 ** 32), random.below(2 ** 32));
  const one = () => 1n << BigInt(random.below(64));
  return [
    0n,
    (1n << 64n) - 1n,
    0xffff_ffffn,
    1n,
    1n << 63n,
    1n << 31n,
    1n << 32n,
    word(),
    one(),
    one(),
  ];
}

describe('the bits that matter of what an instruction changes, and no others', () => {
  const IMMEDIATES = [0, 1, 7, 15, 31, 32, 33, 47, 63, -1, 0x7fff_ffff, 0x00ff_00f0];
  test.each(Object.keys(ALU).flatMap((op) => [64, 32].map((width) => [op, width] as const)))(
    '%s of %i bits by a number',
    (op, width) => {
      const random = new Random(width);
      for (const imm of IMMEDIATES) {
        const [shifts, by] = [op.endsWith('sh'), imm & (width - 1)];
        if (shifts && imm !== by) continue;
        // From 32 on the sign is asked for whatever is wanted: more than matters, never less.
        const more = op === 'arsh' && by >= 32 ? 1n << 63n : 0n;
        const k = BigInt.asUintN(width, BigInt(imm));
        const result = (x: bigint) =>
          BigInt.asUintN(width, ALU[op](BigInt.asUintN(width, x), k, width));
        for (const wanted of masks(random)) {
          const demand = new DemandedBits();
          demand.alu(
            instruction(`${op}${width}_imm`, imm),
            low(wanted),
            high(wanted),
            imm,
            imm >> 31,
            false,
          );
          const asked = hex(whole(demand.dstLow, demand.dstHigh) & ~more);
          expect([op, imm, hex(wanted), asked]).toEqual([
            op,
            imm,
            hex(wanted),
            hex(mattering(result, wanted) & ~more),
          ]);
          if (more !== 0n && wanted !== 0n) expect(demand.dstHigh < 0).toBe(true);
        }
      }
    },
  );

  /** RFC 9669 section 4.2, of a little-endian machine. */
  const swapped = (x: bigint, bits: number): bigint => {
    let swap = 0n;
    for (let at = 0; at < bits; at += 8) swap = (swap << 8n) | ((x >> BigInt(at)) & 0xffn);
    return swap;
  };
  const UNARY: readonly (readonly [name: string, result: (x: bigint) => bigint])[] = [
    ...[16, 32, 64].flatMap(
      (bits) =>
        [
          [`le${bits}`, (x: bigint) => BigInt.asUintN(bits, x)],
          [`be${bits}`, (x: bigint) => swapped(x, bits)],
          [`bswap${bits}`, (x: bigint) => swapped(x, bits)],
        ] as const,
    ),
  ];
  test.each(UNARY)('%s', (name, result) => {
    const made = instruction(name, Number(/\d+/.exec(name)![0]));
    if (made.row.kind !== 'unary') throw new Error(`${name} is ${made.row.kind}`);
    for (const wanted of masks(new Random(3))) {
      const demand = new DemandedBits();
      demand.unary(made.row, 'little', low(wanted), high(wanted));
      expect([hex(wanted), hex(whole(demand.dstLow, demand.dstHigh))]).toEqual([
        hex(wanted),
        hex(mattering(result, wanted)),
      ]);
    }
  });
  test.each([8, 16, 32])('a number of %i bits with its sign above', (bits) => {
    const result = (x: bigint) => BigInt.asUintN(64, BigInt.asIntN(bits, x));
    for (const wanted of masks(new Random(4))) {
      const demand = new DemandedBits();
      demand.extended(bits, low(wanted), high(wanted));
      expect([hex(wanted), hex(whole(demand.dstLow, demand.dstHigh))]).toEqual([
        hex(wanted),
        hex(mattering(result, wanted)),
      ]);
    }
  });
});

describe('of sums every bit at its place and below', () => {
  test.each(['add', 'sub', 'mul'])('%s', (op) => {
    const demand = new DemandedBits();
    const asked = (wanted: bigint, width = 64) => {
      demand.alu(instruction(`${op}${width}_imm`, 5), low(wanted), high(wanted), 5, 0, false);
      return [hex(whole(demand.dstLow, demand.dstHigh)), hex(whole(demand.srcLow, demand.srcHigh))];
    };
    expect(asked(0n)).toEqual(['0', '0']);
    expect(asked(1n)).toEqual(['1', '1']);
    expect(asked(0x80n)).toEqual(['ff', 'ff']);
    expect(asked(1n << 31n)).toEqual(['ffffffff', 'ffffffff']);
    expect(asked(1n << 32n)).toEqual(['1ffffffff', '1ffffffff']);
    expect(asked(1n << 63n)).toEqual(['ffffffffffffffff', 'ffffffffffffffff']);
    expect(asked(1n << 40n, 32)).toEqual(['0', '0']);
    expect(asked(0x0100n, 32)).toEqual(['1ff', '1ff']);
  });
});
