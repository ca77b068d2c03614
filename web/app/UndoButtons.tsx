import { useSession } from '../stores/session.ts';
import { Icon } from '../ui/icons.tsx';
import { tooltip } from './command.ts';
import { command } from './commands.ts';

/** Undo and redo, each with the name of what it would take back or make again. */
export function UndoButtons() {
  const undo = useSession((state) => state.view?.undo);
  const redo = useSession((state) => state.view?.redo);
  return (
    <div className="undo-buttons">
      <UndoButton way="undo" change={undo} />
      <UndoButton way="redo" change={redo} />
    </div>
  );
}

function UndoButton({ way, change }: { way: 'undo' | 'redo'; change: string | undefined }) {
  const row = command(way);
  const name = change === undefined ? row.label : `${row.label}: ${change}`;
  return (
    <button
      type="button"
      className="icon-button"
      disabled={change === undefined}
      onClick={() => row.act()}
      aria-label={name}
      title={change === undefined ? tooltip(row) : `${name} (${row.keys.join(' or ')})`}
    >
      <Icon name={row.icon} />
    </button>
  );
}
