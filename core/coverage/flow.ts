import type { CodeSpace } from '../machine/code-space.ts';
import { controlFlowOf } from '../machine/control-flow.ts';
import type { Machine } from '../machine/machine.ts';
import type { FunctionFlow } from '../program/control-flow.ts';
import { isBranch } from '../program/effects.ts';
import { instructionText } from '../program/instruction-text.ts';
import { lineAt } from '../program/lines.ts';
import type {
  FlowBlock,
  FlowFunction,
  FlowSizes,
  FlowView,
  GraphView,
} from '../protocol/messages.ts';
import type { Session, Work } from '../session/session.ts';
import type { Pc } from '../spec/units.ts';
import { callsOf } from './call-graph.ts';
import { placeGraph } from './graph-layout.ts';

/** Steps that are counted over all packets. */
const MOST_COUNTED = 5_000_000;
const BREATH = 50_000;

/** How often each slot ran and each way from slot to slot was taken. */
class Counts {
  readonly slots: Uint32Array;
  readonly ways = new Map<string, number>();
  steps = 0;

  constructor(machine: Machine) {
    this.slots = new Uint32Array(machine.code.slots + 1);
  }

  /** Counts one step; `from` is the slot that ran. */
  count(machine: Machine, from: Pc): void {
    this.steps += 1;
    this.slots[from] += 1;
    const row = machine.code.instructions[from]?.row;
    if (row === undefined || !isBranch(row)) return;
    const way = `${from}>${machine.pc}`;
    this.ways.set(way, (this.ways.get(way) ?? 0) + 1);
  }
}

function blocksOf(flow: FunctionFlow, counts: Counts): FlowBlock[] {
  return flow.blocks.map(({ start, end, pcs, successors }) => {
    const last = pcs.at(-1) ?? start;
    const branches = (flow.successors.get(last) ?? []).length > 1;
    const ways = successors.map((to) => ({
      to,
      count:
        branches || counts.ways.has(`${last}>${to}`)
          ? (counts.ways.get(`${last}>${to}`) ?? 0)
          : counts.slots[last],
    }));
    return { start, end, pcs: [...pcs], count: counts.slots[start], ways };
  });
}

/** Instructions in the boxes of a graph. */
const MOST_DRAWN = 5000;
/** Characters of the narrowest box. */
const LEAST_CHARACTERS = 16;
/** Graphs by the function's first slot and the sizes. */
const drawn = new WeakMap<CodeSpace, Map<string, GraphView | undefined>>();

/**
 * The blocks of a function as boxes wide enough for their instructions; placed once, whatever the
 * counts.
 */
function graphOf(
  code: CodeSpace,
  start: Pc,
  blocks: readonly FlowBlock[],
  { row, head, character, side }: FlowSizes,
): GraphView | undefined {
  const known = drawn.get(code) ?? new Map<string, GraphView | undefined>();
  drawn.set(code, known);
  const name = [start, row, head, character, side].join();
  if (known.has(name)) return known.get(name);
  // Nobody reads a graph of so many lines, and no page draws it: it is shown as a list.
  if (blocks.reduce((sum, { pcs }) => sum + pcs.length, 0) > MOST_DRAWN) return undefined;
  const boxes = blocks.map((block) => {
    const longest = block.pcs.reduce(
      (most, pc) => Math.max(most, `${pc}: ${instructionText(code.instructions[pc]!)}`.length),
      LEAST_CHARACTERS,
    );
    return {
      id: block.start,
      width: Math.ceil(longest * character) + side,
      height: head + block.pcs.length * row + 6,
    };
  });
  const edges = blocks.flatMap((block) => block.ways.map(({ to }) => ({ from: block.start, to })));
  const graph = placeGraph(boxes, edges);
  known.set(name, graph);
  return graph;
}

function functionsOf(machine: Machine, counts: Counts, sizes?: FlowSizes): FlowFunction[] {
  const flow = controlFlowOf(machine);
  const found: FlowFunction[] = [];
  for (const program of machine.code.programs) {
    for (const { name, start } of program.linked.functions) {
      const at = flow.at(program.start + start);
      if (at === undefined) continue;
      const blocks = blocksOf(at, counts);
      const pcs = blocks.flatMap((block) => block.pcs);
      const ran = pcs.filter((pc) => counts.slots[pc] > 0).length;
      const graph = sizes && graphOf(machine.code, at.start, blocks, sizes);
      found.push({
        name,
        start: at.start,
        ...(graph && { graph }),
        blocks,
        instructions: pcs.length,
        ran,
      });
    }
  }
  return found.filter(({ ran }, i) => ran > 0 || i === 0);
}

function linesOf(machine: Machine, counts: Counts): FlowView['lines'] {
  const lines = new Map<string, FlowView['lines'][number]>();
  for (let pc = 0; pc < machine.code.slots; pc++) {
    const line = machine.code.instructions[pc]?.row && lineAt(machine.code, pc);
    if (!line) continue;
    const name = `${line.file}:${line.line}`;
    const known = lines.get(name) ?? {
      file: line.file,
      line: line.line,
      text: line.text.trim(),
      count: 0,
      instructions: 0,
    };
    lines.set(name, {
      ...known,
      count: Math.max(known.count, counts.slots[pc]),
      instructions: known.instructions + 1,
    });
  }
  return [...lines.values()].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}

/** Goes on from before the selected packet's first step, or begins each of them. */
function* countSteps(session: Session, counts: Counts, all: boolean): Work<void> {
  const machine = session.machine!;
  const { inputs } = session;
  const packets = all ? inputs.packets.map((_, k) => k) : [inputs.packet];
  for (const packet of packets) {
    if (all) session.begin(packet);
    if (session.bypass !== undefined) continue;
    while (
      machine.status === 'running' &&
      counts.steps < MOST_COUNTED &&
      machine.steps < inputs.settings.maxSteps
    ) {
      const from = machine.pc;
      session.advance(machine.steps + 1);
      counts.count(machine, from);
      if (counts.steps % BREATH === 0) yield { what: 'counting', done: counts.steps };
    }
  }
}

/**
 * Counts over the selected packet, or over all of them one after the other; the session stands
 * where it stood. Without sizes there are no graphs.
 */
export function* flowOf(session: Session, all: boolean, sizes?: FlowSizes): Work<FlowView> {
  const machine = session.machine!;
  const counts = new Counts(machine);
  yield* session.replay(countSteps(session, counts, all));
  return {
    kind: 'flow',
    functions: functionsOf(machine, counts, sizes),
    lines: linesOf(machine, counts),
    calls: callsOf(session, counts.slots, sizes),
    steps: counts.steps,
  };
}
