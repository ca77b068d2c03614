import type { ReactNode } from 'react';

/** A table of the object that can be folded away; nothing where it has no rows. */
export function Part({
  title,
  count: rows,
  open,
  heads,
  children,
}: {
  title: string;
  count: number;
  open?: boolean;
  heads: string[];
  children: ReactNode;
}) {
  if (rows === 0) return null;
  return (
    <details open={open}>
      <summary>
        {title} <span className="badge">{rows}</span>
      </summary>
      <section className="table-scroll" tabIndex={0} aria-label={title}>
        <table className="table">
          <thead>
            <tr>
              {heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </section>
    </details>
  );
}

/** The first cell of a row. */
export function Name({ children }: { children: string }) {
  return (
    <th scope="row" title={children}>
      {children === '' ? (
        <span className="note">no name</span>
      ) : (
        <code className="name">{children}</code>
      )}
    </th>
  );
}
