import type { ReactNode } from 'react';

/** A word of a table that leads somewhere. */
export function LinkWord({
  children,
  title,
  act,
}: {
  children: ReactNode;
  title: string;
  act: () => unknown;
}) {
  return (
    <button type="button" className="link-button" title={title} onClick={act}>
      {children}
    </button>
  );
}
