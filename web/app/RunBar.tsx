import { wish } from '../actions/wish.ts';
import { pause } from '../engine/engine.ts';
import { useSession } from '../stores/session.ts';
import { showTab, useUi } from '../stores/ui.ts';
import { count } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { VerdictChip } from '../ui/VerdictChip.tsx';
import { type CommandName, command, tooltip } from './commands.ts';

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

/** Moves through the run; beside it the packet it runs on and what becomes of that. */
export function RunBar() {
  return (
    <section className="run-bar" aria-label="Run and verdict" data-pane="run">
      <div role="toolbar" aria-label="Run" className="controls">
        {CONTROLS.map((name) => (
          <Control key={name} name={name} />
        ))}
        <StepBy />
      </div>
      <Busy />
      <PacketPicker />
      <Verdict />
    </section>
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

function Busy() {
  const busy = useSession((state) => state.busy);
  if (!busy) return null;
  return (
    <div className="busy" role="status">
      <span className="spinner" aria-hidden="true" />
      <span className="clip">
        {busy.what}
        {busy.done > 0 && ` ${count(busy.done)}`}
        {busy.total !== undefined && ` of ${count(busy.total)}`}
      </span>
      <button type="button" className="button small" onClick={pause}>
        <Icon name="pause" /> Pause
      </button>
    </div>
  );
}

const NONE: string[] = [];

function PacketPicker() {
  const names = useSession((state) => state.view?.packetNames ?? NONE);
  const selected = useSession((state) => state.view?.packet);
  if (names.length === 0) return <div className="packet-picker" />;
  return (
    <label className="field packet-picker">
      <span>Packet</span>
      <select
        value={selected}
        onChange={(event) => wish({ type: 'select-packet', index: Number(event.target.value) })}
      >
        {names.map((name, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a packet is known by its place
          <option key={index} value={index}>
            {index + 1}. {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The verdict of the whole run, in sight from step 0 on. */
function Verdict() {
  const outcome = useSession((state) => state.view?.outcome);
  const error = useSession((state) => state.view?.programError);
  if (error) return <span className="verdict-none">cannot be run</span>;
  if (!outcome) return <span className="verdict-none">no verdict yet</span>;
  return (
    <button
      type="button"
      className="verdict"
      onClick={() => showTab('why')}
      title={tooltip(command('tab-why'))}
      aria-label={`Verdict: ${outcome.verdict.text}`}
    >
      <span className="verdict-label" aria-hidden="true">
        Verdict
      </span>
      <VerdictChip verdict={outcome.verdict} />
    </button>
  );
}
