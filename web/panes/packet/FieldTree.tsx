import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { Dissection, FieldNode } from '../../../core/packet/types.ts';
import { useUi } from '../../stores/ui.ts';
import { classes } from '../../ui/format.ts';
import { InlineInput } from '../../ui/InlineInput.tsx';
import { Icon } from '../../ui/icons.tsx';
import { treeKeys } from '../../ui/tree-keys.ts';
import { bytesOfField, type FieldRow, rowCovering, sameBytes, visibleFields } from './fields.ts';

interface FieldTreeProps {
  dissection: Dissection;
  /** Without it the fields can only be looked at. */
  onEdit?: (node: FieldNode, text: string) => void;
}

/**
 * Headers and fields, linked with the bytes by pointer, focus and selection. The ARIA tree pattern.
 */
export function FieldTree({ dissection, onEdit }: FieldTreeProps) {
  const id = useId();
  const tree = useRef<HTMLDivElement>(null);
  const hovered = useUi((state) => state.hoverBytes);
  const selected = useUi((state) => state.selectedBytes);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [focus, setFocus] = useState('0');
  const [editing, setEditing] = useState<string>();
  const rows = useMemo(() => visibleFields(dissection.layers, toggled), [dissection, toggled]);
  const at = Math.max(
    0,
    rows.findIndex((row) => row.path === focus),
  );
  const hoveredPath = rowCovering(rows, hovered)?.path;

  // A selection made in the bytes moves the focus here to the field they belong to.
  useEffect(() => {
    const focused = rows.find((row) => row.path === focus);
    if (!selected || (focused && sameBytes(bytesOfField(focused.node), selected))) return;
    const row = rowCovering(rows, selected);
    if (row) {
      setFocus(row.path);
      tree.current
        ?.querySelector(`[data-path="${row.path}"]`)
        ?.scrollIntoView({ block: 'nearest' });
    }
  }, [selected, rows, focus]);

  const toggle = (path: string) => {
    const next = new Set(toggled);
    if (!next.delete(path)) next.add(path);
    setToggled(next);
  };
  const moveTo = (row: FieldRow | undefined) => {
    if (!row) return;
    setFocus(row.path);
    useUi.setState({ selectedBytes: row.node.length > 0 ? bytesOfField(row.node) : undefined });
    tree.current?.querySelector(`[data-path="${row.path}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  const begin = (row: FieldRow) => {
    if (onEdit && row.node.editable) setEditing(row.path);
    else if (row.expanded !== undefined) toggle(row.path);
  };

  const keys = (event: KeyboardEvent) => {
    if (editing === undefined) treeKeys(event, rows, at, { moveTo, toggle, begin });
  };
  const finish = (node: FieldNode, text: string | undefined) => {
    setEditing(undefined);
    if (text !== undefined && text !== node.text) onEdit?.(node, text);
    tree.current?.focus();
  };

  return (
    <div
      ref={tree}
      className="field-tree"
      role="tree"
      aria-label="Packet fields"
      aria-activedescendant={rows[at] ? `${id}-${rows[at].path}` : undefined}
      tabIndex={0}
      data-focus
      onKeyDown={keys}
      onMouseLeave={() => useUi.setState({ hoverBytes: undefined })}
    >
      {rows.map((row, index) => {
        const { node, path, level, expanded } = row;
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys
          <div
            key={path}
            id={`${id}-${path}`}
            role="treeitem"
            tabIndex={-1}
            aria-level={level}
            aria-expanded={expanded}
            aria-selected={index === at}
            className={classes(
              'field-row',
              level === 1 && 'layer',
              index === at && 'focus',
              path === hoveredPath && 'hovered',
              node.problem && 'problem',
            )}
            style={{ paddingLeft: `${level * 15 - 9}px` }}
            data-path={path}
            data-field={node.name}
            title={node.name}
            onClick={() => moveTo(row)}
            onDoubleClick={() => begin(row)}
            onMouseEnter={() =>
              useUi.setState({ hoverBytes: node.length > 0 ? bytesOfField(node) : undefined })
            }
          >
            <span
              className="fold"
              aria-hidden="true"
              onClick={(event) => {
                event.stopPropagation();
                if (expanded !== undefined) toggle(path);
              }}
            >
              {expanded !== undefined && <Icon name={expanded ? 'down' : 'right'} />}
            </span>
            <span className="field-label">{node.label}</span>
            {editing === path ? (
              <InlineInput
                label={`New value of ${node.label}`}
                text={node.text}
                onDone={(text) => finish(node, text)}
              />
            ) : (
              <span className="field-text">{node.text}</span>
            )}
            {node.problem && (
              <span className="field-problem">
                <Icon name="warning" /> {node.problem}
              </span>
            )}
            {onEdit && node.editable && editing !== path && (
              <button
                type="button"
                className="field-edit"
                tabIndex={-1}
                aria-label={`Edit ${node.label}`}
                title="Edit (Enter)"
                onClick={() => setEditing(path)}
              >
                <Icon name="edit" />
              </button>
            )}
          </div>
        );
      })}
    </div>
  );
}
