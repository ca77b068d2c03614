import type { Endian } from '../bytes/reader.ts';
import { InputError } from '../errors.ts';
import { readBitField } from '../object/btf/format.ts';
import type { Location, Operation } from '../object/dwarf/location.ts';
import type { Address } from '../object/dwarf/sections.ts';
import type { GuestAddress } from '../spec/units.ts';

/** What an expression asks the machine for; each answers undefined where it cannot be told. */
export interface SourceFrame {
  readonly endian: Endian;
  /** A register of this frame as it is now. */
  register(index: number): bigint | undefined;
  /** Whether the function's frame base is r10. */
  readonly frameBase: boolean;
  /** The guest address that an offset from r10 stands for (stack-size.ts). */
  stack(offset: bigint): bigint;
  /** The guest address of a place in a data section. */
  data(address: Address): bigint | undefined;
  /** As many of `size` bytes as can be read. */
  read(address: GuestAddress, size: number): Uint8Array | undefined;
}

/** What a variable holds now. */
export interface Held {
  /** In memory order, as many as its type has. */
  readonly bytes: Uint8Array;
  /** Of each byte 1 where it is known, 0 where the compiler kept it nowhere; undefined: all are. */
  readonly known?: Uint8Array;
  /** Of its first byte, where all of it lies in memory. */
  readonly address?: GuestAddress;
  /** Of one that holds all of it. */
  readonly register?: number;
}

type Part =
  | { readonly in: 'register'; readonly index: number }
  | { readonly in: 'memory'; readonly address: GuestAddress }
  | { readonly in: 'value'; readonly value: bigint }
  | { readonly in: 'bytes'; readonly bytes: Uint8Array }
  | { readonly in: 'nowhere' };

interface Piece {
  readonly part: Part;
  /** Undefined: all of the variable. */
  readonly size?: number;
}

const FRAME_POINTER = 10;

class Unknown extends InputError {
  constructor(what: string) {
    super('variable', what);
  }
}

const top = (stack: bigint[]): bigint => {
  const value = stack.pop();
  if (value === undefined) throw new Unknown('its expression takes more values than it has');
  return value;
};

/** Operations of two values, the upper one second. */
const signed = (value: bigint): bigint => BigInt.asIntN(64, value);
const truth = (holds: boolean): bigint => (holds ? 1n : 0n);

function divisor(value: bigint): bigint {
  if (value === 0n) throw new Unknown('its expression divides by zero');
  return value;
}

/**
 * DWARF 5, 2.5.1.4 and 2.5.1.5: division and comparisons are of signed numbers, the remainder is of
 * unsigned ones.
 */
const BINARY: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  and: (a, b) => a & b,
  div: (a, b) => signed(a) / divisor(signed(b)),
  eq: (a, b) => truth(a === b),
  ge: (a, b) => truth(signed(a) >= signed(b)),
  gt: (a, b) => truth(signed(a) > signed(b)),
  le: (a, b) => truth(signed(a) <= signed(b)),
  lt: (a, b) => truth(signed(a) < signed(b)),
  minus: (a, b) => a - b,
  mod: (a, b) => a % divisor(b),
  mul: (a, b) => a * b,
  ne: (a, b) => truth(a !== b),
  or: (a, b) => a | b,
  plus: (a, b) => a + b,
  shl: (a, b) => (b > 63n ? 0n : a << b),
  shr: (a, b) => (b > 63n ? 0n : a >> b),
  shra: (a, b) => signed(a) >> (b > 63n ? 63n : b),
  xor: (a, b) => a ^ b,
};

const CONSTANT = /^const(\d[us]|[us])$/;

function based(frame: SourceFrame, index: number, offset: bigint): bigint {
  if (index === FRAME_POINTER) return frame.stack(offset);
  const value = frame.register(index);
  if (value === undefined) throw new Unknown(`r${index} is not kept`);
  return value + offset;
}

function load(frame: SourceFrame, address: GuestAddress, size: number): bigint {
  const bytes = frame.read(address, size);
  if (bytes?.length !== size) throw new Unknown('it lies in memory that cannot be read');
  return readBitField({ bytes, endian: frame.endian }, 0, size * 8) ?? 0n;
}

