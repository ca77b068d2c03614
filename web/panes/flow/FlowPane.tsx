import { useEffect, useState } from 'react';
import type { FlowFunction, FlowView, TraceFormat } from '../../../core/protocol/messages.ts';
import { download } from '../../app/share.ts';
import { wish } from '../../app/wish.ts';
import { useSession } from '../../stores/session.ts';
import { useUi } from '../../stores/ui.ts';
import { classes, count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { layoutOf, type Way } from './layout.ts';
import './flow.css';

const FORMATS: readonly { name: TraceFormat; label: string }[] = [
  { name: 'text', label: 'Text' },
  { name: 'json', label: 'JSON' },
  { name: 'csv', label: 'CSV' },
];

/** Where control went: the blocks of each function with the ways between them, how often they ran, and the lines of C. */
export function FlowPane() {
  const hash = useSession((state) => state.view?.outcome?.hash);
  const ran = useSession((state) => state.view?.outcome?.ran);
  const [all, setAll] = useState(false);
  const [flow, setFlow] = useState<FlowView>();
  useEffect(() => {
    let current = true;
    if (hash === undefined) return;
    wish({ type: 'flow', all }).then((reply) => {
      if (current && reply.kind === 'done' && reply.value?.kind === 'flow') setFlow(reply.value);
    });
    return () => {
      current = false;
    };
  }, [hash, all]);
  if (!flow) return <p className="nothing">{ran === false ? 'The program has not run.' : 'Counting …'}</p>;
  return (
    <section className="scroll flow-pane" tabIndex={0} aria-label="Flow">
      <div className="flow-tools">
        <label>
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} /> over all packets
        </label>
        <span className="note">{count(flow.steps)} steps</span>
        <span className="flow-export">
          Trace of this packet:{' '}
          {FORMATS.map(({ name, label }) => (
            <button key={name} type="button" className="button small" onClick={() => saveTrace(name)}>
              <Icon name="download" /> {label}
            </button>
          ))}
        </span>
      </div>
      {flow.functions.map((part) => (
        <FunctionFlow key={part.start} part={part} />
      ))}
      <Lines lines={flow.lines} />
    </section>
  );
}

async function saveTrace(format: TraceFormat): Promise<void> {
  const reply = await wish({ type: 'export-trace', format });
  if (reply.kind === 'done' && reply.value?.kind === 'text-file')
    download({ name: reply.value.name, bytes: new TextEncoder().encode(reply.value.text) });
}

const percent = (part: number, whole: number): string => `${Math.round((100 * part) / Math.max(1, whole))} %`;

/** A function's blocks in the order of its code, the ways between them beside it. */
function FunctionFlow({ part }: { part: FlowFunction }) {
  const rows = useSession((state) => state.view?.code.rows);
  const pc = useSession((state) => state.snapshot?.pc);
  const { ways, height, lanes } = layoutOf(part);
  const width = 16 + lanes * 8;
  const texts = new Map(rows?.map((row) => [row.pc, row.text]));
  return (
    <section className="flow-function">
      <h2>
        {part.name}{' '}
        <span className="note">
          {part.ran} of {part.instructions} instructions ran ({percent(part.ran, part.instructions)})
        </span>
      </h2>
      <div className="flow-graph">
        <svg width={width} height={height} aria-hidden="true">
          {ways.map((way) => (
            <WayLine key={`${way.from}-${way.to}`} way={way} width={width} />
          ))}
        </svg>
        <ol>
          {part.blocks.map((block) => (
            <li
              key={block.start}
              className={classes('flow-block', block.count === 0 && 'never', block.pcs.includes(pc ?? -1) && 'current')}
            >
              <p className="flow-head">
                <button type="button" className="link-button" onClick={() => useUi.setState({ cursor: block.start })}>
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
    </section>
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
