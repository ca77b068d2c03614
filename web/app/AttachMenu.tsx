import { useEffect, useId, useRef } from 'react';
import type { SessionView } from '../../core/protocol/messages.ts';
import { PROGRAM_TYPES } from '../../core/spec/program-types.ts';
import { HookPane } from '../panes/hook/HookPane.tsx';
import { useSession } from '../stores/session.ts';
import { setAttachOpen, useUi } from '../stores/ui.ts';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';
import { Icon } from '../ui/icons.tsx';
import { tooltip } from './command.ts';
import { command } from './commands.ts';

/** Room that is kept between the panel and the window's edge. */
const MARGIN = 8;

/** Where the program is attached, with its options in a word, and all about it in a panel below. */
export function AttachMenu() {
  const view = useSession((state) => state.view);
  const open = useUi((state) => state.attachOpen);
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!panel.current || panel.current.matches(':popover-open') === open) return;
    if (open) panel.current.showPopover();
    else panel.current.hidePopover();
  }, [open]);
  const place = () => {
    if (!button.current || !panel.current) return;
    const box = button.current.getBoundingClientRect();
    const { style, offsetWidth } = panel.current;
    style.left = `${Math.max(MARGIN, Math.min(box.left, innerWidth - offsetWidth - MARGIN))}px`;
    style.top = `${box.bottom + 4}px`;
    style.maxHeight = `${innerHeight - box.bottom - MARGIN - 4}px`;
  };
  if (!view) return null;
  return (
    <>
      <button
        ref={button}
        type="button"
        className="button quiet attach-button"
        popoverTarget={id}
        aria-expanded={open}
        title={tooltip(command('open-hook'))}
      >
        <span className="clip">
          <span className="attach-word">Attached to </span>
          <b>{labelOf(view)}</b>
          {optionSummary(view.options)}
        </span>
        {view.hookNote !== '' && <Icon name="warning" />}
        <Icon name="down" />
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        className="popover attach-panel"
        role="dialog"
        aria-label="Hook"
        onBeforeToggle={place}
        onToggle={(event) => {
          place();
          setAttachOpen(event.newState === 'open');
        }}
      >
        {open && (
          <ErrorBoundary name="Hook">
            <HookPane />
          </ErrorBoundary>
        )}
      </div>
    </>
  );
}

const labelOf = ({ hook }: SessionView): string =>
  PROGRAM_TYPES.find((row) => row.name === hook)?.label ?? hook;

/** The first option, which matters most, and every one that was changed. */
function optionSummary(
  options: readonly { label: string; value: string; initial: string }[],
): string {
  const shown = options.filter((option, index) => index === 0 || option.value !== option.initial);
  return shown.map(({ label, value }) => `, ${label}: ${value}`).join('');
}
