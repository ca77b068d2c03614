import { useEffect, useState } from 'react';
import type { RegionView } from '../../../core/protocol/messages.ts';
import { wish } from '../../actions/wish.ts';
import { send } from '../../engine/engine.ts';
import { useSession } from '../../stores/session.ts';
import type { Bytes } from '../../ui/byte-range.ts';
import { count } from '../../ui/format.ts';
import { HexGrid } from '../../ui/HexGrid.tsx';
import { flagsOf, SELECTED } from '../../ui/marks.ts';
import { TargetButtons } from '../shared/TargetButtons.tsx';
import './memory.css';

const NONE: RegionView[] = [];

/** Bytes asked for at once; a region may be larger than anyone reads. */
const AT_ONCE = 65536;

/** Any region of guest memory, as bytes. */
export function MemoryPane() {
  const regions = useSession((state) => state.snapshot?.regions ?? NONE);
  const [chosen, setChosen] = useState<string>();
  const region = regions.find((row) => row.name === chosen) ?? regions[0];
  const [selection, setSelection] = useState<Bytes & { region: string }>();
  const bytes = useRegion(region);
  const paused = useSession((state) => state.snapshot?.status === 'paused');
  const selected = selection?.region === region?.name ? selection : undefined;
  if (!region) return <p className="nothing">There is no memory to show.</p>;
  return (
    <div className="memory-pane">
      <div className="memory-tools">
        <label className="field">
          <span>Region</span>
          <select value={region.name} onChange={(event) => setChosen(event.target.value)}>
            {regions.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <span className="note">
          at <code>{region.address}</code>, {count(region.length)} bytes,{' '}
          {region.writable ? 'writable' : 'read only'}
          {region.length > AT_ONCE && `, the first ${count(AT_ONCE)} shown`}
        </span>
        {selected && <SelectedBytes region={region} selected={selected} />}
      </div>
      {bytes && bytes.length > 0 ? (
        <HexGrid
          key={region.name}
          label={`Bytes of ${region.name}`}
          bytes={bytes}
          flags={flagsOf(bytes.length, [
            [selected ? [[selected.start, selected.end]] : [], SELECTED],
          ])}
          selected={selected}
          onSelect={(bytes) => setSelection({ ...bytes, region: region.name })}
          {...(paused && {
            onEdit: (offset: number, byte: number) =>
              wish({
                type: 'edit',
                target: { kind: 'memory', region: region.id, offset: offset + region.origin },
                value: byte.toString(16).padStart(2, '0'),
              }),
          })}
        />
      ) : (
        <p className="nothing">This region is empty.</p>
      )}
    </div>
  );
}

/** Counted as the region counts: `stack-8`. */
function SelectedBytes({ region, selected }: { region: RegionView; selected: Bytes }) {
  const offset = selected.start + region.origin;
  const length = selected.end - selected.start;
  const name = `${region.name}${offset < 0 ? offset : `+${offset}`}`;
  return (
    <span className="selected-bytes">
      <span className="clip">
        {name}, {length} {length === 1 ? 'byte' : 'bytes'}
      </span>
      <TargetButtons name={name} target={{ kind: 'memory', region: region.id, offset, length }} />
    </span>
  );
}

/** The region's bytes at the present step. */
function useRegion(region: RegionView | undefined): Uint8Array | undefined {
  const snapshot = useSession((state) => state.snapshot);
  const [read, setRead] = useState<{ name: string; bytes: Uint8Array }>();
  const name = region?.name;
  const length = Math.min(region?.length ?? 0, AT_ONCE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new snapshot means new bytes
  useEffect(() => {
    if (region === undefined) return;
    let wanted = true;
    const { id, name } = region;
    send({ type: 'read-memory', region: id, offset: 0, length }, 'read-memory').then((reply) => {
      if (wanted && reply.kind === 'done' && reply.value?.kind === 'memory')
        setRead({ name, bytes: reply.value.bytes });
    });
    return () => {
      wanted = false;
    };
  }, [name, length, snapshot]);
  return read?.name === name ? read?.bytes : undefined;
}