/** Runs one operation on the stack; answers a place where the operation names one. */
function operate(
  frame: SourceFrame,
  { name, operands, address, to }: Operation,
  stack: bigint[],
): Part | undefined {
  const [first] = operands;
  const push = (value: bigint): undefined => {
    stack.push(BigInt.asUintN(64, value));
  };
  const numbered = /^(lit|reg|breg)(\d+)$/.exec(name);
  if (numbered?.[1] === 'lit') return push(BigInt(numbered[2]));
  if (numbered?.[1] === 'reg') return { in: 'register', index: Number(numbered[2]) };
  if (numbered?.[1] === 'breg') return push(based(frame, Number(numbered[2]), first as bigint));
  if (CONSTANT.test(name)) return push(first as bigint);
  if (Object.hasOwn(BINARY, name)) {
    const upper = top(stack);
    return push(BINARY[name](top(stack), upper));
  }
  switch (name) {
    case 'nop':
      return undefined;
    case 'convert': {
      const value = top(stack);
      if (to === undefined) return push(value);
      return push(to.signed ? BigInt.asIntN(to.bits, value) : BigInt.asUintN(to.bits, value));
    }
    case 'addr':
    case 'addrx': {
      const at = address === undefined ? undefined : frame.data(address);
      if (at === undefined) throw new Unknown('its section is not in the machine');
      return push(at);
    }
    case 'regx':
      return { in: 'register', index: Number(first) };
    case 'bregx':
      return push(based(frame, Number(first), operands[1] as bigint));
    case 'fbreg':
      if (!frame.frameBase) throw new Unknown('the frame base of its function is not r10');
      return push(frame.stack(first as bigint));
    case 'plus_uconst':
      return push(top(stack) + (first as bigint));
    case 'neg':
      return push(-top(stack));
    case 'not':
      return push(~top(stack));
    case 'abs': {
      const value = signed(top(stack));
      return push(value < 0n ? -value : value);
    }
    case 'over': {
      const upper = top(stack);
      const lower = top(stack);
      push(lower);
      push(upper);
      return push(lower);
    }
    case 'dup': {
      const value = top(stack);
      push(value);
      return push(value);
    }
    case 'drop':
      top(stack);
      return undefined;
    case 'swap': {
      const upper = top(stack);
      const lower = top(stack);
      push(upper);
      return push(lower);
    }
    case 'deref':
      return push(load(frame, top(stack), 8));
    case 'deref_size':
      return push(load(frame, top(stack), Math.min(8, Math.max(1, Number(first)))));
    case 'implicit_value':
      return { in: 'bytes', bytes: first as Uint8Array };
    case 'stack_value':
      return { in: 'value', value: top(stack) };
    default:
      throw new Unknown(`it is where it was when the function was called (DW_OP_${name})`);
  }
}

function piecesOf(frame: SourceFrame, operations: readonly Operation[]): Piece[] {
  const pieces: Piece[] = [];
  const stack: bigint[] = [];
  let named: Part | undefined;
  const part = (): Part => {
    if (named) return named;
    return stack.length > 0 ? { in: 'memory', address: top(stack) } : { in: 'nowhere' };
  };
  for (const operation of operations) {
    if (operation.name !== 'piece') {
      named = operate(frame, operation, stack) ?? named;
      continue;
    }
    pieces.push({ part: part(), size: Number(operation.operands[0]) });
    named = undefined;
    stack.length = 0;
  }
  return pieces.length > 0 ? pieces : [{ part: part() }];
}

/** A number as `size` bytes of memory: the low ones of a register. */
export function numberBytes(value: bigint, size: number, endian: Endian): Uint8Array {
  const bytes = Uint8Array.from({ length: Math.min(size, 8) }, (_, i) =>
    Number((value >> BigInt(8 * i)) & 0xffn),
  );
  return endian === 'little' ? bytes : bytes.reverse();
}

function bytesOf(frame: SourceFrame, part: Part, size: number): Uint8Array | undefined {
  switch (part.in) {
    case 'register': {
      const value = frame.register(part.index);
      return value === undefined ? undefined : numberBytes(value, size, frame.endian);
    }
    case 'value':
      return numberBytes(part.value, size, frame.endian);
    case 'bytes':
      return part.bytes;
    case 'memory':
      return frame.read(part.address, size);
    case 'nowhere':
      return undefined;
  }
}

/** What lies at a location, `size` bytes of it; a text: why it cannot be told. */
export function heldAt(frame: SourceFrame, { operations }: Location, size: number): Held | string {
  try {
    return joined(frame, piecesOf(frame, operations), size);
  } catch (error) {
    if (error instanceof Unknown) return error.reason;
    throw error;
  }
}

function joined(frame: SourceFrame, pieces: readonly Piece[], size: number): Held | string {
  const bytes = new Uint8Array(size);
  const known = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    const wanted = Math.min(piece.size ?? size, size - at);
    const found = bytesOf(frame, piece.part, wanted)?.subarray(0, wanted);
    if (found) {
      bytes.set(found, at);
      known.fill(1, at, at + found.length);
    }
    at += wanted;
  }
  if (!known.includes(1)) return 'optimised out here';
  const address = wholeAddress(pieces);
  const [{ part }] = pieces;
  return {
    bytes,
    ...(known.includes(0) && { known }),
    ...(address !== undefined && { address }),
    ...(pieces.length === 1 && part.in === 'register' && { register: part.index }),
  };
}

/**
 * Where a variable begins whose pieces all lie one behind the other, as LLVM writes a structure
 * that it took apart.
 */
function wholeAddress(pieces: readonly Piece[]): bigint | undefined {
  const [{ part: first }] = pieces;
  if (first.in !== 'memory') return undefined;
  let offset = 0n;
  for (const { part, size } of pieces) {
    if (part.in !== 'memory' || part.address !== first.address + offset) return undefined;
    offset += BigInt(size ?? 0);
  }
  return first.address;
}
