import type { KeyHistory } from '../../../core/protocol/messages.ts';
import { openTrafficPacket } from '../../actions/traffic.ts';
import { count, plural } from '../../ui/format.ts';
import { LinkWord } from './LinkWord.tsx';

export interface KeyHistoryProps {
  found: KeyHistory;
}

/** Rows that the page draws; the first of them. */
const MOST_ROWS = 500;

/** What a key of a map held along the capture, as often as it changed. */
export function HistoryOfKey({ found }: KeyHistoryProps) {
  const { map, key, changes, packets, isCut, isWhole } = found;
  const title =
    `${map}[${key}]: ${plural(changes.length - 1, 'change')} in ${plural(packets, 'packet')}` +
    (isCut ? ', cut there: there are more' : isWhole ? '' : ', stopped there');
  return (
    <details className="traffic-tool" open>
      <summary>{title}</summary>
      <div className="traffic-history">
        <table aria-label={`History of ${map}[${key}]`}>
          <tbody>
            {changes.slice(0, MOST_ROWS).map(({ packet, value, text }) => (
              <tr key={packet}>
                <td>
                  {packet < 0 ? (
                    'before the first'
                  ) : (
                    <LinkWord title="Opens it at its state" act={() => openTrafficPacket(packet)}>
                      packet {count(packet + 1)}
                    </LinkWord>
                  )}
                </td>
                <td>
                  <code>{value === undefined ? 'no entry' : (text ?? value)}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {changes.length > MOST_ROWS && (
          <p className="note">and {count(changes.length - MOST_ROWS)} more changes</p>
        )}
      </div>
    </details>
  );
}
