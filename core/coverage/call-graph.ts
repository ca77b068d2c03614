import { functionAt } from '../program/code.ts';
import { jumpTarget } from '../program/control-flow.ts';
import type { CallNode, FlowSizes, FlowView, GraphView } from '../protocol/messages.ts';
import type { Session } from '../session/session.ts';
import type { Pc } from '../spec/units.ts';
import { commentOf } from '../view/code-view.ts';
import { placeGraph } from './graph-layout.ts';

/** Characters of the narrowest box. */
const SHORTEST = 12;

/** Functions and helpers that ran, and who called whom; `slots`: how often each slot ran. */
class Calls {
  readonly nodes = new Map<number, CallNode>();
  readonly edges = new Map<string, FlowView['calls']['edges'][number]>();
  private readonly helpers = new Map<string, number>();
  private readonly session: Session;

  constructor(session: Session) {
    this.session = session;
  }

  private node(id: number, name: string, kind: CallNode['kind'], count: number): CallNode {
    const node = this.nodes.get(id) ?? { id, name, kind, count: 0 };
    node.count += count;
    this.nodes.set(id, node);
    return node;
  }

  /** The function of a slot, called `count` times more. */
  function(pc: Pc, count: number): CallNode | undefined {
    const found = functionAt(this.session.machine!.code, pc);
    return (
      found &&
      this.node(found.program.start + found.function.start, found.function.name, 'function', count)
    );
  }

  private helper(pc: Pc, count: number): CallNode {
    const { machine, object, hook } = this.session;
    const { code } = machine!;
    const name =
      commentOf(object, code, hook, pc, code.instructions[pc]!) || 'a function by its address';
    const id = this.helpers.get(name) ?? -1 - this.helpers.size;
    this.helpers.set(name, id);
    return this.node(id, name, 'helper', count);
  }

  /** An instruction that ran `count` times. */
  add(pc: Pc, count: number): void {
    const instruction = this.session.machine!.code.instructions[pc];
    if (instruction?.row?.kind !== 'call') return;
    const from = this.function(pc, 0);
    const isLocal = instruction.row.op === 'call_local';
    const to = isLocal
      ? this.function(jumpTarget(instruction, pc)!, count)
      : this.helper(pc, count);
    if (from === undefined || to === undefined) return;
    const way = `${from.id}>${to.id}`;
    const edge = this.edges.get(way) ?? { from: from.id, to: to.id, count: 0 };
    edge.count += count;
    this.edges.set(way, edge);
  }
}

/** A box for each name, with a row below it for how often. */
function graphOf(
  { nodes, edges }: FlowView['calls'],
  { head, row, character, side }: FlowSizes,
): GraphView | undefined {
  const boxes = nodes.map(({ id, name }) => ({
    id,
    width: Math.ceil(Math.max(SHORTEST, name.length) * character) + side,
    height: head + row + 4,
  }));
  return placeGraph(boxes, edges);
}

/**
 * Who called whom and how often; `slots`: how often each slot ran. Without sizes there is no graph.
 */
export function callsOf(
  session: Session,
  slots: Uint32Array,
  sizes?: FlowSizes,
): FlowView['calls'] {
  const calls = new Calls(session);
  const entry = session.machine!.code.programs[0]?.start ?? 0;
  calls.function(entry, slots[entry]);
  for (let pc = 0; pc < slots.length; pc++) if (slots[pc] > 0) calls.add(pc, slots[pc]);
  const found = { nodes: [...calls.nodes.values()], edges: [...calls.edges.values()] };
  const graph = sizes && graphOf(found, sizes);
  return { ...found, ...(graph && { graph }) };
}
