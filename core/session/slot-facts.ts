import { helperParameters } from '../helpers/table.ts';
import { readsOf, targetOf, writesOf } from '../machine/code-space.ts';
import type { Machine } from '../machine/machine.ts';
import { helperById } from '../spec/helpers.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import { ALL_WRITES, type ControlFlow, isTableJump, type Untaken } from './control-flow.ts';

const NONE = -1;
/** Out of the program; a call of one of its own functions leaves r1 to r5 to it. */
const CALLS: ReadonlySet<string> = new Set(['call', 'call_kfunc', 'callx']);
/** That a lookup moves an entry of an LRU map to the front is left aside. */
const LOOKING: ReadonlySet<string> = new Set([
  'map_lookup_elem',
  'map_lookup_percpu_elem',
  'map_peek_elem',
  'redirect_map',
  'tail_call',
]);
/** r0 to r5. */
const CALL_WRITES = 0b11_1111;

/** What an instruction does whenever it runs; registers as bits. */
export interface SlotFacts {
  readonly reads: number;
  readonly writes: number;
  readonly calls: boolean;
  /** It calls what leaves the map it is given as it is. */
  readonly onlyLooks: boolean;
  /** It compares and jumps. */
  readonly jumps: boolean;
  /** It jumps by a table. */
  readonly cases: boolean;
  readonly dst: number;
  /** -1: an immediate. */
  readonly src: number;
  readonly immediate: number;
  readonly target: number;
  /** Where the ways of a branch meet; -1: only at the function's end. */
  readonly meets: number;
  readonly writesOfNext: Untaken;
  readonly writesOfTarget: Untaken;
}

const NOTHING: Untaken = { registers: 0, memory: false };

/** SlotFacts, worked out when a slot first runs. */
export class SlotTable {
  private readonly machine: Machine;
  private readonly flow: ControlFlow;
  private readonly hook: HookName;
  private readonly known: (SlotFacts | undefined)[];

  constructor(machine: Machine, flow: ControlFlow, hook: HookName) {
    this.machine = machine;
    this.flow = flow;
    this.hook = hook;
    this.known = new Array(machine.code.slots);
  }

  at(pc: number): SlotFacts | undefined {
    const known = this.known[pc];
    if (known) return known;
    const made = this.make(pc);
    if (made) this.known[pc] = made;
    return made;
  }

  private make(pc: number): SlotFacts | undefined {
    const instruction = this.machine.code.instructions[pc];
    if (instruction?.row === undefined) return undefined;
    const { row, slot } = instruction;
    const calls = row.kind === 'flow' && CALLS.has(row.op);
    const jumps = row.kind === 'jump';
    const cases = isTableJump(instruction);
    const target = jumps ? targetOf(instruction, pc)! : NONE;
    return {
      reads: readsOf(instruction, (id) => helperParameters(this.hook, id)),
      writes: calls ? CALL_WRITES : writesOf(instruction),
      calls,
      onlyLooks: row.kind === 'flow' && row.op === 'call' && this.onlyLooks(slot.imm),
      jumps,
      cases,
      dst: slot.dst,
      src: jumps && row.operand === 'reg' ? slot.src : NONE,
      immediate: slot.imm,
      target,
      meets: jumps || cases ? (this.flow.at(pc)?.meets.get(pc) ?? NONE) : NONE,
      writesOfNext: jumps ? this.flow.writesOnWay(pc, pc + 1) : NOTHING,
      writesOfTarget: jumps ? this.flow.writesOnWay(pc, target) : NOTHING,
    };
  }

  private onlyLooks(helper: number): boolean {
    return programType(this.hook).helpers !== 'filter-ubpf' && LOOKING.has(helperById(helper)?.name ?? '');
  }

  /** What the cases of a jump by a table, but for the one that ran, could have written. */
  othersThan(pc: number, ran: number): Untaken {
    const cases = this.flow.at(pc)?.successors.get(pc) ?? [];
    if (cases.length === 0) return { registers: ALL_WRITES, memory: true };
    const others = cases.filter((slot) => slot !== ran).map((slot) => this.flow.writesOnWay(pc, slot));
    return {
      registers: others.reduce((bits, other) => bits | other.registers, 0),
      memory: others.some(({ memory }) => memory),
    };
  }
}
