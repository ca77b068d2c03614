/**
 * The reference interpreter: one instruction after the other until the budget, a stop, the end or a
 * fault.
 *
 * Registers are 64-bit slots seen as 32-bit halves, which is exact and needs no BigInt. An
 * immediate is a register slot nobody writes (code-space.ts), so each operation stands here once.
 * Semantics: RFC 9669 sections 4 and 5.
 *
 * Written for the engines that compile it: the loop keeps to whole 32-bit numbers (`| 0`), to one
 * array for registers and code, and calls as good as nothing. What needs more is done in slow.ts,
 * one instruction at a time.
 *
 * An instruction is a cell of four words of 32 bits (code-space.ts). `r2 += 14`, whose immediate
 * lies in front of the code, say in words 9000 and 9001:
 *
 *     cell     operation and size | d = 4 | s = 9000 | unused
 *     r[4]     the low half of r2         r[9000] = 14
 *     r[5]     the high half of r2        r[9001] = 0
 *
 *     r[4] becomes (before + 14) | 0, r[5] takes the carry: r[4] >>> 0 < before >>> 0
 *
 * The last word of a jump is the cell to go to, of a load or store the offset.
 */
import { READ, REGION_START, REGION_TAG, WRITE } from '../memory/memory.ts';
import { cellOf, slotOf } from './code-space.ts';
import {
  ADD32,
  ADD64,
  AND32,
  AND64,
  ARSH32,
  ARSH64,
  DIV32,
  type ExecutionCode,
  type FastCode,
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
  type MemoryCode,
  MOD32,
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
  RSH32,
  RSH64,
  SDIV32,
  type SlowCode,
  SMOD32,
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
import { carryOut } from './slow.ts';

const NO_SLOTS = new Uint8Array(0);

const swap16 = (value: number): number => ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
const swap32 = (value: number): number => (swap16(value) << 16) | swap16(value >>> 16);

/**
 * Runs until `end` steps are done in all, the program ends or faults, or, where `before` is given,
 * before a slot that has a 1 there. machine.pc is then the next instruction, or the one that ended
 * the run.
 */
export function execute(machine: Machine, end: number, before: Uint8Array | null): void {
  const { memory, recorder, code } = machine;
  const { codeStart } = code;
  const { littleEndian: little } = memory;
  const slots = before ?? NO_SLOTS;
  const halting = before === null ? 0 : 1;
  const marks = recorder === null ? 0 : recorder.marksAt;
  const marked = recorder === null ? 0 : recorder.marked;
  // Locals, since constants of a module are looked up at each use.
  const tag = REGION_TAG;
  const start = REGION_START;
  const read2 = READ * 0x0101;
  const read4 = READ * 0x01010101;
  const write2 = WRITE * 0x0101;
  const write4 = WRITE * 0x01010101;
  while (machine.status === 'running' && machine.steps < end) {
    // They change when memory grows.
    const { words: r, bytes, view, table, rows } = memory;
    let { steps, readable } = machine;
    let cell = cellOf(code, machine.pc);
    let word = r[cell];
    loop: while (steps < end) {
      if (halting === 1 && slots[(cell - codeStart) >> 2] === 1) break;
      const op = (word & 0xff) as ExecutionCode;
      const d = r[(cell + 1) | 0];
      const s = r[(cell + 2) | 0];
      let next = (cell + 4) | 0;
      if (op >= LDX8) {
        // The region check of every load and store (memory.ts, locate) in the common case.
        const isStore = op >= STX8 ? 1 : 0;
        const p = isStore === 1 ? d : s;
        const low = (r[p] - start) | 0;
        const where = (low + r[(cell + 3) | 0]) | 0;
        const id = (r[(p + 1) | 0] - tag) | 0;
        const size = (word >> 8) & 15;
        if (
          (low | where) < 0 ||
          id <= 0 ||
          id >= rows ||
          where > ((r[(table + (id << 2) + 1 + isStore) | 0] - size) | 0)
        )
          break;
        const at = (r[(table + (id << 2)) | 0] + where) | 0;
        switch (op) {
          case LDX8:
            if (at < marked && (view.getUint8((marks + at) | 0) & READ) === 0)
              recorder?.mark(READ, at, 1);
            r[d] = bytes[at];
            r[(d + 1) | 0] = 0;
            break;
          case LDX16:
            if (at < marked && (view.getUint16((marks + at) | 0, true) & read2) !== read2)
              recorder?.mark(READ, at, 2);
            r[d] = view.getUint16(at, little);
            r[(d + 1) | 0] = 0;
            break;
          case LDX32:
            if (at < marked && (view.getInt32((marks + at) | 0, true) & read4) !== read4)
              recorder?.mark(READ, at, 4);
            r[d] = view.getInt32(at, little);
            r[(d + 1) | 0] = 0;
            break;
          case LDX64:
            if (
              at < marked &&
              (view.getInt32((marks + at) | 0, true) &
                view.getInt32((marks + at + 4) | 0, true) &
                read4) !==
                read4
            )
              recorder?.mark(READ, at, 8);
            r[d] = view.getInt32(little ? at : (at + 4) | 0, little);
            r[(d + 1) | 0] = view.getInt32(little ? (at + 4) | 0 : at, little);
            break;
          case LDXS8:
            if (at < marked && (view.getUint8((marks + at) | 0) & READ) === 0)
              recorder?.mark(READ, at, 1);
            r[d] = view.getInt8(at);
            r[(d + 1) | 0] = r[d] >> 31;
            break;
          case LDXS16:
            if (at < marked && (view.getUint16((marks + at) | 0, true) & read2) !== read2)
              recorder?.mark(READ, at, 2);
            r[d] = view.getInt16(at, little);
            r[(d + 1) | 0] = r[d] >> 31;
            break;
          case LDXS32:
            if (at < marked && (view.getInt32((marks + at) | 0, true) & read4) !== read4)
              recorder?.mark(READ, at, 4);
            r[d] = view.getInt32(at, little);
            r[(d + 1) | 0] = r[d] >> 31;
            break;
          case STX8:
            if (at < marked && (view.getUint8((marks + at) | 0) & WRITE) === 0)
              recorder?.mark(WRITE, at, 1);
            bytes[at] = r[s];
            break;
          case STX16:
            if (at < marked && (view.getUint16((marks + at) | 0, true) & write2) !== write2)
              recorder?.mark(WRITE, at, 2);
            view.setInt16(at, r[s], little);
            break;
          case STX32:
            if (at < marked && (view.getInt32((marks + at) | 0, true) & write4) !== write4)
              recorder?.mark(WRITE, at, 4);
            if (little && (at & 3) === 0) r[at >> 2] = r[s];
            else view.setInt32(at, r[s], little);
            break;
          case STX64:
            if (
              at < marked &&
              (view.getInt32((marks + at) | 0, true) &
                view.getInt32((marks + at + 4) | 0, true) &
                write4) !==
                write4
            )
              recorder?.mark(WRITE, at, 8);
            if (little && (at & 3) === 0) {
              r[at >> 2] = r[s];
              r[((at >> 2) + 1) | 0] = r[(s + 1) | 0];
            } else {
              view.setInt32(little ? at : (at + 4) | 0, r[s], little);
              view.setInt32(little ? (at + 4) | 0 : at, r[(s + 1) | 0], little);
            }
            break;
          default:
            op satisfies FastCode | SlowCode;
        }
      } else
        switch (op) {
          case ADD64: {
            const before = r[d];
            const low = (before + r[s]) | 0;
            r[(d + 1) | 0] =
              (r[(d + 1) | 0] + r[(s + 1) | 0] + (low >>> 0 < before >>> 0 ? 1 : 0)) | 0;
            r[d] = low;
            break;
          }
          case SUB64: {
            const borrow = r[d] >>> 0 < r[s] >>> 0 ? 1 : 0;
            r[(d + 1) | 0] = (r[(d + 1) | 0] - r[(s + 1) | 0] - borrow) | 0;
            r[d] = (r[d] - r[s]) | 0;
            break;
          }
          case MUL64: {
            // By halves of halves: the low 32 bits of each times the other's, in full, and what of
            // the rest lies below 2^64.
            const a = r[d];
            const b = r[s];
            const low = Math.imul(a & 0xffff, b & 0xffff);
            const middle = (Math.imul(a >>> 16, b & 0xffff) + (low >>> 16)) | 0;
            const other = (Math.imul(a & 0xffff, b >>> 16) + (middle & 0xffff)) | 0;
            const high = (Math.imul(a >>> 16, b >>> 16) + (middle >>> 16) + (other >>> 16)) | 0;
            r[(d + 1) | 0] =
              (high + Math.imul(a, r[(s + 1) | 0]) + Math.imul(r[(d + 1) | 0], b)) | 0;
            r[d] = Math.imul(a, b);
            break;
          }
          case OR64:
            r[d] |= r[s];
            r[(d + 1) | 0] |= r[(s + 1) | 0];
            break;
          case AND64:
            r[d] &= r[s];
            r[(d + 1) | 0] &= r[(s + 1) | 0];
            break;
          case XOR64:
            r[d] ^= r[s];
            r[(d + 1) | 0] ^= r[(s + 1) | 0];
            break;
          case LSH64: {
            const count = r[s] & 63;
            const low = r[d];
            if (count >= 32) {
              r[(d + 1) | 0] = low << count;
              r[d] = 0;
            } else if (count !== 0) {
              r[(d + 1) | 0] = (r[(d + 1) | 0] << count) | (low >>> (32 - count));
              r[d] = low << count;
            }
            break;
          }
          case RSH64: {
            const count = r[s] & 63;
            const high = r[(d + 1) | 0];
            if (count >= 32) {
              r[d] = high >>> count;
              r[(d + 1) | 0] = 0;
            } else if (count !== 0) {
              r[d] = (r[d] >>> count) | (high << (32 - count));
              r[(d + 1) | 0] = high >>> count;
            }
            break;
          }
          case ARSH64: {
            const count = r[s] & 63;
            const high = r[(d + 1) | 0];
            if (count >= 32) {
              r[d] = high >> count;
              r[(d + 1) | 0] = high >> 31;
            } else if (count !== 0) {
              r[d] = (r[d] >>> count) | (high << (32 - count));
              r[(d + 1) | 0] = high >> count;
            }
            break;
          }
          case MOV64: {
            const high = r[(s + 1) | 0];
            r[d] = r[s];
            r[(d + 1) | 0] = high;
            break;
          }
          case NEG64: {
            const low = -r[d] | 0;
            r[(d + 1) | 0] = low === 0 ? -r[(d + 1) | 0] : ~r[(d + 1) | 0];
            r[d] = low;
            break;
          }
          case ADD32:
            r[d] = (r[d] + r[s]) | 0;
            r[(d + 1) | 0] = 0;
            break;
          case SUB32:
            r[d] = (r[d] - r[s]) | 0;
            r[(d + 1) | 0] = 0;
            break;
          case OR32:
            r[d] |= r[s];
            r[(d + 1) | 0] = 0;
            break;
          case AND32:
            r[d] &= r[s];
            r[(d + 1) | 0] = 0;
            break;
          case XOR32:
            r[d] ^= r[s];
            r[(d + 1) | 0] = 0;
            break;
          case MUL32:
            r[d] = Math.imul(r[d], r[s]);
            r[(d + 1) | 0] = 0;
            break;
          case DIV32:
            r[d] = r[s] === 0 ? 0 : (r[d] >>> 0) / (r[s] >>> 0);
            r[(d + 1) | 0] = 0;
            break;
          case SDIV32:
            r[d] = r[s] === 0 ? 0 : r[d] / r[s];
            r[(d + 1) | 0] = 0;
            break;
          case MOD32:
            if (r[s] !== 0) r[d] = (r[d] >>> 0) % (r[s] >>> 0);
            r[(d + 1) | 0] = 0;
            break;
          case SMOD32:
            if (r[s] !== 0) r[d] = r[d] % r[s];
            r[(d + 1) | 0] = 0;
            break;
          case LSH32:
            r[d] = r[d] << r[s];
            r[(d + 1) | 0] = 0;
            break;
          case RSH32:
            r[d] = r[d] >>> r[s];
            r[(d + 1) | 0] = 0;
            break;
          case ARSH32:
            r[d] = r[d] >> r[s];
            r[(d + 1) | 0] = 0;
            break;
          case MOV32:
            r[d] = r[s];
            r[(d + 1) | 0] = 0;
            break;
          case NEG32:
            r[d] = -r[d];
            r[(d + 1) | 0] = 0;
            break;
          case MOVSX8_64: {
            const value = (r[s] << 24) >> 24;
            r[d] = value;
            r[(d + 1) | 0] = value >> 31;
            break;
          }
          case MOVSX16_64: {
            const value = (r[s] << 16) >> 16;
            r[d] = value;
            r[(d + 1) | 0] = value >> 31;
            break;
          }
          case MOVSX32_64: {
            const value = r[s];
            r[d] = value;
            r[(d + 1) | 0] = value >> 31;
            break;
          }
          case MOVSX8_32:
            r[d] = (r[s] << 24) >> 24;
            r[(d + 1) | 0] = 0;
            break;
          case MOVSX16_32:
            r[d] = (r[s] << 16) >> 16;
            r[(d + 1) | 0] = 0;
            break;
          case SWAP16:
            r[d] = swap16(r[d]);
            r[(d + 1) | 0] = 0;
            break;
          case SWAP32:
            r[d] = swap32(r[d]);
            r[(d + 1) | 0] = 0;
            break;
          case SWAP64: {
            const low = r[d];
            r[d] = swap32(r[(d + 1) | 0]);
            r[(d + 1) | 0] = swap32(low);
            break;
          }
          case LOW16:
            r[d] = r[d] & 0xffff;
            r[(d + 1) | 0] = 0;
            break;
          case LOW32:
            r[(d + 1) | 0] = 0;
            break;
          case LOW64:
            break;
          case JEQ64:
            if (r[d] === r[s] && r[(d + 1) | 0] === r[(s + 1) | 0]) next = r[(cell + 3) | 0];
            break;
          case JNE64:
            if (r[d] !== r[s] || r[(d + 1) | 0] !== r[(s + 1) | 0]) next = r[(cell + 3) | 0];
            break;
          case JGT64:
            if (
              r[(d + 1) | 0] === r[(s + 1) | 0]
                ? r[d] >>> 0 > r[s] >>> 0
                : r[(d + 1) | 0] >>> 0 > r[(s + 1) | 0] >>> 0
            )
              next = r[(cell + 3) | 0];
            break;
          case JGE64:
            if (
              r[(d + 1) | 0] === r[(s + 1) | 0]
                ? r[d] >>> 0 >= r[s] >>> 0
                : r[(d + 1) | 0] >>> 0 > r[(s + 1) | 0] >>> 0
            )
              next = r[(cell + 3) | 0];
            break;
          case JLT64:
            if (
              r[(d + 1) | 0] === r[(s + 1) | 0]
                ? r[d] >>> 0 < r[s] >>> 0
                : r[(d + 1) | 0] >>> 0 < r[(s + 1) | 0] >>> 0
            )
              next = r[(cell + 3) | 0];
            break;
          case JLE64:
            if (
              r[(d + 1) | 0] === r[(s + 1) | 0]
                ? r[d] >>> 0 <= r[s] >>> 0
                : r[(d + 1) | 0] >>> 0 < r[(s + 1) | 0] >>> 0
            )
              next = r[(cell + 3) | 0];
            break;
          case JSET64:
            if ((r[d] & r[s]) !== 0 || (r[(d + 1) | 0] & r[(s + 1) | 0]) !== 0)
              next = r[(cell + 3) | 0];
            break;
          case JSGT64:
            if (
              r[(d + 1) | 0] === r[(s + 1) | 0]
                ? r[d] >>> 0 > r[s] >>> 0
                : r[(d + 1) | 0] > r[(s + 1) | 0]
            )
              next = r[(cell + 3) | 0];
            break;
          case JSGE64:
            if (
              r[(d + 1) | 0] === r[(s + 1) | 0]
                ? r[d] >>> 0 >= r[s] >>> 0
                : r[(d + 1) | 0] > r[(s + 1) | 0]
            )
              next = r[(cell + 3) | 0];
            break;
          case JSLT64:
            if (
              r[(d + 1) | 0] === r[(s + 1) | 0]
                ? r[d] >>> 0 < r[s] >>> 0
                : r[(d + 1) | 0] < r[(s + 1) | 0]
            )
              next = r[(cell + 3) | 0];
            break;
          case JSLE64:
            if (
              r[(d + 1) | 0] === r[(s + 1) | 0]
                ? r[d] >>> 0 <= r[s] >>> 0
                : r[(d + 1) | 0] < r[(s + 1) | 0]
            )
              next = r[(cell + 3) | 0];
            break;
          case JEQ32:
            if (r[d] === r[s]) next = r[(cell + 3) | 0];
            break;
          case JNE32:
            if (r[d] !== r[s]) next = r[(cell + 3) | 0];
            break;
          case JGT32:
            if (r[d] >>> 0 > r[s] >>> 0) next = r[(cell + 3) | 0];
            break;
          case JGE32:
            if (r[d] >>> 0 >= r[s] >>> 0) next = r[(cell + 3) | 0];
            break;
          case JLT32:
            if (r[d] >>> 0 < r[s] >>> 0) next = r[(cell + 3) | 0];
            break;
          case JLE32:
            if (r[d] >>> 0 <= r[s] >>> 0) next = r[(cell + 3) | 0];
            break;
          case JSET32:
            if ((r[d] & r[s]) !== 0) next = r[(cell + 3) | 0];
            break;
          case JSGT32:
            if (r[d] > r[s]) next = r[(cell + 3) | 0];
            break;
          case JSGE32:
            if (r[d] >= r[s]) next = r[(cell + 3) | 0];
            break;
          case JSLT32:
            if (r[d] < r[s]) next = r[(cell + 3) | 0];
            break;
          case JSLE32:
            if (r[d] <= r[s]) next = r[(cell + 3) | 0];
            break;
          case JA:
            next = r[(cell + 3) | 0];
            break;
          case LDDW: {
            const high = r[(s + 1) | 0];
            r[d] = r[s];
            r[(d + 1) | 0] = high;
            next = (cell + 8) | 0;
            break;
          }
          // What is left is for slow.ts: a fast one whose case is forgotten does not build.
          default:
            op satisfies SlowCode | MemoryCode;
            break loop;
        }
      readable |= word >> 12;
      steps = (steps + 1) | 0;
      cell = next;
      word = r[cell];
    }
    machine.pc = slotOf(code, cell);
    machine.steps = steps;
    machine.readable = readable;
    if (steps === end || (before !== null && before[machine.pc] === 1)) return;
    machine.readable |= word >> 12;
    carryOut(machine);
  }
}
