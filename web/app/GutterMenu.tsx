import { type KeyboardEvent, useEffect, useRef } from 'react';
import { askBreakpoint, toggleAt } from '../actions/breakpoints.ts';
import { useSession } from '../stores/session.ts';
import { openGutterMenu, useUi } from '../stores/ui.ts';
import { focusWhenThere } from './focus.ts';

/** What a breakpoint can ask for beside being reached, and the field that says it. */
const ROWS = [
  { label: 'Stop only if …', field: 'Condition' },
  { label: 'Stop from the n-th time …', field: 'Times' },
  { label: 'Write a line, do not stop …', field: 'Log' },
] as const;

/** The menu of a gutter, where it was asked for. The ARIA menu pattern. */
export function GutterMenu() {
  const menu = useUi((state) => state.gutterMenu);
  const rows = useSession((state) => state.view?.breakpointRows);
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = panel;
    if (!menu || !current) return;
    current.showPopover();
    current.style.left = `${Math.max(0, Math.min(menu.x, innerWidth - current.offsetWidth))}px`;
    current.style.top = `${Math.max(0, Math.min(menu.y, innerHeight - current.offsetHeight))}px`;
    current.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
  }, [menu]);
  if (!menu) return null;
  const { place } = menu;
  const isSet = rows?.some(({ pcs, line }) =>
    'pc' in place ? pcs.includes(place.pc) : line?.line === place.line,
  );
  const close = () => openGutterMenu(undefined);
  const ask = async (field: string) => {
    close();
    const at = await askBreakpoint(place);
    if (at >= 0)
      focusWhenThere(`.breakpoints tbody:nth-of-type(${at + 1}) input[aria-label^="${field}"]`);
  };
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="menuitem"]')];
    const at = items.indexOf(document.activeElement as HTMLElement);
    items[(at + by + items.length) % items.length]?.focus();
    event.preventDefault();
  };
  return (
    <div
      ref={panel}
      popover="auto"
      className="popover gutter-menu"
      role="menu"
      tabIndex={-1}
      aria-label="Breakpoint"
      onKeyDown={move}
      onToggle={(event) => event.newState === 'closed' && close()}
    >
      <button
        type="button"
        role="menuitem"
        onClick={() => {
          close();
          toggleAt(place);
        }}
      >
        {isSet ? 'Take the breakpoint away' : 'Stop here'} <kbd>F9</kbd>
      </button>
      {ROWS.map(({ label, field }) => (
        <button key={field} type="button" role="menuitem" onClick={() => ask(field)}>
          {label} {field === 'Condition' && <kbd>Shift+F9</kbd>}
        </button>
      ))}
    </div>
  );
}
