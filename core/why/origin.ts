import type { Instruction } from '../asm/decode.ts';
import { immediate64 } from '../asm/disassemble.ts';
import type { Machine } from '../machine/machine.ts';
import type { AluOp, InstructionRow, Width } from '../spec/isa.ts';
import { alu, conversionOf, convert } from '../spec/semantics.ts';
import type { LinearAddress, Step } from '../spec/units.ts';
import { isEdit, type Trace } from './trace.ts';
import { countOf, fromOf, KIND, kindOf, laneOf } from './trace-inputs.ts';

/** How a value came from bytes of the packet: by operations that can be turned around. */
export type Origin =
  | {
      readonly kind: 'bytes';
      readonly offset: number;
      readonly size: number;
      readonly big: boolean;
    }
  | { readonly kind: 'constant'; readonly value: bigint }
  | {
      readonly kind: 'operation';
      readonly op: AluOp;
      readonly width: Width;
      readonly of: readonly Origin[];
    }
  /** The low bits of a value, in their order or the other. */
  | { readonly kind: 'cut' | 'swap'; readonly bits: number; readonly of: Origin };

/** Byte of the packet to its new value. */
export type WantedBytes = ReadonlyMap<number, number>;

type Row<K extends InstructionRow['kind']> = Extract<InstructionRow, { kind: K }>;

const MOST_DEEP = 24;

const cut = (value: bigint, width: number): bigint => BigInt.asUintN(width, value);
const ones = (width: number): bigint => (1n << BigInt(width)) - 1n;

/** Reads origins out of a trace; undefined where a value came another way. */
export class Origins {
  private readonly trace: Trace;
  private readonly machine: Machine;

  constructor(trace: Trace, machine: Machine) {
    this.trace = trace;
    this.machine = machine;
  }

  /** What the branch at a step compared: the left side and the right one. */
  ofBranch(step: Step): readonly (Origin | undefined)[] {
    const instruction = this.instructionOf(step);
    if (instruction?.row.kind !== 'jump') return [];
    const { row, slot } = instruction;
    const left = this.operand(step, KIND.dst, 0);
    return [
      left,
      row.operand === 'imm' ? constant(BigInt(slot.imm)) : this.operand(step, KIND.src, 0),
    ];
  }

  private instructionOf(step: Step): Instruction | undefined {
    const instruction = isEdit(step)
      ? undefined
      : this.machine.code.instructions[this.trace.pcs.at(step)];
    return instruction?.row === undefined ? undefined : instruction;
  }

  private operand(step: Step, kind: number, depth: number): Origin | undefined {
    const writer = this.trace.operand(step, kind);
    return writer === undefined ? undefined : this.at(writer, depth);
  }

  private at(step: Step, depth: number): Origin | undefined {
    const instruction = this.instructionOf(step);
    if (instruction === undefined || depth === MOST_DEEP) return undefined;
    const { row, slot } = instruction;
    switch (row.kind) {
      case 'load':
        return row.signed
          ? undefined
          : this.ofLoad(step, row.size, !this.machine.memory.littleEndian, depth);
      case 'packet':
        return this.ofLoad(step, row.size, true, depth);
      case 'lddw':
        return row.source === 'imm64'
          ? constant(immediate64(slot.imm, instruction.nextImm))
          : undefined;
      case 'alu':
        return this.ofAlu(step, row, slot.imm, depth);
      case 'unary':
        return this.ofUnary(step, row, depth);
      default:
        return undefined;
    }
  }

  /** A change of the byte order, or a cut to fewer bits. */
  private ofUnary(step: Step, row: Row<'unary'>, depth: number): Origin | undefined {
    const kind = conversionOf(row, this.machine.memory.littleEndian ? 'little' : 'big');
    if (kind !== 'cut' && kind !== 'swap') return undefined;
    const of = this.operand(step, KIND.dst, depth + 1);
    return of && { kind, bits: row.bits, of };
  }

  private ofAlu(
    step: Step,
    { op, width, operand }: Row<'alu'>,
    imm: number,
    depth: number,
  ): Origin | undefined {
    const byImmediate = operand === 'imm';
    const immediate = constant(cut(BigInt(imm), width));
    const right = byImmediate ? immediate : this.operand(step, KIND.src, depth + 1);
    if (op === 'mov') return byImmediate ? immediate : this.operation('mov', width, [right]);
    return this.operation(op, width, [this.operand(step, KIND.dst, depth + 1), right]);
  }

  private operation(
    op: AluOp,
    width: Width,
    of: readonly (Origin | undefined)[],
  ): Origin | undefined {
    if (of.some((part) => part === undefined)) return undefined;
    const parts = (of as Origin[]).map((part) =>
      part.kind === 'constant' ? constant(cut(part.value, width)) : part,
    );
    return { kind: 'operation', op, width, of: parts };
  }

