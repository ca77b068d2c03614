import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Icon } from './icons.tsx';

/**
 * A modal dialog. The browser's own: it keeps the focus inside, closes on Escape and gives the
 * focus back.
 */
export function Dialog({
  title,
  onClose,
  wide,
  children,
}: {
  title: string;
  onClose: () => void;
  wide?: boolean;
  children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const label = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  // The event comes late: a dialog that was opened again meanwhile stays.
  const closed = () => !ref.current?.open && onClose();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the backdrop closes; the keyboard has Escape
    <dialog
      ref={ref}
      className={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby={label}
      onClose={closed}
      onClick={(event) => event.target === ref.current && onClose()}
    >
      <div className="dialog-body">
        <header className="dialog-head">
          <h2 id={label}>{title}</h2>
          <button type="button" className="icon-button" onClick={onClose} aria-label="Close">
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

/** The dialog focuses its first button as it opens; what a person came for is the field. */
export const focusAfterOpening = (field: HTMLElement | null) => {
  if (field) requestAnimationFrame(() => field.focus());
};
