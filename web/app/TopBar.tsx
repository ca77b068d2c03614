import { PROGRAM_TYPES } from '../../core/spec/program-types.ts';
import { wish } from '../actions/wish.ts';
import { useSession } from '../stores/session.ts';
import { openDialog, showTab, useUi } from '../stores/ui.ts';
import type { Theme } from '../stores/ui-state.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import { Popover } from '../ui/Popover.tsx';
import { command, tooltip } from './commands.ts';
import { HookOptions } from './HookOptions.tsx';
import { UndoButtons } from './UndoButtons.tsx';

/** What is open (object, program, hook) and what the page offers. */
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
      <div className="top-page">
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

function PageButton({ name }: { name: 'open' | 'examples' }) {
  const { label, icon, act } = command(name);
  return (
    <button type="button" className="button" onClick={() => act()} title={tooltip(command(name))}>
      <Icon name={icon} /> <span>{label}</span>
    </button>
  );
}

function ObjectPicker() {
  const view = useSession((state) => state.view);
  if (!view) return <div className="object-picker" />;
  const { object, program, hook, hookRecognised, hookNote, options } = view;
  const broken = object.programs.filter((row) => row.error).length;
  const hookRow = PROGRAM_TYPES.find((row) => row.name === hook);
  return (
    <div className="object-picker">
      <button
        type="button"
        className="object-name"
        onClick={() => showTab('object')}
        title={`${object.name}: ${object.size} bytes. Shows its sections, symbols and maps`}
      >
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
      <label
        className="field"
        title={`${hookRow?.doc ?? ''}${hookRecognised ? ' From the section name.' : ''}`}
      >
        <span>Hook</span>
        <select
          value={hook}
          onChange={(event) => wish({ type: 'set-hook', hook: event.target.value as typeof hook })}
        >
          {PROGRAM_TYPES.map((row) => (
            <option key={row.name} value={row.name}>
              {row.label}
            </option>
          ))}
        </select>
      </label>
      {hookNote !== '' && (
        <Popover label="What was assumed of the hook" text="assumed">
          <p className="warning-text">{hookNote}</p>
        </Popover>
      )}
      {options.length > 0 && (
        <Popover label="Hook options" text={optionSummary(options)}>
          <HookOptions />
        </Popover>
      )}
    </div>
  );
}

/** The first option, which matters most, and every one that was changed. */
function optionSummary(
  options: readonly { label: string; value: string; initial: string }[],
): string {
  const shown = options.filter((option, index) => index === 0 || option.value !== option.initial);
  return shown.map(({ label, value }) => `${label}: ${value}`).join(', ');
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
      onClick={() => row.act()}
      aria-label={label}
      title={`${label}. ${tooltip(row)}`}
    >
      <Icon name={icon} />
    </button>
  );
}
