import { useCallback, useEffect } from 'react';
import type { Dissection, FieldNode } from '../../../core/packet/types.ts';
import { pointAtBytes, selectBytes, useUi } from '../../stores/ui.ts';
import { sameBytes } from '../../ui/byte-range.ts';
import { classes } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Tree, type TreeField, useTree } from '../../ui/Tree.tsx';
import { bytesOfField, rowCovering, visibleFields } from './fields.ts';

interface FieldTreeProps {
  dissection: Dissection;
  /** Without it the fields can only be looked at. */
  onEdit?: (node: FieldNode, text: string) => void;
}

const bytesOrNone = (node: FieldNode | undefined) =>
  node && node.length > 0 ? bytesOfField(node) : undefined;

/** Headers and fields, linked with the bytes by pointer, focus and selection. */
export function FieldTree({ dissection: { layers }, onEdit }: FieldTreeProps) {
  const hovered = useUi((state) => state.hoverBytes);
  const selected = useUi((state) => state.selectedBytes);
  const tree = useTree(
    useCallback((toggled: ReadonlySet<string>) => visibleFields(layers, toggled), [layers]),
  );
  const { rows, focused, reveal } = tree;
  const hoveredPath = rowCovering(rows, hovered)?.path;

  // A selection made in the bytes moves the focus here to the field they belong to.
  useEffect(() => {
    if (!selected || (focused && sameBytes(bytesOfField(focused.node), selected))) return;
    const row = rowCovering(rows, selected);
    if (row) reveal(row);
  }, [selected, rows, focused, reveal]);

  return (
    <Tree
      tree={tree}
      label="Packet fields"
      className="field-tree"
      attributesOf={({ node, path, level }) => ({
        className: classes(
          'field-row',
          level === 1 && 'layer',
          path === hoveredPath && 'hovered',
          node.problem && 'problem',
        ),
        title: node.name,
        'data-field': node.name,
      })}
      textOf={({ node }) =>
        onEdit && node.editable
          ? { label: `New value of ${node.label}`, text: node.text }
          : undefined
      }
      onText={({ node }, text) => onEdit?.(node, text)}
      onFocus={({ node }) => selectBytes(bytesOrNone(node))}
      onHover={(row) => pointAtBytes(bytesOrNone(row?.node))}
    >
      {({ node }, field) => (
        <Field node={node} field={field} isEditable={onEdit !== undefined && node.editable} />
      )}
    </Tree>
  );
}

interface FieldProps {
  node: FieldNode;
  field: TreeField;
  isEditable: boolean;
}

function Field({ node, field: { input, edit }, isEditable }: FieldProps) {
  return (
    <>
      <span className="field-label">{node.label}</span>
      {input ?? <span className="field-text">{node.text}</span>}
      {node.problem && (
        <span className="field-problem">
          <Icon name="warning" /> {node.problem}
        </span>
      )}
      {isEditable && !input && (
        <button
          type="button"
          className="field-edit"
          tabIndex={-1}
          aria-label={`Edit ${node.label}`}
          title="Edit (Enter)"
          onClick={edit}
        >
          <Icon name="edit" />
        </button>
      )}
    </>
  );
}
