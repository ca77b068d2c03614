import { useMemo, useState } from 'react';
import { useSession } from '../../stores/session.ts';
import { setExplorer, setExplorerView, useUi } from '../../stores/ui.ts';
import { Icon } from '../../ui/icons.tsx';
import './explorer.css';
import { NameTree } from './NameTree.tsx';
import { nameGroups } from './names.ts';
import { ObjectDetails } from './ObjectDetails.tsx';

const VIEWS = [
  { name: 'names', label: 'Names' },
  { name: 'details', label: 'Details' },
] as const;

/** What is open: everything in it by name, and in tables all that the object file says. */
export function Explorer() {
  const shown = useUi((state) => state.explorerView);
  return (
    <section className="pane explorer" aria-label="Explorer" data-pane="explorer">
      <header className="pane-head">
        <h2>Explorer</h2>
        <fieldset className="segments small">
          <legend className="hidden">Show</legend>
          {VIEWS.map(({ name, label }) => (
            <label key={name}>
              <input
                type="radio"
                name="explorer-view"
                checked={shown === name}
                onChange={() => setExplorerView(name)}
              />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
        <button
          type="button"
          className="icon-button small explorer-close"
          aria-label="Fold the Explorer away"
          title="Fold the Explorer away"
          onClick={() => setExplorer(false)}
        >
          <Icon name="left" />
        </button>
      </header>
      {shown === 'names' ? <Names /> : <ObjectDetails />}
    </section>
  );
}

function Names() {
  const object = useSession((state) => state.view?.object);
  const code = useSession((state) => state.view?.code);
  const sources = useSession((state) => state.view?.sources);
  const [filter, setFilter] = useState('');
  const groups = useMemo(
    () => (object && code && sources ? nameGroups({ object, code, sources }) : []),
    [object, code, sources],
  );
  return (
    <>
      <input
        type="search"
        className="explorer-filter"
        aria-label="Filter names"
        placeholder="Filter names"
        data-focus
        spellCheck={false}
        autoComplete="off"
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
      />
      <NameTree groups={groups} filter={filter} />
    </>
  );
}