  /**
   * Of the packet, or what was stored there; bytes of both where they are put together in memory.
   */
  private ofLoad(step: Step, size: number, big: boolean, depth: number): Origin | undefined {
    const { trace } = this;
    let whole: Origin | undefined;
    for (let i = trace.firstInput(step); i < trace.endOfInputs(step); i++) {
      const how = trace.role(i);
      const kind = kindOf(how);
      if (kind === KIND.called || kind === KIND.contents) return undefined;
      if (kind !== KIND.before && kind !== KIND.lanes) continue;
      const count = countOf(how);
      const part =
        kind === KIND.before
          ? this.ofPacket(trace.source(i), count, big)
          : this.ofStore(trace.source(i), fromOf(how), count, big, depth);
      const above = big ? size - laneOf(how) - count : laneOf(how);
      const placed =
        above === 0 ? part : this.operation('lsh', 64, [part, constant(BigInt(8 * above))]);
      if (placed === undefined) return undefined;
      whole = whole === undefined ? placed : this.operation('or', 64, [whole, placed]);
    }
    return whole;
  }

  /** Some bytes of what a step stored. */
  private ofStore(
    step: Step,
    from: number,
    count: number,
    big: boolean,
    depth: number,
  ): Origin | undefined {
    const stored = this.instructionOf(step);
    if (stored?.row.kind !== 'store') return undefined;
    const { size, operand } = stored.row;
    const value =
      operand === 'imm'
        ? constant(cut(BigInt(stored.slot.imm), size * 8))
        : this.operand(step, KIND.src, depth + 1);
    const below = big ? size - from - count : from;
    const moved =
      below === 0 ? value : this.operation('rsh', 64, [value, constant(BigInt(8 * below))]);
    return this.operation('and', 64, [moved, constant(ones(count * 8))]);
  }

  private ofPacket(address: LinearAddress, size: number, big: boolean): Origin | undefined {
    const { frameStart, frameEnd } = this.trace;
    if (address < frameStart || address + size > frameEnd) return undefined;
    return { kind: 'bytes', offset: address - frameStart, size, big };
  }
}

const constant = (value: bigint): Origin => ({ kind: 'constant', value: cut(value, 64) });

/** What a value is made of. */
function partsOf(origin: Origin): readonly Origin[] {
  switch (origin.kind) {
    case 'bytes':
    case 'constant':
      return [];
    case 'operation':
      return origin.of;
    case 'cut':
    case 'swap':
      return [origin.of];
  }
}

export const comesFromPacket = (origin: Origin | undefined): origin is Origin =>
  origin !== undefined && (origin.kind === 'bytes' || partsOf(origin).some(comesFromPacket));

const CUTS: ReadonlySet<AluOp> = new Set(['and', 'rsh', 'arsh', 'lsh', 'mul', 'div', 'mod']);

/** What throws bits away: behind a sum, values that differ may come to the same. */
const throwsAway = (origin: Origin): boolean =>
  origin.kind === 'operation'
    ? CUTS.has(origin.op)
    : (origin.kind === 'cut' || origin.kind === 'swap') && origin.bits === 16;

const hasSum = (origin: Origin): boolean =>
  (origin.kind === 'operation' && (origin.op === 'add' || origin.op === 'sub')) ||
  partsOf(origin).some(hasSum);

/** Whether the bits of the packet that a value comes from are told by it, each of them. */
export const isOneToOne = (origin: Origin): boolean =>
  partsOf(origin).every(isOneToOne) && !(throwsAway(origin) && partsOf(origin).some(hasSum));

/** Bits that can be set at all. */
function reach(origin: Origin): bigint {
  if (origin.kind === 'constant') return origin.value;
  if (origin.kind === 'bytes') return ones(origin.size * 8);
  if (origin.kind !== 'operation') return ones(origin.bits);
  const { op, width, of } = origin;
  const [left, right] = of.map(reach);
  const by = of[1]?.kind === 'constant' ? of[1].value % BigInt(width) : undefined;
  if (op === 'mov') return cut(left, width);
  if (op === 'and') return left & right;
  if (op === 'or' || op === 'xor' || (op === 'add' && (left & right) === 0n))
    return cut(left | right, width);
  if (op === 'lsh' && by !== undefined) return cut(left << by, width);
  if (op === 'rsh' && by !== undefined) return cut(left, width) >> by;
  return ones(width);
}

/** What it is for a packet. */
function valueFrom(origin: Origin, frame: Uint8Array): bigint {
  if (origin.kind === 'constant') return origin.value;
  if (origin.kind === 'bytes') {
    const bytes = frame.subarray(origin.offset, origin.offset + origin.size);
    return (origin.big ? [...bytes] : [...bytes].reverse()).reduce(
      (sum, byte) => (sum << 8n) | BigInt(byte),
      0n,
    );
  }
  if (origin.kind !== 'operation')
    return convert(origin.kind, origin.bits, 64, valueFrom(origin.of, frame));
  const { op, width, of } = origin;
  const values = of.map((part) => valueFrom(part, frame));
  // A mov has its right operand alone.
  return alu(op, width, values[0], values.at(-1)!);
}

