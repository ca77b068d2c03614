import type { ReactNode } from 'react';
import './fold.css';
import { Icon } from './icons.tsx';

/** A heading that folds what is under it away and back. What is folded is not on the page. */
export function Fold({
  id,
  title,
  badge,
  open,
  onToggle,
  children,
}: {
  id: string;
  title: ReactNode;
  badge?: string;
  open: boolean;
  onToggle: (open: boolean) => void;
  children: ReactNode;
}) {
  return (
    <>
      <h2 className="fold-head">
        <button
          type="button"
          className="fold-button"
          aria-expanded={open}
          aria-controls={open ? id : undefined}
          onClick={() => onToggle(!open)}
        >
          <Icon name={open ? 'down' : 'right'} />
          <span className="clip">{title}</span>
          {badge !== undefined && <span className="badge">{badge}</span>}
        </button>
      </h2>
      {open && (
        <div id={id} className="fold-body">
          {children}
        </div>
      )}
    </>
  );
}
