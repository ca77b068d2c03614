import { useMemo } from 'react';
import type { CodeView } from '../../../core/protocol/messages.ts';
import { useSession } from '../../stores/session.ts';
import { unmarkRan, useUi } from '../../stores/ui.ts';
import { count, plural, times } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';

const isSame = (one: CodeView, other: CodeView): boolean =>
  one === other ||
  (one.rows.length === other.rows.length &&
    one.rows.every(({ text }, i) => text === other.rows[i].text));

/** How often instructions ran along a capture, where that is known of the code that is shown. */
function useRan() {
  const ran = useUi((state) => state.ran);
  const code = useSession((state) => state.view?.code);
  // Another session on the same program has the same code, told anew.
  return useMemo(
    () => (ran && code && isSame(ran.code, code) ? ran.found : undefined),
    [ran, code],
  );
}

/** By slot, and characters of the longest number; undefined: it is not shown. */
export function useRanCounts() {
  const found = useRan();
  return useMemo(() => {
    if (found === undefined) return undefined;
    const most = found.slots.reduce((so, { count }) => Math.max(so, count), 0);
    const counts = new Map(found.slots.map(({ pc, count }) => [pc, count]));
    return { counts, digits: count(most).length };
  }, [found]);
}

/** Says what the numbers in the listing are, and takes them away. */
export function RanNote() {
  const found = useRan();
  if (found === undefined) return null;
  return (
    <p className="ran-note">
      <span>
        {`How often each ran on ${plural(found.packets, 'packet')} of the capture: `}
        {`${count(found.ran)} of ${plural(found.instructions, 'instruction')} did.`}
      </span>
      <button
        type="button"
        className="icon-button small"
        title="Remove the numbers"
        aria-label="Remove the numbers"
        onClick={unmarkRan}
      >
        <Icon name="close" />
      </button>
    </p>
  );
}

/** `never ran`, `ran once`, `ran 1,204 times` */
export const spokenCount = (ran: number): string => (ran === 0 ? 'never ran' : `ran ${times(ran)}`);
