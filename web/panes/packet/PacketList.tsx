import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { PacketRow } from '../../../core/protocol/messages.ts';
import { wish } from '../../app/wish.ts';
import { classes } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { VerdictChip } from '../../ui/VerdictChip.tsx';

const ROW_HEIGHT = 24;

/** Every packet with its verdict; the selected one is stepped. */
export function PacketList({ packets, selected }: { packets: PacketRow[]; selected: number }) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: packets.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when the selection changes
  useEffect(() => virtual.scrollToIndex(selected, { align: 'auto' }), [selected]);
  return (
    <div ref={scroller} className="packet-list">
      <ol style={{ height: virtual.getTotalSize() }} aria-label="Packets">
        {virtual.getVirtualItems().map(({ index, start }) => {
          const { name, length, summary, verdict } = packets[index];
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
                disabled={packets.length < 2}
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
