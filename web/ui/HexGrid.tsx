// biome-ignore-all lint/a11y/useSemanticElements: a table cannot leave rows out of the page
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its cell
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, useEffect, useId, useRef, useState } from 'react';
import type { Bytes } from './byte-range.ts';
import { asciiByte, classes, hexByte, hexOffset, phrase } from './format.ts';
import './hex-grid.css';
import {
  BYTE_CHANGED,
  BYTE_EVER_READ,
  BYTE_EVER_WRITTEN,
  BYTE_READ,
  BYTE_WRITTEN,
  DECIDED,
  HOVERED,
  SELECTED,
} from './marks.ts';
import { scaled } from './rem.ts';
import { useWidth } from './useWidth.ts';

/** Bytes a row: sixteen, and eight where sixteen would be cut off, as on a phone. */
const ROW = 16;
const SHORT_ROW = 8;
const ROOM_FOR_ROW = 550;

export interface HexGridProps {
  label: string;
  bytes: Uint8Array;
  /** One set of marks a byte (marks.ts). */
  flags: Uint8Array;
  /** Names drawn over a byte, by offset. */
  carets?: Map<number, string>;
  /** Bytes a person selected elsewhere: scrolled into sight, and where the keys start. */
  selected?: Bytes;
  onHover?: (bytes: Bytes | undefined) => void;
  onSelect?: (bytes: Bytes) => void;
  /** Without it the bytes can only be looked at. */
  onEdit?: (offset: number, byte: number) => void;
}

/**
 * Bytes in rows with a gap after eight, and their ASCII. Arrows move, hex digits type over, Enter
 * edits.
 */
