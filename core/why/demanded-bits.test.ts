import { describe, expect, test } from 'vitest';
import { decodeInstruction, type Instruction } from '../asm/decode.ts';
import { bytesOfSlots, encode } from '../asm/encode.ts';
import type { JumpOp } from '../spec/isa.ts';
import { holds } from '../spec/semantics.ts';
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

describe('of a comparison with a number every bit that may turn it', () => {
  const KNOWN = [0, 1, 2, 3, 7, 8, 255, 256, 0x7fff_ffff, -1, -2, -256, -0x8000_0000];
  const wide = (imm: number, width: number): bigint => BigInt.asUintN(width, BigInt(imm));
  /** Values around what is compared with, where one bit more or less turns an order. */
  const around = (k: bigint, width: number): bigint[] =>
    [k, k + 1n, k - 1n, 0n, -1n, 1n << BigInt(width - 1), k ^ (1n << BigInt(width - 1))]
      .concat(SAMPLES)
      .map((x) => BigInt.asUintN(64, x));
  const COMPARISONS = ['jeq', 'jne', 'jgt', 'jge', 'jlt', 'jle', 'jsgt', 'jsge', 'jslt', 'jsle'];
  const asked = (name: string, imm: number): bigint => {
    const demand = new DemandedBits();
    demand.jump(instruction(name, imm), imm, imm, imm >> 31);
    return whole(demand.dstLow, demand.dstHigh);
  };

  test.each(COMPARISONS.flatMap((op) => ([64, 32] as const).map((width) => [op, width] as const)))(
    '%s of %i bits',
    (op, width) => {
      for (const imm of KNOWN) {
        const k = wide(imm, width);
        const turns = (x: bigint, bit: bigint): boolean =>
          holds(op as JumpOp, width, x, k) !== holds(op as JumpOp, width, x ^ bit, k);
        let matter = 0n;
        for (let bit = 1n; bit < 1n << BigInt(width); bit <<= 1n)
          if (around(k, width).some((x) => turns(BigInt.asUintN(width, x), bit))) matter |= bit;
        expect([imm, hex(matter & ~asked(`${op}${width}_imm`, imm))]).toEqual([imm, '0']);
      }
    },
  );

  test.each([
    ['a number below a power of two by the bits from it on', 'jlt64_imm', 256, ~0xffn],
    ['one not below it', 'jge64_imm', 8, ~7n],
    ['one up to the last below it', 'jle64_imm', 255, ~0xffn],
    ['one beyond that', 'jgt32_imm', 7, 0xffff_fff8n],
    ['one below no power of two by all bits', 'jlt64_imm', 255, -1n],
    ['one above a power of two by all bits', 'jgt64_imm', 256, -1n],
    ['a number with a sign below a power of two by all bits', 'jslt64_imm', 256, -1n],
    ['an equal one by all bits', 'jeq64_imm', 256, -1n],
    ['one of 32 bits by those', 'jeq32_imm', 5, 0xffff_ffffn],
    ['nothing is below 0', 'jlt64_imm', 0, -1n],
    ['below 0 by its sign', 'jslt64_imm', 0, 1n << 63n],
    ['not below 0 by its sign', 'jsge32_imm', 0, 1n << 31n],
    ['above -1 by its sign', 'jsgt64_imm', -1, 1n << 63n],
    ['up to -1 by its sign', 'jsle32_imm', -1, 1n << 31n],
    ['above 0 by all bits', 'jsgt64_imm', 0, -1n],
    ['below -1 by all bits', 'jslt32_imm', -1, 0xffff_ffffn],
  ])('%s', (_title, name, imm, bits) => {
    expect(hex(asked(name, imm))).toBe(hex(BigInt.asUintN(64, bits)));
  });

  test('of a test of bits those that are tested, on either side', () => {
    const demand = new DemandedBits();
    demand.jump(instruction('jset64_imm', 6), 6, 6, 0);
    expect([hex(whole(demand.dstLow, demand.dstHigh)), demand.srcLow, demand.srcHigh]).toEqual([
      '6',
      -1,
      -1,
    ]);
    demand.jump(instruction('jset32_imm', 6), 6, 6, -1);
    expect([hex(whole(demand.dstLow, demand.dstHigh)), demand.srcHigh]).toEqual(['6', 0]);
  });

  test('of two registers all bits of both', () => {
    const demand = new DemandedBits();
    demand.jump(instruction('jlt64_imm', 256), undefined, 256, 0);
    expect([demand.dstLow, demand.dstHigh, demand.srcLow, demand.srcHigh]).toEqual([
      -1, -1, -1, -1,
    ]);
  });
});

test('of what is no jump, change or number all bits are asked for, rather than one too few', () => {
  const bits = new DemandedBits();
  const all = { dstLow: -1, dstHigh: -1, srcLow: -1, srcHigh: -1 };
  const exit = decodeInstruction(bytesOfSlots(encode('exit', {}), 'little'), 0, 'little');
  bits.jump(exit as Instruction, 0, 0, 0);
  expect(bits).toEqual(all);
  bits.alu(exit as Instruction, -1, -1, 0, 0, false);
  expect(bits).toEqual(all);
});
