import { locate, nameAddress, nearestRegion, READ, signedOffset, WRITE } from '../memory/memory.ts';
import { programAt } from '../program/code.ts';
import type { GuestAddress, LinearAddress, Pc } from '../spec/units.ts';
import { type AccessPlace, type FaultKind, GuestFault } from './fault.ts';
import type { Machine, TypedAccess } from './machine.ts';
import { EVER_READ, EVER_WRITTEN } from './recorder.ts';

const bytes = (count: number): string => `${count} ${count === 1 ? 'byte' : 'bytes'}`;

/** An instruction as errors name it: its slot in its own program. */
export function instructionName(machine: Machine, pc: Pc): string {
  const program = programAt(machine.code, pc);
  if (program === undefined) return `instruction ${pc}`;
  return program.start === 0
    ? `instruction ${pc}`
    : `instruction ${pc - program.start} of ${program.name}`;
}

/** Why an access cannot be done, in words: place, fact, numbers. */
function accessProblem(
  machine: Machine,
  what: string,
  value: bigint,
  size: number,
  right: number,
): { kind: FaultKind; message: string } {
  const { memory } = machine;
  const verb = right === READ ? 'reads' : 'writes';
  const near = nearestRegion(memory, value);
  if (near === undefined) {
    const hex = `0x${BigInt.asUintN(64, value).toString(16)}`;
    if (value < 4096n)
      return {
        kind: 'null-pointer',
        message:
          `${what} ${verb} ${bytes(size)} at ${hex}, a NULL ` +
          `pointer${value === 0n ? '' : ' plus an offset'}`,
      };
    return {
      kind: 'bad-pointer',
      message: `${what} ${verb} ${bytes(size)} at ${hex}, which is a number, not a pointer`,
    };
  }
  const info = memory.info[near.id];
  const place = nameAddress(memory, value);
  const length = memory.length[near.id];
  const says = `${what} ${verb} ${bytes(size)} at ${place}`;
  if (info.kind === 'stale') return { kind: 'stale-pointer', message: `${says}, ${info.was}` };
  if (info.kind === 'map')
    return { kind: 'bad-pointer', message: `${says}, a map: look a value up first` };
  if (info.kind === 'function') return { kind: 'bad-pointer', message: `${says}, a function` };
  if (info.kind === 'stack')
    return {
      kind: 'out-of-bounds',
      message: `${says}, the stack frame has ${length} bytes below r10`,
    };
  const inside = near.offset >= 0 && near.offset + size <= length;
  if (inside && right === WRITE)
    return { kind: 'not-writable', message: `${says}, which may only be read` };
  if (inside) return { kind: 'not-writable', message: `${says}, which may only be written` };
  const owner = info.kind === 'map-value' ? `${info.name()}` : `the ${info.name()}`;
  return {
    kind: 'out-of-bounds',
    message:
      `${says}, ${owner} has ${bytes(length)}` +
      `${info.origin > 0 ? ` from ${info.name()}+${info.origin}` : ''}`,
  };
}

export function fault(
  machine: Machine,
  pc: Pc,
  kind: FaultKind,
  message: string,
  access?: AccessPlace,
): void {
  machine.status = 'faulted';
  machine.fault = { kind, pc, message, ...(access && { access }) };
}

/** The address in a register half pair plus an offset, as 64 bits. */
const effectiveAddress = (machine: Machine, register: number, offset: number): GuestAddress =>
  BigInt.asUintN(64, machine.registers[register >> 1] + BigInt(offset));

const placeOfAccess = (machine: Machine, address: GuestAddress, size: number): AccessPlace => {
  const near = nearestRegion(machine.memory, address);
  return { address, size, region: near && machine.memory.info[near.id].name() };
};

/** The structure an address lies in, and where in it. */
function typedAt(
  machine: Machine,
  address: GuestAddress,
): { access: TypedAccess; name: string; offset: number } | undefined {
  const near = nearestRegion(machine.memory, address);
  const access = near && machine.typed.get(near.id);
  return access && { access, name: machine.memory.info[near.id].name(), offset: near.offset };
}

function faultAtAccess(
  machine: Machine,
  pc: Pc,
  address: GuestAddress,
  size: number,
  right: number,
): false {
  const { kind, message } = accessProblem(
    machine,
    instructionName(machine, pc),
    address,
    size,
    right,
  );
  fault(machine, pc, kind, message, placeOfAccess(machine, address, size));
  return false;
}

function faultInStructure(
  machine: Machine,
  pc: Pc,
  { name, offset }: { name: string; offset: number },
  address: GuestAddress,
  size: number,
  verb: string,
  reason: string,
  kind: FaultKind,
): false {
  const says =
    `${instructionName(machine, pc)} ${verb} ${bytes(size)} at ` +
    `${name}${signedOffset(offset)}: ${reason}`;
  fault(machine, pc, kind, says, placeOfAccess(machine, address, size));
  return false;
}

/**
 * A load that the region check refused: a field of a structure, or a fault. `register` and `target`
 * are indexes of low halves. Answers whether it was done.
 */
