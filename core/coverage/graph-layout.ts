import { Graph, layout } from '@dagrejs/dagre';
import type { GraphView } from '../protocol/messages.ts';

/** Larger graphs take seconds, and recurse deep: they are shown as lists. */
const MOST_BOXES = 300;
const MOST_EDGES = 1000;
/** Pixels between boxes side by side, and between rows of them. */
const BESIDE = 24;
const BELOW = 34;

export interface Box {
  readonly id: number;
  readonly width: number;
  readonly height: number;
}

export interface Edge {
  readonly from: number;
  readonly to: number;
}

/**
 * Places boxes in layers, edges downward where they can be; undefined where there are too many to
 * be worth it.
 */
export function placeGraph(boxes: readonly Box[], edges: readonly Edge[]): GraphView | undefined {
  if (boxes.length > MOST_BOXES || edges.length > MOST_EDGES) return undefined;
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: BESIDE, ranksep: BELOW, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  const known = new Set(boxes.map(({ id }) => id));
  for (const { id, width, height } of boxes) graph.setNode(String(id), { width, height });
  const drawn = edges.filter(({ from, to }) => known.has(from) && known.has(to));
  for (const [i, { from, to }] of drawn.entries())
    graph.setEdge(String(from), String(to), {}, String(i));
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    boxes: boxes.map(({ id, width: w, height: h }) => {
      const { x, y } = graph.node(String(id)) as { x: number; y: number };
      return { id, x: Math.round(x - w / 2), y: Math.round(y - h / 2), width: w, height: h };
    }),
    edges: drawn.map(({ from, to }, i) => {
      const { points } = graph.edge(String(from), String(to), String(i)) as {
        points: { x: number; y: number }[];
      };
      return {
        from,
        to,
        points: points.map(({ x, y }): [number, number] => [Math.round(x), Math.round(y)]),
      };
    }),
  };
}
