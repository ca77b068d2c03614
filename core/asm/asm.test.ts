import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { INSTRUCTIONS, type InstructionRow } from '../spec/isa.ts';
import { assemble } from './assemble.ts';
import { decodeInstruction } from './decode.ts';
import { disassemble } from './disassemble.ts';
import { bytesOfSlots, encode } from './encode.ts';

const text = (hex: string, dialect?: 'llvm') =>
  disassemble(decodeInstruction(fromHex(hex)!, 0, 'little'), dialect);

describe('the instruction table', () => {
  test('no two rows match the same slot', () => {
    const fields = ['dst', 'src', 'off', 'imm'] as const;
    const clash = (a: InstructionRow, b: InstructionRow) =>
      a.opcode === b.opcode &&
      fields.every((field) => a[field] === '*' || b[field] === '*' || a[field] === b[field]);
    const clashes = INSTRUCTIONS.flatMap((a, i) =>
      INSTRUCTIONS.slice(i + 1)
        .filter((b) => clash(a, b))
        .map((b) => `${a.name} ${b.name}`),
    );
    expect(clashes).toEqual([]);
  });
  test('names are unique and every row has a doc', () => {
    expect(new Set(INSTRUCTIONS.map((row) => row.name)).size).toBe(INSTRUCTIONS.length);
    expect(INSTRUCTIONS.filter((row) => !row.doc.endsWith('.'))).toEqual([]);
  });
});

describe('LLVM syntax (recorded from llvm-objdump 19)', () => {
  test.each([
    ['b700000001000000', 'r0 = 0x1'],
    ['b7000000ffffffff', 'r0 = -0x1'],
    ['bf21080000000000', 'r1 = (s8)r2'],
    ['bc21100000000000', 'w1 = (s16)w2'],
    ['3c21010000000000', 'w1 s/= w2'],
    ['dc01000010000000', 'r1 = be16 r1'],
    ['d701000020000000', 'r1 = bswap32 r1'],
    ['7121ffff00000000', 'r1 = *(u8 *)(r2 - 0x1)'],
    ['620afcff01000000', '*(u32 *)(r10 - 0x4) = 0x1'],
    ['db21000001000000', 'r2 = atomic_fetch_add((u64 *)(r1 + 0x0), r2)'],
    ['db210000f1000000', 'r0 = cmpxchg_64(r1 + 0x0, r0, r2)'],
    ['6e21feff00000000', 'if w1 s> w2 goto -0x2'],
    ['0600000014000000', 'gotol +0x14'],
    ['e500020000000000', 'may_goto +0x2'],
    ['85100000ffffffff', 'call -0x1'],
    ['18010000f0debc9a0000000078563412', 'r1 = 0x123456789abcdef0 ll'],
    ['18010000ffffffff00000000ffffffff', 'r1 = -0x1 ll'],
    ['300000000c000000', 'r0 = *(u8 *)skb[0xc]'],
    ['4810000000000000', 'r0 = *(u16 *)skb[r1]'],
    ['2000000000f0ffff', 'r0 = *(u32 *)skb[-0x1000]'],
  ])('%s is %s', (hex, expected) => expect(text(hex, 'llvm')).toBe(expected));
});

describe('undefined encodings are refused with the reason', () => {
  test.each([
    ['ff00000000000000', 'opcode 0xff is not defined'],
    ['0712000000000000', 'reserved field src is 0x1, must be 0x0'],
    ['9500010000000000', 'reserved field off is 0x1, must be 0x0'],
    ['b70b000000000000', 'destination register r11 does not exist'],
    ['dc01000018000000', 'imm 0x18 is not defined for opcode 0xdc'],
    ['1801000000000000', 'a 64-bit immediate load needs a second slot, the code ends here'],
  ])('%s: %s', (hex, reason) =>
    expect(decodeInstruction(fromHex(hex)!, 0, 'little')).toMatchObject({ row: undefined, reason }),
  );
});

const value = (field: number | '*', any: fc.Arbitrary<number>) =>
  field === '*' ? any : fc.constant(field);
const slotOf = (row: InstructionRow) =>
  fc.record({
    opcode: fc.constant(row.opcode),
    dst: value(row.dst, fc.integer({ min: 0, max: 10 })),
    src: value(row.src, fc.integer({ min: 0, max: 10 })),
    off: value(row.off, fc.integer({ min: -0x8000, max: 0x7fff })),
    imm: value(row.imm, fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff })),
  });

describe.each(['little', 'big'] as const)('%s endian', (endian) => {
  test.each(INSTRUCTIONS.map((row) => [row.name, row] as const))(
    '%s: assembling its disassembly gives the same bytes',
    (_name, row) => {
      fc.assert(
        fc.property(
          slotOf(row),
          fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
          (slot, next) => {
            const { opcode, ...fields } = slot;
            const slots = encode(row.name, { ...fields, nextImm: next });
            expect(slots[0]).toEqual({ opcode, ...fields });
            const code = bytesOfSlots(slots, endian);
            const instruction = decodeInstruction(code, 0, endian);
            expect(instruction.row?.name).toBe(row.name);
            expect(toHex(assemble(disassemble(instruction), { endian }))).toBe(toHex(code));
          },
        ),
        { numRuns: 20 },
      );
    },
  );
});

describe('encoding by name', () => {
  test('fields that a row leaves free are 0, a 64-bit immediate load has two slots', () => {
    const code = [
      ...encode('mov64_imm', { dst: 3, imm: 7 }),
      ...encode('lddw_imm64', { dst: 1, imm: 1, nextImm: 2 }),
      ...encode('exit'),
    ];
    expect(toHex(bytesOfSlots(code, 'little'))).toBe(
      ['b703000007000000', '1801000001000000', '0000000002000000', '9500000000000000'].join(''),
    );
  });
  test('a name or a field that the table does not have is our own mistake', () => {
    expect(() => encode('mov16_imm')).toThrow('no instruction is called mov16_imm');
    expect(() => encode('exit', { imm: 1 })).toThrow('exit has imm 0, not 1');
  });
});

describe('the assembler', () => {
  test('labels, comments, semicolons and helper names', () => {
    const code = assemble(
      'r0 = 0; again: r0 += 1 # count\nif r0 < 10 goto again\ncall get // a helper\ncall ' +
        'sub\nexit\nsub: exit',
      { helper: (name) => (name === 'get' ? 5 : undefined) },
    );
    expect(toHex(code)).toBe(
      [
        'b700000000000000',
        '0700000001000000',
        'a500feff0a000000',
        '8500000005000000',
        '8510000001000000',
        '9500000000000000',
        '9500000000000000',
      ].join(''),
    );
  });
  test.each([
    ['r0 = 1\nr0 ? 2', 'line 2: "r0 ? 2" is not an instruction'],
    ['goto nowhere', 'line 1: label "nowhere" is not defined'],
    ['a: exit\na: exit', 'line 2: label "a" is defined twice'],
    ['r11 = 0', 'line 1: register 11 does not fit (0 to 10)'],
    ['r0 = 0x1ffffffff', 'line 1: immediate 0x1ffffffff does not fit (-2147483648 to 4294967295)'],
    ['r1 = be16 r2', 'line 1: both registers must be the same, r1 and r2 are not'],
  ])('%j: %s', (source, message) => {
    expect(() => assemble(source)).toThrow(InputError);
    expect(() => assemble(source)).toThrow(message);
  });
});
