/**
 * The reference interpreter: one instruction after the other until the budget, a stop, the end or a fault.
 *
 * Registers are 64-bit slots seen as 32-bit halves (low half first, the byte order of every JavaScript host), which is
 * exact and needs no BigInt; multiplication and division take whole slots. An immediate is a register slot nobody writes
 * (code-space.ts), so each operation stands here once. Semantics: RFC 9669 sections 4 and 5.
 */
import { locate, READ, REGION_TAG, WRITE } from '../memory/memory.ts';
import { fault, instructionName, slowLoad, slowStore } from './access.ts';
import { runAtomic } from './atomic.ts';
import { callExtern, callHelper, enterFunction, leaveFunction, spendLoop, tableTarget } from './calls.ts';
import {
  ADD32,
  ADD64,
  AND32,
  AND64,
  ARSH32,
  ARSH64,
  ATOMIC,
  CALL,
  CALL_KFUNC,
  CALL_LOCAL,
  CALLX,
  DIV32,
  DIV64,
  EXIT,
  GOTOX,
  JA,
  JEQ32,
  JEQ64,
  JGE32,
  JGE64,
  JGT32,
  JGT64,
  JLE32,
  JLE64,
  JLT32,
  JLT64,
  JNE32,
  JNE64,
  JSET32,
  JSET64,
  JSGE32,
  JSGE64,
  JSGT32,
  JSGT64,
  JSLE32,
  JSLE64,
  JSLT32,
  JSLT64,
  LDDW,
  LDX8,
  LDX16,
  LDX32,
  LDX64,
  LDXS8,
  LDXS16,
  LDXS32,
  LOW16,
  LOW32,
  LOW64,
  LSH32,
  LSH64,
  MAY_GOTO,
  MOD32,
  MOD64,
  MOV32,
  MOV64,
  MOVSX8_32,
  MOVSX8_64,
  MOVSX16_32,
  MOVSX16_64,
  MOVSX32_64,
  MUL32,
  MUL64,
  NEG32,
  NEG64,
  OR32,
  OR64,
  PACKET,
  RSH32,
  RSH64,
  SDIV32,
  SDIV64,
  SMOD32,
  SMOD64,
  STX8,
  STX16,
  STX32,
  STX64,
  SUB32,
  SUB64,
  SWAP16,
  SWAP32,
  SWAP64,
  XOR32,
  XOR64,
} from './execution.ts';
import type { Machine } from './machine.ts';
import { runPacketLoad } from './packet-load.ts';

/** Steps a run can have at all; a session's own limit lies below. */
const MOST_STEPS = 0x7fff_ffff;

/** Bytes that the loads and stores access, by EXECUTION number. */
const ACCESS_SIZE = new Uint8Array(STX64 + 1);
for (const [op, size] of [
  [LDX8, 1],
  [LDX16, 2],
  [LDX32, 4],
  [LDX64, 8],
  [LDXS8, 1],
  [LDXS16, 2],
  [LDXS32, 4],
  [STX8, 1],
  [STX16, 2],
  [STX32, 4],
  [STX64, 8],
])
  ACCESS_SIZE[op] = size;

/** Shifts of a register's two halves by 0 to 63. */
function shiftLeft(r: Int32Array, d: number, count: number): void {
  if (count === 0) return;
  const low = r[d];
  r[d + 1] = count >= 32 ? low << (count - 32) : (r[d + 1] << count) | (low >>> (32 - count));
  r[d] = count >= 32 ? 0 : low << count;
}

function shiftRight(r: Int32Array, d: number, count: number): void {
  if (count === 0) return;
  const high = r[d + 1];
  r[d] = count >= 32 ? high >>> (count - 32) : (r[d] >>> count) | (high << (32 - count));
  r[d + 1] = count >= 32 ? 0 : high >>> count;
}

function shiftRightSigned(r: Int32Array, d: number, count: number): void {
  if (count === 0) return;
  const high = r[d + 1];
  r[d] = count >= 32 ? high >> (count - 32) : (r[d] >>> count) | (high << (32 - count));
  r[d + 1] = count >= 32 ? high >> 31 : high >> count;
}

