import type { Instruction } from '../asm/decode.ts';
import { helperParameters } from '../helpers/table.ts';
import type { Machine } from '../machine/machine.ts';
import { ALL_WRITES, type ControlFlow, jumpTarget, type Untaken } from '../program/control-flow.ts';
import { callsOut, changesOf, isTableJump, mayEnd, readsOf, writesOf } from '../program/effects.ts';
import {
  HELPER_EFFECTS,
  type HelperEffect,
  KFUNC_EFFECTS,
  UNKNOWN_EFFECT,
} from '../spec/helper-effects.ts';
import { helperById } from '../spec/helpers.ts';
import { CALLER_SAVED } from '../spec/isa.ts';
import { kfuncByName } from '../spec/kfuncs.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import type { Pc } from '../spec/units.ts';

const NONE = -1;
/** That a lookup moves an entry of an LRU map to the front is left aside. */
const LOOKING: ReadonlySet<string> = new Set([
  'map_lookup_elem',
  'map_lookup_percpu_elem',
  'map_peek_elem',
  'redirect_map',
  'tail_call',
]);
/** r1 to r5. */
const ARGUMENTS = CALLER_SAVED;

/** What an instruction does whenever it runs; registers as bits. */
export interface SlotFacts {
  readonly instruction: Instruction;
  readonly reads: number;
  readonly writes: number;
  /** Of a call out of the program: what it does, and its name. */
  readonly effect: HelperEffect | undefined;
  readonly helper: string;
  /** It calls what leaves the map it is given as it is. */
  readonly onlyLooks: boolean;
  /** It compares and jumps. */
  readonly jumps: boolean;
  /** It jumps by a table. */
  readonly cases: boolean;
  /** It may end its function. */
  readonly leaves: boolean;
  readonly dst: number;
  /** -1: an immediate. */
  readonly src: number;
  readonly immediate: number;
  /** Bytes of a load or store; 0 of anything else. */
  readonly size: number;
  readonly target: Pc;
  /** Where the ways of a branch meet; -1: only at the function's end. */
  readonly meets: number;
  readonly writesOfNext: Untaken;
  readonly writesOfTarget: Untaken;
}

const NOTHING: Untaken = { registers: 0, stack: false, memory: false, calls: false };
const ANYTHING: Untaken = { registers: ALL_WRITES, stack: true, memory: true, calls: true };

/** SlotFacts, worked out when a slot first runs. */
export class SlotTable {
  private readonly machine: Machine;
  private readonly flow: ControlFlow;
  private readonly hook: HookName;
  private readonly externs: readonly { readonly name: string }[];
  private readonly known: (SlotFacts | undefined)[];

  constructor(
    machine: Machine,
    flow: ControlFlow,
    hook: HookName,
    externs: readonly { readonly name: string }[],
  ) {
    this.machine = machine;
    this.flow = flow;
    this.hook = hook;
    this.externs = externs;
    this.known = new Array(machine.code.slots);
  }

  at(pc: Pc): SlotFacts | undefined {
    const known = this.known[pc];
    if (known) return known;
    const made = this.make(pc);
    if (made) this.known[pc] = made;
    return made;
  }

  private make(pc: Pc): SlotFacts | undefined {
    const instruction = this.machine.code.instructions[pc];
    if (instruction?.row === undefined) return undefined;
    const { row, slot } = instruction;
    const calls = callsOut(instruction);
    const jumps = row.kind === 'jump';
    const cases = isTableJump(instruction);
    const target = jumps ? jumpTarget(instruction, pc)! : NONE;
    const helper = calls ? this.nameOf(instruction) : '';
    const byRegister = 'operand' in row && row.operand === 'reg';
    return {
      instruction,
      reads: this.readsOf(instruction, helper),
      // A function of the program itself is followed: what it writes its own instructions say.
      writes: calls ? changesOf(instruction) : writesOf(instruction),
      effect: calls ? this.effectOf(instruction, helper) : undefined,
      helper,
      onlyLooks: LOOKING.has(helper),
      jumps,
      cases,
      leaves: mayEnd(instruction),
      dst: slot.dst,
      src: byRegister || row.kind === 'load' || row.kind === 'unary' ? slot.src : NONE,
      immediate: slot.imm,
      size: row.kind === 'load' || row.kind === 'store' || row.kind === 'packet' ? row.size : 0,
      target,
      meets: jumps || cases ? (this.flow.at(pc)?.postDominators.get(pc) ?? NONE) : NONE,
      writesOfNext: jumps ? this.flow.writesOnWay(pc, pc + 1) : NOTHING,
      writesOfTarget: jumps ? this.flow.writesOnWay(pc, target) : NOTHING,
    };
  }

  private get isLinux(): boolean {
    return programType(this.hook).helpers !== 'filter-ubpf';
  }

  /** Without bpf_; a kernel function with it. */
  private nameOf({ row, slot }: Instruction): string {
    if (row.kind !== 'call') return '';
    if (row.op === 'call_kfunc') return this.externs[slot.imm]?.name ?? '';
    return row.op === 'call' && this.isLinux ? (helperById(slot.imm)?.name ?? '') : '';
  }

  private effectOf({ row }: Instruction, name: string): HelperEffect {
    const table: Readonly<Record<string, HelperEffect>> =
      row.kind === 'call' && row.op === 'call_kfunc' ? KFUNC_EFFECTS : HELPER_EFFECTS;
    return Object.hasOwn(table, name) ? table[name] : UNKNOWN_EFFECT;
  }

  private readsOf(instruction: Instruction, name: string): number {
    const { row, slot } = instruction;
    const reads = readsOf(instruction, (id) => helperParameters(this.hook, id));
    if (row.kind !== 'call') return reads;
    if (row.op === 'callx') return reads | ARGUMENTS;
    if (row.op === 'call_kfunc')
      return ((1 << (kfuncByName(name)?.prototype.arguments.length ?? 5)) - 1) << 1;
    // Without a signature: whatever it may take.
    return row.op === 'call' && this.isLinux && helperById(slot.imm) === undefined
      ? ARGUMENTS
      : reads;
  }

  /** What the cases of a jump by a table, but for the one that ran, could have written. */
  othersThan(pc: Pc, ran: Pc): Untaken {
    const cases = this.flow.at(pc)?.successors.get(pc) ?? [];
    if (cases.length === 0) return ANYTHING;
    const others = cases
      .filter((slot) => slot !== ran)
      .map((slot) => this.flow.writesOnWay(pc, slot));
    return {
      registers: others.reduce((bits, other) => bits | other.registers, 0),
      stack: others.some(({ stack }) => stack),
      memory: others.some(({ memory }) => memory),
      calls: others.some(({ calls }) => calls),
    };
  }
}
