import type { Instruction } from '../asm/decode.ts';
import { immediate64 } from '../asm/disassemble.ts';
import { changesOf } from '../program/effects.ts';
import { type CodeSpace, functionAt, successorsOf } from './code-space.ts';

/**
 * A place whose value is asked for: a register, or eight bytes of the stack at an offset from r10.
 */
type Place = { readonly register: number } | { readonly stack: number };

const FRAME = 10;

/** A value as text, the place it was copied from, or undefined where it is no constant. */
type Origin = { readonly value: string } | Place | undefined;

/** Where the value that is in a place behind an instruction comes from. */
function originOf(instruction: Instruction, pc: number, place: Place): Origin {
  if ('stack' in place) return stackOrigin(instruction, place);
  if ((changesOf(instruction) & (1 << place.register)) === 0) return place;
  const { row, slot, nextImm } = instruction;
  if (row.kind === 'alu' && row.op === 'mov' && row.src === '*') return { register: slot.src };
  if (row.kind === 'alu' && row.op === 'mov')
    return constant(BigInt.asUintN(row.width, BigInt(slot.imm)));
  if (row.kind === 'lddw' && row.source === 'function')
    return { value: `function ${pc + 1 + slot.imm}` };
  if (row.kind === 'lddw' && row.source === 'imm64')
    return constant(immediate64(slot.imm, nextImm));
  return row.kind === 'load' && row.size === 8 && slot.src === FRAME
    ? { stack: slot.off }
    : undefined;
}

const constant = (value: bigint): Origin => ({ value: String(BigInt.asUintN(64, value)) });

function stackOrigin({ row, slot }: Instruction, place: { readonly stack: number }): Origin {
  if (row.kind === 'atomic') return undefined;
  if (row.kind !== 'store' || slot.dst !== FRAME) return place;
  if (slot.off + row.size <= place.stack || slot.off >= place.stack + 8) return place;
  if (slot.off !== place.stack || row.size !== 8) return undefined;
  return row.src === '*' ? { register: slot.src } : constant(BigInt(slot.imm));
}

/** Slots that may run before each slot of the function that holds `pc`; and where it starts. */
function predecessorsAround(
  code: CodeSpace,
  pc: number,
): { start: number; before: ReadonlyMap<number, number[]> } {
  const { program, function: running } = functionAt(code, pc)!;
  const before = new Map<number, number[]>();
  const start = program.start + running.start;
  for (
    let slot = start;
    slot < program.start + running.end;
    slot += code.instructions[slot]?.slots ?? 1
  ) {
    for (const next of successorsOf(code, slot)) {
      const known = before.get(next);
      if (known) known.push(slot);
      else before.set(next, [slot]);
    }
  }
  return { start, before };
}

/**
 * The one value that a register has before an instruction on every way to it, as text; undefined
 * where there is none.
 */
function onlyValue(code: CodeSpace, pc: number, register: number): string | undefined {
  const { start, before } = predecessorsAround(code, pc);
  const queue: { pc: number; place: Place }[] = [{ pc, place: { register } }];
  const seen = new Set<string>();
  let only: string | undefined;
  for (const { pc: at, place } of queue) {
    const key = JSON.stringify([at, place]);
    if (seen.has(key)) continue;
    seen.add(key);
    // What comes into the function is not known.
    if (at === start) return undefined;
    for (const slot of before.get(at) ?? []) {
      const instruction = code.instructions[slot];
      const origin = instruction?.row && originOf(instruction, slot, place);
      if (origin === undefined) return undefined;
      if (!('value' in origin)) queue.push({ pc: slot, place: origin });
      else if (only !== undefined && only !== origin.value) return undefined;
      else only = origin.value;
    }
  }
  return only;
}

const inlined = new WeakMap<CodeSpace, Map<number, boolean>>();

/**
 * Whether the verifier puts the loop itself in the place of a call of bpf_loop
 * (kernel/bpf/verifier.c, update_loop_inline_state): where the flags are the constant 0 and there
 * is one callback, on every way to the call.
 */
export function inlinesLoop(code: CodeSpace, pc: number): boolean {
  const known = inlined.get(code) ?? new Map<number, boolean>();
  inlined.set(code, known);
  const before = known.get(pc);
  if (before !== undefined) return before;
  const is =
    onlyValue(code, pc, 4) === '0' && (onlyValue(code, pc, 2)?.startsWith('function') ?? false);
  known.set(pc, is);
  return is;
}
