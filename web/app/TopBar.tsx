import { wish } from '../actions/wish.ts';
import { useSession } from '../stores/session.ts';
import { openDialog, setExplorer, setLayout, showPlace, useUi } from '../stores/ui.ts';
import type { Theme } from '../stores/ui-state.ts';
import { count } from '../ui/format.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import { tooltip } from './command.ts';
import { command } from './commands.ts';
import { LAYOUTS } from './layouts.tsx';
import { UndoButtons } from './UndoButtons.tsx';

/** What is open, how it is looked at, and what the page offers. */
export function TopBar() {
  return (
    <header className="top-bar" data-pane="object">
      <h1 className="brand">
        <svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true">
          <path
            d="M4 8h13M4 16h7M4 24h13"
            stroke="currentColor"
            strokeWidth="3"
            strokeLinecap="round"
          />
          <path d="M18 9.5 29 16l-11 6.5z" className="brand-mark" />
        </svg>
        <span>eBPF playground</span>
      </h1>
      <div className="top-open">
        <PageButton name="open" />
        <PageButton name="examples" />
        <UndoButtons />
      </div>
      <ObjectPicker />
      <LayoutSwitch />
      <div className="top-page">
        <FindButton />
        <button
          type="button"
          className="button primary"
          onClick={() => openDialog('share')}
          title={
            `Share this run as a ` +
            `link (${command('share-dialog').keys[0]}; ${command('share').keys[0]} copies it)`
          }
        >
          <Icon name="share" /> Share
        </button>
        <ThemeButton />
        <button
          type="button"
          className="icon-button"
          onClick={() => openDialog('reference')}
          aria-label="Reference"
          title={tooltip(command('reference'))}
        >
          <Icon name="reference" />
        </button>
        <button
          type="button"
          className="icon-button"
          onClick={() => openDialog('keys')}
          aria-label="Keys and help"
          title={tooltip(command('keys'))}
        >
          <Icon name="help" />
        </button>
      </div>
    </header>
  );
}

/** Shows that there is a key for everything, and which. */
function FindButton() {
  const row = command('palette');
  return (
    <button type="button" className="button find" onClick={() => row.act()} title={tooltip(row)}>
      <Icon name={row.icon} /> <span>{row.label}</span> <kbd>{row.keys[0]}</kbd>
    </button>
  );
}

function PageButton({ name }: { name: 'open' | 'examples' }) {
  const { label, icon, act } = command(name);
  return (
    <button type="button" className="button" onClick={() => act()} title={tooltip(command(name))}>
      <Icon name={icon} /> <span>{label}</span>
    </button>
  );
}

/** The object, which opens the Explorer, and the program of it that is looked at. */
function ObjectPicker() {
  const object = useSession((state) => state.view?.object);
  const program = useSession((state) => state.view?.program);
  const open = useUi((state) => state.explorer);
  if (!object) return <div className="object-picker" />;
  const broken = object.programs.filter((row) => row.error).length;
  return (
    <div className="object-picker">
      <button
        type="button"
        className="button quiet object-name"
        aria-expanded={open}
        onClick={() => (open ? setExplorer(false) : showPlace('object'))}
        title={`${object.name}, ${count(object.size)} bytes. ${tooltip(command('open-object'))}`}
      >
        <Icon name="explorer" />
        <span className="clip">{object.name}</span>
        {broken + object.warnings.length > 0 && <Icon name="warning" />}
      </button>
      <label className="field">
        <span>Program</span>
        <select
          value={program}
          onChange={(event) => wish({ type: 'select-program', name: event.target.value })}
        >
          {object.programs.map((row) => (
            <option key={`${row.section}/${row.name}`} value={row.name}>
              {row.error ? `${row.name} (cannot be linked)` : row.name}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

/** Ways to look at the session; nothing where there is one alone. */
function LayoutSwitch() {
  const names = useSession((state) =>
    LAYOUTS.filter(({ isFor }) => isFor(state))
      .map(({ name }) => name)
      .join(),
  );
  const chosen = useUi((state) => state.layout);
  const rows = LAYOUTS.filter(({ name }) => names.split(',').includes(name));
  if (rows.length < 2) return null;
  return (
    <fieldset className="segments layout-switch">
      <legend className="hidden">Layout</legend>
      {rows.map(({ name, label, doc, letter }) => (
        <label key={name} title={`${doc} (${letter})`}>
          <input
            type="radio"
            name="layout"
            checked={chosen === name}
            onChange={() => setLayout(name)}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

const THEMES: Record<Theme, { icon: IconName; label: string }> = {
  system: { icon: 'system', label: 'Theme: as the system' },
  dark: { icon: 'moon', label: 'Theme: dark' },
  light: { icon: 'sun', label: 'Theme: light' },
  contrast: { icon: 'contrast', label: 'Theme: high contrast' },
};

function ThemeButton() {
  const { icon, label } = THEMES[useUi((state) => state.theme)];
  const row = command('theme');
  return (
    <button
      type="button"
      className="icon-button"
      data-theme-button
      onClick={() => row.act()}
      aria-label={label}
      title={`${label}. ${tooltip(row)}`}
    >
      <Icon name={icon} />
    </button>
  );
}
