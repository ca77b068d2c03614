/**
 * Dominators of a graph whose nodes are numbers. A node dominates another where every path from the
 * root to that one passes through it; its immediate dominator is the nearest of them.
 */

type Edges = (node: number) => readonly number[];

/** Stands for whatever comes behind the last node of a function. */
export const VIRTUAL_EXIT = -1;

/**
 * The immediate dominator of every node that can be reached from `root`, which has itself: the
 * iterative algorithm of Cooper, Harvey and Kennedy. `predecessors` may name nodes that cannot be
 * reached.
 */
export function immediateDominators(
  root: number,
  successors: Edges,
  predecessors: Edges,
): Map<number, number> {
  const order = postorder(root, successors);
  const rank = new Map(order.map((node, i) => [node, i]));
  const dominators = new Map([[root, root]]);
  const common = (first: number, second: number): number => {
    let [a, b] = [first, second];
    while (a !== b) {
      while (rank.get(a)! < rank.get(b)!) a = dominators.get(a)!;
      while (rank.get(b)! < rank.get(a)!) b = dominators.get(b)!;
    }
    return a;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = order.length - 2; i >= 0; i--) {
      const node = order[i];
      const known = predecessors(node).filter((before) => dominators.has(before));
      if (known.length === 0) continue;
      const nearest = known.reduce(common);
      if (dominators.get(node) === nearest) continue;
      dominators.set(node, nearest);
      changed = true;
    }
  }
  return dominators;
}

/**
 * Dominators of the reversed graph: the first node that every path from a node to EXIT passes.
 * `onward` of a node that ends the graph names EXIT. Nodes with no path to EXIT have none.
 */
export function immediatePostDominators(
  nodes: readonly number[],
  onward: Edges,
): Map<number, number> {
  const before = reversed(nodes, onward);
  return immediateDominators(VIRTUAL_EXIT, (node) => before.get(node) ?? [], onward);
}

/** The edges of some nodes by where they lead. */
export function reversed(nodes: readonly number[], edges: Edges): Map<number, number[]> {
  const before = new Map<number, number[]>();
  for (const from of nodes) {
    for (const to of edges(from)) {
      const known = before.get(to);
      if (known) known.push(from);
      else before.set(to, [from]);
    }
  }
  return before;
}

/** Without recursion: a function may have a million slots. */
export function postorder(root: number, next: Edges): number[] {
  const order: number[] = [];
  const seen = new Set([root]);
  const stack: { node: number; at: number }[] = [{ node: root, at: 0 }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    const children = next(top.node);
    if (top.at === children.length) {
      order.push(top.node);
      stack.pop();
      continue;
    }
    const child = children[top.at++];
    if (seen.has(child)) continue;
    seen.add(child);
    stack.push({ node: child, at: 0 });
  }
  return order;
}
