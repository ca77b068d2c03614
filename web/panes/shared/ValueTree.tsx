import type { ReactNode } from 'react';
import { pointAtBytes, selectBytes } from '../../stores/ui.ts';
import { classes } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Tree, useTree } from '../../ui/Tree.tsx';
import './value-tree.css';
import { packetBytes, type VariableRow } from './value-rows.ts';

interface ValueTreeProps {
  label: string;
  /** The same function as long as what it shows is. */
  rowsOf: (toggled: ReadonlySet<string>) => readonly VariableRow[];
  /** Takes a watched expression away. */
  onRemove?: (expression: string) => void;
  /** Undefined where the program does not run. */
  onAssign?: (expression: string, text: string) => unknown;
}

/**
 * Scopes, their variables, what is in them. Enter changes a value, Delete stops watching one.
 */
export function ValueTree({ label, rowsOf, onRemove, onAssign }: ValueTreeProps) {
  const tree = useTree(rowsOf);
  return (
    <Tree
      tree={tree}
      label={label}
      className="variable-tree"
      attributesOf={({ level, name, value, error }) => ({
        className: classes(
          'variable-row',
          level === 1 && !value && error === undefined && 'head',
          value?.changed && 'changed',
          (value?.held === false || error !== undefined) && 'absent',
        ),
        'data-variable': name,
      })}
      textOf={({ value }) =>
        onAssign && value?.editable
          ? { label: `New value of ${value.expression}`, text: value.text }
          : undefined
      }
      onText={({ value }, text) => value && onAssign?.(value.expression, text)}
      onFocus={({ value }) => {
        const bytes = value && packetBytes(value);
        if (bytes) selectBytes(bytes);
      }}
      onHover={(row) => pointAtBytes(row?.value && packetBytes(row.value))}
      onDelete={({ expression }) => expression !== undefined && onRemove?.(expression)}
    >
      {(row, { input }) => <Cells row={row} onRemove={onRemove} input={input} />}
    </Tree>
  );
}

interface CellsProps {
  row: VariableRow;
  onRemove: ValueTreeProps['onRemove'];
  /** In place of the value, while it is typed over. */
  input: ReactNode;
}

function Cells({ row, onRemove, input }: CellsProps) {
  const { name, value, error, expression } = row;
  if (!value && error === undefined) return <span className="variable-scope">{name}</span>;
  return (
    <>
      <span className="variable-name clip" title={name}>
        {name}
        {value?.parameter && <small title="Parameter"> parameter</small>}
      </span>
      {input ? (
        <span className="variable-text">{input}</span>
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
      <span className="variable-place" title={value?.place}>
        {value?.place}
      </span>
      {expression !== undefined && (
        <button
          type="button"
          className="icon-button small"
          tabIndex={-1}
          aria-label={`Stop watching ${expression}`}
          title="Stop watching (Delete)"
          onClick={() => onRemove?.(expression)}
        >
          <Icon name="remove" />
        </button>
      )}
    </>
  );
}
