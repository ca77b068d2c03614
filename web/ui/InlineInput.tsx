import { useEffect, useRef, useState } from 'react';
import { FieldProblem } from './FieldProblem.tsx';

/**
 * A text typed over in its place: Enter takes it, Escape or leaving gives up. `problem` says why
 * it was refused before.
 */
export function InlineInput({
  label,
  text: initial,
  problem,
  onDone,
}: {
  label: string;
  text: string;
  problem?: string;
  onDone: (text: string | undefined) => void;
}) {
  const [text, setText] = useState(initial);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  return (
    <>
      <input
        ref={input}
        className="field-input"
        aria-label={label}
        value={text}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === 'Enter') onDone(text);
          if (event.key === 'Escape') onDone(undefined);
        }}
        onBlur={() => onDone(undefined)}
        aria-invalid={problem !== undefined}
      />
      <FieldProblem problem={problem} />
    </>
  );
}
