import { isEmbed } from '../browser/link.ts';
import { useSession } from '../stores/session.ts';
import { markAnswer } from '../stores/ui.ts';
import type { Command, CommandName } from './command.ts';
import { COMMANDS } from './commands.ts';

/**
 * `Shift+F5`, `Ctrl+S`, `s`, `Shift+S`, `?`: as the command table spells keys. Command on a Mac
 * counts as Ctrl.
 */
export function keyName(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
): string {
  const { key } = event;
  const letter = /^[a-z]$/i.test(key);
  // Shift is part of what a sign like `?` is, but not of a letter or a named key.
  const shift = event.shiftKey && (letter || key.length > 1);
  const parts = [
    (event.ctrlKey || event.metaKey) && 'Ctrl',
    event.altKey && 'Alt',
    shift && 'Shift',
  ].filter(Boolean);
  const plain = letter && parts.length === 0;
  return [...parts, letter && !plain ? key.toUpperCase() : key].join('+');
}

const TEXT_INPUTS =
  'textarea, select, [contenteditable=true], [data-typing], input:not([type=range], ' +
  '[type=checkbox], [type=radio], [type=file])';

/**
 * Whether letters typed here belong to the element. The code editor only shows text, so letters
 * there are commands.
 */
const takesLetters = (target: EventTarget | null): boolean =>
  target instanceof Element && !isInEditor(target) && target.closest(TEXT_INPUTS) !== null;

const isInEditor = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('.monaco-editor') !== null;

/** Fields with an undo of their own, for what is typed into them. */
const TYPED = 'textarea, [contenteditable=true], input:not([type]), input[type=text]';

const takesUndo = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  !isInEditor(target) &&
  target.matches(TYPED) &&
  !target.matches(':read-only');

/** Commands of the run that lead to what a page inside another one has not. */
const ELSEWHERE: ReadonlySet<CommandName> = new Set([
  'condition',
  'watch',
  'next-drop',
  'keep-tests',
  'next-broken',
]);

const isThere = ({ name, group }: Command): boolean =>
  !isEmbed || (group === 'Run' && !ELSEWHERE.has(name));

function dispatch(event: KeyboardEvent): void {
  if (event.isComposing) return;
  const name = keyName(event);
  const inDialog = document.querySelector('dialog[open]') !== null;
  if (name === 'Escape' && !inDialog && !takesLetters(event.target)) markAnswer(false);
  const row = COMMANDS.find(
    (row) =>
      isThere(row) &&
      (row.keys.includes(name) || (row.letter === name && !takesLetters(event.target))),
  );
  if (!row || (row.isOfFields && takesUndo(event.target))) return;
  if (row.isOfEditor && isInEditor(event.target)) return;
  // In a text of several lines it means that the text is done; the editor has such a field, too.
  const isWriting = event.target instanceof HTMLTextAreaElement && takesLetters(event.target);
  if (isWriting && name === 'Ctrl+Enter') return;
  if (inDialog && (row.letter === name || name === 'Ctrl+Enter')) return;
  // Also when the command is not available: F5 must never reload the page and its work away.
  event.preventDefault();
  event.stopPropagation();
  if (!inDialog && row.available(useSession.getState())) row.act();
}

/** Listens before everything else: the code editor keeps F-keys it knows. Returns how to stop. */
export function listenToKeys(): () => void {
  window.addEventListener('keydown', dispatch, { capture: true });
  return () => window.removeEventListener('keydown', dispatch, { capture: true });
}
