import { type KeyboardEvent, useState } from 'react';

/**
 * A value that can be typed over: Enter or leaving the field sets it, Escape gives the old one
 * back.
 */
export function EditableText({
  label,
  text,
  onSet,
  className,
  placeholder,
}: {
  label: string;
  text: string;
  onSet: (text: string) => void;
  className?: string;
  placeholder?: string;
}) {
  const [draft, setDraft] = useState<string>();
  const shown = draft ?? text;
  const set = () => {
    if (draft !== undefined && draft !== text) onSet(draft);
    setDraft(undefined);
  };
  const keys = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') set();
    if (event.key === 'Escape') {
      event.stopPropagation();
      setDraft(undefined);
    }
  };
  return (
    <input
      className={`editable ${className ?? ''}`}
      aria-label={label}
      title={text}
      value={shown}
      placeholder={placeholder}
      spellCheck={false}
      onChange={(event) => setDraft(event.target.value)}
      onKeyDown={keys}
      onBlur={set}
    />
  );
}
