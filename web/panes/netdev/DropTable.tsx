import { useState } from 'react';
import type { ChainRunView } from '../../../core/protocol/messages.ts';
import { debugDrop } from '../../actions/netdev.ts';
import { count } from '../../ui/format.ts';
import { WAYS } from './words.ts';

/** The last packets that were dropped; each can be debugged with the program that dropped it. */
export function DropTable({ run: { drops, circling } }: { run: ChainRunView }) {
  const { count: all, notKept } = drops;
  const [held, setHeld] = useState<typeof drops.rows>();
  // Under the pointer, or with the keyboard on them, rows stay: others come many times a second.
  const rows = held ?? drops.rows;
  return (
    <section className="drops" aria-label="Dropped packets">
      <h2>
        Dropped: {count(all)}
        {rows.length < all && (
          <span className="note">
            {' '}
            the last {count(rows.length)} are shown
            {notKept > 0 && `, ${count(notKept)} are counted alone`}
          </span>
        )}
      </h2>
      {circling > 0 && (
        <p className="note">{count(circling)} copies went round in circles and were let go.</p>
      )}
      <section
        className="drops-scroll"
        tabIndex={0}
        aria-label="The last of them"
        onPointerEnter={() => setHeld(drops.rows)}
        onPointerLeave={() => setHeld(undefined)}
        onFocus={() => setHeld((now) => now ?? drops.rows)}
        onBlur={() => setHeld(undefined)}
      >
        <table className="table">
          <thead>
            <tr>
              <th scope="col">packet</th>
              <th scope="col">by</th>
              <th scope="col">way</th>
              <th scope="col">what it is</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const { index, packet, id, version, direction, summary } = row;
              return (
                <tr key={index}>
                  <td className="number">
                    <button
                      type="button"
                      className="link-button"
                      title="Debugs it with the program that dropped it, at the state it had"
                      onClick={() => debugDrop(row)}
                    >
                      packet {count(packet)}
                    </button>
                  </td>
                  <td>
                    {id}
                    {version > 1 && `, version ${version}`}
                  </td>
                  <td>{WAYS[direction]}</td>
                  <td className="drop-summary">{summary}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
        {rows.length === 0 && <p className="note">None so far.</p>}
      </section>
    </section>
  );
}
