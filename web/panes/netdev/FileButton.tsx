import { useRef } from 'react';
import { Icon, type IconName } from '../../ui/icons.tsx';

interface FileButtonProps {
  label: string;
  /** Of what is chosen, for those who do not see where the button stands. */
  what: string;
  icon: IconName;
  title: string;
  onFile: (file: File) => void;
}

/** A button that asks for a file. */
export function FileButton({ label, what, icon, title, onFile }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        className="button small"
        title={title}
        aria-label={what}
        onClick={() => input.current?.click()}
      >
        <Icon name={icon} /> {label}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={`File: ${what}`}
        onChange={({ target }) => {
          const file = target.files?.[0];
          if (file) onFile(file);
          // The same file may be chosen again, rebuilt.
          target.value = '';
        }}
      />
    </>
  );
}