const greater = (r: Int32Array, a: number, b: number): boolean =>
  r[a + 1] >>> 0 > r[b + 1] >>> 0 || (r[a + 1] === r[b + 1] && r[a] >>> 0 > r[b] >>> 0);

const greaterSigned = (r: Int32Array, a: number, b: number): boolean =>
  r[a + 1] > r[b + 1] || (r[a + 1] === r[b + 1] && r[a] >>> 0 > r[b] >>> 0);

const swap16 = (value: number): number => ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
const swap32 = (value: number): number => (swap16(value) << 16) | swap16(value >>> 16);

/** A load with sign from where the region check refused: context fields are never signed, so it faults or sign-extends. */
function slowSignedLoad(
  machine: Machine,
  pc: number,
  register: number,
  offset: number,
  size: number,
  target: number,
): boolean {
  if (!slowLoad(machine, pc, register, offset, size, target)) return false;
  machine.registers[target >> 1] = BigInt.asUintN(64, BigInt.asIntN(size * 8, machine.registers[target >> 1]));
  return true;
}

const isFaulted = (machine: Machine): boolean => machine.status === 'faulted';

function invalidInstruction(machine: Machine, pc: number): void {
  const { code } = machine;
  const name = instructionName(machine, pc);
  if (pc < 0 || pc >= code.slots) {
    fault(
      machine,
      pc,
      'out-of-program',
      `${name} does not exist, the last one is ${code.slots - 1}: the program runs on without exit`,
    );
    return;
  }
  const instruction = code.instructions[pc];
  if (instruction === undefined)
    fault(machine, pc, 'undefined-instruction', `${name} is the second half of a 64-bit immediate load`);
  else if (instruction.row === undefined) fault(machine, pc, 'undefined-instruction', `${name}: ${instruction.reason}`);
  else
    fault(machine, pc, 'undefined-instruction', `${name} casts an address of an arena, and arenas are not built here`);
}

/**
 * Runs up to `limit` steps in all (machine.steps counts from the start of the packet). `stops` has a 1 at each slot to
 * stop before, but not at step `from`: where a journey begins it does not end. Answers whether it came to a stop.
 */
