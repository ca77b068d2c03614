import type { FieldNode } from '../../../core/packet/types.ts';
import { useSession } from '../../stores/session.ts';
import { type Bytes, sameBytes } from '../../ui/byte-range.ts';
import { classes } from '../../ui/format.ts';
import { BYTE_CHANGED, BYTE_EVER_READ, BYTE_EVER_WRITTEN, DECIDED } from '../../ui/marks.ts';
import { TargetButtons } from '../shared/TargetButtons.tsx';
import { bytesOfField } from './fields.ts';

const LEGEND: readonly (readonly [flag: number, className: string, words: string])[] = [
  [BYTE_EVER_READ, 'ever-read', 'read'],
  [BYTE_EVER_WRITTEN, 'ever-written', 'written'],
  [BYTE_CHANGED, 'changed', 'changed'],
  [DECIDED, 'decided', 'decided'],
];

/** What the marks under the bytes mean; only those that are there. */
export function PacketLegend({ flags }: { flags: Uint8Array }) {
  const all = flags.reduce((sum, one) => sum | one, 0);
  const shown = LEGEND.filter(([flag]) => all & flag);
  if (shown.length === 0) return null;
  return (
    <ul className="legend" aria-label="Marks of the bytes">
      {shown.map(([flag, className, words]) => (
        <li key={flag}>
          <span className={classes('byte', className)} aria-hidden="true">
            00
          </span>{' '}
          {words}
        </li>
      ))}
    </ul>
  );
}

const leafWith = (nodes: readonly FieldNode[], bytes: Bytes): FieldNode | undefined => {
  for (const node of nodes) {
    const found = leafWith(node.children, bytes);
    if (found) return found;
    if (node.length > 0 && node.bits === undefined && sameBytes(bytesOfField(node), bytes))
      return node;
  }
  return undefined;
};

/** The selected bytes by the name of their field, and what can be asked of them. */
export function SelectedBytes({ selected }: { selected: Bytes }) {
  const layers = useSession((state) => state.view?.dissection.layers);
  const raw = useSession((state) => state.view?.hook === 'ubpf');
  const { start, end } = selected;
  const field = leafWith(layers ?? [], selected)?.name;
  const place = end - start === 1 ? `byte ${start}` : `bytes ${start} to ${end - 1}`;
  return (
    <div className="selected-bytes">
      <span className="clip">{field ? `${field}, ${place}` : place}</span>
      <TargetButtons
        name={field ?? place}
        target={{
          kind: 'memory',
          region: { kind: raw ? 'memory' : 'packet' },
          offset: start,
          length: end - start,
          ...(field && { field }),
        }}
      />
    </div>
  );
}
