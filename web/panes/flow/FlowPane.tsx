import { type CSSProperties, useEffect, useState } from 'react';
import type {
  FlowFunction,
  FlowView,
  GraphView,
  TraceFormat,
} from '../../../core/protocol/messages.ts';
import { wish } from '../../actions/wish.ts';
import { download } from '../../browser/download.ts';
import { useSession } from '../../stores/session.ts';
import { pointAtCode, setCursor, setFlowAs, setFlowZoom, useUi } from '../../stores/ui.ts';
import { FLOW_ZOOMS } from '../../stores/ui-state.ts';
import { classes, count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { CallGraph } from './CallGraph.tsx';
import { Cover } from './Cover.tsx';
import { GraphBoxes } from './GraphBoxes.tsx';
import { GRAPH_SIZES, HEIGHTS, layoutOf, type Way } from './layout.ts';
import './flow.css';

const FORMATS: readonly { name: TraceFormat; label: string }[] = [
  { name: 'text', label: 'Text' },
  { name: 'json', label: 'JSON' },
  { name: 'csv', label: 'CSV' },
];

/**
 * Where control went: the blocks of each function with the ways between them, how often they ran,
 * and the lines of C.
 */
export function FlowPane() {
  const run = useSession((state) => state.view?.outcome && state.view.run);
  const ran = useSession((state) => state.view?.outcome?.ran);
  const flowAs = useUi((state) => state.flowAs);
  const flowZoom = useUi((state) => state.flowZoom);
  const [all, setAll] = useState(false);
  const [flow, setFlow] = useState<FlowView>();
  useEffect(() => {
    let current = true;
    if (run === undefined) return;
    wish({ type: 'flow', all, sizes: GRAPH_SIZES }).then((reply) => {
      if (current && reply.kind === 'done' && reply.value?.kind === 'flow') setFlow(reply.value);
    });
    return () => {
      current = false;
    };
  }, [run, all]);
  if (!flow)
    return <p className="nothing">{ran === false ? 'The program has not run.' : 'Counting …'}</p>;
  return (
    <section
      className="scroll flow-pane"
      tabIndex={0}
      aria-label="Flow"
      style={HEIGHTS as CSSProperties}
    >
      <div className="flow-tools">
        <label>
          <input type="checkbox" checked={all} onChange={() => setAll(!all)} /> over all packets
        </label>
        <fieldset className="segments small">
          <legend className="hidden">Blocks are shown as</legend>
          {(['graph', 'list'] as const).map((name) => (
            <label key={name}>
              <input
                type="radio"
                name="flow-as"
                checked={flowAs === name}
                onChange={() => setFlowAs(name)}
              />
              <span>{name === 'graph' ? 'Graph' : 'List'}</span>
            </label>
          ))}
        </fieldset>
        {flowAs === 'graph' && (
          <label>
            <span className="hidden">Size of the graph</span>
            <select value={flowZoom} onChange={(event) => setFlowZoom(Number(event.target.value))}>
              {FLOW_ZOOMS.map((zoom) => (
                <option key={zoom} value={zoom}>
                  {zoom * 100} %
                </option>
              ))}
            </select>
          </label>
        )}
        <span className="note">{count(flow.steps)} steps</span>
        <span className="flow-export">
          Trace of this packet:{' '}
          {FORMATS.map(({ name, label }) => (
            <button
              key={name}
              type="button"
              className="button small"
              onClick={() => saveTrace(name)}
            >
              <Icon name="download" /> {label}
            </button>
          ))}
        </span>
      </div>
      {flow.functions.map((part) => (
        <FunctionFlow key={part.start} part={part} />
      ))}
      <Cover />
      <CallGraph calls={flow.calls} />
      <Lines lines={flow.lines} />
    </section>
  );
}

async function saveTrace(format: TraceFormat): Promise<void> {
  const reply = await wish({ type: 'export-trace', format });
  if (reply.kind === 'done' && reply.value?.kind === 'text-file')
    download({ name: reply.value.name, bytes: new TextEncoder().encode(reply.value.text) });
}

const percent = (part: number, whole: number): string =>
  `${Math.round((100 * part) / Math.max(1, whole))} %`;

/** A function's blocks, as a graph or in the order of its code. */
function FunctionFlow({ part }: { part: FlowFunction }) {
  const rows = useSession((state) => state.view?.code.rows);
  const pc = useSession((state) => state.snapshot?.pc);
  const flowAs = useUi((state) => state.flowAs);
  const texts = new Map(rows?.map((row) => [row.pc, row.text]));
  const current = part.blocks.find((block) => block.pcs.includes(pc ?? -1))?.start;
  return (
    <section className="flow-function">
      <h2>
        {part.name}{' '}
        <span className="note">
          {part.ran} of {part.instructions} instructions ran ({percent(part.ran, part.instructions)}
          )
        </span>
      </h2>
      {part.graph && flowAs === 'graph' ? (
        <BlockGraph part={part} graph={part.graph} texts={texts} current={current} />
      ) : (
        <BlockList part={part} texts={texts} current={current} />
      )}
    </section>
  );
}

interface BlocksProps {
  part: FlowFunction;
  texts: ReadonlyMap<number, string>;
  /** The block the program stands in. */
  current: number | undefined;
}

function BlockGraph({ part, graph, texts, current }: BlocksProps & { graph: GraphView }) {
  const blocks = new Map(part.blocks.map((block) => [block.start, block]));
  return (
    <GraphBoxes
      graph={graph}
      label={`Blocks of ${part.name}`}
      current={current}
      onChoose={setCursor}
      onOpen={pointAtCode}
      countOf={(from, to) => blocks.get(from)?.ways.find((way) => way.to === to)?.count ?? 0}
      boxOf={(start) => {
        const { pcs, count: times, ways } = blocks.get(start)!;
        const ran = times === 0 ? 'never ran' : `ran ${count(times)} times`;
        const goes = ways.map((way) => `${way.to}, ${count(way.count)} times`).join('; ');
        return {
          ran: times > 0,
          name: `${start} to ${pcs.at(-1)}, ${ran}${goes && `, goes on to ${goes}`}`,
          content: (
            <>
              <p className="flow-head">
                {start}–{pcs.at(-1)}{' '}
                <span className="note">{times === 0 ? 'never ran' : `${count(times)} ×`}</span>
              </p>
              {pcs.map((slot) => (
                <code key={slot}>
                  {slot}: {texts.get(slot)}
                </code>
              ))}
            </>
          ),
        };
      }}
    />
  );
}

/** The blocks in the order of the code, the ways between them beside it. */
function BlockList({ part, texts, current }: BlocksProps) {
  const { ways, height, lanes } = layoutOf(part);
  const width = 16 + lanes * 8;
  return (
    <div className="flow-graph">
      <svg className="flow-ways" width={width} height={height} aria-hidden="true">
        {ways.map((way) => (
          <WayLine key={`${way.from}-${way.to}`} way={way} width={width} />
        ))}
      </svg>
      <ol>
        {part.blocks.map((block) => (
          <li
            key={block.start}
            className={classes(
              'flow-block',
              block.count === 0 && 'never',
              block.start === current && 'current',
            )}
          >
            <p className="flow-head">
              <button type="button" className="link-button" onClick={() => setCursor(block.start)}>
                {block.start}–{block.pcs.at(-1)}
              </button>{' '}
              {block.count === 0 ? 'never ran' : `ran ${count(block.count)} ×`}
              {block.ways.length > 0 && (
                <span className="note">
                  {block.ways.map((way) => ` → ${way.to} (${count(way.count)} ×)`).join(',')}
                </span>
              )}
            </p>
            {block.pcs.map((slot) => (
              <code key={slot}>
                {slot}: {texts.get(slot)}
              </code>
            ))}
          </li>
        ))}
      </ol>
    </div>
  );
}

/** A jump: out of the last row of a block, into the head of another. */
function WayLine({ way, width }: { way: Way; width: number }) {
  const x = width - 10 - way.lane * 8;
  const path = `M${width} ${way.fromY}H${x}V${way.toY}H${width - 2}`;
  return (
    <g className={way.count > 0 ? 'taken' : 'untaken'}>
      <path d={path} />
      <path d={`M${width - 6} ${way.toY - 3}l5 3l-5 3z`} className="head" />
    </g>
  );
}

function Lines({ lines }: { lines: FlowView['lines'] }) {
  if (lines.length === 0) return null;
  const ran = lines.filter((line) => line.count > 0).length;
  return (
    <section>
      <h2>
        Lines{' '}
        <span className="note">
          {ran} of {lines.length} ran ({percent(ran, lines.length)})
        </span>
      </h2>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">Ran</th>
            <th scope="col">Source</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ file, line, text, count: times }) => (
            <tr key={`${file}:${line}`} className={times === 0 ? 'never' : undefined}>
              <th scope="row" className="number">
                {line}
              </th>
              <td className="number">{times === 0 ? 'never' : count(times)}</td>
              <td>
                <code>{text}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
