import type { SessionView } from '../../../core/protocol/messages.ts';
import { go, wish } from '../../actions/wish.ts';
import { Icon } from '../../ui/icons.tsx';

/** What stops a run when it changes; each can be gone back to, on to, and taken away. */
export function Watchpoints({ watchpoints }: Pick<SessionView, 'watchpoints'>) {
  if (watchpoints.length === 0)
    return (
      <p className="nothing">
        No watchpoint. The eye at a register, at selected bytes, at a field of the packet or at a
        map's entry sets one.
      </p>
    );
  return (
    <ul className="watchpoints">
      {watchpoints.map(({ name, target }) => (
        <li key={JSON.stringify(target)}>
          <code>{name}</code>
          <button
            type="button"
            className="link-button"
            aria-label={`Back to the last change of ${name}`}
            onClick={() => go({ how: 'back-to-change', target })}
          >
            back to its last change
          </button>
          <button
            type="button"
            className="link-button"
            aria-label={`On to the next change of ${name}`}
            onClick={() => go({ how: 'run-to-change', target })}
          >
            on to its next
          </button>
          <button
            type="button"
            className="icon-button small"
            aria-label={`Remove the watchpoint on ${name}`}
            onClick={() => wish({ type: 'toggle-watchpoint', target })}
          >
            <Icon name="remove" />
          </button>
        </li>
      ))}
    </ul>
  );
}
