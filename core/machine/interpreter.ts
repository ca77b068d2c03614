/**
 * The reference interpreter: one instruction after the other until the budget, a stop, the end or a fault.
 *
 * Registers are 64-bit slots seen as 32-bit halves (low half first, the byte order of every JavaScript host), which is
 * exact and needs no BigInt; multiplication and division take whole slots. An immediate is a register slot nobody writes
 * (code-space.ts), so each operation stands here once. Semantics: RFC 9669 sections 4 and 5.
 */
import { locate, READ, WRITE } from '../memory/memory.ts';
import { fault, instructionName, slowLoad, slowStore } from './access.ts';
import { runAtomic } from './atomic.ts';
import { callExtern, callHelper, enterFunction, leaveFunction, spendLoop } from './calls.ts';
import {
  ADD64, SUB64, MUL64, DIV64, SDIV64, MOD64, SMOD64, OR64, AND64, XOR64, LSH64, RSH64, ARSH64, MOV64, NEG64, ADD32, SUB32, OR32, AND32, XOR32, MUL32, DIV32, SDIV32, MOD32, SMOD32, LSH32, RSH32, ARSH32, MOV32, NEG32, MOVSX8_64, MOVSX16_64, MOVSX32_64, MOVSX8_32, MOVSX16_32, SWAP16, SWAP32, SWAP64, LOW16, LOW32, LOW64, JEQ64, JNE64, JGT64, JGE64, JLT64, JLE64, JSET64, JSGT64, JSGE64, JSLT64, JSLE64, JEQ32, JNE32, JGT32, JGE32, JLT32, JLE32, JSET32, JSGT32, JSGE32, JSLT32, JSLE32, JA, MAY_GOTO, LDX8, LDX16, LDX32, LDX64, LDXS8, LDXS16, LDXS32, STX8, STX16, STX32, STX64, ATOMIC, LDDW, CALL, CALLX, CALL_KFUNC, CALL_LOCAL, EXIT, PACKET,
} from './execution.ts';
import type { Machine } from './machine.ts';
import { runPacketLoad } from './packet-load.ts';
import { EVER_READ, EVER_WRITTEN } from './recorder.ts';

/** Shifts of a register's two halves by 0 to 63. */
function shiftLeft(r: Uint32Array, d: number, count: number): void {
  if (count === 0) return;
  const low = r[d];
  r[d + 1] = count >= 32 ? low << (count - 32) : (r[d + 1] << count) | (low >>> (32 - count));
  r[d] = count >= 32 ? 0 : low << count;
}

function shiftRight(r: Uint32Array, d: number, count: number): void {
  if (count === 0) return;
  const high = r[d + 1];
  r[d] = count >= 32 ? high >>> (count - 32) : (r[d] >>> count) | (high << (32 - count));
  r[d + 1] = count >= 32 ? 0 : high >>> count;
}

function shiftRightSigned(r: Uint32Array, d: number, count: number): void {
  if (count === 0) return;
  const high = r[d + 1] | 0;
  r[d] = count >= 32 ? high >> (count - 32) : (r[d] >>> count) | (high << (32 - count));
  r[d + 1] = count >= 32 ? high >> 31 : high >> count;
}

const greater = (r: Uint32Array, a: number, b: number): boolean => r[a + 1] > r[b + 1] || (r[a + 1] === r[b + 1] && r[a] > r[b]);

const greaterSigned = (r: Uint32Array, a: number, b: number): boolean =>
  (r[a + 1] | 0) > (r[b + 1] | 0) || (r[a + 1] === r[b + 1] && r[a] > r[b]);

const swap16 = (value: number): number => ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
const swap32 = (value: number): number => (swap16(value) << 16) | swap16(value >>> 16);

/** A load with sign from where the region check refused: context fields are never signed, so it faults or sign-extends. */
function slowSignedLoad(machine: Machine, pc: number, register: number, offset: number, size: number, target: number): boolean {
  if (!slowLoad(machine, pc, register, offset, size, target)) return false;
  machine.registers[target >> 1] = BigInt.asUintN(64, BigInt.asIntN(size * 8, machine.registers[target >> 1]));
  return true;
}

