import { BreakpointsSection } from '../panes/breakpoints/BreakpointsSection.tsx';
import { ChangesSection } from '../panes/breakpoints/ChangesSection.tsx';
import { CallStack } from '../panes/state/CallStack.tsx';
import { Registers } from '../panes/state/Registers.tsx';
import { VariablesSections } from '../panes/variables/VariablesSections.tsx';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';

/**
 * What the machine holds at this step, in sections that fold: one below the other, or where there
 * is room for it in two columns.
 */
export function InspectColumn() {
  return (
    <section className="pane inspect" aria-label="Inspect" data-pane="inspect">
      <div className="inspect-groups">
        <div className="inspect-group">
          <ErrorBoundary name="Variables">
            <VariablesSections />
          </ErrorBoundary>
        </div>
        <div className="inspect-group">
          <ErrorBoundary name="Registers">
            <Registers />
          </ErrorBoundary>
          <ErrorBoundary name="Call stack">
            <CallStack />
          </ErrorBoundary>
          <ErrorBoundary name="Breakpoints">
            <BreakpointsSection />
            <ChangesSection />
          </ErrorBoundary>
        </div>
      </div>
    </section>
  );
}
