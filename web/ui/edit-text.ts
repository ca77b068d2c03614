import type { SessionView } from '../../core/protocol/messages.ts';

/** `r1 = 0x5`: what was changed in the middle of a run. */
export function editText({ name, value, target }: SessionView['edits'][number]): string {
  if (target.kind === 'fill') return `${name} filled up`;
  return `${name} ${value === '' ? 'deleted' : `= ${value}`}`;
}
