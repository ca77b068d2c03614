import type { ChainRunView } from '../../../core/protocol/messages.ts';
import { count } from '../../ui/format.ts';
import { judgedBy, perSecond, timeWords } from './words.ts';

/** Packets a second as time goes by, and what was dropped; a line where the chain changed. */
export function RatePlot({ run }: { run: ChainRunView }) {
  const { rate } = run;
  const most = Math.max(1, ...rate.map(perSecond));
  const now = rate.at(-1);
  const words =
    now === undefined
      ? 'nothing has flowed yet'
      : `${count(Math.round(perSecond(now)))} packets/s now, ${count(Math.round(most))} at most`;
  return (
    <section className="rate" aria-label="Rate">
      <h2>Rate</h2>
      <div className="rate-plot" role="img" aria-label={`Packets a second: ${words}`}>
        {rate.map((part) => {
          const { at, packets, dropped, changes } = part;
          const height = (100 * perSecond(part)) / most;
          return (
            <span
              key={at}
              className={changes > 0 ? 'rate-part changed' : 'rate-part'}
              title={
                `${count(Math.round(perSecond(part)))} packets/s, ${count(dropped)} of ` +
                `${count(packets)} dropped${changes > 0 ? '; the chain was changed' : ''}`
              }
            >
              <span className="rate-bar" style={{ height: `${height}%` }}>
                <span className="rate-dropped" style={{ height: `${share(dropped, packets)}%` }} />
              </span>
            </span>
          );
        })}
      </div>
      <p className="note">{words}</p>
    </section>
  );
}

/** Of packets that came a moment ago some are dropped only now: all is the most that is drawn. */
const share = (dropped: number, packets: number): number =>
  Math.min(100, (100 * dropped) / Math.max(1, packets));

/** Changes of the chain while packets flowed, and what each version of a filter has judged. */
export function Changes({ run }: { run: ChainRunView }) {
  const { events, earlierEvents, ended, filters } = run;
  if (events.length === 0) return null;
  const ids = new Set(ended.map(({ id }) => id));
  const versions = [...ended, ...filters].filter(({ id }) => ids.has(id));
  versions.sort((one, other) => one.id.localeCompare(other.id) || one.version - other.version);
  return (
    <section className="chain-events" aria-label="Changes while packets flowed">
      <h2>Changes while packets flowed</h2>
      <ol>
        {events.map(({ packet, time, words }) => (
          <li key={`${packet} ${words.join()}`}>
            from packet {count(packet)} on ({timeWords(time)}): {words.join(', ')}
          </li>
        ))}
      </ol>
      {earlierEvents > 0 && <p className="note">and {count(earlierEvents)} before them</p>}
      {versions.length > 0 && (
        <table className="table" aria-label="Versions">
          <thead>
            <tr>
              <th scope="col">filter</th>
              <th scope="col">version</th>
              <th scope="col">program</th>
              <th scope="col">judged</th>
              <th scope="col">dropped</th>
            </tr>
          </thead>
          <tbody>
            {versions.map(({ id, version, object, counts }) => (
              <tr key={`${id}@${version}`}>
                <td>{id}</td>
                <td className="number">{version}</td>
                <td>{object}</td>
                <td className="number">{count(judgedBy(counts))}</td>
                <td className="number">
                  {count(counts.dropped['to-guest'] + counts.dropped['from-guest'])}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
