import type { ObjectView } from '../../../core/protocol/messages.ts';
import { attempt } from '../../actions/wish.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { Name, Part } from './Part.tsx';

type MapRow = ObjectView['maps'][number];
const HEADS = ['Name', 'Type', 'Key', 'Value', 'Entries', 'Filled in', 'From', 'Declaration'];

/**
 * The object's maps as they are made; the sizes that user space would set before loading can be set
 * here.
 */
export function Maps({ maps }: { maps: MapRow[] }) {
  const unsized = maps.some(
    ({ origin, maxEntries, needsEntries }) => origin !== 'global' && needsEntries && !maxEntries,
  );
  return (
    <Part title="Maps" count={maps.length} open={unsized} heads={HEADS}>
      {maps.map((map) => (
        <tr key={map.name}>
          <Name>{map.name}</Name>
          <td>{map.type}</td>
          <Size map={map} field="key_size" value={map.keySize} />
          <Size map={map} field="value_size" value={map.valueSize} />
          <Size map={map} field="max_entries" value={map.maxEntries} />
          <td>{map.filledIn}</td>
          <td>
            {map.origin}, {map.section}
          </td>
          <td>
            <code className="declaration">{map.declaration}</code>
          </td>
        </tr>
      ))}
    </Part>
  );
}

function Size({
  map,
  field,
  value,
}: {
  map: MapRow;
  field: 'key_size' | 'value_size' | 'max_entries';
  value: number;
}) {
  return (
    <td className="number">
      <EditableText
        label={`${field} of ${map.name}`}
        text={String(value)}
        onSet={(text) => attempt({ type: 'set-map-size', map: map.name, field, value: text })}
      />
    </td>
  );
}
