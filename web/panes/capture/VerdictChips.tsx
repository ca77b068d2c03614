import type { TrafficView } from '../../../core/protocol/messages.ts';
import { classes, count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';

interface VerdictChipsProps {
  counts: TrafficView['counts'];
  /** The one that is shown alone. */
  verdict: string | undefined;
  onVerdict: (name: string | undefined) => void;
}

/** Of very many verdicts those that are most frequent: the statistics have all of them. */
const MOST_CHIPS = 12;

/** How often each verdict was given; one is pressed to see those packets alone. */
export function VerdictChips({ counts, verdict, onVerdict }: VerdictChipsProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a row of a bar
    <div role="group" aria-label="Verdicts" className="capture-verdicts">
      {counts.slice(0, MOST_CHIPS).map(({ name, action, count: times }) => (
        <button
          key={name}
          type="button"
          className={classes('chip', action)}
          aria-pressed={verdict === name}
          onClick={() => onVerdict(verdict === name ? undefined : name)}
        >
          <Icon name={action} /> {name} <b>{count(times)}</b>
        </button>
      ))}
      {counts.length > MOST_CHIPS && (
        <span className="note">and {count(counts.length - MOST_CHIPS)} others</span>
      )}
    </div>
  );
}
