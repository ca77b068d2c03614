import { useSession } from '../../stores/session.ts';
import { InspectSection } from '../shared/InspectSection.tsx';
import { Breakpoints } from './Breakpoints.tsx';
import { Watchpoints } from './Watchpoints.tsx';
import './breakpoints.css';

/** What stops a run: places in the code, and things that change. */
export function BreakpointsSection() {
  const view = useSession((state) => state.view);
  if (!view) return null;
  const stops = view.breakpointRows.length + view.watchpoints.length;
  return (
    <InspectSection
      name="breakpoints"
      title="Breakpoints"
      badge={stops > 0 ? String(stops) : undefined}
    >
      <section className="breakpoints-pane" aria-label="Breakpoints">
        <Breakpoints view={view} />
        <Watchpoints watchpoints={view.watchpoints} />
      </section>
    </InspectSection>
  );
}
