import { type ReactNode, useId, useRef } from 'react';
import { Icon } from './icons.tsx';

/**
 * A button with a small panel below it, or above it at the foot of the page; the browser closes it
 * on Escape and on a click elsewhere.
 */
export function Popover({
  label,
  text,
  children,
}: {
  label: string;
  text: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const place = () => {
    if (!button.current || !panel.current) return;
    const box = button.current.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left, window.innerWidth - panel.current.offsetWidth - 8));
    panel.current.style.left = `${left}px`;
    const below = box.bottom + 4;
    const height = panel.current.offsetHeight;
    const fits = below + height <= window.innerHeight;
    panel.current.style.top = `${fits ? below : Math.max(8, box.top - 4 - height)}px`;
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className="button quiet popover-button"
        popoverTarget={id}
        aria-label={label}
        title={label}
      >
        <span className="clip">{text}</span>
        <Icon name="down" />
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        className="popover"
        role="dialog"
        aria-label={label}
        onToggle={place}
      >
        {children}
      </div>
    </>
  );
}
