import { BreakpointsSection } from '../panes/breakpoints/BreakpointsSection.tsx';
import { ChangesSection } from '../panes/breakpoints/ChangesSection.tsx';
import { CallStack } from '../panes/state/CallStack.tsx';
import { Registers } from '../panes/state/Registers.tsx';
import { VariablesSections } from '../panes/variables/VariablesSections.tsx';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';

/**
 * What the machine holds at this step, in sections that fold: one below the other, or where there
 * is room for it in two columns; F6 stops at both groups.
 */
export function InspectColumn() {
  return (
    <section className="pane inspect" aria-label="Inspect">
      <div className="inspect-groups">
        <div className="inspect-group" data-pane="variables">
          <ErrorBoundary name="Variables">
            <VariablesSections />
          </ErrorBoundary>
        </div>
        <div className="inspect-group" data-pane="registers">
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
