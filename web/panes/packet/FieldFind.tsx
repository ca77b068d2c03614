import { useMemo } from 'react';
import type { Dissection, FieldNode } from '../../../core/packet/types.ts';
import { selectBytes, useUi } from '../../stores/ui.ts';
import { sameBytes } from '../../ui/byte-range.ts';
import { FindBar } from '../shared/FindBar.tsx';
import { bytesOfField } from './fields.ts';

/** Every field, with those inside others. */
const allFields = (nodes: readonly FieldNode[]): FieldNode[] =>
  nodes.flatMap((node) => [node, ...allFields(node.children)]);

/** Looks for a text in the fields of a packet: Wireshark's names, labels, values. */
export function FieldFind({ dissection }: { dissection: Dissection }) {
  const selected = useUi((state) => state.selectedBytes);
  const fields = useMemo(() => allFields(dissection.layers), [dissection]);
  const texts = useMemo(
    () => fields.map(({ name, label, text }) => `${label} ${text} ${name}`),
    [fields],
  );
  return (
    <FindBar
      label="Find in the packet"
      texts={texts}
      from={fields.findIndex((field) => sameBytes(bytesOfField(field), selected))}
      onFound={(index) => {
        const field = fields[index];
        if (field) selectBytes(bytesOfField(field));
      }}
    />
  );
}
