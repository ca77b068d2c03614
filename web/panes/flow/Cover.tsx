import { useState } from 'react';
import type { CoverView } from '../../../core/protocol/messages.ts';
import { coverAll } from '../../actions/cover.ts';
import { useSession } from '../../stores/session.ts';
import { setCursor } from '../../stores/ui.ts';
import { count, plural } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';

/** Packets that take the ways which those of the session leave out; what none takes, and why. */
export function Cover() {
  const run = useSession((state) => state.view?.run);
  const [found, setFound] = useState<{ readonly cover: CoverView; readonly run: number }>();
  const cover = async (): Promise<void> => {
    const made = await coverAll();
    const now = useSession.getState().view?.run;
    if (made && now !== undefined) setFound({ cover: made, run: now });
  };
  return (
    <section className="flow-cover" aria-label="Cover">
      <p>
        <button type="button" className="button small" onClick={cover}>
          <Icon name="add" /> Make packets for what is left out
        </button>{' '}
        <span className="note">
          Each conditional jump has two ways out. Packets are made behind those that are there until
          each way is taken, or none is found.
        </span>
      </p>
      {found && <Found {...found} isOld={run !== found.run} />}
    </section>
  );
}

function Found({ cover, isOld }: { cover: CoverView; isOld: boolean }) {
  const { given, made, ways, before, after, lines, isTimed, missing } = cover;
  return (
    <>
      <p role="status">
        {count(after)} of {count(ways)} ways are taken with {plural(made, 'packet')} more;{' '}
        {plural(given, 'packet')} took {count(before)}.
        {lines &&
          ` Of ${plural(lines.all, 'line')} with such jumps ${count(lines.after)} ` +
            `${lines.after === 1 ? 'goes' : 'go'} every way, ${count(lines.before)} before.`}
        {isTimed && made > 0 && ' The program asks for the time: the packets have theirs now.'}
        {isOld && ' The session has changed since.'}
      </p>
      {missing.length > 0 && (
        <ul className="flow-missing">
          {missing.map(({ pc, taken, text, line, why }) => (
            <li key={`${pc} ${taken}`}>
              <button type="button" className="link-button" onClick={() => setCursor(pc)}>
                {line ? `line ${line.line}` : pc}
              </button>{' '}
              <code>{text}</code> is never {taken ? 'taken' : 'passed by'}: {why}.
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
