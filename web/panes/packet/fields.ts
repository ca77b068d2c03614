import type { FieldNode } from '../../../core/packet/types.ts';
import { type Bytes, covers } from '../../ui/byte-range.ts';

/** One visible row of the dissection tree. */
export interface FieldRow {
  node: FieldNode;
  /**
   * Indices from the layer down, `1.3`: names one row for as long as the packet keeps its shape.
   */
  path: string;
  /** 1 for a layer. */
  level: number;
  expanded: boolean | undefined;
}

/**
 * Layers start open, what is below them closed; `toggled` has the paths where a person chose
 * otherwise.
 */
export const isOpen = (path: string, toggled: ReadonlySet<string>): boolean =>
  !path.includes('.') !== toggled.has(path);

export function visibleFields(
  layers: readonly FieldNode[],
  toggled: ReadonlySet<string>,
): FieldRow[] {
  const rows: FieldRow[] = [];
  const add = (nodes: readonly FieldNode[], parent: string, level: number) => {
    for (const [index, node] of nodes.entries()) {
      const path = parent === '' ? String(index) : `${parent}.${index}`;
      const expanded = node.children.length > 0 ? isOpen(path, toggled) : undefined;
      rows.push({ node, path, level, expanded });
      if (expanded) add(node.children, path, level + 1);
    }
  };
  add(layers, '', 1);
  return rows;
}

/** Every field, with those inside others. */
export const allFields = (nodes: readonly FieldNode[]): FieldNode[] =>
  nodes.flatMap((node) => [node, ...allFields(node.children)]);

export const bytesOfField = (node: FieldNode): Bytes => ({
  start: node.offset,
  end: node.offset + node.length,
});

/** The innermost visible row that covers some bytes. */
export function rowCovering(
  rows: readonly FieldRow[],
  bytes: Bytes | undefined,
): FieldRow | undefined {
  if (!bytes) return undefined;
  let found: FieldRow | undefined;
  for (const row of rows) {
    if (
      row.node.length > 0 &&
      covers(bytesOfField(row.node), bytes) &&
      (!found || row.level > found.level)
    )
      found = row;
  }
  return found;
}