/**
 * What stands left of a constant so that the operation gives `wanted`; `now`: what stands there,
 * for bits that do not matter.
 */
const BEFORE: Partial<
  Record<AluOp, (wanted: bigint, by: bigint, now: bigint, width: bigint) => bigint | undefined>
> = {
  add: (wanted, by) => wanted - by,
  sub: (wanted, by) => wanted + by,
  xor: (wanted, by) => wanted ^ by,
  and: (wanted, by, now) => ((wanted & ~by) === 0n ? (now & ~by) | wanted : undefined),
  or: (wanted, by, now) => ((by & ~wanted) === 0n ? (wanted & ~by) | (now & by) : undefined),
  lsh: (wanted, by, now, width) => {
    const n = by % width;
    const low = (1n << n) - 1n;
    return (wanted & low) === 0n
      ? (wanted >> n) | ((now >> (width - n)) << (width - n))
      : undefined;
  },
  rsh: (wanted, by, now, width) => {
    const n = by % width;
    return wanted >> (width - n) === 0n ? (wanted << n) | (now & ((1n << n) - 1n)) : undefined;
  },
  mul: (wanted, by) => (by !== 0n && wanted % by === 0n ? wanted / by : undefined),
  // Of those that come to the same the one that leaves as much over as what is there.
  div: (wanted, by, now, width) => {
    if (by === 0n) return undefined;
    const value = wanted * by + (now % by);
    return value >> width === 0n ? value : undefined;
  },
  mod: (wanted, by, now) => (by !== 0n && wanted < by ? now - (now % by) + wanted : undefined),
};

/** What has the same result with its sides exchanged. */
const COMMUTES: ReadonlySet<AluOp> = new Set(['add', 'mul', 'and', 'or', 'xor']);

/**
 * Bytes of the packet with which the value is `wanted`; undefined where there are none, or none
 * that can be told.
 */
export function bytesFor(
  origin: Origin,
  wanted: bigint,
  frame: Uint8Array,
): WantedBytes | undefined {
  if (origin.kind === 'constant') return origin.value === wanted ? new Map() : undefined;
  if (origin.kind === 'bytes') return bytesOf(origin, wanted);
  if (origin.kind !== 'operation') return bytesBeforeCut(origin, wanted, frame);
  const { op, width, of } = origin;
  if (cut(wanted, width) !== wanted) return undefined;
  if (op === 'mov') return bytesFor(of[0], wanted, frame);
  const [left, right] = of[0].kind === 'constant' && COMMUTES.has(op) ? [of[1], of[0]] : of;
  if (right.kind !== 'constant') return bytesOfParts(op, left, right, wanted, frame);
  const before = BEFORE[op]?.(
    wanted,
    right.value,
    cut(valueFrom(left, frame), width),
    BigInt(width),
  );
  return before === undefined ? undefined : bytesFor(left, cut(before, width), frame);
}

function bytesOf(
  { offset, size, big }: Extract<Origin, { kind: 'bytes' }>,
  wanted: bigint,
): WantedBytes | undefined {
  if (cut(wanted, size * 8) !== wanted) return undefined;
  const byte = (i: number): number =>
    Number((wanted >> BigInt(8 * (big ? size - 1 - i : i))) & 0xffn);
  return new Map(Array.from({ length: size }, (_, i) => [offset + i, byte(i)]));
}

function bytesBeforeCut(
  { kind, bits, of }: Extract<Origin, { kind: 'cut' | 'swap' }>,
  wanted: bigint,
  frame: Uint8Array,
): WantedBytes | undefined {
  if (cut(wanted, bits) !== wanted) return undefined;
  const high = (valueFrom(of, frame) >> BigInt(bits)) << BigInt(bits);
  // Reversing bytes twice gives them back.
  return bytesFor(of, high | convert(kind, bits, 64, wanted), frame);
}

/** Of two parts that have no bit in common, as where bytes are put together. */
function bytesOfParts(
  op: AluOp,
  left: Origin,
  right: Origin,
  wanted: bigint,
  frame: Uint8Array,
): WantedBytes | undefined {
  const [ofLeft, ofRight] = [reach(left), reach(right)];
  if (
    !['or', 'add', 'xor'].includes(op) ||
    (ofLeft & ofRight) !== 0n ||
    (wanted & ~(ofLeft | ofRight)) !== 0n
  )
    return undefined;
  const [first, second] = [
    bytesFor(left, wanted & ofLeft, frame),
    bytesFor(right, wanted & ofRight, frame),
  ];
  if (first === undefined || second === undefined) return undefined;
  const contradict = [...first].some(([at, byte]) => second.has(at) && second.get(at) !== byte);
  return contradict ? undefined : new Map([...first, ...second]);
}
