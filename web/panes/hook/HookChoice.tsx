import type { SessionView } from '../../../core/protocol/messages.ts';
import { type HookName, PROGRAM_TYPES } from '../../../core/spec/program-types.ts';
import { attempt, wish } from '../../actions/wish.ts';
import { EditableText } from '../../ui/EditableText.tsx';

type Option = SessionView['options'][number];

/** Where the program is attached, and what can be set about that, each with what it means. */
export function HookChoice({ view }: { view: SessionView }) {
  const row = PROGRAM_TYPES.find(({ name }) => name === view.hook);
  return (
    <section className="hook-choice">
      <label className="hook-option-head">
        <span>Hook</span>
        <select
          data-focus
          value={view.hook}
          onChange={(event) => wish({ type: 'set-hook', hook: event.target.value as HookName })}
        >
          {PROGRAM_TYPES.map(({ name, label }) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <p className="note">
        {row?.doc} {view.hookRecognised && 'The section name asks for it.'}
      </p>
      {view.hookNote !== '' && <p className="warning-text">{view.hookNote}</p>}
      <div className="hook-options">
        {view.options.map((option) => (
          <div key={option.name} className="hook-option">
            <OptionInput option={option} />
            <p className="note">{option.doc}</p>
          </div>
        ))}
      </div>
    </section>
  );
}

function OptionInput({ option: { name, label, kind, choices, value } }: { option: Option }) {
  const set = (text: string) => attempt({ type: 'set-option', name, value: text });
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
