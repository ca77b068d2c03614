import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  immediateDominators,
  immediatePostDominators,
  reversed,
  VIRTUAL_EXIT,
} from './dominators.ts';

type Edges = (node: number) => readonly number[];

/** Graphs of up to a dozen nodes: node n leads to what stands at n. */
const graphs = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc.array(fc.array(fc.integer({ min: 0, max: size - 1 }), { maxLength: 3 }), {
    minLength: size,
    maxLength: size,
  }),
);

function reached(from: number, next: Edges, without?: number): Set<number> {
  const seen = new Set<number>();
  const open = [from];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node === without || seen.has(node)) continue;
    seen.add(node);
    open.push(...next(node));
  }
  return seen;
}

/**
 * By the definition: a node dominates those that cannot be reached without it; the immediate one of
 * several is that which all the others dominate.
 */
function naive(root: number, next: Edges): Map<number, number> {
  const nodes = [...reached(root, next)];
  const without = new Map(nodes.map((node) => [node, reached(root, next, node)]));
  const dominates = (one: number, other: number) => !without.get(one)!.has(other);
  const immediate = (node: number): number => {
    const strict = nodes.filter((one) => one !== node && dominates(one, node));
    return strict.find((one) => strict.every((other) => dominates(other, one))) ?? node;
  };
  return new Map(nodes.map((node) => [node, immediate(node)]));
}

const sorted = (map: ReadonlyMap<number, number>) => [...map].sort(([a], [b]) => a - b);

describe('on random graphs, as the definition has it', () => {
  test('a node is dominated by those that every path to it passes', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const next: Edges = (node) => graph[node];
        const before = reversed([...graph.keys()], next);
        const found = immediateDominators(0, next, (node) => before.get(node) ?? []);
        expect(sorted(found)).toEqual(sorted(naive(0, next)));
      }),
      { numRuns: 1000 },
    );
  });
  test('a node is post-dominated by those that every path to the end passes', () => {
    fc.assert(
      fc.property(
        graphs,
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        (graph, may) => {
          const onward: Edges = (node) => {
            if (node === VIRTUAL_EXIT) return [];
            const ends = graph[node].length === 0 || may[node];
            return ends ? [...graph[node], VIRTUAL_EXIT] : graph[node];
          };
          const nodes = [...graph.keys()];
          const before = reversed(nodes, onward);
          const backward: Edges = (node) => before.get(node) ?? [];
          const found = immediatePostDominators(nodes, onward);
          expect(sorted(found)).toEqual(sorted(naive(VIRTUAL_EXIT, backward)));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

test('a chain of a million nodes needs no deep stack', () => {
  const last = 1_000_000;
  const found = immediateDominators(
    0,
    (node) => (node < last ? [node + 1] : []),
    (node) => (node > 0 ? [node - 1] : []),
  );
  expect(found.get(last)).toBe(last - 1);
});
