import { useEffect, useRef, useState } from 'react';

/** A text typed over in its place: Enter takes it, Escape or leaving gives up. */
export function InlineInput({
  label,
  text: initial,
  onDone,
}: {
  label: string;
  text: string;
  onDone: (text: string | undefined) => void;
}) {
  const [text, setText] = useState(initial);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  return (
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
    />
  );
}
