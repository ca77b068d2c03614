import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { RowsPart } from '../../../core/protocol/messages.ts';
import { wish } from '../../actions/wish.ts';
import { send } from '../../engine/engine.ts';
import { classes } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { VerdictChip } from '../../ui/VerdictChip.tsx';

const ROW_HEIGHT = 24;

/** Rows that are asked for in front of those in sight, and of all that are asked for at once. */
const IN_FRONT = 60;
const AT_ONCE = 200;

interface PacketListProps {
  /** How many packets there are. */
  count: number;
  /** Those of them that the worker has sent. */
  shown: RowsPart['packetRows'];
  selected: number;
}

/** Every packet with its verdict; the selected one is stepped. */
export function PacketList({ count, shown, selected }: PacketListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when the selection changes
  useEffect(() => virtual.scrollToIndex(selected, { align: 'auto' }), [selected]);
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? -1];
  const isMissing = first < shown.from || last >= Math.min(count, shown.from + shown.rows.length);
  useEffect(() => {
    const from = Math.max(0, first - IN_FRONT);
    if (isMissing) send({ type: 'show-packets', from, count: AT_ONCE }, 'show-packets');
  }, [isMissing, first]);
  return (
    <div ref={scroller} className="packet-list">
      <ol style={{ height: virtual.getTotalSize() }} aria-label="Packets">
        {items.map(({ index, start }) => {
          const row = shown.rows[index - shown.from];
          // Its row is on the way.
          if (row === undefined) return null;
          const { name, length, summary, verdict } = row;
          return (
            <li
              key={index}
              className={classes('packet-row', index === selected && 'selected')}
              style={{ transform: `translateY(${start}px)` }}
            >
              <button
                type="button"
                className="packet-button"
                aria-pressed={index === selected}
                onClick={() => wish({ type: 'select-packet', index })}
                title={`${name}: ${summary}`}
              >
                <span className="packet-number">{index + 1}</span>
                <span className="packet-name clip">{name}</span>
                <span className="packet-summary clip">{summary}</span>
                <span className="packet-length">{length} B</span>
                <span className="packet-verdict">
                  {verdict && <VerdictChip verdict={verdict} small />}
                </span>
              </button>
              <button
                type="button"
                className="icon-button small"
                aria-label={`Remove packet ${index + 1}`}
                title="Remove this packet"
                disabled={count < 2}
                onClick={() => wish({ type: 'remove-packet', index })}
              >
                <Icon name="remove" />
              </button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
