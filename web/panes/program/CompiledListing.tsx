import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, useEffect, useMemo, useRef, useState } from 'react';
import type { CodeRow, CompiledLine, CompiledView } from '../../../core/protocol/messages.ts';
import { wish } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { setCursorAndLine, useUi } from '../../stores/ui.ts';
import { classes, count, phrase, plural } from '../../ui/format.ts';
import { scaled } from '../../ui/rem.ts';
import { InstructionText } from './InstructionText.tsx';

const ROW_HEIGHT = 20;
/** Lines that are jumped by the keys of pages. */
const PAGE = 20;

/** The instructions beside the WebAssembly that they are compiled to. */
export function CompiledListing() {
  const code = useSession((state) => state.view?.code);
  const run = useSession((state) => state.view?.run);
  const pc = useSession((state) => state.snapshot?.pc);
  const cursor = useUi((state) => state.cursor);
  const place = cursor ?? pc ?? 0;
  const own = code?.functions.find(({ start, end }) => start <= place && place < end)?.start ?? 0;
  // A unit that was asked for, as long as the place is in the same function.
  const [chosen, setChosen] = useState<{ entry: number; own: number }>();
  const entry = chosen?.own === own ? chosen.entry : own;
  const [view, setView] = useState<CompiledView>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another run may have other code
  useEffect(() => {
    let current = true;
    wish({ type: 'compiled', entry }).then((reply) => {
      if (current && reply.kind === 'done' && reply.value?.kind === 'compiled')
        setView(reply.value);
    });
    return () => {
      current = false;
    };
  }, [entry, run]);
  if (!view || !code) return <p className="nothing">Compiling …</p>;
  return (
    <div className="compiled">
      <Summary view={view} onUnit={(at) => setChosen({ entry: at, own })} />
      <Lines view={view} rows={code.rows} cursor={cursor} pc={pc} />
    </div>
  );
}

function Summary({ view, onUnit }: { view: CompiledView; onUnit: (entry: number) => void }) {
  const { entry, instructions, bytes, leadsTo, interpreted } = view;
  if (view.lines.length === 0)
    return (
      <p className="compiled-summary">
        Instruction {entry} is none for compiled code: the interpreter does it.
      </p>
    );
  return (
    <p className="compiled-summary">
      {plural(instructions, 'instruction')} from {entry} on become {count(bytes)} bytes of
      WebAssembly, before anything has run.
      {interpreted.length > 0 && ` The interpreter does ${interpreted.join(', ')}.`}
      {leadsTo.length > 0 && ' Units of their own begin at '}
      {leadsTo.map((pc) => (
        <button type="button" className="link-button" key={pc} onClick={() => onUnit(pc)}>
          {pc}
        </button>
      ))}
    </p>
  );
}

interface LinesProps {
  view: CompiledView;
  rows: readonly CodeRow[];
  cursor: number | undefined;
  pc: number | undefined;
}

/** A list box: arrows move from line to line, and the cursor of the listing goes with them. */
function Lines({ view, rows, cursor, pc }: LinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const { lines } = view;
  const texts = useMemo(() => new Map(rows.map((row) => [row.pc, row])), [rows]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => scaled(ROW_HEIGHT),
    overscan: 20,
  });
  // Where the cursor went to by other ways than through these lines, they follow it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the cursor alone
  useEffect(() => {
    if (lines[at]?.pc === cursor) return;
    const first = lines.findIndex((line) => line.pc !== undefined && line.pc === cursor);
    if (first < 0) return;
    setAt(first);
    virtual.scrollToIndex(first, { align: 'auto' });
  }, [cursor, lines]);

  const inSight = Math.ceil((virtual.scrollOffset ?? 0) / scaled(ROW_HEIGHT));
  const moveTo = (index: number) => {
    const to = Math.min(lines.length - 1, Math.max(0, index));
    setAt(to);
    virtual.scrollToIndex(to, { align: 'auto' });
    const of = lines[to]?.pc;
    if (of !== undefined) setCursorAndLine(of, texts.get(of)?.line);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + PAGE,
      PageUp: at - PAGE,
      Home: 0,
      End: lines.length - 1,
    }[event.key];
    if (to === undefined) return;
    moveTo(to);
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      className="listing compiled-lines"
      role="listbox"
      aria-label="WebAssembly"
      aria-activedescendant={lines.length > 0 ? `wasm-${at}` : undefined}
      tabIndex={0}
      data-focus
      onKeyDown={keys}
    >
      <div
        role="presentation"
        className="listing-rows"
        style={{ height: virtual.getTotalSize(), minWidth: '34rem' }}
      >
        {virtual.getVirtualItems().map(({ index, start }) => {
          const line = lines[index];
          // The first line in sight has it again, as far as its instruction began out of sight.
          const isFirst =
            line.pc !== undefined && (lines[index - 1]?.pc !== line.pc || index === inSight);
          return (
            <Line
              key={index}
              index={index}
              top={start}
              line={line}
              row={line.pc === undefined ? undefined : texts.get(line.pc)}
              isFirst={isFirst}
              isAt={index === at}
              isPointed={line.pc !== undefined && line.pc === cursor}
              isCurrent={line.pc !== undefined && line.pc === pc}
              onSelect={moveTo}
            />
          );
        })}
      </div>
    </div>
  );
}

interface LineProps {
  index: number;
  top: number;
  line: CompiledLine;
  row: CodeRow | undefined;
  /** The instruction stands beside it. */
  isFirst: boolean;
  isAt: boolean;
  isPointed: boolean;
  isCurrent: boolean;
  onSelect: (index: number) => void;
}

const Line = memo(function Line(props: LineProps) {
  const { index, top, line, row, isFirst, isAt, isPointed, isCurrent, onSelect } = props;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list box has the keys
    <div
      id={`wasm-${index}`}
      role="option"
      tabIndex={-1}
      aria-selected={isAt}
      aria-label={phrase(
        line.text,
        row && `for instruction ${row.pc}: ${row.text}`,
        isCurrent && 'runs next',
      )}
      className={classes(
        'wasm-line',
        isFirst && 'first',
        isAt && 'cursor',
        isPointed && 'pointed',
        isCurrent && 'current',
      )}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(index)}
    >
      <span className="wasm-of">
        {isFirst && row && (
          <>
            <span className="pc">{row.pc}</span>
            <code>
              <InstructionText text={row.text} />
            </code>
          </>
        )}
      </span>
      <code className="wasm-text" style={{ paddingLeft: `${2 * line.depth}ch` }}>
        {line.text}
      </code>
    </div>
  );
});
