import { useSession } from '../stores/session.ts';
import { EditableText } from '../ui/EditableText.tsx';
import { wish } from './wish.ts';

/** What a user can set about the hook, each with what it means. */
export function HookOptions() {
  const options = useSession((state) => state.view?.options) ?? [];
  return (
    <div className="hook-options">
      {options.map(({ name, label, doc, kind, choices, value }) => (
        <div key={name} className="hook-option">
          <label>
            <span>{label}</span>
            {kind === 'choice' ? (
              <select value={value} onChange={(event) => wish({ type: 'set-option', name, value: event.target.value })}>
                {choices?.map((choice) => (
                  <option key={choice}>{choice}</option>
                ))}
              </select>
            ) : (
              <EditableText
                label={label}
                text={value}
                onSet={(text) => wish({ type: 'set-option', name, value: text })}
              />
            )}
          </label>
          <p>{doc}</p>
        </div>
      ))}
    </div>
  );
}
