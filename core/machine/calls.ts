import { SLOT_BYTES } from '../asm/encoding.ts';
import { at } from '../errors.ts';
import { functionAt } from '../program/code.ts';
import { CALLER_SAVED } from '../spec/isa.ts';
import type { Pc } from '../spec/units.ts';
import { fault, instructionName } from './access.ts';
import { GuestFault } from './fault.ts';
import {
  type Callback,
  type ForEachCallback,
  type Frame,
  type HelperFunction,
  type LoopCallback,
  MAX_FRAMES,
  MAX_LOOPS,
  type Machine,
  NO_ANSWER,
} from './machine.ts';
import { nextTimer } from './timers.ts';

/**
 * Opens a frame for a function of the program; false (and a fault) where the call chain would be
 * too deep.
 */
export function enterFunction(
  machine: Machine,
  pc: Pc,
  returnPc: Pc,
  entry: Pc,
  callback?: Callback,
): boolean {
  if (machine.frames.length - machine.programDepth + 1 >= MAX_FRAMES) {
    const name = functionAt(machine.code, entry)?.function.name ?? 'a function';
    fault(
      machine,
      pc,
      'call-depth',
      `${instructionName(machine, pc)} calls ${name} ${MAX_FRAMES} frames ` +
        `deep, ${MAX_FRAMES} is the most`,
    );
    return false;
  }
  const frame: Frame = {
    entry,
    returnPc,
    saved: machine.registers.slice(6, 10),
    readable: machine.readable,
    loops: MAX_LOOPS,
    callback,
    programDepth: machine.programDepth,
  };
  machine.frames.push(frame);
  machine.enterFrame();
  machine.readable = (machine.readable & CALLER_SAVED) | (1 << 10);
  return true;
}

/**
 * A tail call: another program goes on in the frame of the running function, with a depth and
 * may_goto rounds of its own.
 */
export function enterProgram(machine: Machine, entry: Pc): void {
  machine.tailCalls += 1;
  machine.programDepth = machine.frames.length;
  (machine.frames.at(-1) ?? machine).loops = MAX_LOOPS;
  machine.pc = entry;
  machine.readable = 0b10 | (1 << 10);
}

/** Ends the running function: answers where to go on, or -1 when the program is over. */
export function leaveFunction(machine: Machine): Pc {
  const frame = machine.frames.at(-1);
  if (frame === undefined) {
    if (machine.timers.length > 0) {
      machine.returned = machine.registers[0];
      return afterProgram(machine);
    }
    machine.status = 'finished';
    return -1;
  }
  if (frame.callback?.kind === 'timer') {
    machine.closeFrame();
    return afterProgram(machine);
  }
  if (frame.callback && nextIteration(machine, frame, frame.callback)) return frame.callback.entry;
  machine.closeFrame();
  machine.readable = (frame.readable & ~CALLER_SAVED) | 1;
  return frame.returnPc;
}

/**
 * The program has returned: goes on in the callback of the next timer that is due, or ends with the
 * program's r0.
 */
function afterProgram(machine: Machine): Pc {
  for (let timer = nextTimer(machine); timer !== undefined; timer = nextTimer(machine)) {
    const element = machine.maps[timer.map].elementAt!(timer.at, 0);
    if (element === undefined) continue;
    const { at, map } = timer;
    const entry = timer.entry!;
    enterFunction(machine, machine.pc, -1, entry, {
      kind: 'timer',
      entry,
      timer: at,
      map,
      context: 0n,
      index: 0,
    });
    machine.registers.set([machine.maps[map].handle, element.key, element.value], 1);
    machine.readable = 0b1110 | (1 << 10);
    return entry;
  }
  machine.registers[0] = machine.returned!;
  machine.status = 'finished';
  return -1;
}

/** After a callback returned: sets up the next one, or leaves the number of calls in r0. */
function nextIteration(
  machine: Machine,
  frame: Frame,
  callback: LoopCallback | ForEachCallback,
): boolean {
  const stop = machine.registers[0] !== 0n;
  callback.index += 1;
  if (!stop && startIteration(machine, callback)) {
    frame.loops = MAX_LOOPS;
    return true;
  }
  machine.registers[0] = BigInt(callback.index);
  return false;
}

/** Puts a callback's arguments into r1 on; false where it is not called again. */
export function startIteration(
  machine: Machine,
  callback: LoopCallback | ForEachCallback,
): boolean {
  const values = argumentsOf(machine, callback);
  if (values === undefined) return false;
  machine.registers.set(values, 1);
  machine.readable = (((1 << values.length) - 1) << 1) | (1 << 10);
  return true;
}

/**
 * bpf_loop (kernel/bpf/bpf_iter.c): index, context. bpf_for_each_map_elem: map, key, value,
 * context.
 */
function argumentsOf(
  machine: Machine,
  callback: LoopCallback | ForEachCallback,
): bigint[] | undefined {
  if (callback.kind === 'loop')
    return callback.index < callback.count ? [BigInt(callback.index), callback.context] : undefined;
  const map = machine.maps[callback.map];
  const element = map.advance!(callback.cursor, machine.surroundings.cpu, machine.frames.length);
  return element && [map.handle, element.key, element.value, callback.context];
}

/**
 * gotox: the slot that an entry of a jump table names, in bytes from the start of the function's
 * section; -1 (and a fault) where it is no instruction of the running function.
 */
export function tableTarget(machine: Machine, pc: Pc, register: number): Pc {
  const { program, function: running } = functionAt(machine.code, pc)!;
  const entry = machine.registers[register];
  const slot = Number(entry) / SLOT_BYTES - running.sectionOffset / SLOT_BYTES;
  if (Number.isInteger(slot) && slot >= 0 && slot < running.end - running.start)
    return program.start + running.start + slot;
  fault(
    machine,
    pc,
    'out-of-program',
    `${instructionName(machine, pc)} jumps to ${at(running.section, Number(entry))}, which is ` +
      `no instruction of ${running.name}`,
  );
  return -1;
}

/** may_goto: whether the running function may go round once more. */
export function spendLoop(machine: Machine): boolean {
  const owner = machine.frames.at(-1) ?? machine;
  if (owner.loops === 0) return false;
  owner.loops -= 1;
  return true;
}

/**
 * Runs a helper; its GuestFault becomes the machine's. The helper finds the slot after the call in
 * machine.pc.
 */
function runHelper(machine: Machine, pc: Pc, helper: HelperFunction): boolean {
  machine.readable &= ~CALLER_SAVED;
  try {
    const result = helper(machine);
    if (result !== NO_ANSWER) machine.registers[0] = BigInt.asUintN(64, result);
    return machine.status !== 'faulted';
  } catch (error) {
    if (!(error instanceof GuestFault)) throw error;
    machine.pc = pc;
    fault(
      machine,
      pc,
      error.kind,
      `${instructionName(machine, pc)}: ${error.message}`,
      error.access,
    );
    return false;
  }
}

export function callHelper(machine: Machine, pc: Pc, id: number): boolean {
  const helper = machine.helpers.get(id);
  if (helper) return runHelper(machine, pc, helper);
  const { kind, message } = machine.describeHelper(id);
  fault(machine, pc, kind, `${instructionName(machine, pc)}: ${message}`);
  return false;
}

export function callExtern(machine: Machine, pc: Pc, index: number): boolean {
  const helper = machine.externs.get(index);
  if (helper) return runHelper(machine, pc, helper);
  const { kind, message } = machine.describeExtern(index);
  fault(machine, pc, kind, `${instructionName(machine, pc)}: ${message}`);
  return false;
}
