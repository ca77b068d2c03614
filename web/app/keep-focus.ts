/** What the keyboard can be on. */
const FOCUSABLE =
  'button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), ' +
  'summary, [tabindex]';

/**
 * The nearest place to go on from: around what is gone, the list or tree itself, else the first
 * thing to press.
 */
function refuge(ancestors: readonly Element[]): HTMLElement | undefined {
  for (const ancestor of ancestors) {
    if (!ancestor.isConnected) continue;
    if (ancestor.matches(FOCUSABLE)) return ancestor as HTMLElement;
    const inside = [
      // Not what is typed into: there the next key would be text.
      ...ancestor.querySelectorAll<HTMLElement>('[data-focus]:not(input, select)'),
      ...ancestor.querySelectorAll(FOCUSABLE),
    ];
    const seen = inside.find((element) => (element as HTMLElement).offsetParent !== null);
    if (seen) return seen as HTMLElement;
  }
  return undefined;
}

/**
 * Keeps the keyboard where a person was working: a browser gives the focus to nobody when the
 * element that has it goes away (a removed breakpoint) or is switched off, and no event tells.
 * Returns how to stop.
 */
export function keepFocus(): () => void {
  let focused: Element | null = null;
  let ancestors: Element[] = [];
  const note = ({ target }: FocusEvent) => {
    focused = target instanceof Element ? target : null;
    ancestors = [];
    for (let at = focused?.parentElement; at && at !== document.body; at = at.parentElement)
      ancestors.push(at);
  };
  // A click on nothing, or the page left: then nobody is to have it. An element that is being
  // removed still stands here.
  const forget = ({ target }: FocusEvent) =>
    queueMicrotask(() => {
      if (focused === target && focused?.isConnected && !focused.matches(':disabled'))
        focused = null;
    });
  const isLost = (): boolean => {
    if (focused === null || (focused.isConnected && !focused.matches(':disabled'))) return false;
    const holder = document.activeElement;
    return holder === document.body || holder === null || holder === focused;
  };
  // After the key that did it: Enter in a field must not press the button that takes the field's
  // place.
  const watch = new MutationObserver(() => {
    if (isLost()) setTimeout(() => isLost() && refuge(ancestors)?.focus());
  });
  document.addEventListener('focusin', note);
  document.addEventListener('focusout', forget);
  watch.observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['disabled'],
  });
  return () => {
    document.removeEventListener('focusin', note);
    document.removeEventListener('focusout', forget);
    watch.disconnect();
  };
}