export function HexGrid({
  label,
  bytes,
  flags,
  carets,
  selected,
  onHover,
  onSelect,
  onEdit,
}: HexGridProps) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [cell, setCell] = useState(0);
  const [editing, setEditing] = useState<{ offset: number; text: string }>();
  const focus = Math.min(cell, Math.max(0, bytes.length - 1));
  const width = useWidth(scroller);
  const perRow = width > 0 && width < scaled(ROOM_FOR_ROW) ? SHORT_ROW : ROW;
  const rowHeight = scaled(carets ? 23 : 18);
  const virtual = useVirtualizer({
    count: Math.ceil(bytes.length / perRow),
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
  });

  const start = selected?.start;
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows a selection made elsewhere
  useEffect(() => {
    if (start === undefined || start >= bytes.length) return;
    setCell(start);
    virtual.scrollToIndex(Math.floor(start / perRow), { align: 'auto' });
  }, [start]);

  const moveTo = (offset: number) => {
    const to = Math.min(bytes.length - 1, Math.max(0, offset));
    setCell(to);
    virtual.scrollToIndex(Math.floor(to / perRow), { align: 'auto' });
    onSelect?.({ start: to, end: to + 1 });
  };
  /** From the byte where the selection began. */
  const extendTo = (offset: number) => {
    const to = Math.max(0, Math.min(bytes.length - 1, offset));
    const start =
      selected && selected.start !== focus ? selected.start : (selected?.end ?? focus + 1) - 1;
    setCell(to);
    onSelect?.({ start: Math.min(start, to), end: Math.max(start, to) + 1 });
  };
  const edit = (offset: number, text: string) => {
    if (!onEdit) return;
    if (text.length < 2) {
      setEditing({ offset, text });
      return;
    }
    setEditing(undefined);
    onEdit(offset, Number.parseInt(text, 16));
    moveTo(offset + 1);
    scroller.current?.focus();
  };
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || editing || bytes.length === 0) return;
    const page =
      perRow * Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const rowStart = focus - (focus % perRow);
    const to = {
      ArrowRight: focus + 1,
      ArrowLeft: focus - 1,
      ArrowDown: focus + perRow,
      ArrowUp: focus - perRow,
      PageDown: focus + page,
      PageUp: focus - page,
      Home: rowStart,
      End: rowStart + perRow - 1,
    }[event.key];
    if (to !== undefined && event.shiftKey) extendTo(to);
    else if (to !== undefined) moveTo(to);
    else if (onEdit && /^[0-9a-f]$/i.test(event.key)) edit(focus, event.key);
    else if (onEdit && event.key === 'Enter') edit(focus, '');
    else return;
    event.preventDefault();
  };

  const offsetOf = ({ target }: MouseEvent) => {
    const text =
      target instanceof HTMLElement
        ? target.closest<HTMLElement>('[data-offset]')?.dataset.offset
        : undefined;
    return text === undefined ? undefined : Number(text);
  };
  const press = (event: MouseEvent) => {
    const offset = offsetOf(event);
    if (offset === undefined) return;
    setCell(offset);
    onSelect?.({ start: offset, end: offset + 1 });
  };
  const over = (event: MouseEvent) => {
    const offset = offsetOf(event);
    onHover?.(offset === undefined ? undefined : { start: offset, end: offset + 1 });
    if (offset !== undefined && event.buttons === 1)
      onSelect?.({ start: Math.min(focus, offset), end: Math.max(focus, offset) + 1 });
  };
  const open = (event: MouseEvent) => {
    const offset = offsetOf(event);
    if (offset !== undefined) edit(offset, '');
  };

  const cellAt = (offset: number) => (
    <span
      key={offset}
      id={`${id}-${offset}`}
      role="gridcell"
      aria-selected={offset === focus}
      aria-label={phrase(
        `${hexOffset(offset)}: ${hexByte(bytes[offset])}`,
        wordsOf(flags[offset]),
        carets?.has(offset) && `${carets.get(offset)} points here`,
      )}
      className={classes(
        'byte',
        marksOf(flags[offset]),
        offset === focus && 'focus',
        carets?.has(offset) && 'caret',
      )}
      data-offset={offset}
      data-caret={carets?.get(offset)}
    >
      {editing?.offset === offset ? (
        <ByteInput
          text={editing.text}
          onText={(text) => edit(offset, text)}
          onLeave={() => setEditing(undefined)}
        />
      ) : (
        hexByte(bytes[offset])
      )}
    </span>
  );

  return (
    // biome-ignore lint/a11y/useKeyWithMouseEvents: the keys move the focus, which is selected
    <div
      ref={scroller}
      className={classes('hex-grid', carets && 'with-carets', perRow === SHORT_ROW && 'short')}
      role="grid"
      aria-label={label}
      aria-rowcount={Math.ceil(bytes.length / perRow)}
      aria-readonly={!onEdit}
      aria-activedescendant={bytes.length > 0 ? `${id}-${focus}` : undefined}
      tabIndex={0}
      data-typing={onEdit ? '' : undefined}
      onKeyDown={keys}
      onMouseDown={press}
      onMouseOver={over}
      onMouseLeave={() => onHover?.(undefined)}
      onDoubleClick={open}
    >
      <div role="presentation" className="hex-rows" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start: top }) => {
          const first = index * perRow;
          const offsets = Array.from(
            { length: Math.min(perRow, bytes.length - first) },
            (_, at) => first + at,
          );
          return (
            <div
              key={index}
              role="row"
              aria-rowindex={index + 1}
              className="hex-row"
              style={{ transform: `translateY(${top}px)` }}
            >
              <span role="rowheader" className="hex-offset">
                {hexOffset(first)}
              </span>
              {offsets.map(cellAt)}
              <span
                className="ascii"
                aria-hidden="true"
                style={{ paddingLeft: `${asciiGap(offsets.length, perRow)}ch` }}
              >
                {offsets.map((offset) => (
                  <span key={offset} className={marksOf(flags[offset])} data-offset={offset}>
                    {asciiByte(bytes[offset])}
                  </span>
                ))}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/**
 * Characters from the last byte of a short row to the ASCII column: three a byte, one for the gap
 * after eight.
 */
const asciiGap = (bytes: number, perRow: number): number =>
  2 + 3 * (perRow - bytes) + (bytes <= 8 && perRow > 8 ? 1 : 0);

function ByteInput({
  text,
  onText,
  onLeave,
}: {
  text: string;
  onText: (text: string) => void;
  onLeave: () => void;
}) {
  return (
    <input
      className="byte-input"
      aria-label="New byte, two hex digits"
      ref={(input) => input?.focus()}
      value={text}
      maxLength={2}
      inputMode="text"
      spellCheck={false}
      onChange={(event) => /^[0-9a-f]*$/i.test(event.target.value) && onText(event.target.value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Escape') onLeave();
        if (event.key === 'Enter' && text !== '') onText(text.padStart(2, '0'));
      }}
      onBlur={onLeave}
    />
  );
}

const MARKS: readonly (readonly [flag: number, name: string, words: string])[] = [
  [BYTE_WRITTEN, 'written', 'written by the last step'],
  [BYTE_READ, 'read', 'read by the last step'],
  [DECIDED, 'decided', 'decided'],
  [BYTE_CHANGED, 'changed', 'changed by the program'],
  [BYTE_EVER_WRITTEN, 'ever-written', 'written before'],
  [BYTE_EVER_READ, 'ever-read', 'read before'],
  [SELECTED, 'selected', ''],
  [HOVERED, 'hovered', ''],
];

const marksOf = (flags: number): string =>
  MARKS.filter(([flag]) => flags & flag)
    .map(([, name]) => name)
    .join(' ');

const wordsOf = (flags: number): string =>
  phrase(...MARKS.map(([flag, , words]) => (flags & flag) !== 0 && words));
