import type { WatchTarget } from '../../../core/protocol/messages.ts';
import { sameRegion } from '../../../core/spec/regions.ts';
import { explainThere } from '../../actions/explain.ts';
import { go, wish } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { classes } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';

/** Whether a target is among the watchpoints, whatever it is called there. */
export const sameTarget = (a: WatchTarget, b: WatchTarget): boolean => {
  if (a.kind === 'register') return b.kind === 'register' && a.index === b.index;
  if (a.kind === 'map') return b.kind === 'map' && a.map === b.map && a.key === b.key;
  return (
    b.kind === 'memory' &&
    sameRegion(a.region, b.region) &&
    a.offset === b.offset &&
    a.length === b.length
  );
};

/**
 * What can be asked of a register, bytes or a map's entry: why it is so, where it last changed, and
 * to stop where it changes. `inTable`: no stop of the Tab key, since the table's arrows lead there.
 */
export function TargetButtons({
  target,
  name,
  inTable,
}: {
  target: WatchTarget;
  name: string;
  inTable?: boolean;
}) {
  const watched = useSession((state) =>
    state.view?.watchpoints.find((watchpoint) => sameTarget(watchpoint.target, target)),
  );
  const button = classes('icon-button small', inTable && 'row-action');
  const tabIndex = inTable ? -1 : 0;
  return (
    <span className="target-buttons">
      {target.kind !== 'map' && (
        <button
          type="button"
          className={button}
          tabIndex={tabIndex}
          aria-label={`Why ${name}?`}
          title={`Why does ${name} hold this at this step?`}
          onClick={() => explainThere(target, name)}
        >
          <Icon name="help" />
        </button>
      )}
      <button
        type="button"
        className={button}
        tabIndex={tabIndex}
        aria-label={`Go back to the step that last changed ${name}`}
        title={`Go back to the step that last changed ${name}`}
        onClick={() => go({ how: 'back-to-change', target })}
      >
        <Icon name="back-run" />
      </button>
      <button
        type="button"
        className={classes(button, watched && 'pressed')}
        tabIndex={tabIndex}
        aria-pressed={watched !== undefined}
        aria-label={`Stop where ${name} changes`}
        title={
          watched
            ? `Takes the watchpoint on ${name} away`
            : `Stop a run, and a run back, where ${name} changes`
        }
        onClick={() => wish({ type: 'toggle-watchpoint', target: watched?.target ?? target })}
      >
        <Icon name="watch" />
      </button>
    </span>
  );
}
