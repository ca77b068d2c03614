import { useState } from 'react';
import type { MapView } from '../../../core/protocol/messages.ts';
import { wish } from '../../actions/wish.ts';
import { Copyable } from '../shared/Copyable.tsx';

/**
 * A map's contents in the JSON of `bpftool map dump`: out at this step, in as what it holds before
 * the run.
 */
export function MapJson({ map }: { map: MapView }) {
  const [text, setText] = useState<string>();
  const [given, setGiven] = useState('');
  const show = async () => {
    const reply = await wish({ type: 'export-map', map: map.name });
    if (reply.kind === 'done' && reply.value?.kind === 'map-file') setText(reply.value.text);
  };
  return (
    <details onToggle={(event) => event.currentTarget.open && show()}>
      <summary>JSON of bpftool</summary>
      {text !== undefined && <Copyable label={`${map.name} at this step`} text={text} />}
      {map.editable && (
        <form
          className="map-json"
          onSubmit={(event) => {
            event.preventDefault();
            wish({ type: 'import-map', map: map.name, text: given });
          }}
        >
          <label>
            <span>What the map holds before the run, as `bpftool -j map dump` prints it</span>
            <textarea
              rows={4}
              spellCheck={false}
              value={given}
              onChange={(event) => setGiven(event.target.value)}
            />
          </label>
          <button type="submit" className="button small" disabled={given.trim() === ''}>
            Take it
          </button>
        </form>
      )}
    </details>
  );
}
