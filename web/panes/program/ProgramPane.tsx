import { lazy, type ReactNode, Suspense, useRef } from 'react';
import type { SessionView } from '../../../core/protocol/messages.ts';
import { useSession } from '../../stores/session.ts';
import { setProgramView, useUi } from '../../stores/ui.ts';
import type { ProgramView } from '../../stores/ui-state.ts';
import { ErrorBoundary } from '../../ui/ErrorBoundary.tsx';
import { count, plural } from '../../ui/format.ts';
import { scaled } from '../../ui/rem.ts';
import { useMedia } from '../../ui/useMedia.ts';
import { useWidth } from '../../ui/useWidth.ts';
import { CompiledListing } from './CompiledListing.tsx';
import { FaultNote } from './FaultNote.tsx';
import { Listing } from './Listing.tsx';
import { ListingFind } from './ListingFind.tsx';
import { RanNote } from './ran.tsx';
import './program.css';

const SourceView = lazy(() => import('../../editor/SourceView.tsx'));

const VIEWS: readonly { name: ProgramView; label: string; title: string }[] = [
  { name: 'source', label: 'C', title: 'The C source' },
  { name: 'both', label: 'Both', title: 'The C source and the instructions' },
  { name: 'instructions', label: 'Asm', title: 'The instructions' },
  {
    name: 'compiled',
    label: 'Wasm',
    title: 'The instructions beside the WebAssembly that they are compiled to',
  },
  { name: 'flow', label: 'Flow', title: 'The blocks of the program as a graph (0)' },
];

/** From this width on, C and instructions stand side by side; earlier where there is no height. */
const SIDE_BY_SIDE = 860;
const SIDE_BY_SIDE_LOW = 560;

/** The program: its instructions, the C they came from, what they become, or `flow`. */
export function ProgramPane({ flow }: { flow: ReactNode }) {
  const view = useSession((state) => state.view);
  const shown = useUi((state) => state.programView);
  const finding = useUi((state) => state.finding);
  const pane = useRef<HTMLElement>(null);
  const low = useMedia('(height < 37.5rem)');
  const wide = useWidth(pane) >= scaled(low ? SIDE_BY_SIDE_LOW : SIDE_BY_SIDE);
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
        <span className="pane-note clip">{view && sizeOf(view)}</span>
        <fieldset className="segments small">
          <legend className="hidden">Show</legend>
          {VIEWS.map(({ name, label, title }) => (
            <label key={name} title={title}>
              <input
                type="radio"
                name="program-view"
                checked={shown === name}
                onChange={() => setProgramView(name)}
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
      {shown !== 'instructions' && shown !== 'both' && <FaultNote />}
      {shown === 'flow' ? (
        <div className="program-flow">{flow}</div>
      ) : shown === 'compiled' ? (
        <CompiledListing />
      ) : (
        <div className={wide ? 'program-body side' : 'program-body'}>
          {shown !== 'instructions' && <Source />}
          {shown !== 'source' && (
            <div className="listing-part">
              {finding === 'listing' && <ListingFind />}
              <RanNote />
              <Listing />
            </div>
          )}
        </div>
      )}
    </section>
  );
}

/** Its own instructions, and those of all that it reaches by calls and tail calls. */
function sizeOf({ program, object, code }: SessionView): string {
  const own = object.programs.find(({ name }) => name === program)?.instructions ?? 0;
  const all = code.rows.length;
  const words = `${program}, ${plural(own || all, 'instruction')}`;
  return all > own && own > 0 ? `${words}, ${count(all)} with all it calls` : words;
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
