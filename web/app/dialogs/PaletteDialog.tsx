import { type KeyboardEvent, useEffect, useMemo, useState } from 'react';
import type { Example } from '../../../core/protocol/example.ts';
import { listExamples } from '../../actions/examples.ts';
import { useSession } from '../../stores/session.ts';
import { openDialog } from '../../stores/ui.ts';
import { Dialog, focusAfterOpening } from '../../ui/Dialog.tsx';
import { classes } from '../../ui/format.ts';
import { type FindRow, foundBy } from '../find.ts';

/** Anything by its name: type, choose with the arrows, Enter. */
export function PaletteDialog({ onClose }: { onClose: () => void }) {
  const state = useSession();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const examples = useExamples();
  const rows = useMemo(() => foundBy(state, examples, text), [state, examples, text]);
  const chosen = rows[Math.min(at, rows.length - 1)];
  useEffect(() => {
    document.getElementById(`palette-${chosen?.id}`)?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const run = (row: FindRow | undefined) => {
    if (!row) return;
    openDialog(undefined);
    row.act();
  };
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined)
      setAt((Math.min(at, rows.length - 1) + step + rows.length) % Math.max(1, rows.length));
    else if (event.key === 'Enter') run(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Find" onClose={onClose}>
      <div className="palette">
        <input
          type="text"
          role="combobox"
          aria-label="Find"
          aria-expanded="true"
          aria-controls="palette-rows"
          aria-activedescendant={chosen && `palette-${chosen.id}`}
          placeholder="A command, program, map, field, packet, line, number"
          spellCheck={false}
          ref={focusAfterOpening}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={keys}
        />
        <div role="listbox" id="palette-rows" aria-label="Found" className="palette-rows">
          {rows.map((row) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
            <div
              key={row.id}
              id={`palette-${row.id}`}
              role="option"
              tabIndex={-1}
              aria-selected={row === chosen}
              className={classes('palette-row', row === chosen && 'chosen')}
              onClick={() => run(row)}
            >
              <bdi className="clip">{row.label}</bdi>
              <bdi className="note clip">{row.note}</bdi>
              {row.key ? <kbd>{row.key}</kbd> : <small>{row.kind}</small>}
            </div>
          ))}
        </div>
        {rows.length === 0 && <p className="nothing">Nothing has this in its name.</p>}
      </div>
    </Dialog>
  );
}

/** The gallery, as soon as it is known. */
function useExamples(): readonly Example[] {
  const [examples, setExamples] = useState<readonly Example[]>([]);
  useEffect(() => {
    let isShown = true;
    // Without it Find finds everything else.
    listExamples().then(
      (list) => isShown && setExamples(list),
      () => {},
    );
    return () => {
      isShown = false;
    };
  }, []);
  return examples;
}
