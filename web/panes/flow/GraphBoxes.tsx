import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { GraphView } from '../../../core/protocol/messages.ts';
import { useUi } from '../../stores/ui.ts';
import { classes } from '../../ui/format.ts';
import { arrowHead, curve, neighbour } from './graph.ts';

interface GraphBoxesProps {
  graph: GraphView;
  /** Of the list box the boxes are. */
  label: string;
  /** The box that holds the present place. */
  current?: number;
  /** What stands in a box, its name for a screen reader, and whether it ran. */
  boxOf: (id: number) => { content: ReactNode; name: string; ran: boolean };
  /** How often an edge was taken. */
  countOf: (from: number, to: number) => number;
  /** A click. */
  onChoose?: (id: number) => void;
  /** Enter, or a double click. */
  onOpen?: (id: number) => void;
}

/** Boxes with edges between them. A list box: arrows follow the edges, Enter opens. */
export function GraphBoxes({ graph, label, current, boxOf, countOf, ...on }: GraphBoxesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [focus, setFocus] = useState(graph.boxes[0]?.id);
  const id = (box: number) => `${label.replace(/\W/g, '-')}-${box}`;
  const zoom = useUi((state) => state.flowZoom);
  const first = graph.boxes[0]?.id;
  /** Moves a box to the middle of what is seen; the page itself stays. */
  const show = (wanted: number | undefined) => {
    const { current: view } = scroller;
    const box = graph.boxes.find((candidate) => candidate.id === wanted);
    if (!view || !box) return;
    view.scrollTo({
      left: (box.x + box.width / 2) * zoom - view.clientWidth / 2,
      top: (box.y + box.height / 2) * zoom - view.clientHeight / 2,
    });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: a place or another zoom, not a drawing
  useEffect(() => show(current ?? first), [current, first, zoom]);
  const keys = (event: KeyboardEvent) => {
    if (focus === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Enter') on.onOpen?.(focus);
    else {
      const next = neighbour(graph, focus, event.key);
      if (next === undefined) return;
      setFocus(next);
      show(next);
    }
    event.preventDefault();
  };
  return (
    <div
      ref={scroller}
      className="graph"
      role="listbox"
      aria-label={label}
      aria-activedescendant={focus === undefined ? undefined : id(focus)}
      tabIndex={0}
      onKeyDown={keys}
    >
      <div
        className="graph-area"
        style={{ width: graph.width, height: graph.height, zoom }}
        role="presentation"
      >
        <svg className="flow-ways" width={graph.width} height={graph.height} aria-hidden="true">
          {graph.edges.map(({ from, to, points }, index) => {
            const count = countOf(from, to);
            const [x, y] = points[Math.floor(points.length / 2)];
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: edges in their order
              <g key={index} className={count > 0 ? 'taken' : 'untaken'}>
                <path d={curve(points)} />
                <path d={arrowHead(points)} className="head" />
                {count > 0 && (
                  <text x={x + 5} y={y + 4}>
                    {count.toLocaleString('en')}×
                  </text>
                )}
              </g>
            );
          })}
        </svg>
        {graph.boxes.map(({ id: box, x, y, width, height }) => {
          const { content, name, ran } = boxOf(box);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list box has the keys
            <div
              key={box}
              id={id(box)}
              role="option"
              tabIndex={-1}
              aria-label={box === current ? `${name}, the program is here` : name}
              aria-selected={box === focus}
              className={classes(
                'graph-box',
                !ran && 'never',
                box === current && 'current',
                box === focus && 'focus',
              )}
              style={{ left: x, top: y, width, height }}
              data-box={box}
              onClick={() => {
                setFocus(box);
                on.onChoose?.(box);
              }}
              onDoubleClick={() => on.onOpen?.(box)}
            >
              {content}
            </div>
          );
        })}
      </div>
    </div>
  );
}
