import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  memo,
  useCallback,
  useEffect,
  useMemo,
  useRef,
} from 'react';
import type { BreakpointRule, CodeRow } from '../../../core/protocol/messages.ts';
import { runToCursor, toggleBreakpoint } from '../../actions/breakpoints.ts';
import {
  BREAKPOINT_WORDS,
  type BreakpointKind,
  kindOfBreakpoint,
  rowAt,
  standsAt,
  tintOfLines,
} from '../../stores/code.ts';
import { useSession } from '../../stores/session.ts';
import {
  openGutterMenu,
  pointAtLine,
  setCursor,
  setCursorAndLine,
  useUi,
} from '../../stores/ui.ts';
import { classes, count, phrase } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { scaled } from '../../ui/rem.ts';
import { InstructionText } from './InstructionText.tsx';
import {
  type Branch,
  branchOf,
  type ListingRow,
  listingRows,
  type Reason,
  reasonsOf,
  spokenReason,
} from './listing.ts';
import { spokenCount, useRanCounts } from './ran.tsx';
import { StepNote } from './StepNote.tsx';

const ROW_HEIGHT = 21;
const HEAD_HEIGHT = 26;
/** Until it is measured: a sentence of two lines. */
const NOTE_HEIGHT = 44;
const NO_BREAKPOINTS: number[] = [];
const NO_RULES: BreakpointRule[] = [];

/**
 * The instructions, the one that runs next always in sight. A list box: arrows move, Enter runs to
 * the row.
 */
