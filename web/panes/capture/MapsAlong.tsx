import { type ReactNode, useEffect, useState } from 'react';
import type { MapView, TrafficMaps, TrafficView } from '../../../core/protocol/messages.ts';
import { asked } from '../../actions/traffic.ts';
import { count, plural } from '../../ui/format.ts';

interface MapsAlongProps {
  traffic: TrafficView;
  /** What can be done with a key. */
  children: (map: string, key: string) => ReactNode;
}

/** What the maps held behind any packet of the capture. */
export function MapsAlong({ traffic, children }: MapsAlongProps) {
  const [open, setOpen] = useState(false);
  const [packets, setPackets] = useState<number>();
  const at = Math.min(packets ?? traffic.judged, traffic.judged);
  const found = useMaps(open, at);
  return (
    <details
      className="traffic-tool"
      open={open}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>Maps along the capture</summary>
      <div className="traffic-line">
        <input
          type="range"
          className="traffic-slider"
          aria-label="Packets that have run"
          aria-valuetext={`behind ${plural(at, 'packet')}`}
          min={0}
          max={traffic.judged}
          value={at}
          onChange={({ target }) => setPackets(Number(target.value))}
        />
        <span className="note">
          behind {count(at)} of {plural(traffic.judged, 'packet')}
        </span>
      </div>
      {found?.maps.length === 0 && <p className="note">The program has no maps.</p>}
      <div className="traffic-maps">
        {found?.maps.map((map) => (
          <Entries key={map.name} map={map}>
            {children}
          </Entries>
        ))}
      </div>
    </details>
  );
}

/** Between the last movement of the slider and the question. */
const REST_MS = 120;

function useMaps(isOpen: boolean, packets: number): TrafficMaps | undefined {
  const [found, setFound] = useState<TrafficMaps>();
  useEffect(() => {
    if (!isOpen) return;
    let isCurrent = true;
    const rest = setTimeout(() => {
      asked({ type: 'traffic-maps', packets }, 'traffic-maps', 'traffic-maps').then((value) => {
        if (isCurrent && value) setFound(value);
      });
    }, REST_MS);
    return () => {
      isCurrent = false;
      clearTimeout(rest);
    };
  }, [isOpen, packets]);
  return found;
}

function Entries({ map, children }: { map: MapView } & Pick<MapsAlongProps, 'children'>) {
  const { name, type, entries, total } = map;
  return (
    <table aria-label={`Map ${name}`}>
      <caption>
        <b>{name}</b> <span className="note">{type}</span>
      </caption>
      <tbody>
        {entries.map(({ key, keyText, value, valueText }) => (
          <tr key={key}>
            <td>
              <code title={key}>{keyText || key}</code>
            </td>
            <td>
              <code title={value}>{valueText || value}</code>
            </td>
            <td>{children(name, key)}</td>
          </tr>
        ))}
        {entries.length === 0 && (
          <tr>
            <td className="note">empty</td>
          </tr>
        )}
        {total > entries.length && (
          <tr>
            <td className="note">and {count(total - entries.length)} more</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
