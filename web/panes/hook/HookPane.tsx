import { useSession } from '../../stores/session.ts';
import { ContextTable } from './ContextTable.tsx';
import { Elsewhere } from './Elsewhere.tsx';
import { HookChoice } from './HookChoice.tsx';
import { NetworkTables } from './NetworkTables.tsx';
import { SurroundingsSection } from './SurroundingsSection.tsx';
import { Verdicts } from './Verdicts.tsx';
import './hook.css';

/**
 * Where the program is attached, how to attach it elsewhere, and what it is handed there: what is
 * looked for most comes first.
 */
export function HookPane() {
  const view = useSession((state) => state.view);
  if (!view) return null;
  return (
    <section className="hook-pane" aria-label="Hook">
      <HookChoice view={view} />
      <Elsewhere view={view} />
      <Verdicts view={view} />
      <ContextTable inputs={view.context} />
      <SurroundingsSection view={view} />
      <NetworkTables network={view.network} visible={view.surroundings} />
    </section>
  );
}
