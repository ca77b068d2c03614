import { attempt } from '../actions/wish.ts';
import { pause } from '../engine/engine.ts';
import { useSession } from '../stores/session.ts';
import { setWhyOpen, showPlace, useUi } from '../stores/ui.ts';
import { EditableText } from '../ui/EditableText.tsx';
import { classes, count } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { VerdictChip } from '../ui/VerdictChip.tsx';
import { AttachMenu } from './AttachMenu.tsx';
import { type CommandName, tooltip } from './command.ts';
import { command } from './commands.ts';

/** What the session is of: where it is attached, which packet, what became of it. */
export function SessionBar() {
  return (
    <section className="session-bar" aria-label="Session" data-pane="session">
      <AttachMenu />
      <PacketStepper />
      <div className="session-state">
        <Busy />
        <Status />
      </div>
      <KeepButton />
      <Verdict />
    </section>
  );
}

/** The selected packet by its number, with those before and behind it one press away. */
export function PacketStepper() {
  const open = useSession((state) => state.view?.traffic?.open);
  const number = useSession((state) => open ?? state.view?.packet ?? 0);
  const total = useSession(({ view }) =>
    open === undefined ? (view?.packetNames.length ?? 0) : (view?.traffic?.packets ?? 0),
  );
  const name = useSession((state) => state.view?.packetNames[state.view.packet]);
  const summary = useSession((state) => state.view?.dissection.summary);
  if (total === 0) return null;
  const select = (text: string) => {
    const index = Number(text.replaceAll(',', '')) - 1;
    return attempt(
      open === undefined
        ? { type: 'select-packet', index }
        : { type: 'traffic-open', packet: index },
    );
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a row of a bar
    <div role="group" aria-label="Packet" className="packet-stepper">
      <span className="bar-word" aria-hidden="true">
        Packet
      </span>
      <StepperButton name="packet-before" />
      <EditableText label="Packet number" text={String(number + 1)} onSet={select} />
      <span className="packet-total">/ {count(total)}</span>
      <StepperButton name="packet-next" />
      <span className="clip packet-title" title={`${name}: ${summary}`}>
        {name}
      </span>
    </div>
  );
}

function StepperButton({ name }: { name: CommandName }) {
  const row = command(name);
  const available = useSession(row.available);
  return (
    <button
      type="button"
      className="icon-button small"
      aria-label={row.label}
      aria-disabled={!available}
      title={tooltip(row)}
      onClick={() => available && row.act()}
    >
      <Icon name={row.icon} />
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

/** Where the run stands, and why there. */
function Status() {
  const snapshot = useSession((state) => state.snapshot);
  if (!snapshot) return null;
  const { status, stopped, fault, verdict } = snapshot;
  const words = fault ? fault.message : (verdict?.reason ?? stopped);
  return (
    <p className={`status ${status}`} title={fault?.advice ? `${words}. ${fault.advice}` : words}>
      <b>{status}</b> <span>{words}</span>
    </p>
  );
}

/** Makes expectations of what the packets come to; of one that broke it says what was expected. */
function KeepButton() {
  const broken = useSession(({ view }) =>
    view?.expectations.find((row) => row.packet === view.packet && row.met === false),
  );
  return (
    <>
      {broken && (
        <span className="verdict-expected clip" title={broken.unmet.join('\n')}>
          expected {broken.text}
        </span>
      )}
      <StepperButton name="keep-tests" />
    </>
  );
}

/** The verdict of the whole run, in sight from step 0 on; it opens why it is so. */
function Verdict() {
  const outcome = useSession((state) => state.view?.outcome);
  const error = useSession((state) => state.view?.programError);
  const isStale = useSession((state) => state.isStale ?? false);
  const open = useUi((state) => state.whyOpen);
  if (error) return <span className="verdict-none">cannot be run</span>;
  if (!outcome) return <span className="verdict-none">no verdict yet</span>;
  return (
    <button
      type="button"
      className={classes('verdict', isStale && 'stale')}
      aria-busy={isStale}
      onClick={() => (open ? setWhyOpen(false) : showPlace('why'))}
      title={tooltip(command('open-why'))}
      aria-label={`Verdict: ${outcome.verdict.text}`}
      aria-expanded={open}
    >
      <span className="bar-word" aria-hidden="true">
        {isStale ? 'Verdict before' : 'Verdict'}
      </span>
      <VerdictChip verdict={outcome.verdict} />
      <span className="verdict-why" aria-hidden="true">
        Why?
      </span>
    </button>
  );
}
