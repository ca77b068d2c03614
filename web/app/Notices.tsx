import { dismissNotice, useUi } from '../stores/ui.ts';
import { Icon } from '../ui/icons.tsx';

/** What stays until dismissed: what was restored, what a rebuilt object kept, a new version. */
export function Notices() {
  const notices = useUi((state) => state.notices);
  return notices.map(({ topic, text, lines = [], actions = [] }) => (
    <div key={topic} className="notice">
      <p>
        <strong>{text}</strong>
        {lines.map((line) => (
          <span key={line}> {line}</span>
        ))}
      </p>
      {actions.map(({ label, act }) => (
        <button key={label} type="button" className="button small" onClick={() => act()}>
          {label}
        </button>
      ))}
      <button
        type="button"
        className="icon-button"
        onClick={() => dismissNotice(topic)}
        aria-label="Dismiss the notice"
      >
        <Icon name="close" />
      </button>
    </div>
  ));
}
