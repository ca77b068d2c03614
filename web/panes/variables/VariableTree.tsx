import { type CSSProperties, type KeyboardEvent, useId, useMemo, useRef, useState } from 'react';
import type { ValueView, VariablesView } from '../../../core/protocol/messages.ts';
import { useUi } from '../../stores/ui.ts';
import { classes } from '../../ui/format.ts';
import { InlineInput } from '../../ui/InlineInput.tsx';
import { Icon } from '../../ui/icons.tsx';
import { treeKeys } from '../../ui/tree-keys.ts';
import { packetBytes, type VariableRow, variableRows } from './rows.ts';

interface VariableTreeProps {
  view: VariablesView;
  /** Takes a watched expression away. */
  onRemove: (expression: string) => void;
  /** Undefined where the program does not run. */
  onAssign?: (expression: string, text: string) => void;
}

/**
 * Scopes, their variables, what is in them. The ARIA tree pattern; Enter changes a value, Delete
 * stops watching one.
 */
export function VariableTree({ view, onRemove, onAssign }: VariableTreeProps) {
  const id = useId();
  const tree = useRef<HTMLDivElement>(null);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [focus, setFocus] = useState('');
  const [editing, setEditing] = useState<string>();
  const rows = useMemo(() => variableRows(view, toggled), [view, toggled]);
  const at = Math.max(
    0,
    rows.findIndex((row) => row.path === focus),
  );
  const toggle = (path: string) => {
    const next = new Set(toggled);
    if (!next.delete(path)) next.add(path);
    setToggled(next);
  };
  const moveTo = (row: VariableRow | undefined) => {
    if (!row) return;
    setFocus(row.path);
    const bytes = row.value && packetBytes(row.value);
    if (bytes) useUi.setState({ selectedBytes: bytes });
    tree.current
      ?.querySelector(`[data-row="${rows.indexOf(row)}"]`)
      ?.scrollIntoView({ block: 'nearest' });
  };
  const begin = ({ path, expanded, value }: VariableRow) => {
    if (onAssign && value?.editable) setEditing(path);
    else if (expanded !== undefined) toggle(path);
  };
  const finish = (value: ValueView, text: string | undefined) => {
    setEditing(undefined);
    if (text !== undefined && text !== value.text) onAssign?.(value.expression, text);
    tree.current?.focus();
  };
  const keys = (event: KeyboardEvent) => {
    if (editing !== undefined) return;
    const expression = event.key === 'Delete' ? rows[at]?.expression : undefined;
    if (expression !== undefined) onRemove(expression);
    else treeKeys(event, rows, at, { moveTo, toggle, begin });
  };
  return (
    <div
      ref={tree}
      className="variable-tree"
      role="tree"
      aria-label="Variables"
      aria-activedescendant={rows[at] ? `${id}-${at}` : undefined}
      tabIndex={0}
      data-focus
      onKeyDown={keys}
      onMouseLeave={() => useUi.setState({ hoverBytes: undefined })}
    >
      {rows.map((row, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys
        <div
          key={row.path}
          id={`${id}-${index}`}
          role="treeitem"
          tabIndex={-1}
          aria-level={row.level}
          aria-expanded={row.expanded}
          aria-selected={index === at}
          className={classes(
            'variable-row',
            row.level === 1 && 'head',
            index === at && 'focus',
            row.value?.changed && 'changed',
            (row.value?.held === false || row.error !== undefined) && 'absent',
          )}
          style={{ '--indent': `${row.level * 15 - 9}px` } as CSSProperties}
          data-row={index}
          data-variable={row.name}
          onClick={() => moveTo(row)}
          onMouseDown={(event) => {
            // The second click opens; it must not select a word as well.
            if (event.detail > 1) event.preventDefault();
          }}
          onDoubleClick={() => begin(row)}
          onMouseEnter={() => useUi.setState({ hoverBytes: row.value && packetBytes(row.value) })}
        >
          <span
            className="fold"
            aria-hidden="true"
            onClick={(event) => {
              event.stopPropagation();
              if (row.expanded !== undefined) toggle(row.path);
            }}
          >
            {row.expanded !== undefined && <Icon name={row.expanded ? 'down' : 'right'} />}
          </span>
          <Cells
            row={row}
            onRemove={onRemove}
            {...(editing === row.path &&
              row.value && { onDone: (text) => finish(row.value!, text) })}
          />
        </div>
      ))}
    </div>
  );
}

interface CellsProps {
  row: VariableRow;
  onRemove: (expression: string) => void;
  /** While the value is typed over. */
  onDone?: (text: string | undefined) => void;
}

function Cells({ row, onRemove, onDone }: CellsProps) {
  const { name, value, error, expression } = row;
  if (!value && error === undefined) return <span className="variable-scope">{name}</span>;
  return (
    <>
      <span className="variable-name clip" title={name}>
        {name}
        {value?.parameter && <small title="Parameter"> parameter</small>}
      </span>
      {value && onDone ? (
        <span className="variable-text">
          <InlineInput
            label={`New value of ${value.expression}`}
            text={value.text}
            onDone={onDone}
          />
        </span>
      ) : (
        <span
          className="variable-text clip"
          title={value?.bytes ? `${value.text}\nbytes ${value.bytes}` : value?.text}
        >
          {value?.changed && (
            <span className="sign" title="Changed since the last stop">
              ▲<span className="hidden">changed </span>
            </span>
          )}
          {value?.text ?? error}
          {value?.doubt && <small title={value.doubt}> (perhaps: {value.doubt})</small>}
        </span>
      )}
      <span className="variable-type clip" title={value?.type}>
        {value?.type}
      </span>
      <span className="variable-place">{value?.place}</span>
      {expression !== undefined && (
        <button
          type="button"
          className="icon-button small"
          tabIndex={-1}
          aria-label={`Stop watching ${expression}`}
          title="Stop watching (Delete)"
          onClick={() => onRemove(expression)}
        >
          <Icon name="remove" />
        </button>
      )}
    </>
  );
}