const isFaulted = (machine: Machine): boolean => machine.status === 'faulted';

function invalidInstruction(machine: Machine, pc: number): void {
  const { code } = machine;
  const name = instructionName(machine, pc);
  if (pc < 0 || pc >= code.execution.length) {
    fault(machine, pc, 'out-of-program', `${name} does not exist: the program ends at ${code.execution.length - 1}`);
    return;
  }
  const instruction = code.instructions[pc];
  if (instruction === undefined) fault(machine, pc, 'undefined-instruction', `${name} is the second half of a 64-bit immediate load`);
  else if (instruction.row === undefined) fault(machine, pc, 'undefined-instruction', `${name}: ${instruction.reason}`);
}

/**
 * Runs up to `limit` steps in all (machine.steps counts from the start of the packet). `stops` has a 1 at each slot to
 * stop before, but not at step `from`: where a journey begins it does not end. Answers whether it came to a stop.
 */
export function run(machine: Machine, limit: number, stops: Uint8Array | null = null, from = -1): boolean {
  if (machine.status !== 'running') return false;
  const { code, memory, recorder } = machine;
  const { execution, dst, operand, offset, writes } = code;
  const r = machine.halves;
  const x = machine.registers;
  const i = new BigInt64Array(x.buffer);
  const little = memory.littleEndian;
  let { bytes, view } = memory;
  let { pc, steps } = machine;
  let stopped = false;
  loop: while (steps < limit) {
    if (stops !== null && stops[pc] === 1 && steps !== from) {
      stopped = true;
      break;
    }
    const d = dst[pc];
    const s = operand[pc];
    let next = pc + 1;
    if (recorder !== null) {
      recorder.count = 0;
      recorder.pc = pc;
      recorder.registers[d] = r[d];
      recorder.registers[d + 1] = r[d + 1];
      recorder.readable |= writes[pc];
    }
    switch (execution[pc]) {
      case ADD64: {
        const low = r[d] + r[s];
        r[d + 1] = r[d + 1] + r[s + 1] + (low > 0xffff_ffff ? 1 : 0);
        r[d] = low;
        break;
      }
      case SUB64: {
        const low = r[d] - r[s];
        r[d + 1] = r[d + 1] - r[s + 1] - (low < 0 ? 1 : 0);
        r[d] = low;
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
        r[d] = r[d] + r[s];
        r[d + 1] = 0;
        break;
      case SUB32:
        r[d] = r[d] - r[s];
        r[d + 1] = 0;
        break;
      case OR32:
        r[d] = r[d] | r[s];
        r[d + 1] = 0;
        break;
      case AND32:
        r[d] = r[d] & r[s];
        r[d + 1] = 0;
        break;
      case XOR32:
        r[d] = r[d] ^ r[s];
        r[d + 1] = 0;
        break;
      case MUL32:
        r[d] = Math.imul(r[d], r[s]);
        r[d + 1] = 0;
        break;
      case DIV32:
        r[d] = r[s] === 0 ? 0 : r[d] / r[s];
        r[d + 1] = 0;
        break;
      case SDIV32:
        r[d] = r[s] === 0 ? 0 : (r[d] | 0) / (r[s] | 0);
        r[d + 1] = 0;
        break;
      case MOD32:
        if (r[s] !== 0) r[d] = r[d] % r[s];
        r[d + 1] = 0;
        break;
      case SMOD32:
        if (r[s] !== 0) r[d] = (r[d] | 0) % (r[s] | 0);
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
        const value = r[s] | 0;
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
        if (r[d] === r[s] && r[d + 1] === r[s + 1]) next = offset[pc];
        break;
      case JNE64:
        if (r[d] !== r[s] || r[d + 1] !== r[s + 1]) next = offset[pc];
        break;
      case JGT64:
        if (greater(r, d, s)) next = offset[pc];
        break;
      case JGE64:
        if (!greater(r, s, d)) next = offset[pc];
        break;
      case JLT64:
        if (greater(r, s, d)) next = offset[pc];
        break;
      case JLE64:
        if (!greater(r, d, s)) next = offset[pc];
        break;
      case JSET64:
        if ((r[d] & r[s]) !== 0 || (r[d + 1] & r[s + 1]) !== 0) next = offset[pc];
        break;
      case JSGT64:
        if (greaterSigned(r, d, s)) next = offset[pc];
        break;
      case JSGE64:
        if (!greaterSigned(r, s, d)) next = offset[pc];
        break;
      case JSLT64:
        if (greaterSigned(r, s, d)) next = offset[pc];
        break;
      case JSLE64:
        if (!greaterSigned(r, d, s)) next = offset[pc];
        break;
      case JEQ32:
        if (r[d] === r[s]) next = offset[pc];
        break;
      case JNE32:
        if (r[d] !== r[s]) next = offset[pc];
        break;
      case JGT32:
        if (r[d] > r[s]) next = offset[pc];
        break;
      case JGE32:
        if (r[d] >= r[s]) next = offset[pc];
        break;
      case JLT32:
        if (r[d] < r[s]) next = offset[pc];
        break;
      case JLE32:
        if (r[d] <= r[s]) next = offset[pc];
        break;
      case JSET32:
        if ((r[d] & r[s]) !== 0) next = offset[pc];
        break;
      case JSGT32:
        if ((r[d] | 0) > (r[s] | 0)) next = offset[pc];
        break;
      case JSGE32:
        if ((r[d] | 0) >= (r[s] | 0)) next = offset[pc];
        break;
      case JSLT32:
        if ((r[d] | 0) < (r[s] | 0)) next = offset[pc];
        break;
      case JSLE32:
        if ((r[d] | 0) <= (r[s] | 0)) next = offset[pc];
        break;
      case JA:
        next = offset[pc];
        break;
      case MAY_GOTO:
        if (!spendLoop(machine)) next = offset[pc];
        break;
      case LDX8: {
        const at = locate(memory, r[s + 1], r[s] + offset[pc], 1, READ);
        if (at < 0) {
          if (!slowLoad(machine, pc, s, offset[pc], 1, d)) break loop;
          break;
        }
        if (recorder !== null) recorder.access(EVER_READ, at, 1, bytes);
        r[d] = bytes[at];
        r[d + 1] = 0;
        break;
      }
      case LDX16: {
        const at = locate(memory, r[s + 1], r[s] + offset[pc], 2, READ);
        if (at < 0) {
          if (!slowLoad(machine, pc, s, offset[pc], 2, d)) break loop;
          break;
        }
        if (recorder !== null) recorder.access(EVER_READ, at, 2, bytes);
        r[d] = view.getUint16(at, little);
        r[d + 1] = 0;
        break;
      }
      case LDX32: {
        const at = locate(memory, r[s + 1], r[s] + offset[pc], 4, READ);
        if (at < 0) {
          if (!slowLoad(machine, pc, s, offset[pc], 4, d)) break loop;
          break;
        }
        if (recorder !== null) recorder.access(EVER_READ, at, 4, bytes);
        r[d] = view.getUint32(at, little);
        r[d + 1] = 0;
        break;
      }
      case LDX64: {
        const at = locate(memory, r[s + 1], r[s] + offset[pc], 8, READ);
        if (at < 0) {
          if (!slowLoad(machine, pc, s, offset[pc], 8, d)) break loop;
          break;
        }
        if (recorder !== null) recorder.access(EVER_READ, at, 8, bytes);
        r[d] = view.getUint32(little ? at : at + 4, little);
        r[d + 1] = view.getUint32(little ? at + 4 : at, little);
        break;
      }
      case LDXS8: {
        const at = locate(memory, r[s + 1], r[s] + offset[pc], 1, READ);
        if (at < 0) {
          if (!slowSignedLoad(machine, pc, s, offset[pc], 1, d)) break loop;
          break;
        }
        if (recorder !== null) recorder.access(EVER_READ, at, 1, bytes);
        const value = view.getInt8(at);
        r[d] = value;
        r[d + 1] = value >> 31;
        break;
      }
      case LDXS16: {
        const at = locate(memory, r[s + 1], r[s] + offset[pc], 2, READ);
        if (at < 0) {
          if (!slowSignedLoad(machine, pc, s, offset[pc], 2, d)) break loop;
          break;
        }
        if (recorder !== null) recorder.access(EVER_READ, at, 2, bytes);
        const value = view.getInt16(at, little);
        r[d] = value;
        r[d + 1] = value >> 31;
        break;
      }
      case LDXS32: {
        const at = locate(memory, r[s + 1], r[s] + offset[pc], 4, READ);
        if (at < 0) {
          if (!slowSignedLoad(machine, pc, s, offset[pc], 4, d)) break loop;
          break;
        }
        if (recorder !== null) recorder.access(EVER_READ, at, 4, bytes);
        const value = view.getInt32(at, little);
        r[d] = value;
        r[d + 1] = value >> 31;
        break;
      }
      case STX8: {
        const at = locate(memory, r[d + 1], r[d] + offset[pc], 1, WRITE);
        if (at < 0) {
          if (!slowStore(machine, pc, d, offset[pc], 1, s)) break loop;
          break;
        }
        if (recorder !== null) recorder.access(EVER_WRITTEN, at, 1, bytes);
        bytes[at] = r[s];
        break;
      }
      case STX16: {
        const at = locate(memory, r[d + 1], r[d] + offset[pc], 2, WRITE);
        if (at < 0) {
          if (!slowStore(machine, pc, d, offset[pc], 2, s)) break loop;
          break;
        }
        if (recorder !== null) recorder.access(EVER_WRITTEN, at, 2, bytes);
        view.setUint16(at, r[s], little);
        break;
      }
      case STX32: {
        const at = locate(memory, r[d + 1], r[d] + offset[pc], 4, WRITE);
        if (at < 0) {
          if (!slowStore(machine, pc, d, offset[pc], 4, s)) break loop;
          break;
        }
        if (recorder !== null) recorder.access(EVER_WRITTEN, at, 4, bytes);
        view.setUint32(at, r[s], little);
        break;
      }
      case STX64: {
        const at = locate(memory, r[d + 1], r[d] + offset[pc], 8, WRITE);
        if (at < 0) {
          if (!slowStore(machine, pc, d, offset[pc], 8, s)) break loop;
          break;
        }
        if (recorder !== null) recorder.access(EVER_WRITTEN, at, 8, bytes);
        view.setUint32(little ? at : at + 4, r[s], little);
        view.setUint32(little ? at + 4 : at, r[s + 1], little);
        break;
      }
      case ATOMIC:
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
        if (!callHelper(machine, pc, operand[pc])) break loop;
        next = machine.pc;
        bytes = memory.bytes;
        view = memory.view;
        break;
      }
      case CALLX: {
        machine.pc = next;
        machine.steps = steps;
        if (!callHelper(machine, pc, r[s] | 0)) break loop;
        next = machine.pc;
        bytes = memory.bytes;
        view = memory.view;
        break;
      }
      case CALL_KFUNC: {
        machine.pc = next;
        machine.steps = steps;
        if (!callExtern(machine, pc, operand[pc])) break loop;
        next = machine.pc;
        bytes = memory.bytes;
        view = memory.view;
        break;
      }
      case CALL_LOCAL:
        if (!enterFunction(machine, pc, next, offset[pc])) break loop;
        next = offset[pc];
        break;
      case EXIT:
        next = leaveFunction(machine);
        break;
      case PACKET:
        if (!runPacketLoad(machine, pc)) {
          r[0] = 0;
          r[1] = 0;
          next = leaveFunction(machine);
        }
        break;
      default:
        invalidInstruction(machine, pc);
        break loop;
    }
    steps += 1;
    if (next < 0) break;
    pc = next;
  }
  machine.pc = pc;
  // The instruction that faulted counts as a step: the state before it and the state with the fault are two places.
  machine.steps = isFaulted(machine) ? steps + 1 : steps;
  return stopped;
}
