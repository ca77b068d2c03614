import { toHex } from '../bytes/hex.ts';
import { helperName, helperParameters } from '../helpers/table.ts';
import type { Machine } from '../machine/machine.ts';
import { EVER_READ, type Recorder } from '../machine/recorder.ts';
import { nameAddress, signedOffset } from '../memory/memory.ts';
import { jumpTarget } from '../program/control-flow.ts';
import { writesOf } from '../program/effects.ts';
import type { StepView } from '../protocol/messages.ts';
import { ERRNO, ERRNO_WORDS, type Errno } from '../spec/errno.ts';
import type { HookName } from '../spec/program-types.ts';
import type { LinearAddress } from '../spec/units.ts';

/** `0x0000000000000001` */
export const hex64 = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}`;

/** A register's value as people read it: `packet+14`, `map hits`, else hex. */
export const registerText = (machine: Machine, value: bigint): string =>
  nameAddress(machine.memory, value) ?? `0x${value.toString(16)}`;

/** The name of a linear address: the region that holds it, `packet+14`. */
export function placeOf(machine: Machine, at: LinearAddress): string {
  const { memory } = machine;
  for (let id = memory.info.length - 1; id > 0; id--) {
    const info = memory.info[id];
    if (info.kind === 'stale' || memory.length[id] === 0 || memory.rights[id] === 0) continue;
    if (at < memory.base[id] || at >= memory.base[id] + memory.length[id]) continue;
    const offset = at - memory.base[id] + info.origin;
    return `${info.name()}${signedOffset(offset)}`;
  }
  return 'packet';
}

const ERRNO_NAMES = new Map(
  Object.entries(ERRNO).map(([name, value]) => [value as number, name as Errno]),
);

/** Their negative answers are no failures. */
const COMPARES: ReadonlySet<string> = new Set(['bpf_strncmp', 'strcmp_ext']);

/** What a helper answered: a failure by its name, `-EINVAL (-22, an argument is not valid)`. */
function resultText(machine: Machine, r0: bigint): string {
  const number = Number(BigInt.asIntN(64, r0));
  const name = ERRNO_NAMES.get(-number);
  if (name === undefined) return registerText(machine, r0);
  const words = ERRNO_WORDS[name];
  return `-${name} (${number}${words ? `, ${words}` : ''})`;
}

function accesses(machine: Machine, recorder: Recorder): StepView['accesses'] {
  return Array.from({ length: recorder.count }, (_, n) => {
    const at = recorder.at[n];
    const size = recorder.size[n];
    const shown = Math.min(size, 8);
    const after = toHex(machine.memory.bytes.subarray(at, at + shown));
    return {
      kind: recorder.kind[n] === EVER_READ ? 'read' : 'write',
      place: placeOf(machine, at),
      size,
      before:
        recorder.kind[n] === EVER_READ
          ? after
          : toHex(recorder.overwritten.subarray(n * 8, n * 8 + shown)),
      after,
    };
  });
}

/**
 * Registers that the last step wrote, with the value before: calls and returns may change any,
 * others what the row says.
 */
export function writtenRegisters(machine: Machine): Map<number, bigint> {
  const written = new Map<number, bigint>();
  const { recorder } = machine;
  // An instruction that faulted has written nothing.
  if (!recorder || recorder.pc < 0 || machine.status === 'faulted') return written;
  const instruction = machine.code.instructions[recorder.pc];
  if (instruction?.row === undefined) return written;
  const before = recorder.before(machine.registers);
  const { row } = instruction;
  const flow = row.kind === 'call' || row.kind === 'exit';
  const mask = writesOf(instruction);
  for (let register = 0; register <= 10; register++) {
    const changed = flow && before[register] !== machine.registers[register];
    if (changed || mask & (1 << register)) written.set(register, before[register]);
  }
  return written;
}

function callText(machine: Machine, hook: HookName, id: number, before: BigUint64Array): string {
  const name = helperName(hook, id) ?? `helper ${id}`;
  const values = Array.from({ length: helperParameters(hook, id) }, (_, i) =>
    registerText(machine, before[i + 1]),
  );
  const r0 = machine.registers[0];
  return (
    `${name}(${values.join(', ')}) = ` +
    `${COMPARES.has(name) ? BigInt.asIntN(64, r0) : resultText(machine, r0)}`
  );
}

/** What the instruction just executed did, in a line; undefined before the first. */
export function describeStep(
  machine: Machine,
  hook: HookName,
  externs: readonly { readonly name: string }[],
): StepView | undefined {
  const { recorder } = machine;
  if (!recorder || recorder.pc < 0) return undefined;
  const pc = recorder.pc;
  const instruction = machine.code.instructions[pc];
  if (instruction?.row === undefined || machine.status === 'faulted') {
    return { pc, text: machine.fault?.message ?? '', accesses: [] };
  }
  const { row, slot } = instruction;
  const touched = accesses(machine, recorder);
  const before = recorder.before(machine.registers);
  const parts: string[] = touched.map(
    ({ kind, size, place, after }) =>
      `${kind === 'read' ? 'reads' : 'writes'} ${size} ${size === 1 ? 'byte' : 'bytes'} ` +
      `at ${place} (${after}${size > 8 ? '…' : ''})`,
  );
  if (row.kind === 'exit')
    return { pc, text: `returns ${registerText(machine, before[0])}`, accesses: touched };
  if (row.kind === 'call') {
    if (row.op === 'call')
      return {
        pc,
        text: [callText(machine, hook, slot.imm, before), ...parts].join('; '),
        accesses: touched,
      };
    if (row.op === 'call_kfunc') {
      const call =
        `${externs[slot.imm]?.name ?? 'kernel function'}() = ` +
        `${resultText(machine, machine.registers[0])}`;
      return { pc, text: [call, ...parts].join('; '), accesses: touched };
    }
    if (row.op === 'call_local') return { pc, text: 'enters the function', accesses: touched };
  }
  for (const [register] of writtenRegisters(machine))
    parts.push(`r${register} = ${registerText(machine, machine.registers[register])}`);
  const target = jumpTarget(instruction, pc);
  if (row.kind !== 'jump' || target === undefined)
    return { pc, text: parts.join('; ') || 'jumps', accesses: touched };
  const taken = machine.pc === target && target !== pc + 1;
  return {
    pc,
    text: taken ? `jumps to ${target}` : 'does not jump',
    accesses: touched,
    branch: taken ? 'taken' : 'not taken',
  };
}

/**
 * What the next instruction comes to, where its operand alone says it: `r0 becomes packet+0.`;
 * undefined where its own sentence has to do.
 */
export function describeNext(machine: Machine): string | undefined {
  const instruction = machine.code.instructions[machine.pc];
  if (machine.status !== 'running' || instruction?.row === undefined) return undefined;
  const { row, slot } = instruction;
  if (row.kind !== 'alu' || row.op !== 'mov') return undefined;
  // A register that was never written cannot be read: the step will be a fault.
  if (row.operand === 'reg' && (machine.readable & (1 << slot.src)) === 0) return undefined;
  const operand = row.operand === 'reg' ? machine.registers[slot.src] : BigInt(slot.imm);
  return `r${slot.dst} becomes ${registerText(machine, BigInt.asUintN(row.width, operand))}.`;
}
