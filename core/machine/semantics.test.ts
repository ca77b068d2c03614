// The machine against the reference (spec/semantics.ts), one instruction at a time: every row of
// the table that computes, loads or stores, with any registers, values and byte order.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode, encodeRow } from '../asm/encode.ts';
import type { Slot } from '../asm/encoding.ts';
import type { Endian } from '../bytes/reader.ts';
import { address } from '../memory/memory.ts';
import { readsOf, registerOf, writesOf } from '../program/effects.ts';
import { INSTRUCTIONS, type InstructionRow } from '../spec/isa.ts';
import { alu, conversionOf, convert, extended, holds, update } from '../spec/semantics.ts';
import { TRIED_ENGINES } from '../testing/engines.ts';
import { machineOf } from '../testing/machine.ts';
import type { Engine } from './engine.ts';
import type { Machine } from './machine.ts';
import { run } from './run.ts';

/** Bytes of the stack that loads and stores are tried on, and where its middle is. */
const AREA = 64;
const MIDDLE = 256;
const RUNS = 16;

interface Sample {
  readonly registers: readonly bigint[];
  readonly dst: number;
  readonly src: number;
  readonly off: number;
  readonly imm: number;
  readonly nextImm: number;
  readonly memory: Uint8Array;
  /** What is compared is equal, or that much more, which chance alone would hardly bring about. */
  readonly equal: bigint | undefined;
}

/** What an instruction may change. */
interface State {
  readonly registers: bigint[];
  readonly memory: Uint8Array;
  pc: number;
}

const word = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.bigInt({ min: 0n, max: 70n }),
  fc.constantFrom(31n, 32n, 63n, 64n, 1n << 31n, 1n << 32n, 1n << 63n),
  fc.constantFrom((1n << 31n) - 1n, (1n << 32n) - 1n, (1n << 63n) - 1n, (1n << 64n) - 1n),
);
const imm = fc.oneof(
  fc.integer(),
  fc.integer({ min: -70, max: 70 }),
  fc.constantFrom(-0x8000_0000, 0x7fff_ffff),
);
/** Any register but r10, which no instruction may write. */
const register = fc.integer({ min: 0, max: 9 });

const samples: fc.Arbitrary<Sample> = fc.record({
  registers: fc.array(word, { minLength: 10, maxLength: 10 }),
  dst: register,
  src: register,
  off: fc.integer({ min: -16, max: 8 }),
  imm,
  nextImm: imm,
  memory: fc.uint8Array({ minLength: AREA, maxLength: AREA }),
  equal: fc.constantFrom(undefined, undefined, 0n, 0n, 1n, -1n, 0x8000_0000n, -0x8000_0000n),
});

const isAccess = (row: InstructionRow): boolean =>
  row.kind === 'load' || row.kind === 'store' || row.kind === 'atomic';

/** The operand that holds the address. */
const addressOf = (row: InstructionRow): 'dst' | 'src' =>
  row.kind === 'load' || (row.kind === 'atomic' && row.op === 'load_acquire') ? 'src' : 'dst';

function slotsOf(row: InstructionRow, sample: Sample): Slot[] {
  const free = (field: 'dst' | 'src' | 'imm') => row[field] === '*' && { [field]: sample[field] };
  // The kernel takes atomic operations at aligned addresses only.
  const off = row.kind === 'atomic' ? sample.off & ~7 : sample.off;
  return encodeRow(row, {
    ...free('dst'),
    ...free('src'),
    ...free('imm'),
    ...(row.off === '*' && { off }),
    ...(row.distance && { [row.distance]: 1 }),
    ...(row.kind === 'lddw' && { nextImm: sample.nextImm }),
  });
}

const stackOf = ({ memory, stackRegions: [stack] }: Machine): Uint8Array => {
  const start = memory.base[stack] + MIDDLE - AREA / 2;
  return memory.bytes.subarray(start, start + AREA);
};

/** A machine before the instruction, with the sample's registers and memory. */
function before(engine: Engine, row: InstructionRow, endian: Endian, sample: Sample): Machine {
  const slots = slotsOf(row, sample);
  const machine = machineOf(engine, [...slots, ...encode('exit'), ...encode('exit')], endian);
  machine.registers.set(sample.registers);
  if (isAccess(row))
    machine.registers[registerOf(addressOf(row), slots[0])] = address(
      machine.stackRegions[0],
      MIDDLE,
    );
  stackOf(machine).set(sample.memory);
  if (sample.equal !== undefined) makeEqual(machine.registers, row, slots[0], endian, sample);
  return machine;
}

/**
 * Of a comparison the left side becomes the right one, or nearly; of a cmpxchg r0 what lies in
 * memory.
 */
function makeEqual(
  registers: BigUint64Array,
  row: InstructionRow,
  slot: Slot,
  endian: Endian,
  { memory, equal = 0n }: Sample,
): void {
  if (row.kind === 'jump')
    registers[slot.dst] = (row.operand === 'reg' ? registers[slot.src] : BigInt(slot.imm)) + equal;
  if (row.kind === 'atomic' && row.op === 'cmpxchg' && slot.dst !== 0)
    registers[0] = bytesAt(memory, AREA / 2 + slot.off, row.size, endian);
}

const stateOf = (machine: Machine): State => ({
  registers: [...machine.registers.slice(0, 10)],
  memory: stackOf(machine).slice(),
  pc: machine.pc,
});