export function slowLoad(
  machine: Machine,
  pc: Pc,
  register: number,
  offset: number,
  size: number,
  target: number,
): boolean {
  const address = effectiveAddress(machine, register, offset);
  const place = typedAt(machine, address);
  if (place === undefined) return faultAtAccess(machine, pc, address, size, READ);
  const loaded = place.access.load(place.offset, size);
  if (typeof loaded === 'string') {
    const kind = place.access.partial ? 'not-built' : 'context-access';
    return faultInStructure(machine, pc, place, address, size, 'reads', loaded, kind);
  }
  machine.registers[target >> 1] = loaded;
  return true;
}

/** A store that the region check refused: a field of a structure, or a fault. */
export function slowStore(
  machine: Machine,
  pc: Pc,
  register: number,
  offset: number,
  size: number,
  operand: number,
): boolean {
  const address = effectiveAddress(machine, register, offset);
  const place = typedAt(machine, address);
  if (place === undefined) return faultAtAccess(machine, pc, address, size, WRITE);
  const problem = place.access.store(place.offset, size, machine.memory.longs[operand >> 1]);
  return (
    problem === undefined ||
    faultInStructure(machine, pc, place, address, size, 'writes', problem, 'context-access')
  );
}

/**
 * An atomic operation that the region check refused: structures take none (kernel/bpf/verifier.c,
 * atomic_ptr_type_ok).
 */
export function slowAtomic(
  machine: Machine,
  pc: Pc,
  register: number,
  offset: number,
  size: number,
  right: number,
): false {
  const address = effectiveAddress(machine, register, offset);
  const place = typedAt(machine, address);
  if (place === undefined) return faultAtAccess(machine, pc, address, size, right);
  const verb = right === READ ? 'reads' : 'writes';
  return faultInStructure(
    machine,
    pc,
    place,
    address,
    size,
    verb,
    'atomic operations are not allowed there',
    'context-access',
  );
}

/**
 * Linear address of memory a helper was given; throws GuestFault where the program may not use it.
 */
export function helperMemory(
  machine: Machine,
  helper: string,
  pointer: GuestAddress,
  size: number,
  right: number,
): LinearAddress {
  const at = placeForHelper(machine, helper, pointer, size, right);
  machine.recorder?.access(right === READ ? EVER_READ : EVER_WRITTEN, at, size, machine.steps);
  return at;
}

function placeForHelper(
  machine: Machine,
  helper: string,
  pointer: GuestAddress,
  size: number,
  right: number,
): LinearAddress {
  const at = locate(
    machine.memory,
    Number(pointer >> 32n),
    Number(pointer & 0xffff_ffffn),
    size,
    right,
  );
  if (at >= 0) return at;
  const problem = accessProblem(machine, helper, pointer, size, right);
  throw new GuestFault(problem.kind, problem.message, placeOfAccess(machine, pointer, size));
}

/** Copy of memory a helper reads. */
export function readGuest(
  machine: Machine,
  helper: string,
  pointer: GuestAddress,
  size: number,
): Uint8Array {
  const at = helperMemory(machine, helper, pointer, size, READ);
  return machine.memory.bytes.slice(at, at + size);
}

/** Copies bytes to memory a helper writes. */
export function writeGuest(
  machine: Machine,
  helper: string,
  pointer: GuestAddress,
  data: Uint8Array,
): void {
  const at = helperMemory(machine, helper, pointer, data.length, WRITE);
  machine.memory.bytes.set(data, at);
}

/** Copies bytes as they are, by linear addresses. */
export function moveLinear(
  machine: Machine,
  from: LinearAddress,
  to: LinearAddress,
  size: number,
): void {
  machine.recorder?.move(from, to, size, machine.steps);
  machine.memory.bytes.copyWithin(to, from, from + size);
}

/** Fills new room with zeros. */
export function clearLinear(machine: Machine, at: LinearAddress, size: number): void {
  machine.recorder?.clear(at, size, machine.steps);
  machine.memory.bytes.fill(0, at, at + size);
}

/** Copies bytes at a linear address to memory a helper was given. */
export function moveToGuest(
  machine: Machine,
  helper: string,
  from: LinearAddress,
  pointer: GuestAddress,
  size: number,
): void {
  moveLinear(machine, from, placeForHelper(machine, helper, pointer, size, WRITE), size);
}

/** Copies memory a helper was given to a linear address. */
export function moveFromGuest(
  machine: Machine,
  helper: string,
  pointer: GuestAddress,
  to: LinearAddress,
  size: number,
): void {
  moveLinear(machine, placeForHelper(machine, helper, pointer, size, READ), to, size);
}

/** Copies memory a helper was given to other memory it was given. */
export function moveGuest(
  machine: Machine,
  helper: string,
  from: bigint,
  to: bigint,
  size: number,
): void {
  moveToGuest(machine, helper, placeForHelper(machine, helper, from, size, READ), to, size);
}

/** Bytes of the packet or of the machine that a helper looks at. */
export function noteRead(machine: Machine, at: LinearAddress, size: number): void {
  machine.recorder?.access(EVER_READ, at, size, machine.steps);
}

/** Notes packet bytes a helper writes at a linear address, and writes them. */
export function writeLinear(machine: Machine, at: LinearAddress, data: Uint8Array): void {
  machine.recorder?.access(EVER_WRITTEN, at, data.length, machine.steps);
  machine.memory.bytes.set(data, at);
}
