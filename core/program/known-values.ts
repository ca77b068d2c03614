import type { Instruction } from '../asm/decode.ts';
import type { Pc } from '../spec/units.ts';
import { type Code, constantOf } from './code.ts';
import { ControlFlow, type FunctionFlow } from './control-flow.ts';
import { changesOf } from './effects.ts';

/**
 * A place whose value is asked for: a register, or eight bytes of the stack at an offset from r10.
 */
type Place = { readonly register: number } | { readonly stack: number };

const FRAME = 10;

/** A value as text, the place it was copied from, or undefined where it is no constant. */
type Origin = { readonly value: string } | Place | undefined;

/** Where the value that is in a place behind an instruction comes from. */
function originOf(instruction: Instruction, pc: Pc, place: Place): Origin {
  if ('stack' in place) return stackOrigin(instruction, place);
  if ((changesOf(instruction) & (1 << place.register)) === 0) return place;
  const { row, slot } = instruction;
  if (row.kind === 'alu' && row.op === 'mov' && row.src === '*') return { register: slot.src };
  if (row.kind === 'alu' && row.op === 'mov')
    return constant(BigInt.asUintN(row.width, BigInt(slot.imm)));
  if (row.kind === 'lddw') {
    const loaded = constantOf(instruction, pc);
    if (loaded?.kind === 'function') return { value: `function ${loaded.entry}` };
    return loaded?.kind === 'number' ? constant(loaded.value) : undefined;
  }
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

/**
 * The one value that a register has before an instruction on every way to it, as text; undefined
 * where there is none.
 */
function onlyValue(code: Code, flow: FunctionFlow, pc: Pc, register: number): string | undefined {
  const queue: { pc: Pc; place: Place }[] = [{ pc, place: { register } }];
  const seen = new Set<string>();
  let only: string | undefined;
  for (const { pc: at, place } of queue) {
    const key = JSON.stringify([at, place]);
    if (seen.has(key)) continue;
    seen.add(key);
    // What comes into the function is not known.
    if (at === flow.start) return undefined;
    for (const slot of flow.predecessorsOf(at)) {
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

const inlined = new WeakMap<Code, Map<Pc, boolean>>();

/**
 * Whether the verifier puts the loop itself in the place of a call of bpf_loop
 * (kernel/bpf/verifier.c, update_loop_inline_state): where the flags are the constant 0 and there
 * is one callback, on every way to the call.
 */
export function inlinesLoop(code: Code, pc: Pc): boolean {
  const known = inlined.get(code) ?? new Map<Pc, boolean>();
  inlined.set(code, known);
  const before = known.get(pc);
  if (before !== undefined) return before;
  const flow = new ControlFlow(code).at(pc)!;
  const is =
    onlyValue(code, flow, pc, 4) === '0' &&
    (onlyValue(code, flow, pc, 2)?.startsWith('function') ?? false);
  known.set(pc, is);
  return is;
}
