/**
 * A unit as a module with one function to run: blocks inside each other as they dominate each other
 * (Norman Ramsey, "Beyond Relooper", 2022). Steps and readable registers are summed up while code
 * is written, and put into locals where ways meet.
 */
import type { Pc } from '../spec/units.ts';
import { InstructionWriter, type UnitSource } from './instructions.ts';
import { PARAMETERS } from './locals.ts';
import type { UnitBlock, UnitShape } from './shape.ts';
import { LEFT, NONE, type Pending, STATE_IMPORTS, type StateWriter } from './state.ts';
import { I32, NO_RESULT, OP, type WasmModule } from './wasm-writer.ts';

/**
 * Takes a map's number, the linear address of a key, and that of the entry where the answer is
 * remembered, or 0; answers the upper half of r0.
 */
const LOOKUP = { name: 'lookup', type: { parameters: [I32, I32, I32], results: [I32] } };
export const MEMORY_NAME = 'memory';
export const UNIT_NAME = 'run';
/** Of the number of times that control came to a block, where a unit counts. */
export const counterName = (start: Pc): string => `count_${start}`;

class UnitWriter {
  readonly instructions: InstructionWriter;
  /** What it counts, by number. */
  readonly counters: string[] = [];
  private readonly shape: UnitShape;
  private readonly source: UnitSource;
  /** Levels of the loops and blocks around the place, by the block that they lead to. */
  private readonly around = new Map<Pc, number>();

  constructor(shape: UnitShape, source: UnitSource) {
    this.shape = shape;
    this.source = source;
    this.instructions = new InstructionWriter(shape, source);
  }

  private get state(): StateWriter {
    return this.instructions.state;
  }

  write(): void {
    const { entry } = this.shape;
    this.instructions.enter(entry);
    this.tree(entry, NONE);
    this.state.code.mark(undefined);
    this.instructions.packet?.loop.close();
    this.state.finish();
  }

  /** A block and what it dominates. */
  private tree(start: Pc, pending: Pending): void {
    const isHead = this.shape.heads.has(start);
    const most = this.shape.checked.get(start);
    const isCounted = isHead && most !== undefined && this.instructions.checkRounds(start, most);
    if (isHead) this.open(OP.loop, start);
    const merges = this.shape.merges.get(start) ?? [];
    for (const merge of merges.toReversed()) this.open(OP.block, merge);
    if (most !== undefined && !isCounted) {
      this.state.code.mark(undefined);
      this.state.checkLimit(start, most);
    }
    this.block(this.shape.blocks.get(start)!, pending);
    for (const merge of merges) {
      this.close(merge);
      this.tree(merge, NONE);
    }
    if (isHead) this.close(start);
  }

  private open(opcode: number, target: Pc): void {
    const label = opcode === OP.loop ? `loop_${target}` : `before_${target}`;
    this.around.set(target, this.state.code.open(opcode, NO_RESULT, label));
  }

  private close(target: Pc): void {
    this.state.code.mark(undefined);
    this.state.code.close();
    this.around.delete(target);
  }

  private block({ start, pcs, leadsTo: [next, taken] }: UnitBlock, before: Pending): void {
    const { instructions, state } = this;
    if (this.source.isCounted) {
      state.code.mark(undefined);
      state.code.count(this.counters.push(counterName(start)) - 1);
    }
    let pending = before;
    for (const pc of pcs) {
      state.code.mark(pc);
      const { row } = this.source.instructionAt(pc)!;
      if (row.kind === 'exit') {
        instructions.packet!.finish(pc, pending);
        return;
      }
      if (row.kind !== 'jump') {
        pending = instructions.write(pc, pending);
        continue;
      }
      pending = { ...pending, steps: pending.steps + 1 };
      // A jump to the next instruction has no other way.
      if (taken === undefined) continue;
      instructions.condition(pc, row);
      state.leaveIf(() => {
        this.goTo(start, taken, pending);
        state.code.mark(pc);
      });
    }
    state.code.mark(undefined);
    this.goTo(start, next, pending);
  }

  /** Goes from the end of a block to another, or out of the unit. */
  private goTo(from: Pc, to: Pc, pending: Pending): void {
    const { shape, state } = this;
    if (!shape.leads(from, to)) {
      const isOurs = this.source.instructionAt(to) !== undefined;
      state.leave(to, pending, isOurs ? LEFT.elsewhere : LEFT.slow);
      return;
    }
    const around = this.around.get(to);
    const isTold = around !== undefined || shape.checked.has(to);
    if (isTold) state.tell(pending);
    if (around !== undefined) state.code.branch(OP.br, around);
    else this.tree(to, isTold ? NONE : pending);
  }
}

/**
 * The module of a unit: it exports UNIT_NAME, which takes PARAMETERS; where it judges packet after
 * packet, nothing.
 */
export function writeUnit(shape: UnitShape, source: UnitSource): WasmModule {
  const writer = new UnitWriter(shape, source);
  writer.write();
  const { instructions } = writer;
  const results = [I32];
  const parameters = instructions.packet ? [] : PARAMETERS;
  return {
    memory: MEMORY_NAME,
    imports: [
      ...STATE_IMPORTS.map((name) => ({ name, type: { parameters: [I32, I32, I32], results } })),
      LOOKUP,
    ],
    functions: [
      {
        type: { parameters, results },
        locals: instructions.localsBehind(parameters),
        names: instructions.localNames,
        code: instructions.state.code,
      },
    ],
    globals: writer.counters,
    exported: { name: UNIT_NAME, function: 0 },
  };
}