export function Listing() {
  const code = useSession((state) => state.view?.code);
  const breakpoints = useSession((state) => state.view?.breakpoints ?? NO_BREAKPOINTS);
  const rules = useSession((state) => state.view?.rules ?? NO_RULES);
  const pc = useSession((state) => state.snapshot?.pc);
  const last = useSession((state) => state.snapshot?.last);
  const fault = useSession((state) => state.snapshot?.fault?.pc);
  const place = useSession((state) => standsAt(state.snapshot));
  const cursor = useUi((state) => state.cursor);
  const why = useUi((state) => (state.answerMarked ? state.answer?.why : undefined));
  const hoverLine = useUi((state) => state.hoverLine);
  const ran = useRanCounts();
  const scroller = useRef<HTMLDivElement>(null);

  const rows = useMemo(() => (code ? listingRows(code) : []), [code]);
  const tints = useMemo(() => (code ? tintOfLines(code) : new Map<number, number>()), [code]);
  const reasons = useMemo(() => reasonsOf(why), [why]);
  const digits = String(code?.rows.at(-1)?.pc ?? 0).length;
  const branch = code && branchOf(code.rows, rowAt(code.rows, pc));
  const indexOf = (slot: number | undefined) =>
    rows.findIndex((item) => item.kind === 'instruction' && item.row.pc === slot);

  // The note of the step is a row behind its instruction: what comes after is one further on.
  const at = indexOf(cursor);
  const standing = indexOf(place);
  const note = standing < 0 ? undefined : standing + 1;
  const rowOf = useCallback(
    (index: number) => (note === undefined || index < note ? index : index - 1),
    [note],
  );
  const virtual = useVirtualizer({
    count: rows.length + (note === undefined ? 0 : 1),
    getScrollElement: () => scroller.current,
    estimateSize: (index) => {
      if (index === note) return scaled(NOTE_HEIGHT);
      return scaled(rows[rowOf(index)].kind === 'function' ? HEAD_HEIGHT : ROW_HEIGHT);
    },
    getItemKey: useCallback(
      (index: number) => (index === note ? 'note' : rowOf(index)),
      [note, rowOf],
    ),
    overscan: 12,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when the place changes alone
  useEffect(() => {
    if (at < 0) return;
    const to = note !== undefined && at >= note ? at + 1 : at;
    // Where the run goes on out of sight, what comes around it is to be seen too.
    const top =
      (virtual.getOffsetForIndex(to, 'start')?.[0] ?? 0) - (scroller.current?.scrollTop ?? 0);
    const bottom = (scroller.current?.clientHeight ?? 0) - scaled(ROW_HEIGHT);
    const outOfSight = top < 0 || top > bottom;
    if (at === standing && outOfSight) virtual.scrollToIndex(to, { align: 'center' });
    else virtual.scrollToIndex(at <= 1 ? 0 : at === standing ? to + 1 : to, { align: 'auto' });
  }, [at, standing, rows]);
  const noteRow = useRef<HTMLDivElement>(null);
  // The same function each time: another one would be told of the note, and measure it, anew.
  const { measureElement } = virtual;
  const measureNote = useCallback(
    (element: HTMLDivElement | null) => {
      noteRow.current = element;
      measureElement(element);
    },
    [measureElement],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights belong to the rows
  useEffect(() => {
    virtual.measure();
    // That forgets what was measured, and the note has not changed its size since.
    virtual.measureElement(noteRow.current);
  }, [rows]);

  const moveTo = (index: number, direction: 1 | -1) => {
    let to = Math.min(rows.length - 1, Math.max(0, index));
    while (rows[to]?.kind === 'function') to += to === 0 ? 1 : direction;
    const item = rows[to];
    if (item?.kind === 'instruction') setCursorAndLine(item.row.pc, item.row.line);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const page = Math.max(
      1,
      Math.floor((scroller.current?.clientHeight ?? 0) / scaled(ROW_HEIGHT)) - 1,
    );
    const to = {
      ArrowDown: at + 1,
      j: at + 1,
      ArrowUp: at - 1,
      k: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: rows.length - 1,
    }[event.key];
    if (to !== undefined) moveTo(to, to >= at ? 1 : -1);
    else if (event.key === 'Enter') runToCursor();
    else if (event.key === 'Escape') setCursorAndLine(pc);
    else return;
    event.preventDefault();
  };

  // Of the key it comes without a place of the pointer: then it is of the focused row.
  const menu = (event: MouseEvent<HTMLElement>) => {
    const gutter = (event.target as Element).closest<HTMLElement>('[data-gutter]');
    const slot = gutter ? Number(gutter.dataset.gutter) : event.button === 2 ? undefined : cursor;
    if (slot === undefined) return;
    event.preventDefault();
    const row = document.getElementById(`insn-${slot}`)?.getBoundingClientRect();
    const point = gutter ? { x: event.clientX, y: event.clientY } : { x: row?.x, y: row?.bottom };
    openGutterMenu({ x: point.x ?? 0, y: point.y ?? 0, place: { pc: slot } });
  };

  return (
    <div
      ref={scroller}
      className="listing"
      role="listbox"
      aria-label="Instructions"
      aria-activedescendant={at >= 0 ? `insn-${cursor}` : undefined}
      tabIndex={0}
      data-focus
      onKeyDown={keys}
      onContextMenu={menu}
      onMouseLeave={() => pointAtLine(undefined)}
    >
      <div
        role="presentation"
        className="listing-rows"
        style={
          {
            height: virtual.getTotalSize(),
            '--digits': digits,
            '--count-digits': ran?.digits,
          } as CSSProperties
        }
      >
        {virtual.getVirtualItems().map(({ index, start }) => {
          if (index === note)
            return (
              <div
                key="note"
                ref={measureNote}
                data-index={index}
                role="presentation"
                className="note-row"
                style={{ transform: `translateY(${start}px)` }}
              >
                <StepNote />
              </div>
            );
          const item: ListingRow = rows[rowOf(index)];
          if (item.kind === 'function') {
            return (
              <div
                key={`head-${item.start}`}
                role="presentation"
                className="function-head"
                style={{ transform: `translateY(${start}px)` }}
              >
                <span className="clip">{item.name}</span>
                <small className="clip">{item.section}</small>
              </div>
            );
          }
          const { row } = item;
          const line = row.line === undefined ? undefined : code?.lines[row.line];
          return (
            <Instruction
              key={row.pc}
              row={row}
              top={start}
              tint={row.line === undefined ? undefined : tints.get(row.line)}
              source={line ? `${line.file}:${line.line}: ${line.text.trim()}` : undefined}
              current={row.pc === pc}
              ended={pc === undefined && row.pc === place}
              cursor={row.pc === cursor}
              faulted={row.pc === fault}
              executed={row.pc === last?.pc}
              hovered={row.line !== undefined && row.line === hoverLine}
              breakpoint={
                breakpoints.includes(row.pc) ? kindOfBreakpoint(rules, [row.pc]) : undefined
              }
              mark={markOf(row.pc, branch)}
              reason={reasons.get(row.pc)}
              ran={ran && (ran.counts.get(row.pc) ?? 0)}
            />
          );
        })}
      </div>
    </div>
  );
}

type Mark = 'if true' | 'if false' | 'goes here' | undefined;

function markOf(pc: number, branch: Branch | undefined): Mark {
  if (!branch) return undefined;
  if (pc === branch.otherwise) return 'if false';
  if (pc !== branch.target) return undefined;
  return branch.otherwise === undefined ? 'goes here' : 'if true';
}

interface InstructionProps {
  row: CodeRow;
  top: number;
  tint: number | undefined;
  source: string | undefined;
  current: boolean;
  /** The run is over, and this is where it ended. */
  ended: boolean;
  cursor: boolean;
  faulted: boolean;
  executed: boolean;
  hovered: boolean;
  breakpoint: BreakpointKind | undefined;
  mark: Mark;
  reason: Reason | undefined;
  /** How often it ran along a capture. */
  ran: number | undefined;
}

const Instruction = memo(function Instruction(props: InstructionProps) {
  const {
    row,
    top,
    tint,
    source,
    current,
    ended,
    cursor,
    faulted,
    executed,
    hovered,
    breakpoint,
    mark,
    reason,
    ran,
  } = props;
  const spoken = phrase(
    `${row.pc}: ${row.text}`,
    row.comment,
    current && 'runs next',
    ended && !faulted && 'the run ended here',
    faulted && 'faulted',
    breakpoint && BREAKPOINT_WORDS[breakpoint],
    mark,
    reason && spokenReason(reason),
    ran !== undefined && spokenCount(ran),
  );
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list box has the keys
    <div
      id={`insn-${row.pc}`}
      role="option"
      tabIndex={-1}
      aria-selected={cursor}
      aria-current={current ? 'step' : undefined}
      aria-label={spoken}
      className={classes(
        'insn',
        current && 'current',
        ended && 'ended',
        cursor && 'cursor',
        faulted && 'faulted',
        executed && 'executed',
        hovered && 'hovered',
        ran === 0 && 'never',
        tint !== undefined && `tint-${tint}`,
      )}
      style={{ transform: `translateY(${top}px)` }}
      title={source ? `${row.doc}\n${source}` : row.doc}
      data-pc={row.pc}
      onClick={() => setCursor(row.pc)}
      onMouseEnter={() => pointAtLine(row.line)}
    >
      <span
        className={classes('gutter', breakpoint && `set ${breakpoint}`)}
        aria-hidden="true"
        data-gutter={row.pc}
        onClick={(event) => {
          event.stopPropagation();
          toggleBreakpoint(row.pc);
        }}
      >
        {reason && (
          <span className="reason" title={spokenReason(reason)}>
            ◆
          </span>
        )}
      </span>
      <span className="arrow" aria-hidden="true">
        {current && <Icon name="run" />}
        {faulted && !current && <Icon name="drop" />}
        {ended && !faulted && <Icon name="pause" />}
      </span>
      <span className="pc">{row.pc}</span>
      {ran !== undefined && (
        <span className="ran" title={spokenCount(ran)}>
          {count(ran)}
        </span>
      )}
      <code className="insn-text">
        <InstructionText text={row.text} />
      </code>
      {row.target !== undefined && !row.comment && (
        <span className="target">
          <span aria-hidden="true">→</span> {row.target}
        </span>
      )}
      {mark && <span className={classes('mark', mark === 'if false' && 'no')}>{mark}</span>}
      {reason && reason !== 'went in' && (
        <span className={classes('way', reason === 'went on' && 'no')}>{reason}</span>
      )}
      {row.comment && <span className="comment">{row.comment}</span>}
    </div>
  );
});
