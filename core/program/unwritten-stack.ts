import type { Instruction } from '../asm/decode.ts';
import type { Pc } from '../spec/units.ts';
import type { Code } from './code.ts';
import type { ControlFlow, FunctionFlow } from './control-flow.ts';
import { changesOf } from './effects.ts';

/** Memory that a call is given: as many bytes as a number says, or what stands in a register. */
export interface CallMemory {
  readonly register: number;
  readonly bytes: number | { readonly register: number } | undefined;
  /** fills: reads none of it, and writes all of it, whatever it answers. */
  readonly how: 'reads' | 'writes' | 'fills';
}

/** What a call takes; a register that is no memory and points into a stack may be anything. */
export interface CallTaken {
  readonly registers: number;
  readonly memory: readonly CallMemory[];
}

export interface StackSource {
  readonly code: Code;
  readonly flow: ControlFlow;
  /** Registers, as bits, that may point into a stack at an access or a call. */
  readonly pointers: ReadonlyMap<Pc, number>;
  /** What a call of a helper takes: how many registers, and what it does to memory of them. */
  readonly taken: (pc: Pc, instruction: Instruction) => CallTaken;
}

const FRAME = 10;
const FRAME_BYTES = 512;

/** What is known on all ways: bytes of the frame that were written, and registers. */
interface State {
  /** Bit n: the byte at r10 - FRAME_BYTES + n. */
  readonly written: bigint;
  /** By register: an offset from r10, or a number. */
  readonly known: readonly (Known | undefined)[];
}
type Known = { readonly offset: number } | { readonly number: number };

/**
 * The first slot that may read bytes of the stack which nothing in the same run has written there;
 * undefined: none does. What a function is given of its caller's stack counts as not written.
 */
export function readsUnwritten(source: StackSource): Pc | undefined {
  for (const { start, linked } of source.code.programs)
    for (const own of linked.functions) {
      const flow = source.flow.at(start + own.start);
      const found = flow && inFunction(source, flow);
      if (found !== undefined) return found;
    }
  return undefined;
}

function inFunction(source: StackSource, flow: FunctionFlow): Pc | undefined {
  const blocks = new Map(flow.blocks.map((block) => [block.start, block]));
  const known = Array<Known | undefined>(FRAME).fill(undefined);
  const before = new Map<Pc, State>([[flow.start, { written: 0n, known: [...known, TOP] }]]);
  const waiting = new Set([flow.start]);
  // A set that is walked gives what is added behind, too.
  for (const start of waiting) {
    waiting.delete(start);
    const block = blocks.get(start);
    let state = before.get(start);
    for (const pc of block?.pcs ?? []) {
      const instruction = source.code.instructions[pc];
      if (state === undefined || !instruction?.row) continue;
      const behind = after(source, pc, instruction, state);
      if (behind === undefined) return pc;
      state = behind;
    }
    if (state === undefined) continue;
    for (const to of block?.successors ?? []) {
      const there = before.get(to);
      const met = there === undefined ? state : meet(there, state);
      if (met === there) continue;
      before.set(to, met);
      waiting.add(to);
    }
  }
  return undefined;
}

const TOP: Known = { offset: 0 };

const isSame = (one: Known | undefined, other: Known | undefined): boolean =>
  one === other || (one !== undefined && JSON.stringify(one) === JSON.stringify(other));

/** The same object where nothing is lost. */
function meet(known: State, other: State): State {
  const written = known.written & other.written;
  const registers = known.known.map((one, i) => (isSame(one, other.known[i]) ? one : undefined));
  const isKept = written === known.written && registers.every((one, i) => one === known.known[i]);
  return isKept ? known : { written, known: registers };
}

const bitsOf = (offset: number, bytes: number): bigint =>
  offset < -FRAME_BYTES || offset + bytes > 0 || bytes <= 0
    ? 0n
    : ((1n << BigInt(bytes)) - 1n) << BigInt(offset + FRAME_BYTES);

/** Behind an instruction; undefined: it may read what was not written. */
function after(
  source: StackSource,
  pc: Pc,
  instruction: Instruction,
  state: State,
): State | undefined {
  const { row, slot } = instruction;
  const pointers = source.pointers.get(pc) ?? 0;
  let { written } = state;
  if (row.kind === 'load' || row.kind === 'store' || row.kind === 'atomic') {
    const isLoad = row.kind === 'load' || (row.kind === 'atomic' && row.op === 'load_acquire');
    const base = isLoad ? slot.src : slot.dst;
    const place = state.known[base];
    const bits = place && 'offset' in place ? bitsOf(place.offset + slot.off, row.size) : 0n;
    const mayBeStack = (pointers & (1 << base)) !== 0 || base === FRAME;
    const reads = row.kind !== 'store';
    if (reads && mayBeStack && (bits === 0n || (written & bits) !== bits)) return undefined;
    if (!isLoad) written |= bits;
  }
  if (row.kind === 'call' && row.op !== 'call_local' && row.op !== 'callx') {
    const filled = called(source, pc, instruction, state, pointers);
    if (filled === undefined) return undefined;
    written |= filled;
  }
  return { written, known: registersBehind(instruction, state.known) };
}

/** Bytes of the frame that a call fills; undefined: it may read some that were not written. */
function called(
  { taken }: StackSource,
  pc: Pc,
  instruction: Instruction,
  { written, known }: State,
  pointers: number,
): bigint | undefined {
  const { registers, memory } = taken(pc, instruction);
  let left = pointers & ((2 << registers) - 2);
  let filled = 0n;
  for (const { register, bytes, how } of memory) {
    if ((pointers & (1 << register)) === 0) continue;
    left &= ~(1 << register);
    const place = known[register];
    const size = typeof bytes === 'number' ? { number: bytes } : bytes && known[bytes.register];
    const isKnown = place && 'offset' in place && size && 'number' in size;
    const bits = isKnown ? bitsOf(place.offset, size.number) : 0n;
    if (how === 'reads' && (bits === 0n || (written & bits) !== bits)) return undefined;
    if (how === 'fills') filled |= bits;
  }
  return left === 0 ? filled : undefined;
}

function registersBehind(
  instruction: Instruction,
  known: State['known'],
): readonly (Known | undefined)[] {
  const changes = changesOf(instruction);
  if (changes === 0) return known;
  const { row, slot } = instruction;
  const behind = known.map((value, register) =>
    (changes & (1 << register)) === 0 ? value : undefined,
  );
  if (row.kind !== 'alu') return behind;
  const isRegister = row.operand === 'reg';
  const right = isRegister ? known[slot.src] : { number: slot.imm };
  const left = known[slot.dst];
  if (row.op === 'mov' && (row.width === 64 || (right && 'number' in right && right.number >= 0)))
    behind[slot.dst] = right;
  if (row.op === 'add' && row.width === 64 && left && 'offset' in left)
    behind[slot.dst] =
      right && 'number' in right ? { offset: left.offset + right.number } : undefined;
  return behind;
}