function bytesAt(memory: Uint8Array, at: number, size: number, endian: Endian): bigint {
  const bytes = memory.slice(at, at + size);
  if (endian === 'little') bytes.reverse();
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function putBytes(memory: Uint8Array, at: number, size: number, endian: Endian, value: bigint) {
  for (let i = 0; i < size; i++)
    memory[at + (endian === 'little' ? i : size - 1 - i)] = Number((value >> BigInt(8 * i)) & 255n);
}

/** The state after the instruction, as the reference has it. */
function reference(row: InstructionRow, slots: Slot[], endian: Endian, from: State): State {
  const { registers, memory } = from;
  const state = { registers: [...registers], memory: memory.slice(), pc: slots.length };
  const [slot] = slots;
  const left = registers[slot.dst];
  const right = row.src === '*' ? registers[slot.src] : BigInt(slot.imm);
  const at = AREA / 2 + slot.off;
  switch (row.kind) {
    case 'alu':
      state.registers[slot.dst] = alu(row.op, row.width, left, right);
      return state;
    case 'unary': {
      const value = row.src === '*' ? right : left;
      const how = conversionOf(row, endian)!;
      state.registers[slot.dst] = convert(how, row.bits, row.width, value);
      return state;
    }
    case 'jump':
      if (holds(row.op, row.width, left, right)) state.pc += 1;
      return state;
    case 'goto':
      state.pc += row.op === 'ja' ? slot[row.distance!] : 0;
      return state;
    case 'lddw': {
      const low = BigInt.asUintN(32, BigInt(slot.imm));
      state.registers[slot.dst] = BigInt.asUintN(64, (BigInt(slots[1].imm) << 32n) | low);
      return state;
    }
    case 'load': {
      const value = bytesAt(memory, at, row.size, endian);
      state.registers[slot.dst] = row.signed ? extended(row.size, value) : value;
      return state;
    }
    case 'store':
      putBytes(state.memory, at, row.size, endian, BigInt.asUintN(64, right));
      return state;
    case 'atomic': {
      const value = bytesAt(memory, at, row.size, endian);
      const after = update(row.op, row.size, value, registers[slot.src], registers[0]);
      if (after !== undefined) putBytes(state.memory, at, row.size, endian, after);
      for (const operand of row.writes) state.registers[registerOf(operand, slot)] = value;
      return state;
    }
    default:
      throw new Error(`${row.name} has no reference`);
  }
}

/** What calls, ends, or loads what only a session has, is the machine's own matter. */
const computes = (row: InstructionRow): boolean => {
  if (row.kind === 'lddw') return row.source === 'imm64';
  if (row.kind === 'unary') return row.form !== 'cast';
  return !['call', 'exit', 'table', 'packet'].includes(row.kind);
};
const ROWS = INSTRUCTIONS.filter(computes);

/** States before and after an instruction. */
function around(engine: Engine, row: InstructionRow, sample: Sample): [State, State] {
  const machine = before(engine, row, 'little', sample);
  const start = stateOf(machine);
  run(machine, 1);
  return [start, stateOf(machine)];
}

describe.each(TRIED_ENGINES)('$name', (engine) => {
  describe.each(['little', 'big'] as const)('on a %s-endian machine', (endian) => {
    test.each(ROWS.map((row) => [row.name, row] as const))('%s is its reference', (_name, row) => {
      fc.assert(
        fc.property(samples, (sample) => {
          const machine = before(engine, row, endian, sample);
          const expected = reference(row, slotsOf(row, sample), endian, stateOf(machine));
          run(machine, 1);
          expect(machine.fault).toBeUndefined();
          expect(stateOf(machine)).toEqual(expected);
        }),
        { numRuns: RUNS },
      );
    });
  });

  test.each(ROWS.map((row) => [row.name, row] as const))(
    '%s writes and reads the registers of its row and no others',
    (_name, row) => {
      fc.assert(
        fc.property(samples, fc.array(word, { minLength: 10, maxLength: 10 }), (sample, others) => {
          const [slot] = slotsOf(row, sample);
          const instruction = { row, slot, nextImm: 0, slots: 1 } as const;
          const [reads, writes] = [readsOf(instruction, () => 0), writesOf(instruction)];
          const unread = sample.registers.map((value, n) => (reads & (1 << n) ? value : others[n]));
          const [start, end] = around(engine, row, sample);
          const [otherStart, otherEnd] = around(engine, row, { ...sample, registers: unread });
          for (let n = 0; n < 10; n++) {
            if (writes & (1 << n)) expect(otherEnd.registers[n]).toBe(end.registers[n]);
            else {
              expect(end.registers[n]).toBe(start.registers[n]);
              expect(otherEnd.registers[n]).toBe(otherStart.registers[n]);
            }
          }
          expect(otherEnd.pc).toBe(end.pc);
          expect(otherEnd.memory).toEqual(end.memory);
        }),
        { numRuns: RUNS },
      );
    },
  );
});

test('every operation of the table is tried', () => {
  expect(INSTRUCTIONS.filter((row) => !computes(row)).map(({ name }) => name)).toEqual([
    'cast_kern',
    'cast_user',
    'gotox',
    'call',
    'call_local',
    'call_kfunc',
    'callx',
    'exit',
    'lddw_map',
    'lddw_map_value',
    'lddw_variable',
    'lddw_function',
    'lddw_map_index',
    'lddw_map_index_value',
    'ldabs8',
    'ldind8',
    'ldabs16',
    'ldind16',
    'ldabs32',
    'ldind32',
  ]);
});
