import { lazy, Suspense, useRef } from 'react';
import { useSession } from '../../stores/session.ts';
import { setProgramLayout, useUi } from '../../stores/ui.ts';
import type { ProgramLayout } from '../../stores/ui-state.ts';
import { ErrorBoundary } from '../../ui/ErrorBoundary.tsx';
import { useWidth } from '../../ui/useWidth.ts';
import { Listing } from './Listing.tsx';
import './program.css';

const SourceView = lazy(() => import('../../editor/SourceView.tsx'));

const LAYOUTS: readonly { name: ProgramLayout; label: string }[] = [
  { name: 'instructions', label: 'Instructions' },
  { name: 'both', label: 'Both' },
  { name: 'source', label: 'C source' },
];

/** From this width on, C and instructions stand side by side. */
const SIDE_BY_SIDE = 860;

/** The program: instructions, and the C they came from. */
export function ProgramPane() {
  const view = useSession((state) => state.view);
  const layout = useUi((state) => state.programLayout);
  const pane = useRef<HTMLElement>(null);
  const wide = useWidth(pane) >= SIDE_BY_SIDE;
  return (
    <section
      ref={pane}
      className="pane program"
      id="program"
      aria-label="Program"
      data-pane="program"
    >
      <header className="pane-head">
        <h2>Program</h2>
        <span className="pane-note clip">
          {view && `${view.program}, ${view.code.rows.length} instructions`}
        </span>
        <fieldset className="segments small">
          <legend className="hidden">Show</legend>
          {LAYOUTS.map(({ name, label }) => (
            <label key={name}>
              <input
                type="radio"
                name="program-layout"
                checked={layout === name}
                onChange={() => setProgramLayout(name)}
              />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
      </header>
      {view?.programError && (
        <p className="program-error" role="alert">
          <strong>This program cannot be run.</strong> {view.programError}
        </p>
      )}
      <Fault />
      <div className={wide ? 'program-body side' : 'program-body'}>
        {layout !== 'instructions' && <Source />}
        {layout !== 'source' && <Listing />}
      </div>
    </section>
  );
}

/**
 * Beside the line it happened on: what went wrong, with its numbers, and what a person can do about
 * it.
 */
function Fault() {
  const fault = useSession((state) => state.snapshot?.fault);
  if (!fault) return null;
  return (
    <p className="program-fault">
      <strong>Fault:</strong> {fault.message}. {fault.advice && <span>{fault.advice}</span>}
    </p>
  );
}

function Source() {
  const sources = useSession((state) => state.view?.sources);
  if (!sources) return <div className="source" />;
  if (sources.length === 0) {
    return (
      <div className="source no-source">
        <p>
          This object does not say which C it came from. Build it with <code>clang -g</code>, or
          drop the C file here to see both.
        </p>
      </div>
    );
  }
  return (
    <div className="source">
      <ErrorBoundary name="The C source">
        <Suspense fallback={<p className="loading">Loading the editor…</p>}>
          <SourceView />
        </Suspense>
      </ErrorBoundary>
    </div>
  );
}
