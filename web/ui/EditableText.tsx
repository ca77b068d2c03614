import { type KeyboardEvent, useId, useState } from 'react';
import { FieldProblem } from './FieldProblem.tsx';

/**
 * A value that can be typed over: Enter or leaving the field sets it, Escape gives the old one
 * back. What is refused stays as it was typed, with the reason under it: `onSet` says it.
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
  onSet: (text: string) => unknown;
  className?: string;
  placeholder?: string;
}) {
  const id = useId();
  const [draft, setDraft] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const set = async () => {
    // What was refused already is not tried again: the field is only left.
    if (draft === undefined || problem !== undefined) return;
    setDraft(undefined);
    if (draft === text) return;
    const refused = await onSet(draft);
    if (typeof refused !== 'string') return;
    setDraft(draft);
    setProblem(refused);
  };
  const give = (typed: string | undefined) => {
    setDraft(typed);
    setProblem(undefined);
  };
  const keys = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') set();
    if (event.key === 'Escape') {
      event.stopPropagation();
      give(undefined);
    }
  };
  return (
    <>
      <input
        className={`editable ${className ?? ''}`}
        aria-label={label}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : id}
        title={text}
        value={draft ?? text}
        placeholder={placeholder}
        spellCheck={false}
        onChange={(event) => give(event.target.value)}
        onKeyDown={keys}
        onBlur={set}
      />
      <FieldProblem id={id} problem={problem} />
    </>
  );
}
