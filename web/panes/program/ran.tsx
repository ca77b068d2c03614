import { useMemo } from 'react';
import type { CodeView } from '../../../core/protocol/messages.ts';
import { useSession } from '../../stores/session.ts';
import { unmarkRan, useUi } from '../../stores/ui.ts';
import { count, plural } from '../../ui/format.ts';
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

/** By slot; undefined: it is not shown. */
export function useRanCounts(): ReadonlyMap<number, number> | undefined {
  const found = useRan();
  return useMemo(() => found && new Map(found.slots.map(({ pc, count }) => [pc, count])), [found]);
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

/** `never`, `once`, `1,204 times` */
export const spokenCount = (times: number): string =>
  times === 0 ? 'never ran' : times === 1 ? 'ran once' : `ran ${count(times)} times`;
