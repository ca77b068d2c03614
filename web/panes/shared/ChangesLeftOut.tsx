import { useSession } from '../../stores/session.ts';
import { plural } from '../../ui/format.ts';

/**
 * What a person has changed in the middle of the run that is debugged is no part of runs of many
 * packets: that is said where their verdicts are.
 */
export function ChangesLeftOut() {
  const changes = useSession((state) => state.view?.edits.length ?? 0);
  if (changes === 0) return null;
  return (
    <p className="note">
      Without the {plural(changes, 'change')} that you made in the middle of the run in Debug.
    </p>
  );
}
