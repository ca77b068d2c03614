/** Moves the focus to the next part of the page, as F6 does in browsers and desktops. */
export function focusNextPane(): void {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter(
    (pane) => pane.offsetParent !== null,
  );
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const pane = panes[(at + 1) % panes.length];
  const inside =
    pane?.querySelector<HTMLElement>('[data-focus]') ??
    pane?.querySelector<HTMLElement>('[tabindex="0"], button:not([disabled]), select, input');
  (inside ?? pane)?.focus();
}

/** A pane that was just shown may wait for the worker before it draws. */
const FRAMES_TO_WAIT = 60;

/** Gives the focus to what the selector finds as soon as it is on the page. */
export function focusWhenThere(selector: string, frames = FRAMES_TO_WAIT): void {
  requestAnimationFrame(() => {
    const found = document.querySelector<HTMLElement>(selector);
    if (found) found.focus();
    else if (frames > 0) focusWhenThere(selector, frames - 1);
  });
}
