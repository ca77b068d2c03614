import { useMemo } from 'react';
import { useSession } from '../../stores/session.ts';
import { setCursorAndLine, useUi } from '../../stores/ui.ts';
import { FindBar } from '../shared/FindBar.tsx';

/** Looks for a text in the instructions: their numbers, what they do, what stands behind them. */
export function ListingFind() {
  const rows = useSession((state) => state.view?.code.rows);
  const cursor = useUi((state) => state.cursor);
  const texts = useMemo(
    () => (rows ?? []).map(({ pc, text, comment }) => `${pc}: ${text} ${comment}`.trim()),
    [rows],
  );
  if (rows === undefined) return null;
  return (
    <FindBar
      label="Find in the instructions"
      texts={texts}
      from={rows.findIndex(({ pc }) => pc === cursor)}
      onFound={(index) => setCursorAndLine(rows[index]?.pc, rows[index]?.line)}
    />
  );
}
