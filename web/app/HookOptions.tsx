import type { SessionView } from '../../core/protocol/messages.ts';
import { wish } from '../actions/wish.ts';
import { useSession } from '../stores/session.ts';
import { EditableText } from '../ui/EditableText.tsx';

type Option = SessionView['options'][number];

const NONE: Option[] = [];

/** What a user can set about the hook, each with what it means. */
export function HookOptions() {
  const options = useSession((state) => state.view?.options ?? NONE);
  return (
    <div className="hook-options">
      {options.map((option) => (
        <div key={option.name} className="hook-option">
          <OptionInput option={option} />
          <p>{option.doc}</p>
        </div>
      ))}
    </div>
  );
}

function OptionInput({ option: { name, label, kind, choices, value } }: { option: Option }) {
  const set = (text: string) => wish({ type: 'set-option', name, value: text });
  if (kind === 'number') {
    return (
      <div className="hook-option-head">
        <span>{label}</span>
        <EditableText label={label} text={value} onSet={set} />
      </div>
    );
  }
  return (
    <label className="hook-option-head">
      <span>{label}</span>
      <select value={value} onChange={(event) => set(event.target.value)}>
        {choices?.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    </label>
  );
}
