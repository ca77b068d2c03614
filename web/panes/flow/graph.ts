import type { GraphView } from '../../../core/protocol/messages.ts';

type Point = readonly [number, number];

/**
 * A line through the points with rounded corners: straight to the middle of each stretch, bent at
 * the points.
 */
export function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  let path = `M${first[0]} ${first[1]}`;
  for (const [i, [x, y]] of rest.entries()) {
    const next = rest[i + 1];
    path += next ? `Q${x} ${y} ${(x + next[0]) / 2} ${(y + next[1]) / 2}` : `L${x} ${y}`;
  }
  return path;
}

const HEAD = 6;

/** The tip of an arrow at the last point. */
export function arrowHead(points: readonly Point[]): string {
  const [x, y] = points[points.length - 1];
  const [fromX, fromY] = points[points.length - 2] ?? [x, y - 1];
  const length = Math.hypot(x - fromX, y - fromY) || 1;
  const [dx, dy] = [((x - fromX) / length) * HEAD, ((y - fromY) / length) * HEAD];
  return `M${x} ${y}L${x - dx - dy / 2} ${y - dy + dx / 2}L${x - dx + dy / 2} ${y - dy - dx / 2}z`;
}

/**
 * The box an arrow key leads to: down along an edge, up against one, to the sides the nearest box
 * beside.
 */
export function neighbour(
  { boxes, edges }: GraphView,
  id: number,
  key: string,
): number | undefined {
  const here = boxes.find((box) => box.id === id);
  if (here === undefined) return undefined;
  if (key === 'Home') return boxes[0].id;
  if (key === 'End') return boxes[boxes.length - 1].id;
  if (key === 'ArrowDown') return edges.find(({ from, to }) => from === id && to !== id)?.to;
  if (key === 'ArrowUp') return edges.find(({ from, to }) => to === id && from !== id)?.from;
  const side = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
  if (side === 0) return undefined;
  const beside = boxes
    .filter(
      (box) =>
        side * (box.x - here.x) > 0 && box.y < here.y + here.height && box.y + box.height > here.y,
    )
    .sort((a, b) => side * (a.x - b.x));
  return beside[0]?.id;
}