export function run(machine: Machine, limit: number, stops: Uint8Array | null = null, from = -1): boolean {
  if (machine.status !== 'running') return false;
  const { code, memory, recorder } = machine;
  const { words, writes } = code;
  const { words: r, registers: x, signed: i } = machine;
  const little = memory.littleEndian;
  let { bytes, view, base, length, rights } = memory;
  let { pc, steps } = machine;
  const start = steps;
  let stopped = false;
  // What the last step found in its destination, and which registers may be read: for the recorder, kept here while it runs.
  let low = 0;
  let high = 0;
  let last = -1;
  let readable = recorder === null ? 0 : recorder.readable;
  // Whole 32-bit numbers throughout: an engine then keeps them in registers.
  const end = Math.min(limit, MOST_STEPS) | 0;
  loop: while (steps < end) {
    if (stops !== null && stops[pc] === 1 && steps !== from) {
      stopped = true;
      break;
    }
    const at4 = pc << 2;
    const op = words[at4];
    const d = words[at4 + 1];
    const s = words[at4 + 2];
    const offset = words[at4 + 3];
    let next = (pc + 1) | 0;
    if (recorder !== null) {
      low = r[d];
      high = r[d + 1];
      readable |= writes[pc];
    }
    let at = 0;
    if (op >= LDX8) {
      // The region check of every load and store (memory.ts, locate), with its common case in place.
      const p = op >= STX8 ? d : s;
      const where = r[p] + offset;
      const id = (r[p + 1] - REGION_TAG) | 0;
      const size = ACCESS_SIZE[op];
      const right = op >= STX8 ? WRITE : READ;
      if (
        r[p] >= 0 &&
        where >= 0 &&
        id > 0 &&
        id < rights.length &&
        where + size <= length[id] &&
        (rights[id] & right) !== 0
      )
        at = base[id] + where;
      else at = locate(memory, r[p + 1] >>> 0, (r[p] >>> 0) + offset, size, right);
      if (recorder !== null && at >= 0) recorder.access(right, at, size, bytes, steps);
    }
    switch (op) {
      case ADD64: {
        const before = r[d];
        const low = (before + r[s]) | 0;
        r[d + 1] = (r[d + 1] + r[s + 1] + (low >>> 0 < before >>> 0 ? 1 : 0)) | 0;
        r[d] = low;
        break;
      }
      case SUB64: {
        const borrow = r[d] >>> 0 < r[s] >>> 0 ? 1 : 0;
        r[d + 1] = (r[d + 1] - r[s + 1] - borrow) | 0;
        r[d] = (r[d] - r[s]) | 0;
        break;
      }
      case MUL64:
        x[d >> 1] = x[d >> 1] * x[s >> 1];
        break;
      case DIV64:
        x[d >> 1] = x[s >> 1] === 0n ? 0n : x[d >> 1] / x[s >> 1];
        break;
      case SDIV64:
        i[d >> 1] = i[s >> 1] === 0n ? 0n : i[d >> 1] / i[s >> 1];
        break;
      case MOD64:
        if (x[s >> 1] !== 0n) x[d >> 1] = x[d >> 1] % x[s >> 1];
        break;
      case SMOD64:
        if (i[s >> 1] !== 0n) i[d >> 1] = i[d >> 1] % i[s >> 1];
        break;
      case OR64:
        r[d] |= r[s];
        r[d + 1] |= r[s + 1];
        break;
      case AND64:
        r[d] &= r[s];
        r[d + 1] &= r[s + 1];
        break;
      case XOR64:
        r[d] ^= r[s];
        r[d + 1] ^= r[s + 1];
        break;
      case LSH64:
        shiftLeft(r, d, r[s] & 63);
        break;
      case RSH64:
        shiftRight(r, d, r[s] & 63);
        break;
      case ARSH64:
        shiftRightSigned(r, d, r[s] & 63);
        break;
      case MOV64: {
        const high = r[s + 1];
        r[d] = r[s];
        r[d + 1] = high;
        break;
      }
      case NEG64:
        x[d >> 1] = -x[d >> 1];
        break;
      case ADD32:
        r[d] = (r[d] + r[s]) | 0;
        r[d + 1] = 0;
        break;
      case SUB32:
        r[d] = (r[d] - r[s]) | 0;
        r[d + 1] = 0;
        break;
      case OR32:
        r[d] |= r[s];
        r[d + 1] = 0;
        break;
      case AND32:
        r[d] &= r[s];
        r[d + 1] = 0;
        break;
      case XOR32:
        r[d] ^= r[s];
        r[d + 1] = 0;
        break;
      case MUL32:
        r[d] = Math.imul(r[d], r[s]);
        r[d + 1] = 0;
        break;
      case DIV32:
        r[d] = r[s] === 0 ? 0 : (r[d] >>> 0) / (r[s] >>> 0);
        r[d + 1] = 0;
        break;
      case SDIV32:
        r[d] = r[s] === 0 ? 0 : r[d] / r[s];
        r[d + 1] = 0;
        break;
      case MOD32:
        if (r[s] !== 0) r[d] = (r[d] >>> 0) % (r[s] >>> 0);
        r[d + 1] = 0;
        break;
      case SMOD32:
        if (r[s] !== 0) r[d] = r[d] % r[s];
        r[d + 1] = 0;
        break;
      case LSH32:
        r[d] = r[d] << r[s];
        r[d + 1] = 0;
        break;
      case RSH32:
        r[d] = r[d] >>> r[s];
        r[d + 1] = 0;
        break;
      case ARSH32:
        r[d] = r[d] >> r[s];
        r[d + 1] = 0;
        break;
      case MOV32:
        r[d] = r[s];
        r[d + 1] = 0;
        break;
      case NEG32:
        r[d] = -r[d];
        r[d + 1] = 0;
        break;
      case MOVSX8_64: {
        const value = (r[s] << 24) >> 24;
        r[d] = value;
        r[d + 1] = value >> 31;
        break;
      }
      case MOVSX16_64: {
        const value = (r[s] << 16) >> 16;
        r[d] = value;
        r[d + 1] = value >> 31;
        break;
      }
      case MOVSX32_64: {
        const value = r[s];
        r[d] = value;
        r[d + 1] = value >> 31;
        break;
      }
      case MOVSX8_32:
        r[d] = (r[s] << 24) >> 24;
        r[d + 1] = 0;
        break;
      case MOVSX16_32:
        r[d] = (r[s] << 16) >> 16;
        r[d + 1] = 0;
        break;
      case SWAP16:
        r[d] = swap16(r[d]);
        r[d + 1] = 0;
        break;
      case SWAP32:
        r[d] = swap32(r[d]);
        r[d + 1] = 0;
        break;
      case SWAP64: {
        const low = r[d];
        r[d] = swap32(r[d + 1]);
        r[d + 1] = swap32(low);
        break;
      }
      case LOW16:
        r[d] = r[d] & 0xffff;
        r[d + 1] = 0;
        break;
      case LOW32:
        r[d + 1] = 0;
        break;
      case LOW64:
        break;
      case JEQ64:
        if (r[d] === r[s] && r[d + 1] === r[s + 1]) next = offset;
        break;
      case JNE64:
        if (r[d] !== r[s] || r[d + 1] !== r[s + 1]) next = offset;
        break;
      case JGT64:
        if (greater(r, d, s)) next = offset;
        break;
      case JGE64:
        if (!greater(r, s, d)) next = offset;
        break;
      case JLT64:
        if (greater(r, s, d)) next = offset;
        break;
      case JLE64:
        if (!greater(r, d, s)) next = offset;
        break;
      case JSET64:
        if ((r[d] & r[s]) !== 0 || (r[d + 1] & r[s + 1]) !== 0) next = offset;
        break;
      case JSGT64:
        if (greaterSigned(r, d, s)) next = offset;
        break;
      case JSGE64:
        if (!greaterSigned(r, s, d)) next = offset;
        break;
      case JSLT64:
        if (greaterSigned(r, s, d)) next = offset;
        break;
      case JSLE64:
        if (!greaterSigned(r, d, s)) next = offset;
        break;
      case JEQ32:
        if (r[d] === r[s]) next = offset;
        break;
      case JNE32:
        if (r[d] !== r[s]) next = offset;
        break;
      case JGT32:
        if (r[d] >>> 0 > r[s] >>> 0) next = offset;
        break;
      case JGE32:
        if (r[d] >>> 0 >= r[s] >>> 0) next = offset;
        break;
      case JLT32:
        if (r[d] >>> 0 < r[s] >>> 0) next = offset;
        break;
      case JLE32:
        if (r[d] >>> 0 <= r[s] >>> 0) next = offset;
        break;
      case JSET32:
        if ((r[d] & r[s]) !== 0) next = offset;
        break;
      case JSGT32:
        if (r[d] > r[s]) next = offset;
        break;
      case JSGE32:
        if (r[d] >= r[s]) next = offset;
        break;
      case JSLT32:
        if (r[d] < r[s]) next = offset;
        break;
      case JSLE32:
        if (r[d] <= r[s]) next = offset;
        break;
      case JA:
        next = offset;
        break;
      case GOTOX:
        next = tableTarget(machine, pc, d);
        if (next < 0) break loop;
        break;
      case MAY_GOTO:
        if (!spendLoop(machine)) next = offset;
        break;
      case LDX8:
        if (at < 0) {
          if (!slowLoad(machine, pc, s, offset, 1, d)) break loop;
          break;
        }
        r[d] = bytes[at];
        r[d + 1] = 0;
        break;
      case LDX16:
        if (at < 0) {
          if (!slowLoad(machine, pc, s, offset, 2, d)) break loop;
          break;
        }
        r[d] = view.getUint16(at, little);
        r[d + 1] = 0;
        break;
      case LDX32:
        if (at < 0) {
          if (!slowLoad(machine, pc, s, offset, 4, d)) break loop;
          break;
        }
        r[d] = view.getInt32(at, little);
        r[d + 1] = 0;
        break;
      case LDX64:
        if (at < 0) {
          if (!slowLoad(machine, pc, s, offset, 8, d)) break loop;
          break;
        }
        r[d] = view.getInt32(little ? at : at + 4, little);
        r[d + 1] = view.getInt32(little ? at + 4 : at, little);
        break;
      case LDXS8:
        if (at < 0) {
          if (!slowSignedLoad(machine, pc, s, offset, 1, d)) break loop;
          break;
        }
        r[d] = view.getInt8(at);
        r[d + 1] = r[d] >> 31;
        break;
      case LDXS16:
        if (at < 0) {
          if (!slowSignedLoad(machine, pc, s, offset, 2, d)) break loop;
          break;
        }
        r[d] = view.getInt16(at, little);
        r[d + 1] = r[d] >> 31;
        break;
      case LDXS32:
        if (at < 0) {
          if (!slowSignedLoad(machine, pc, s, offset, 4, d)) break loop;
          break;
        }
        r[d] = view.getInt32(at, little);
        r[d + 1] = r[d] >> 31;
        break;
      case STX8:
        if (at < 0) {
          if (!slowStore(machine, pc, d, offset, 1, s)) break loop;
          break;
        }
        bytes[at] = r[s];
        break;
      case STX16:
        if (at < 0) {
          if (!slowStore(machine, pc, d, offset, 2, s)) break loop;
          break;
        }
        view.setInt16(at, r[s], little);
        break;
      case STX32:
        if (at < 0) {
          if (!slowStore(machine, pc, d, offset, 4, s)) break loop;
          break;
        }
        view.setInt32(at, r[s], little);
        break;
      case STX64:
        if (at < 0) {
          if (!slowStore(machine, pc, d, offset, 8, s)) break loop;
          break;
        }
        view.setInt32(little ? at : at + 4, r[s], little);
        view.setInt32(little ? at + 4 : at, r[s + 1], little);
        break;
      case ATOMIC:
        machine.steps = steps;
        if (!runAtomic(machine, pc)) break loop;
        break;
      case LDDW:
        r[d] = r[s];
        r[d + 1] = r[s + 1];
        next = pc + 2;
        break;
      case CALL: {
        machine.pc = next;
        machine.steps = steps;
        if (recorder !== null) recorder.readable = readable;
        if (!callHelper(machine, pc, s)) break loop;
        if (recorder !== null) readable = recorder.readable;
        next = machine.pc;
        ({ bytes, view, base, length, rights } = memory);
        break;
      }
      case CALLX: {
        machine.pc = next;
        machine.steps = steps;
        if (recorder !== null) recorder.readable = readable;
        if (!callHelper(machine, pc, r[s])) break loop;
        if (recorder !== null) readable = recorder.readable;
        next = machine.pc;
        ({ bytes, view, base, length, rights } = memory);
        break;
      }
      case CALL_KFUNC: {
        machine.pc = next;
        machine.steps = steps;
        if (recorder !== null) recorder.readable = readable;
        if (!callExtern(machine, pc, s)) break loop;
        if (recorder !== null) readable = recorder.readable;
        next = machine.pc;
        ({ bytes, view, base, length, rights } = memory);
        break;
      }
      case CALL_LOCAL:
        if (recorder !== null) recorder.readable = readable;
        if (!enterFunction(machine, pc, next, offset)) break loop;
        if (recorder !== null) readable = recorder.readable;
        next = offset;
        break;
      case EXIT:
        machine.steps = steps;
        if (recorder !== null) recorder.readable = readable;
        next = leaveFunction(machine);
        if (recorder !== null) readable = recorder.readable;
        // A callback's next arguments may need memory and regions.
        ({ bytes, view, base, length, rights } = memory);
        break;
      case PACKET:
        machine.steps = steps;
        if (!runPacketLoad(machine, pc)) {
          r[0] = 0;
          r[1] = 0;
          if (recorder !== null) recorder.readable = readable;
          next = leaveFunction(machine);
          if (recorder !== null) readable = recorder.readable;
        }
        break;
      default:
        invalidInstruction(machine, pc);
        break loop;
    }
    steps = (steps + 1) | 0;
    last = pc;
    if (next < 0) break;
    pc = next;
  }
  machine.pc = pc;
  if (recorder !== null && (steps > start || isFaulted(machine))) {
    if (isFaulted(machine)) last = pc;
    recorder.endOfRun(last, steps, words[(last << 2) + 1], low, high, readable);
  }
  // The instruction that faulted counts as a step: the state before it and the state with the fault are two places.
  machine.steps = isFaulted(machine) ? steps + 1 : steps;
  return stopped;
}
