import { type KeyboardEvent, useEffect, useState } from 'react';
import { useSession } from '../../stores/session.ts';
import { openDialog } from '../../stores/ui.ts';
import { Dialog, focusAfterOpening } from '../../ui/Dialog.tsx';
import { classes } from '../../ui/format.ts';
import type { Command } from '../command.ts';
import { COMMANDS } from '../commands.ts';

/** Every command by its name: type, choose with the arrows, Enter. */
export function PaletteDialog({ onClose }: { onClose: () => void }) {
  const state = useSession();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const wanted = text.trim().toLowerCase().split(/\s+/);
  const rows = COMMANDS.filter((row) => row.name !== 'palette' && row.available(state)).filter(
    (row) => wanted.every((word) => `${row.label} ${row.doc}`.toLowerCase().includes(word)),
  );
  const chosen = rows[Math.min(at, rows.length - 1)];
  useEffect(() => {
    document.getElementById(`palette-${chosen?.name}`)?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const run = (row: Command | undefined) => {
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
          aria-label="Command"
          aria-expanded="true"
          aria-controls="palette-rows"
          aria-activedescendant={chosen && `palette-${chosen.name}`}
          placeholder="What to do"
          spellCheck={false}
          ref={focusAfterOpening}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={keys}
        />
        <div role="listbox" id="palette-rows" aria-label="Commands" className="palette-rows">
          {rows.map((row) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
            <div
              key={row.name}
              id={`palette-${row.name}`}
              role="option"
              tabIndex={-1}
              aria-selected={row === chosen}
              className={classes('palette-row', row === chosen && 'chosen')}
              onClick={() => run(row)}
            >
              <span>{row.label}</span>
              <span className="note">{row.doc}</span>
              <kbd>{row.keys[0] ?? row.letter}</kbd>
            </div>
          ))}
        </div>
        {rows.length === 0 && <p className="nothing">No command of that name.</p>}
      </div>
    </Dialog>
  );
}
