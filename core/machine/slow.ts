/**
 * What the interpreter's inner loop leaves: instructions that call something or need big integers,
 * and loads and stores that its region check refused.
 */
import { Bug } from '../errors.ts';
import { locate, READ, WRITE } from '../memory/memory.ts';
import { poisonAt } from '../program/code.ts';
import { ALU_SEMANTICS, extended } from '../spec/semantics.ts';
import type { Pc } from '../spec/units.ts';
import { fault, instructionName, slowLoad, slowStore } from './access.ts';
import { readUnsigned, runAtomic, writeUnsigned } from './atomic.ts';
import {
  callExtern,
  callHelper,
  enterFunction,
  leaveFunction,
  spendLoop,
  tableTarget,
} from './calls.ts';
import { cellOf, slotOf } from './code-space.ts';
import {
  ATOMIC,
  CALL,
  CALL_KFUNC,
  CALL_LOCAL,
  CALLX,
  DIV64,
  EXIT,
  type ExecutionCode,
  type FastCode,
  GOTOX,
  INVALID,
  LDX8,
  LDX16,
  LDX32,
  LDX64,
  LDXS8,
  LDXS16,
  LDXS32,
  MAY_GOTO,
  MOD64,
  PACKET,
  SDIV64,
  SMOD64,
  STX8,
  STX16,
  STX32,
  STX64,
} from './execution.ts';
import type { Machine } from './machine.ts';
import { runPacketLoad } from './packet-load.ts';
import type { Recorder } from './recorder.ts';

/**
 * Carries out the instruction at machine.pc. Where that ends the run machine.pc stays: the last
 * instruction is in sight. One that faults counts as a step: the state before it and the state with
 * the fault are two places.
 */
export function carryOut(machine: Machine): void {
  const { pc, steps, recorder } = machine;
  const next = perform(machine, pc);
  machine.pc = machine.status === 'running' ? next : pc;
  machine.steps = steps + 1;
  if (recorder !== null && machine.status === 'faulted') recorder.last(pc, steps, null);
}

/** Answers the slot to go on at; any where the run is over. */
function perform(machine: Machine, pc: Pc): number {
  const { code } = machine;
  const { longs: x, words: cells } = machine.memory;
  const cell = cellOf(code, pc);
  const op = (cells[cell] & 0xff) as ExecutionCode;
  const d = cells[cell + 1] >> 1;
  const s = cells[cell + 2];
  const next = pc + 1;
  switch (op) {
    case DIV64:
      x[d] = ALU_SEMANTICS.div(x[d], x[s >> 1]);
      return next;
    case SDIV64:
      x[d] = ALU_SEMANTICS.sdiv(x[d], x[s >> 1], 64);
      return next;
    case MOD64:
      x[d] = ALU_SEMANTICS.mod(x[d], x[s >> 1]);
      return next;
    case SMOD64:
      x[d] = ALU_SEMANTICS.smod(x[d], x[s >> 1], 64);
      return next;
    case MAY_GOTO:
      return spendLoop(machine) ? next : slotOf(code, cells[cell + 3]);
    case GOTOX:
      return tableTarget(machine, pc, d);
    case CALL:
      machine.pc = next;
      callHelper(machine, pc, s);
      return machine.pc;
    case CALLX:
      machine.pc = next;
      callHelper(machine, pc, cells[s]);
      return machine.pc;
    case CALL_KFUNC:
      machine.pc = next;
      callExtern(machine, pc, s);
      return machine.pc;
    case CALL_LOCAL:
      enterFunction(machine, pc, next, slotOf(code, cells[cell + 3]));
      return slotOf(code, cells[cell + 3]);
    case EXIT:
      if (machine.frames.length === 0 && machine.timers.length === 0)
        machine.recorder?.last(pc, machine.steps, null);
      else recordEnd(machine);
      return leaveFunction(machine);
    case ATOMIC:
      runAtomic(machine, pc);
      return next;
    case PACKET:
      recordEnd(machine);
      if (runPacketLoad(machine, pc)) return next;
      machine.registers[0] = 0n;
      return leaveFunction(machine);
    case LDX8:
    case LDX16:
    case LDX32:
    case LDX64:
      load(machine, pc, false);
      return next;
    case LDXS8:
    case LDXS16:
    case LDXS32:
      load(machine, pc, true);
      return next;
    case STX8:
    case STX16:
    case STX32:
    case STX64:
      store(machine, pc);
      return next;
    case INVALID:
      invalidInstruction(machine, pc);
      return next;
    default:
      op satisfies FastCode;
      throw new Bug(`operation ${op} is one of the interpreter's own loop`);
  }
}

/** Before an instruction that may end the run: of the program, or of a timer's callback. */
function recordEnd(machine: Machine): void {
  if (machine.frames.length <= 1) machine.recorder?.last(machine.pc, machine.steps, machine.halves);
}

const operands = ({ code, memory }: Machine, pc: Pc): Int32Array =>
  memory.words.subarray(cellOf(code, pc), cellOf(code, pc) + 4);
const sizeOf = (word: number): number => (word >> 8) & 15;

/** Where a load or store goes in linear memory; -1 where it may not, and for the context. */
function placeOf(machine: Machine, pc: Pc): number {
  const [word, d, s, offset] = operands(machine, pc);
  const isStore = (word & 0xff) >= STX8;
  const p = isStore ? d : s;
  const { memory, halves } = machine;
  return locate(memory, halves[p + 1], halves[p] + offset, sizeOf(word), isStore ? WRITE : READ);
}

function load(machine: Machine, pc: Pc, isSigned: boolean): void {
  const [word, d, s, offset] = operands(machine, pc);
  const size = sizeOf(word);
  const at = placeOf(machine, pc);
  if (at < 0 && !slowLoad(machine, pc, s, offset, size, d)) return;
  // After what may have made a region: then it has other views.
  const { registers, recorder } = machine;
  if (at >= 0) {
    registers[d >> 1] = readUnsigned(machine, at, size);
    recorder?.mark(READ, at, size);
  }
  if (isSigned) registers[d >> 1] = extended(size, registers[d >> 1]);
}

function store(machine: Machine, pc: Pc): void {
  const [word, d, s, offset] = operands(machine, pc);
  const size = sizeOf(word);
  const at = placeOf(machine, pc);
  if (at < 0) slowStore(machine, pc, d, offset, size, s);
  else {
    writeUnsigned(machine, at, size, machine.memory.longs[s >> 1]);
    machine.recorder?.mark(WRITE, at, size);
  }
}

/** Notes what the load or store at machine.pc will touch; other instructions note it themselves. */
export function recordAccess(machine: Machine, recorder: Recorder): void {
  const { pc, steps, memory } = machine;
  const word = memory.words[cellOf(machine.code, pc)] ?? 0;
  const op = word & 0xff;
  if (op < LDX8) return;
  const at = placeOf(machine, pc);
  if (at >= 0) recorder.access(op >= STX8 ? WRITE : READ, at, sizeOf(word), steps);
}

function invalidInstruction(machine: Machine, pc: Pc): void {
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
  const poison = poisonAt(code, pc);
  if (poison !== undefined) fault(machine, pc, 'failed-relocation', `${name}: ${poison}`);
  else if (instruction === undefined)
    fault(
      machine,
      pc,
      'undefined-instruction',
      `${name} is the second half of a 64-bit immediate load`,
    );
  else if (instruction.row === undefined)
    fault(machine, pc, 'undefined-instruction', `${name}: ${instruction.reason}`);
  else
    fault(
      machine,
      pc,
      'not-built',
      `${name} casts an address of an arena, and arenas are not built here`,
    );
}
