import { useCallback, useEffect, useState } from 'react';
import type { VariablesView } from '../../../core/protocol/messages.ts';
import { attempt, wish } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { useUi } from '../../stores/ui.ts';
import { InspectSection } from '../shared/InspectSection.tsx';
import { ValueTree } from '../shared/ValueTree.tsx';
import { scopeRows, watchRows } from '../shared/value-rows.ts';
import { WatchForm, watchNoMore } from './WatchForm.tsx';
import './variables.css';

const NONE: string[] = [];
const NO_SCOPES: VariablesView['scopes'] = [];
const NO_WATCHES: VariablesView['expressions'] = [];

/** The C variables of the selected frame, and the expressions that a person watches. */
export function VariablesSections() {
  const expressions = useSession((state) => state.view?.expressions ?? NONE);
  const shown = useVariables(expressions);
  const onAssign = useAssign();
  const scopes = shown?.scopes ?? NO_SCOPES;
  const watches = shown?.expressions ?? NO_WATCHES;
  const rowsOfScopes = useCallback(
    (toggled: ReadonlySet<string>) => scopeRows(scopes, toggled),
    [scopes],
  );
  const rowsOfWatches = useCallback(
    (toggled: ReadonlySet<string>) => watchRows(watches, toggled),
    [watches],
  );
  return (
    <>
      <InspectSection name="variables" title="Variables">
        <section className="variables-pane" aria-label="Variables">
          {scopes.length > 0 && <ValueTree label="Variables" rowsOf={rowsOfScopes} {...onAssign} />}
          {shown && scopes.length === 0 && (
            <p className="nothing">Nothing here has a name in the source.</p>
          )}
          {shown?.note && <p className="note variables-note">{shown.note}</p>}
          {shown?.advice && (
            <details className="note variables-note">
              <summary>Some are optimised out: how to see them</summary>
              {shown.advice}
            </details>
          )}
        </section>
      </InspectSection>
      <InspectSection
        name="watches"
        title="Watches"
        badge={expressions.length > 0 ? String(expressions.length) : undefined}
      >
        <section className="variables-pane" aria-label="Watches" tabIndex={-1}>
          <WatchForm expressions={expressions} />
          {watches.length > 0 && (
            <ValueTree
              label="Watches"
              rowsOf={rowsOfWatches}
              onRemove={(text) => watchNoMore(expressions, text)}
              {...onAssign}
            />
          )}
        </section>
      </InspectSection>
    </>
  );
}

/** What they hold at this step; asked once for both, and only while one of them is to be seen. */
function useVariables(expressions: string[]): VariablesView | undefined {
  const snapshot = useSession((state) => state.snapshot);
  const frame = useUi((state) => state.frame);
  const inSight = useUi(
    ({ inspect }) => inspect.includes('variables') || inspect.includes('watches'),
  );
  const [shown, setShown] = useState<VariablesView>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is watched changes the answer
  useEffect(() => {
    let current = true;
    if (!snapshot || !inSight) return;
    wish({ type: 'variables', frame: frame ?? snapshot.frames.length - 1 }).then((reply) => {
      if (current && reply.kind === 'done' && reply.value?.kind === 'variables')
        setShown(reply.value);
    });
    return () => {
      current = false;
    };
  }, [snapshot, frame, expressions, inSight]);
  return shown;
}

/** Changes what an expression names, where the program is in the middle of a run. */
function useAssign() {
  const paused = useSession((state) => state.snapshot?.status === 'paused');
  const running = useSession((state) => (state.snapshot?.frames.length ?? 0) - 1);
  const frame = useUi((state) => state.frame) ?? running;
  if (!paused) return {};
  return {
    onAssign: (expression: string, value: string) =>
      attempt({ type: 'assign', expression, value, frame }),
  };
}
