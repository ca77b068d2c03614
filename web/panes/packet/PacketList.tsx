import type { RowsPart } from '../../../core/protocol/messages.ts';
import { wish } from '../../actions/wish.ts';
import { classes } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { VerdictChip } from '../../ui/VerdictChip.tsx';
import { TestMark } from '../shared/TestMark.tsx';

/**
 * A few packets with their verdicts; the selected one is stepped. Arrows go through them, with
 * Alt they move one, Delete takes it away.
 */
export function PacketList({
  rows,
  selected,
}: {
  rows: RowsPart['packetRows']['rows'];
  selected: number;
}) {
  const select = (index: number) => wish({ type: 'select-packet', index });
  const remove = (index: number) => rows.length > 1 && wish({ type: 'remove-packet', index });
  return (
    <ol className="packet-list" aria-label="Packets">
      {rows.map(({ name, length, summary, verdict }, index) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: a packet is known by its place
          key={index}
          className={classes('packet-row', index === selected && 'selected')}
        >
          <button
            type="button"
            className="packet-button"
            aria-pressed={index === selected}
            tabIndex={index === selected ? 0 : -1}
            onClick={() => select(index)}
            onKeyDown={(event) => {
              const to = { ArrowDown: index + 1, ArrowUp: index - 1 }[event.key];
              if (event.key === 'Delete') remove(index);
              else if (to !== undefined && rows[to] && event.altKey)
                wish({ type: 'move-packet', index, to });
              else if (to !== undefined && rows[to]) {
                const row = event.currentTarget.parentElement?.parentElement?.children[to];
                row?.querySelector<HTMLElement>('.packet-button')?.focus();
                select(to);
              } else return;
              event.preventDefault();
            }}
            title={`${name}: ${summary}`}
          >
            <span className="packet-number">{index + 1}</span>
            <span className="packet-name clip">{name}</span>
            <span className="packet-summary clip">{summary}</span>
            <span className="packet-length">{length} B</span>
            <span className="packet-verdict">
              <TestMark packet={index} />
              {verdict && <VerdictChip verdict={verdict} small />}
            </span>
          </button>
          <button
            type="button"
            className="icon-button small"
            tabIndex={-1}
            aria-label={`Remove packet ${index + 1}`}
            title="Remove this packet (Delete)"
            disabled={rows.length < 2}
            onClick={() => remove(index)}
          >
            <Icon name="remove" />
          </button>
        </li>
      ))}
    </ol>
  );
}
