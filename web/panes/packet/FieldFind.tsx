import { useMemo } from 'react';
import type { Dissection } from '../../../core/packet/types.ts';
import { selectBytes, useUi } from '../../stores/ui.ts';
import { sameBytes } from '../../ui/byte-range.ts';
import { FindBar } from '../shared/FindBar.tsx';
import { allFields, bytesOfField } from './fields.ts';

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
