import { isEmbed } from '../browser/link.ts';
import { useSession } from '../stores/session.ts';
import { useUi } from '../stores/ui.ts';
import { Icon } from '../ui/icons.tsx';
import { type CommandName, tooltip } from './command.ts';
import { command } from './commands.ts';
import { Timeline } from './Timeline.tsx';

const CONTROLS: readonly CommandName[] = [
  'reset',
  'back-run',
  'back',
  'into',
  'over',
  'out',
  'run',
  'end',
];

/** Moves through the run: by its buttons, and along its line. */
export function RunBar() {
  return (
    <footer className="run-bar">
      <div role="toolbar" aria-label="Run" className="controls" data-pane="run">
        {CONTROLS.map((name) => (
          <Control key={name} name={name} />
        ))}
        <StepBy />
        <NotesButton />
      </div>
      <Timeline />
    </footer>
  );
}

function Control({ name }: { name: CommandName }) {
  const row = command(name);
  const available = useSession(row.available);
  return (
    <button
      type="button"
      className="control"
      data-command={name}
      aria-disabled={!available}
      onClick={() => available && row.act()}
      title={tooltip(row)}
    >
      <Icon name={row.icon} />
      <span>{row.label}</span>
    </button>
  );
}

/** What Step, Over and Back go by. */
function StepBy() {
  const row = command('step-by');
  const available = useSession(row.available);
  const line = useUi((state) => state.stepBy === 'line');
  if (!available) return null;
  return (
    <button
      type="button"
      className="control step-by"
      aria-pressed={line}
      onClick={() => row.act()}
      title={tooltip(row)}
    >
      <Icon name={row.icon} />
      <span>{row.label}</span>
    </button>
  );
}

/** What is noted at steps, there or not; where nothing is, a first note. */
function NotesButton() {
  const row = command('notes');
  const available = useSession(row.available);
  const has = useSession((state) => (state.view?.notes.length ?? 0) > 0);
  const open = useUi((state) => state.notesOpen);
  if (isEmbed && !has) return null;
  return (
    <button
      type="button"
      className="control step-by"
      aria-pressed={has && open}
      aria-disabled={!available}
      onClick={() => available && row.act()}
      title={has ? tooltip(row) : tooltip(command('note'))}
    >
      <Icon name={row.icon} />
      <span>{row.label}</span>
    </button>
  );
}
